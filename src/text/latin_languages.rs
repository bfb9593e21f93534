//! A text in Latin letters in, the language it is most likely in and how sure that is out: what
//! whatlang says, many times faster. It is never asked about another script.
//!
//! whatlang looks for each of the 300 most frequent trigrams of each of its 37 Latin languages in
//! the text: 11,100 look-ups, more than all else that a check costs. Here each trigram of the text
//! is looked up once, among those of all languages together. The numbers are added up in whole
//! numbers and divided as whatlang does, so the answers are the same to the last bit; a test
//! compares them. Only where two languages are equally likely it depends on a sort which is named:
//! there this file has no answer.
//!
//! `latin_languages.txt` has for each language its letters and its trigrams, the most frequent
//! first. They are whatlang's (0.18, MIT licence, Serhii Potapov).

use std::sync::LazyLock;

use whatlang::Lang;

const LANGUAGES: usize = 37;

/// Trigrams of a language; also what one that the text does not have adds to its distance.
const TRIGRAMS: u32 = 300;

/// The likeliest language of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Likeliest {
    pub(super) lang: Lang,
    /// 0 to 1.
    pub(super) confidence: f64,
}

impl Likeliest {
    /// Of all languages.
    pub(super) fn of(text: &str) -> Option<Self> {
        Self::among(text, |_| true)
    }

    /// Of these languages; `None` where two are equally likely.
    pub(super) fn among(text: &str, is_allowed: impl Fn(Lang) -> bool) -> Option<Self> {
        let lower = text.to_lowercase();
        let (letters, in_alphabet) = PROFILES.letters(&lower);
        let trigrams = Trigrams::of(&lower);
        let distances = PROFILES.distances(&trigrams);
        if letters == 0 || trigrams.0.is_empty() {
            return None;
        }
        let of_alphabet = (-(f64::from(letters) / 300.0) + 2.0 / 3.0).clamp(1.0 / 3.0, 2.0 / 3.0);
        let of_trigrams = 1.0 - of_alphabet;
        let farthest = trigrams.0.len() as u32 * TRIGRAMS;
        let score = |at: usize| {
            let fits = (2 * in_alphabet[at]).saturating_sub(letters);
            let near = farthest.wrapping_sub(distances[at]);
            f64::from(fits) / f64::from(letters) * of_alphabet
                + f64::from(near) / f64::from(farthest) * of_trigrams
        };
        let (mut first, mut second) = (None::<(Lang, f64)>, None::<f64>);
        for (at, &lang) in PROFILES.langs.iter().enumerate() {
            if !is_allowed(lang) {
                continue;
            }
            let score = score(at);
            match first {
                Some((_, best)) if score <= best => {
                    second = Some(second.map_or(score, |second| second.max(score)));
                }
                _ => {
                    second = first.map(|(_, best)| best).or(second);
                    first = Some((lang, score));
                }
            }
        }
        let (lang, best) = first?;
        if second == Some(best) {
            return None;
        }
        Some(Self {
            lang,
            confidence: second.map_or(1.0, |second| {
                confidence(best, second, trigrams.0.len() as f64)
            }),
        })
    }
}

/// How sure it is that the best language is right.
fn confidence(best: f64, second: f64, trigrams: f64) -> f64 {
    if best == 0.0 {
        return 0.0;
    }
    if second == 0.0 {
        return best;
    }
    let sure = (3.0 / trigrams) + 0.015;
    let rate = (best - second) / second;
    if rate > sure { 1.0 } else { rate / sure }
}

/// Blanks, digits and punctuation of ASCII, as whatlang has them.
fn is_stop(c: char) -> bool {
    matches!(c, '\0'..='\u{40}' | '\u{5b}'..='\u{60}' | '\u{7b}'..='\u{7e}')
}

/// Three characters as one number; the order of the numbers is that of the characters.
fn trigram(characters: [char; 3]) -> u64 {
    characters
        .iter()
        .fold(0, |number, &c| number << 21 | u64::from(u32::from(c)))
}

/// The trigrams of a text, each once: the most frequent first, of equally frequent ones the later
/// in order of characters.
struct Trigrams(Vec<u64>);

impl Trigrams {
    /// Of a lower-case text. whatlang takes the first 600; a sample has fewer.
    fn of(lower: &str) -> Self {
        let mut all: Vec<u64> = Vec::with_capacity(lower.len() + 1);
        let mut before = [' ', ' '];
        let characters = lower.chars().map(|c| if is_stop(c) { ' ' } else { c });
        for (at, c) in characters.chain([' ']).enumerate() {
            let [first, middle] = before;
            if at > 0 && !(middle == ' ' && (first == ' ' || c == ' ')) {
                all.push(trigram([first, middle, c]));
            }
            before = [middle, c];
        }
        all.sort_unstable();
        let mut counted: Vec<(u32, u64)> = Vec::with_capacity(all.len());
        for trigram in all {
            match counted.last_mut() {
                Some((count, last)) if *last == trigram => *count += 1,
                _ => counted.push((1, trigram)),
            }
        }
        counted.sort_unstable_by(|a, b| b.cmp(a));
        let most = 2 * TRIGRAMS as usize;
        Self(counted.into_iter().take(most).map(|(_, t)| t).collect())
    }
}

static PROFILES: LazyLock<Profiles> =
    LazyLock::new(|| Profiles::read(include_str!("latin_languages.txt")));

/// What is known of the languages.
struct Profiles {
    langs: Vec<Lang>,
    /// The languages that write an ASCII letter, one bit for each.
    ascii: [u64; 128],
    /// The same for other letters, in order.
    letters: Vec<(char, u64)>,
    /// A hash table: a trigram, and where its places begin and end. 0 is empty; no trigram is 0.
    slots: Vec<(u64, u16, u16)>,
    /// Languages that have a trigram, and how many of their trigrams are more frequent.
    places: Vec<(u8, u16)>,
}

/// At most half of the slots are taken: there are 4,143 different trigrams.
const SLOTS: usize = 1 << 14;

impl Profiles {
    fn read(text: &str) -> Self {
        let mut langs = Vec::with_capacity(LANGUAGES);
        let mut letters: Vec<(char, u64)> = Vec::new();
        let mut found: Vec<(u64, u8, u16)> = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let mut parts = line.trim_end_matches('|').splitn(3, ' ');
            langs.extend(parts.next().and_then(Lang::from_code));
            let alphabet = parts.next().unwrap_or("").chars();
            letters.extend(alphabet.map(|letter| (letter, 1 << at)));
            let characters: Vec<char> = parts.next().unwrap_or("").chars().collect();
            let trigrams = characters.as_chunks::<3>().0.iter().enumerate();
            found.extend(trigrams.map(|(place, t)| (trigram(*t), at as u8, place as u16)));
        }
        letters.sort_unstable();
        letters.dedup_by(|later, earlier| {
            let is_same = later.0 == earlier.0;
            if is_same {
                earlier.1 |= later.1;
            }
            is_same
        });
        let mut ascii = [0; 128];
        for (letter, of) in letters.iter().filter(|(letter, _)| letter.is_ascii()) {
            ascii[*letter as usize] = *of;
        }
        found.sort_unstable();
        let mut slots = vec![(0, 0, 0); SLOTS];
        for (at, &(trigram, ..)) in found.iter().enumerate() {
            let slot = slot_of(&slots, trigram);
            let begin = if slots[slot].0 == 0 {
                at as u16
            } else {
                slots[slot].1
            };
            slots[slot] = (trigram, begin, at as u16 + 1);
        }
        Self {
            langs,
            ascii,
            letters,
            slots,
            places: found.into_iter().map(|(_, lang, at)| (lang, at)).collect(),
        }
    }

    /// How many letters a text has, and how many of them each language writes.
    fn letters(&self, lower: &str) -> (u32, [u32; LANGUAGES]) {
        let (mut all, mut of) = (0, [0; LANGUAGES]);
        let mut ascii = [0; 128];
        for c in lower.chars().filter(|&c| !is_stop(c)) {
            all += 1;
            if c.is_ascii() {
                ascii[c as usize] += 1;
            } else if let Ok(at) = self.letters.binary_search_by_key(&c, |(letter, _)| *letter) {
                add(&mut of, self.letters[at].1, 1);
            }
        }
        for (count, langs) in ascii.into_iter().zip(self.ascii) {
            if count > 0 {
                add(&mut of, langs, count);
            }
        }
        (all, of)
    }

    /// The distance of each language from a text: how far from each other they have each trigram.
    fn distances(&self, trigrams: &Trigrams) -> [u32; LANGUAGES] {
        // Less than if the text had none of a language's trigrams.
        let mut nearer = [0_i32; LANGUAGES];
        for (at, &trigram) in trigrams.0.iter().enumerate() {
            let (_, begin, end) = self.slots[slot_of(&self.slots, trigram)];
            for &(lang, place) in &self.places[usize::from(begin)..usize::from(end)] {
                let apart = (at as i32 - i32::from(place)).abs();
                nearer[usize::from(lang)] += TRIGRAMS as i32 - apart;
            }
        }
        let lacking = TRIGRAMS.saturating_sub(trigrams.0.len() as u32);
        let farthest = (TRIGRAMS * TRIGRAMS) as i32;
        nearer.map(|nearer| {
            let distance = farthest - nearer - (lacking * TRIGRAMS) as i32;
            distance.clamp(0, farthest) as u32
        })
    }
}

fn add(to: &mut [u32; LANGUAGES], langs: u64, count: u32) {
    for (lang, sum) in to.iter_mut().enumerate() {
        *sum += count * (langs >> lang & 1) as u32;
    }
}

/// The slot of a trigram, or the empty one where it would be.
fn slot_of(slots: &[(u64, u16, u16)], trigram: u64) -> usize {
    let mut at = (trigram.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize % SLOTS;
    while slots[at].0 != 0 && slots[at].0 != trigram {
        at = (at + 1) % SLOTS;
    }
    at
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use whatlang::{Detector, Script};

    use super::*;

    #[track_caller]
    fn check(text: &str) {
        if whatlang::detect_script(text) != Some(Script::Latin) {
            return;
        }
        let theirs = whatlang::detect(text).expect("it is Latin");
        // Where two are equally likely, whatlang is not sure at all.
        let Some(ours) = Likeliest::of(text) else {
            assert_eq!(theirs.confidence(), 0.0, "{text:?}");
            return;
        };
        assert_eq!(
            (ours.lang, ours.confidence),
            (theirs.lang(), theirs.confidence()),
            "{text:?}"
        );
        let two = [Lang::Vie, Lang::Eng];
        let theirs = Detector::with_allowlist(two.to_vec()).detect_lang(text);
        if let Some(ours) = Likeliest::among(text, |lang| two.contains(&lang)) {
            assert_eq!(Some(ours.lang), theirs, "{text:?}");
        }
    }

    #[test]
    fn all_profiles_are_whole() {
        assert_eq!(PROFILES.langs.len(), LANGUAGES);
        assert_eq!(PROFILES.places.len(), LANGUAGES * TRIGRAMS as usize);
    }

    #[test]
    fn it_says_of_sentences_what_whatlang_says() {
        for text in [
            "The quick brown fox jumps over the lazy dog.",
            "Merci beaucoup pour cet article, il est très intéressant",
            "Die Ordnung muss für immer in diesem Codebase bleiben",
            "Saya sangat suka dengan artikel ini, terima kasih banyak",
            "Bạn nào biết chỗ bán thì chỉ mình với nhé",
            "İstanbul'da hava çok güzel, teşekkürler",
            "k k k",
            "a",
            "dziękuję za artykuł",
            "Zažili jsme krásný den u moře",
        ] {
            check(text);
            check(&text.repeat(4));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn it_says_of_anything_latin_what_whatlang_says(
            picked in proptest::collection::vec((0..LANGUAGES, 0..TRIGRAMS as usize, 0..4_usize), 1..60),
            tail in "[a-zà-ỹA-Z ,.0-9]{0,40}",
        ) {
            // Pieces of the profiles themselves, so that many languages come near each other.
            let lines: Vec<&str> = include_str!("latin_languages.txt").lines().collect();
            let mut text = String::new();
            let one = picked[0].0;
            for (lang, place, kind) in picked {
                let line = lines[if kind == 0 { lang } else { one }];
                let trigrams = line.splitn(3, ' ').nth(2).unwrap_or("");
                text.extend(trigrams.chars().skip(3 * place).take(3));
            }
            check(&(text + &tail));
        }
    }
}
