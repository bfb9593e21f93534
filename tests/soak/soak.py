#!/usr/bin/env python3
"""A soak: `phin serve` under half its peak rate for a while, with labels, queue reads, undo, retraining and
promotion mixed in. Looks for errors, growing memory, growing delays and lost labels.

  tests/soak/soak.py                    a minute, as tests/run has it; no speed is judged
  tests/soak/soak.py --seconds 1800     half an hour: what docs/PERFORMANCE.md tells
  --corpus FILE                         comments of a corpus (blog_queues.jsonl.gz) instead of our own

The program is TESTED_PHIN, else the debug build. 1,000 sites belong to 20 keys, half of them vouched for.
After the load the server is ended by SIGKILL, started, stopped and started again; each time all labels that
it acknowledged must be in its ledger, and those undone must be undone.

All figures go to target/soak.json. The last line is `N passed, N failed, N skipped`."""

import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "benches", "load"))
sys.path.insert(0, HERE)
import judge  # noqa: E402
from loadlib.server import TARGET, Server, tested_phin  # noqa: E402

KEYS = 20
# Shorter than this is the short form.
LONG = 600
# What still answers after the load has so long to end, in seconds.
REST = 60


class Soak:
    """One run."""

    def __init__(self, args, folder):
        self.args = args
        self.is_short = args.seconds < LONG
        self.limits = judge.Limits(self.is_short)
        self.folder = folder
        self.server = Server(tested_phin(), folder)
        self.keys = []
        self.acknowledged = os.path.join(folder, "acknowledged")
        open(self.acknowledged, "w", encoding="ascii").close()
        self.undone = set()
        self.loads = 0
        self.told = 0
        self.seconds = []
        self.memory = []
        self.errors = collections.Counter()
        self.examples = []
        self.mixed_in = collections.Counter()
        self.slowest = collections.defaultdict(float)
        self.checks = []

    def check(self, words, is_good):
        """One line of the outcome."""
        self.checks.append((words, bool(is_good)))
        print(f"{'ok' if is_good else 'not ok'}: {words}", flush=True)

    def load(self, seconds, rate, on_second=None):
        """Runs the load; its seconds."""
        child = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "load.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        child.stdin.write(json.dumps({
            "port": self.server.address[1], "seconds": seconds, "connections": self.args.connections, "rate": rate,
            "keys": self.keys, "sites": self.args.sites, "acknowledged": self.acknowledged,
            # The same comments again would be one comment checked twice: one label for both.
            "corpus": self.args.corpus, "seed": self.loads,
        }))
        child.stdin.close()
        self.loads += 1
        told = []
        for line in child.stdout:
            told.append(json.loads(line))
            if on_second:
                on_second(told[-1])
        if child.wait() != 0:
            self.errors["the load generator broke off"] += 1
        if told:
            self.errors.update(told[-1]["errors"])
            self.examples += told[-1]["examples"]
        return told

    def run(self):
        """All of it. Returns the exit code."""
        args = self.args
        self.server.start()
        try:
            self.keys = [self.server.create_key(f"key{n}", n % 2 == 0) for n in range(KEYS)]
            self.load(args.peak_seconds / 2, 0)
            told = self.load(args.peak_seconds, 0)
            peak = sum(second["checks"] for second in told) / args.peak_seconds
            rate = args.rate or peak / 2
            print(f"peak {peak:.0f} checks/s over {args.connections} connections; {rate:.0f} a second from now on", flush=True)
            self.peak, self.rate = peak, rate
            self.under_load(rate)
            self.after_load()
        finally:
            if self.server.child.poll() is None:
                self.server.kill()
        return self.report()

    def under_load(self, rate):
        """The load, and all else beside it."""
        over = threading.Event()
        beside = [
            threading.Thread(target=self.guarded, args=(work, over))
            for work in (self.watch_memory, self.read_queues, self.undo_labels, self.change_models)
        ]
        for thread in beside:
            thread.start()
        self.seconds = self.load(self.args.seconds, rate, self.tell)
        over.set()
        for thread in beside:
            thread.join()

    def guarded(self, work, over):
        """Whatever goes wrong beside the load is an error of the soak."""
        try:
            work(over)
        except Exception as error:  # pylint: disable=broad-except
            self.errors[f"{work.__name__}: {type(error).__name__}"] += 1
            self.examples.append(f"{work.__name__}: {error}"[:500])
            over.wait()

    def timed(self, name, work, *words, **more):
        """Counts what is mixed in, and keeps the longest time."""
        began = time.monotonic()
        result = work(*words, **more)
        self.mixed_in[name] += 1
        self.slowest[name] = max(self.slowest[name], time.monotonic() - began)
        return result

    def command(self, name, *words, allowed=(0,)):
        """A command beside the load; what it printed."""
        code, out, err = self.timed(name, self.server.command, *words)
        if code not in allowed:
            raise RuntimeError(f"phin {' '.join(words)}: exit code {code}: {err.strip()}")
        return out

    def watch_memory(self, over):
        while not over.wait(1):
            memory = self.server.memory_mb()
            if memory is None:
                raise RuntimeError(f"the server has ended: {self.server.child.poll()} {self.server.log_end()}")
            self.memory.append(memory)

    def read_queues(self, over):
        """Pages of the queue, as moderators and the operator read them."""
        at = 0
        while not over.wait(1):
            at += 1
            # A key sees only sites that it sent something to: those of labels were checked before.
            labelled = self.acknowledged_labels()
            if not labelled:
                continue
            site = int(labelled[at * 7 % len(labelled)][2])
            path = f"/v1/queue?site=site{site}.example&limit=20"
            status, body = self.timed("queue pages", self.server.get, path, self.keys[site % KEYS])
            if status != 200 or "checks" not in json.loads(body):
                raise RuntimeError(f"queue: {status} {body[:200]!r}")
            if at % 30 == 5:
                json.loads(self.command("queues of all sites", "queue", "--json"))

    def undo_labels(self, over):
        """Takes back one label after another, by the id of its check."""
        every = max(self.args.seconds / 60, 4)
        taken = 0
        while not over.wait(every):
            labels = self.acknowledged_labels()[taken:]
            taken += len(labels)
            if labels:
                guid = labels[-1][0]
                self.command("undo", "undo", "--guid", guid)
                self.undone.add(guid)

    def change_models(self, over):
        """Retrains and promotes, three times. The gate may refuse: then the operator insists."""
        for turn in range(3):
            # The first one early: a retrain takes longer than the rest of the short form.
            if over.wait(self.args.seconds / (4.5 if turn else 10)):
                return
            # 1: the gate refused the candidate, or there are too few labels for a judgement.
            self.command("retrain", "models", "retrain", allowed=(0, 1))
            models = [line.split() for line in self.command("models list", "models", "list").splitlines()]
            ids = [words[0] for words in models if words[0].startswith("phin-") and "live" not in words]
            if not ids:
                continue
            # The newest stands last.
            self.command("promote", "models", "promote", ids[-1], "--force", "the soak")

    def acknowledged_labels(self):
        """Guid, label, site and key of each; the last line may still be half written."""
        with open(self.acknowledged, encoding="ascii") as file:
            lines = file.read().split("\n")[:-1]
        return [line.split("\t") for line in lines]

    def tell(self, second):
        """A line of progress now and then."""
        if second["at"] >= self.told + (10 if self.is_short else 60) and second["ms"]:
            self.told, ms = second["at"], second["ms"]
            print(
                f"{second['at']:6.0f} s  {second['checks']:5} checks/s  p50 {judge.percentile(ms, .5):6.1f} ms  "
                f"p99 {judge.percentile(ms, .99):7.1f} ms  {self.memory[-1] if self.memory else 0:4.0f} MB  "
                f"{sum(second['errors'].values())} errors", flush=True,
            )

    def after_load(self):
        """Judges the load, then ends and starts the server twice and looks for the labels."""
        checks = sum(second["checks"] for second in self.seconds)
        self.check(f"{checks} checks and all else beside them without an error", not self.errors)
        for words, count in self.errors.items():
            print(f"  {count} x {words}")
        for example in self.examples[:10]:
            print(f"  {example}")
        unsent = self.seconds[-1]["unsent"] if self.seconds else 0
        if unsent:
            print(f"  {unsent} checks were not sent, for more than five seconds of them waited")
        due = self.args.seconds * self.rate
        if not self.is_short:
            # A machine that other work takes holds no rate: then the figures are not worth much.
            self.check(f"the rate was held: {checks} of {due:.0f} checks", checks > 0.97 * due)
        self.check(*judge.memory_is_flat(self.memory, self.limits))
        self.rows = judge.windows(self.seconds)
        self.check(*judge.p99_is_flat(self.rows, self.limits))
        metrics = self.server.metrics()
        self.check(f"records dropped: {metrics['phin_records_dropped']:.0f}", metrics["phin_records_dropped"] == 0)
        self.check("the store is healthy", metrics["phin_store_healthy"] == 1)
        for name in ("queue pages", "undo", "retrain", "promote"):
            self.check(f"{name}: {self.mixed_in[name]}, the slowest {self.slowest[name]:.1f} s", self.mixed_in[name])
        self.peak_memory = self.server.memory_mb("VmHWM")
        self.disk = self.server.disk_bytes()
        self.server.kill()
        self.look_for_labels("after kill -9")
        code = self.server.stop()
        self.check(f"it stops when asked, with exit code {code}", code == 0)
        self.look_for_labels("after a stop")

    def look_for_labels(self, when):
        self.server.start()
        self.check(f"{when} it is ready in {self.server.start_seconds:.1f} s", True)
        code, out, err = self.server.command("labels", "--json")
        if code != 0:
            raise RuntimeError(f"phin labels: {err}")
        lines = [json.loads(line) for line in out.splitlines()]
        labels = [line for line in lines if line["label"]]
        listed = {(line.get("guid"), line["label"]) for line in labels}
        acknowledged = [tuple(label[:2]) for label in self.acknowledged_labels()]
        words, is_good = judge.labels_are_there(acknowledged, listed)
        self.check(f"{when} {words}", is_good)
        self.check(f"{when} the ledger has no other: {len(labels)}", len(labels) == len(acknowledged))
        undone = {line.get("guid") for line in labels if line["counts"] == "undone"}
        self.check(f"{when} exactly the {len(self.undone)} labels are undone that were", undone == self.undone)
        self.labels = len(acknowledged)

    def report(self):
        """The table, the file of all figures and the last line."""
        every = max(len(self.rows) // 12, 1)
        print("\n| s | checks/s | labels/s | p50, ms | p99, ms | label p99, ms | memory, MB |\n|---|---|---|---|---|---|---|")
        for row in self.rows[every - 1 :: every]:
            memory = self.memory[min(int(row["at"]), len(self.memory)) - 1]
            print(
                f"| {row['at']:.0f} | {row['checks'] / 10:.0f} | {row['labels'] / 10:.1f} | {row['p50']:.1f} | "
                f"{row['p99']:.1f} | {row['label_p99']:.1f} | {memory:.0f} |"
            )
        os.makedirs(TARGET, exist_ok=True)
        with open(os.path.join(TARGET, "soak.json"), "w", encoding="utf-8") as file:
            json.dump({
                "seconds": self.args.seconds, "peak": self.peak, "rate": self.rate, "windows": self.rows,
                "memory_mb": self.memory, "most_memory_mb": self.peak_memory, "disk_bytes": self.disk,
                "labels": self.labels, "unsent": self.seconds[-1]["unsent"], "mixed_in": self.mixed_in, "slowest": self.slowest, "errors": self.errors,
                "examples": self.examples, "checks": self.checks,
            }, file, indent=1)
        print(f"\nmost memory {self.peak_memory:.0f} MB, data folder {self.disk / 1e6:.0f} MB, {self.labels} labels")
        failed = sum(not is_good for _, is_good in self.checks)
        print(f"{len(self.checks) - failed} passed, {failed} failed, 0 skipped")
        return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--peak-seconds", type=float, default=5, help="how long the peak is measured")
    parser.add_argument("--rate", type=float, help="checks a second, instead of half the peak")
    parser.add_argument("--sites", type=int, default=1_000)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--corpus", help="file of comments with labels, .jsonl.gz")
    parser.add_argument("--folder", help="where the data goes; a temporary folder unless set")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="phin-soak-", dir=args.folder) as folder:
        try:
            return Soak(args, folder).run()
        except Exception as error:  # pylint: disable=broad-except
            print(f"not ok: the soak broke off: {type(error).__name__}: {error}")
            print("0 passed, 1 failed, 0 skipped")
            return 1


if __name__ == "__main__":
    sys.exit(main())
