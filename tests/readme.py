#!/usr/bin/env python3
"""Walks the README from top to bottom in an empty folder: every line of every `sh` block is run as
it stands there, and what the text promises of it is looked for. Fails where a line fails.

Three things differ from a reader: `cargo run --release` is the debug binary that the tests built
already, `cargo install` is left out (it builds the same once more), and the port is a free one.
GUID stands for the id of the first check in the queue, as it does for a reader.

The last line is `N passed, N failed, N skipped`."""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TARGET = os.environ.get("CARGO_TARGET_DIR") or os.path.join(ROOT, "target")
PHIN = os.environ.get("TESTED_PHIN") or os.path.join(TARGET, "debug", "phin")
SERVE = "cargo run --release -- serve"
SECONDS = 60

# What the README promises of a line that holds these words.
PROMISES = [
    ("Vay tiền nhanh", r"^true$"),
    ("phin check --text", r"\bspam\b"),
    ("/v1/check", r'"verdict":"ham"'),
    ("phin keys create", r"^[0-9a-f]{12}$"),
    ("Nice article", r"^false$"),
    ("phin queue", r"Nice article, check my blog.*\n.*sure that it is spam"),
    ("phin label GUID", r"learnt"),
    ("phin labels", r"Nice article, check my blog"),
    ("phin undo", r"1 label taken back"),
    ("phin figures", r"blog\.example"),
    ("phin lists show", r"casino\.example"),
]


def commands(markdown):
    """The commands of all `sh` blocks, lines that go on joined."""
    for block in re.findall(r"^```sh\n(.*?)^```$", markdown, re.M | re.S):
        yield from block.replace("\\\n", " ").strip().split("\n")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(folder, environment):
    log = open(os.path.join(folder, "serve.log"), "w+", encoding="utf-8")
    server = subprocess.Popen([PHIN, "serve"], cwd=folder, env=environment, stdout=log, stderr=log)
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with open(log.name, encoding="utf-8") as said:
            if "phin is listening on" in said.read():
                return server
        time.sleep(0.05)
    with open(log.name, encoding="utf-8") as said:
        print(said.read())
    return None


def run(command, folder, environment):
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True,
        timeout=SECONDS, check=False,
    )
    return done.returncode, done.stdout, done.stderr


def main():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        lines = list(commands(file.read()))
    if lines[0] != SERVE or not os.access(PHIN, os.X_OK):
        print(f"the README does not begin with `{SERVE}`, or there is no {PHIN}")
        print("0 passed, 1 failed, 0 skipped")
        return 1
    passed, failed, skipped, kept = 0, 0, 0, set()
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "bin"))
        os.symlink(PHIN, os.path.join(folder, "bin", "phin"))
        port = free_port()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PHIN_")}
        environment["PATH"] = f"{folder}/bin:{environment['PATH']}"
        environment["PHIN_LISTEN"] = f"127.0.0.1:{port}"
        server = start(folder, environment)
        if server is None:
            print(f"not ok: {SERVE}")
            print("0 passed, 1 failed, 0 skipped")
            return 1
        passed += 1
        try:
            guid = None
            for line in lines[1:]:
                if line.startswith("cargo "):
                    print(f"skipped: {line}")
                    skipped += 1
                    continue
                command = line.split("  #")[0].replace(":8080", f":{port}")
                if "GUID" in command:
                    if guid is None:
                        _, queue, _ = run("phin queue --json", folder, environment)
                        guid = json.loads(queue)["checks"][0]["guid"]
                    command = command.replace("GUID", guid)
                code, out, err = run(command, folder, environment)
                promise = next(((words, sign) for words, sign in PROMISES if words in line), None)
                is_kept = promise is None or re.search(promise[1], out, re.M)
                if promise and is_kept:
                    kept.add(promise[0])
                if code == 0 and is_kept:
                    passed += 1
                    print(f"ok: {line}")
                else:
                    failed += 1
                    print(f"not ok: {line}\n  exit code {code}, expected {promise}\n{out}{err}")
        finally:
            server.terminate()
            server.wait(SECONDS)
    # A promise about a line that is gone checks nothing.
    for words, _ in PROMISES:
        if words not in kept:
            failed += 1
            print(f"not ok: no line of the README with {words!r} kept its promise")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
