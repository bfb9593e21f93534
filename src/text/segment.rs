//! Normalised text in, tokens out: words, numbers, emoji, links, e-mails, phones, mentions. Letters that were spaced or dotted apart come together again.
//!
//! A split at white space does the bulk; only odd pieces go to `unicode-segmentation` (Unicode Annex 29), which is ten times slower on Vietnamese
//! with the same words as the outcome.

use std::sync::LazyLock;

use unicode_segmentation::UnicodeSegmentation;

use super::Reading;
use super::lexicon::Lexicon;
use super::links::{self, Place};
use super::shape::is_emoji;
use super::vietnamese::{base_letter, is_letter, is_syllable, modern_tone};

/// A range of bytes in one of the reading's texts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// A span from byte offsets; texts are at most a few times `MAX_TEXT_BYTES`, so 32 bits suffice.
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start: start as u32,
            end: end as u32,
        }
    }

    /// The text it covers.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize)
            .unwrap_or("")
    }

    /// Its length in bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether it covers nothing.
    pub fn is_empty(self) -> bool {
        self.end == self.start
    }

    /// From the start of this one to the end of the other.
    pub fn to(self, other: Self) -> Self {
        Self {
            start: self.start,
            end: other.end,
        }
    }

    /// First byte.
    pub fn start(self) -> usize {
        self.start as usize
    }
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Letters, perhaps with digits.
    Word,
    /// Digits only.
    Number,
    /// One emoji.
    Emoji,
    /// A piece of punctuation standing alone: `:)`, `...`, `=))`.
    Emoticon,
    /// A link.
    Link,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// `@name`.
    Mention,
    /// The full form of an abbreviation; has no place in the marked view.
    SpeltOut,
}

/// One token, in both views.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its place in `Reading::marked`.
    pub marked: Span,
    /// Its place in `Reading::folded`.
    pub folded: Span,
}

/// Single letters in a row, set apart by spaces, that are taken for one word: `k u b e t`. Three happen in honest text (`a b c`).
const FEWEST_SPACED_LETTERS: usize = 4;

/// Longest word kept, in bytes; the rest of a longer one is dropped (URLs and base64 are not words).
const LONGEST_WORD: usize = 48;

/// Cuts a normalised text into tokens and appends them to the reading.
pub fn segment(text: &str, reading: &mut Reading) {
    let pieces: Vec<&str> = text.split_whitespace().collect();
    let mut at = 0;
    while at < pieces.len() {
        at += take(&pieces[at..], reading);
    }
    find_handles(reading);
}

/// Reads the token or tokens at the start of the pieces; says how many pieces it took (at least one).
fn take(pieces: &[&str], reading: &mut Reading) -> usize {
    let piece = pieces[0];
    if is_plain_word(piece)
        && !could_open_a_number(piece)
        && piece.chars().nth(1).is_some()
        && !names_a_domain(pieces)
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
    piece.chars().all(is_letter)
}

/// `không` may open a phone number told in words, as may any piece with a digit.
fn could_open_a_number(piece: &str) -> bool {
    matches!(piece, "không" | "khong" | "o") || piece.bytes().any(|b| b.is_ascii_digit())
}

/// Whether the next pieces make this one the name of a domain: `kubet chấm com`, `kubet . net`.
fn names_a_domain(pieces: &[&str]) -> bool {
    matches!(
        pieces.get(1),
        Some(&("chấm" | "cham" | "dot" | "(dot)" | "[dot]" | "." | "(.)" | "[.]"))
    ) && pieces.len() > 2
}

fn take_phone(pieces: &[&str], reading: &mut Reading) -> Option<usize> {
    let first = pieces[0];
    let lead = first
        .find(|c: char| c.is_ascii_digit() || c == '+')
        .or_else(|| (could_open_a_number(first)).then_some(0))?;
    // `zalo:0912..`, `sdt0912..`: the digits may follow letters; but not those inside a link.
    let (label, digits) = first.split_at(lead);
    if first.contains("//") || label.contains('.') || label.len() > 24 {
        return None;
    }
    // `o912` opens with a letter that stands for a digit.
    let (label, digits) = match label.strip_suffix(['o', '(']) {
        Some(shorter) if !shorter.ends_with(char::is_alphabetic) => {
            (shorter, &first[shorter.len()..])
        }
        _ => (label, digits),
    };
    let (number, taken) =
        links::phone_at(std::iter::once(digits).chain(pieces[1..].iter().copied()))?;
    if !label.is_empty() {
        take_piece(label, reading);
    }
    push(TokenKind::Phone, &number, &number, reading);
    reading.phones.push(number);
    Some(taken)
}

/// `k u b e t`, `k u b e t . n e t`: single letters in a row become one word, or one link.
fn take_spaced_word(pieces: &[&str], reading: &mut Reading) -> Option<usize> {
    let mut word = String::new();
    let mut letters = 0;
    let mut taken = 0;
    for piece in pieces.iter().take(64) {
        let bare = piece.trim_matches(['.', ',', '-', '_', '*', '|', '/']);
        let mut chars = bare.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) if c.is_alphanumeric() => {
                word.push(c);
                letters += usize::from(c.is_alphabetic());
            }
            (None, _) if !word.is_empty() && piece.len() == 1 => {
                if *piece == "." {
                    word.push('.');
                }
            }
            _ => break,
        }
        taken += 1;
    }
    if letters < FEWEST_SPACED_LETTERS {
        return None;
    }
    reading.undone.spaced += 1;
    take_piece(&word, reading);
    Some(taken)
}

/// `kubet chấm com`, `shop dot net`, `kubet . net`: a domain told in words.
fn take_spoken_link(pieces: &[&str], reading: &mut Reading) -> Option<usize> {
    if !names_a_domain(pieces) {
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

/// One piece without spaces that is not a plain word.
fn take_piece(piece: &str, reading: &mut Reading) {
    if let Some(word) = punctuated_word(piece) {
        push_word(word, reading);
        return;
    }
    if piece.contains('@') {
        if let Some(email) = links::parse_email(piece) {
            let email = email.to_owned();
            push(TokenKind::Email, &email, &email, reading);
            reading.emails.push(email);
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
        });
        return;
    }
    let mut folded: String = marked.chars().map(base_letter).collect();
    if kind == TokenKind::Word && undo_leet(&mut folded) {
        reading.undone.leet += 1;
    }
    push(kind, &marked, &folded, reading);
}

/// Digits in the place of letters become letters: `zal0` -> `zalo`, `t1en` -> `tien`; `mp3`, `10k` and `2nd` stay.
fn undo_leet(word: &mut String) -> bool {
    let bytes = word.as_bytes();
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    if digits == 0 || digits * 2 > bytes.len() {
        return false;
    }
    let letter = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_alphabetic)
    };
    let mut out = String::with_capacity(word.len());
    let mut changed = false;
    for (at, c) in word.char_indices() {
        let between = letter(at.checked_sub(1)) && letter(Some(at + 1));
        let at_end = at + 1 == bytes.len() && letter(at.checked_sub(1)) && c == '0';
        let at_start = at == 0 && digits == 1 && bytes.len() >= 3 && c != '2';
        let mapped = match c {
            '0' => 'o',
            '1' => 'i',
            '3' => 'e',
            '4' => 'a',
            '5' => 's',
            '7' => 't',
            _ => c,
        };
        if mapped != c && (between || at_end || at_start) {
            changed = true;
            out.push(mapped);
        } else {
            out.push(c);
        }
    }
    *word = out;
    changed
}

fn push(kind: TokenKind, marked: &str, folded: &str, reading: &mut Reading) {
    let marked = append(&mut reading.marked, marked);
    let folded = append(&mut reading.folded, folded);
    reading.tokens.push(Token {
        kind,
        marked,
        folded,
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

/// Chat platforms as people write them -> the platform.
const PLATFORMS: [(&str, &str); 20] = [
    ("zalo", "zalo"),
    ("zl", "zalo"),
    ("telegram", "telegram"),
    ("tele", "telegram"),
    ("tlgram", "telegram"),
    ("whatsapp", "whatsapp"),
    ("whatsap", "whatsapp"),
    ("watsapp", "whatsapp"),
    ("viber", "viber"),
    ("wechat", "wechat"),
    ("line", "line"),
    ("messenger", "messenger"),
    ("skype", "skype"),
    ("kakao", "kakao"),
    ("kakaotalk", "kakao"),
    ("instagram", "instagram"),
    ("insta", "instagram"),
    ("discord", "discord"),
    ("icq", "icq"),
    ("signal", "signal"),
];

static KNOWN_PLATFORMS: LazyLock<Lexicon<&str>> = LazyLock::new(|| Lexicon::new(&PLATFORMS));

/// How many tokens after a platform's name its handle may stand: `zalo của em là 09..`.
const HANDLE_REACH: usize = 4;

/// A platform's name with a number, mention or link close behind is an invitation to that chat.
fn find_handles(reading: &mut Reading) {
    let mut found = Vec::new();
    for (at, token) in reading.tokens.iter().enumerate() {
        if token.kind != TokenKind::Word {
            continue;
        }
        let Some(platform) = KNOWN_PLATFORMS.get(reading.folded(token)) else {
            continue;
        };
        let near = reading.tokens[at + 1..].iter().take(HANDLE_REACH);
        if near.into_iter().any(|t| {
            matches!(
                t.kind,
                TokenKind::Phone | TokenKind::Mention | TokenKind::Link
            )
        }) {
            found.push(platform);
        }
    }
    found.extend(reading.links.iter().filter_map(links::Link::chat_platform));
    found.sort_unstable();
    found.dedup();
    reading.handles = found;
}

#[cfg(test)]
mod tests {
    use super::*;
    use TokenKind::*;

    #[track_caller]
    fn check(text: &str, expected: &[(TokenKind, &str)]) {
        let mut reading = Reading::default();
        segment(text, &mut reading);
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
        segment("ib zalo của em 0912000345 hoặc t.me/abc", &mut reading);
        assert_eq!(reading.handles, ["zalo"]);
        assert_eq!(reading.phones, ["0912000345"]);
    }
}
