"""What all curves need: which points, a folder, servers, a limit of time, and a word of progress."""

import contextlib
import shutil
import sys
import tempfile
import time

from loadlib.server import Server
from loadlib.wrk import Wrk

# The most a public door of phin takes at once is more than any curve uses.
SETTINGS = {"PHIN_MAX_SITES_PER_KEY": "1000000"}


class Bench:
    """The conditions of one curve."""

    def __init__(self, program, points, seconds, limit):
        self.program = program
        # "quick", "ordinary" or "large".
        self.points = points
        # Of one measurement.
        self.seconds = seconds
        self.deadline = time.monotonic() + limit

    def choose(self, quick, ordinary, large=()):
        """The points of a curve."""
        return {"quick": quick, "ordinary": ordinary, "large": [*ordinary, *large]}[self.points]

    def is_late(self):
        """Whether the time of the curve is over."""
        return time.monotonic() > self.deadline

    def within_time(self, points):
        """The points, until the time is over."""
        for point in points:
            if self.is_late():
                say(f"  no time left for {point:,} and more")
                return
            say(f"  {point:,}")
            yield point

    @contextlib.contextmanager
    def folder(self):
        """A folder that goes away."""
        folder = tempfile.mkdtemp(prefix="phin-scale-")
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def server(self, keys=1, is_vouched=True):
        """A new server, and wrk to drive it."""
        with self.folder() as folder, Server(self.program, folder, SETTINGS) as server:
            made = [server.create_key(f"key{n}", is_vouched) for n in range(keys)]
            yield server, Wrk(server, f"{folder}/wrk", made)

    def fill(self, server, wrk, metric, count, **how):
        """Sends until so many checks or labels are taken, or the time is over; how many are."""

        def taken():
            # A counter that never counted is not told.
            return server.metrics().get(metric, 0)

        def is_enough():
            return taken() >= count or self.is_late()

        before, began = taken(), time.monotonic()
        while not is_enough():
            wrk.run(3_600, until=is_enough, **how)
        made, took = taken() - before, time.monotonic() - began
        if made:
            say(f"    {made:,.0f} sent in {took:.0f} s, {made / took:,.0f} a second")
        return int(taken())


def say(words):
    """Progress; results go to standard output."""
    print(words, file=sys.stderr, flush=True)


def settle(server, longest=30):
    """Waits until the server rests: records are written behind the answers."""
    end = time.monotonic() + longest
    before = server.cpu_seconds()
    while time.monotonic() < end:
        time.sleep(1)
        now = server.cpu_seconds()
        if now - before < 0.1:
            return
        before = now
