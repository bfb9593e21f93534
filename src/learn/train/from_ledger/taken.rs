//! How many labels of a ledger teach, and why the others do not, as numbers and as lines to show.
//! It reads no ledger.

use std::fmt;

/// What became of the labels of a ledger; each is counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// All labels read.
    pub labels: usize,
    /// Struck by a ruling.
    pub struck: usize,
    /// A later label of the same comment stands, or it repeated one.
    pub superseded: usize,
    /// The model that is retrained has learnt them already.
    pub learnt_before: usize,
    /// No crowd confirms them: they count on their own site.
    pub withheld: usize,
    /// Many contradict them: they count on their own site.
    pub quarantined: usize,
    /// Other feature code read them, and the text is gone.
    pub unreadable: usize,
    /// Near copies of others that teach.
    pub merged: usize,
    /// Groups of near copies that are spam to some and ham to others.
    pub disputed: usize,
    /// Opinions taken, of spam.
    pub spam: usize,
    /// Opinions taken, of ham.
    pub ham: usize,
    /// Of all that stand and were read: from the text.
    pub from_text: usize,
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} labels: {} teach ({} spam, {} ham)",
            self.labels,
            self.spam + self.ham,
            self.spam,
            self.ham
        )?;
        let rows = [
            (self.from_text, "read anew from the text of their check"),
            (
                self.superseded,
                "repeated, or outweighed by a later label of the same comment: left out",
            ),
            (self.merged, "near copies of others, which count once"),
            (
                self.disputed,
                "groups of near copies that some call spam and some ham: weighed by their balance",
            ),
            (self.struck, "undone: left out"),
            (
                self.learnt_before,
                "learnt already by the model it starts from: left out",
            ),
            (
                self.withheld,
                "confirmed by nobody: they count on their own site alone (phin keys vouch lifts it)",
            ),
            (
                self.quarantined,
                "contradicted by many: they count on their own site alone (phin labels --quarantined)",
            ),
            (
                self.unreadable,
                "read by another version's feature code, their text gone: left out",
            ),
        ];
        for (n, what) in rows.iter().filter(|(n, _)| *n > 0) {
            writeln!(f, "  {n} {what}")?;
        }
        Ok(())
    }
}
