#!/usr/bin/env python3
"""clang-tidy over folders, which remembers what it has seen clean.

  clang_tidy.py BUILD FOLDER... [--jobs N] [--seconds S]

BUILD is a folder that was built with clang++ and ninja: its commands are used, and from its
dependencies it is known what a source includes. A source is looked at again once it, or anything
that it includes, its command, .clang-tidy or clang-tidy itself is other than when it was clean;
BUILD/tidy/clean keeps that. What was changed last is looked at first, and after S seconds nothing
more is begun. The last line says how many sources are held and how many were not looked at. Status
1 when something was found.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time

REMEMBERED_MAX = 5000


def commands_of(build, folders):
    """{source: its entry in compile_commands.json}, one each: fuzzers compile some again."""
    found = {}
    wanted = [pathlib.Path(folder).resolve() for folder in folders]
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = pathlib.Path(entry["file"]).resolve()
        if not any(folder in source.parents for folder in wanted):
            continue
        kept = found.get(source)
        if kept is None or "-fsanitize=" in kept["command"]:
            found[source] = entry
    return found


def object_of(entry):
    words = shlex.split(entry["command"])
    return words[words.index("-o") + 1]


def dependencies_of(build):
    """{object file: what it was made from}, as ninja wrote down at the last build."""
    text = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True,
                          check=True).stdout
    found, current = {}, None
    for line in text.splitlines():
        if match := re.match(r"(\S.*): #deps \d+, .*\((VALID|STALE)\)$", line):
            current = found.setdefault(match[1], []) if match[2] == "VALID" else None
        elif line.startswith("    ") and current is not None:
            current.append(line.strip())
    return found


class Fingerprints:
    """What a verdict depends on, as one number; None where it is not known."""

    def __init__(self, build):
        version = subprocess.run(["clang-tidy", "--version"], capture_output=True, check=True)
        self.common = version.stdout + pathlib.Path(".clang-tidy").read_bytes()
        self.build, self.dependencies, self.contents = build, dependencies_of(build), {}

    def content(self, path):
        if path not in self.contents:
            self.contents[path] = hashlib.sha256((self.build / path).read_bytes()).digest()
        return self.contents[path]

    def of(self, entry):
        paths = self.dependencies.get(object_of(entry))
        if not paths:
            return None
        whole = hashlib.sha256(self.common + entry["command"].encode())
        try:
            for path in sorted(paths):
                whole.update(path.encode() + self.content(path))
        except FileNotFoundError:
            return None
        return whole.hexdigest()


def newest_first(sources):
    """What differs from the last commit, then what it changed, then the one before..."""
    names = []
    for command in (["diff", "--name-only", "HEAD"], ["log", "--format=", "--name-only"]):
        names += subprocess.run(["git", *command], capture_output=True, text=True,
                                check=True).stdout.split()
    rank = {}
    for name in names:
        rank.setdefault(name, len(rank))
    return sorted(sources, key=lambda source: (rank.get(os.path.relpath(source), -1), source))


def look_at(folder, source):
    """What clang-tidy says of the source; nothing if it is clean."""
    done = subprocess.run(["clang-tidy", "-quiet", "-p", folder, source], capture_output=True,
                          text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--seconds", type=float, default=float("inf"))
    options = parser.parse_args()
    end = time.monotonic() + options.seconds
    commands = commands_of(options.build, options.folders)
    if not commands:
        sys.exit(f"clang_tidy.py: no source of {' '.join(options.folders)} is in {options.build}")
    folder = options.build / "tidy"
    folder.mkdir(exist_ok=True)
    (folder / "compile_commands.json").write_text(json.dumps(list(commands.values())))
    memory = folder / "clean"
    clean = memory.read_text().split() if memory.exists() else []
    prints = Fingerprints(options.build)
    marks = {source: prints.of(entry) for source, entry in commands.items()}
    known = {source for source, mark in marks.items() if mark in set(clean)}
    waiting = newest_first(set(commands) - known)
    found, unseen = [], []

    def work(source):
        if time.monotonic() > end:
            unseen.append(source)
            return
        said = look_at(folder, source)
        if said:
            found.append(source)
            print(said, flush=True)
        elif marks[source]:
            with memory.open("a") as file:
                file.write(marks[source] + "\n")

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(work, waiting))
    if memory.exists():
        memory.write_text("\n".join(memory.read_text().split()[-REMEMBERED_MAX:]) + "\n")
    for title, sources in (("found something", found), ("not looked at", unseen)):
        for source in sources:
            print(f"{title}: {os.path.relpath(source)}")
    held = len(commands) - len(found) - len(unseen)
    print(f"{held} of {len(commands)} sources are clean, {len(known)} of them known to be from an "
          f"earlier look; something found in {len(found)}, no time for {len(unseen)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
