//! A comment and its reading in, what is remembered of it out: 32 minima over pairs of words, its
//! contacts, hashes of author, address and site. Pure. Of the text only hashes are kept.
//!
//! Each pair of neighbouring words (as `Reading::folded` gives them) is hashed once. The top five
//! bits of the hash choose one of 32 bins, and each bin keeps its smallest hash (one-permutation
//! minhash). The share of bins that two texts have in common estimates the share of word pairs that
//! they have in common (Jaccard). An empty bin takes the value of the next filled bin, so that
//! short texts fill all bins too.

use std::net::IpAddr;

use super::contacts::{self, Contact};
use crate::comment::{Comment, SiteId};
use crate::text::{Reading, Token, TokenKind};

/// Bins of a sketch.
pub(super) const BINS: usize = 32;
/// Two neighbouring bins make a band. Texts that share a band are compared.
pub(super) const BANDS: usize = BINS / 2;

/// A text without a contact is remembered from this many words on: anybody writes `who's here in
/// 2026` and `cảm ơn bạn nhiều nhé`.
pub(super) const FEWEST_WORDS: u16 = 8;
/// The same with a contact.
const FEWEST_WORDS_BESIDE_A_CONTACT: u16 = 2;
/// Number of tokens read for the sketch; what comes later in a longer text is ignored.
const MOST_WORDS: usize = 600;

/// The kind of place a comment was written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Below an article or in a forum: people write their own words.
    Open,
    /// A contact form: people fill in the platform's own template.
    Form,
    /// A link notice that one article sends to the articles it links to.
    Pingback,
}

/// Who contributes a sighting or a label: a site, or a key that may have invented its sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Contributor {
    hash: u32,
    /// Whether it is such a key: its labels of a campaign count for itself alone.
    pub(super) is_stranger: bool,
}

impl Contributor {
    pub(super) fn of(site: u32, stranger: u32) -> Self {
        match stranger {
            0 => Self {
                hash: site,
                is_stranger: false,
            },
            key => Self {
                hash: key,
                is_stranger: true,
            },
        }
    }
}

/// What is remembered of a comment.
#[derive(Debug, Clone)]
pub struct Sketch {
    pub(super) text: Option<TextSketch>,
    /// Number of words of the text, without contacts and pictures.
    pub(super) words: u16,
    pub(super) contacts: Vec<Contact>,
    pub(super) place: Place,
    pub(super) site: u32,
    /// A hash of the name of the key that sent it, where nobody but that key says which site it is;
    /// 0 where the operator says so.
    pub(super) stranger: u32,
    /// 0 if unknown.
    pub(super) address: u32,
    /// 0 if unknown.
    pub(super) author: u32,
}

/// The minima of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextSketch {
    /// The low byte of each bin's minimum.
    pub(super) bins: [u8; BINS],
    /// A key for each band.
    pub(super) bands: [u32; BANDS],
}

impl Sketch {
    /// Sketches a comment that is already read.
    pub fn of(site: &SiteId, comment: &Comment, reading: &Reading) -> Self {
        let contacts = contacts::of(site, comment, reading);
        let place = place(comment.page.kind.as_deref().unwrap_or(""));
        let words = reading.tokens.iter().filter(|t| t.kind == TokenKind::Word);
        let words = words.count().min(usize::from(u16::MAX)) as u16;
        let fewest = match contacts.is_empty() {
            true => FEWEST_WORDS,
            false => FEWEST_WORDS_BESIDE_A_CONTACT,
        };
        Self {
            text: (words >= fewest).then(|| TextSketch::of(reading)).flatten(),
            words,
            place,
            site: short_hash(site.as_str().as_bytes()),
            stranger: 0,
            address: comment.request.ip.map_or(0, network),
            author: author(comment, place),
            contacts,
        }
    }

    /// The same, sent by a key that may have invented the site: for others all that this key sends
    /// is one contributor.
    pub fn of_stranger(self, key_name: &str) -> Self {
        Self {
            stranger: short_hash(key_name.as_bytes()),
            ..self
        }
    }

    /// The contributor of this sighting.
    pub(super) fn contributor(&self) -> Contributor {
        Contributor::of(self.site, self.stranger)
    }
}

fn place(kind: &str) -> Place {
    match kind {
        "pingback" | "trackback" => Place::Pingback,
        _ if kind.starts_with("contact") => Place::Form,
        _ => Place::Open,
    }
}

/// Never 0, which stands for unknown.
fn short_hash(bytes: &[u8]) -> u32 {
    (rapidhash::v3::rapidhash_v3(bytes) >> 32) as u32 | 1
}

/// A hash of the /24 (IPv4) or /48 (IPv6) network of an address: a household and its neighbours.
fn network(ip: IpAddr) -> u32 {
    match ip {
        IpAddr::V4(ip) => short_hash(&ip.octets()[..3]),
        IpAddr::V6(ip) => short_hash(&ip.octets()[..6]),
    }
}

/// A hash of the author: the e-mail address, else the name; 0 if unknown. A pingback's name is the
/// title of its article, so its author is the host it came from.
fn author(comment: &Comment, place: Place) -> u32 {
    let author = &comment.author;
    let said = match place {
        Place::Pingback => {
            let home = author.url.as_deref().unwrap_or("");
            let link = crate::text::links::parse(home, crate::text::links::Place::Author);
            return link.map_or(0, |link| short_hash(link.host.as_bytes()));
        }
        Place::Open | Place::Form => author.email.as_deref().or(author.name.as_deref()),
    };
    match said.map(|said| said.trim().to_lowercase()) {
        Some(said) if !said.is_empty() => short_hash(said.as_bytes()),
        _ => 0,
    }
}

const EMPTY: u32 = u32::MAX;

impl TextSketch {
    fn of(reading: &Reading) -> Option<Self> {
        let mut minima = [EMPTY; BINS];
        let mut before = None;
        for token in reading.tokens.iter().take(MOST_WORDS) {
            let Some(word) = word_hash(reading, token) else {
                continue;
            };
            if let Some(before) = before {
                let pair = pair_hash(before, word);
                // The bin comes from the top bits and the minimum from the low ones: the two are
                // independent.
                let bin = &mut minima[(pair >> 59) as usize];
                *bin = (*bin).min(pair as u32);
            }
            before = Some(word);
        }
        if minima.iter().all(|&least| least == EMPTY) {
            return None;
        }
        let filled: [u32; BINS] = std::array::from_fn(|bin| borrow(&minima, bin));
        let mut bands = [0; BANDS];
        for (band, key) in bands.iter_mut().enumerate() {
            let pair = u64::from(filled[2 * band]) << 32 | u64::from(filled[2 * band + 1]);
            *key = (mix(pair ^ (band as u64 + 1).wrapping_mul(ODD)) >> 32) as u32;
        }
        Some(Self {
            // One byte of each minimum is enough to compare: two different minima are equal in it
            // once in 256.
            bins: filled.map(|least| least as u8),
            bands,
        })
    }

    /// The share of word pairs that two texts have in common, 0 to 1, with a standard error of .09
    /// at one half, and too high by 1/256 at most.
    pub(super) fn likeness(bins: &[u8; BINS], others: &[u8; BINS]) -> f64 {
        let same = bins.iter().zip(others).filter(|(a, b)| a == b).count();
        same as f64 / BINS as f64
    }
}

/// What a token counts as. All numbers are alike and all contacts are alike, because a spammer
/// changes them first. Pictures are left out, because they are inserted anywhere.
fn word_hash(reading: &Reading, token: &Token) -> Option<u64> {
    let bytes = match token.kind {
        TokenKind::Word => reading.folded(token).as_bytes(),
        TokenKind::Number => b"#",
        TokenKind::Link | TokenKind::Email | TokenKind::Phone => b"@",
        TokenKind::Mention | TokenKind::Emoji | TokenKind::Emoticon | TokenKind::SpeltOut => {
            return None;
        }
    };
    Some(rapidhash::v3::rapidhash_v3(bytes))
}

const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

fn pair_hash(left: u64, right: u64) -> u64 {
    mix(left.rotate_left(23) ^ right)
}

fn mix(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 32)).wrapping_mul(ODD);
    (hash ^ (hash >> 29)).wrapping_mul(0xd6e8_feb8_6659_fd93)
}

/// The minimum of a bin, or of the next filled one to its right. A borrowed value is changed by its
/// distance, so that it does not equal the bin it came from.
fn borrow(minima: &[u32; BINS], bin: usize) -> u32 {
    let far = (0..BINS).find(|far| minima[(bin + far) % BINS] != EMPTY);
    let far = far.unwrap_or(0);
    minima[(bin + far) % BINS] ^ (far as u32).wrapping_mul(0x85eb_ca6b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    fn sketch(text: &str) -> Sketch {
        let site = SiteId::parse("blog.example").expect("a site");
        Sketch::of(&site, &Comment::from_text(text), &text::read(text))
    }

    #[track_caller]
    fn likeness(one: &str, other: &str) -> f64 {
        let bins = |text: &str| sketch(text).text.expect("long enough").bins;
        TextSketch::likeness(&bins(one), &bins(other))
    }

    #[test]
    fn a_copy_in_disguise_is_a_copy_and_another_text_is_not() {
        let text = "Vay tiền nhanh trong ngày, không cần thế chấp, lãi suất 1% tháng, duyệt online chỉ cần cccd";
        let disguised = "VAY TIỀN nhanh trong ngày không c.ầ.n thế chấp lãi suất 2% tháng 🔥 duyệt online chỉ cần cccd";
        assert!(
            likeness(text, disguised) > 0.8,
            "{}",
            likeness(text, disguised)
        );
        let other = "Em làm theo hướng dẫn của anh thì máy chạy được rồi, cảm ơn anh nhiều lắm, mong anh viết thêm";
        assert!(likeness(text, other) < 0.1);
    }

    #[test]
    fn the_estimate_is_near_the_share_of_pairs() {
        // 40 words, and the same with every fifth changed: 16 of 39 pairs change, so (39 - 16) /
        // (39 + 16) = .42 in common.
        let syllables = ["ba", "ke", "di", "to", "mu", "ra", "ne", "li", "so", "vu"];
        let word = |n: usize| -> String {
            let digits = [n % 10, n / 10 % 10, n / 100 % 10, n / 1_000];
            digits.map(|digit| syllables[digit]).concat()
        };
        let rounds = 100;
        let mut off = 0.0;
        for round in 0..rounds {
            let name = |n: usize| word(round * 40 + n);
            let one: Vec<String> = (0..40).map(name).collect();
            let changed = |n: usize| match n % 5 {
                2 => format!("x{}", name(n)),
                _ => name(n),
            };
            let other: Vec<String> = (0..40).map(changed).collect();
            off += likeness(&one.join(" "), &other.join(" ")) - 23.0 / 55.0;
        }
        let off = off / rounds as f64;
        assert!(off.abs() < 0.05, "off by {off}");
    }

    #[test]
    fn what_everybody_says_is_not_remembered() {
        for text in [
            "thanks!",
            "+1",
            "hay quá",
            "hóng",
            "first",
            "who's here in 2026",
            "",
            "👍👍👍",
        ] {
            let sketch = sketch(text);
            assert!(
                sketch.text.is_none() && sketch.contacts.is_empty(),
                "{text:?}"
            );
        }
        assert!(sketch("gọi 0912 000 345 nhé em").text.is_some());
    }

    #[test]
    fn neighbours_share_a_network_and_strangers_do_not() {
        let of = |ip: &str| network(ip.parse().expect("an address"));
        assert_eq!(of("203.0.113.9"), of("203.0.113.200"));
        assert_ne!(of("203.0.113.9"), of("203.0.114.9"));
        assert_eq!(of("2001:db8:1::1"), of("2001:db8:1:ffff::2"));
        assert_ne!(of("2001:db8:1::1"), of("2001:db8:2::1"));
    }
}
