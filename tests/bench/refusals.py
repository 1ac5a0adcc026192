#!/usr/bin/env python3
"""What glasshouse-bench says to a command line that it cannot follow: refusals.py PROGRAM."""
import json
import subprocess
import sys


def run(*arguments):
    done = subprocess.run([sys.argv[1], *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def main():
    status, out, sentence = run("no_such_row", "1")
    assert status == 2, status
    assert json.loads(out)["na"] == "no such row", out
    assert sentence.count("\n") == 1 and sentence.endswith("\n"), sentence
    for word in ("glasshouse-bench: ", "'no_such_row'", "ping_pong", "skynet", "calibrate"):
        assert word in sentence, sentence
    status, out, sentence = run("calibrate")
    assert (status, out) == (2, ""), (status, out)
    assert sentence == "glasshouse-bench: an argument is missing\n", sentence
    status, out, sentence = run()
    assert (status, out) == (2, "") and "usage: " in sentence, (status, out, sentence)


if __name__ == "__main__":
    main()
