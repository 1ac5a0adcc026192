#!/usr/bin/env python3
"""Tests .ci/clang_tidy.py on two sources and a header: remembers_clean.py CHECKOUT.

Programs play clang-tidy and ninja: a source is bad if it, or the header, has the word BAD.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

CLANG_TIDY = """#!/bin/sh
case $1 in --version) echo 14; exit ;; esac
! grep -l BAD "$4" common.h
"""
NINJA = """#!/bin/sh
for name in one two; do
  printf '%s.o: #deps 2, deps mtime 1 (VALID)\\n' $name
  printf '    ../folder/%s.cpp\\n    ../common.h\\n\\n' $name
done
"""


class Project:
    def __init__(self, root, script):
        self.root, self.script = root, script
        for name, text in (("bin/clang-tidy", CLANG_TIDY), ("bin/ninja", NINJA)):
            self.write(name, text)
            (root / name).chmod(0o755)
        for name in ("folder/one.cpp", "folder/two.cpp", "common.h", ".clang-tidy"):
            self.write(name, "good\n")
        commands = [{"directory": ".", "file": str(root / f"folder/{name}.cpp"),
                     "command": f"clang++ -o {name}.o -c {name}.cpp"} for name in ("one", "two")]
        self.write("build/compile_commands.json", json.dumps(commands))
        subprocess.run(["git", "init", "-q"], cwd=root, check=True)
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q",
                        "--allow-empty", "-m", "a"], cwd=root, check=True)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def look(self, *options):
        """Its status, and (clean, known, bad, no time) of its last line."""
        path = f"{self.root}/bin:{os.environ['PATH']}"
        done = subprocess.run([sys.executable, self.script, "build", "folder", *options],
                              cwd=self.root, env={**os.environ, "PATH": path}, text=True,
                              capture_output=True, check=False)
        words = done.stdout.splitlines()[-1].replace(",", "").split()
        numbers = [int(word) for word in words if word.isdigit()]
        return done.returncode, (numbers[0], numbers[2], numbers[3], numbers[4])


def expect(actual, expected):
    if actual != expected:
        sys.exit(f"got {actual}, expected {expected}")


def main():
    script = pathlib.Path(sys.argv[1]).resolve() / ".ci/clang_tidy.py"
    with tempfile.TemporaryDirectory() as folder:
        project = Project(pathlib.Path(folder).resolve(), script)
        expect(project.look("--seconds", "-1"), (0, (0, 0, 0, 2)))
        expect(project.look(), (0, (2, 0, 0, 0)))
        expect(project.look(), (0, (2, 2, 0, 0)))
        project.write("folder/two.cpp", "BAD\n")
        expect(project.look(), (1, (1, 1, 1, 0)))
        expect(project.look(), (1, (1, 1, 1, 0)))  # what is bad is not remembered
        project.write("folder/two.cpp", "good\n")
        expect(project.look(), (0, (2, 2, 0, 0)))
        project.write("common.h", "changed\n")
        expect(project.look(), (0, (2, 0, 0, 0)))
        project.write(".clang-tidy", "changed\n")
        expect(project.look("--jobs", "1"), (0, (2, 0, 0, 0)))
        project.write("common.h", "BAD\n")
        expect(project.look(), (1, (0, 0, 2, 0)))


if __name__ == "__main__":
    main()
