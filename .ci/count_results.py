"""Counts the tests in a JUnit file written by ctest: prints `passed failed skipped`.

A test that ctest could not run (its program was not built, its process did not start) has failed;
skipped is only what says so of itself, by its SKIP_RETURN_CODE or as disabled. The last lines of
what failed go to standard error.
"""
import sys
import xml.etree.ElementTree as tree

LINES_SHOWN = 30


def verdict(case):
    reason = case.find("skipped")
    message = reason.get("message", "") if reason is not None else ""
    if case.get("status") == "run" and case.find("failure") is None and reason is None:
        return "passed"
    if case.get("status") == "disabled" or message.startswith("SKIP_"):
        return "skipped"
    return "failed"


def show(case):
    output = (case.findtext("system-out") or "").splitlines()
    reason = case.find("skipped")
    if reason is not None:
        output.append(reason.get("message", ""))
    print(f"    FAILED {case.get('name')}", file=sys.stderr)
    for line in output[-LINES_SHOWN:]:
        print(f"      | {line}", file=sys.stderr)


def count(root):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for case in root.iter("testcase"):
        counts[verdict(case)] += 1
        if verdict(case) == "failed":
            show(case)
    return counts["passed"], counts["failed"], counts["skipped"]


def self_test():
    cases = """<testsuite>
      <testcase name="a" status="run"/>
      <testcase name="b" status="fail"><failure message=""/></testcase>
      <testcase name="c" status="notrun"><skipped message="Unable to find executable"/></testcase>
      <testcase name="d" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>
      <testcase name="e" status="disabled"/>
      <testcase name="f" status="notrun"><skipped message="Fixture dependency failed"/></testcase>
    </testsuite>"""
    assert count(tree.fromstring(cases)) == (1, 3, 2)


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    else:
        print(*count(tree.parse(sys.argv[1]).getroot()))
