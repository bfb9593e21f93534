//! A row in, its language out, as far as names, networks and pages need it; and the language of the
//! page it is sent from. It never looks at the label.

use rand::Rng;
use rand::rngs::StdRng;

use crate::learn::train::corpus::Example;
use crate::learn::train::dress::choice::one_of;
use crate::text::{self, Language};

/// Languages whose hint on a text of some length is believed. Keyword lists in English are often
/// taken for Indonesian or Malay, and nearly all such rows are spam: to believe those hints would
/// give the label away by the writer's name.
const HINTED: [&str; 9] = ["pt", "lt", "de", "fr", "es", "it", "nl", "pl", "en"];

/// Words a text needs for its hint to be believed.
const ENOUGH_WORDS: usize = 8;

/// The language a row states, else that of its letters, else its hint, else English.
pub(super) fn of(example: &Example) -> &'static str {
    if let Some(stated) = example.lang.as_deref().and_then(known) {
        return stated;
    }
    let text = &example.comment.text;
    if let Some(language) = by_script(text) {
        return language;
    }
    if text::read(text).language == Language::Vietnamese {
        return "vi";
    }
    let hint = example.lang_hint.as_deref().and_then(known);
    match hint.filter(|hint| HINTED.contains(hint)) {
        Some(hint) if text.split_whitespace().nth(ENOUGH_WORDS - 1).is_some() => hint,
        _ => "en",
    }
}

fn known(code: &str) -> Option<&'static str> {
    let codes = [
        "vi", "en", "ru", "pt", "lt", "de", "fr", "es", "it", "nl", "pl", "id", "zh", "ja",
    ];
    codes.into_iter().find(|known| *known == code)
}

/// The language of a text most of whose letters are of a script that tells.
fn by_script(text: &str) -> Option<&'static str> {
    let (mut letters, mut cyrillic, mut kana, mut han, mut other) = (0, 0, 0, 0, 0);
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        letters += 1;
        match c {
            '\u{400}'..='\u{52f}' => cyrillic += 1,
            '\u{3040}'..='\u{30ff}' => kana += 1,
            '\u{4e00}'..='\u{9fff}' => han += 1,
            '\u{590}'..='\u{e7f}' | '\u{ac00}'..='\u{d7a3}' => other += 1,
            _ => {}
        }
    }
    [
        (cyrillic, "ru"),
        (kana * 3, "ja"),
        (han, "zh"),
        (other, "other"),
    ]
    .into_iter()
    .find(|(count, _)| *count * 2 > letters)
    .map(|(_, language)| language)
}

/// Languages of pages.
pub(super) const PAGES: [&str; 10] = ["en", "vi", "de", "fr", "es", "pt", "ru", "ja", "it", "nl"];

/// The page's language: nine times of ten that of its readers. An American theme with Vietnamese
/// readers is the common exception.
pub(super) fn page(language: &'static str, random: &mut StdRng) -> &'static str {
    let own = if language == "other" { "en" } else { language };
    if !random.random_ratio(1, 10) {
        own
    } else if own != "en" && random.random_ratio(3, 4) {
        "en"
    } else {
        let others: Vec<&str> = PAGES.into_iter().filter(|code| *code != own).collect();
        one_of(&others, random)
    }
}
