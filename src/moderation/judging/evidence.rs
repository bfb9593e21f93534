//! Evidence lists of the operator in, matches as features out. A list is changed on disk, then in
//! memory, and the next check uses it. Checks, labels, replays and second judgements all get their
//! matches here. What a match means is learnt from labels. Never forces a verdict.

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::comment::{Comment, Spot};
use crate::features::{FEATURES_VERSION, Features, listed_bucket};
use crate::learn::online::Now;
use crate::lists::BadEntry;
use crate::lists::evidence::{
    BadLine, Evidence, EvidenceFile, EvidenceList, EvidenceOf, MOST_LISTS, check_name,
};
use crate::moderation::judging::state::Judging;
use crate::store::{StoreError, whole};
use crate::text::{self, Reading};
use crate::verdict::Label;

/// The largest file, in bytes.
const MOST_BYTES: usize = 16 << 20;

/// How many unreadable lines an error names at most.
const MOST_NAMED: usize = 3;

/// What to do with lines that cannot be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unreadable {
    /// Refuse the whole file.
    #[default]
    Refuse,
    /// Leave these lines out and count them.
    LeaveOut,
}

/// The result of adding a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceAdded {
    /// Name of the list.
    pub name: String,
    /// How many hosts were added.
    pub hosts: usize,
    /// How many phrases were added.
    pub phrases: usize,
    /// How many hosts and phrases were in the file more than once.
    pub repeated: usize,
    /// How many lines were left out.
    pub unreadable: usize,
    /// Whether it replaced a list of the same name.
    pub replaced: bool,
}

/// A list as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceLine {
    /// Its name.
    pub name: String,
    /// When it was added, in milliseconds since 1970.
    pub at: Millis,
    /// How many hosts it has.
    pub hosts: usize,
    /// How many phrases it has.
    pub phrases: usize,
    /// How many comments matched it and count as spam.
    pub spam: u64,
    /// How many comments matched it and count as ham.
    pub ham: u64,
}

/// Why a list is refused.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The name or an entry is not valid.
    #[error(transparent)]
    Bad(#[from] BadEntry),
    /// The file is not UTF-8.
    #[error("the file is not UTF-8; nothing was taken in")]
    NoText,
    /// It is too large.
    #[error("the file has {0} bytes; a list has at most {MOST_BYTES}")]
    Large(usize),
    /// Some lines cannot be read.
    #[error("{0}; nothing was taken in (--skip-unreadable leaves such lines out)")]
    Lines(String),
    /// There are as many lists as there may be.
    #[error("there are {MOST_LISTS} evidence lists, which is all there may be; remove one first")]
    Full,
    /// Its name shares a bucket with another list, so labels could not tell the two apart.
    #[error(
        "what labels say of {0:?} and of the list {1:?} would be kept in one place; choose another name"
    )]
    Taken(String, String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The features of a comment, with the evidence lists that it matches.
pub(crate) fn features(lists: &Evidence, comment: &Comment, reading: &Reading) -> Features {
    let mut features = Features::of_reading(comment, reading);
    for met in lists.met(comment, reading) {
        features.add_listed(met.list, met.spot, &met.text);
    }
    features
}

/// The same for a comment that is not read yet.
pub(crate) fn features_of(lists: &Evidence, comment: &Comment) -> Features {
    features(lists, comment, &text::read(&comment.text))
}

impl Judging {
    /// The features of a comment, with the evidence lists of this moment.
    pub(crate) fn read(&self, comment: &Comment, reading: &Reading) -> Features {
        features(&self.rules.evidence(), comment, reading)
    }

    /// Adds a list from a file, or replaces the list of that name. When this returns, it is on disk
    /// and the next check uses it.
    ///
    /// # Errors
    ///
    /// The name or the file is not valid, there are too many lists, or the disk refuses. Then
    /// nothing has changed.
    pub fn add_evidence(
        &self,
        name: &str,
        file: &[u8],
        unreadable: Unreadable,
    ) -> Result<EvidenceAdded, EvidenceError> {
        check_name(name)?;
        if file.len() > MOST_BYTES {
            return Err(EvidenceError::Large(file.len()));
        }
        let text = std::str::from_utf8(file).map_err(|_| EvidenceError::NoText)?;
        let file = EvidenceFile::parse(text);
        if unreadable == Unreadable::Refuse && !file.bad.is_empty() {
            return Err(EvidenceError::Lines(in_words(&file.bad)));
        }
        let mut added = EvidenceAdded {
            name: name.to_owned(),
            hosts: file.hosts.len(),
            phrases: file.phrases.len(),
            repeated: file.repeated,
            unreadable: file.bad.len(),
            replaced: false,
        };
        let list = EvidenceList::of_file(name, (self.context.clock)(), file)?;
        let _alone = self.rules.change();
        added.replaced = self.rules.evidence().lists().any(|list| list.name == name);
        self.put_evidence(&list)?;
        Ok(added)
    }

    /// Adds a list from an import, unless there is one of its name; returns whether it did.
    pub(crate) fn put_new_evidence(&self, list: &EvidenceList) -> Result<bool, EvidenceError> {
        let _alone = self.rules.change();
        let name = &list.raw().name;
        let is_new = self.rules.evidence().lists().all(|list| list.name != *name);
        if is_new {
            self.put_evidence(list)?;
        }
        Ok(is_new)
    }

    /// Writes a list to disk, then to memory. The caller must hold the lock of `Rules::change`.
    fn put_evidence(&self, list: &EvidenceList) -> Result<(), EvidenceError> {
        let name = &list.raw().name;
        let before = self.rules.evidence();
        let others: Vec<EvidenceOf> = before.lists().filter(|list| list.name != *name).collect();
        if others.len() >= MOST_LISTS {
            return Err(EvidenceError::Full);
        }
        let place = |name: &str| listed_bucket(name, Spot::Words);
        if let Some(other) = others.into_iter().find(|l| place(&l.name) == place(name)) {
            return Err(EvidenceError::Taken(name.clone(), other.name));
        }
        self.context.store.put_evidence(list)?;
        let mut evidence = Evidence::clone(&before);
        evidence.insert(list);
        self.rules.set_evidence(evidence);
        Ok(())
    }

    /// Removes a list; no check matches it any more. What labels taught about it stays in the
    /// ledger, and counts again for a later list of the same name. Returns whether there was one.
    ///
    /// # Errors
    ///
    /// The disk refused.
    pub fn remove_evidence(&self, name: &str) -> Result<bool, EvidenceError> {
        let _alone = self.rules.change();
        let mut evidence = Evidence::clone(&self.rules.evidence());
        if !evidence.remove(name) {
            return Ok(false);
        }
        self.context.store.remove_evidence(name)?;
        self.rules.set_evidence(evidence);
        Ok(true)
    }

    /// All lists, and how many counted labels matched each. Reads the whole ledger.
    ///
    /// # Errors
    ///
    /// The store could not be read.
    pub fn evidence_lists(&self) -> Result<Vec<EvidenceLine>, EvidenceError> {
        let lists = self.rules.evidence();
        let line = |of: EvidenceOf| EvidenceLine {
            name: of.name,
            at: of.at,
            hosts: of.hosts,
            phrases: of.phrases,
            spam: 0,
            ham: 0,
        };
        let mut lines: Vec<EvidenceLine> = lists.lists().map(line).collect();
        if lines.is_empty() {
            return Ok(lines);
        }
        for entry in self.context.store.ledger(0).filter_map(whole) {
            let entry = entry?;
            let is_met = |line: &EvidenceLine| {
                let mut buckets = Spot::ALL
                    .map(|spot| listed_bucket(&line.name, spot))
                    .into_iter();
                buckets.any(|bucket| entry.features.binary_search(&bucket).is_ok())
            };
            if entry.features_version != FEATURES_VERSION
                || !lines.iter().any(is_met)
                || !matches!(self.context.online.now(&entry), Now::Counted(_))
            {
                continue;
            }
            for line in lines.iter_mut().filter(|line| is_met(line)) {
                match entry.label {
                    Label::Spam => line.spam += 1,
                    Label::Ham => line.ham += 1,
                }
            }
        }
        Ok(lines)
    }
}

/// Names the first lines that cannot be read, and counts the others.
fn in_words(bad: &[BadLine]) -> String {
    let first: Vec<String> = bad
        .iter()
        .take(MOST_NAMED)
        .map(ToString::to_string)
        .collect();
    let more = match bad.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        1 => "; and 1 line more".to_owned(),
        more => format!("; and {more} lines more"),
    };
    format!("{}{more}", first.join("; "))
}
