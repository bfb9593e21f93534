//! How far a voice may move what everybody hears. Labels in, in the order of the ledger; out, for each: counted for all, or for its own site alone, and why.
//!
//! A voice is a key, and within it a named reporter. All it says counts on its own site. All sites hear of it
//!
//! - what another key confirms: a near copy of the text (`copies`) that another key gave the same label, once for each text and key;
//! - on credit, unconfirmed, at most `credit = min(a, h / 1000)` labels at a time, with `h` all labels that all sites hear, and
//!   `a = sum over other keys k of min(agreements with k, 5)`, agreements being labels that k gave near copies too, before or after;
//! - all of it, where the operator vouches for the key: he answers for it.
//!
//! A new voice thus moves nobody until others agree with it, an old one by a thousandth. Both the key and the reporter need credit. A label that at least
//! three other keys contradict, and more than twice as many as agree, is quarantined. All of it follows from the labels before, so replaying a ledger
//! places every label where it was; the order of the ledger is the only order that matters.

use std::collections::HashMap;

use super::copies::BANDS;
use super::rulings::Rulings;
use crate::store::{LedgerEntry, Millis};
use crate::verdict::Label;

/// One in so many of the labels that all sites hear may be one voice's, unconfirmed: the poisoning tests say what that can do.
pub const ONE_IN: u32 = 1_000;
/// Agreements with one other key that raise a credit; an accomplice is worth no more.
pub const MOST_FROM_ONE: u8 = 5;
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
    /// Per number of a sketch: what each key last said of texts that have it.
    said: [HashMap<u32, Votes>; BANDS],
}

#[derive(Debug, Default)]
struct Voice {
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

    fn has_credit(&self, heard: u32) -> bool {
        self.lent < self.agreements.min(heard / ONE_IN)
    }
}

/// The last word of each voice; most texts are spoken of by one alone.
#[derive(Debug)]
enum Votes {
    One(Vote),
    Many(Box<Vec<Vote>>),
}

#[derive(Debug, Clone, Copy)]
struct Vote {
    key: u32,
    reporter: Option<u32>,
    label: Label,
}

impl Votes {
    fn all(&self) -> &[Vote] {
        match self {
            Self::One(vote) => std::slice::from_ref(vote),
            Self::Many(votes) => votes,
        }
    }

    fn set(&mut self, vote: Vote) {
        match self {
            Self::One(one) if one.key == vote.key => *one = vote,
            Self::One(one) => *self = Self::Many(Box::new(vec![*one, vote])),
            Self::Many(votes) => match votes.iter_mut().find(|v| v.key == vote.key) {
                Some(old) => *old = vote,
                None => votes.push(vote),
            },
        }
    }
}

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
        let agree = others.iter().filter(|v| v.label == entry.label).count();
        let oppose = others.len() - agree;
        let is_news = !self.spoke_of(entry, speaker.key);
        for vote in others.iter().filter(|v| v.label == entry.label) {
            for voice in speaker.voices() {
                self.voices[voice as usize].agree_with(vote.key);
            }
            for voice in [Some(vote.key), vote.reporter].into_iter().flatten() {
                self.voices[voice as usize].agree_with(speaker.key);
            }
        }
        let vote = Vote {
            key: speaker.key,
            reporter: speaker.reporter,
            label: entry.label,
        };
        for (said, &number) in self.said.iter_mut().zip(&entry.sketch) {
            said.entry(number)
                .and_modify(|votes| votes.set(vote))
                .or_insert(Votes::One(vote));
        }
        let has_credit = |voice: u32| self.voices[voice as usize].has_credit(self.heard);
        let place = if rulings.vouch_for(&entry.key_name) {
            Place::Shared
        } else if oppose >= MANY && oppose > 2 * agree {
            Place::Quarantined
        } else if agree > oppose {
            // A text that many send is one piece of news, however often its key says so.
            if is_news {
                Place::Shared
            } else {
                Place::Withheld
            }
        } else if speaker.voices().all(has_credit) {
            Place::Lent
        } else {
            Place::Withheld
        };
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

    /// Labels of a key that all sites hear on credit, and how many may be.
    pub fn credit_of(&self, key_name: &str) -> (u32, u32) {
        self.keys.get(key_name).map_or((0, 0), |&key| {
            let voice = &self.voices[key as usize];
            (voice.lent, voice.agreements.min(self.heard / ONE_IN))
        })
    }

    /// Whether a key has spoken of a near copy before.
    fn spoke_of(&self, entry: &LedgerEntry, key: u32) -> bool {
        self.said.iter().zip(&entry.sketch).any(|(said, number)| {
            said.get(number)
                .is_some_and(|votes| votes.all().iter().any(|vote| vote.key == key))
        })
    }

    /// The last word of every other key about near copies.
    fn others(&self, entry: &LedgerEntry, key: u32) -> Vec<Vote> {
        let mut others: Vec<Vote> = Vec::new();
        for (said, number) in self.said.iter().zip(&entry.sketch) {
            for vote in said.get(number).into_iter().flat_map(Votes::all) {
                if vote.key != key && others.iter().all(|known| known.key != vote.key) {
                    others.push(*vote);
                }
            }
        }
        others
    }

    fn speaker(&mut self, entry: &LedgerEntry) -> Speaker {
        let voices = &mut self.voices;
        let mut new_voice = || {
            voices.push(Voice::default());
            voices.len() as u32 - 1
        };
        let key = match self.keys.get(&entry.key_name) {
            Some(&key) => key,
            None => *self
                .keys
                .entry(entry.key_name.clone())
                .or_insert_with(&mut new_voice),
        };
        let reporter = entry.reporter.clone().map(|name| {
            *self
                .reporters
                .entry((key, name))
                .or_insert_with(&mut new_voice)
        });
        Speaker { key, reporter }
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
            sketch: vec![text; BANDS],
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
    fn nobody_hears_a_new_key_until_another_confirms_it_and_then_once_for_each_text() {
        let mut trust = Trust::default();
        assert_eq!(say(&mut trust, &said("new", None, 7, Spam)), Withheld);
        assert_eq!(say(&mut trust, &said("new", None, 8, Spam)), Withheld);
        assert_eq!(say(&mut trust, &said("other", None, 7, Spam)), Shared);
        assert_eq!(say(&mut trust, &said("other", None, 7, Spam)), Withheld);
        assert_eq!(say(&mut trust, &said("third", None, 7, Ham)), Withheld);
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
        for text in 0..50 {
            say(&mut trust, &said("friend", None, text, Spam));
            say(&mut trust, &said("new", None, text, Spam));
        }
        let once = u32::from(MOST_FROM_ONE);
        assert_eq!(trust.credit_of("new"), (0, once));
        say(&mut trust, &said("other", None, 3, Spam));
        assert_eq!(trust.credit_of("new"), (0, once + 1));
        let places: Vec<Place> = (100..110)
            .map(|text| say(&mut trust, &said("new", None, text, Spam)))
            .collect();
        assert_eq!(places.iter().filter(|p| **p == Lent).count(), 6);
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
            for text in 0..5 {
                say(&mut trust, &said("popular", None, text, Spam));
                say(&mut trust, &said(&format!("k{other}"), None, text, Spam));
            }
        }
        let lent =
            (100..400).filter(|&text| say(&mut trust, &said("popular", None, text, Spam)) == Lent);
        let lent = lent.count() as u32;
        assert!(
            (10..=trust.heard / ONE_IN).contains(&lent),
            "{lent} of {}",
            trust.heard
        );
    }

    #[test]
    fn a_new_reporter_has_none_of_the_credit_of_his_key() {
        let mut trust = after_ten_thousand();
        for other in 0..8 {
            for text in 0..5 {
                say(&mut trust, &said("shop", Some("an"), text, Spam));
                say(&mut trust, &said(&format!("k{other}"), None, text, Spam));
            }
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
