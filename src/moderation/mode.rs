//! Whether a check is for real. A noun alone.

/// Whether a check or label is for real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trial {
    /// It counts.
    Real,
    /// Nothing is recorded, counted or learnt.
    Test,
}
