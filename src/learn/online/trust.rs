//! How far a voice may move what everybody hears. Labels in, in the order of the ledger; out, for each: counted for all, or for its own site alone, and why.
//!
//! A voice is a key, and within it a named reporter. All it says counts on its own site. All sites hear of it
//!
//! - what a crowd confirms: five other keys gave near copies of the text (`copies`, two shared numbers) the same label, more than twice as many as gave
//!   the opposite, and all sites have not heard one already;
//! - on credit, at most `credit = min(a, h / 1000)` labels at a time, with `h` all labels that all sites hear, and
//!   `a = sum over older keys k of min(agreements with k, 5)`, agreements being labels that k gave near copies before. A key is older if the operator
//!   vouches for it, or if it has earned five agreements itself;
//! - all of it, where the operator vouches for the key: he answers for it.
//!
//! A few new keys that confirm each other thus move nobody: they are no crowd, and their agreements earn nothing. An old key moves a thousandth. Both the
//! key and the reporter need credit. A label that at least three other keys contradict, and more than twice as many as agree, is quarantined. All of it
//! follows from the labels before, so replaying a ledger places every label where it was; the order of the ledger is the only order that matters.

use std::collections::HashMap;

use crate::learn::online::minhash::BANDS;
use crate::learn::online::operator_events::Rulings;
use crate::store::{LedgerEntry, Millis};
use crate::verdict::Label;

/// One in so many of the labels that all sites hear may be one voice's, unconfirmed: the poisoning tests say what that can do.
pub const ONE_IN: u32 = 1_000;
/// Agreements with one older key that raise a credit, and agreements that make a key an older one.
pub const MOST_FROM_ONE: u8 = 5;
/// Other keys that must agree before all sites hear what nobody vouches for. The operator gives the keys: one person with so many is his to see.
pub const CROWD_AGREES: usize = 5;
/// Numbers that the sketches of two texts must share before a label of one confirms the other: with nine features in ten in common they do with
/// probability .81, with half of them .005. One is enough to contradict.
const TO_AGREE: u8 = 2;
/// Other keys that must contradict a label before it is quarantined.
const MANY: usize = 3;

/// Where a label counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// On all sites: confirmed, or vouched for.
    Shared,
    /// On all sites, on the credit of its voice.
    Lent,
    /// On its own: nobody confirms it, and its voice has no credit left.
    Withheld,
    /// On its own: many others say the opposite of near copies.
    Quarantined,
}

impl Place {
    /// Whether all sites hear it.
    pub fn is_heard(self) -> bool {
        matches!(self, Self::Shared | Self::Lent)
    }
}

/// What is known of every voice.
#[derive(Debug, Default)]
pub struct Trust {
    voices: Vec<Voice>,
    keys: HashMap<String, u32>,
    reporters: HashMap<(u32, String), u32>,
    /// Labels that all sites hear.
    heard: u32,
    /// Per number of a sketch: what was last said of texts that have it.
    said: [HashMap<u32, Words>; BANDS],
    crowds: Vec<Crowd>,
}

#[derive(Debug)]
struct Voice {
    /// The key it speaks with; itself, if it is one.
    key: u32,
    /// Name of the key; of a reporter nothing.
    name: Box<str>,
    /// Its labels that all sites hear on credit.
    lent: u32,
    /// Agreements, capped, by the other key.
    agreed: HashMap<u32, u8>,
    /// Their sum.
    agreements: u32,
}

impl Voice {
    fn agree_with(&mut self, key: u32) {
        let with = self.agreed.entry(key).or_default();
        if *with < MOST_FROM_ONE {
            *with += 1;
            self.agreements += 1;
        }
    }

    /// Whether it has earned that its agreement counts for others.
    fn is_older(&self) -> bool {
        self.agreements >= u32::from(MOST_FROM_ONE)
    }

    fn has_credit(&self, heard: u32) -> bool {
        self.lent < self.agreements.min(heard / ONE_IN)
    }
}

/// A voice's last word about a text, in four bytes: a large site list has millions of them.
#[derive(Debug, Clone, Copy)]
struct Word(u32);

impl Word {
    fn new(voice: u32, label: Label, heard: bool) -> Self {
        Self(voice << 2 | u32::from(heard) << 1 | u32::from(label == Label::Spam))
    }

    fn voice(self) -> u32 {
        self.0 >> 2
    }

    fn label(self) -> Label {
        if self.0 & 1 == 1 {
            Label::Spam
        } else {
            Label::Ham
        }
    }

    /// Whether all sites heard it.
    fn heard(self) -> bool {
        self.0 & 2 == 2
    }
}

/// Most texts are spoken of by one voice alone.
#[derive(Debug, Clone, Copy)]
enum Words {
    One(Word),
    /// Place among the crowds.
    Many(u32),
}

/// The last words of those who spoke of one text last.
#[derive(Debug)]
struct Crowd {
    words: Vec<Word>,
    /// Whether all sites ever heard it called ham, and spam.
    heard: [bool; 2],
}

/// Voices remembered of one text: enough to see that many agree, few enough that a campaign on all sites costs no more than one on some.
const CROWD: usize = 16;

/// Who says a label: a key and, where it is named, the reporter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speaker {
    key: u32,
    reporter: Option<u32>,
}

impl Speaker {
    fn voices(self) -> impl Iterator<Item = u32> {
        [Some(self.key), self.reporter].into_iter().flatten()
    }
}

impl Trust {
    /// Hears a label and says where it counts. The caller says afterwards if it was counted there: [`Trust::stands`].
    pub fn place(&mut self, entry: &LedgerEntry, rulings: &Rulings) -> (Speaker, Place) {
        let speaker = self.speaker(entry);
        let others = self.others(entry, speaker.key);
        let agree = others.iter().filter(|w| w.label() == entry.label).count();
        let oppose = others.len() - agree;
        let is_news = !self.has_heard(entry);
        for word in others.iter().filter(|w| w.label() == entry.label) {
            let other = self.speaker_of(word.voice()).key;
            // Only who speaks second earns: he follows one who was there before. Two new keys earn nothing from each other.
            if self.is_older(other, rulings) {
                for voice in speaker.voices() {
                    self.voices[voice as usize].agree_with(other);
                }
            }
        }
        let has_credit = |voice: u32| self.voices[voice as usize].has_credit(self.heard);
        let place = if rulings.vouch_for(&entry.key_name) {
            Place::Shared
        } else if oppose >= MANY && oppose > 2 * agree {
            Place::Quarantined
        } else if agree > oppose && !is_news {
            // A text that many send is one piece of news, however many say so: else whoever repeats what all say would outshout the rest.
            Place::Withheld
        } else if agree >= CROWD_AGREES && agree > 2 * oppose {
            Place::Shared
        } else if speaker.voices().all(has_credit) {
            Place::Lent
        } else {
            Place::Withheld
        };
        let voice = speaker.reporter.unwrap_or(speaker.key);
        self.note(entry, Word::new(voice, entry.label, place.is_heard()));
        (speaker, place)
    }

    /// A label of this voice now stands at a place.
    pub fn stands(&mut self, speaker: Speaker, place: Place) {
        self.heard += u32::from(place.is_heard());
        if place == Place::Lent {
            for voice in speaker.voices() {
                self.voices[voice as usize].lent += 1;
            }
        }
    }

    /// It no longer does.
    pub fn falls(&mut self, speaker: Speaker, place: Place) {
        self.heard -= u32::from(place.is_heard());
        if place == Place::Lent {
            for voice in speaker.voices() {
                self.voices[voice as usize].lent -= 1;
            }
        }
    }

    /// Whether what a key says may earn others credit: the operator answers for it, or it has earned its own.
    fn is_older(&self, key: u32, rulings: &Rulings) -> bool {
        let voice = &self.voices[key as usize];
        voice.is_older() || rulings.vouch_for(&voice.name)
    }

    /// Labels of a key that all sites hear on credit, and how many may be.
    pub fn credit_of(&self, key_name: &str) -> (u32, u32) {
        self.keys.get(key_name).map_or((0, 0), |&key| {
            let voice = &self.voices[key as usize];
            (voice.lent, voice.agreements.min(self.heard / ONE_IN))
        })
    }

    /// What was said of near copies, number by number of the sketch.
    fn crowds_of(&self, entry: &LedgerEntry) -> impl Iterator<Item = (&[Word], [bool; 2])> {
        let words = self.said.iter().zip(&entry.sketch);
        let words = words.filter_map(|(said, number)| said.get(number));
        words.map(|words| match words {
            Words::One(word) => {
                let heard = |label| word.heard() && word.label() == label;
                let heard = [heard(Label::Ham), heard(Label::Spam)];
                (std::slice::from_ref(word), heard)
            }
            Words::Many(at) => {
                let crowd = &self.crowds[*at as usize];
                (&crowd.words[..], crowd.heard)
            }
        })
    }

    /// Whether all sites have heard this label of a near copy, from whomever.
    fn has_heard(&self, entry: &LedgerEntry) -> bool {
        self.crowds_of(entry)
            .any(|(_, heard)| heard[entry.label as usize])
    }

    /// The last words of other keys about near copies. Who agrees must be nearer than who contradicts: what differs between two copies may be the very thing
    /// that makes one of them spam.
    fn others(&self, entry: &LedgerEntry, key: u32) -> Vec<Word> {
        let key_of = |word: &Word| self.voices[word.voice() as usize].key;
        let mut others: Vec<(Word, u8)> = Vec::new();
        for word in self.crowds_of(entry).flat_map(|(words, _)| words) {
            let of = key_of(word);
            if of == key {
                continue;
            }
            match others.iter_mut().find(|(known, _)| key_of(known) == of) {
                Some((known, shared)) if known.label() == word.label() => *shared += 1,
                Some(_) => {}
                None => others.push((*word, 1)),
            }
        }
        others
            .into_iter()
            .filter(|(word, shared)| word.label() != entry.label || *shared >= TO_AGREE)
            .map(|(word, _)| word)
            .collect()
    }

    /// A key's new word takes the place of its old one.
    fn note(&mut self, entry: &LedgerEntry, word: Word) {
        let key = self.voices[word.voice() as usize].key;
        for (said, &number) in self.said.iter_mut().zip(&entry.sketch) {
            let Some(words) = said.get_mut(&number) else {
                said.insert(number, Words::One(word));
                continue;
            };
            let at = match *words {
                Words::Many(at) => at as usize,
                Words::One(one) => {
                    let mut heard = [false; 2];
                    heard[one.label() as usize] = one.heard();
                    let words_of_one = vec![one];
                    self.crowds.push(Crowd {
                        words: words_of_one,
                        heard,
                    });
                    let at = self.crowds.len() - 1;
                    *words = Words::Many(at as u32);
                    at
                }
            };
            let crowd = &mut self.crowds[at];
            crowd.heard[word.label() as usize] |= word.heard();
            let voices = &self.voices;
            crowd
                .words
                .retain(|w| voices[w.voice() as usize].key != key);
            if crowd.words.len() == CROWD {
                crowd.words.remove(0);
            }
            crowd.words.push(word);
        }
    }

    fn speaker_of(&self, voice: u32) -> Speaker {
        let key = self.voices[voice as usize].key;
        let reporter = (voice != key).then_some(voice);
        Speaker { key, reporter }
    }

    fn speaker(&mut self, entry: &LedgerEntry) -> Speaker {
        let key = match self.keys.get(&entry.key_name) {
            Some(&key) => key,
            None => {
                let key = self.new_voice(None, &entry.key_name);
                self.keys.insert(entry.key_name.clone(), key);
                key
            }
        };
        let reporter = entry.reporter.clone().map(|name| {
            let known = (key, name);
            match self.reporters.get(&known) {
                Some(&reporter) => reporter,
                None => {
                    let reporter = self.new_voice(Some(key), "");
                    self.reporters.insert(known, reporter);
                    reporter
                }
            }
        });
        Speaker { key, reporter }
    }

    fn new_voice(&mut self, key: Option<u32>, name: &str) -> u32 {
        let voice = self.voices.len() as u32;
        self.voices.push(Voice {
            key: key.unwrap_or(voice),
            name: name.into(),
            lent: 0,
            agreed: HashMap::new(),
            agreements: 0,
        });
        voice
    }
}

/// Labels of one key within one hour that are a flood: a moderator who works through a queue by hand says one in ten seconds.
pub const FLOOD: u32 = 360;
const HOUR: Millis = 3_600_000;

/// Counts labels by key and hour, as they arrive; not part of what a replay gives.
#[derive(Debug, Default)]
pub struct Floods {
    hours: HashMap<String, (i64, u32)>,
}

impl Floods {
    /// Hears a label; says so when it makes its key's hour a flood, once an hour.
    pub fn hear(&mut self, key_name: &str, at: Millis) -> bool {
        let hour = at.div_euclid(HOUR);
        if self.hours.get(key_name).is_none_or(|(of, _)| *of != hour) {
            self.hours.insert(key_name.to_owned(), (hour, 0));
        }
        let labels = self.hours.get_mut(key_name).map(|(_, labels)| labels);
        labels.is_some_and(|labels| {
            *labels += 1;
            *labels == FLOOD
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::{CommentId, SiteId};

    fn said(key: &str, reporter: Option<&str>, text: u32, label: Label) -> LedgerEntry {
        LedgerEntry {
            seq: 0,
            event: 0,
            at: 0,
            site: SiteId::parse(&format!("{key}.example")).expect("a site"),
            comment: CommentId(u64::from(text)),
            label,
            machine: None,
            reporter: reporter.map(str::to_owned),
            key_name: key.into(),
            features: vec![text],
            features_version: 1,
            kind: None,
            outline: Default::default(),
            shares: Default::default(),
            sketch: vec![text; BANDS],
            checked: None,
        }
    }

    /// Says it, and has it counted.
    fn say(trust: &mut Trust, entry: &LedgerEntry) -> Place {
        say_under(trust, entry, &Rulings::default())
    }

    fn say_under(trust: &mut Trust, entry: &LedgerEntry, rulings: &Rulings) -> Place {
        let (speaker, place) = trust.place(entry, rulings);
        trust.stands(speaker, place);
        place
    }

    fn vouched(key: &str) -> Rulings {
        let key_name = key.to_owned();
        Rulings::of(&[crate::store::Ruling {
            seq: 1,
            event: 1,
            at: 0,
            ruled: crate::store::Ruled::Vouch { key_name },
        }])
    }

    use Label::{Ham, Spam};
    use Place::{Lent, Quarantined, Shared, Withheld};

    #[test]
    fn nobody_hears_a_new_key_until_a_crowd_confirms_it_and_then_once_for_each_text() {
        let mut trust = Trust::default();
        for n in 0..CROWD_AGREES {
            let key = format!("k{n}");
            assert_eq!(say(&mut trust, &said(&key, None, 7, Spam)), Withheld, "{n}");
        }
        assert_eq!(say(&mut trust, &said("last", None, 7, Spam)), Shared);
        assert_eq!(say(&mut trust, &said("late", None, 7, Spam)), Withheld);
        assert_eq!(say(&mut trust, &said("against", None, 7, Ham)), Quarantined);
    }

    #[test]
    fn keys_that_are_no_crowd_move_nobody_however_much_they_say_and_whatever_others_hear() {
        for mut trust in [Trust::default(), after_ten_thousand()] {
            for text in 0..500 {
                for n in 0..CROWD_AGREES {
                    let (key, label) = (format!("k{n}"), [Spam, Ham][text as usize % 2]);
                    assert_eq!(
                        say(&mut trust, &said(&key, None, text, label)),
                        Withheld,
                        "{key} {text}"
                    );
                }
            }
        }
    }

    /// A ledger in which the operator said ten thousand things.
    fn after_ten_thousand() -> Trust {
        let mut trust = Trust::default();
        for text in 10_000..20_000 {
            say_under(
                &mut trust,
                &said("operator", None, text, Ham),
                &vouched("operator"),
            );
        }
        trust
    }

    #[test]
    fn agreement_gives_credit_and_one_accomplice_gives_only_so_much() {
        let mut trust = after_ten_thousand();
        // An older key: the operator had said so before it did.
        for text in 10_000..10_050 {
            say_under(
                &mut trust,
                &said("older", None, text, Ham),
                &vouched("operator"),
            );
        }
        let once = u32::from(MOST_FROM_ONE);
        assert_eq!(trust.credit_of("older"), (0, once));
        // Who agrees with one older key fifty times has earned five, and says the next five on that.
        for text in 0..50 {
            say(&mut trust, &said("older", None, text, Spam));
            say(&mut trust, &said("new", None, text, Spam));
        }
        assert_eq!(trust.credit_of("new"), (once, once));
        say_under(
            &mut trust,
            &said("new", None, 10_060, Ham),
            &vouched("operator"),
        );
        assert_eq!(trust.credit_of("new"), (once, once + 1));
        let places: Vec<Place> = (100..110)
            .map(|text| say(&mut trust, &said("new", None, text, Spam)))
            .collect();
        assert_eq!(places.iter().filter(|p| **p == Lent).count(), 1);
        assert_eq!(places[9], Withheld);
        // Taken back, it makes room again.
        let new = trust.speaker(&said("new", None, 100, Spam));
        trust.falls(new, Lent);
        assert_eq!(say(&mut trust, &said("new", None, 200, Spam)), Lent);
    }

    #[test]
    fn no_voice_is_heard_unconfirmed_more_than_once_in_a_thousand() {
        let mut trust = after_ten_thousand();
        for other in 0..40 {
            let older = format!("k{other}");
            for text in 10_000..10_000 + u32::from(MOST_FROM_ONE) {
                say_under(
                    &mut trust,
                    &said(&older, None, text, Ham),
                    &vouched("operator"),
                );
                say(&mut trust, &said("popular", None, text, Ham));
            }
        }
        for text in 100..400 {
            say(&mut trust, &said("popular", None, text, Spam));
        }
        let (lent, credit) = trust.credit_of("popular");
        assert_eq!((lent, credit), (10, trust.heard / ONE_IN));
    }

    #[test]
    fn a_new_reporter_has_none_of_the_credit_of_his_key() {
        let mut trust = after_ten_thousand();
        for text in 10_000..10_008 {
            let agreed = said("shop", Some("an"), text, Ham);
            say_under(&mut trust, &agreed, &vouched("operator"));
        }
        assert_eq!(
            say(&mut trust, &said("shop", Some("new"), 100, Spam)),
            Withheld
        );
        assert_eq!(say(&mut trust, &said("shop", Some("an"), 100, Spam)), Lent);
    }

    #[test]
    fn what_many_others_contradict_is_quarantined_unless_the_operator_vouches() {
        let mut trust = Trust::default();
        for key in ["a", "b"] {
            say(&mut trust, &said(key, None, 7, Spam));
        }
        assert_eq!(say(&mut trust, &said("x", None, 7, Ham)), Withheld);
        for key in ["c", "d", "e"] {
            say(&mut trust, &said(key, None, 7, Spam));
        }
        assert_eq!(say(&mut trust, &said("y", None, 7, Ham)), Quarantined);
        assert_eq!(
            say_under(&mut trust, &said("y", None, 7, Ham), &vouched("y")),
            Shared
        );
    }

    #[test]
    fn a_flood_is_told_once_an_hour() {
        let mut floods = Floods::default();
        let told = (0..2 * FLOOD).filter(|_| floods.hear("k", 5)).count();
        assert_eq!(told, 1);
        let told = (0..2 * FLOOD)
            .filter(|_| floods.hear("k", HOUR + 5))
            .count();
        assert_eq!(told, 1);
        assert!((0..FLOOD - 1).all(|_| !floods.hear("quiet", 5)));
    }
}
