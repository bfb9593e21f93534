"""The measurements. Each curve takes the conditions and gives rows: a dict of figures for each point."""

import json
import os
import re
import signal
import statistics
import subprocess
import time
from urllib.parse import quote_plus, unquote_plus

from bench import say, settle
from loadlib.comments import Comments
from loadlib.server import FIRST_KEY, folder_bytes

CHECKS, LABELS = "phin_checks_total", "phin_labels_total"


def sites(bench):
    """Checks and memory against sites: first only checked, then with a label each."""
    for count in bench.within_time(bench.choose([1, 10, 100], [1, 10, 100, 1_000, 10_000, 100_000])):
        with bench.server() as (server, wrk):
            row = {"sites": count}
            wrk.run(2, sites=count)
            # Each site is visited.
            bench.fill(server, wrk, CHECKS, 2 * count, sites=count)
            if bench.is_late():
                say("    out of time: not all sites were visited")
                return
            run = wrk.run(bench.seconds, sites=count)
            row["per_second"], row["cpu_us"] = run.per_second, run.cpu_us
            row["memory_mb"] = server.memory_mb()
            bench.fill(server, wrk, LABELS, count, call=None, connections=64, sites=count)
            row["labels"] = server.metrics().get(LABELS, 0)
            if row["labels"] < count:
                say("    out of time: not all sites have a label")
                return
            run = wrk.run(bench.seconds, sites=count)
            row["labelled_per_second"], row["labelled_cpu_us"] = run.per_second, run.cpu_us
            row["labelled_memory_mb"] = server.memory_mb()
            yield row


def records(bench):
    """A store that fills with checks of 1,000 sites, and what people ask of it."""
    with bench.server() as (server, wrk):
        probes = Comments(seed=99)
        early = [probes.form(n, wrk_key(wrk))[0] for n in range(40)]
        for form in early:
            server.post("/1.1/comment-check", form)
        # A retrain wants some labels.
        bench.fill(server, wrk, LABELS, 400, call=None, sites=1_000)
        for count in bench.within_time(bench.choose([1_000, 5_000], [10_000, 100_000, 1_000_000], [10_000_000])):
            taken = bench.fill(server, wrk, CHECKS, count, sites=1_000)
            run = wrk.run(bench.seconds, sites=1_000)
            settle(server)
            row = {
                "records": taken,
                "per_second": run.per_second,
                "p99_ms": run.p99,
                "cpu_us": run.cpu_us,
                "memory_mb": server.memory_mb(),
                "disk_mb": server.disk_bytes() / 1e6,
                "bytes_each": server.disk_bytes() / server.metrics()[CHECKS],
                # Reports of the oldest checks, which are no longer in memory.
                "report_ms": typical_ms(lambda: server.post("/1.1/submit-spam", early.pop()), 8),
                "queue_ms": typical_ms(lambda: server.get("/v1/queue?limit=20", wrk_key(wrk)), 8),
                "site_queue_ms": typical_ms(
                    lambda: server.get("/v1/queue?limit=20&site=site7.example", wrk_key(wrk)), 8),
            }
            server.forget_peak()
            began = time.monotonic()
            # 1: the gate refuses, which is no matter here.
            if server.command("models", "retrain")[0] in (0, 1):
                row["retrain_s"] = time.monotonic() - began
                row["retrain_memory_mb"] = server.memory_mb("VmHWM")
            yield row


def ledger(bench):
    """A ledger that grows with labels of 1,000 sites: start after a kill and after a stop."""
    with bench.server() as (server, wrk):
        labels_before = 0
        for count in bench.within_time(bench.choose([1_000, 3_000], [1_000, 10_000, 100_000, 1_000_000], [10_000_000])):
            # The metric begins anew with each start.
            made = bench.fill(server, wrk, LABELS, count - labels_before, call=None, connections=64, sites=1_000)
            labels_before += made
            row = {"labels": labels_before, "memory_mb": server.memory_mb()}
            server.kill()
            row["killed_s"], row["killed_cpu_s"] = server.start().start_seconds, server.cpu_seconds()
            server.stop()
            row["disk_mb"] = folder_bytes(server.data) / 1e6
            row["bytes_each"] = folder_bytes(server.data) / labels_before
            row["stopped_s"], row["stopped_cpu_s"] = server.start().start_seconds, server.cpu_seconds()
            row["ready_memory_mb"] = server.memory_mb()
            yield row


def labels(bench):
    """Durable labels a second with 64 writers, of comments never checked before."""
    for count in bench.within_time(bench.choose([1], [1, 1_000])):
        with bench.server() as (server, wrk):
            wrk.run(2, call=None, connections=64, sites=count)
            run = wrk.run(2 * bench.seconds, call=None, connections=64, sites=count)
            yield {
                "sites": count, "per_second": run.per_second, "p50_ms": run.p50, "p99_ms": run.p99,
                "cpu_us": run.cpu_us, "memory_mb": server.memory_mb(),
            }


def disk(bench):
    """What a check takes on disk, and a check with its label."""
    for count in bench.within_time(bench.choose([1_000], [10_000, 100_000])):
        with bench.server() as (server, wrk):
            comments, key = Comments(seed=5), wrk_key(wrk)
            forms = [comments.form(n % 100, key) for n in range(min(count // 10, 5_000))]
            checked = bench.fill(server, wrk, CHECKS, count - len(forms), sites=100)
            for form, _ in forms:
                server.post("/1.1/comment-check", form)
            server.stop()
            before = folder_bytes(server.data)
            server.start()
            for form, label in forms:
                server.post(f"/1.1/submit-{label}", form)
            server.stop()
            a_label = (folder_bytes(server.data) - before) / len(forms)
            a_check = before / (checked + len(forms))
            server.start()
            yield {"checks": checked + len(forms), "labels": len(forms), "check_bytes": a_check, "label_bytes": a_label,
                   "both_bytes": a_check + a_label}


def length(bench):
    """One connection, comments of one length."""
    with bench.server() as (server, wrk):
        for size in bench.within_time(bench.choose([60, 600], [60, 200, 600, 2_000, 6_000, 20_000, 60_000])):
            comments = Comments(seed=size)
            made = [comments.fields()[0] for _ in range(200)]
            wrk.write("rows", (f"{head}\t{text_of(comments, size)}" for head in made))
            wrk.write("seconds", [])
            wrk.run(1, connections=1)
            run = wrk.run(bench.seconds, connections=1)
            ms = 1_000 / run.per_second
            yield {"bytes": size, "ms": ms, "p50_ms": run.p50, "p99_ms": run.p99, "us_per_byte": 1_000 * ms / size,
                   "cpu_us": run.cpu_us}


def text_of(comments, size):
    """An encoded text of so many bytes of UTF-8, honest sentences in a row."""
    whole = ""
    while len(whole.encode()) < size:
        _, pool = comments.kind()
        whole += unquote_plus(comments.random.choice(pool.sentences)) + " "
    return quote_plus(whole.encode()[:size].decode(errors="ignore"))


def training(bench):
    """`phin train` on so many synthetic comments in a file."""
    with bench.folder() as folder:
        for rows in bench.within_time(bench.choose([1_000, 10_000], [10_000, 100_000, 1_000_000], [10_000_000])):
            path = os.path.join(folder, "rows.jsonl")
            write_rows(path, rows)
            took, memory, code, said = measured(
                [bench.program, "train", "--out", os.path.join(folder, f"model-{rows}"), path],
                os.path.join(folder, "said"), max(bench.deadline - time.monotonic(), 60))
            if code != 0:
                say(f"    no model: {said.strip()[-300:]}")
                return
            yield {"rows": rows, "seconds": took, "per_second": rows / took, "memory_mb": memory,
                   "file_mb": os.path.getsize(path) / 1e6}


def write_rows(path, count):
    """Comments with labels, as `phin train` reads them; no two alike."""
    comments = Comments(seed=count)
    with open(path, "w", encoding="utf-8") as file:
        for n in range(count):
            label, pool = comments.kind()
            text = unquote_plus(comments.text(pool, label == "spam"))
            author = unquote_plus(comments.random.choice(pool.authors))
            file.write(json.dumps({"id": str(n), "text": f"{text} {n}", "label": label, "author": author}) + "\n")


def measured(command, log, longest):
    """Runs a command: seconds, most memory in MB, exit code, and what it said."""
    began = time.monotonic()
    with open(log, "w+", encoding="utf-8", errors="replace") as said:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        usage = None
        while usage is None:
            done, status, used = os.wait4(child.pid, os.WNOHANG)
            if done:
                usage, child.returncode = used, os.waitstatus_to_exitcode(status)
            elif time.monotonic() - began > longest:
                # Popen's own kill would take the result that is waited for here.
                os.kill(child.pid, signal.SIGKILL)
                longest = float("inf")
            else:
                time.sleep(0.05)
        said.seek(0)
        return time.monotonic() - began, usage.ru_maxrss / 1024, child.returncode, said.read()


def undo(bench):
    """A hundred labels undone on a server with so many sites of a hundred labels each."""
    each = 10 if bench.points == "quick" else 100
    for count in bench.within_time(bench.choose([10, 100], [1_000, 10_000])):
        # Keys that nobody vouches for: each site has counts of its own.
        with bench.server(keys=100, is_vouched=False) as (server, wrk):
            made = bench.fill(server, wrk, LABELS, count * each, call=None, connections=64, sites=count)
            bench.fill(server, wrk, CHECKS, count, sites=count)
            settle(server)
            row = {"sites": count, "labels": made, "memory_mb": server.memory_mb()}
            # Numbers of the ledger; the first few are keys and the like.
            ids = [word for n in range(100) for word in ("--label-id", str(50 + n * (made - 60) // 100))]
            server.forget_peak()
            began = time.monotonic()
            code, out, err = server.command("undo", *ids)
            row["seconds"] = time.monotonic() - began
            row["most_memory_mb"] = server.memory_mb("VmHWM")
            found = re.search(r"(\d+) labels? taken back", out)
            row["undone"] = int(found[1]) if found else 0
            if code != 0:
                say(f"    undo: {err.strip()[:300]}")
            yield row


def wrk_key(wrk):
    """The first key that wrk sends."""
    with open(os.path.join(wrk.folder, "keys"), encoding="ascii") as file:
        return file.readline().strip() or FIRST_KEY


def typical_ms(ask, times):
    """The median of some calls, each on a connection of its own."""
    took = []
    for _ in range(times):
        began = time.monotonic()
        status, body = ask()
        if status != 200:
            raise RuntimeError(f"{status} {body[:200]!r}")
        took.append(1_000 * (time.monotonic() - began))
    return statistics.median(took)


ALL = {curve.__name__: curve for curve in (sites, records, ledger, labels, disk, length, training, undo)}
