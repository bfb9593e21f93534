//! One measured figure in, the same beside its floor and its goal out. It measures nothing itself.

/// One figure of a task beside its bars.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Outcome {
    /// Task it belongs to.
    pub task: &'static str,
    /// What is measured.
    pub figure: String,
    /// What we reach.
    pub ours: f64,
    /// Below (or above, for shares of errors) this the build fails: what we hold now.
    pub floor: Option<f64>,
    /// The floor that was asked for, where it is another.
    pub asked: Option<f64>,
    /// What we aim for.
    pub goal: Option<f64>,
    /// Whether larger is better.
    pub larger_is_better: bool,
    /// Comments judged.
    pub n: usize,
    /// 95 % interval.
    pub interval: Option<(f64, f64)>,
}

impl Outcome {
    /// Whether the floor is kept.
    pub fn holds(&self) -> bool {
        self.floor.is_none_or(|floor| {
            if self.larger_is_better {
                self.ours >= floor
            } else {
                self.ours <= floor
            }
        })
    }
}
