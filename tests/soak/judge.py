"""What a soak must show: figures in, a list of checks with their outcome out. Runs nothing."""

import statistics


def percentile(values, share):
    """The value below which this share lies; 0 of none."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def windows(seconds, length=10):
    """Seconds of the load put together: time, checks, labels, p50 and p99 in milliseconds."""
    rows = []
    for at in range(0, len(seconds), length):
        part = seconds[at : at + length]
        # A short rest at the end is no window of its own.
        if rows and len(part) < length / 2:
            break
        ms = [value for second in part for value in second["ms"]]
        label_ms = [value for second in part for value in second["label_ms"]]
        rows.append({
            "at": part[-1]["at"],
            "checks": sum(second["checks"] for second in part),
            "labels": sum(second["labels"] for second in part),
            "p50": percentile(ms, 0.5),
            "p99": percentile(ms, 0.99),
            "label_p99": percentile(label_ms, 0.99),
        })
    return rows


def part_of(values, share, of):
    """The `share`-th of `of` equal parts."""
    return values[len(values) * share // of : len(values) * (share + 1) // of]


class Limits:
    """How flat is flat. Of the short form only what is broken shall fail, on a machine with other work
    too: its memory still grows into its caches, and its times say nothing."""

    def __init__(self, is_short):
        self.memory_factor, self.memory_mb = (1.5, 150) if is_short else (1.1, 16)
        self.p99_factor, self.p99_ms = (10, 2_000) if is_short else (2, 20)


def memory_is_flat(memory, limits):
    """The median of the last fifth against that of the second fifth. The first fifth fills the caches."""
    early = statistics.median(part_of(memory, 1, 5))
    late = statistics.median(part_of(memory, 4, 5))
    most = early * limits.memory_factor + limits.memory_mb
    words = f"memory is flat: {late:.0f} MB in the last fifth, {early:.0f} MB in the second, at most {most:.0f} MB"
    return words, late <= most


def p99_is_flat(rows, limits):
    """The median of the windows of the last third against that of the middle third."""
    early = statistics.median(row["p99"] for row in part_of(rows, 1, 3))
    late = statistics.median(row["p99"] for row in part_of(rows, 2, 3))
    most = early * limits.p99_factor + limits.p99_ms
    words = f"p99 is flat: {late:.1f} ms in the last third, {early:.1f} ms in the middle, at most {most:.0f} ms"
    return words, late <= most


def labels_are_there(acknowledged, listed):
    """Each acknowledged label (check, label) is in the ledger."""
    lost = [label for label in acknowledged if label not in listed]
    words = f"all {len(acknowledged)} acknowledged labels are in the ledger"
    return (f"{words}, but {len(lost)}, such as {lost[0]}" if lost else words), not lost
