//! Whether a check counts. A type only; decides nothing.

/// Whether a check or label counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is recorded and counted.
    Live,
    /// A dry run: nothing is recorded, counted or learnt.
    DryRun,
}
