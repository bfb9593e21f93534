//! Allow and deny lists: a comment and its reading in, the one entry that decides out, if any does.
//! Pure: the time is an argument, and it never knows who keeps the entries.
//!
//! The first of these lines with an entry that matches decides (docs/DECISIONS.md, "List entries
//! decide in a fixed order"):
//!
//! 1. the site's entries about address, e-mail and links; 2. the same of all sites;
//! 3. the site's entries about the author's name; 4. the same of all sites;
//! 5. the site's entries about words; 6. the same of all sites.
//!
//! Within 1 and 2 the narrowest entry about the same thing decides, and of entries that disagree
//! the deny. An allowed domain counts only for a comment whose links are all allowed. Addresses
//! quoted in the text match denies alone. Within 5 and 6 an allow comes before a deny.

mod entry;
pub mod evidence;
mod evidence_file;
mod index;
mod kind;
mod phrase;
mod phrases;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::comment::{Comment, SiteId};
use crate::text::links::{self, Place};
use crate::text::{self, Reading};
use crate::verdict::{Assessment, Clue, Cutoffs, Layer};
pub use entry::{Entry, RawEntry, Slot, canonical};
use index::{Index, Met, Traces};
pub use kind::{BadEntry, Kind, List};

/// All entries of a server.
#[derive(Debug, Default)]
pub struct Lists {
    all: BTreeMap<Slot, Arc<Entry>>,
    shared: Index,
    sites: HashMap<SiteId, Index>,
}

/// The entry that decides over a comment.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The entry.
    pub entry: Arc<Entry>,
    /// The piece of the comment it met, normalised.
    pub text: String,
}

impl Lists {
    /// Adds an entry; returns the one that it replaces.
    pub fn insert(&mut self, entry: Entry) -> Option<Arc<Entry>> {
        let before = self.remove(&entry.slot());
        let entry = Arc::new(entry);
        self.all.insert(entry.slot(), Arc::clone(&entry));
        match &entry.raw().site {
            None => self.shared.insert(entry),
            Some(site) => self.sites.entry(site.clone()).or_default().insert(entry),
        }
        before
    }

    /// Removes an entry and returns it.
    pub fn remove(&mut self, place: &Slot) -> Option<Arc<Entry>> {
        let entry = self.all.remove(place)?;
        match &place.site {
            None => self.shared.remove(&entry),
            Some(site) => {
                if let Some(index) = self.sites.get_mut(site) {
                    index.remove(&entry);
                    if index.len() == 0 {
                        self.sites.remove(site);
                    }
                }
            }
        }
        Some(entry)
    }

    /// All entries, those for all sites first, then site by site, in the order of kind and value.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.all.values()
    }

    /// The entry in a place.
    pub fn entry(&self, place: &Slot) -> Option<&Arc<Entry>> {
        self.all.get(place)
    }

    /// How many entries a site has.
    pub fn len_of(&self, site: &SiteId) -> usize {
        self.sites.get(site).map_or(0, Index::len)
    }

    /// The entry that decides over a comment on a site at a time (milliseconds since 1970); the
    /// module's text says which one that is.
    pub fn find(
        &self,
        site: &SiteId,
        comment: &Comment,
        reading: &Reading,
        now: i64,
    ) -> Option<Hit> {
        let indexes: Vec<&Index> = [self.sites.get(site), Some(&self.shared)]
            .into_iter()
            .flatten()
            .filter(|i| i.len() > 0)
            .collect();
        if indexes.is_empty() {
            return None;
        }
        let first =
            |met: &dyn Fn(&Index) -> Option<Met>| indexes.iter().find_map(|index| met(index));
        let of_traces = || {
            let traces = Traces::of(comment, reading);
            first(&|index| index.of_traces(&traces, now))
        };
        let of_name = || {
            let name = comment.author.name.as_deref();
            let name = text::read(name.filter(|_| indexes.iter().any(|i| i.has_names()))?);
            first(&|index| index.of_name(&phrase::words(&name), now))
        };
        let of_words = || {
            indexes.iter().find(|index| index.has_words())?;
            let words = phrase::words(reading);
            first(&|index| index.of_words(&words, reading, now))
        };
        let (entry, text) = of_traces().or_else(of_name).or_else(of_words)?;
        Some(Hit { entry, text })
    }
}

impl Traces {
    fn of(comment: &Comment, reading: &Reading) -> Self {
        let home = comment.author.url.as_deref();
        let home = home.and_then(|url| links::parse(url, Place::Author));
        let links = reading.links.iter().map(|link| link.host.as_str());
        let hosts = links.chain(home.as_ref().map(|home| home.host.as_str()));
        let email = comment.author.email.as_deref();
        Self {
            ip: comment.request.ip.map(|ip| ip.to_canonical()),
            email: email.map(|email| email.trim().to_lowercase()),
            hosts: hosts.map(entry::as_name_servers_know).collect(),
            quoted: reading.emails.clone(),
        }
    }
}

impl Hit {
    /// Forces the verdict of an assessment, with the entry as its first clue.
    pub fn decide(&self, assessment: &mut Assessment, cutoffs: &Cutoffs) {
        assessment.force(self.entry.raw().list.label(), cutoffs, self.clue());
    }

    fn clue(&self) -> Clue {
        let raw = self.entry.raw();
        let (thing, thing_vi) = match raw.kind {
            Kind::Ip => ("address", "địa chỉ mạng"),
            Kind::Email => ("e-mail address", "địa chỉ e-mail"),
            Kind::EmailDomain => ("domain of an e-mail address", "tên miền của e-mail"),
            Kind::Domain => ("domain of a link", "tên miền của liên kết"),
            Kind::Author => ("author's name", "tên người viết"),
            Kind::Words => ("words", "từ ngữ"),
        };
        let list = raw.list.as_str();
        let list_vi = match raw.list {
            List::Allow => "cho phép",
            List::Deny => "chặn",
        };
        let (whose, whose_vi, layer) = match raw.site {
            Some(_) => (format!("the site's {list} list"), "của trang", Layer::Site),
            None => (
                format!("the {list} list of all sites"),
                "của mọi trang",
                Layer::Shared,
            ),
        };
        let why = match raw.reason.as_str() {
            "" => Cow::Borrowed(""),
            reason => Cow::Owned(format!(" ({reason})")),
        };
        Clue {
            reason: format!("{thing} on {whose}{why}").into(),
            reason_vi: format!("{thing_vi} trong danh sách {list_vi} {whose_vi}{why}").into(),
            text: self.text.clone(),
            weight: 0.0,
            layer,
            place: None,
        }
    }
}

#[cfg(test)]
mod tests;
