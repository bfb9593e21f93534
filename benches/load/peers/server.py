"""Servers as children: started on loopback, measured with all their children, ended by their ids."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path


class Failed(Exception):
    """A peer that cannot be measured, with the reason."""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def run(command: list, **options) -> str:
    """Runs a command to its end; its standard output."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise Failed(f"{command[0]} ended with code {done.returncode}: {(done.stderr or done.stdout).strip()[-600:]}")
    return done.stdout


class Server:
    """One process and what it started, in a session of their own."""

    def __init__(self, command: list, log: Path, **options):
        self.log = log
        with log.open("wb") as output:
            try:
                self.process = subprocess.Popen(
                    [str(word) for word in command],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                    **options,
                )
            except OSError as error:
                raise Failed(f"{command[0]} cannot be run: {error.strerror}") from error

    def wait_for(self, port: int, seconds: float = 60) -> "Server":
        """Until the port answers."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return self
            except OSError:
                time.sleep(0.1)
        said = self.log.read_text(errors="replace").strip()[-600:]
        self.stop()
        raise Failed(f"{self.process.args[0]} does not answer: {said}")

    def processes(self) -> list[int]:
        """The process and all below it."""
        children: dict[int, list[int]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parent = int(stat(int(entry.name))[1])
                except (OSError, IndexError):
                    continue
                children.setdefault(parent, []).append(int(entry.name))
        found, open_ones = [], [self.process.pid]
        while open_ones:
            found.append(open_ones.pop())
            open_ones += children.get(found[-1], [])
        return found

    def stop(self) -> None:
        """Asks the session to end, then ends it."""
        ours = self.processes()
        for way in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, way)
            except OSError:
                break
            try:
                self.process.wait(5)
                break
            except subprocess.TimeoutExpired:
                continue
        # spamd and rspamd put their children into sessions of their own.
        for pid in ours[1:]:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass


def stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name, which may hold spaces."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()


def memory_mb(servers: list[Server]) -> float:
    """Proportional set size of all processes: what two share counts once."""
    kilobytes = 0
    for pid in (pid for server in servers for pid in server.processes()):
        try:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    kilobytes += int(line.split()[1])
        except OSError:
            continue
    return kilobytes / 1024


def cpu_seconds(servers: list[Server]) -> float:
    """Processor time so far, user and system, of all processes and of the children that ended."""
    ticks = 0
    for pid in (pid for server in servers for pid in server.processes()):
        try:
            ticks += sum(map(int, stat(pid)[11:15]))
        except OSError:
            continue
    return ticks / os.sysconf("SC_CLK_TCK")
