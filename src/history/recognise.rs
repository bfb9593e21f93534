//! The first bytes of a file in, its format out, or what else it looks like. Only the content
//! counts, never the file's name.

use super::format::Format;
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
const SIGNS: [(&[u8], &str); 9] = [
    (b"PK\x03\x04", "a ZIP archive"),
    (b"%PDF", "a PDF"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x7fELF", "a program"),
    (b"PGDMP", "a PostgreSQL archive"),
];

/// Says what a file is, by its first bytes (some thousands are enough), unpacked.
pub fn recognise(head: &[u8], mapping: &Mapping) -> Recognised {
    if head.starts_with(b"SQLite format 3\0") {
        return Recognised::As(Format::Isso);
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
    if text
        .chars()
        .take(2_000)
        .any(|c| c.is_control() && !c.is_whitespace() && c != '\u{1b}')
    {
        return foreign("a binary file");
    }
    match text.as_bytes()[0] {
        b'<' => xml(text),
        b'{' | b'[' => json(text, mapping),
        _ if is_sql(text) => sql(text),
        _ => heading(text, mapping),
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
        "feed" => foreign("an Atom feed"),
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
    let outer: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .take(24)
        .collect();
    if outer.starts_with("{\"version\":") && (has("comments") || has("commenters") || has("pages"))
        || outer.starts_with("{\"comments\":[")
        || outer.starts_with("{\"commenters\":[")
    {
        return Recognised::As(Format::Comentario);
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
        return foreign("a PostgreSQL dump");
    }
    Recognised::As(Format::WordPressSql)
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
    if mapping.is_given() || (columns.len() > 1 && mapping.finds("text", there)) {
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
        is("-- MySQL dump 10.13\n--\n", Format::WordPressSql);
        is(
            "/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19\n",
            Format::WordPressSql,
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
        is("SQLite format 3\0...", Format::Isso);
        is(
            "{\n  \"version\": 1,\n  \"comments\": [",
            Format::Comentario,
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
