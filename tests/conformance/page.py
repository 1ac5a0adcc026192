#!/usr/bin/env python3
"""Compares docs/conformance.md with what the conformance tests say, or rewrites its table.

  page.py PROGRAM PAGE.md [--update] [--cases FOLDER]

PROGRAM is run; its test cases are named "ID law, world". The table between the two marks of the
page is made from them. With --cases, a folder of *.jsonl with the ids that must have a test, an id
without one is an error; where the folder is absent, that part is skipped, and said so.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

BEGIN, END = "<!-- table -->", "<!-- end of table -->"
NAME = re.compile(r"^([A-Z]{3}-\d{3}) (.*), (simulated|on many cores)(/.*)?$")
# They wait for the parts of the runtime that they are about.
LATER = {"distribution", "code_upgrade"}


def results(program):
    """{(id, law): {world: verdict}} of one run of all cases."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as out:
        subprocess.run([program, "[conformance]", "-r", "junit", "-o", out.name], check=False)
        tree = xml.parse(out.name)
    found = {}
    for case in tree.iter("testcase"):
        match = NAME.match(case.get("name", ""))
        if not match:
            continue
        bad = case.find("failure") is not None or case.find("error") is not None
        worlds = found.setdefault((match[1], match[2]), {})
        worlds[match[3]] = "fails" if bad else worlds.get(match[3], "holds")
    return found


def table(found):
    lines = ["| case | law | simulated | on many cores |", "|---|---|---|---|"]
    for (case, law), worlds in sorted(found.items()):
        cells = [worlds.get(world, "n/a") for world in ("simulated", "on many cores")]
        lines.append(f"| {case} | {law.replace('|', chr(92) + '|')} | {cells[0]} | {cells[1]} |")
    return "\n".join(lines)


def wanted_ids(folder):
    ids = set()
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text().splitlines():
            case = json.loads(line)
            if case["area"] not in LATER:
                ids.add(case["id"])
    return ids


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--cases", type=pathlib.Path)
    options = parser.parse_args()
    found = results(options.program)
    failed = False
    if options.cases and options.cases.is_dir():
        missing = wanted_ids(options.cases) - {case for case, _ in found}
        if missing:
            print(f"no test carries these ids: {' '.join(sorted(missing))}")
            failed = True
    elif options.cases:
        print(f"skipped: {options.cases} is not here, so whether each case has a test is not known")
    text = options.page.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    made = f"{before}{BEGIN}\n{table(found)}\n{END}{after}"
    if options.update:
        options.page.write_text(made)
    elif made != text:
        print(f"{options.page} is not what the tests say; run {sys.argv[0]} with --update")
        failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
