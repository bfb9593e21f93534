//! Notes about a key's site, in and out: that the owner of the key revoked the site, or that its
//! plugin was switched off. Never counts usage.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::error::{StoreError, failed, whole};
use super::layout::{key_prefix, seal, site_key, unseal};
use super::sled_store::Store;
use super::usage::{Usage, UsageOf};
use crate::clock::Millis;
use crate::comment::SiteId;

/// A note about a key's site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteNote {
    /// Id of the key.
    pub key: String,
    /// The site.
    pub site: SiteId,
    /// Since when the key does not serve it, in milliseconds since 1970.
    pub revoked_at: Option<Millis>,
    /// When its plugin reported that it was switched off (milliseconds since 1970); removed by the
    /// next check.
    pub deactivated_at: Option<Millis>,
}

impl SiteNote {
    fn blank(key: &str, site: &SiteId) -> Self {
        Self {
            key: key.to_owned(),
            site: site.clone(),
            revoked_at: None,
            deactivated_at: None,
        }
    }

    fn says_nothing(&self) -> bool {
        self.revoked_at.is_none() && self.deactivated_at.is_none()
    }
}

fn read(value: &[u8]) -> Result<SiteNote, StoreError> {
    unseal(value, || "a note about a site".to_owned())
}

impl Store {
    /// Notes when the plugin of a site was switched off. Not synced: it is not worth a wait for the
    /// disk.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn note_deactivated(
        &self,
        key: &str,
        site: &SiteId,
        at: Option<Millis>,
    ) -> Result<(), StoreError> {
        self.change_note(key, site, |note| note.deactivated_at = at)
    }

    /// Notes since when a key does not serve a site; `None` if it serves it again. On disk when it
    /// returns.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn note_revoked(
        &self,
        key: &str,
        site: &SiteId,
        at: Option<Millis>,
    ) -> Result<(), StoreError> {
        self.change_note(key, site, |note| note.revoked_at = at)?;
        self.sync()
    }

    /// Changes one note in a single step of sled, so that two writers at once keep each other's
    /// field.
    fn change_note(
        &self,
        key: &str,
        site: &SiteId,
        change: impl Fn(&mut SiteNote),
    ) -> Result<(), StoreError> {
        let changed = self
            .site_notes
            .update_and_fetch(site_key(key, site), |value| {
                // A damaged note holds nothing that could be kept.
                let note = value.and_then(|value| whole(read(value)));
                let note = note.and_then(Result::ok);
                let mut note = note.unwrap_or_else(|| SiteNote::blank(key, site));
                change(&mut note);
                (!note.says_nothing()).then(|| seal(&note))
            });
        changed
            .map(|_| ())
            .map_err(failed("write a note about a site"))
    }

    /// Removes the mark "switched off" from all sites that made a check.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn end_deactivations(&self, used: &HashMap<UsageOf, Usage>) -> Result<(), StoreError> {
        if self.site_notes.is_empty() {
            return Ok(());
        }
        for (of, _) in used.iter().filter(|(_, usage)| usage.checks() > 0) {
            let note = self
                .site_notes
                .get(site_key(&of.key, &of.site))
                .map_err(failed("read a note about a site"))?;
            if note.is_some() {
                self.note_deactivated(&of.key, &of.site, None)?;
            }
        }
        Ok(())
    }

    /// Writes a note from an import, unless there is one already; returns whether it wrote.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn put_new_site_note(&self, note: &SiteNote) -> Result<bool, StoreError> {
        self.site_notes
            .compare_and_swap(
                site_key(&note.key, &note.site),
                None::<&[u8]>,
                Some(seal(note)),
            )
            .map(|swapped| swapped.is_ok())
            .map_err(failed("write a note about a site"))
    }

    /// The notes about the sites of a key.
    ///
    /// # Errors
    ///
    /// A note is damaged on disk, or the disk refuses.
    pub fn site_notes(&self, key: &str) -> Result<Vec<SiteNote>, StoreError> {
        let rows = self.site_notes.scan_prefix(key_prefix(key));
        rows.map(|item| read(&item.map_err(failed("read notes about sites"))?.1))
            .filter(|note| !matches!(note, Ok(note) if note.key != key))
            .collect()
    }

    /// The notes about all sites of all keys.
    pub fn all_site_notes(&self) -> impl Iterator<Item = Result<SiteNote, StoreError>> + use<> {
        let rows = self.site_notes.iter();
        rows.map(|item| read(&item.map_err(failed("read notes about sites"))?.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::DEFAULT_CACHE_BYTES;
    use crate::verdict::Verdict;

    #[test]
    fn a_use_ends_a_deactivation_and_leaves_a_revocation_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = Store::open(dir.path(), DEFAULT_CACHE_BYTES).expect("opens");
        let site = SiteId::parse("blog.example").expect("a site");
        let noted = |key: &str| {
            let notes = store.site_notes(key).expect("reads").into_iter();
            let times = notes.map(|note| (note.revoked_at, note.deactivated_at));
            times.collect::<Vec<_>>()
        };
        let used = |usage: Usage| {
            let of = UsageOf {
                key: "a".into(),
                day: crate::clock::Day::at(0),
                site: site.clone(),
            };
            store
                .end_deactivations(&HashMap::from([(of, usage)]))
                .expect("writes");
        };
        store.note_deactivated("a", &site, Some(5)).expect("writes");
        store.note_revoked("a", &site, Some(7)).expect("writes");
        assert_eq!(
            (noted("a"), noted("ab")),
            (vec![(Some(7), Some(5))], vec![])
        );
        // Only a check shows that the plugin is on again, not a label.
        used(Usage::of_contradiction(crate::verdict::Label::Spam));
        assert_eq!(noted("a"), [(Some(7), Some(5))]);
        used(Usage::of_verdict(Verdict::Ham));
        assert_eq!(noted("a"), [(Some(7), None)]);
        store.note_revoked("a", &site, None).expect("writes");
        assert_eq!(noted("a"), [], "a note that says nothing is not kept");
    }
}
