"""Figures in, Markdown out; and where in a document they stand."""

import re

# For each curve: a sentence, and the columns: heading, name of the figure, how it is written.
TABLES = {
    "sites": ("Checks over 16 connections and memory afterwards, by sites; the sites in turn. Then again with one label for each site.", [
        ("sites", "sites", ",.0f"), ("checks/s", "per_second", ",.0f"), ("CPU, us", "cpu_us", ",.0f"),
        ("memory, MB", "memory_mb", ",.0f"), ("labels", "labels", ",.0f"),
        ("checks/s with labels", "labelled_per_second", ",.0f"), ("CPU with labels, us", "labelled_cpu_us", ",.0f"),
        ("memory with labels, MB", "labelled_memory_mb", ",.0f")]),
    "records": ("A store that fills with checks of 1,000 sites. The report has no id, and its check is one of the oldest; queue pages have 20 checks; a retrain learns from some 400 labels.", [
        ("records", "records", ",.0f"), ("checks/s", "per_second", ",.0f"), ("p99, ms", "p99_ms", ".1f"),
        ("CPU, us", "cpu_us", ",.0f"), ("memory, MB", "memory_mb", ",.0f"), ("folder, MB", "disk_mb", ",.0f"), ("bytes a check", "bytes_each", ",.0f"),
        ("report, ms", "report_ms", ".1f"), ("queue page, ms", "queue_ms", ".1f"),
        ("queue page of a site, ms", "site_queue_ms", ".1f"), ("retrain, s", "retrain_s", ".0f"),
        ("most memory of a retrain, MB", "retrain_memory_mb", ",.0f")]),
    "ledger": ("A ledger of labels of 1,000 sites, without checks: from the start of the program until it is ready.", [
        ("labels", "labels", ",.0f"), ("ready after kill -9, s", "killed_s", ".2f"), ("CPU of it, s", "killed_cpu_s", ".2f"),
        ("ready after a stop, s", "stopped_s", ".2f"), ("CPU of it, s", "stopped_cpu_s", ".2f"),
        ("memory when ready, MB", "ready_memory_mb", ",.0f"), ("memory after the labels came, MB", "memory_mb", ",.0f"),
        ("folder, MB", "disk_mb", ",.0f"), ("bytes a label", "bytes_each", ",.0f")]),
    "labels": ("Labels over 64 connections, each on disk before it is acknowledged, of comments that were not checked before.", [
        ("sites", "sites", ",.0f"), ("labels/s", "per_second", ",.0f"), ("p50, ms", "p50_ms", ".1f"), ("p99, ms", "p99_ms", ".1f"),
        ("CPU, us", "cpu_us", ",.0f"), ("memory, MB", "memory_mb", ",.0f")]),
    "disk": ("Bytes on disk after a stop; one check in ten has a label.", [
        ("checks", "checks", ",.0f"), ("labels", "labels", ",.0f"), ("a check", "check_bytes", ",.0f"),
        ("its label", "label_bytes", ",.0f"), ("both", "both_bytes", ",.0f")]),
    "length": ("One connection, comments of one length.", [
        ("bytes", "bytes", ",.0f"), ("ms a check", "ms", ".2f"), ("p50, ms", "p50_ms", ".2f"), ("p99, ms", "p99_ms", ".2f"),
        ("us a byte", "us_per_byte", ".2f"), ("CPU, us", "cpu_us", ",.0f")]),
    "training": ("`phin train` on a file of synthetic comments.", [
        ("rows", "rows", ",.0f"), ("file, MB", "file_mb", ",.0f"), ("seconds", "seconds", ",.1f"),
        ("rows/s", "per_second", ",.0f"), ("most memory, MB", "memory_mb", ",.0f")]),
    "undo": ("A hundred labels undone by their numbers, on a running server.", [
        ("sites", "sites", ",.0f"), ("labels", "labels", ",.0f"), ("seconds", "seconds", ".1f"), ("undone", "undone", ",.0f"),
        ("memory before, MB", "memory_mb", ",.0f"), ("most memory, MB", "most_memory_mb", ",.0f")]),
}


def table(name, rows):
    """A sentence and a table."""
    sentence, columns = TABLES[name]
    lines = [sentence, "", "| " + " | ".join(heading for heading, _, _ in columns) + " |", "|" + "---|" * len(columns)]
    for row in rows:
        lines.append("| " + " | ".join(format(row[figure], form) if figure in row else "" for _, figure, form in columns) + " |")
    return "\n".join(lines)


def written(document, name, text):
    """The document with the text between the marks of this curve. An error where they are missing."""
    begin, end = f"<!-- scale:{name} -->", f"<!-- /scale:{name} -->"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.S)
    if not pattern.search(document):
        raise SystemExit(f"the document has no place for it: {begin} ... {end}")
    return pattern.sub(lambda _: f"{begin}\n{text}\n{end}", document)
