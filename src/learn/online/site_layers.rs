//! Counts of realms in, the same counts out as long as they are kept in memory, least recently used
//! dropped first. It neither reads the ledger nor counts; `state` does.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::comment::SiteId;
use crate::learn::online::realm::Realm;
use crate::model::counts::Counts;

/// The layers in memory, and the order in which they were last used.
#[derive(Debug, Default)]
pub(crate) struct Layers {
    of: BTreeMap<Realm, Layer>,
    by_use: BTreeMap<u64, Realm>,
    uses: u64,
    bytes: usize,
}

#[derive(Debug, Clone)]
struct Layer {
    counts: Arc<Counts>,
    bytes: usize,
    last_use: u64,
}

impl Layers {
    /// The layers of all sites but these. The counts are shared with the layers here and not
    /// copied.
    pub(crate) fn without(&self, sites: &HashSet<&SiteId>) -> Self {
        let mut kept = Self {
            uses: self.uses,
            ..Self::default()
        };
        for (&use_, realm) in &self.by_use {
            let layer = self.of.get(realm);
            if let Some(layer) = layer.filter(|_| !sites.contains(&realm.site)) {
                kept.bytes += layer.bytes;
                kept.by_use.insert(use_, realm.clone());
                kept.of.insert(realm.clone(), layer.clone());
            }
        }
        kept
    }

    /// Drops a layer. It is read again when it is needed.
    pub(crate) fn drop_one(&mut self, realm: &Realm) {
        if let Some(layer) = self.of.remove(realm) {
            self.by_use.remove(&layer.last_use);
            self.bytes -= layer.bytes;
        }
    }

    /// Drops the layers of all keys that have a realm of their own on a site: they contain the
    /// counts of the site's own realm.
    pub(crate) fn drop_beside(&mut self, site: &SiteId) {
        let own = Realm::of_site(site);
        // Realms are ordered by site and then by key, and the site's own realm has none. So it
        // comes first, and the others follow it.
        let beside = self.of.range(own.clone()..);
        let beside = beside.map(|(realm, _)| realm);
        let beside: Vec<Realm> = beside
            .take_while(|realm| realm.site == *site)
            .filter(|realm| **realm != own)
            .cloned()
            .collect();
        beside.iter().for_each(|realm| self.drop_one(realm));
    }

    pub(crate) fn used(&mut self, site: &Realm) -> Option<Arc<Counts>> {
        let layer = self.of.get_mut(site)?;
        self.uses += 1;
        let name = self.by_use.remove(&layer.last_use)?;
        self.by_use.insert(self.uses, name);
        layer.last_use = self.uses;
        Some(Arc::clone(&layer.counts))
    }

    pub(crate) fn keep(&mut self, site: Realm, counts: Arc<Counts>, most_bytes: usize) {
        if self.of.contains_key(&site) {
            return;
        }
        self.uses += 1;
        let bytes = counts.bytes();
        self.bytes += bytes;
        self.by_use.insert(self.uses, site.clone());
        let last_use = self.uses;
        self.of.insert(
            site,
            Layer {
                counts,
                bytes,
                last_use,
            },
        );
        self.drop_oldest(most_bytes);
    }

    /// Changes a site's layer, if it is here.
    pub(crate) fn change(
        &mut self,
        site: &Realm,
        most_bytes: usize,
        change: impl FnOnce(&mut Counts),
    ) {
        if let Some(layer) = self.of.get_mut(site) {
            // A check may still hold the old counts; then they are copied first.
            change(Arc::make_mut(&mut layer.counts));
            let bytes = layer.counts.bytes();
            self.bytes = self.bytes - layer.bytes + bytes;
            layer.bytes = bytes;
            self.drop_oldest(most_bytes);
        }
    }

    /// Memory they take, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Drops layers until the bound holds. The most recently used one stays, however large it is.
    fn drop_oldest(&mut self, most_bytes: usize) {
        while self.bytes > most_bytes && self.by_use.len() > 1 {
            let oldest = self.by_use.pop_first().map(|(_, site)| site);
            if let Some(dropped) = oldest.and_then(|site| self.of.remove(&site)) {
                self.bytes -= dropped.bytes;
            }
        }
    }
}
