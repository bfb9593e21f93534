//! A corpus row in, the same row as a blog would send it out: whatever it lacks (name, e-mail, home page, address, browser, type, languages, what the
//! form saw) is drawn from tables, because no blog sends bare text and a missing field must not tell spam from ham.
//!
//! A draw is decided by the row's id and text, the wardrobe and the number of the draw: never by its label, and never by the clock. What a row has stays.

mod browsers;
mod homes;
mod languages;
mod names;
mod senders;
mod table;

use std::sync::LazyLock;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use unicode_normalization::UnicodeNormalization;

use crate::comment::{Behaviour, BrowserClock, Comment, Honeypot, Nonce};
use crate::learn::train::corpus::Example;

pub use crate::learn::train::dress::table::{Value, values};

/// Which of disjoint sets of names and hosts is drawn from, so that no model is judged by names it has learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Wardrobe {
    /// For rows that judge.
    Judging,
    /// For rows that teach: the part that one fold draws from, below [`FOLDS`]. A fold that training leaves out is not judged by names it has learnt either.
    Teaching(u8),
}

/// Folds of the teaching rows with names of their own; what training leaves out in turn are such folds or unions of them.
pub const FOLDS: u8 = 4;

impl Wardrobe {
    /// All of them.
    fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Judging).chain((0..FOLDS).map(Self::Teaching))
    }

    /// The one that a teaching row draws from, by what its fold is chosen by.
    pub fn of_group(group: u64) -> Self {
        Self::Teaching(((group >> 7) % u64::from(FOLDS)) as u8)
    }

    /// One home page among how many rows.
    fn home_pages(self) -> u32 {
        match self {
            Self::Judging => HOME_PAGES,
            Self::Teaching(_) => TAUGHT_HOME_PAGES,
        }
    }

    /// A number of its own.
    fn number(self) -> u16 {
        match self {
            Self::Judging => 0,
            Self::Teaching(fold) => 1 + u16::from(fold),
        }
    }

    /// Whether a name or a host's label belongs to this wardrobe: bits of the hash of its letters decide, so that no two can share one.
    fn holds(self, word: &str) -> bool {
        // As somebody without a Vietnamese keyboard writes it: `Đông` and `Dong` are one name.
        let folded = crate::learn::train::dress::names::unmarked(word).to_lowercase();
        // Another seed would do as well; this one leaves both sides common Vietnamese family names.
        let hash = rapidhash::v3::rapidhash_v3(folded.as_bytes());
        match self {
            Self::Judging => hash >> 7 & 1 == 1,
            Self::Teaching(fold) => {
                hash >> 7 & 1 == 0 && (hash >> 11) % u64::from(FOLDS) == u64::from(fold)
            }
        }
    }
}

/// One home page among so many rows that have none of their own.
const HOME_PAGES: u32 = 8;

/// The same among rows that teach: real spam comes with a home page far more often than honest comments do, and rows that learn this believe it of every
/// home page.
const TAUGHT_HOME_PAGES: u32 = 3;

/// A row with every field a blog sends. Another `draw` dresses it otherwise.
pub fn dress(example: &Example, wardrobe: Wardrobe, draw: u64) -> Example {
    let seed = seed(example, wardrobe, draw);
    let language = crate::learn::train::dress::languages::of(example);
    // Each field has draws of its own: that a row has a name must not change its browser.
    let rng = |field: u64| StdRng::seed_from_u64(seed ^ field.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut dressed = example.clone();
    let comment = &mut dressed.comment;

    let mut random = rng(1);
    let person = crate::learn::train::dress::names::Person::draw(
        names_of(language, &mut random),
        wardrobe,
        &mut random,
    );
    comment
        .author
        .name
        .get_or_insert_with(|| person.signs(wardrobe, &mut random));

    let mut random = rng(2);
    if let Some(was) = &example.home_was {
        comment.author.url = Some(crate::learn::train::dress::homes::like(
            was,
            &person,
            wardrobe,
            &mut random,
        ));
    } else if random.random_ratio(1, wardrobe.home_pages()) {
        comment.author.url.get_or_insert_with(|| {
            crate::learn::train::dress::homes::draw(&person, language, wardrobe, &mut random)
        });
    }

    let mut random = rng(3);
    let home = comment.author.url.as_deref();
    match &mut comment.author.email {
        Some(email) if email.starts_with('@') => {
            *email = format!(
                "{}{email}",
                crate::learn::train::dress::senders::mailbox(&person, &mut random)
            );
        }
        Some(_) => {}
        none => {
            *none = Some(crate::learn::train::dress::senders::email(
                &person,
                language,
                home,
                wardrobe,
                &mut random,
            ));
        }
    }

    let mut random = rng(4);
    let request = &mut comment.request;
    request.ip.get_or_insert_with(|| {
        crate::learn::train::dress::senders::address(language, wardrobe, &mut random)
    });
    let mut random = rng(5);
    request
        .user_agent
        .get_or_insert_with(|| crate::learn::train::dress::browsers::draw(language, &mut random));
    let mut random = rng(6);
    request.accept_language.get_or_insert_with(|| {
        crate::learn::train::dress::senders::accept_language(language, &mut random)
    });

    let mut random = rng(7);
    let page = &mut comment.page;
    page.kind
        .get_or_insert_with(|| crate::learn::train::dress::senders::kind(&mut random).to_owned());
    let mut random = rng(8);
    if page.languages.is_empty() {
        page.languages =
            vec![crate::learn::train::dress::languages::page(language, &mut random).to_owned()];
    }
    dress_behaviour(comment, &mut rng(9));
    dressed
}

/// What a WordPress form sees of somebody who loaded it, ran its script and typed. A form that saw otherwise is never drawn: what that means is
/// supposed by the model (no corpus records it), and rows that draw it blindly would take it away.
fn dress_behaviour(comment: &mut Comment, random: &mut StdRng) {
    let typed = comment.text.chars().count() as u32;
    if comment.behaviour == Behaviour::default() {
        comment.behaviour = Behaviour {
            honeypot: Some(Honeypot::Empty),
            nonce: Some(Nonce::Passed),
            key_presses: Some(typed + random.random_range(1..=10 + typed / 8)),
            browser_clock: Some(BrowserClock::Ticked),
        };
    }
}

fn seed(example: &Example, wardrobe: Wardrobe, draw: u64) -> u64 {
    let text = rapidhash::v3::rapidhash_v3(example.comment.text.as_bytes());
    let id = rapidhash::v3::rapidhash_v3(example.id.as_bytes());
    text ^ id.rotate_left(17)
        ^ (draw * 8 + u64::from(wardrobe.number())).wrapping_mul(0xd6e8_feb8_6659_fd93)
}

/// Whose names a writer in a language has: one in eight comes from elsewhere.
fn names_of(language: &'static str, random: &mut StdRng) -> &'static str {
    if language == "other" || random.random_ratio(1, 8) {
        let all = crate::learn::train::dress::names::peoples();
        all[random.random_range(0..all.len())]
    } else {
        language
    }
}

/// One of several, by share.
fn by_share<T: Copy>(choices: &[(u32, T)], random: &mut StdRng) -> T {
    let all: u32 = choices.iter().map(|(share, _)| share).sum();
    let mut at = random.random_range(0..all);
    for (share, choice) in choices {
        if at < *share {
            return *choice;
        }
        at -= share;
    }
    choices[0].1
}

fn one_of<T: Copy>(choices: &[T], random: &mut StdRng) -> T {
    choices[random.random_range(0..choices.len())]
}

/// Letters of a host or a mailbox: ASCII, lower case, nothing else.
fn latin(name: &str) -> String {
    static CYRILLIC: LazyLock<std::collections::HashMap<char, &str>> = LazyLock::new(|| {
        let latin = "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh sch - y - e yu ya";
        ('а'..='я').zip(latin.split(' ')).collect()
    });
    name.to_lowercase()
        .replace('й', "y")
        .replace('ё', "e")
        .nfd()
        .flat_map(|c| match c {
            'đ' => vec!['d'],
            'ł' => vec!['l'],
            'ß' => vec!['s', 's'],
            'ø' => vec!['o'],
            _ => match CYRILLIC.get(&c) {
                Some(latin) => latin.chars().collect(),
                None => vec![c],
            },
        })
        .filter(char::is_ascii_alphanumeric)
        .collect()
}

#[cfg(test)]
mod tests;
