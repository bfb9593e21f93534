//! The store in, all that it holds out as lines. Never reads anything but the store.

use std::sync::Arc;

use crate::moderation::transfer::line::{AnyKey, ExportLine};
use crate::store::{Store, StoreError};

/// All rows of the store, one by one: keys and notes about their sites, checks, labels, operator
/// events, owners, usage, figures, the queue, score profiles, changed verdicts, corrections, lists
/// and settings; then the end.
///
/// # Errors
///
/// The store cannot be read.
pub(crate) fn export(
    store: &Arc<Store>,
) -> Result<impl Iterator<Item = Result<ExportLine, StoreError>> + Send + use<>, StoreError> {
    let keys = store.keys()?;
    store.sync()?;
    let notes = store
        .all_site_notes()
        .map(|note| note.map(ExportLine::Note));
    let usage = store
        .all_usage()
        .map(|row| row.map(|(of, counted)| ExportLine::Usage { of, counted }));
    let figures = store
        .figures
        .all()
        .map(|row| row.map(|(of, counted)| ExportLine::Figure { of, counted }));
    let waiting = store.all_waiting().map(|row| row.map(ExportLine::Waiting));
    let portraits = store.portraits.all().map(|row| {
        row.map(|(of, seen)| ExportLine::Portrait {
            of,
            seen: Box::new(seen),
        })
    });
    let changed = store
        .changed
        .all()
        .map(|row| row.map(|(of, counted)| ExportLine::Changed { of, counted }));
    let records = store
        .records()
        .map(|record| record.map(|record| ExportLine::Check(Box::new(record))));
    let ledger = store.ledger(0).map(|entry| entry.map(ExportLine::Label));
    let rulings = store.rulings()?;
    let rulings = rulings.into_iter().map(|r| Ok(ExportLine::Ruling(r)));
    let owners = store
        .owners()
        .map(|row| row.map(|(site, key_name)| ExportLine::Owner { site, key_name }));
    let corrections = store
        .corrections()
        .map(|row| row.map(|row| ExportLine::Correction(Box::new(row))));
    let lists = store
        .list_entries()
        .map(|entry| entry.map(ExportLine::List));
    let evidence = store
        .evidence_lists()
        .map(|list| list.map(ExportLine::Evidence));
    let sites = store
        .sites()
        .map(|site| site.map(|(site, settings)| ExportLine::Site { site, settings }));
    Ok(keys
        .into_iter()
        .map(|key| Ok(ExportLine::Key(AnyKey::Hashed(key))))
        .chain(notes)
        .chain(records)
        .chain(ledger)
        .chain(rulings)
        .chain(owners)
        .chain(usage)
        .chain(figures)
        .chain(waiting)
        .chain(portraits)
        .chain(changed)
        .chain(corrections)
        .chain(lists)
        .chain(evidence)
        .chain(sites)
        .chain(std::iter::once(Ok(ExportLine::End))))
}
