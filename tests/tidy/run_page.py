"""Runs the commands of a page of documentation.

    run_page.py BIN SCRATCH PAGE
    run_page.py --self-test

The blocks that are marked run in the order of the page, all in the folder SCRATCH, which starts
empty but for links to `scenarios` and `tests` and a `run` that only hands its arguments on, with
the programs of BIN on the PATH:

    <!-- run -->                                <!-- run: sqlite3 kv.db -->
    ```sh                                       ```sql
    glasshouse run ...                          select ...
    glasshouse replay ...   # ends with 1       ```
    ```

A shell block ends at its first failing command; a line of it that should fail says `ends with`
and the status in a comment, and fails the block if it ends with another. A block of SQL is given
to `sqlite3 FILE`, must succeed and must print something.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from source import ROOT

BLOCK = re.compile(
    r"^<!-- run(?:: sqlite3 (?P<database>\S+))? -->\n"
    r"```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
FAILING = re.compile(r"^(?P<command>[^#\n]+) #[^\n]*\bends with (?P<status>\d+)\b[^\n]*$",
                     re.MULTILINE)


def script_of(text):
    """The commands of a block, each that should fail held to its status."""
    return FAILING.sub(r"status=0; \g<command> || status=$?; test $status -eq \g<status>", text)


def run_block(block, scratch, path):
    """What went wrong, or None."""
    command, text = ["bash", "-e", "-o", "pipefail", "-c", script_of(block["text"])], ""
    if block["database"]:
        command, text = ["sqlite3", "-bail", block["database"]], block["text"]
        if not (scratch / block["database"]).exists():
            return f"no block above has made {block['database']}"
    done = subprocess.run(command, input=text, cwd=scratch, env={**os.environ, **path},
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
                          check=False)
    if done.returncode != 0:
        return f"ended with status {done.returncode} and said:\n{done.stdout}"
    if block["database"] and not done.stdout.strip():
        return "finds no row, so it shows the reader nothing"
    return None


def run_page(text, scratch, programs):
    """The failures of a page, (line, what), and how many blocks were run."""
    failures, count = [], 0
    path = {"PATH": f"{programs}:{os.environ['PATH']}"}
    marks = len(re.findall(r"^<!-- run\b", text, re.MULTILINE))
    for count, block in enumerate(BLOCK.finditer(text), 1):
        wrong = run_block(block, scratch, path)
        if wrong:
            failures.append((text.count("\n", 0, block.start()) + 1, wrong))
    if marks != count:
        failures.append((1, f"{marks} marks but {count} blocks: a mark is misspelt"))
    return failures, count


def prepare(scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    for folder in ("scenarios", "tests"):
        (scratch / folder).symlink_to(ROOT / folder)
    run = scratch / "run"  # the project's own builds first, and is tested elsewhere
    run.write_text('#!/bin/sh\nexec glasshouse "$@"\n', encoding="utf-8")
    run.chmod(0o755)


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder) / "a"

        def failures(text):
            prepare(scratch)
            return run_page(text, scratch, folder)[0]
        sql = "<!-- run: sqlite3 a.db -->\n```sql\nselect %s;\n```\n"
        make = "<!-- run -->\n```sh\nsqlite3 a.db 'create table a (b)'\n```\n"
        assert not failures("<!-- run -->\n```sh\ntest -d scenarios\n```\n")
        assert not failures("<!-- run -->\n```sh\ntrue\n```\n```sh\nfalse\n```\n")
        assert not failures("<!-- run -->\n```sh\nfalse  # fails: ends with 1, always\ntrue\n```\n")
        assert not failures(make + sql % "1")
        assert failures("<!-- run -->\n```sh\nfalse\ntrue\n```\n")
        assert failures("<!-- run -->\n```sh\ntrue # ends with 1\n```\n")
        assert failures("<!-- run -->\n```sh\nfalse # ends with 2\ntrue\n```\n")
        assert failures("<!-- run -->\n```sh\n./run\n```\n")
        assert failures("<!-- run: twice -->\n```sh\ntrue\n```\n")
        assert failures(sql % "1")
        assert failures(make + sql % "* from a")
        assert failures(make + sql % "* from nowhere")


def main(arguments):
    if arguments == ["--self-test"]:
        self_test()
        return 0
    programs, scratch, page = arguments
    prepare(pathlib.Path(scratch))
    failures, count = run_page((ROOT / page).read_text(encoding="utf-8"), pathlib.Path(scratch),
                               programs)
    for line, wrong in failures:
        print(f"{page}:{line}: this block {wrong}")
    print(f"{page}: {count} blocks run, {len(failures)} failed")
    return 1 if failures or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
