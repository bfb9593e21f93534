//! The first bytes of a file in, its format out, or what else it looks like. Only the content
//! counts, never the file's name.

use super::format::Format;
use super::known_systems;
use super::mapping::Mapping;
use super::table;

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recognised {
    /// A history of this format.
    As(Format),
    /// Nothing at all.
    Empty,
    /// Something else.
    Foreign(Foreign),
}

/// What a file looks like that is no history.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this looks like {0}, not like any history phin reads; the formats are: {formats}", formats = formats())]
pub struct Foreign(pub String);

fn formats() -> String {
    Format::ALL
        .map(|format| format!("{} ({})", format.title(), format.name()))
        .join(", ")
}

/// Begins of files whose makers gave them one.
const SIGNS: [(&[u8], &str); 11] = [
    (b"PK\x03\x04", "a ZIP archive"),
    (b"%PDF", "a PDF"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x7fELF", "a program"),
    (
        b"PGDMP",
        "a PostgreSQL archive (export the table of its comments as CSV: \\copy TABLE to 'comments.csv' csv header)",
    ),
    (
        b"%TYPECHO_BACKUP",
        "a backup of Typecho (give a dump of its table typecho_comments, or its SQLite file)",
    ),
    (
        b"///DOTCLEAR",
        "a backup of Dotclear (export its table dc_comment as CSV and give that with --map text=comment_content,author=comment_author,label=is_spam; is_spam is a column that you add: yes where comment_status is -2)",
    ),
];

/// Says what a file is, by its first bytes (some thousands are enough), unpacked.
pub fn recognise(head: &[u8], mapping: &Mapping) -> Recognised {
    if head.starts_with(b"SQLite format 3\0") {
        return Recognised::As(Format::Sqlite);
    }
    if head.get(16..20) == Some(&BOLT) {
        return foreign(
            "a Bolt database, in which Remark42 keeps its comments (run \"remark42 backup\" and give the file that it writes)",
        );
    }
    if let Some((_, what)) = SIGNS.iter().find(|(sign, _)| head.starts_with(sign)) {
        return foreign(*what);
    }
    let (encoding, begin) = encoding_rs::Encoding::for_bom(head).unwrap_or((encoding_rs::UTF_8, 0));
    let text = encoding.decode_without_bom_handling(&head[begin..]).0;
    let text = text.trim_start();
    if text.is_empty() {
        return Recognised::Empty;
    }
    if is_binary(text) {
        return foreign("a binary file");
    }
    match text.as_bytes()[0] {
        b'<' => xml(text),
        b'{' | b'[' => json(text, mapping),
        _ if text.starts_with("#filetype:JSON") => Recognised::As(Format::Json),
        _ if is_sql(text) => sql(text),
        _ if is_movable_type(text) => Recognised::As(Format::MovableType),
        _ if is_yaml(text) => foreign(
            "a single file of YAML (Staticman keeps each comment in such a file: give the folder they are in)",
        ),
        _ => heading(text, mapping),
    }
}

/// The sign of a Bolt database, after the head of its first page.
const BOLT: [u8; 4] = [0xed, 0xda, 0x0c, 0xed];

/// A NUL, or one control character among ten. A vertical tab that somebody pasted is no sign.
fn is_binary(text: &str) -> bool {
    let (mut all, mut odd) = (0, 0);
    for c in text.chars().take(2_000) {
        if c == '\0' {
            return true;
        }
        all += 1;
        odd += usize::from(c.is_control() && !c.is_whitespace() && c != '\u{1b}');
    }
    odd * 10 > all
}

/// `KEY: value` on the first line, and the line that ends a section.
fn is_movable_type(text: &str) -> bool {
    let key = text.split(':').next().unwrap_or("");
    let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_uppercase() || c == ' ');
    is_key && text.lines().any(|line| line.trim_end() == "-----")
}

fn is_yaml(text: &str) -> bool {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or("").trim_end();
    let is_key = |line: &str| {
        line.split_once(": ").is_some_and(|(key, _)| {
            !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
    };
    match first {
        "---" => lines.next().is_some_and(is_key),
        _ => is_key(first) && lines.next().is_some_and(is_key),
    }
}

fn foreign(what: impl Into<String>) -> Recognised {
    Recognised::Foreign(Foreign(what.into()))
}

fn xml(text: &str) -> Recognised {
    if text.contains("wordpress.org/export/")
        || (text.contains("<rss") && text.contains("xmlns:wp="))
    {
        return Recognised::As(Format::WordPressXml);
    }
    let root = text
        .split('<')
        .skip(1)
        .find(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic()));
    let root: String = root
        .unwrap_or("")
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == ':')
        .collect();
    match root.to_ascii_lowercase().as_str() {
        "disqus" => Recognised::As(Format::Disqus),
        "html" | "body" | "head" => foreign("a web page"),
        "" if text.to_ascii_lowercase().starts_with("<!doctype html") => foreign("a web page"),
        "rss" => foreign("an RSS feed without WordPress's own elements"),
        "feed" if text.contains("blogger") || text.contains("in-reply-to") => {
            Recognised::As(Format::Blogger)
        }
        "feed" => foreign("an Atom feed without Blogger's own elements"),
        _ => foreign(format!("XML whose outermost element is <{root}>")),
    }
}

fn json(text: &str, mapping: &Mapping) -> Recognised {
    // The first line or object is whole, or long enough that its keys are there.
    let first = &text[..text.floor_char_boundary(4_096)];
    let has = |key: &str| first.contains(&format!("\"{key}\""));
    if mapping.is_given() {
        return Recognised::As(Format::Json);
    }
    if text.starts_with("{\"what\":") {
        return Recognised::As(Format::Phin);
    }
    if has("comment_ID") && has("comment_approved") {
        return Recognised::As(Format::WordPressList);
    }
    match text.starts_with("[]") || first.contains("\":") {
        true => Recognised::As(Format::Json),
        false => foreign("JSON without objects"),
    }
}

fn is_sql(text: &str) -> bool {
    text.lines().take(400).any(|line| {
        let line = line.trim_start();
        [
            "-- MySQL dump",
            "-- MariaDB dump",
            "-- phpMyAdmin",
            "-- Adminer",
            "-- PostgreSQL database",
            "INSERT INTO ",
            "CREATE TABLE ",
            "/*M!999999",
            "/*!40101 SET",
        ]
        .iter()
        .any(|sign| line.starts_with(sign))
    })
}

fn sql(text: &str) -> Recognised {
    if text
        .lines()
        .take(400)
        .any(|line| line.starts_with("-- PostgreSQL database"))
    {
        return foreign(
            "a PostgreSQL dump (export the table of its comments as CSV: \\copy TABLE to 'comments.csv' csv header)",
        );
    }
    Recognised::As(Format::Sql)
}

/// A heading is a first line with columns we know, or any first line once the user says which is
/// which.
fn heading(text: &str, mapping: &Mapping) -> Recognised {
    let line = text.lines().next().unwrap_or("");
    let delimiter = char::from(table::delimiter(text.as_bytes()));
    let columns: Vec<String> = line
        .split(delimiter)
        .map(|name| name.trim_matches(['"', ' ', '\r']).to_lowercase())
        .collect();
    let there = |name: &str| columns.contains(&name.to_lowercase());
    if there("comment_ID") && there("comment_approved") && !mapping.is_given() {
        return Recognised::As(Format::WordPressList);
    }
    let is_known = known_systems::of(&there).is_some();
    if mapping.is_given() || is_known || (columns.len() > 1 && mapping.finds("text", there)) {
        return Recognised::As(Format::Csv);
    }
    let looks_like_a_table = columns.len() > 1
        && columns
            .iter()
            .all(|name| !name.is_empty() && name.len() < 40);
    match looks_like_a_table {
        true => foreign(format!(
            "a table with the columns {} (say which holds what with --map text=COLUMN,label=COLUMN)",
            columns.join(", ")
        )),
        false => foreign("plain text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(head: &str, expected: Format) {
        assert_eq!(
            recognise(head.as_bytes(), &Mapping::default()),
            Recognised::As(expected),
            "{head}"
        );
    }

    #[test]
    fn each_format_is_known_by_its_first_bytes() {
        is("{\"what\":\"key\",\"secret\":\"x\"}\n", Format::Phin);
        is(
            "<?xml version=\"1.0\"?>\n<!-- generator=\"WordPress\" -->\n<rss version=\"2.0\" xmlns:wp=\"http://wordpress.org/export/1.2/\">",
            Format::WordPressXml,
        );
        is("-- MySQL dump 10.13\n--\n", Format::Sql);
        is(
            "/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19\n",
            Format::Sql,
        );
        is(
            "[{\"comment_ID\":\"1\",\"comment_approved\":\"1\"}]",
            Format::WordPressList,
        );
        is(
            "comment_ID,comment_post_ID,comment_approved\n",
            Format::WordPressList,
        );
        is(
            "<?xml version='1.0'?><disqus xmlns=\"http://disqus.com\">",
            Format::Disqus,
        );
        is("SQLite format 3\0...", Format::Sqlite);
        // Which system's it is, its rows say.
        is("{\n  \"version\": 1,\n  \"comments\": [", Format::Json);
        is(
            "#filetype:JSON-streaming {\"class\":\"Comment\"}\n",
            Format::Json,
        );
        is(
            "AUTHOR: An\nDATE: 01/31/2024 03:31:05 PM\n-----\nBODY:\n",
            Format::MovableType,
        );
        is(
            "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:blogger='http://x.example'>",
            Format::Blogger,
        );
        // One odd character makes no binary file.
        is(
            "<?xml version='1.0'?><disqus><message>\u{b}\u{8}</message>",
            Format::Disqus,
        );
        is(
            "\u{feff}\"comment_content\",\"comment_author\",\"is_spam\"\n",
            Format::Csv,
        );
        is("{\"text\":\"a\",\"label\":\"ham\"}\n", Format::Json);
    }

    #[test]
    fn what_is_foreign_is_called_by_its_name() {
        for (head, name) in [
            ("PK\x03\x04...", "a ZIP archive"),
            ("<!DOCTYPE html><html>", "a web page"),
            ("<feed xmlns='http://www.w3.org/2005/Atom'>", "an Atom feed"),
            ("<blogger/>", "<blogger>"),
            ("-- PostgreSQL database dump\n", "a PostgreSQL dump"),
            ("Dear diary,\ntoday", "plain text"),
            ("shade,size\nred,1\n", "columns shade, size"),
            ("\u{1}\u{2}\u{3}", "a binary file"),
            ("{\"text\":\"a\"}\0", "a binary file"),
            (
                "///DOTCLEAR|2.26|full\n\n[category id]\n",
                "--map text=comment_content",
            ),
            ("---\nname: An\nmessage: hi\n", "give the folder"),
        ] {
            let Recognised::Foreign(foreign) = recognise(head.as_bytes(), &Mapping::default())
            else {
                panic!("{head} is no history");
            };
            let sentence = foreign.to_string();
            assert!(
                sentence.contains(name) && sentence.contains("disqus"),
                "{sentence}"
            );
        }
    }
}
