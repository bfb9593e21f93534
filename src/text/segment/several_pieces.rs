//! Several pieces in a row in, one token out, and how many pieces it took: a phone number in
//! groups, a word of single letters, a domain written in words. It never takes a piece that another
//! token needs.

use super::one_piece::{is_unspaced, take_piece};
use super::tokens::{push, push_link};
use crate::text::links::{self, Place};
use crate::text::reading::Reading;
use crate::text::token::TokenKind;
use crate::text::{addresses, phones};

/// This many single letters in a row, set apart by blanks, are read as one word: `k u b e t`. Three
/// occur in honest text (`a b c`).
const FEWEST_SPACED_LETTERS: usize = 4;

/// Whether a phone number may begin with this piece: any piece with a digit, or `không` (zero) for
/// a number written in words.
pub(super) fn could_open_a_number(piece: &str) -> bool {
    matches!(piece, "không" | "khong" | "o") || piece.bytes().any(|b| b.is_ascii_digit())
}

/// Whether the next pieces make this one the name of a domain: `kubet chấm com`, `shop (dot) net`.
/// `addresses` has read single full stops between blanks in the text as written; they count here
/// only where letters had been disguised.
pub(super) fn names_a_domain(pieces: &[&str], reading: &Reading) -> bool {
    let is_dot = match pieces.get(1) {
        Some(&("chấm" | "cham" | "dot" | "(dot)" | "[dot]" | "(chấm)" | "(.)" | "[.]")) => true,
        Some(&".") => reading.undone.letters() > 0,
        _ => false,
    };
    is_dot && pieces.len() > 2
}

pub(super) fn take_phone(pieces: &[&str], reading: &mut Reading) -> Option<usize> {
    let first = pieces[0];
    let lead = first
        .find(|c: char| c.is_ascii_digit() || c == '+')
        .or_else(|| (could_open_a_number(first)).then_some(0))?;
    // `zalo:0912..`, `sdt0912..`: digits may follow letters, but not inside a link.
    let (label, digits) = first.split_at(lead);
    if first.contains("//") || label.contains('.') || label.len() > 24 {
        return None;
    }
    // `o912`: the first letter stands for a digit.
    let (label, digits) = match label.strip_suffix(['o', '(']) {
        Some(shorter) if !shorter.ends_with(char::is_alphabetic) => {
            (shorter, &first[shorter.len()..])
        }
        _ => (label, digits),
    };
    let (number, taken) =
        phones::phone_at(std::iter::once(digits).chain(pieces[1..].iter().copied()))?;
    let words = reading
        .tokens
        .iter()
        .rev()
        .map(|token| reading.marked(token));
    let label_word = label.trim_matches(|c: char| !c.is_alphanumeric());
    let words = Some(label_word)
        .into_iter()
        .filter(|word| !word.is_empty())
        .chain(words);
    if label.ends_with('#') || phones::speak_of_another_number(words) {
        return None;
    }
    if !label.is_empty() {
        take_piece(label, reading);
    }
    push(TokenKind::Phone, &number, &number, reading);
    reading.phones.push(number);
    Some(taken)
}

/// `k u b e t`, `k u b e t . n e t`: single letters in a row become one word, or one link.
pub(super) fn take_spaced_word(pieces: &[&str], reading: &mut Reading) -> Option<usize> {
    let mut word = String::new();
    let mut letters = 0;
    let mut taken = 0;
    for piece in pieces.iter().take(64) {
        let bare = piece.trim_matches(['.', ',', '-', '_', '*', '|', '/']);
        let mut chars = bare.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) if c.is_alphanumeric() && !is_unspaced(c) => {
                word.push(c);
                letters += usize::from(c.is_alphabetic());
            }
            (None, _) if !word.is_empty() && piece.len() == 1 => {
                if matches!(*piece, "." | "/") {
                    word.push_str(piece);
                }
            }
            (Some(':'), None) if is_scheme(&word) => word.push(':'),
            (None, _) if *piece == "//" && word.ends_with(':') => word.push_str("//"),
            _ => break,
        }
        taken += 1;
    }
    if letters < FEWEST_SPACED_LETTERS {
        return None;
    }
    reading.undone.spaced += 1;
    if let Some(scheme) = word.trim_end_matches('/').strip_suffix(':')
        && is_scheme(scheme)
    {
        // The rest of the address may follow in one piece, or `addresses` has taken it already.
        return match pieces.get(taken) {
            Some(&addresses::ADDRESS) | None => Some(taken),
            Some(rest) => {
                take_piece(&format!("{scheme}://{rest}"), reading);
                Some(taken + 1)
            }
        };
    }
    take_piece(&word, reading);
    Some(taken)
}

fn is_scheme(word: &str) -> bool {
    matches!(word, "http" | "https" | "hxxp" | "hxxps")
}

/// `kubet chấm com`, `shop dot net`: reads a domain written in words.
pub(super) fn take_spoken_link(pieces: &[&str], reading: &mut Reading) -> Option<usize> {
    if !names_a_domain(pieces, reading) {
        return None;
    }
    let suffix = pieces[2].split(['/', ',', '!', '?']).next()?;
    if pieces[0].ends_with(['.', ',', '!', '?']) {
        return None;
    }
    let spelt = format!(
        "{}.{}",
        pieces[0].trim_matches(|c: char| !c.is_alphanumeric()),
        suffix
    );
    let link = links::parse(&spelt, Place::Text)?;
    reading.undone.spaced += 1;
    push_link(link, reading);
    Some(3)
}
