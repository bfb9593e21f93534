//! A text without its markup in; out come its links and e-mail addresses, as written, and the text with a mark in the place of each.
//!
//! This comes before normalisation, which would undo what belongs to an address: `www` loses letters as a long repeat, `Com` its capital, a Cyrillic host its script.
//! What only normalisation brings to light (`𝐤𝐮𝐛𝐞𝐭.𝐯𝐢𝐩`, `k u b e t . n e t`) is left to `segment`.

use std::borrow::Cow;
use std::ops::Range;

use super::links::{self, BARE_SUFFIXES, Link, Place};
use super::markup::Plain;
use super::normalize;
use super::undone::Undone;
use super::vietnamese::{base_letter, is_syllable};

/// Stands for an address, a word by itself. No text keeps a character of its own that is one of these three.
pub(super) const ADDRESS: &str = "\u{1a}";
/// What follows is quoted.
pub(super) const QUOTED: &str = "\u{e}";
/// What follows is the writer's own again.
pub(super) const OWN: &str = "\u{f}";

/// One address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    Link(Link),
    Email(String),
}

/// A text with marks for its addresses.
#[derive(Debug, Default)]
pub(super) struct Marked<'a> {
    pub(super) text: Cow<'a, str>,
    /// In the order of their marks.
    pub(super) addresses: Vec<Address>,
}

/// Most pieces of an address set apart: `www . kubet . com . vn`.
const MOST_PARTS: usize = 5;

/// Longest address, in bytes, so that thousands of them without a blank cannot make the search quadratic.
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

/// Bytes that something to do may begin with: full stops, brackets around a spoken one, quotes, and our own marks.
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
    // What is quoted within a quote is quoted once.
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
    /// Up to here the text stands in `out`.
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
    /// Looks at a telling byte; says where to go on.
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
            // Somebody wrote one of our marks: it has no place on screen.
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
            // What is left of the piece is punctuation that belonged to the address, or more words.
            let left = &self.text[self.copied..around.end];
            if !left.contains(char::is_alphanumeric) {
                self.copied = around.end;
            }
        }
        around.end
    }

    /// `kubet . net`, `http://www . kubet . com/a`: a full stop with a blank on both sides. `Xong . Com rang` is two sentences.
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

    /// Copies the text up to a place, and says where quotes begin and end.
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

fn is_part(c: char) -> bool {
    // Loose marks and invisible characters inside an address fall away later.
    c.is_alphanumeric()
        || matches!(c, '-' | '_' | '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// `Com`, `Nhé`: not `com`, `COM`, `CoM`.
fn begins_a_sentence(part: &str) -> bool {
    let mut letters = part.chars();
    letters.next().is_some_and(char::is_uppercase)
        && !letters
            .take_while(|c| c.is_alphanumeric())
            .any(char::is_uppercase)
}

/// Whether a name and a suffix that stand apart are one address. `xong . com rang` is Vietnamese without marks, and a name with marks is none.
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

/// Length of `(dot)`, `[.]`, `{chấm}` at the start.
fn spoken_dot(text: &str) -> Option<usize> {
    let close = match text.as_bytes().first()? {
        b'(' => ')',
        b'[' => ']',
        b'{' => '}',
        _ => return None,
    };
    // The longest, `chấm` with its marks apart, has eleven bytes.
    let inner = &text[1..text.floor_char_boundary(16)];
    let inner = &inner[..inner.find(close)?];
    let is_dot = [
        "dot", "DOT", "Dot", ".", "chấm", "cham", "đot", "d0t", "punto", "point",
    ]
    .contains(&inner.trim());
    is_dot.then_some(inner.len() + 2)
}

/// The piece with its spoken full stops as such.
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

/// The first address in a piece without blanks, and where it stands.
fn first(piece: &str, undone: &mut Undone) -> Option<(Range<usize>, Address)> {
    if let Some(spelt) = undotted(piece) {
        let (range, address) = first(&spelt, undone)?;
        // Bytes before the first bracket are the same in both.
        let start = range.start.min(piece.find(['(', '[', '{']).unwrap_or(0));
        undone.spaced += 1;
        return Some((start..piece.len(), address));
    }
    with_scheme(piece).or_else(|| bare(piece))
}

/// Schemes of the web, and how people hide them. Others stand for themselves.
const SCHEMES: [&str; 5] = ["https", "http", "hxxps", "hxxp", "ftp"];

fn with_scheme(piece: &str) -> Option<(Range<usize>, Address)> {
    let colon = piece.find("://").or_else(|| piece.find(":\\\\"))?;
    let letters = piece[..colon]
        .bytes()
        .rev()
        .take_while(u8::is_ascii_alphanumeric)
        .count();
    let word = piece[colon - letters..colon].to_ascii_lowercase();
    // `xemhttp://`: the blank before it was forgotten.
    let scheme = SCHEMES.iter().find(|scheme| word.ends_with(**scheme));
    let start = colon - scheme.map_or(letters, |scheme| scheme.len());
    let rest = &piece[start..];
    let mut end = rest
        .find(['<', '>', '"', '`', '|', '“', '”', '，', '。'])
        .unwrap_or(rest.len());
    // A second address may follow without a blank; within a path or a query it belongs to the first.
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
        // `Xong.Com` lacks a blank.
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
