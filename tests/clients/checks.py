"""Named checks in TAP, for clients written in Python. A check that throws has failed; the plan is printed at the end."""

import sys
import traceback


class Checks:
    """`check("name", condition, seen)`, and `done()` at the end."""

    def __init__(self):
        self.count = self.failed = 0

    def __call__(self, name, holds, seen=None):
        """Says whether a condition holds; a function is called to find out. Returns it."""
        if callable(holds):
            try:
                holds = holds()
            except Exception:  # pylint: disable=broad-exception-caught
                holds, seen = False, traceback.format_exc()
        self.count += 1
        self.failed += not holds
        print(f"{'ok' if holds else 'not ok'} {self.count} - {name}", flush=True)
        if not holds and seen is not None:
            print("".join(f"# {line}\n" for line in str(seen)[:2000].splitlines()), end="", flush=True)
        return bool(holds)

    def equal(self, name, seen, expected):
        """A function is called to find out what is seen."""
        try:
            seen = seen() if callable(seen) else seen
        except Exception:  # pylint: disable=broad-exception-caught
            return self(name, False, traceback.format_exc())
        return self(name, seen == expected, f"{seen!r}, not {expected!r}")

    def raises(self, name, kind, call):
        """The call must throw this, for that is how the client says no."""
        try:
            seen = call()
        except kind:
            return self(name, True)
        except Exception:  # pylint: disable=broad-exception-caught
            return self(name, False, traceback.format_exc())
        return self(name, False, f"nothing thrown, but {seen!r}")

    def done(self):
        """Prints the plan; the exit code says whether all held."""
        print(f"1..{self.count}", flush=True)
        sys.exit(self.failed > 0)
