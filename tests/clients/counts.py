"""Counts the checks of a client's test and keeps them as its row of the table. The last line printed is `N passed, N failed, N skipped`.

Usage: counts.py ROW_FILE CLIENT VERSION REGISTRY WIRE_LOG EXIT_CODE REPORT... [CLASS_PREFIX=COUNT]. A report is JUnit's (`.xml`) or TAP.
With a prefix, so many tests whose class or name begins so must have passed: a suite that is no longer found must not look like one that
passes. One check is added to the reports': that every call the client made was answered with 200.
"""

import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

TAP = re.compile(r"(ok|not ok)\b(?: +\d+)?(?: +-)? *(.*?)( +# *(?:skip|todo).*)?$", re.IGNORECASE)


def junit(report):
    for case in ElementTree.parse(report).iter("testcase"):
        outcome = "passed"
        if case.find("failure") is not None or case.find("error") is not None:
            outcome = "failed"
        elif case.find("skipped") is not None:
            outcome = "skipped"
        yield case.get("classname", ""), outcome


def tap(report):
    """A plan that is missing or broken is a failure: whoever writes it has come to its end."""
    plan, cases = None, 0
    for line in report.read_text(encoding="utf-8").splitlines():
        if found := re.match(r"1\.\.(\d+)", line):
            plan = int(found[1])
        elif found := TAP.match(line):
            cases += 1
            yield found[2], "skipped" if found[3] else "failed" if found[1] == "not ok" else "passed"
    if plan != cases:
        print(f"not ok - {report.name} has {cases} checks, its plan says {plan}")
        yield "the plan", "failed"


def calls(wire):
    """The calls made, in the order first seen, and those that were not answered with 200."""
    lines = [line.split(" ") for line in wire.read_text(encoding="ascii").splitlines()]
    lines = [line for line in lines if re.match(r"/1\.[12]/", line[1])]
    made = list(dict.fromkeys(path.rsplit("/", 1)[1] for _, path, _ in lines))
    return made, sorted({f"{method} {path} {status}" for method, path, status in lines if status != "200"})


def main():
    row, client, version, registry, wire, code = sys.argv[1:7]
    reports = [pathlib.Path(name) for name in sys.argv[7:] if "=" not in name]
    cases = [case for report in reports for case in (junit if report.suffix == ".xml" else tap)(report)]
    for demand in sys.argv[7:]:
        if "=" in demand:
            prefix, wanted = demand.split("=")
            passed = sum(found == "passed" for name, found in cases if name.startswith(prefix))
            print(f"{passed} of {wanted} tests in {prefix} passed")
            if not any(found == "failed" for name, found in cases if name.startswith(prefix)):
                cases += [("missing", "failed")] * (int(wanted) - passed)

    made, strange = calls(pathlib.Path(wire))
    heard = "passed" if made and not strange else "failed"
    print(f"{'ok' if heard == 'passed' else 'not ok'} - every call was answered with 200: {', '.join(strange or made) or 'none was made'}")
    cases.append(("every call was answered with 200", heard))

    count = {word: sum(found == word for _, found in cases) for word in ("passed", "failed", "skipped")}
    # A test that broke off has failed, whatever it had counted until then.
    if code != "0" and not count["failed"]:
        count["failed"] = 1
    fields = [client, version, registry, ", ".join(made), *(str(count[word]) for word in count)]
    pathlib.Path(row).write_text("\t".join(fields) + "\n", encoding="utf-8")
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    sys.exit(count["failed"] > 0)


main()
