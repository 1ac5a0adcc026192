"""Counts the tests in a JUnit file written by ctest: prints `passed failed skipped`.

A test that ctest could not run (its program was not built, its process did not start) has failed;
skipped is only what says so of itself, by its SKIP_RETURN_CODE or as disabled.
"""
import sys
import xml.etree.ElementTree as tree


def count(path):
    passed = failed = skipped = 0
    for case in tree.parse(path).getroot().iter("testcase"):
        status = case.get("status")
        reason = case.find("skipped")
        message = reason.get("message", "") if reason is not None else ""
        if status == "run" and case.find("failure") is None and reason is None:
            passed += 1
        elif status == "disabled" or message.startswith("SKIP_"):
            skipped += 1
        else:
            failed += 1
    return passed, failed, skipped


if __name__ == "__main__":
    print(*count(sys.argv[1]))
