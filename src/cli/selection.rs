//! Which labels a command is for: flags in, a selection out. Looks at no label.

use anyhow::Context;

use super::{clock, when};
use crate::comment::SiteId;
use crate::http::LabelsAsked;
use crate::moderation::{Search, Selection};

/// Which labels.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct SelectionArgs {
    /// Said by this reporter
    #[arg(long, value_name = "NAME")]
    reporter: Option<String>,
    /// Said with the keys of this name
    #[arg(long, value_name = "NAME")]
    key: Option<String>,
    /// On this site
    #[arg(long, value_name = "SITE")]
    site: Option<String>,
    /// Said at or after this time (UTC), or so long ago: 2026-11-25, 2026-11-25T10:30, 2h, 3days
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Said before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// The label with this number (see phin labels); can be given more than once
    #[arg(long = "label-id", value_name = "NUMBER")]
    label_ids: Vec<u64>,
    /// Of the check with this id, or whose id begins so (six digits at least); can be given more
    /// than once
    #[arg(long = "guid", value_name = "GUID")]
    guids: Vec<String>,
    /// Of comments with a link to this domain or one below it, the author's home page included,
    /// while their text is kept; a report of a comment that was never checked has none
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
    /// Of comments that say these words in a row, while their text is kept. Words without tone
    /// marks are found with any; disguises are read as the filter reads them
    #[arg(long, value_name = "WORDS")]
    text: Option<String>,
}

impl SelectionArgs {
    /// The selection.
    ///
    /// # Errors
    /// A time or a site cannot be one.
    pub(super) fn asked(self) -> anyhow::Result<LabelsAsked> {
        let now = clock::now();
        let moment = |name: &str, text: Option<String>| {
            text.map(|text| when::parse(&text, now).map_err(anyhow::Error::msg))
                .transpose()
                .with_context(|| format!("--{name}"))
        };
        let chosen = Selection {
            reporter: self.reporter,
            key_name: self.key,
            site: self.site.map(|s| SiteId::parse(&s)).transpose()?,
            since: moment("since", self.since)?,
            until: moment("until", self.until)?,
            seqs: self.label_ids,
        };
        let search = Search {
            guids: self.guids,
            domain: self.domain,
            text: self.text,
        };
        Ok(LabelsAsked { chosen, search })
    }
}
