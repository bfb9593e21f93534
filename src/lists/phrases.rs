//! Many phrases in, which of them are in the words of a comment out, and the entries behind them.
//! It never depends on how many phrases there are.

use std::collections::HashMap;
use std::sync::Arc;

use super::entry::Entry;
use super::kind::List;
use super::phrase::{Phrase, Word, beginnings, joined};
use crate::text::Reading;

/// A phrase and its entry.
type Held<T> = Arc<(Phrase, T)>;

/// Many phrases as one tree of their beginnings. From each word of a text the tree is followed as
/// far as some phrase goes, however many there are.
#[derive(Debug)]
pub(super) struct Phrases<T = Arc<Entry>> {
    beginnings: HashMap<u64, Beginning<T>>,
    glued: HashMap<u64, Vec<Held<T>>>,
}

impl<T> Default for Phrases<T> {
    fn default() -> Self {
        Self {
            beginnings: HashMap::new(),
            glued: HashMap::new(),
        }
    }
}

/// Words that one phrase or more begins with.
#[derive(Debug)]
struct Beginning<T> {
    /// Phrases that are these words; more than one only where marks differ.
    whole: Vec<Held<T>>,
    /// Number of phrases that begin so, those that end here included.
    phrases: usize,
}

impl<T> Default for Beginning<T> {
    fn default() -> Self {
        Self {
            whole: Vec::new(),
            phrases: 0,
        }
    }
}

impl<T> Phrases<T> {
    pub(super) fn is_empty(&self) -> bool {
        self.beginnings.is_empty()
    }

    /// Adds a phrase and its entry.
    pub(super) fn put(&mut self, value: &str, behind: T) {
        let held: Held<T> = Arc::new((Phrase::read(value), behind));
        let mut last = 0;
        for hash in held.0.beginnings() {
            self.beginnings.entry(hash).or_default().phrases += 1;
            last = hash;
        }
        if let Some(glued) = held.0.glued() {
            self.glued.entry(glued).or_default().push(Arc::clone(&held));
        }
        self.beginnings.entry(last).or_default().whole.push(held);
    }

    /// The phrases a sequence of words begins with, whatever their marks.
    fn at<'a>(&'a self, words: &'a [Word<'_>]) -> impl Iterator<Item = &'a Held<T>> {
        beginnings(words.iter().map(|word| word.hash))
            .map_while(|hash| self.beginnings.get(&hash))
            .flat_map(|beginning| &beginning.whole)
    }

    /// The phrases at the beginning of a sequence of words, each with the number of words it takes.
    fn met_at<'a>(
        &'a self,
        words: &'a [Word<'_>],
        reading: &Reading,
    ) -> impl Iterator<Item = (&'a Held<T>, usize)> {
        let whole = self
            .at(words)
            .filter(|held| held.0.begins(words))
            .map(|held| (held, held.0.words.len()));
        // Only where letters were set apart: otherwise `the rapist` would match every therapist.
        let glued = words.first().filter(|_| reading.undone.spaced > 0);
        let glued = glued
            .and_then(|word| self.glued.get(&word.hash))
            .into_iter()
            .flatten()
            .filter(|held| held.0.is_glued(&words[0]))
            .map(|held| (held, 1));
        whole.chain(glued)
    }

    /// The words of a text that the first phrase matches.
    pub(super) fn first(&self, words: &[Word<'_>], reading: &Reading) -> Option<String> {
        (0..words.len()).find_map(|at| {
            let rest = &words[at..];
            let (_, taken) = self.met_at(rest, reading).next()?;
            Some(joined(&rest[..taken]))
        })
    }
}

impl Phrases {
    pub(super) fn insert(&mut self, entry: Arc<Entry>) {
        let value = entry.raw().value.clone();
        self.put(&value, entry);
    }

    pub(super) fn remove(&mut self, entry: &Entry) {
        let phrase = Phrase::read(&entry.raw().value);
        let others = |held: &Held<Arc<Entry>>| held.1.raw().value != entry.raw().value;
        for hash in phrase.beginnings() {
            if let Some(beginning) = self.beginnings.get_mut(&hash) {
                beginning.whole.retain(others);
                beginning.phrases -= 1;
                if beginning.phrases == 0 {
                    self.beginnings.remove(&hash);
                }
            }
        }
        if let Some(glued) = phrase.glued()
            && let Some(held) = self.glued.get_mut(&glued)
        {
            held.retain(others);
            if held.is_empty() {
                self.glued.remove(&glued);
            }
        }
    }

    /// The entry that decides about words in a text, and the words that it matches: an allow before
    /// a deny, else the first.
    pub(super) fn find(
        &self,
        words: &[Word<'_>],
        reading: &Reading,
        now: i64,
    ) -> Option<(Arc<Entry>, String)> {
        let mut denied = None;
        for at in 0..words.len() {
            let rest = &words[at..];
            let met = self.met_at(rest, reading);
            for (held, taken) in met.filter(|(held, _)| held.1.is_live(now)) {
                let met = || joined(&rest[..taken]);
                match held.1.raw().list {
                    List::Allow => return Some((Arc::clone(&held.1), met())),
                    List::Deny if denied.is_none() => denied = Some((Arc::clone(&held.1), met())),
                    List::Deny => {}
                }
            }
        }
        denied
    }

    /// The entry that is exactly these words. A name without marks may match several entries that
    /// differ in marks alone; then an allow comes before a deny, in favour of the author.
    pub(super) fn find_whole(&self, words: &[Word<'_>], now: i64) -> Option<Arc<Entry>> {
        let met = self.at(words).filter(|held| {
            held.0.words.len() == words.len() && held.0.begins(words) && held.1.is_live(now)
        });
        let entry = met.min_by_key(|held| held.1.raw().list)?;
        Some(Arc::clone(&entry.1))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::entry::{RawEntry, canonical};
    use super::super::kind::Kind;
    use super::super::phrase::words;
    use super::*;
    use crate::text;

    fn phrases(values: &[(List, &str)]) -> Phrases {
        let mut phrases = Phrases::default();
        for &(list, value) in values {
            phrases.insert(Arc::new(entry(list, value)));
        }
        phrases
    }

    fn entry(list: List, value: &str) -> Entry {
        let raw = RawEntry {
            site: None,
            list,
            kind: Kind::Words,
            value: value.into(),
            reason: String::new(),
            by: String::new(),
            at: 0,
            expires_at: None,
        };
        raw.try_into().expect("good")
    }

    fn find(phrases: &Phrases, text: &str) -> Option<(Arc<Entry>, String)> {
        let reading = text::read(text);
        phrases.find(&words(&reading), &reading, 0)
    }

    #[track_caller]
    fn meets(value: &str, text: &str, expected: Option<&str>) {
        let found = find(&phrases(&[(List::Deny, value)]), text).map(|(_, met)| met);
        assert_eq!(found.as_deref(), expected, "{value:?} in {text:?}");
    }

    #[test]
    fn a_phrase_is_met_in_every_disguise_the_reading_undoes() {
        meets("vay tiền", "Cho VAY TIỀN nhanh", Some("vay tiền"));
        meets("vay tiền", "V.a.y t1ền nhé", Some("vay t1ền"));
        meets("vay tiền", "vay tien, vay tien", Some("vay tien"));
        meets("vay tiền", "v\u{200b}ay ti\u{1ec1}n", Some("vay tiền"));
        meets("vay tiền", "vay - tiền", Some("vay tiền"));
        meets("vay tiền", "v a y t i ề n liền", Some("vaytiền"));
        meets("vay tien", "vay tiền", Some("vay tiền"));
        meets("viagra", "vіаgrа <b>now</b>", Some("viagra"));
        meets(
            "zalo 0912000345",
            "ib zal0: 0 9 1 2 . 0 0 0 . 3 4 5",
            Some("zal0 0912000345"),
        );
        meets("🎰", "win 🎰🎰", Some("🎰"));
    }

    #[test]
    fn other_words_are_not_met() {
        meets("vay tiền", "váy tiên cho bé", None);
        meets("vay tiền", "vay nhiều tiền", None);
        meets("vay tiền", "tiền vay", None);
        meets("vay tiền", "vay", None);
        meets("casino", "casinos", None);
        meets("bán", "cám ơn ban nhiều", None);
        meets("bán", "cảm ơn bạn", None);
        meets("bán", "nhà b.á.n nhanh", Some("bán"));
        meets("ban", "cảm ơn bạn", Some("bạn"));
        meets("the rapist", "my therapist", None);
    }

    #[test]
    fn an_allow_is_heard_before_a_deny_and_what_is_removed_is_silent() {
        let mut both = phrases(&[(List::Deny, "vay tiền"), (List::Allow, "lãi suất")]);
        let text = "vay tiền thì lãi suất bao nhiêu";
        let list = |phrases: &Phrases| find(phrases, text).map(|(entry, _)| entry.raw().list);
        assert_eq!(list(&both), Some(List::Allow));
        both.remove(&entry(List::Allow, "lãi suất"));
        assert_eq!(list(&both), Some(List::Deny));
        both.remove(&entry(List::Deny, "vay tiền"));
        assert_eq!(
            (list(&both), both.is_empty(), both.glued.len()),
            (None, true, 0)
        );
    }

    #[test]
    fn phrases_that_begin_alike_are_told_apart_and_removed_one_by_one() {
        let mut all = phrases(&[
            (List::Deny, "vay tiền nhanh"),
            (List::Deny, "vay"),
            (List::Deny, "váy"),
            (List::Deny, "vay tiền mặt"),
        ]);
        let met =
            |all: &Phrases, text: &str| find(all, text).map(|(entry, _)| entry.raw().value.clone());
        assert_eq!(met(&all, "cho vay tiền mặt").as_deref(), Some("vay"));
        all.remove(&entry(List::Deny, "vay"));
        assert_eq!(
            met(&all, "cho vay tiền mặt").as_deref(),
            Some("vay tiền mặt")
        );
        assert_eq!(met(&all, "cho vay tiền"), None);
        all.remove(&entry(List::Deny, "vay tiền mặt"));
        assert_eq!(met(&all, "cho vay tiền mặt"), None);
        assert_eq!(
            met(&all, "cho vay tiền nhanh").as_deref(),
            Some("vay tiền nhanh")
        );
        assert_eq!(met(&all, "váy").as_deref(), Some("váy"));
        all.remove(&entry(List::Deny, "vay tiền nhanh"));
        all.remove(&entry(List::Deny, "váy"));
        assert!(all.beginnings.is_empty() && all.glued.is_empty());
    }

    #[test]
    fn a_whole_name_is_met_and_no_longer_one() {
        let names = phrases(&[(List::Deny, "Nguyễn Văn An"), (List::Allow, "Ánh")]);
        let whole = |name: &str| {
            names
                .find_whole(&words(&text::read(name)), 0)
                .map(|entry| entry.raw().list)
        };
        assert_eq!(whole("nguyen van an"), Some(List::Deny));
        assert_eq!(whole("Nguyễn Văn An Bình"), None);
        assert_eq!(
            (whole("ÁNH"), whole("Anh"), whole("")),
            (Some(List::Allow), None, None)
        );
    }

    proptest! {
        #[test]
        fn whatever_becomes_an_entry_meets_itself(text in "[a-zA-Zàáảãạêềếơư0-9.,:/@ -]{1,40}") {
            if let Ok(value) = canonical(Kind::Words, &text) {
                prop_assert_eq!(canonical(Kind::Words, &value).expect("still good"), value.clone());
                let all = phrases(&[(List::Deny, &value)]);
                prop_assert!(find(&all, &value).is_some(), "{value:?}");
            }
        }
    }
}
