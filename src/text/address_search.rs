//! One piece of text without blanks in, its first link or e-mail address and the place of it out.
//! It reads the text as written, and never what only normalisation finds.

use std::ops::Range;

use super::links::{self, Link, Place};
use super::undone::Undone;
use super::vietnamese::{base_letter, is_syllable};

/// One address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    Link(Link),
    Email(String),
}

/// `Com`, `Nhé`: not `com`, `COM`, `CoM`.
pub(super) fn begins_a_sentence(part: &str) -> bool {
    let mut letters = part.chars();
    letters.next().is_some_and(char::is_uppercase)
        && !letters
            .take_while(|c| c.is_alphanumeric())
            .any(char::is_uppercase)
}

/// Length of `(dot)`, `[.]`, `{chấm}` at the start.
pub(super) fn spoken_dot(text: &str) -> Option<usize> {
    let close = match text.as_bytes().first()? {
        b'(' => ')',
        b'[' => ']',
        b'{' => '}',
        _ => return None,
    };
    // Sixteen bytes hold the longest of them with its brackets and some blanks.
    let inner = &text[1..text.floor_char_boundary(16)];
    let inner = &inner[..inner.find(close)?];
    let is_dot = [
        "dot", "DOT", "Dot", ".", "chấm", "cham", "đot", "d0t", "punto", "point",
    ]
    .contains(&inner.trim());
    is_dot.then_some(inner.len() + 2)
}

/// The piece with a full stop for each spoken one; `None` if there is none.
fn undotted(piece: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = piece;
    let mut found = false;
    while let Some(at) = rest.find(['(', '[', '{']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match spoken_dot(rest) {
            Some(length) => {
                found = true;
                out.push('.');
                length
            }
            None => {
                out.push_str(&rest[..1]);
                1
            }
        };
        rest = &rest[length..];
    }
    out.push_str(rest);
    found.then_some(out)
}

/// The first address in a piece without blanks, and its bytes in the piece.
pub(super) fn first(piece: &str, undone: &mut Undone) -> Option<(Range<usize>, Address)> {
    if let Some(spelt) = undotted(piece) {
        let (range, address) = first(&spelt, undone)?;
        // Bytes before the first bracket are the same in both.
        let start = range.start.min(piece.find(['(', '[', '{']).unwrap_or(0));
        undone.spaced += 1;
        return Some((start..piece.len(), address));
    }
    with_scheme(piece).or_else(|| bare(piece))
}

/// Schemes of the web, and how people hide them.
const SCHEMES: [&str; 5] = ["https", "http", "hxxps", "hxxp", "ftp"];

fn with_scheme(piece: &str) -> Option<(Range<usize>, Address)> {
    let colon = piece.find("://").or_else(|| piece.find(":\\\\"))?;
    let letters = piece[..colon]
        .bytes()
        .rev()
        .take_while(u8::is_ascii_alphanumeric)
        .count();
    let word = piece[colon - letters..colon].to_ascii_lowercase();
    // `xemhttp://`: the blank before the scheme is missing.
    let scheme = SCHEMES.iter().find(|scheme| word.ends_with(**scheme));
    let start = colon - scheme.map_or(letters, |scheme| scheme.len());
    let rest = &piece[start..];
    let mut end = rest
        .find(['<', '>', '"', '`', '|', '“', '”', '，', '。'])
        .unwrap_or(rest.len());
    // A second address may follow without a blank. Inside a path or a query it belongs to the
    // first.
    let body = colon - start + 3;
    if let Some(next) = rest.get(body..end).and_then(|rest| {
        let next = rest.find("http://").or_else(|| rest.find("https://"))?;
        (next > 0 && !rest[..next].ends_with(['=', '/', '?', '&', ':', '#'])).then_some(next)
    }) {
        end = body + next;
    }
    let end = links::without_closing(&rest[..end]).len();
    let link = links::parse(&rest[..end], Place::Text)?;
    Some((start..start + end, Address::Link(link)))
}

/// `kubet.vip/a`, `www.x.test`, `a@b.vn`, perhaps behind a label or a bracket.
fn bare(piece: &str) -> Option<(Range<usize>, Address)> {
    let in_run = |c: char| is_part(c) || matches!(c, '.' | '@' | '+' | '%');
    let mut from = 0;
    while let Some(start) = piece[from..].find(in_run).map(|at| from + at) {
        let rest = &piece[start..];
        let length = rest.find(|c| !in_run(c)).unwrap_or(rest.len());
        let run = &rest[..length];
        from = start + length;
        if piece[..start].ends_with(['/', '\\']) && !piece[..start].ends_with("//") {
            continue;
        }
        if run.contains('@') {
            let lower = run.to_lowercase();
            if let Some(email) = links::parse_email(&lower) {
                return Some((start..from, Address::Email(email.to_owned())));
            }
            continue;
        }
        let Some(dot) = run.trim_matches('.').find('.') else {
            continue;
        };
        let follows = &rest[length..];
        let leads_on = follows.starts_with(['/', '\\', '?', '#'])
            || follows.starts_with(':') && follows[1..].starts_with(|c: char| c.is_ascii_digit());
        let mut end = length;
        if leads_on {
            end = rest
                .find(['<', '>', '"', '`', '|', ',', ';', '“', '”', '，', '。'])
                .unwrap_or(rest.len());
        }
        let end = links::without_closing(&rest[..end]).len();
        // `Xong.Com` is two sentences without a blank between them.
        let after_dot = run.trim_start_matches('.').get(dot + 1..).unwrap_or("");
        if end <= length && begins_a_sentence(after_dot) {
            let name = run.trim_start_matches('.').get(..dot).unwrap_or("");
            let folded: String = name.to_lowercase().chars().map(base_letter).collect();
            if is_syllable(&folded) {
                continue;
            }
        }
        if let Some(link) = links::parse(&rest[..end], Place::Text) {
            return Some((start..start + end, Address::Link(link)));
        }
    }
    None
}

pub(super) fn is_part(c: char) -> bool {
    // Loose marks and invisible characters inside an address are removed later.
    c.is_alphanumeric()
        || matches!(c, '-' | '_' | '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}
