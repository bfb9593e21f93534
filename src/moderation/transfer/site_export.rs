//! What one site owns, out as lines of an export that another phin can import: its checks, labels,
//! lists, settings, usage, corrections and its owner. Never anything of another site, and no key:
//! checks and counts name their key by its id, which says nothing of the secret.

use std::sync::Arc;

use crate::comment::SiteId;
use crate::learn::online::operator_events::OperatorEvents;
use crate::moderation::transfer::export::export;
use crate::moderation::transfer::line::ExportLine;
use crate::store::{Store, StoreError};

/// All rows of one site. Labels that an undo struck are left out, so only labels that count are
/// exported. Operator events are left out too, because they may name labels of other sites.
///
/// # Errors
///
/// The store cannot be read.
pub(crate) fn export_site(
    store: &Arc<Store>,
    site: SiteId,
) -> Result<impl Iterator<Item = Result<ExportLine, StoreError>> + Send + use<>, StoreError> {
    let rulings = OperatorEvents::of(&store.rulings()?);
    Ok(export(store)?.filter_map(move |line| match line {
        Ok(line) => owned(line, &site, &rulings).map(Ok),
        Err(error) => Some(Err(error)),
    }))
}

/// The line, if it belongs to the site. Every kind of line is named here, so that for a new kind
/// somebody must decide.
fn owned(line: ExportLine, site: &SiteId, rulings: &OperatorEvents) -> Option<ExportLine> {
    match line {
        // Score profiles are sums over all sites, and evidence lists belong to the operator.
        ExportLine::Key(_)
        | ExportLine::Ruling(_)
        | ExportLine::Portrait { .. }
        | ExportLine::Evidence(_) => None,
        ExportLine::End => Some(ExportLine::End),
        ExportLine::Check(record) => (record.site == *site).then_some(ExportLine::Check(record)),
        ExportLine::Label(label) => (label.site == *site && !rulings.strike(label.event))
            .then_some(ExportLine::Label(label)),
        ExportLine::Owner { site: of, key_name } => {
            (of == *site).then_some(ExportLine::Owner { site: of, key_name })
        }
        ExportLine::Note(note) => (note.site == *site).then_some(ExportLine::Note(note)),
        ExportLine::Usage { of, counted } => {
            (of.site == *site).then_some(ExportLine::Usage { of, counted })
        }
        ExportLine::Figure { of, counted } => {
            (of.site == *site).then_some(ExportLine::Figure { of, counted })
        }
        ExportLine::Changed { of, counted } => {
            (of.site == *site).then_some(ExportLine::Changed { of, counted })
        }
        ExportLine::Waiting(row) => (row.site == *site).then_some(ExportLine::Waiting(row)),
        ExportLine::Correction(correction) => {
            (correction.site == *site).then_some(ExportLine::Correction(correction))
        }
        ExportLine::List(entry) => {
            (entry.raw().site.as_ref() == Some(site)).then_some(ExportLine::List(entry))
        }
        ExportLine::Site { site: of, settings } => {
            (of == *site).then_some(ExportLine::Site { site: of, settings })
        }
    }
}
