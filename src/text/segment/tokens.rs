//! A word, number, link or address in, a token at the end of the reading out. It never decides what
//! a piece of text is; its callers do.

use crate::text::leet;
use crate::text::links;
use crate::text::reading::Reading;
use crate::text::token::{Span, Token, TokenKind};
use crate::text::vietnamese::{base_letter, modern_tone};

/// Longest word kept, in bytes; the rest of a longer one is dropped (URLs and base64 are not
/// words).
const LONGEST_WORD: usize = 48;

pub(super) fn push_link(link: links::Link, reading: &mut Reading) {
    let host = link.host.clone();
    push(TokenKind::Link, &host, &host, reading);
    reading.links.push(link);
}

pub(super) fn push_email(email: String, reading: &mut Reading) {
    push(TokenKind::Email, &email, &email, reading);
    reading.emails.push(email);
}

/// A word of small ASCII letters alone: it is written the same in both views.
pub(super) fn push_ascii_word(word: &str, reading: &mut Reading) {
    let word = &word[..word.len().min(LONGEST_WORD)];
    push(TokenKind::Word, word, word, reading);
}

pub(super) fn is_ascii_word(piece: &str) -> bool {
    !piece.is_empty() && piece.bytes().all(|b| b.is_ascii_lowercase())
}

pub(super) fn push_word(word: &str, reading: &mut Reading) {
    let word = &word[..word.floor_char_boundary(LONGEST_WORD)];
    if is_ascii_word(word) {
        return push_ascii_word(word, reading);
    }
    let kind = if word
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b',' | b'.'))
    {
        TokenKind::Number
    } else {
        TokenKind::Word
    };
    let marked = modern_tone(word);
    // Without digits no letters can be meant by digits: the folded word is written in place,
    // without a copy.
    if kind == TokenKind::Word && !word.bytes().any(|b| b.is_ascii_digit()) {
        let marked = append(&mut reading.marked, &marked);
        let folded = append(&mut reading.folded, "");
        let start = folded.start();
        reading
            .folded
            .extend(marked.of(&reading.marked).chars().map(base_letter));
        reading.tokens.push(Token {
            kind,
            marked,
            folded: Span::new(start, reading.folded.len()),
            quoted: false,
        });
        return;
    }
    let mut folded: String = marked.chars().map(base_letter).collect();
    if kind == TokenKind::Word
        && let Some(meant) = leet::undo(&folded)
    {
        reading.undone.leet += 1;
        folded = meant;
    }
    push(kind, &marked, &folded, reading);
}

pub(super) fn push(kind: TokenKind, marked: &str, folded: &str, reading: &mut Reading) {
    let marked = append(&mut reading.marked, marked);
    let folded = append(&mut reading.folded, folded);
    reading.tokens.push(Token {
        kind,
        marked,
        folded,
        quoted: false,
    });
}

fn append(text: &mut String, word: &str) -> Span {
    if !text.is_empty() {
        text.push(' ');
    }
    let start = text.len();
    text.push_str(word);
    Span::new(start, text.len())
}
