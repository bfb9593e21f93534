//! Evidence lists of an operator: a comment and its reading in, which list matches where and what
//! out. They never decide; labels teach what a match means (docs/DECISIONS.md, "An evidence list is
//! a feature, not a rule"). Pure: it never knows who keeps the lists.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::entry::{as_name_servers_know, canonical};
pub use super::evidence_file::{BadLine, EvidenceFile};
use super::index::and_above;
use super::kind::{BadEntry, Kind, bad};
use super::phrase::{Word, words};
use super::phrases::Phrases;
use crate::comment::{Comment, Spot};
use crate::text::Reading;
use crate::text::links::{self, Place};

/// Largest number of entries of one list: they are kept in memory.
pub const MOST_LINES: usize = 300_000;

/// Largest number of lists.
pub const MOST_LISTS: usize = 16;

/// Longest name of a list, in characters.
const LONGEST_NAME: usize = 40;

/// A list as it is kept and exported; any field may be wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawEvidenceList {
    /// What the operator calls it.
    pub name: String,
    /// When it was taken in, in milliseconds since 1970.
    pub at: i64,
    /// Hosts: each matches itself and all hosts below it.
    pub hosts: Vec<String>,
    /// Words in a row.
    pub phrases: Vec<String>,
}

/// A list that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "RawEvidenceList", try_from = "RawEvidenceList")]
pub struct EvidenceList(RawEvidenceList);

impl EvidenceList {
    /// A list from a file whose lines were all read.
    ///
    /// # Errors
    ///
    /// A sentence, if the name is no name, or the file holds nothing or too much.
    pub fn of_file(name: &str, at: i64, file: EvidenceFile) -> Result<Self, BadEntry> {
        let raw = RawEvidenceList {
            name: name.to_owned(),
            at,
            hosts: file.hosts,
            phrases: file.phrases,
        };
        raw.check().map(|()| Self(raw))
    }

    /// A list from the disk, which was checked when it came in.
    pub fn kept(raw: RawEvidenceList) -> Self {
        Self(raw)
    }

    /// Its fields.
    pub fn raw(&self) -> &RawEvidenceList {
        &self.0
    }

    /// How many hosts and phrases it has.
    pub fn len(&self) -> usize {
        self.0.hosts.len() + self.0.phrases.len()
    }

    /// Whether it has none; no list that was taken in has.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<EvidenceList> for RawEvidenceList {
    fn from(list: EvidenceList) -> Self {
        list.0
    }
}

impl TryFrom<RawEvidenceList> for EvidenceList {
    type Error = BadEntry;

    /// # Errors
    ///
    /// A sentence, if the name is no name, the list is empty or too long, or a line is no host or
    /// phrase.
    fn try_from(mut raw: RawEvidenceList) -> Result<Self, BadEntry> {
        raw.check()?;
        for (kind, values) in [
            (Kind::Domain, &mut raw.hosts),
            (Kind::Words, &mut raw.phrases),
        ] {
            for value in values.iter_mut() {
                *value = canonical(kind, value)?;
            }
            values.sort_unstable();
            values.dedup();
        }
        Ok(Self(raw))
    }
}

impl RawEvidenceList {
    fn check(&self) -> Result<(), BadEntry> {
        check_name(&self.name)?;
        match self.hosts.len() + self.phrases.len() {
            0 => Err(bad("the list is empty; it holds one host or phrase a line")),
            len if len > MOST_LINES => Err(bad(format!(
                "the list has {len} entries; a list has at most {MOST_LINES}"
            ))),
            _ => Ok(()),
        }
    }
}

/// Names are part of clues and of what labels have taught, so they are plain.
///
/// # Errors
///
/// A sentence that says what a name may hold.
pub fn check_name(name: &str) -> Result<(), BadEntry> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
    if (1..=LONGEST_NAME).contains(&name.chars().count()) && name.chars().all(is_plain) {
        return Ok(());
    }
    Err(bad(format!(
        "{name:?} is no name of a list; a name has 1 to {LONGEST_NAME} lower-case letters, digits, hyphens, underscores or dots"
    )))
}

/// All evidence lists of a server, ready to be matched.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    lists: BTreeMap<String, Arc<Index>>,
}

/// One list, ready to be matched.
#[derive(Debug)]
struct Index {
    at: i64,
    hosts: HashSet<Box<str>>,
    phrases: Phrases<()>,
    len: [usize; 2],
}

/// A match of a comment with a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meeting<'a> {
    /// Name of the list.
    pub list: &'a str,
    /// Where.
    pub spot: Spot,
    /// The piece of the comment that matched, normalised.
    pub text: String,
}

/// What is known of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceOf {
    /// Its name.
    pub name: String,
    /// When it was taken in, in milliseconds since 1970.
    pub at: i64,
    /// How many hosts it has.
    pub hosts: usize,
    /// How many phrases.
    pub phrases: usize,
}

impl Evidence {
    /// Adds a list; it replaces one of the same name.
    pub fn insert(&mut self, list: &EvidenceList) {
        let raw = list.raw();
        let mut phrases = Phrases::default();
        for phrase in &raw.phrases {
            phrases.put(phrase, ());
        }
        let index = Index {
            at: raw.at,
            hosts: raw.hosts.iter().map(|host| host.as_str().into()).collect(),
            phrases,
            len: [raw.hosts.len(), raw.phrases.len()],
        };
        self.lists.insert(raw.name.clone(), Arc::new(index));
    }

    /// Removes a list; returns whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        self.lists.remove(name).is_some()
    }

    /// Whether there is no list.
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// All lists, by name.
    pub fn lists(&self) -> impl Iterator<Item = EvidenceOf> + '_ {
        self.lists.iter().map(|(name, list)| EvidenceOf {
            name: name.clone(),
            at: list.at,
            hosts: list.len[0],
            phrases: list.len[1],
        })
    }

    /// Which lists match a comment, and where: the first match at each place. A host matches links
    /// in the text, the home page and the e-mail address, if they are the host or below it. A
    /// phrase matches the words of the text.
    pub fn met(&self, comment: &Comment, reading: &Reading) -> Vec<Meeting<'_>> {
        if self.is_empty() {
            return Vec::new();
        }
        let author = &comment.author;
        let home = author.url.as_deref();
        let home = home.and_then(|url| links::parse(url, Place::Author));
        let email = author.email.as_deref().and_then(|email| {
            let (_, domain) = email.trim().rsplit_once('@')?;
            Some(domain.trim_matches('.').to_lowercase())
        });
        let links = reading
            .links
            .iter()
            .map(|link| (Spot::Link, link.host.as_str()));
        let hosts: Vec<(Spot, String)> = links
            .chain(home.as_ref().map(|home| (Spot::Home, home.host.as_str())))
            .chain(email.as_deref().map(|domain| (Spot::Email, domain)))
            .map(|(spot, host)| (spot, as_name_servers_know(host)))
            .collect();
        let has_phrases = self.lists.values().any(|list| !list.phrases.is_empty());
        let words = if has_phrases {
            words(reading)
        } else {
            Vec::new()
        };
        let lists = self.lists.iter();
        lists
            .flat_map(|(name, list)| list.met(name, &hosts, &words, reading))
            .collect()
    }
}

impl Index {
    fn met<'a>(
        &self,
        list: &'a str,
        hosts: &[(Spot, String)],
        words: &[Word<'_>],
        reading: &Reading,
    ) -> Vec<Meeting<'a>> {
        let mut met = Vec::new();
        if let Some(text) = self.phrases.first(words, reading) {
            let spot = Spot::Words;
            met.push(Meeting { list, spot, text });
        }
        for spot in [Spot::Link, Spot::Home, Spot::Email] {
            let at_spot = hosts.iter().filter(|(of, _)| *of == spot);
            let is_listed = |host: &str| and_above(host).any(|host| self.hosts.contains(host));
            if let Some((_, host)) = at_spot.into_iter().find(|(_, host)| is_listed(host)) {
                let text = host.clone();
                met.push(Meeting { list, spot, text });
            }
        }
        met
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    fn list(name: &str, hosts: &[&str], phrases: &[&str]) -> EvidenceList {
        let all = |values: &[&str]| values.iter().map(|v| (*v).to_owned()).collect();
        RawEvidenceList {
            name: name.into(),
            at: 0,
            hosts: all(hosts),
            phrases: all(phrases),
        }
        .try_into()
        .expect("a list")
    }

    fn met(evidence: &Evidence, comment: &Comment) -> Vec<(String, Spot, String)> {
        let reading = text::read(&comment.text);
        let met = evidence.met(comment, &reading).into_iter();
        met.map(|m| (m.list.to_owned(), m.spot, m.text)).collect()
    }

    #[test]
    fn a_host_is_met_in_links_home_page_and_email_and_below_and_a_phrase_in_words() {
        let mut evidence = Evidence::default();
        let mut comment =
            Comment::from_text("Xem http://www.Play.Casino.example/x, v.a.y t1ền nhé");
        assert!(met(&evidence, &comment).is_empty());
        evidence.insert(&list("wave", &["casino.example"], &["vay tiền"]));
        evidence.insert(&list("z", &["mail.example"], &[]));
        let of = |list: &str, spot, text: &str| (list.to_owned(), spot, text.to_owned());
        let expected = [
            of("wave", Spot::Words, "vay t1ền"),
            of("wave", Spot::Link, "play.casino.example"),
        ];
        assert_eq!(met(&evidence, &comment), expected);
        comment.text = "hay quá".into();
        comment.author.url = Some("casino.example/".into());
        comment.author.email = Some("An@Deep.MAIL.example".into());
        let expected = [
            of("wave", Spot::Home, "casino.example"),
            of("z", Spot::Email, "deep.mail.example"),
        ];
        assert_eq!(met(&evidence, &comment), expected);
        comment.author.url = Some("http://mycasino.example".into());
        comment.author.email = Some("an@mail.example.org".into());
        assert!(met(&evidence, &comment).is_empty());
        comment.author.url = Some("http://casino.example".into());
        assert!(evidence.remove("wave") && !evidence.remove("wave"));
        assert!(met(&evidence, &comment).is_empty());
    }

    #[test]
    fn what_is_no_list_is_refused_in_a_sentence() {
        let raw = |name: &str, hosts: usize| RawEvidenceList {
            name: name.into(),
            at: 0,
            hosts: (0..hosts).map(|n| format!("h{n}.example")).collect(),
            phrases: vec![],
        };
        for (raw, says) in [
            (raw("A b", 1), "no name of a list"),
            (raw("", 1), "no name of a list"),
            (raw(&"a".repeat(41), 1), "no name of a list"),
            (raw("a", 0), "is empty"),
            (raw("a", MOST_LINES + 1), "at most 300000"),
        ] {
            let error = EvidenceList::try_from(raw).expect_err(says).to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
