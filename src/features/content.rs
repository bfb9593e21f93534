//! A comment and its reading in, features of the text out: words in both views, stems, word
//! n-grams, character n-grams, links, contacts, shape, disguises. It never looks at the author,
//! except to tell the author's own e-mail address and home page from others.

use std::cell::RefCell;

use rust_stemmers::{Algorithm, Stemmer};

use super::bucket::{hash, hash_ngram, join};
use super::feature::{Features, shifted};
use super::kind::Kind;
use super::place::Place;
use crate::comment::Comment;
use crate::text::links::{self, Link};
use crate::text::{Language, Reading, Span, Token, TokenKind};

/// Character n-grams are read from this many bytes of the text; longer texts have enough words.
const NGRAM_WINDOW: usize = 1_500;

/// Lengths of the character n-grams, in characters.
const NGRAM_LENGTHS: std::ops::RangeInclusive<usize> = 2..=5;

/// Nearly the largest number of features that the text's words and letters can have, so that memory
/// is reserved at once.
pub(super) fn most_features(reading: &Reading) -> usize {
    reading.folded.len().min(NGRAM_WINDOW) * NGRAM_LENGTHS.count() + reading.tokens.len() * 5
}

pub(super) fn add(comment: &Comment, reading: &Reading, features: &mut Features) {
    let marked_at = features.keep(&reading.marked);
    let folded_at = features.keep(&reading.folded);
    features.keep_words(reading, marked_at, folded_at);
    features.place = Place::new(marked_at, folded_at, reading.folded.len());
    let contacts = Contacts::of(comment, reading);
    words(reading, &contacts, marked_at, folded_at, features);
    char_ngrams(reading, folded_at, features);
    let mut bait: Vec<&Link> = Vec::new();
    for link in reading.links.iter().filter(|link| contacts.is_bait(link)) {
        // An address that is shown as text and linked to is one link.
        let is_new = |known: &&Link| (&known.host, &known.path) != (&link.host, &link.path);
        if bait.len() >= MOST_LINKS || bait.iter().all(is_new) {
            bait.push(link);
        }
    }
    // The same text under many home pages may be praise by many people. So the text as a whole is a
    // feature only where nothing else belongs to the sender (docs/DECISIONS.md, "Label evidence is
    // divided by the root of the comment's length").
    let names_nobody = bait.is_empty()
        && reading.emails.is_empty()
        && reading.phones.is_empty()
        && reading.handles.is_empty()
        && comment.author.url.is_none();
    if reading.tokens.len() > 1 && names_nobody {
        features.add_hashed(
            Kind::Whole,
            hash(reading.folded.as_bytes()),
            Span::new(folded_at, folded_at + reading.folded.len().min(80)),
        );
    }
    linked(&bait, features);
    for email in reading.emails.iter().filter(|e| !contacts.is_own(e)) {
        features.add(Kind::EmailInText, email);
    }
    for phone in &reading.phones {
        features.add(Kind::Phone, phone);
    }
    for platform in &reading.handles {
        features.add(Kind::Handle, platform);
    }
    shape(reading, features);
    disguise(reading, features);
}

/// Only this many links are compared with each other; where there are more, their exact number does
/// not matter.
const MOST_LINKS: usize = 32;

/// Addresses that a comment may contain without advertising anything.
struct Contacts {
    /// Host of the page commented on, without `www.`.
    site: Option<String>,
    /// The sender's own e-mail address, which the form has anyway.
    email: Option<String>,
    /// Whether it is a message to the owner of the site, who has to be able to answer.
    is_message: bool,
}

impl Contacts {
    /// Those that matter for what the text has: most texts have neither a link nor an address.
    fn of(comment: &Comment, reading: &Reading) -> Self {
        let page = &comment.page;
        let permalink = page.permalink.as_deref();
        let email = comment.author.email.as_deref();
        Self {
            site: permalink
                .filter(|_| !reading.links.is_empty())
                .and_then(|url| links::parse(url, links::Place::Author))
                .map(|link| link.host),
            email: email
                .filter(|_| !reading.emails.is_empty())
                .map(str::to_lowercase),
            is_message: page.kind.as_deref().is_some_and(|kind| {
                ["contact-form", "contact_form", "message", "contact"]
                    .contains(&kind.to_lowercase().as_str())
            }),
        }
    }

    /// Whether a link leads to another site and is neither a quote nor a mention.
    fn is_bait(&self, link: &Link) -> bool {
        !matches!(link.place, links::Place::Mention | links::Place::Quote)
            && self.site.as_deref() != Some(link.host.as_str())
    }

    fn is_own(&self, email: &str) -> bool {
        self.email.as_deref() == Some(email)
    }
}

/// The hash of a token inside a word n-gram: its own, or one for all contacts or all long numbers,
/// which rarely repeat.
fn hash_in_ngram(reading: &Reading, token: &Token, folded: u64) -> u64 {
    match token.kind {
        TokenKind::Link => hash(b"<link>"),
        TokenKind::Email => hash(b"<email>"),
        TokenKind::Phone => hash(b"<phone>"),
        TokenKind::Mention => hash(b"<mention>"),
        TokenKind::Number if reading.folded(token).len() > 2 => hash(b"<number>"),
        _ => folded,
    }
}

/// What one token adds by itself.
enum Typed {
    /// A fact: the text has something of this kind.
    Fact(&'static str),
    /// Its word.
    Word,
    Nothing,
}

fn typed(token: &Token, reading: &Reading, contacts: &Contacts) -> Typed {
    match token.kind {
        // Counted by `linked`, once.
        TokenKind::Link => Typed::Nothing,
        TokenKind::Email if contacts.is_own(reading.folded(token)) => Typed::Nothing,
        TokenKind::Email => Typed::Fact("e-mail address in the text"),
        TokenKind::Phone if contacts.is_message => Typed::Fact("phone number in a message"),
        TokenKind::Phone => Typed::Fact("phone number in the text"),
        TokenKind::Mention => Typed::Fact("@name in the text"),
        _ => Typed::Word,
    }
}

fn words(
    reading: &Reading,
    contacts: &Contacts,
    marked_at: usize,
    folded_at: usize,
    features: &mut Features,
) {
    let english = reading.language == Language::English;
    let mut before: Option<(Token, u64, u64)> = None;
    let mut before_that: Option<(Token, u64)> = None;
    for token in &reading.tokens {
        let folded = hash(reading.folded(token).as_bytes());
        let marked = hash(reading.marked(token).as_bytes());
        let in_ngram = hash_in_ngram(reading, token, folded);
        match typed(token, reading, contacts) {
            Typed::Fact(fact) => features.add(Kind::Typed, fact),
            Typed::Nothing => {}
            Typed::Word => {
                features.add_hashed(Kind::Word, folded, shifted(token.folded, folded_at));
            }
        }
        if token.kind == TokenKind::SpeltOut {
            continue;
        }
        let differs = marked != folded && token.kind == TokenKind::Word;
        if differs {
            features.add_hashed(Kind::Marked, marked, shifted(token.marked, marked_at));
        }
        if english && token.kind == TokenKind::Word && token.folded.len() > 3 {
            stem(
                reading.folded(token),
                folded,
                shifted(token.folded, folded_at),
                features,
            );
        }
        if let Some((last, last_hash, last_marked)) = before {
            let span = shifted(last.folded.to(token.folded), folded_at);
            features.add_hashed(Kind::Pair, join(last_hash, in_ngram), span);
            if differs && last.kind == TokenKind::Word {
                features.add_hashed(
                    Kind::MarkedPair,
                    join(last_marked, marked),
                    shifted(last.marked.to(token.marked), marked_at),
                );
            }
            if let Some((first, first_hash)) = before_that {
                features.add_hashed(
                    Kind::Triple,
                    join(join(first_hash, last_hash), in_ngram),
                    shifted(first.folded.to(token.folded), folded_at),
                );
            }
        }
        before_that = before.map(|(last, last_hash, _)| (last, last_hash));
        before = Some((*token, in_ngram, marked));
    }
}

thread_local! {
    /// Stems seen before, each in the slot that its hash gives: stemming costs 120 ns, a look-up 3
    /// ns. A new word replaces the one in its slot.
    static STEMS: RefCell<(Stemmer, Vec<Stemmed>)> = RefCell::new((Stemmer::create(Algorithm::English), vec![Stemmed::default(); CACHED_STEMS]));
}

const CACHED_STEMS: usize = 1 << 13;

/// A word and its stem, where that is another word.
#[derive(Clone, Default)]
struct Stemmed {
    word: Box<str>,
    stem: Option<Box<str>>,
}

fn stem(word: &str, hashed: u64, name: Span, features: &mut Features) {
    STEMS.with_borrow_mut(|(stemmer, cache)| {
        let slot = &mut cache[hashed as usize % CACHED_STEMS];
        if *slot.word != *word {
            let stem = stemmer.stem(word);
            *slot = Stemmed {
                word: word.into(),
                stem: (stem != word).then(|| stem.into()),
            };
        }
        if let Some(stem) = &slot.stem {
            features.add_hashed(Kind::Stem, hash(stem.as_bytes()), name);
        }
    });
}

/// Character n-grams of the folded text, across word boundaries. They still match where blanks,
/// spelling or words are unusual.
fn char_ngrams(reading: &Reading, folded_at: usize, features: &mut Features) {
    let text = &reading.folded[..reading.folded.floor_char_boundary(NGRAM_WINDOW)];
    each_ngram(text, |ngram, span| {
        features.add_hashed(Kind::Gram, ngram, shifted(span, folded_at));
    });
}

/// Every character n-gram of a text with its place.
#[inline]
pub(super) fn each_ngram(text: &str, mut found: impl FnMut(u64, Span)) {
    if text.is_ascii() {
        for at in 0..text.len() {
            let rest = &text.as_bytes()[at..];
            ngram::<2>(rest, at, &mut found);
            ngram::<3>(rest, at, &mut found);
            ngram::<4>(rest, at, &mut found);
            ngram::<5>(rest, at, &mut found);
        }
        return;
    }
    let mut starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    starts.push(text.len());
    for from in 0..starts.len() {
        for length in NGRAM_LENGTHS {
            let Some(&end) = starts.get(from + length) else {
                break;
            };
            let start = starts[from];
            found(hash(&text.as_bytes()[start..end]), Span::new(start, end));
        }
    }
}

/// The n-gram of `N` bytes at the start of this rest of an ASCII text;
#[inline(always)]
fn ngram<const N: usize>(rest: &[u8], start: usize, found: &mut impl FnMut(u64, Span)) {
    if let Some(bytes) = rest.first_chunk::<N>() {
        found(hash_ngram(bytes), Span::new(start, start + N));
    }
}

fn linked(links: &[&Link], features: &mut Features) {
    for link in links {
        features.add(Kind::Host, &link.host);
        features.add(Kind::Domain, &link.domain);
        features.add(Kind::Suffix, &link.suffix);
        path_words(&link.path, Kind::Path, features);
        if link.is_shortener() {
            features.add(Kind::Typed, "link to a shortener");
        }
        if link.place == links::Place::Markup {
            features.add(Kind::Typed, "link behind words");
        }
    }
    let name = match links.len() {
        0 => return,
        1 => "one link",
        2 => "two links",
        3..=5 => "three to five links",
        _ => "more than five links",
    };
    features.add(Kind::Shape, name);
}

/// Words of a path, at most twelve.
pub(super) fn path_words(path: &str, kind: Kind, features: &mut Features) {
    for word in path
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| w.len() > 1 && w.len() < 30)
        .take(12)
    {
        if !word.bytes().any(|b| b.is_ascii_digit()) || word.len() < 6 {
            features.add(kind, word);
        }
    }
}

fn shape(reading: &Reading, features: &mut Features) {
    let shape = &reading.shape;
    let length = match shape.chars {
        0 => "empty",
        1..=10 => "1-10 characters",
        11..=30 => "11-30 characters",
        31..=80 => "31-80 characters",
        81..=200 => "81-200 characters",
        201..=500 => "201-500 characters",
        501..=1200 => "501-1200 characters",
        _ => "more than 1200 characters",
    };
    features.add(Kind::Shape, length);
    // Capitals inside words are a disguise, and their share says nothing about emphasis.
    let is_noise = shape.capitals_inside * 5 > shape.letters;
    if shape.letters >= 8 && is_noise {
        features.add(Kind::Disguise, "capitals strewn over words");
    } else if shape.letters >= 8 {
        match shape.capitals * 100 / shape.letters {
            0 => features.add(Kind::Shape, "no capitals"),
            1..=9 => {}
            10..=29 => features.add(Kind::Shape, "many capitals"),
            30..=69 => features.add(Kind::Shape, "mostly capitals"),
            _ => features.add(Kind::Shape, "all capitals"),
        }
    }
    if shape.chars >= 10 && shape.digits * 5 > shape.chars {
        features.add(Kind::Shape, "a fifth digits");
    }
    match shape.emoji {
        0 => {}
        1..=2 => features.add(Kind::Shape, "an emoji"),
        3..=6 => features.add(Kind::Shape, "several emoji"),
        _ => features.add(Kind::Shape, "many emoji"),
    }
    match shape.exclamations {
        0 => {}
        1..=2 => features.add(Kind::Shape, "an exclamation mark"),
        _ => features.add(Kind::Shape, "many exclamation marks"),
    }
    if shape.questions > 0 {
        features.add(Kind::Shape, "a question mark");
    }
    match shape.lines {
        0 => {}
        1..=3 => features.add(Kind::Shape, "some lines"),
        _ => features.add(Kind::Shape, "many lines"),
    }
    if reading.language == Language::Vietnamese && shape.vietnamese == 0 && shape.letters >= 12 {
        features.add(Kind::Shape, "Vietnamese without marks");
    }
    if shape.foreign > 0 && shape.foreign * 2 > shape.letters {
        features.add(Kind::Shape, "another script");
    }
    // Children, fans and spammers write like this: it is no disguise (docs/DECISIONS.md, "Disguise
    // no longer costs honest people much").
    if reading.undone.repeats >= 4 {
        features.add(Kind::Shape, "long repeats");
    }
    // Words are compared by their hashes: comparing the words themselves costs ten times as much.
    let distinct = |words: &mut Vec<u64>| {
        words.sort_unstable();
        words.dedup();
        words.len()
    };
    let mut words: Vec<u64> = reading
        .tokens
        .iter()
        .filter(|t| t.kind == TokenKind::Word)
        .map(|t| hash(reading.folded(t).as_bytes()))
        .collect();
    let all = words.len();
    if all >= 20 && distinct(&mut words) * 2 < all {
        features.add(Kind::Shape, "the same words again and again");
    }
}

fn disguise(reading: &Reading, features: &mut Features) {
    let undone = &reading.undone;
    let facts = [
        (undone.invisible, "invisible characters inside words"),
        (undone.compatibility, "letters from a drawing alphabet"),
        (undone.look_alikes, "look-alike letters of another script"),
        (undone.stray_marks, "stray marks over letters"),
        (undone.spaced, "letters set apart"),
        (undone.leet, "digits in the place of letters"),
        (undone.bbcode, "bbcode"),
    ];
    for (count, name) in facts {
        if count > 0 {
            features.add(Kind::Disguise, name);
        }
    }
    if undone.disguises() >= 3 {
        features.add(Kind::Disguise, "much disguised");
    }
}
