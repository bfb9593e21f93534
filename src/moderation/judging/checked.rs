//! The answer to a check. A noun alone.

use crate::campaigns::Outlook;
use crate::learn::online::SiteLabels;
use crate::verdict::{Assessment, Verdict};

/// A judged comment and the id of the check.
#[derive(Debug, Clone)]
pub struct Checked {
    /// Unique id, 32 lower-case hex digits.
    pub guid: String,
    /// The judgement.
    pub assessment: Assessment,
    /// What is thought with labels, and by the model alone; both before campaigns and lists.
    pub by_labels: (Verdict, Verdict),
    /// Labels counted for this site and for all sites.
    pub labels: SiteLabels,
    /// Whether more may be known of an unsure comment in some minutes: it is near a cutoff, or
    /// others like it are coming in.
    pub outlook: Outlook,
}
