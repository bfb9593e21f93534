//! A language in, a person's name out, and how the person signs: in full, by the first name, as a
//! nickname. No name is in two wardrobes.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rand::Rng;
use rand::rngs::StdRng;

use crate::learn::train::dress::choice::{by_share, one_of};
use crate::learn::train::dress::letters::{latin, unmarked};
use crate::learn::train::dress::wardrobe::{FOLDS, Wardrobe};

const NAMES: &str = include_str!("names.txt");
const WORDS: &str = include_str!("words.txt");

type Lists = BTreeMap<(&'static str, &'static str, Wardrobe), Vec<&'static str>>;

/// Names by people, part and wardrobe.
static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let mut lists = Lists::new();
    let lines = |text: &'static str| text.lines().filter(|line| !line.starts_with('#'));
    let mut take = |people, part, words: &mut dyn Iterator<Item = &'static str>| {
        for word in words {
            for wardrobe in Wardrobe::all() {
                if wardrobe.holds(word) {
                    let list = lists.entry((people, part, wardrobe));
                    list.or_default().push(word);
                }
            }
        }
    };
    for line in lines(NAMES) {
        let mut words = line.split(' ');
        if let (Some(people), Some(part)) = (words.next(), words.next()) {
            take(people, part, &mut words);
        }
    }
    for line in lines(WORDS) {
        let mut words = line.split(' ');
        if let Some(people) = words.next() {
            take(people, "word", &mut words);
        }
    }
    // A fold for which a people's list leaves too few takes all that teach.
    let kinds: Vec<_> = lists
        .keys()
        .map(|(people, part, _)| (*people, *part))
        .collect();
    for (people, part) in kinds {
        let teaching = |lists: &Lists| -> Vec<&'static str> {
            let parts = (0..FOLDS).filter_map(|fold| {
                let key = (people, part, Wardrobe::Teaching(fold));
                lists.get(&key).cloned()
            });
            parts.flatten().collect()
        };
        let all = teaching(&lists);
        for fold in 0..FOLDS {
            let list = lists
                .entry((people, part, Wardrobe::Teaching(fold)))
                .or_default();
            if list.len() < FEWEST {
                list.clone_from(&all);
            }
        }
    }
    lists
});

/// Names below which a list is no choice.
const FEWEST: usize = 5;

fn list(people: &str, part: &str, wardrobe: Wardrobe) -> &'static [&'static str] {
    let found = LISTS
        .iter()
        .find(|((of, is, holder), _)| *of == people && *is == part && *holder == wardrobe);
    found.map_or(&[], |(_, list)| list)
}

/// Everybody whose names are known.
pub(super) fn peoples() -> Vec<&'static str> {
    let mut peoples: Vec<&str> = LISTS
        .keys()
        .filter(|(_, part, _)| *part != "word")
        .map(|(people, _, _)| *people)
        .collect();
    peoples.dedup();
    peoples
}

/// The people whose names a writer in a language has: one writer in eight comes from elsewhere.
pub(super) fn names_of(language: &'static str, random: &mut StdRng) -> &'static str {
    if language == "other" || random.random_ratio(1, 8) {
        let all = peoples();
        all[random.random_range(0..all.len())]
    } else {
        language
    }
}

/// A plain word of a language, English where there are none.
pub(super) fn word(language: &str, wardrobe: Wardrobe, random: &mut StdRng) -> &'static str {
    match list(language, "word", wardrobe) {
        [] => one_of(list("en", "word", wardrobe), random),
        words => one_of(words, random),
    }
}

/// Somebody who comments.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// Whose names these are.
    pub(super) people: &'static str,
    /// First name.
    pub(super) given: &'static str,
    middle: &'static str,
    /// Family name.
    pub(super) family: &'static str,
}

/// How a name is written. Shares are those of the ham of the moderation queues: two thirds one
/// word, a quarter in lower case, one in forty with digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameShape {
    Given,
    Full,
    ThreeWords,
    GivenAndInitial,
    Initials,
    LowerGiven,
    LowerFull,
    Nickname,
    TwoWordNickname,
    GivenWithDigits,
    NicknameWithDigits,
    Capitals,
    CapitalsInside,
    Polite,
    Nobody,
}

/// All shapes with their shares.
pub(super) const SHAPES: [(u32, NameShape); 15] = [
    (280, NameShape::Given),
    (270, NameShape::Full),
    (45, NameShape::ThreeWords),
    (35, NameShape::GivenAndInitial),
    (20, NameShape::Initials),
    (90, NameShape::LowerGiven),
    (50, NameShape::LowerFull),
    (70, NameShape::Nickname),
    (25, NameShape::TwoWordNickname),
    (20, NameShape::GivenWithDigits),
    (15, NameShape::NicknameWithDigits),
    (15, NameShape::Capitals),
    (25, NameShape::CapitalsInside),
    (25, NameShape::Polite),
    (15, NameShape::Nobody),
];

impl NameShape {
    pub(super) fn called(self) -> &'static str {
        match self {
            Self::Given => "one word",
            Self::Full => "in full",
            Self::ThreeWords => "three words",
            Self::GivenAndInitial => "with an initial",
            Self::Initials => "initials",
            Self::LowerGiven => "one word, lower case",
            Self::LowerFull => "in full, lower case",
            Self::Nickname => "nickname",
            Self::TwoWordNickname => "nickname of two words",
            Self::GivenWithDigits => "name and digits",
            Self::NicknameWithDigits => "nickname and digits",
            Self::Capitals => "capitals",
            Self::CapitalsInside => "capitals inside",
            Self::Polite => "with a title",
            Self::Nobody => "anonymous",
        }
    }
}

impl Person {
    pub(super) fn draw(people: &'static str, wardrobe: Wardrobe, random: &mut StdRng) -> Self {
        let part = |named: &'static str| match people {
            "vi" => named,
            _ if named == "family" => "last",
            _ => "first",
        };
        let pick = |named, random: &mut StdRng| one_of(list(people, part(named), wardrobe), random);
        Self {
            people,
            // Family names of Vietnam come by frequency: the first of the list are those of most
            // people.
            family: if people == "vi" && random.random_ratio(3, 4) {
                let all = list("vi", "family", wardrobe);
                one_of(&all[..all.len().min(8)], random)
            } else {
                pick("family", random)
            },
            given: pick("given", random),
            middle: pick("middle", random),
        }
    }

    /// How they sign this time.
    pub(super) fn signs(&self, wardrobe: Wardrobe, random: &mut StdRng) -> String {
        let shape = by_share(&SHAPES, random);
        self.signs_as(shape, wardrobe, random)
    }

    pub(super) fn signs_as(
        &self,
        shape: NameShape,
        wardrobe: Wardrobe,
        random: &mut StdRng,
    ) -> String {
        let name = match shape {
            NameShape::Given => self.given.to_owned(),
            NameShape::Full => self.full(random),
            NameShape::ThreeWords => match self.people {
                "vi" => format!("{} {} {}", self.family, self.middle, self.given),
                _ => format!("{} {} {}", self.given, self.middle, self.family),
            },
            NameShape::GivenAndInitial => {
                format!("{} {}.", self.given, initial(self.family))
            }
            NameShape::Initials => format!("{}{}", initial(self.given), initial(self.family)),
            NameShape::LowerGiven => self.given.to_lowercase(),
            NameShape::LowerFull => self.full(random).to_lowercase(),
            NameShape::Nickname => self.nickname(wardrobe, random),
            NameShape::TwoWordNickname => {
                let first = capital(word(self.people, wardrobe, random));
                format!("{first} {}", capital(word(self.people, wardrobe, random)))
            }
            NameShape::GivenWithDigits => {
                format!("{}{}", self.given.to_lowercase(), digits(random))
            }
            NameShape::NicknameWithDigits => {
                format!("{}{}", self.nickname(wardrobe, random), digits(random))
            }
            NameShape::Capitals => self.full(random).to_uppercase(),
            NameShape::CapitalsInside => format!(
                "{}{}",
                capital(&latin(self.given)),
                capital(&latin(self.family))
            ),
            NameShape::Polite => match self.people {
                "vi" => {
                    let titles = ["Mẹ", "Cô", "Anh", "Chị", "Bác", "Bé", "Ba", "Chú"];
                    format!("{} {}", one_of(&titles, random), self.given)
                }
                _ => {
                    let titles = ["Dr.", "Mr.", "Mrs.", "Prof.", "Uncle", "Captain"];
                    format!("{} {}", one_of(&titles, random), self.family)
                }
            },
            NameShape::Nobody => {
                let nobody: &[&str] = match self.people {
                    "vi" => &["Khách", "Ẩn danh", "ban doc", "Độc giả"],
                    _ => &["Anonymous", "anonymous", "Guest", "reader", "Anon"],
                };
                one_of(nobody, random).to_owned()
            }
        };
        // Who writes Vietnamese often signs without marks.
        if self.people == "vi" && shape != NameShape::CapitalsInside && random.random_ratio(2, 5) {
            unmarked(&name)
        } else {
            name
        }
    }

    fn full(&self, random: &mut StdRng) -> String {
        match self.people {
            "vi" if random.random_ratio(1, 2) => {
                format!("{} {} {}", self.family, self.middle, self.given)
            }
            "vi" if random.random_ratio(2, 3) => format!("{} {}", self.family, self.given),
            "zh" | "ja" if random.random_ratio(1, 3) => format!("{} {}", self.family, self.given),
            _ => format!("{} {}", self.given, self.family),
        }
    }

    fn nickname(&self, wardrobe: Wardrobe, random: &mut StdRng) -> String {
        let first = word(self.people, wardrobe, random);
        let second = word(self.people, wardrobe, random);
        match random.random_range(0..5) {
            0 => first.to_owned(),
            1 => capital(first),
            2 => format!("{first}{second}"),
            3 => format!("{}{}", capital(first), capital(second)),
            _ => format!("{first}_{}", latin(self.given)),
        }
    }
}

fn initial(name: &str) -> char {
    name.chars().next().unwrap_or('A')
}

pub(super) fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// A year of birth, an age, a lucky number.
pub(super) fn digits(random: &mut StdRng) -> u32 {
    match random.random_range(0..4) {
        0 => random.random_range(1955..=2012),
        1 => random.random_range(10..=99),
        2 => random.random_range(1..=9),
        _ => random.random_range(100..=999),
    }
}

#[cfg(test)]
pub(super) fn all_names(wardrobe: Wardrobe) -> std::collections::BTreeSet<String> {
    let lists = LISTS.iter().filter(|((_, _, of), _)| *of == wardrobe);
    lists
        .flat_map(|(_, list)| list.iter().map(|name| unmarked(&name.to_lowercase())))
        .collect()
}

#[cfg(test)]
pub(super) fn shortest_list() -> usize {
    let names = LISTS.iter().filter(|((_, part, _), _)| *part != "word");
    names.map(|(_, list)| list.len()).min().unwrap_or(0)
}
