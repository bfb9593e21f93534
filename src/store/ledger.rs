//! The ledger: labels and operator events in, the same out in order of their place. A write is on
//! disk when it returns. A row is never changed.

use super::entry::LedgerEntry;
use super::error::{StoreError, failed};
use super::journal::{Row, Tree};
use super::layout::{Seq, seal, seq_key, unseal};
use super::ruling::Ruling;
use super::sled_store::Store;

impl Store {
    /// Appends labels whose `seq` is set, all or none; on disk in the journal when it returns. The
    /// store has them in its files, and within a second on disk.
    ///
    /// # Errors
    ///
    /// The disk refuses the journal or the store. After an error it is not known whether they are
    /// kept.
    pub fn append(&self, entries: &[LedgerEntry]) -> Result<(), StoreError> {
        let rows: Vec<Row> = entries
            .iter()
            .map(|entry| Row::put(Tree::Ledger, seq_key(entry.seq), seal(entry)))
            .collect();
        // The journal comes first: at start the store gets from it what a stop kept from the store.
        self.write_down(&rows)?;
        let mut batch = sled::Batch::default();
        for row in rows {
            batch.insert(row.key, row.value.unwrap_or_default());
        }
        self.ledger
            .apply_batch(batch)
            .map_err(failed("write labels"))?;
        self.sync_unless_recent()
    }

    /// Appends an operator event whose `seq` is set; on disk when it returns.
    ///
    /// # Errors
    ///
    /// The disk refuses the journal or the store. After an error it is not known whether it is
    /// kept.
    pub fn append_ruling(&self, ruling: &Ruling) -> Result<(), StoreError> {
        let value = seal(ruling);
        self.write_down(&[Row::put(Tree::Rulings, seq_key(ruling.seq), value.clone())])?;
        self.rulings
            .insert(seq_key(ruling.seq), value)
            .map_err(failed("write a ruling"))?;
        self.sync()
    }

    /// All operator events, in order.
    ///
    /// # Errors
    ///
    /// An operator event is damaged on disk, or the disk refuses.
    pub fn rulings(&self) -> Result<Vec<Ruling>, StoreError> {
        let rows = self.rulings.iter().map(|item| {
            let (_, value) = item.map_err(failed("read the rulings"))?;
            unseal(&value, || "a ruling about labels".to_owned())
        });
        rows.collect()
    }

    /// Place of the last label or operator event; 0 if there is none.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn last_seq(&self) -> Result<Seq, StoreError> {
        Ok(last(&self.ledger)?.max(self.last_ruling()?))
    }

    /// Place of the last operator event; 0 if there is none. Cheaper than to read them all.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn last_ruling(&self) -> Result<Seq, StoreError> {
        last(&self.rulings)
    }

    /// Labels after a place, in order; labels that were undone are among them.
    pub fn ledger(
        &self,
        after: Seq,
    ) -> impl Iterator<Item = Result<LedgerEntry, StoreError>> + use<> {
        self.ledger.range(seq_key(after + 1)..).map(|item| {
            let (key, value) = item.map_err(failed("read the ledger"))?;
            unseal(&value, || {
                format!(
                    "ledger entry {}",
                    key.as_ref().try_into().map(u64::from_be_bytes).unwrap_or(0)
                )
            })
        })
    }

    /// One label by its place.
    ///
    /// # Errors
    ///
    /// It is damaged on disk, or the disk refuses.
    pub fn entry(&self, seq: Seq) -> Result<Option<LedgerEntry>, StoreError> {
        let value = self
            .ledger
            .get(seq_key(seq))
            .map_err(failed("read the ledger"))?;
        value
            .map(|value| unseal(&value, || format!("ledger entry {seq}")))
            .transpose()
    }
}

/// The last place in a tree whose keys are places; 0 if it is empty.
fn last(tree: &sled::Tree) -> Result<Seq, StoreError> {
    let last = tree.last().map_err(failed("read the ledger"))?;
    Ok(last
        .and_then(|(key, _)| key.as_ref().try_into().ok().map(u64::from_be_bytes))
        .unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::{CommentId, SiteId};
    use crate::store::DEFAULT_CACHE_BYTES;
    use crate::verdict::Label;

    fn entry(seq: Seq) -> LedgerEntry {
        LedgerEntry {
            seq,
            event: seq * 31,
            at: 1_700_000_000_000,
            site: SiteId::parse("blog.example").expect("a site"),
            comment: CommentId(seq),
            label: Label::Spam,
            machine: None,
            reporter: Some("an".into()),
            key_name: "first".into(),
            features: vec![1, 5, 9],
            features_version: 1,
            kind: None,
            outline: Default::default(),
            shares: Default::default(),
            sketch: vec![],
            checked: None,
        }
    }

    #[test]
    fn what_is_appended_is_there_after_a_restart_in_order() {
        let dir = tempfile::tempdir().expect("a folder");
        {
            let store = Store::open(dir.path(), DEFAULT_CACHE_BYTES).expect("opens");
            store.append(&[entry(1), entry(2)]).expect("appends");
            store.append(&[entry(300)]).expect("appends");
        }
        let store = Store::open(dir.path(), DEFAULT_CACHE_BYTES).expect("opens again");
        let seqs: Vec<Seq> = store.ledger(1).map(|e| e.expect("whole").seq).collect();
        assert_eq!(
            (seqs, store.last_seq().expect("reads")),
            (vec![2, 300], 300)
        );
        assert_eq!(store.entry(2).expect("reads"), Some(entry(2)));
    }
}
