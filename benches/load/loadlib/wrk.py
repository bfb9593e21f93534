"""wrk as the load generator where a server is driven as fast as it goes: rows in, figures out. Python would
be the slower of the two."""

import dataclasses
import os
import signal
import subprocess
import time

from .comments import Comments

# Rows are put together in Lua, so that no two requests are alike without a file of millions of them.
_SCRIPT = r"""
local heads, texts, seconds, keys = {}, {}, {}, {}
local threads, sent = 0, 0
function setup(thread)
    thread:set("mine", threads)
    threads = threads + 1
end
function init(args)
    for line in io.lines(FOLDER .. "/rows") do
        local head, text = line:match("^(.-)\t(.*)$")
        heads[#heads + 1], texts[#texts + 1] = head, text
    end
    for line in io.lines(FOLDER .. "/seconds") do seconds[#seconds + 1] = line end
    for line in io.lines(FOLDER .. "/keys") do keys[#keys + 1] = line end
end
local calls = { "submit-spam", "submit-ham" }
function request()
    sent = sent + 1
    local n = FROM + sent * THREADS + mine
    local at = n % #heads + 1
    local site = n % SITES
    local blog = "https%3A%2F%2Fsite" .. site .. ".example"
    local text = texts[at]
    if #seconds > 0 then
        text = text .. "+" .. seconds[(n * 7 + math.floor(n / #heads)) % #seconds + 1]
    end
    if NUMBERED then text = text .. "+" .. n end
    local page = blog .. "%2F2026%2F11%2Fpost-" .. n % 40 .. "%2F"
    local body = "blog=" .. blog .. "&permalink=" .. page .. "&referrer=" .. page .. "&HTTP_HOST=site" .. site ..
        ".example&HTTP_ORIGIN=" .. blog .. "&" .. heads[at] .. "&comment_content=" .. text ..
        "&api_key=" .. keys[site % #keys + 1]
    local call = CALL or calls[n % 2 + 1]
    return "POST /1.1/" .. call .. " HTTP/1.1\r\nHost: phin\r\nContent-Type: application/x-www-form-urlencoded\r\n" ..
        "Content-Length: " .. #body .. "\r\n\r\n" .. body
end
function done(summary, latency)
    local errors = summary.errors
    io.write(string.format("figures %d %d %d %d %d\n", summary.requests, summary.duration,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout,
        latency:percentile(50), latency:percentile(99)))
end
"""


@dataclasses.dataclass
class Run:
    """What one run showed; times in milliseconds."""

    requests: int
    seconds: float
    failures: int
    p50: float
    p99: float
    # Processor time of the server for each request, which other work on the machine hardly moves.
    cpu_us: float

    @property
    def per_second(self):
        return self.requests / self.seconds


class Wrk:
    """Requests of one kind for one server."""

    def __init__(self, server, folder, keys, rows=4_000, seed=1):
        self.server = server
        self.folder = folder
        self.sent = 0
        os.makedirs(folder, exist_ok=True)
        comments = Comments(seed)
        made = [comments.fields() for _ in range(rows)]
        self.write("rows", (f"{head}\t{text}" for head, text, _, _ in made))
        self.write("seconds", (comments.text(comments.kind()[1], False) for _ in range(3_001)))
        self.write("keys", keys)

    def write(self, name, lines):
        """One of the files that the script reads."""
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)

    def run(self, seconds, call="comment-check", connections=16, sites=1, until=None):
        """Drives the server for so many seconds, or shorter: until `until()` is true. `call` None sends
        labels, spam and ham in turn; no comment comes twice."""
        threads = min(connections, 2)
        script = os.path.join(self.folder, "script.lua")
        with open(script, "w", encoding="utf-8") as file:
            # Nothing that was sent before is sent again.
            file.write(
                f"local FOLDER, FROM, THREADS, SITES, NUMBERED, CALL = {self.folder!r}, {self.sent}, {threads}, "
                f"{sites}, {'true' if call is None or until else 'false'}, {repr(call) if call else 'nil'}\n"
                + _SCRIPT
            )
        cpu_before = self.server.cpu_seconds()
        child = subprocess.Popen(
            ["wrk", "--threads", str(threads), "--connections", str(connections), "--duration", f"{seconds}s",
             "--timeout", "30s", "--script", script, "http://%s:%d/" % self.server.address],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        while until and child.poll() is None:
            time.sleep(0.1)
            if until():
                # Again and again: until its threads have begun wrk heeds no signal.
                child.send_signal(signal.SIGINT)
                time.sleep(0.3)
        said, complained = child.communicate()
        figures = [line.split()[1:] for line in said.splitlines() if line.startswith("figures ")]
        if not figures:
            raise RuntimeError(f"wrk said: {said[-500:]} {complained[-500:]}")
        requests, micros, failures, p50, p99 = map(int, figures[0])
        self.sent += requests + 2 * connections
        cpu = self.server.cpu_seconds() - cpu_before
        return Run(requests, micros / 1e6, failures, p50 / 1e3, p99 / 1e3, 1e6 * cpu / max(requests, 1))
