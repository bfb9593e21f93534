"""bogofilter, which has no server: many mails in one process (its best case), and a process for each (its usual case)."""

import os
import subprocess
import threading
import time
from pathlib import Path

from comments import Row
from load import Run, run_of
from peer import Peer, program
from server import Failed, run


class Bogofilter(Peer):
    def __init__(self, setting, bulk: bool):
        super().__init__(
            setting,
            name="bogofilter, bulk" if bulk else "bogofilter, a process each",
            needs=("bogofilter",),
            unfair="One process on one core reads files and answers nobody: no network, no form, no latency of a check. "
            "It commits its labels once, at the end."
            if bulk
            else "The start of each process is in the figures, and so is the Python that starts it. It reads mails, as from a mail server's pipe.",
        )
        self.bulk = bulk

    def start(self) -> None:
        self.home = self.folder()
        self.words = self.home / "words"
        self.words.mkdir()
        # Without the settings of this machine.
        self.command = [program("bogofilter"), "--no-config-file", "--bogofilter-dir", str(self.words)]
        self.load = self.write("load", self.setting.split.load)

    def write(self, name: str, rows: list[Row]) -> list[str]:
        folder = self.home / name
        folder.mkdir(exist_ok=True)
        paths = [folder / str(at) for at in range(len(rows))]
        for path, row in zip(paths, rows):
            path.write_bytes(row.mail())
        return [str(path) for path in paths]

    def learn(self, rows: list[Row]) -> float | None:
        paths = self.write("learn", rows)
        if not self.bulk:
            # As many, alternately, as fit into some seconds; then the rest in bulk.
            began, learnt = time.monotonic(), 0
            for path, row in zip(paths, rows):
                run([*self.command, "-s" if row.spam else "-n", "-I", path])
                learnt += 1
                if time.monotonic() - began > 8:
                    break
            rate = learnt / (time.monotonic() - began)
            self.learn_bulk(paths[learnt:], rows[learnt:])
            return rate
        return self.learn_bulk(paths, rows)

    def learn_bulk(self, paths: list[str], rows: list[Row]) -> float:
        began = time.monotonic()
        for flag, spam in (("-s", True), ("-n", False)):
            names = "".join(f"{path}\n" for path, row in zip(paths, rows) if row.spam == spam)
            run([*self.command, flag, "-b"], input=names)
        return len(rows) / (time.monotonic() - began)

    def classify(self, paths: list[str]) -> str:
        # Its exit code is the verdict of the last mail.
        command = [*self.command, "-T", "-b"]
        done = subprocess.run(command, input="".join(f"{path}\n" for path in paths), capture_output=True, text=True, check=False)
        if done.returncode > 2:
            raise Failed(f"bogofilter says: {done.stderr.strip()[-300:]}")
        return done.stdout

    def scores(self, rows: list[Row]) -> list[float]:
        lines = self.classify(self.write("judge", rows)).splitlines()
        if len(lines) != len(rows):
            raise Failed(f"{len(lines)} answers to {len(rows)} mails")
        return [float(line.split()[-1]) for line in lines]

    def round(self, seconds: int) -> Run:
        return self.round_of_bulk(seconds) if self.bulk else self.round_of_processes(seconds)

    def round_of_bulk(self, seconds: int) -> Run:
        began, done, before = time.monotonic(), 0, os.times()
        while time.monotonic() - began < seconds:
            done += len(self.classify(self.load).splitlines())
        elapsed, after = time.monotonic() - began, os.times()
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        return Run(done / elapsed, cpu_us=cpu * 1e6 / done)

    def round_of_processes(self, seconds: int) -> Run:
        took, cpu = [], []
        until = time.monotonic() + seconds
        nothing = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]

        def work(first: int) -> None:
            at = first
            while time.monotonic() < until:
                command = [*self.command, "-T", "-I", self.load[at % len(self.load)]]
                began = time.perf_counter()
                pid = os.posix_spawn(command[0], command, os.environ, file_actions=nothing)
                _, status, used = os.wait4(pid, 0)
                took.append(time.perf_counter() - began)
                cpu.append(used.ru_utime + used.ru_stime)
                if os.waitstatus_to_exitcode(status) > 2:
                    raise Failed("bogofilter failed")
                at += self.setting.connections

        began = time.monotonic()
        threads = [threading.Thread(target=work, args=(first,)) for first in range(self.setting.connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if not took:
            raise Failed("no process ended")
        return run_of(took, time.monotonic() - began, sum(cpu))

    def memory(self) -> float:
        """Of one process at its peak: it is held open after its mails, for what wait4 tells is of the Python that started it."""
        command = [*self.command, "-T", "-b"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        paths = self.load if self.bulk else self.load[:1]
        process.stdin.write("".join(f"{path}\n" for path in paths))
        process.stdin.flush()
        time.sleep(4 if self.bulk else 1)
        status = Path(f"/proc/{process.pid}/status").read_text()
        process.stdin.close()
        process.wait()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
