//! Pieces in a row in, a phone number out: its digits and how many pieces it took. Order numbers,
//! dates, prices, versions and hotlines must never be taken for one.

use super::vietnamese::base_letter;

/// Number of pieces looked at for one phone number; `0 9 8 . 0 0 0 . 1 2 3` has eleven.
const MOST_PIECES: usize = 20;

/// A number with more digits is no phone number: E.164 allows 15.
const MOST_DIGITS: usize = 15;

/// Vietnamese number words, without marks.
const DIGIT_WORDS: [(&str, char); 12] = [
    ("khong", '0'),
    ("mot", '1'),
    ("hai", '2'),
    ("ba", '3'),
    ("bon", '4'),
    ("tu", '4'),
    ("nam", '5'),
    ("lam", '5'),
    ("sau", '6'),
    ("bay", '7'),
    ("tam", '8'),
    ("chin", '9'),
];

/// Digits read so far, and how they were grouped.
#[derive(Default)]
struct Digits {
    all: String,
    /// Length of each group as written.
    groups: Vec<usize>,
    plus: bool,
}

impl Digits {
    fn push(&mut self, digit: char, opens_a_group: bool) {
        self.all.push(digit);
        match self.groups.last_mut() {
            Some(group) if !opens_a_group => *group += 1,
            _ => self.groups.push(1),
        }
    }

    /// Whether they are a phone number as written: Vietnamese mobiles have ten digits, landlines
    /// eleven; others are known by their groups.
    fn is_phone(&self) -> bool {
        let (len, groups) = (self.all.len(), &*self.groups);
        if self.is_date() || self.counts_up() {
            return false;
        }
        match self.all.as_bytes() {
            [b'0', second, ..] => {
                // Not a fraction (0.912345678), and not the number of a book (0-306-40615-2).
                !matches!(groups, [1, 9] | [1, _, _, 1])
                    && match second {
                        b'0' => false,
                        b'2' | b'3' | b'5' | b'7'..=b'9' if len == 10 => true,
                        _ if len == 10 => groups.len() >= 2,
                        b'1' | b'2' | b'7'..=b'9' => len == 11,
                        _ => false,
                    }
            }
            _ if self.plus => (9..=14).contains(&len),
            [b'8', b'4', b'3' | b'5' | b'7'..=b'9', ..] if len == 11 => true,
            [b'8', b'4', b'2', ..] if len == 12 => true,
            // +84 (0) 912 ...
            [b'8', b'4', b'0', ..] if len == 12 => true,
            [b'1', ..] => len == 11 && matches!(groups, [1, 3, 3, 4] | [4, 3, 4] | [1, 3, 7]),
            [b'2'..=b'9', ..] => len == 10 && groups == [3, 3, 4],
            _ => false,
        }
    }

    /// `09/11/2026 10`: whether the groups begin with day, month and year.
    fn is_date(&self) -> bool {
        let [day, month, 4, ..] = *self.groups else {
            return false;
        };
        let year = self.all.get(day + month..).unwrap_or("");
        day <= 2 && month <= 2 && (year.starts_with("19") || year.starts_with("20"))
    }

    /// `05 06 07 08 09`: whether pairs of digits count up, as chapters do.
    fn counts_up(&self) -> bool {
        let pairs = self.all.as_bytes().chunks(2);
        let numbers: Vec<u32> = pairs
            .map(|pair| {
                pair.iter()
                    .fold(0, |n, digit| n * 10 + u32::from(digit - b'0'))
            })
            .collect();
        self.groups.len() >= 4
            && self.groups.iter().all(|group| *group == 2)
            && numbers.array_windows().all(|[a, b]| a + 1 == *b)
    }
}

/// Reads a phone number from the start of a row of pieces: its digits and how many pieces it took.
///
/// In a piece with a digit, `o` counts as 0 and `l` as 1. A piece without digits counts if it is a
/// number word.
pub(super) fn phone_at<'a>(pieces: impl Iterator<Item = &'a str>) -> Option<(String, usize)> {
    let mut digits = Digits::default();
    let mut found = None;
    for (taken, piece) in pieces.take(MOST_PIECES).enumerate() {
        let begun = !digits.all.is_empty();
        let has_digit = piece.bytes().any(|b| b.is_ascii_digit());
        let mut opens_a_group = true;
        let mut closed = false;
        let may_continue = |c: char| matches!(c, 'o' | '.' | '-' | '(' | ')' | '/' | '_' | '*');
        if has_digit || begun && piece.chars().all(may_continue) {
            for c in piece.chars() {
                let digit = match c {
                    '0'..='9' => Some(c),
                    'o' => Some('0'),
                    'l' => Some('1'),
                    _ => None,
                };
                match (digit, c) {
                    (Some(digit), _) if !closed => {
                        digits.push(digit, opens_a_group);
                        opens_a_group = false;
                    }
                    (None, '+') if digits.all.is_empty() => digits.plus = true,
                    (None, '.' | '-' | '(' | ')' | '/' | '_' | '*' | '[' | ']' | '~') => {
                        opens_a_group = true;
                    }
                    (None, ',' | ';' | '!' | '?' | ':' | '"' | '\'') => closed = true,
                    _ => return found,
                }
            }
        } else {
            match digit_word(piece) {
                Some(digit) => digits.push(digit, true),
                None if piece == "+" && !begun => digits.plus = true,
                None => return found,
            }
        }
        if digits.all.len() > MOST_DIGITS {
            return found;
        }
        if digits.is_phone() {
            found = Some((digits.all.clone(), taken + 1));
        }
        if closed {
            return found;
        }
    }
    found
}

fn digit_word(piece: &str) -> Option<char> {
    let word = piece.trim_matches(|c: char| !c.is_alphanumeric());
    let word = || word.chars().map(base_letter);
    let known = DIGIT_WORDS.iter().find(|(name, _)| word().eq(name.chars()));
    known.map(|(_, digit)| *digit)
}

/// Words after which a number is no phone number: that of an order, a parcel, a book, an error.
const OTHER_NUMBERS: [&str; 20] = [
    "isbn", "issn", "error", "code", "order", "invoice", "ticket", "tracking", "serial", "version",
    "build", "id", "bug", "issue", "đơn", "mã", "lỗi", "vận", "cccd", "cmnd",
];

/// Words after which a number is a phone number.
const CALLS: [&str; 20] = [
    "zalo", "sđt", "sdt", "đt", "gọi", "goi", "liên", "lien", "hotline", "call", "phone", "tel",
    "whatsapp", "telegram", "viber", "mobile", "contact", "alo", "text", "ib",
];

/// Whether the words before a number, nearest first, say that it is an order, a book or the like.
pub(super) fn speak_of_another_number<'a>(words: impl Iterator<Item = &'a str>) -> bool {
    for word in words.take(4) {
        if CALLS.contains(&word) {
            return false;
        }
        if OTHER_NUMBERS.contains(&word) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, usize)>) {
        let found = phone_at(text.split_whitespace());
        let found = found.as_ref().map(|(digits, taken)| (&**digits, *taken));
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn phone_numbers_are_known_in_disguise() {
        check("0912000345", Some(("0912000345", 1)));
        check("0 9 1 2 . 0 0 0 . 3 4 5 nhé", Some(("0912000345", 12)));
        check("o912.ooo.345", Some(("0912000345", 1)));
        check("+84 912 000 345", Some(("84912000345", 4)));
        check("84912000345", Some(("84912000345", 1)));
        check(
            "không chín một hai không không không ba bốn năm",
            Some(("0912000345", 10)),
        );
        check("024 3900 0123", Some(("02439000123", 3)));
        check("09 12 00 03 45", Some(("0912000345", 5)));
        check("+1 (305) 555-0147", Some(("13055550147", 3)));
        check("305-555-0147", Some(("3055550147", 1)));
        check("1-888-555-0147", Some(("18885550147", 1)));
    }

    #[test]
    fn other_numbers_are_none() {
        for text in [
            "500.000.000",
            "2.500.000.000",
            "23.11.2026",
            "2026-11-23",
            "09/11/2026 10 giờ",
            "1234567890",
            "8005551234",
            "hai ba",
            "0.5",
            "0.912345678",
            "0-306-40615-2",
            "3-16-148410-0",
            "978-3-16-148410-0",
            "255.255.255.0",
            "00000000000",
            "0000123456",
            "100 200 300 400 500",
            "05 06 07 08 09",
            "1900 0001",
            "18001234",
            "0x80070005",
            "0612345678",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn what_a_number_is_called_decides() {
        let speaks = |text: &str| speak_of_another_number(text.split(' ').rev());
        for text in ["mã đơn hàng", "order number", "isbn", "lỗi số"] {
            assert!(speaks(text), "{text}");
        }
        for text in ["mã giảm giá gọi", "zalo", "đơn hàng liên hệ số", "nhà"] {
            assert!(!speaks(text), "{text}");
        }
    }
}
