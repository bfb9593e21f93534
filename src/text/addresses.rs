//! A text without its markup in, its links and e-mail addresses as written and the text with a mark
//! in the place of each out. It never changes what is between them.
//!
//! This comes before normalisation, which would damage addresses: `www` would lose letters as a
//! long repeat, `Com` its capital, a Cyrillic host its script. Addresses that only normalisation
//! makes readable (`𝐤𝐮𝐛𝐞𝐭.𝐯𝐢𝐩`, `k u b e t . n e t`) are left to `segment`.

use std::borrow::Cow;
use std::ops::Range;

use super::address_search::{Address, begins_a_sentence, first, is_part, spoken_dot};
use super::links::{self, BARE_SUFFIXES, Place};
use super::markup::Plain;
use super::normalize;
use super::undone::Undone;
use super::vietnamese::{base_letter, is_syllable};

/// Stands for an address, as a word of its own. These three characters are removed from a text
/// before its addresses are marked.
pub(super) const ADDRESS: &str = "\u{1a}";
/// Begins a quote.
pub(super) const QUOTED: &str = "\u{e}";
/// Ends a quote.
pub(super) const OWN: &str = "\u{f}";

/// A text with marks for its addresses.
#[derive(Debug, Default)]
pub(super) struct Marked<'a> {
    pub(super) text: Cow<'a, str>,
    /// In the order of their marks.
    pub(super) addresses: Vec<Address>,
}

/// An address set apart by blanks has at most this many parts:
const MOST_PARTS: usize = 5;

/// Longest address, in bytes. Without a limit, thousands of addresses without a blank would make
/// the search quadratic.
const LONGEST: usize = 2_048;

/// Finds the addresses and quoted lines of a text.
pub(super) fn mark<'a>(plain: &'a Plain<'a>, undone: &mut Undone) -> Marked<'a> {
    let text = &*plain.text;
    let telling = |from: usize| {
        let bytes = text.as_bytes()[from..].iter();
        bytes.copied().position(is_telling).map(|at| from + at)
    };
    let mut next = telling(0);
    if plain.quotes.is_empty() && next.is_none() {
        return Marked {
            text: Cow::Borrowed(text),
            addresses: Vec::new(),
        };
    }
    let mut marker = Marker {
        text,
        copied: 0,
        out: String::new(),
        addresses: Vec::new(),
        undone,
        quotes: quotes(plain),
        entered: false,
    };
    while let Some(at) = next {
        next = telling(marker.look(at).max(at + 1));
    }
    marker.finish()
}

/// Bytes at which there may be work: full stops, brackets around a spoken one, quotes, and the
/// three marks. All other bytes are skipped quickly.
fn is_telling(byte: u8) -> bool {
    TELLING[byte as usize]
}

static TELLING: [bool; 256] = {
    let mut telling = [false; 256];
    let bytes = b".([{>\x0e\x0f\x1a";
    let mut at = 0;
    while at < bytes.len() {
        telling[bytes[at] as usize] = true;
        at += 1;
    }
    telling
};

/// Quoted stretches: those of the markup, and lines that open with `>`.
fn quotes(plain: &Plain) -> Vec<Range<usize>> {
    let mut quotes = plain.quotes.clone();
    if plain.text.contains('>') {
        let mut start = 0;
        for line in plain.text.split_inclusive('\n') {
            let mut after = line.trim_start().strip_prefix('>').map(str::chars);
            let is_quote = after
                .as_mut()
                .and_then(Iterator::next)
                .is_some_and(|c| c == '>' || c.is_whitespace() || c.is_alphanumeric());
            if is_quote && line.len() > 2 {
                quotes.push(start..start + line.len());
            }
            start += line.len();
        }
    }
    quotes.sort_unstable_by_key(|quote| quote.start);
    // Quotes inside quotes become one.
    quotes.dedup_by(|later, earlier| {
        let meets = later.start <= earlier.end;
        if meets {
            earlier.end = earlier.end.max(later.end);
        }
        meets
    });
    quotes.reverse();
    quotes
}

struct Marker<'a, 'u> {
    text: &'a str,
    /// The text up to this byte is in `out`.
    copied: usize,
    out: String,
    addresses: Vec<Address>,
    undone: &'u mut Undone,
    /// Still to come, the next one last.
    quotes: Vec<Range<usize>>,
    /// Whether the quote that comes next has begun.
    entered: bool,
}

impl<'a> Marker<'a, '_> {
    /// Looks at one of these bytes; returns where to go on.
    fn look(&mut self, at: usize) -> usize {
        let rest = &self.text[at + 1..];
        match self.text.as_bytes()[at] {
            b'.' => {
                let before = self.text[..at].chars().next_back();
                let after = rest.chars().next();
                match (before, after) {
                    (Some(before), Some(after)) if is_part(before) && is_part(after) => {
                        self.piece(at)
                    }
                    (Some(before), Some(after))
                        if before.is_whitespace() && after.is_whitespace() =>
                    {
                        self.set_apart(at)
                    }
                    _ => at,
                }
            }
            b'>' => at,
            b'(' | b'[' | b'{' if spoken_dot(&self.text[at..]).is_some() => self.piece(at),
            b'(' | b'[' | b'{' => at,
            // The text has one of the three marks itself: it is invisible, so it is removed and
            // counted.
            _ => {
                self.copy_to(at);
                self.copied = at + 1;
                self.undone.invisible += 1;
                at
            }
        }
    }

    /// The piece between white space around a byte.
    fn piece_around(&self, at: usize) -> Range<usize> {
        let before = &self.text[self.copied..at];
        let start = before
            .char_indices()
            .rev()
            .find(|(_, c)| c.is_whitespace())
            .map_or(0, |(at, c)| at + c.len_utf8());
        let after = self.text[at..].find(char::is_whitespace);
        self.copied + start..after.map_or(self.text.len(), |length| at + length)
    }

    /// Addresses in one piece, such as `web:kubet.vip`, `(http://x.test)` or `a@b.vn,c@d.vn`.
    fn piece(&mut self, at: usize) -> usize {
        let around = self.piece_around(at);
        let mut from = around.start;
        while from < around.end {
            let window = self
                .text
                .floor_char_boundary(from + LONGEST)
                .min(around.end);
            let Some((range, address)) = first(&self.text[from..window], self.undone) else {
                if window == around.end {
                    break;
                }
                from = window;
                continue;
            };
            let end = from + range.end;
            self.put(from + range.start..end, address);
            from = end;
        }
        if self.copied > around.start {
            // The rest of the piece is punctuation of the address, which is dropped, or more words.
            let left = &self.text[self.copied..around.end];
            if !left.contains(char::is_alphanumeric) {
                self.copied = around.end;
            }
        }
        around.end
    }

    /// `kubet . net`, `http://www . kubet . com/a`: a full stop with a blank on both sides.
    /// `Xong . Com rang` is two sentences.
    fn set_apart(&mut self, at: usize) -> usize {
        let before = self.text[self.copied..at].trim_end();
        let name = before.rsplit(char::is_whitespace).next().unwrap_or("");
        if !name.ends_with(char::is_alphanumeric) {
            return at;
        }
        let start = self.copied + before.len() - name.len();
        let mut joined = name.to_owned();
        let mut best = None;
        let mut end = at;
        for _ in 1..MOST_PARTS {
            let rest = &self.text[end + 1..];
            let part_at = end + 1 + (rest.len() - rest.trim_start().len());
            let rest = &self.text[part_at..];
            let part = &rest[..rest.find(char::is_whitespace).unwrap_or(rest.len())];
            if part.is_empty() || begins_a_sentence(part) {
                break;
            }
            joined.push('.');
            joined.push_str(part);
            let part_end = part_at + part.len();
            if let Some((range, address)) = first(&joined, &mut Undone::default())
                && range.end + 1 >= links::without_closing(&joined).len()
                && is_meant(name, part, &joined)
            {
                let label = range.start.min(name.len());
                best = Some((start + label..part_end, address));
            }
            let gap = &self.text[part_end..];
            let stop = part_end + (gap.len() - gap.trim_start().len());
            let is_stop = stop > part_end
                && self.text[stop..].starts_with('.')
                && self.text[stop + 1..].starts_with(char::is_whitespace);
            if !is_stop {
                break;
            }
            end = stop;
        }
        let Some((range, address)) = best else {
            return at;
        };
        self.undone.spaced += 1;
        let end = range.end;
        self.put(range, address);
        end
    }

    fn put(&mut self, range: Range<usize>, mut address: Address) {
        let written = &self.text[range.clone()];
        if !written.is_ascii() {
            normalize::undisguise(written, self.undone);
        }
        self.copy_to(range.start);
        self.out.push(' ');
        self.out.push_str(ADDRESS);
        self.out.push(' ');
        self.copied = range.end;
        if let Address::Link(link) = &mut address
            && self.entered
        {
            link.place = Place::Quote;
        }
        self.addresses.push(address);
    }

    /// Copies the text up to a byte, with marks where quotes begin and end.
    fn copy_to(&mut self, to: usize) {
        while let Some(quote) = self.quotes.last() {
            let (next, mark) = match self.entered {
                false => (quote.start, QUOTED),
                true => (quote.end, OWN),
            };
            if next > to {
                break;
            }
            self.out
                .push_str(&self.text[self.copied..next.max(self.copied)]);
            self.copied = next.max(self.copied);
            self.out.push(' ');
            self.out.push_str(mark);
            self.out.push(' ');
            if self.entered {
                self.quotes.pop();
            }
            self.entered = !self.entered;
        }
        if to > self.copied {
            self.out.push_str(&self.text[self.copied..to]);
            self.copied = to;
        }
    }

    fn finish(mut self) -> Marked<'a> {
        if self.copied == 0 && self.quotes.is_empty() && !self.entered {
            return Marked {
                text: Cow::Borrowed(self.text),
                addresses: Vec::new(),
            };
        }
        self.copy_to(self.text.len());
        Marked {
            text: Cow::Owned(self.out),
            addresses: self.addresses,
        }
    }
}

/// Whether a name and a suffix set apart are one address. `xong . com rang` is Vietnamese without
/// marks. A name with marks is no address.
fn is_meant(name: &str, part: &str, joined: &str) -> bool {
    if joined.contains("//") {
        return true;
    }
    let top = part
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or("");
    let folded = |word: &str| {
        word.to_lowercase()
            .chars()
            .map(base_letter)
            .collect::<String>()
    };
    let is_suffix = BARE_SUFFIXES.contains(&&*top.to_lowercase());
    name.is_ascii() && is_suffix && !(is_syllable(&folded(name)) && is_syllable(&folded(top)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, left: &str, expected: &[&str]) {
        let plain = Plain {
            text: text.into(),
            ..Plain::default()
        };
        let marked = mark(&plain, &mut Undone::default());
        let words: Vec<&str> = marked.text.split_whitespace().collect();
        let shown: Vec<String> = marked
            .addresses
            .iter()
            .map(|address| match address {
                Address::Link(link) if link.path.is_empty() => link.host.clone(),
                Address::Link(link) => format!("{}/{}", link.host, link.path),
                Address::Email(email) => email.clone(),
            })
            .collect();
        let left = left.replace('*', ADDRESS);
        assert_eq!(
            (words.join(" "), shown),
            (left, expected.iter().map(|s| (*s).to_owned()).collect()),
            "{text:?}"
        );
    }

    #[test]
    fn addresses_are_taken_as_written() {
        check(
            "xem http://kubet77x.com . Nhé",
            "xem * . Nhé",
            &["kubet77x.com"],
        );
        check(
            "https://www.youtube.com/watch?v=A",
            "*",
            &["youtube.com/watch?v=a"],
        );
        check(
            "bbb.org, www.aaaclub.com!",
            "* *",
            &["bbb.org", "aaaclub.com"],
        );
        check("vào t.me/abc nhé", "vào * nhé", &["t.me/abc"]);
        check(
            "web:kubet.vip (http://x.test/a)",
            "web: * ( *",
            &["kubet.vip", "x.test/a"],
        );
        check("xemhttp://x.test/a_(b)", "xem *", &["x.test/a_(b)"]);
        check("a@b.vn,c@d.vn", "* , *", &["a@b.vn", "c@d.vn"]);
        check("mua tại goo.gl\\x ngay", "mua tại * ngay", &["goo.gl/x"]);
        check(
            "http://x.test/http://y.test",
            "*",
            &["x.test/http://y.test"],
        );
        check(
            "http://x.test/ahttp://y.test",
            "* *",
            &["x.test/a", "y.test"],
        );
        check("kubеt.com", "*", &["kubеt.com"]);
    }

    #[test]
    fn a_sentence_is_no_address() {
        let long = "a.b-".repeat(1_000) + &"!".repeat(LONGEST);
        for text in [
            &long,
            "Xong . Com rang nhé",
            "xong . com rang",
            "Ăn xong.Com rang",
            "đẹp.vn quá . Net",
            "src/main.rs/x 3.5 v1.2 e.g. hay.cảm",
            "@abc.com",
        ] {
            check(text, text, &[]);
        }
    }

    #[test]
    fn addresses_set_apart_come_together() {
        check("vào kubet . net nhé", "vào * nhé", &["kubet.net"]);
        check("http://vay-nhanh . com/a b", "* b", &["vay-nhanh.com/a"]);
        check("www . kubet . com . Nhé", "* . Nhé", &["kubet.com"]);
        check("kubet(dot)com nhé", "* nhé", &["kubet.com"]);
        check("http://www[.]kubet[.]vip/a", "*", &["kubet.vip/a"]);
        check("f(x) [1] a(b)", "f(x) [1] a(b)", &[]);
    }

    #[test]
    fn nobody_writes_our_marks() {
        check("a\u{1a}b \u{e}\u{f} x.com", "ab *", &["x.com"]);
        check("\u{1a}", "", &[]);
    }

    #[test]
    fn quoted_lines_are_known() {
        let text = format!("{QUOTED} > xem *\n {OWN} cảm ơn *").replace('*', ADDRESS);
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        check("> xem x.com\ncảm ơn y.com", &words, &["x.com", "y.com"]);
        check(">.< hay\n-> x", ">.< hay -> x", &[]);
    }
}
