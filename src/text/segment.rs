//! Normalised text in, tokens out: words, numbers, emoji, links, e-mails, phones, mentions. Letters that were spaced or dotted apart come together again.
//!
//! A split at white space does the bulk; only odd pieces go to `unicode-segmentation` (Unicode Annex 29), which is ten times slower on Vietnamese
//! with the same words as the outcome.

mod handles;
mod pieces;

use pieces::{could_open_a_number, names_a_domain, take_phone, take_spaced_word, take_spoken_link};
use unicode_segmentation::UnicodeSegmentation;

use super::Reading;
use super::addresses::{self, Address};
use super::leet;
use super::links::{self, Place};
use super::shape::is_emoji;
use super::token::{Span, Token, TokenKind};
use super::vietnamese::{base_letter, is_letter, is_syllable, modern_tone};

/// Longest word kept, in bytes; the rest of a longer one is dropped (URLs and base64 are not words).
const LONGEST_WORD: usize = 48;

/// Cuts a normalised text into tokens and appends them to the reading; marks become the addresses they stand for.
pub(super) fn segment(text: &str, addresses: Vec<Address>, reading: &mut Reading) {
    let pieces: Vec<&str> = text.split_whitespace().collect();
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

/// What a mark stands for.
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

/// Reads the token or tokens at the start of the pieces; says how many pieces it took (at least one).
fn take(pieces: &[&str], reading: &mut Reading) -> usize {
    let piece = pieces[0];
    if is_plain_word(piece)
        && !could_open_a_number(piece)
        && piece.chars().nth(1).is_some()
        && !names_a_domain(pieces, reading)
    {
        push_word(piece, reading);
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

fn is_plain_word(piece: &str) -> bool {
    piece.chars().all(|c| is_letter(c) && !is_unspaced(c))
}

/// Letters of scripts that put no blanks between words (Thai, Lao, Tibetan, Burmese, Khmer, Chinese, Japanese): each becomes a token, and rows of tokens
/// say what words would.
fn is_unspaced(c: char) -> bool {
    c >= '\u{e00}'
        && matches!(c, '\u{e00}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{a4cf}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// One piece without spaces that is not a plain word.
fn take_piece(piece: &str, reading: &mut Reading) {
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

/// The word of a piece that is one word between punctuation that means nothing to it: `(this`, `can't!`, `ạ...`. The long way finds the same.
fn punctuated_word(piece: &str) -> Option<&str> {
    let word = piece.trim_matches([',', '.', '!', '?', ';', '(', ')', '"']);
    let mut before = ' ';
    for c in word.chars() {
        // Latin letters and digits stick together, and an apostrophe sticks to a letter on either side (Unicode Annex 29).
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

/// A link in a piece, perhaps behind a label or bracket (`web:kubet.vip`, `(http://x.test)`); what stands before it becomes words.
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

/// `v.a.y`, `t-i-ề-n`: at least three single letters set apart within one piece.
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

/// `nh.à`, `c-ái`: pieces that make one Vietnamese syllable, and at least one of them is none by itself. `xong.mai` lacks a space.
fn is_cut_syllable(parts: &[&str]) -> bool {
    if !(2..=4).contains(&parts.len()) || !parts.iter().all(|part| is_plain_word(part)) {
        return false;
    }
    let folded = |text: &str| text.chars().map(base_letter).collect::<String>();
    is_syllable(&folded(&parts.concat())) && parts.iter().any(|part| !is_syllable(&folded(part)))
}

fn push_link(link: links::Link, reading: &mut Reading) {
    let host = link.host.clone();
    push(TokenKind::Link, &host, &host, reading);
    reading.links.push(link);
}

fn push_email(email: String, reading: &mut Reading) {
    push(TokenKind::Email, &email, &email, reading);
    reading.emails.push(email);
}

fn push_word(word: &str, reading: &mut Reading) {
    let word = &word[..word.floor_char_boundary(LONGEST_WORD)];
    let kind = if word
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b',' | b'.'))
    {
        TokenKind::Number
    } else {
        TokenKind::Word
    };
    if word.bytes().all(|b| b.is_ascii_lowercase()) {
        push(kind, word, word, reading);
        return;
    }
    let mut marked = word.to_owned();
    modern_tone(&mut marked);
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

fn push(kind: TokenKind, marked: &str, folded: &str, reading: &mut Reading) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use TokenKind::*;

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
