//! Normalised text in, tokens out: words, numbers, emoji, links, e-mails, phones, mentions. Letters
//! that were set apart are joined again. It never changes the text before it.
//!
//! Most pieces are found by a split at white space. Only unusual ones go to `unicode-segmentation`
//! (Unicode Annex 29), which is ten times slower on Vietnamese and finds the same words there.

mod handles;
mod one_piece;
mod several_pieces;
mod tokens;

use one_piece::{is_plain_word, take_piece};
use several_pieces::{
    could_open_a_number, names_a_domain, take_phone, take_spaced_word, take_spoken_link,
};
use tokens::{is_ascii_word, push_ascii_word, push_email, push_link, push_word};

use super::address_search::Address;
use super::addresses;
use super::links::Place;
use super::reading::Reading;

/// Cuts a normalised text into tokens and appends them to the reading. The marks of `addresses`
/// become the addresses they stand for, in their order.
pub(super) fn segment(text: &str, addresses: Vec<Address>, reading: &mut Reading) {
    // Words of honest texts have five bytes or more with the blank behind them.
    let mut pieces: Vec<&str> = Vec::with_capacity(text.len() / 5 + 1);
    pieces.extend(text.split_whitespace());
    reading.tokens.reserve(pieces.len());
    let mut addresses = addresses.into_iter();
    let mut quoted = false;
    let mut at = 0;
    while at < pieces.len() {
        let before = reading.tokens.len();
        let (links, taken) = (
            reading.links.len(),
            take_mark(pieces[at], &mut addresses, reading),
        );
        match taken {
            Some(Mark::Address) => at += 1,
            Some(Mark::Quote(begins)) => {
                quoted = begins;
                at += 1;
            }
            None => at += take(&pieces[at..], reading),
        }
        if quoted {
            reading.tokens[before..]
                .iter_mut()
                .for_each(|token| token.quoted = true);
            reading.links[links..]
                .iter_mut()
                .for_each(|link| link.place = Place::Quote);
        }
    }
    handles::find(reading);
}

/// The meaning of a mark; `Quote(true)` begins a quote, `Quote(false)` ends it.
enum Mark {
    Address,
    Quote(bool),
}

fn take_mark(
    piece: &str,
    addresses: &mut impl Iterator<Item = Address>,
    reading: &mut Reading,
) -> Option<Mark> {
    match piece {
        addresses::ADDRESS => {
            match addresses.next() {
                Some(Address::Link(link)) => push_link(link, reading),
                Some(Address::Email(email)) => push_email(email, reading),
                None => {}
            }
            Some(Mark::Address)
        }
        addresses::QUOTED => Some(Mark::Quote(true)),
        addresses::OWN => Some(Mark::Quote(false)),
        _ => None,
    }
}

/// Reads the token or tokens at the start of the pieces. Returns how many pieces it took, at least
/// one.
fn take(pieces: &[&str], reading: &mut Reading) -> usize {
    let piece = pieces[0];
    // Most pieces are plain words, and need none of the searches below.
    let is_ascii = is_ascii_word(piece);
    if (is_ascii || is_plain_word(piece))
        && !could_open_a_number(piece)
        && piece.chars().nth(1).is_some()
        && !names_a_domain(pieces, reading)
    {
        match is_ascii {
            true => push_ascii_word(piece, reading),
            false => push_word(piece, reading),
        }
        return 1;
    }
    if let Some(taken) = take_phone(pieces, reading) {
        return taken;
    }
    if let Some(taken) = take_spaced_word(pieces, reading) {
        return taken;
    }
    if let Some(taken) = take_spoken_link(pieces, reading) {
        return taken;
    }
    take_piece(piece, reading);
    1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::token::TokenKind::{self, *};

    #[track_caller]
    fn check(text: &str, expected: &[(TokenKind, &str)]) {
        let mut reading = Reading::default();
        segment(text, Vec::new(), &mut reading);
        let tokens: Vec<(TokenKind, &str)> = reading
            .tokens
            .iter()
            .map(|t| (t.kind, reading.folded(t)))
            .collect();
        assert_eq!(tokens, expected, "{text:?}");
    }

    #[test]
    fn words_numbers_and_emoji() {
        check(
            "mua 2 cái, đẹp!",
            &[(Word, "mua"), (Number, "2"), (Word, "cai"), (Word, "dep")],
        );
        check(
            "hay.cảm ơn 👍 :)",
            &[
                (Word, "hay"),
                (Word, "cam"),
                (Word, "on"),
                (Emoji, "👍"),
                (Emoticon, ":)"),
            ],
        );
        check("can't stop", &[(Word, "can't"), (Word, "stop")]);
    }

    #[test]
    fn scripts_without_blanks_are_cut() {
        check(
            "今天天气",
            &[(Word, "今"), (Word, "天"), (Word, "天"), (Word, "气")],
        );
        check("カジノは", &[(Word, "カジノ"), (Word, "は")]);
        check(
            "ดีมาก",
            &[(Word, "ดี"), (Word, "ม"), (Word, "า"), (Word, "ก")],
        );
        check("안녕 привет", &[(Word, "안녕"), (Word, "привет")]);
        let mut reading = Reading::default();
        segment("今 天 天 气 好", Vec::new(), &mut reading);
        assert_eq!((reading.tokens.len(), reading.undone.spaced), (5, 0));
    }

    #[test]
    fn typed_tokens() {
        check("web:kubet.vip", &[(Word, "web"), (Link, "kubet.vip")]);
        check("xem(http://x.test/a)", &[(Word, "xem"), (Link, "x.test")]);
        check("kubet chấm com", &[(Link, "kubet.com")]);
        check("k u b e t . n e t", &[(Link, "kubet.net")]);
        check(
            "zalo:0912000345 @abc",
            &[(Word, "zalo"), (Phone, "0912000345"), (Mention, "abc")],
        );
        check("mail a@b.vn", &[(Word, "mail"), (Email, "a@b.vn")]);
    }

    #[test]
    fn letters_set_apart_come_together() {
        check("v.a.y t-i-ề-n", &[(Word, "vay"), (Word, "tien")]);
        check("k u b e t", &[(Word, "kubet")]);
        check(
            "nh.à c-ái xong.mai",
            &[(Word, "nha"), (Word, "cai"), (Word, "xong"), (Word, "mai")],
        );
        check("a b c", &[(Word, "a"), (Word, "b"), (Word, "c")]);
        check(
            "t1ền s0 mp3 10k",
            &[(Word, "tien"), (Word, "so"), (Word, "mp3"), (Word, "10k")],
        );
    }

    #[test]
    fn an_invitation_names_its_platform() {
        let mut reading = Reading::default();
        let text = "ib zalo của em 0912000345 hoặc t.me/abc";
        segment(text, Vec::new(), &mut reading);
        assert_eq!(reading.handles, ["telegram", "zalo"]);
        assert_eq!(reading.phones, ["0912000345"]);
    }
}
