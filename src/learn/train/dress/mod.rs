//! A corpus row in, the same row as a blog would send it out. What it lacks (name, e-mail, home
//! page, address, browser, type, languages, facts about the form) is drawn from tables, because a
//! blog always sends these fields, and a missing field must not tell spam from ham
//! (docs/DECISIONS.md, "Comments are measured as a blog sends them").
//!
//! A draw depends on the row's id and text, the wardrobe and the number of the draw, and never on
//! its label or the clock. Fields that the row has stay as they are.

mod browsers;
mod choice;
mod homes;
mod languages;
mod letters;
mod names;
mod senders;
mod table;
mod wardrobe;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::comment::{Author, Behaviour, BrowserClock, Comment, Honeypot, Nonce};
use crate::learn::train::corpus::Example;

pub use crate::learn::train::dress::table::{Value, values};
pub use crate::learn::train::dress::wardrobe::{FOLDS, Wardrobe};

use crate::learn::train::dress::choice::seed;
use crate::learn::train::dress::names::{Person, names_of};

/// A row with every field that a blog sends. Another `draw` fills it in another way.
pub fn dress(example: &Example, wardrobe: Wardrobe, draw: u64) -> Example {
    let seed = seed(example, wardrobe, draw);
    let language = languages::of(example);
    // Each field has random numbers of its own: whether a row has a name must not change its
    // browser.
    let rng = |field: u64| StdRng::seed_from_u64(seed ^ field.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut dressed = example.clone();
    let comment = &mut dressed.comment;
    let author = &mut comment.author;

    let mut random = rng(1);
    let person = Person::draw(names_of(language, &mut random), wardrobe, &mut random);
    author
        .name
        .get_or_insert_with(|| person.signs(wardrobe, &mut random));
    let mut random = rng(2);
    if let Some(was) = &example.home_was {
        author.url = Some(homes::like(was, &person, wardrobe, &mut random));
    } else if random.random_ratio(1, wardrobe.home_pages()) {
        author
            .url
            .get_or_insert_with(|| homes::draw(&person, language, wardrobe, &mut random));
    }
    dress_email(author, &person, language, wardrobe, &mut rng(3));
    let request = &mut comment.request;
    request
        .ip
        .get_or_insert_with(|| senders::address(language, wardrobe, &mut rng(4)));
    request
        .user_agent
        .get_or_insert_with(|| browsers::draw(language, &mut rng(5)));
    request
        .accept_language
        .get_or_insert_with(|| senders::accept_language(language, &mut rng(6)));
    let page = &mut comment.page;
    page.kind
        .get_or_insert_with(|| senders::kind(&mut rng(7)).to_owned());
    if page.languages.is_empty() {
        page.languages = vec![languages::page(language, &mut rng(8)).to_owned()];
    }
    dress_behaviour(comment, &mut rng(9));
    dressed
}

/// An e-mail where there is none, and a mailbox where a corpus kept the domain alone.
fn dress_email(
    author: &mut Author,
    person: &Person,
    language: &'static str,
    wardrobe: Wardrobe,
    random: &mut StdRng,
) {
    let home = author.url.as_deref();
    match &mut author.email {
        Some(email) if email.starts_with('@') => {
            *email = format!("{}{email}", senders::mailbox(person, random));
        }
        Some(_) => {}
        none => *none = Some(senders::email(person, language, home, wardrobe, random)),
    }
}

/// What a WordPress form notices of somebody who loaded it, ran its script and typed. Nothing else
/// is ever drawn: no corpus records it, the model has assumed weights for it, and drawn rows would
/// remove these weights.
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

#[cfg(test)]
mod tests;
