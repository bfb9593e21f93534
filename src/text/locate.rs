//! A text and its reading in, the place of each token in the text as sent out. It reads the text a
//! second time, so it is never used during scoring, only where clues are shown.
//!
//! Reading keeps no places. So letters are compared without marks, case and style, one after the
//! other: reading changes letters, but hardly ever their order.

use std::ops::Range;

use super::markup;
use super::normalize::bare_letters;
use super::reading::{MAX_TEXT_BYTES, Reading, readable};
use super::shape::is_emoji;
use super::token::{Span, Token, TokenKind};
use crate::comment::ends_of;

/// How many letters ahead a token is searched: between two tokens there may be the path of a link,
/// or words that the reading dropped.
const REACH: usize = 400;

/// A letter and the bytes of the original it came from.
#[derive(Debug, Clone, Copy)]
struct Letter {
    bare: char,
    start: usize,
    end: usize,
}

/// The place of each token in the text it was read from, in bytes: one span for each token of the
/// reading, in their order. Empty for tokens that are not in the text, such as spelt-out
/// abbreviations. A token whose letters cannot be compared (a number written in words) gets all
/// that is between its neighbours.
pub fn locate(original: &str, reading: &Reading) -> Vec<Span> {
    let whole = original;
    let original: &str = &readable(whole);
    let letters = letters_of(original);
    let mut spans = vec![Span::default(); reading.tokens.len()];
    let mut at = 0;
    let mut lost = Vec::new();
    let mut end = 0;
    for (index, token) in reading.tokens.iter().enumerate() {
        if token.kind == TokenKind::SpeltOut {
            continue;
        }
        let wanted = wanted(reading, token);
        let found = (at..letters.len().min(at + REACH))
            .find_map(|from| matched(&letters[from..], &wanted).map(|taken| (from, taken)));
        let Some((from, taken)) = found.filter(|_| !wanted.is_empty()) else {
            lost.push(index);
            continue;
        };
        let start = letters[from].start;
        between(original, end..start, reading, &mut lost, &mut spans);
        at = from + taken;
        end = letters[at - 1].end;
        spans[index] = Span::new(start, end);
    }
    let rest = end..original.len();
    between(original, rest, reading, &mut lost, &mut spans);
    match ends_of(whole, MAX_TEXT_BYTES) {
        None => spans,
        Some((beginning, end)) => {
            let in_whole = |at: usize| match at.checked_sub(beginning.len() + 1) {
                None => at,
                Some(behind) => whole.len() - end.len() + behind,
            };
            let moved = |span: Span| {
                let last = span.start() + span.len();
                Span::new(in_whole(span.start()), in_whole(last))
            };
            spans.into_iter().map(moved).collect()
        }
    }
}

/// The place of each of these sequences of words, written as in the reading with one blank between
/// words: one entry for each of `wanted`. `None` for words that do not follow each other in the
/// reading. Of equal sequences the second is searched behind the first.
pub fn places(original: &str, reading: &Reading, wanted: &[&str]) -> Vec<Option<Span>> {
    let spans = locate(original, reading);
    let words: Vec<&str> = reading
        .tokens
        .iter()
        .map(|token| match reading.marked(token) {
            // What was spelt out has no marks.
            "" => reading.folded(token),
            marked => marked,
        })
        .collect();
    let mut taken = vec![false; words.len()];
    let place = |row: &&str| {
        let row: Vec<&str> = row.split_whitespace().collect();
        if row.is_empty() {
            return None;
        }
        let from = (0..words.len().saturating_sub(row.len() - 1))
            .find(|&at| !taken[at] && words[at..at + row.len()] == row[..])?;
        taken[from..from + row.len()].fill(true);
        let found = spans[from..from + row.len()]
            .iter()
            .filter(|s| !s.is_empty());
        let ends = found.map(|span| (span.start(), span.start() + span.len()));
        // A token that was not found has the whole gap between its neighbours, so ends may overlap.
        let whole = ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
        Some(Span::new(whole.0, whole.1))
    };
    wanted.iter().map(place).collect()
}

/// Gives the tokens that were not found the text between their neighbours that were; a smiley gets
/// its exact place.
fn between(
    original: &str,
    gap: Range<usize>,
    reading: &Reading,
    lost: &mut Vec<usize>,
    spans: &mut [Span],
) {
    let text = original.get(gap.clone()).unwrap_or("");
    for index in lost.drain(..) {
        let token = reading.marked(&reading.tokens[index]);
        let (start, length) = match text.find(token) {
            Some(at) => (at, token.len()),
            None => (text.len() - text.trim_start().len(), text.trim().len()),
        };
        spans[index] = Span::new(gap.start + start, gap.start + start + length);
    }
}

/// The letters of a token to look for; of a phone number, its digits.
fn wanted(reading: &Reading, token: &Token) -> Vec<char> {
    let marked = reading.marked(token).chars();
    marked
        .flat_map(bare_letters)
        .filter(|&c| counts(c))
        .collect()
}

fn counts(c: char) -> bool {
    c.is_alphanumeric() || is_emoji(c)
}

/// How many letters the wanted ones take, if they come next. Repeats that the reading cut are
/// skipped; `o` and `l` may stand for digits.
fn matched(letters: &[Letter], wanted: &[char]) -> Option<usize> {
    let mut taken = 0;
    for &c in wanted {
        loop {
            let letter = letters.get(taken)?;
            taken += 1;
            let is_it = letter.bare == c || matches!((letter.bare, c), ('o', '0') | ('l', '1'));
            if is_it {
                break;
            }
            let repeats = taken > 1 && letters[taken - 2].bare == letter.bare;
            if !repeats {
                return None;
            }
        }
    }
    // The rest of a cut repeat: `hayyyy`.
    while let Some([last, next]) = letters.get(taken.wrapping_sub(1)..taken + 1)
        && next.bare == last.bare
        && next.start == last.end
        && next.bare.is_alphabetic()
    {
        taken += 1;
    }
    Some(taken)
}

/// The letters of a text that are shown, entities decoded.
fn letters_of(original: &str) -> Vec<Letter> {
    let mut letters = Vec::with_capacity(original.len());
    let ranges = match original.contains(['<', '&']) {
        true => markup::shown_ranges(original),
        false => std::iter::once(0..original.len()).collect(),
    };
    for range in ranges {
        let text = original.get(range.clone()).unwrap_or("");
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let length = entity(&text[at..]).unwrap_or(c.len_utf8());
            let piece = &text[at..at + length];
            let start = range.start + at;
            at += length;
            let decoded = match c {
                '&' if length > 1 => htmlize::unescape(piece),
                _ => piece.into(),
            };
            let bare = decoded
                .chars()
                .flat_map(bare_letters)
                .filter(|&c| counts(c));
            letters.extend(bare.map(|bare| Letter {
                bare,
                start,
                end: range.start + at,
            }));
        }
    }
    letters
}

/// Length in bytes of an entity at the start; the longest have some 30 bytes.
fn entity(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('&')?;
    let rest = &rest[..rest.floor_char_boundary(32)];
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '#')?;
    rest[end..].starts_with(';').then_some(end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let reading = crate::text::read(text);
        let spans = locate(text, &reading);
        let shown: Vec<(&str, &str)> = reading
            .tokens
            .iter()
            .zip(&spans)
            .filter(|(token, _)| token.kind != TokenKind::SpeltOut)
            .map(|(token, span)| (reading.folded(token), span.of(text)))
            .collect();
        assert_eq!(shown, expected, "{text:?}");
    }

    #[test]
    fn a_word_is_shown_as_it_was_written() {
        check("Vay tiền", &[("vay", "Vay"), ("tien", "tiền")]);
        check(
            "hayyyy quááá hay",
            &[("hay", "hayyyy"), ("qua", "quááá"), ("hay", "hay")],
        );
        check("v.a.y z4lo", &[("vay", "v.a.y"), ("zalo", "z4lo")]);
        check("𝗞𝗨𝗕𝗘𝗧 vіаgrа", &[("kubet", "𝗞𝗨𝗕𝗘𝗧"), ("viagra", "vіаgrа")]);
        check(
            "ti\u{200b}ền free",
            &[("tien", "ti\u{200b}ền"), ("free", "free")],
        );
        check(
            "hoà te\u{302}\u{301} 👍",
            &[("hoa", "hoà"), ("te", "te"), ("👍", "👍")],
        );
    }

    #[test]
    fn markup_lies_between() {
        check(
            "<p>vi<b>agra</b> &amp; m&#432;a</p>",
            &[("viagra", "vi<b>agra"), ("&", "&"), ("mua", "m&#432;a")],
        );
        check(
            "a<a href=\"http://vay.test\">vay</a>",
            &[("avay", "a<a href=\"http://vay.test\">vay")],
        );
    }

    #[test]
    fn contacts_and_what_was_told_in_words() {
        check(
            "zalo o912.ooo.345!",
            &[("zalo", "zalo"), ("0912000345", "o912.ooo.345")],
        );
        check(
            "xem https://www.kubet.com/a/b nhé",
            &[("xem", "xem"), ("kubet.com", "kubet.com"), ("nhe", "nhé")],
        );
        check(
            "vào kubet chấm com ngay",
            &[
                ("vao", "vào"),
                ("kubet.com", "kubet chấm com"),
                ("ngay", "ngay"),
            ],
        );
    }

    #[test]
    fn any_text_is_searched_without_panic() {
        for text in [
            "",
            "&",
            "&#;",
            "<",
            "<a",
            "a\u{301}\u{301}",
            "🇻🇳👩‍👩‍👧 ok",
            "ﬃ ½ ㎏",
            "&lt;b&gt;x",
        ] {
            let reading = crate::text::read(text);
            for span in locate(text, &reading) {
                assert!(span.is_empty() || !span.of(text).is_empty(), "{text:?}");
            }
        }
    }
}
