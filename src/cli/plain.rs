//! Foreign text in, text that a terminal may show out: it controls no terminal, adds no line and
//! changes no reading direction. All names, sites, comments, reasons, addresses, columns and file
//! names that the command line prints come through here; JSON does not, because it has escapes of
//! its own.

use std::fmt::{self, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Whether a character acts on the terminal or on its neighbours instead of being seen.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            // Marks, embeddings, overrides and isolates of direction.
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Line and paragraph separators.
            | '\u{2028}' | '\u{2029}'
            // Byte-order mark, marks of ruby, language tags.
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// Anything, shown in one line: what acts is written out, a line break as `\n`, an escape as
/// `\u{1b}`.
pub(super) struct Plain<T>(pub(super) T);

impl<T: fmt::Display> fmt::Display for Plain<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Written into a text first, so that widths and precisions mean what is shown.
        let mut shown = String::new();
        write!(Escaping(&mut shown, |_| false), "{}", self.0)?;
        f.pad(&shown)
    }
}

/// Escapes what is written through it, but for what is let through.
struct Escaping<'a>(&'a mut String, fn(char) -> bool);

impl Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            match acts(c) && !(self.1)(c) {
                true => self.0.extend(c.escape_default()),
                false => self.0.push(c),
            }
        }
        Ok(())
    }
}

/// A path, shown in one line.
pub(super) fn path(path: &Path) -> Plain<std::path::Display<'_>> {
    Plain(path.display())
}

/// Names, one behind the other; of many the first, and how many more there are.
pub(super) fn list<T: fmt::Display>(names: impl IntoIterator<Item = T>) -> String {
    const MOST: usize = 12;
    let mut shown = String::new();
    let mut more = 0;
    for (at, name) in names.into_iter().enumerate() {
        match at {
            0 => shown += &short(name),
            at if at < MOST => shown += &format!(", {}", short(name)),
            _ => more += 1,
        }
    }
    if more > 0 {
        shown += &format!(" and {more} more");
    }
    shown
}

/// What should be a word or two, in one line and cut where nobody would read on.
pub(super) fn short(text: impl fmt::Display) -> String {
    const MOST: usize = 120;
    let shown = Plain(text).to_string();
    match shown.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &shown[..end]),
        None => shown,
    }
}

/// A comment in one line: its line breaks and tabs are spaces, for it is there to be read.
pub(super) fn in_one_line(text: &str) -> String {
    let breaks = |c: char| if c.is_whitespace() { ' ' } else { c };
    Plain(text.chars().map(breaks).collect::<String>()).to_string()
}

/// An error and what caused it, in one sentence. What a cause says is left out where the error says
/// it already: many of ours quote their cause.
pub(super) fn causes(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain().map(ToString::to_string) {
        match said.contains(&cause) {
            true => {}
            false if said.is_empty() => said = cause,
            false => said += &format!(": {cause}"),
        }
    }
    said
}

/// A message of ours that quotes what others wrote: its own lines stay, and those after the first
/// are set in, so that none passes for a message.
pub(super) fn message(text: impl fmt::Display) -> String {
    lines(text).trim_end().replace('\n', "\n  ")
}

/// A text of ours in several lines, in whose words strangers have no line break.
pub(super) fn lines(text: impl fmt::Display) -> String {
    let mut shown = String::new();
    // Writing to a String cannot fail.
    let _ = write!(Escaping(&mut shown, |c| c == '\n'), "{text}");
    shown
}

/// A line for the log, as `tracing` wrote it: one line whatever it quotes. Colours, which only a
/// terminal is sent, stay; what others wrote brings none along, for `tracing` has written theirs
/// out.
pub(super) fn log_line(line: &str, colours: bool) -> String {
    let mut shown = String::with_capacity(line.len());
    let lets: fn(char) -> bool = if colours {
        |c| c == '\u{1b}'
    } else {
        |_| false
    };
    let _ = write!(
        Escaping(&mut shown, lets),
        "{}",
        line.trim_end_matches('\n')
    );
    shown.push('\n');
    shown
}

/// All texts within an answer, made fit to be shown.
pub(super) fn answer(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(Plain(text).to_string()),
        Value::Array(items) => items.into_iter().map(answer).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (Plain(name).to_string(), answer(value)))
            .collect(),
        other => other,
    }
}

/// The same of anything that can be written as JSON and read back.
///
/// # Errors
/// Where it cannot.
pub(super) fn known<T: Serialize + DeserializeOwned>(known: &T) -> serde_json::Result<T> {
    serde_json::from_value(answer(serde_json::to_value(known)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a\x1b[2J\r\nFAKE\u{9b}1m\u{202e}b\u{2028}";

    #[test]
    fn what_acts_is_written_out_and_letters_of_all_scripts_stay() {
        assert_eq!(
            Plain(HOSTILE).to_string(),
            "a\\u{1b}[2J\\r\\nFAKE\\u{9b}1m\\u{202e}b\\u{2028}"
        );
        for honest in ["Cảm ơn bạn 👩‍👩‍👧", "می‌خواهم", "a\\nb", "=1+1"] {
            assert_eq!(Plain(honest).to_string(), honest);
        }
        assert_eq!(format!("{:<5}|", Plain("a\n")), "a\\n  |");
    }

    #[test]
    fn lists_and_words_are_cut_and_comments_are_read() {
        assert_eq!(list(["a\n", "b"]), "a\\n, b");
        assert!(list(0..20).ends_with(", 11 and 8 more"));
        assert_eq!(short("x".repeat(500)).len(), 123);
        assert_eq!(in_one_line("one\r\n\ttwo\x1b[m"), "one   two\\u{1b}[m");
    }

    #[test]
    fn a_message_keeps_its_lines_and_none_of_them_stands_at_the_edge() {
        assert_eq!(message("no:\n a\x1b\nb\n"), "no:\n   a\\u{1b}\n  b");
        assert_eq!(log_line("INFO a\nb\n", false), "INFO a\\nb\n");
        assert_eq!(log_line("\x1b[2mINFO a\nb\n", true), "\x1b[2mINFO a\\nb\n");
    }

    #[test]
    fn no_cause_is_told_twice() {
        #[derive(Debug, thiserror::Error)]
        #[error("cannot read the model: {0}")]
        struct Quoting(#[source] std::io::Error);
        let error = anyhow::Error::new(Quoting(std::io::Error::other("the disk is gone")));
        assert_eq!(causes(&error), "cannot read the model: the disk is gone");
        let outer = error.context("cannot serve");
        assert_eq!(
            causes(&outer),
            "cannot serve: cannot read the model: the disk is gone"
        );
    }

    #[test]
    fn an_answer_is_plain_to_its_last_name() {
        let value = serde_json::json!({"a\n": [HOSTILE, 1, {"b": "c\x07"}]});
        let shown = answer(value).to_string();
        assert!(
            shown.contains("a\\\\n") && shown.contains("c\\\\u{7}"),
            "{shown}"
        );
        assert!(!shown.contains("\\u001b"), "{shown}");
    }
}
