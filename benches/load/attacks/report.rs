//! What was measured, as a table, and the table in its file.

use std::fmt::Write;
use std::path::Path;

use anyhow::Context;

use crate::attack::Done;
use crate::honest::Waits;
use crate::marks::{marks, replaced};

/// Of the marks.
const NAME: &str = "attacks";

/// Megabytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    pub(crate) before: u64,
    pub(crate) most: u64,
    /// Nothing if the server is no more.
    pub(crate) after: Option<u64>,
}

#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) attack: &'static str,
    pub(crate) key: bool,
    /// Whether it is the control without an attack.
    pub(crate) control: bool,
    pub(crate) before: Waits,
    pub(crate) during: Waits,
    pub(crate) after: Waits,
    pub(crate) memory: Memory,
    /// How the server ended, if it did.
    pub(crate) ended: Option<String>,
    pub(crate) done: Done,
}

impl Row {
    fn slower(&self) -> Option<f64> {
        Some(self.during.percentile(50)? / self.before.percentile(50)?)
    }

    /// `met`, or what is over.
    fn goal(&self) -> String {
        let slower = if self.key { 5.0 } else { 2.0 };
        let kept = self
            .memory
            .after
            .is_none_or(|after| after * 5 > self.memory.before * 6);
        let over: Vec<&str> = [
            (self.slower().is_none_or(|times| times > slower), "p50"),
            (self.during.failures + self.after.failures > 0, "failures"),
            (kept, "memory"),
        ]
        .into_iter()
        .filter_map(|(is_over, what)| is_over.then_some(what))
        .collect();
        match (&self.ended, over.is_empty()) {
            (Some(how), _) => format!("over: the server ended ({how})"),
            (None, true) => "met".into(),
            (None, false) => format!("over: {}", over.join(", ")),
        }
    }
}

/// One line of progress for the person who waits for the table.
pub(crate) fn in_words(row: &Row) -> String {
    format!(
        "p50 {} -> {} ms, {} MB -> {} MB; taken / refused / broken off {}; {}",
        milliseconds(row.before.percentile(50)),
        milliseconds(row.during.percentile(50)),
        row.memory.before,
        row.memory.most,
        counted(row.done),
        row.goal()
    )
}

pub(crate) fn markdown(rows: &[Row]) -> String {
    let mut table = String::from(
        "| attack | needs a key | honest p50, ms | times | honest p99, ms | p50 after | honest failures | memory, MB: before / most / after | attacker: taken / refused / broken off | goal |\n|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let Memory {
            before,
            most,
            after,
        } = row.memory;
        let _ = writeln!(
            table,
            "| {} | {} | {} -> {} | {} | {} -> {} | {} | {} of {} | {before} / {most} / {} | {} | {} |",
            row.attack,
            match (row.control, row.key) {
                (true, _) => "-",
                (false, true) => "yes",
                (false, false) => "no",
            },
            milliseconds(row.before.percentile(50)),
            milliseconds(row.during.percentile(50)),
            row.slower()
                .map_or("-".into(), |times| format!("x{times:.1}")),
            milliseconds(row.before.percentile(99)),
            milliseconds(row.during.percentile(99)),
            milliseconds(row.after.percentile(50)),
            row.during.failures,
            row.during.asked(),
            after.map_or("-".into(), |after| after.to_string()),
            if row.control {
                "-".into()
            } else {
                counted(row.done)
            },
            if row.control { "-".into() } else { row.goal() },
        );
    }
    table + &caption()
}

fn counted(done: Done) -> String {
    let Done {
        taken,
        refused,
        broken,
    } = done;
    format!("{taken} / {refused} / {broken}")
}

fn caption() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!(
        "\nMade by `cargo run --release --example attacks -- docs/SECURITY.md`. The attacker, the honest client and the server share {cores} cores and one address, as if they were behind one proxy; the two controls tell what is the machine's doing. For each line a new server, which answers 60,000 checks first, so that its caches are full. The honest client sends a comment of some 900 bytes fifty times a second, each on a new connection: 4 s alone (before), 6 s during the attack, and 2 s that begin 3 s after its end (after). Who gets no verdict within 3 s, or an error, is a failure and counts as 3,000 ms. With a key: with one that is not the honest client's. The attacker's requests are taken (2xx; of connections that are held: still open at the end), refused (another answer), or broken off by either side.\n\nThe goal: p50 at most twice what it was, five times if the attack needs a key; no honest client fails; memory is back within 20 % 3 s after.\n"
    )
}

fn milliseconds(time: Option<f64>) -> String {
    match time {
        None => "-".into(),
        Some(ms) if ms < 10.0 => format!("{ms:.2}"),
        Some(ms) => format!("{ms:.0}"),
    }
}

/// Writes the table into the file; makes the file if there is none.
pub(crate) fn put_into(file: &Path, table: &str) -> anyhow::Result<()> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let [begin, end] = marks(NAME);
            format!("# Security\n\nWhat attacks do to everybody else:\n\n{begin}\n{end}\n")
        }
        Err(e) => return Err(e).with_context(|| format!("{} cannot be read", file.display())),
    };
    let text = replaced(&text, NAME, table).with_context(|| file.display().to_string())?;
    std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Done, Memory, Row, Waits, markdown, put_into};

    /// An attack that made answers so many times slower and left so many of 100 MB.
    fn row(key: bool, times: u64, left: u64) -> Row {
        let waits = |ms| Waits::of(vec![Some(Duration::from_millis(ms)); 3]);
        Row {
            attack: "an attack",
            key,
            control: false,
            before: waits(10),
            during: waits(10 * times),
            after: waits(10),
            memory: Memory {
                before: 100,
                most: 900,
                after: Some(left),
            },
            ended: None,
            done: Done::default(),
        }
    }

    #[test]
    fn what_is_over_its_goal_says_so() {
        assert_eq!(row(false, 2, 120).goal(), "met");
        assert_eq!(row(false, 3, 120).goal(), "over: p50");
        assert_eq!(row(true, 5, 121).goal(), "over: memory");
        assert_eq!(row(true, 6, 50).goal(), "over: p50");
        let refused = Row {
            during: Waits::of(vec![None]),
            ..row(true, 1, 121)
        };
        assert_eq!(refused.goal(), "over: p50, failures, memory");
        let ended = Row {
            ended: Some("exit status: 75".into()),
            ..row(false, 1, 100)
        };
        assert_eq!(ended.goal(), "over: the server ended (exit status: 75)");
    }

    #[test]
    fn a_control_has_no_goal_and_needs_no_key() {
        let control = Row {
            control: true,
            ..row(false, 9, 900)
        };
        let table = markdown(&[control]);
        let line = table.lines().nth(2).expect("a row");
        assert_eq!(
            line,
            "| an attack | - | 10 -> 90 | x9.0 | 10 -> 90 | 10 | 0 of 3 | 100 / 900 / 900 | - | - |"
        );
    }

    #[test]
    fn a_missing_file_is_made() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("SECURITY.md");
        put_into(&file, "| one |").expect("made");
        put_into(&file, "| two |").expect("replaced");
        let text = std::fs::read_to_string(&file).expect("it is there");
        assert!(
            text.starts_with("# Security\n")
                && text.contains("| two |")
                && !text.contains("| one |"),
            "{text}"
        );
    }
}
