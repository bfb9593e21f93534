//! What one site owns, out as the lines of an export that another phin can import: its checks, labels, lists, settings, usage, corrections and whose it
//! is. Never anything of another site, never the secret of a key: where one stood, the key's token stands.

use std::collections::HashMap;

use super::{ExportLine, Moderation};
use crate::comment::SiteId;
use crate::learn::rulings::Rulings;
use crate::store::StoreError;

impl Moderation {
    /// All that is kept of one site. Labels that an undo struck are left out, and so are rulings, which may speak of other sites: what comes is what stands.
    pub fn export_site(
        &self,
        site: SiteId,
    ) -> Result<impl Iterator<Item = Result<ExportLine, StoreError>> + Send + use<>, StoreError>
    {
        let tokens: HashMap<String, String> = self
            .store
            .keys()?
            .into_iter()
            .map(|key| (key.secret, key.token))
            .collect();
        let rulings = Rulings::of(&self.store.rulings()?);
        Ok(self.export()?.filter_map(move |line| match line {
            Ok(line) => owned(line, &site, &tokens, &rulings).map(Ok),
            Err(error) => Some(Err(error)),
        }))
    }
}

/// The line without secrets, if it is the site's. Every kind of line is named here, so that a new one must be decided on.
fn owned(
    line: ExportLine,
    site: &SiteId,
    tokens: &HashMap<String, String>,
    rulings: &Rulings,
) -> Option<ExportLine> {
    let token = |secret: &mut String| {
        *secret = tokens.get(secret).cloned().unwrap_or_default();
    };
    match line {
        // Portraits are of all sites together, and evidence lists are the operator's.
        ExportLine::Key(_)
        | ExportLine::Ruling(_)
        | ExportLine::Portrait { .. }
        | ExportLine::Evidence(_) => None,
        ExportLine::End => Some(ExportLine::End),
        ExportLine::Check(mut record) => (record.site == *site).then(|| {
            token(&mut record.key);
            ExportLine::Check(record)
        }),
        ExportLine::Label(label) => (label.site == *site && !rulings.strike(label.event))
            .then_some(ExportLine::Label(label)),
        ExportLine::Owner { site: of, key_name } => {
            (of == *site).then_some(ExportLine::Owner { site: of, key_name })
        }
        ExportLine::Note(mut note) => (note.site == *site).then(|| {
            token(&mut note.key);
            ExportLine::Note(note)
        }),
        ExportLine::Usage { mut of, counted } => (of.site == *site).then(|| {
            token(&mut of.key);
            ExportLine::Usage { of, counted }
        }),
        ExportLine::Figure { of, counted } => {
            (of.site == *site).then_some(ExportLine::Figure { of, counted })
        }
        ExportLine::Changed { of, counted } => {
            (of.site == *site).then_some(ExportLine::Changed { of, counted })
        }
        ExportLine::Waiting(row) => (row.site == *site).then_some(ExportLine::Waiting(row)),
        ExportLine::Correction(mut correction) => (correction.site == *site).then(|| {
            token(&mut correction.key);
            ExportLine::Correction(correction)
        }),
        ExportLine::List(entry) => {
            (entry.raw().site.as_ref() == Some(site)).then_some(ExportLine::List(entry))
        }
        ExportLine::Site { site: of, settings } => {
            (of == *site).then_some(ExportLine::Site { site: of, settings })
        }
    }
}
