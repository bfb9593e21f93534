"""Counts the tests of a JUnit report: prints `N passed, N failed, N skipped` as its last line.

Usage: junit.py REPORT [CLASS_PREFIX=COUNT]. With a prefix, so many tests of such classes must have passed: a suite that is no longer
found must not look like one that passes.
"""

import sys
import xml.etree.ElementTree as ElementTree


def outcome(case):
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "skipped" if case.find("skipped") is not None else "passed"


def main():
    cases = [(case.get("classname", ""), outcome(case)) for case in ElementTree.parse(sys.argv[1]).iter("testcase")]
    missing = 0
    for demand in sys.argv[2:]:
        prefix, wanted = demand.split("=")
        passed = sum(found == "passed" for name, found in cases if name.startswith(prefix))
        print(f"{passed} of {wanted} tests in {prefix} passed")
        if passed < int(wanted) and not any(found == "failed" for _, found in cases):
            missing = int(wanted) - passed
    count = {word: sum(found == word for _, found in cases) for word in ("passed", "failed", "skipped")}
    print(f"{count['passed']} passed, {count['failed'] + missing} failed, {count['skipped']} skipped")
    sys.exit(count["failed"] + missing > 0)


main()
