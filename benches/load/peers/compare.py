"""Compares phin with other filters on the same comments, side by side, in one run.

The order: all peers start, learn the same rows, and give a score to the same other rows. Then each is loaded in turn, for some rounds;
medians are shown.
"""

import argparse
import gzip
import hashlib
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

from bogofilter import Bogofilter
from comments import CORPUS, Split, split
from fastapi_nb import FastApi
from figures import auc, recall_at
from load import Run
from peer import Peer, Setting
from phin import Phin
from rspamd import Rspamd
from server import Failed
from spamd import Spamd

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = """examples:
  benches/load/peers/run                                     all of it: some ten minutes, and six or more once to train a model
  benches/load/peers/run --only rspamd --only phin           two peers
  benches/load/peers/run --seconds 2 --rounds 1 --learn 300 --judge 300 --model shipped    a quick look
  benches/load/peers/run --write docs/PERFORMANCE.md         and write the table there, the plots beside it
  benches/load/peers/run --again --write docs/PERFORMANCE.md table and plots of the last run, without measuring

The model of phin: the shipped one has read four fifths of the blogs that are judged here. So phin first trains the same recipe without these
blogs, once for each binary (under target/). --model takes a folder with another model, or `shipped`, which has an advantage then.

Leave the machine alone meanwhile: generator and servers share its cores, so only ratios of one run say something."""
SHIPPED_KNOWS = " The shipped model has read other comments of the judged blogs."


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benches/load/peers/run", description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--binary", type=Path, default=ROOT / "target/release/phin", help="the phin to measure (default: target/release/phin)")
    corpora = os.environ.get("PHIN_CORPORA") or ROOT.parent / "shared/corpora"
    parser.add_argument("--corpora", type=Path, default=Path(corpora), help="folder of the public corpora (default: $PHIN_CORPORA, else ../shared/corpora)")
    parser.add_argument("--only", action="append", metavar="NAME", default=[], help="only peers whose name has NAME in it; may be repeated")
    parser.add_argument("--seconds", type=int, default=6, help="seconds of each round (default: 6)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds; medians are shown (default: 3)")
    parser.add_argument("--connections", type=int, default=16, help="connections at the same time (default: 16)")
    parser.add_argument("--workers", type=int, default=2, help="workers of rspamd, spamd and uvicorn (default: 2)")
    parser.add_argument("--learn", type=int, default=3000, help="comments that every peer learns (default: 3000)")
    parser.add_argument("--judge", type=int, default=2000, help="comments that every peer judges (default: 2000)")
    parser.add_argument("--model", help="a folder with a model of phin, or `shipped`; a model is trained without")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the table between the markers of this file, and the plots beside it")
    parser.add_argument("--again", action="store_true", help="show the last run again instead of measuring")
    parser.add_argument("--target", type=Path, default=ROOT / "target/peers", help=argparse.SUPPRESS)
    return parser.parse_args()


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def peers(setting: Setting) -> list[Peer]:
    knows = SHIPPED_KNOWS if setting.phin_model == "shipped" else ""
    return [
        Phin(
            setting,
            "phin",
            setting.phin_model,
            taught=False,
            is_loaded=True,
            unfair="phin begins with a model of public corpora, among them the blogs that all learn here; the others begin with nothing. "
            "It also reads the address and the browser, drawn at random here, and has nothing to read in the form's behaviour." + knows,
        ),
        Phin(
            setting,
            "phin, labels learnt",
            setting.phin_model,
            taught=True,
            is_loaded=True,
            unfair="Each blog is a site of its own, as phin is meant to be used; the judged blogs are sites without labels. The labels say again what "
            "its model has read. They are on disk before they are acknowledged, and each check leaves a record, as with no other peer." + knows,
        ),
        Phin(
            setting,
            "phin, labels of one site",
            setting.phin_model,
            taught=True,
            is_loaded=False,
            one_site=True,
            unfair="All comments, learnt and judged, are sent as those of one site, for the other peers have one database too. phin then takes what is "
            "true of the taught blogs for true of this site; no site in life is like that." + knows,
        ),
        Phin(
            setting,
            "phin without a model, labels of one site",
            "none",
            taught=True,
            is_loaded=False,
            one_site=True,
            unfair="This is the equal start: nothing but the labels, in one database. phin is not made to begin so.",
        ),
        Rspamd(setting),
        Spamd(setting),
        Bogofilter(setting, bulk=True),
        Bogofilter(setting, bulk=False),
        FastApi(setting),
    ]


def trained_model(args: argparse.Namespace, rows: Split) -> str:
    """The shipped recipe without the judged blogs; once for each binary."""
    if args.model:
        return args.model if args.model == "shipped" else str(Path(args.model).resolve())
    digest = hashlib.sha256(args.binary.read_bytes() + b"".join(r["id"].encode() for r in rows.may_teach)).hexdigest()[:12]
    model = args.target / f"model-{digest}"
    if (model / "model.bin").is_file():
        return str(model)
    say("phin: trains its model without the judged blogs; some minutes, only once for each binary")
    corpora = args.target / "corpora"
    corpora.mkdir(parents=True, exist_ok=True)
    for file in args.corpora.iterdir():
        link = corpora / file.name
        link.unlink(missing_ok=True)
        if file.name != CORPUS:
            link.symlink_to(file.resolve())
    with gzip.open(corpora / CORPUS, "wt", encoding="utf-8", compresslevel=1) as lines:
        lines.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in rows.may_teach)
    command = [args.binary, "train", "--out", model, "--corpora", corpora, "--training-data", ROOT / "training-data"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"phin train failed: {done.stderr.strip()[-600:]}")
    return str(model)


def teach_and_judge(peer: Peer, rows: Split) -> dict:
    say(f"{peer.name}: starts")
    peer.check_needs()
    peer.start()
    result = {"name": peer.name, "unfair": peer.unfair, "learns": peer.learn(rows.learn)}
    if result["learns"]:
        say(f"{peer.name}: learnt {len(rows.learn)}, {result['learns']:.0f} in a second; judges {len(rows.judge)}")
    scores, spam = peer.scores(rows.judge), [row.spam for row in rows.judge]
    result |= {"auc": auc(scores, spam), "recall": recall_at(0.01, scores, spam)}
    say(f"{peer.name}: AUC {result['auc']:.4f}, {result['recall']:.2f} of spam at 1 % of ham")
    return result


def measure(args: argparse.Namespace, setting: Setting) -> dict:
    rows = setting.split
    results, running, skipped = [], [], []
    wanted = [peer for peer in peers(setting) if not args.only or any(only.lower() in peer.name.lower() for only in args.only)]
    if not wanted:
        raise Failed(f"no peer is named {' or '.join(args.only)}; there are: {', '.join(p.name for p in peers(setting))}")
    try:
        for peer in wanted:
            try:
                result = teach_and_judge(peer, rows)
            except (Failed, OSError, KeyError, ValueError) as error:
                say(f"{peer.name}: skipped, for {error}")
                skipped.append({"name": peer.name, "why": str(error)})
                peer.stop()
                continue
            results.append(result)
            if peer.is_loaded:
                running.append((peer, result, []))
            else:
                peer.stop()
        for number in range(1, args.rounds + 1):
            for peer, _, runs in running:
                try:
                    runs.append(peer.round(args.seconds))
                    say(f"round {number} of {args.rounds}: {peer.name} {runs[-1].per_second:.0f} checks/s")
                except (Failed, OSError, ValueError) as error:
                    say(f"round {number} of {args.rounds}: {peer.name} failed, for {error}")
        for peer, result, runs in running:
            if runs:
                result |= {"memory": peer.memory()} | {key: median(runs, key) for key in ("per_second", "p50", "p99", "cpu_us")}
    finally:
        for peer in wanted:
            peer.stop()
    return {
        "date": date.today().isoformat(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": versions(setting),
        "connections": setting.connections,
        "workers": setting.workers,
        "rounds": args.rounds,
        "seconds": args.seconds,
        "learnt": len(rows.learn),
        "learnt_spam": sum(row.spam for row in rows.learn),
        "judged": len(rows.judge),
        "judged_spam": sum(row.spam for row in rows.judge),
        "judged_blogs": rows.judged_blogs,
        "load": len(rows.load),
        "form_bytes": round(statistics.mean(len(row.form()) for row in rows.load)),
        "mail_bytes": round(statistics.mean(len(row.mail()) for row in rows.load)),
        "shipped": setting.phin_model == "shipped",
        "peers": results,
        "skipped": skipped,
    }


def median(runs: list[Run], key: str) -> float | None:
    values = [value for value in (getattr(run, key) for run in runs) if value is not None]
    return statistics.median(values) if values else None


def versions(setting: Setting) -> str:
    """Of Debian's packages and of those from PyPI."""
    found = []
    for package in ("bogofilter", "spamd", "rspamd", "redis-server"):
        try:
            done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, check=False)
        except FileNotFoundError:
            break
        if done.returncode == 0 and done.stdout:
            found.append(f"{package} {done.stdout.split(':')[-1].split('-')[0]}")
    for line in (Path(__file__).parent / "requirements.txt").read_text().splitlines():
        name, _, version = line.partition("==")
        if name in ("fastapi", "uvicorn", "scikit-learn"):
            found.append(f"{name} {version}")
    return ", ".join(found)


def main() -> int:
    args = arguments()
    # Whatever ends us ends the servers too: SystemExit passes through `finally`.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(130))
    args.target.mkdir(parents=True, exist_ok=True)
    kept = args.target / "results.json"
    if args.again:
        if not kept.is_file():
            print(f"There is no last run: {kept} is missing.", file=sys.stderr)
            return 2
        results = json.loads(kept.read_text())
    else:
        for path, what in ((args.binary, "cargo build --release makes it, or name another with --binary"), (args.corpora / CORPUS, "name the folder with --corpora")):
            if not path.is_file():
                print(f"{path} is missing: {what}.", file=sys.stderr)
                return 2
        if min(args.seconds, args.rounds, args.connections, args.workers) < 1 or min(args.learn, args.judge) < 100:
            print("--seconds, --rounds, --connections and --workers are at least 1, --learn and --judge at least 100.", file=sys.stderr)
            return 2
        if args.write and not args.write.is_file():
            print(f"{args.write} is missing: --write changes a file that has the markers.", file=sys.stderr)
            return 2
        say(f"reads {CORPUS}")
        try:
            rows = split(args.corpora, args.learn, args.judge)
            args.binary = args.binary.resolve()
            setting = Setting(args.target / "data", rows, args.connections, args.workers, args.binary, trained_model(args, rows), Path(sys.executable))
            results = measure(args, setting)
        except (Failed, OSError, ValueError, KeyError) as error:
            print(f"It failed: {error}", file=sys.stderr)
            return 2
        kept.write_text(json.dumps(results, indent=1))
    from report import table, write

    print(table(results))
    if args.write:
        try:
            write(results, args.write)
        except Failed as error:
            print(error, file=sys.stderr)
            return 2
        say(f"wrote {args.write} and the plots beside it")
    return 0 if results["peers"] else 1


if __name__ == "__main__":
    sys.exit(main())
