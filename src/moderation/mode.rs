//! Whether a check is for real. A noun alone.

/// Whether a check or label is for real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It counts.
    Live,
    /// Nothing is recorded, counted or learnt.
    DryRun,
}
