//! One piece of text without blanks in, its tokens out. It never looks at the pieces behind it;
//! `several_pieces` does.

use unicode_segmentation::UnicodeSegmentation;

use super::tokens::{push, push_email, push_link, push_word};
use crate::text::links::{self, Place};
use crate::text::reading::Reading;
use crate::text::shape::is_emoji;
use crate::text::token::TokenKind;
use crate::text::vietnamese::{base_letter, is_letter, is_syllable};

pub(super) fn is_plain_word(piece: &str) -> bool {
    piece.chars().all(|c| is_letter(c) && !is_unspaced(c))
}

/// Letters of scripts without blanks between words (Thai, Lao, Tibetan, Burmese, Khmer, Chinese,
/// Japanese). Each letter becomes a token, and sequences of tokens take the place of words.
pub(super) fn is_unspaced(c: char) -> bool {
    c >= '\u{e00}'
        && matches!(c, '\u{e00}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{a4cf}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Reads one piece without blanks that is not a plain word.
pub(super) fn take_piece(piece: &str, reading: &mut Reading) {
    if let Some(word) = punctuated_word(piece) {
        push_word(word, reading);
        return;
    }
    if piece.contains('@') {
        if let Some(email) = links::parse_email(piece) {
            push_email(email.to_owned(), reading);
            return;
        }
        if let Some(name) = piece.strip_prefix('@') {
            let name = name.trim_end_matches(|c: char| !c.is_alphanumeric());
            if !name.is_empty() {
                push(TokenKind::Mention, name, name, reading);
                return;
            }
        }
    }
    if piece.contains('.') || piece.contains("//") {
        if let Some(link) = find_link(piece, reading) {
            push_link(link, reading);
            return;
        }
        if take_dotted_word(piece, reading) {
            return;
        }
    } else if piece.contains(['-', '_', '*', '|', '/']) && take_dotted_word(piece, reading) {
        return;
    }
    let mut pictures = false;
    for part in piece.split(['.', '/', '_']) {
        for bit in part.split_word_bounds() {
            match bit.chars().next() {
                Some(c) if c.is_alphanumeric() => push_word(bit, reading),
                Some(c) if is_emoji(c) => {
                    pictures = true;
                    for c in bit.chars().filter(|&c| is_emoji(c)) {
                        let emoji = c.encode_utf8(&mut [0; 4]).to_owned();
                        push(TokenKind::Emoji, &emoji, &emoji, reading);
                    }
                }
                _ => {}
            }
        }
    }
    if !pictures && piece.len() <= 6 && !piece.chars().any(char::is_alphanumeric) {
        push(TokenKind::Emoticon, piece, piece, reading);
    }
}

/// The word of a piece that is one word between punctuation without meaning: `(this`, `can't!`,
/// `ạ...`. The rest of `take_piece` would find the same, more slowly.
fn punctuated_word(piece: &str) -> Option<&str> {
    let word = piece.trim_matches([',', '.', '!', '?', ';', '(', ')', '"']);
    let mut before = ' ';
    for c in word.chars() {
        // Latin letters and digits are not separated, and an apostrophe is not separated from
        // letters on both sides (Unicode Annex 29).
        let sticks = match c {
            '\'' => is_latin_letter(before),
            '0'..='9' => before != '\'',
            _ => is_latin_letter(c),
        };
        if !sticks {
            return None;
        }
        before = c;
    }
    (!word.is_empty() && before != '\'').then_some(word)
}

fn is_latin_letter(c: char) -> bool {
    c < '\u{1f00}' && !matches!(c, '\u{250}'..='\u{1dff}') && is_letter(c)
}

/// A link in a piece, perhaps behind a label or bracket (`web:kubet.vip`, `(http://x.test)`). What
/// is before it becomes words.
fn find_link(piece: &str, reading: &mut Reading) -> Option<links::Link> {
    if let Some(at) = piece.find("://") {
        let scheme = piece[..at]
            .rfind(|c: char| !c.is_ascii_alphanumeric())
            .map_or(0, |p| {
                p + piece[p..].chars().next().map_or(1, char::len_utf8)
            });
        let link = links::parse(&piece[scheme..], Place::Text)?;
        if scheme > 0 {
            take_piece_words(&piece[..scheme], reading);
        }
        return Some(link);
    }
    if let Some(link) = links::parse(piece, Place::Text) {
        return Some(link);
    }
    let (label, rest) = piece.split_once([':', '=', '>', '('])?;
    let link = links::parse(rest, Place::Text)?;
    take_piece_words(label, reading);
    Some(link)
}

fn take_piece_words(text: &str, reading: &mut Reading) {
    for word in text.unicode_words() {
        push_word(word, reading);
    }
}

/// `v.a.y`, `t-i-ề-n`: reads a word of at least three single letters set apart within one piece.
fn take_dotted_word(piece: &str, reading: &mut Reading) -> bool {
    let parts: Vec<&str> = piece
        .split(['.', '-', '_', '*', '|', '/'])
        .filter(|p| !p.is_empty())
        .collect();
    let single = |part: &&&str| part.chars().count() == 1;
    let letter_by_letter = parts.len() >= 3
        && parts.iter().filter(single).count() + 1 >= parts.len()
        && parts
            .iter()
            .all(|p| p.chars().count() <= 2 && p.chars().all(char::is_alphabetic));
    if !letter_by_letter && !is_cut_syllable(&parts) {
        return false;
    }
    reading.undone.spaced += 1;
    push_word(&parts.concat(), reading);
    true
}

/// `nh.à`, `c-ái`: whether parts make one Vietnamese syllable together, and at least one of them is
/// no syllable by itself. `xong.mai` only lacks a blank.
fn is_cut_syllable(parts: &[&str]) -> bool {
    if !(2..=4).contains(&parts.len()) || !parts.iter().all(|part| is_plain_word(part)) {
        return false;
    }
    let folded = |text: &str| text.chars().map(base_letter).collect::<String>();
    is_syllable(&folded(&parts.concat())) && parts.iter().any(|part| !is_syllable(&folded(part)))
}
