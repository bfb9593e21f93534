"""Load: wrk for servers that speak HTTP, and a small client of our own for the rest.

The client writes requests that were made before onto so many connections. Its cost is part of what it measures.
"""

import asyncio
import json
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from server import Failed, Server, cpu_seconds

# As in benches/load/throughput: requests are made once, before the measurement.
SCRIPT = """
local requests, at, threads = {}, 0, 0
function setup(thread) thread:set("begin", threads * 331) threads = threads + 1 end
function init(args)
    local file = io.open(bodies, "rb")
    while true do
        local length = file:read("*l")
        if not length then break end
        requests[#requests + 1] = wrk.format("POST", path, headers, file:read(tonumber(length)))
        file:read(1)
    end
    at = begin
end
function request()
    at = at % #requests + 1
    return requests[at]
end
function done(summary, latency)
    local errors = summary.errors
    io.write(string.format("figures %d %d %d %d %d\\n", summary.requests, summary.duration,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout,
        latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass
class Run:
    """What one round showed; times in milliseconds. `cpu_us` is the processor time of the server for one check."""

    per_second: float
    p50: float | None = None
    p99: float | None = None
    cpu_us: float | None = None


def wrk_script(folder: Path, name: str, path: str, headers: dict[str, str], bodies: list[bytes]) -> Path:
    data = folder / f"{name}.bodies"
    with data.open("wb") as file:
        for body in bodies:
            file.write(b"%d\n%s\n" % (len(body), body))
    table = ", ".join(f"[{json.dumps(key)}] = {json.dumps(value)}" for key, value in headers.items())
    script = folder / f"{name}.lua"
    script.write_text(f"local bodies, path, headers = {json.dumps(str(data))}, {json.dumps(path)}, {{ {table} }}\n{SCRIPT}")
    return script


def wrk(servers: list[Server], port: int, script: Path, connections: int, seconds: int) -> Run:
    before = cpu_seconds(servers)
    command = ["wrk", "--threads", "2" if connections > 1 else "1", "--connections", str(connections)]
    command += ["--duration", f"{seconds}s", "--timeout", "10s", "--script", str(script), f"http://127.0.0.1:{port}/"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise Failed("wrk is missing; Debian has it in the package wrk") from error
    line = next((line for line in done.stdout.splitlines() if line.startswith("figures ")), None)
    if line is None:
        raise Failed(f"wrk said: {(done.stdout + done.stderr).strip()[-400:]}")
    requests, micros, failures, p50, p99 = map(int, line.split()[1:])
    if failures or not requests:
        raise Failed(f"{failures} of {requests} requests failed")
    return Run(requests * 1e6 / micros, p50 / 1e3, p99 / 1e3, (cpu_seconds(servers) - before) * 1e6 / requests)


class Answer:
    """One answer as it came: for HTTP and for spamd's protocol alike a line, headers and a body."""

    def __init__(self, head: bytes, body: bytes):
        self.status, *lines = head.decode(errors="replace").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        self.headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        self.body = body


def http(path: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{k}: {v}" for k, v in headers.items()), f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def _answer(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n"))[:-4]
    answer = Answer(head, b"")
    length = answer.headers.get("content-length")
    answer.body = await (reader.read(-1) if length is None else reader.readexactly(int(length)))
    return answer


async def _drive(port: int, requests: list[bytes], connections: int, until: float, keep_open: bool, took: list, take: Callable) -> None:
    next_one = iter(enumerate(requests))

    async def connection() -> None:
        reader = writer = None
        for at, request in next_one:
            if time.perf_counter() > until:
                break
            began = time.perf_counter()
            for attempt in (1, 2):
                try:
                    if writer is None:
                        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
                    writer.write(request)
                    if not keep_open and writer.can_write_eof():
                        writer.write_eof()
                    answer = await _answer(reader)
                    break
                except (OSError, asyncio.IncompleteReadError):
                    # A server may close an idle connection; then a new one is tried, once.
                    writer = None
                    if attempt == 2:
                        raise
            took.append(time.perf_counter() - began)
            take(at, answer)
            if not keep_open or answer.headers.get("connection", "").lower() == "close":
                writer.close()
                writer = None
        if writer is not None:
            writer.close()

    await asyncio.gather(*(connection() for _ in range(connections)))


def drive(
    port: int,
    requests: list[bytes],
    connections: int,
    take: Callable[[int, Answer], None],
    seconds: float | None = None,
    keep_open: bool = True,
    servers: list[Server] | None = None,
) -> Run:
    """Sends each request once, or as many as fit into `seconds`, and hands every answer to `take`."""
    took: list[float] = []
    before, began = cpu_seconds(servers or []), time.perf_counter()
    until = began + (seconds or 1e9)
    if seconds:
        requests = requests * 50
    try:
        asyncio.run(_drive(port, requests, connections, until, keep_open, took, take))
    except (OSError, asyncio.IncompleteReadError, ValueError) as error:
        raise Failed(f"after {len(took)} answers: {error or type(error).__name__}") from error
    return run_of(took, time.perf_counter() - began, cpu_seconds(servers or []) - before if servers else None)


def run_of(took: list[float], elapsed: float, cpu: float | None = None) -> Run:
    if not took:
        raise Failed("there was no answer")
    cuts = statistics.quantiles(took if len(took) > 1 else took * 2, n=100, method="inclusive")
    return Run(len(took) / elapsed, cuts[49] * 1e3, cuts[98] * 1e3, cpu * 1e6 / len(took) if cpu is not None else None)
