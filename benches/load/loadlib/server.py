"""A phin as a child process on a free port of loopback: how it is started, asked, measured and ended.
It never touches a process that it did not start."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
TARGET = os.environ.get("CARGO_TARGET_DIR") or os.path.join(ROOT, "target")
FIRST_KEY = "0123456789ab"
# A start with ten million ledger entries takes long, but not for ever.
LONGEST_START = 600


def tested_phin(profile="debug"):
    """The program to test: TESTED_PHIN, else what cargo built."""
    return os.environ.get("TESTED_PHIN") or os.path.join(TARGET, profile, "phin")


def clean_environment():
    """Without the settings of whoever runs this: they would change what is measured."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PHIN_")}


class _SocketConnection(http.client.HTTPConnection):
    """HTTP over the operator's socket."""

    def __init__(self, path, timeout):
        super().__init__("phin", timeout=timeout)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Server:
    """A running `phin serve` on a data folder that may be there already."""

    def __init__(self, program, folder, settings=None):
        self.program = program
        self.folder = folder
        self.data = os.path.join(folder, "data")
        self.settings = {"PHIN_BOOTSTRAP_KEY": FIRST_KEY, "PHIN_LOG": "warn", **(settings or {})}
        self.child = None
        self.address = None
        self.start_seconds = None

    def start(self):
        """Returns when it answers `/readyz`; the seconds that took are in `start_seconds`."""
        os.makedirs(self.folder, exist_ok=True)
        began = time.monotonic()
        with open(os.path.join(self.folder, "serve.log"), "ab") as log:
            self.child = subprocess.Popen(
                [self.program, "serve", "--listen", "127.0.0.1:0", "--data-dir", self.data],
                env={**clean_environment(), **self.settings}, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=log,
            )
        greeting = self.child.stdout.readline().decode()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", greeting)
        if not found:
            self.child.kill()
            self.child.wait()
            raise RuntimeError(f"phin did not start: {greeting!r} {self.log_end()}")
        self.address = ("127.0.0.1", int(found[1]))
        while not self._is_ready():
            if time.monotonic() - began > LONGEST_START:
                raise RuntimeError("phin does not become ready")
            time.sleep(0.01)
        self.start_seconds = time.monotonic() - began
        return self

    def _is_ready(self):
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False

    def log_end(self):
        with open(os.path.join(self.folder, "serve.log"), encoding="utf-8", errors="replace") as log:
            return log.read()[-2000:]

    def get(self, path, key=None, timeout=30):
        """Status and body of a GET at the public door."""
        door = http.client.HTTPConnection(*self.address, timeout=timeout)
        try:
            door.request("GET", path, headers={"Authorization": f"Bearer {key}"} if key else {})
            answer = door.getresponse()
            return answer.status, answer.read()
        finally:
            door.close()

    def post(self, path, form, timeout=30):
        """Status and body of a POST of an encoded form at the public door."""
        door = http.client.HTTPConnection(*self.address, timeout=timeout)
        try:
            door.request("POST", path, form, {"Content-Type": "application/x-www-form-urlencoded"})
            answer = door.getresponse()
            return answer.status, answer.read()
        finally:
            door.close()

    def operator(self, method, path, asked=None, timeout=600):
        """The answer of the operator's socket; an error where it refuses."""
        door = _SocketConnection(os.path.join(self.data, "admin.sock"), timeout)
        try:
            body = None if asked is None else json.dumps(asked)
            door.request(method, path, body, {"Content-Type": "application/json"})
            answer = door.getresponse()
            said = answer.read()
        finally:
            door.close()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {said[:300]!r}")
        return said

    def create_key(self, name, is_vouched):
        """A new key. All sites learn what a vouched one says."""
        made = json.loads(self.operator("POST", "/keys", {"name": name, "key": None}))
        if is_vouched:
            self.operator("POST", "/keys/vouch", {"key_name": name, "vouched": True})
        return made["key"]

    def metrics(self):
        """Sums of all metrics over their labels."""
        sums = {}
        for line in self.operator("GET", "/metrics").decode().splitlines():
            if not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                name = name.split("{")[0]
                sums[name] = sums.get(name, 0) + float(value)
        return sums

    def command(self, *words, timeout=600):
        """Runs `phin WORDS --data-dir DATA`; its exit code and what it said."""
        done = subprocess.run(
            [self.program, *words, "--data-dir", self.data], cwd=ROOT, env=clean_environment(),
            stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False,
        )
        said = (done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
        return done.returncode, *said

    def memory_mb(self, what="VmRSS"):
        """Resident memory now; with `VmHWM` the most since the start or `forget_peak`."""
        try:
            with open(f"/proc/{self.child.pid}/status", encoding="ascii", errors="replace") as status:
                return int(re.search(rf"^{what}:\s+(\d+) kB", status.read(), re.M)[1]) / 1024
        except (OSError, TypeError):
            return None

    def forget_peak(self):
        """`VmHWM` begins anew."""
        with open(f"/proc/{self.child.pid}/clear_refs", "w", encoding="ascii") as file:
            file.write("5")

    def cpu_seconds(self):
        """Processor time so far, user and system."""
        with open(f"/proc/{self.child.pid}/stat", encoding="ascii", errors="replace") as stat:
            fields = stat.read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def disk_bytes(self):
        """What the data folder takes."""
        return folder_bytes(self.data)

    def stop(self, timeout=120):
        """Asks it to end; the exit code."""
        return self._end(signal.SIGTERM, timeout)

    def kill(self):
        """Ends it as a power cut would."""
        return self._end(signal.SIGKILL, 60)

    def _end(self, how, timeout):
        if self.child.poll() is None:
            self.child.send_signal(how)
        try:
            code = self.child.wait(timeout)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            code = None
        self.child.stdout.close()
        return code

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.child and self.child.poll() is None:
            self.kill()


def folder_bytes(folder):
    """Bytes on disk of all files of a folder."""
    total = 0
    for place, _, files in os.walk(folder):
        for file in files:
            try:
                total += os.lstat(os.path.join(place, file)).st_blocks * 512
            except OSError:
                pass
    return total
