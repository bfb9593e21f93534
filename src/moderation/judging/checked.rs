//! The answer to a check. A type only; decides nothing.

use crate::campaigns::Outlook;
use crate::learn::online::SiteLabels;
use crate::verdict::{Assessment, Verdict};

/// The assessment of a comment, and the id of the check.
#[derive(Debug, Clone)]
pub struct Checked {
    /// Unique id, 32 lower-case hex digits.
    pub guid: String,
    /// Verdict, score and clues.
    pub assessment: Assessment,
    /// The verdict with labels and the verdict of the model alone, both before campaigns and lists.
    pub by_labels: (Verdict, Verdict),
    /// How many labels count for this site, and how many for all sites.
    pub labels: SiteLabels,
    /// Whether more may be known of an unsure comment in some minutes: it is near a cutoff, or
    /// others like it are arriving.
    pub outlook: Outlook,
}
