//! Who is to be erased, and what was found. A person's e-mail address, address or name in; whether
//! a check, a correction or a list entry is of that person out. It removes nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::comment::{Author, Comment, SiteId};
use crate::lists::{self, BadEntry, Entry, Kind, List, Lists, RawEntry};
use crate::moderation::ledger::error::UndoError;
use crate::store::{Correction, Record, Seq, StoreError};
use crate::text;

/// The person to erase. A comment is theirs if all conditions given hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// E-mail address; upper and lower case do not matter.
    pub email: Option<String>,
    /// An IP address, or a network of addresses.
    pub ip: Option<String>,
    /// The author's whole name. Upper and lower case, spaces and encoding do not matter; marks and
    /// all else do.
    pub name: Option<String>,
    /// Only on this site; `None` for all sites.
    pub site: Option<SiteId>,
}

/// What happens to labels of the person's comments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Labelled {
    /// They stay: a moderator gave them, and they hold no text of the person.
    #[default]
    Stays,
    /// They are undone.
    Undone,
}

/// What happens to list entries that name the person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Listed {
    /// They stay, because a moderator made them.
    #[default]
    Stays,
    /// They are removed.
    Removed,
}

/// Whether to erase, or only to report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forgetting {
    /// A dry run: only report what would be removed.
    #[default]
    Told,
    /// Remove it.
    Done,
}

/// What was found, and removed unless it was a dry run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    /// Checks of the person, by site.
    pub checks: BTreeMap<String, usize>,
    /// The names in the person's comments, in alphabetical order, the first [`MOST_NAMES`]; only in
    /// a dry run.
    #[serde(default)]
    pub names: Vec<String>,
    /// How many more names there are.
    #[serde(default)]
    pub more_names: usize,
    /// How many corrections of their verdicts, delivered or not.
    pub corrections: usize,
    /// How many counted labels of their comments.
    pub labels: usize,
    /// Place of the undo in the ledger, if these labels were undone.
    pub undo: Option<Seq>,
    /// List entries that name the person by any of the conditions.
    pub lists: Vec<RawEntry>,
    /// Checks whose personal text is removed, so that nobody can tell who wrote them.
    pub wordless: usize,
}

/// Why nobody was erased.
#[derive(Debug, thiserror::Error)]
pub enum ForgetError {
    /// No condition names a person.
    #[error("say who shall be forgotten: an e-mail address, an address or a name")]
    Nobody,
    /// A condition is not valid.
    #[error(transparent)]
    Bad(#[from] BadEntry),
    /// The store failed.
    #[error("{0}; what was removed until then stays removed: ask again")]
    Store(#[from] StoreError),
    /// The person is erased, but the labels could not be undone.
    #[error("the person is forgotten, but the labels still count: {0}")]
    Undo(#[from] UndoError),
}

/// How many names are reported at most.
pub const MOST_NAMES: usize = 20;

/// A person's conditions. Each address is a list of one entry, so that it matches as addresses in
/// lists do. A name is compared letter by letter instead, because lists ignore differences by which
/// two people may differ.
pub(crate) struct Conditions {
    addresses: Vec<Lists>,
    name: Option<String>,
    site: Option<SiteId>,
    /// Kind and value of the list entries that would name the person.
    entries: Vec<(Kind, String)>,
}

impl Conditions {
    pub(crate) fn of(person: &Person) -> Result<Self, ForgetError> {
        let given = [(Kind::Email, &person.email), (Kind::Ip, &person.ip)];
        let (mut addresses, mut entries) = (Vec::new(), Vec::new());
        for (kind, value) in given {
            let Some(value) = value else { continue };
            let entry = Entry::try_from(RawEntry {
                site: None,
                // A deny entry would also match addresses that others quote in their text.
                list: List::Allow,
                kind,
                value: value.clone(),
                reason: String::new(),
                by: String::new(),
                at: 0,
                expires_at: None,
            })?;
            entries.push((kind, entry.raw().value.clone()));
            let mut lists = Lists::default();
            lists.insert(entry);
            addresses.push(lists);
        }
        let name = person.name.as_deref().map(in_letters);
        let name = name.filter(|name| !name.is_empty());
        if let Some(name) = &name {
            // A name without letters cannot be a list entry.
            let value = lists::canonical(Kind::Author, name).ok();
            entries.extend(value.map(|value| (Kind::Author, value)));
        }
        if addresses.is_empty() && name.is_none() {
            return Err(ForgetError::Nobody);
        }
        Ok(Self {
            addresses,
            name,
            site: person.site.clone(),
            entries,
        })
    }

    pub(crate) fn meet(&self, record: &Record) -> bool {
        record.traces.is_none() && self.meet_author_of(&record.site, &record.comment)
    }

    /// Whether a correction is the person's. It holds only an e-mail address, so other conditions
    /// can only be decided by its check.
    pub(crate) fn meet_correction(&self, correction: &Correction) -> bool {
        let comment = Comment {
            author: Author {
                email: correction.email.clone(),
                ..Author::default()
            },
            ..Comment::default()
        };
        self.meet_author_of(&correction.site, &comment)
    }

    fn meet_author_of(&self, site: &SiteId, comment: &Comment) -> bool {
        // Only the author is compared, so the text need not be read.
        let nothing = text::read("");
        let is_here = self.site.as_ref().is_none_or(|here| here == site);
        let mut addresses = self.addresses.iter();
        let find = |lists: &Lists| lists.find(site, comment, &nothing, 0);
        let name = comment.author.name.as_deref();
        is_here
            && self
                .name
                .as_ref()
                .is_none_or(|ours| name.is_some_and(|name| in_letters(name) == *ours))
            && addresses.all(|lists| find(lists).is_some())
    }

    /// Whether a list entry names the person by one of the conditions.
    pub(crate) fn name(&self, entry: &Entry) -> bool {
        let slot = entry.slot();
        let is_here = self.site.is_none() || self.site == slot.site;
        let mut ours = self.entries.iter();
        is_here && ours.any(|(kind, value)| *kind == slot.kind && *value == slot.value)
    }
}

/// A name in the form in which it is compared: letters with their marks, in lower case, in one
/// encoding, with single spaces.
fn in_letters(name: &str) -> String {
    let lower = name.nfc().collect::<String>().to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    words.join(" ").nfc().collect()
}
