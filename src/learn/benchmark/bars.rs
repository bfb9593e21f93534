//! A task and a figure in, its bars out: what is reached now (below it the build fails), the floor
//! that was asked for, and the goal. Where the floor is not reached yet, `held` is the figure
//! reached, so that nothing gets worse. It is raised with the figure and never lowered without a
//! note.

/// The bars of one figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// Task it belongs to.
    pub task: &'static str,
    /// What is measured.
    pub figure: &'static str,
    /// Below (or above, for shares of errors) this the build fails; `None` while nothing is held.
    pub held: Option<f64>,
    /// What was asked for.
    pub floor: f64,
    /// What we aim for.
    pub goal: f64,
    /// Whether larger is better.
    pub larger_is_better: bool,
}

const fn at_least(
    task: &'static str,
    figure: &'static str,
    held: Option<f64>,
    floor: f64,
    goal: f64,
) -> Bar {
    Bar {
        task,
        figure,
        held,
        floor,
        goal,
        larger_is_better: true,
    }
}

const fn at_most(
    task: &'static str,
    figure: &'static str,
    held: Option<f64>,
    floor: f64,
    goal: f64,
) -> Bar {
    Bar {
        larger_is_better: false,
        ..at_least(task, figure, held, floor, goal)
    }
}

/// All bars.
pub const BARS: &[Bar] = &[
    at_most("ham", "FP pooled", Some(0.001), 0.001, 0.0003),
    at_most("ham", "FP worst", Some(0.005), 0.005, 0.001),
    at_most("ham", "unsure pooled", Some(0.025), 0.03, 0.01),
    at_most("ham", "unsure worst", Some(0.06), 0.06, 0.02),
    at_most("fields", "largest shift of log-odds", Some(1.4), 0.7, 0.25),
    at_least("caught", "pooled, caught", Some(0.76), 0.75, 0.95),
    at_least("caught", "worst corpus, caught", Some(0.45), 0.60, 0.85),
    at_most("caught", "pooled, missed", Some(0.04), 0.05, 0.01),
    at_least("caught", "Vietnamese, caught", Some(0.61), 0.65, 0.90),
    at_most("caught", "Vietnamese, missed", Some(0.14), 0.06, 0.02),
    at_least(
        "caught",
        "Vietnamese without link or number, caught",
        Some(0.30),
        0.35,
        0.75,
    ),
    at_most(
        "caught",
        "Vietnamese without link or number, missed",
        Some(0.30),
        0.15,
        0.05,
    ),
    at_least(
        "blogs",
        "dressed, trusted: AUC, mean of blogs",
        None,
        0.975,
        0.992,
    ),
    at_least(
        "blogs",
        "dressed, trusted: AUC, worst blog",
        None,
        0.92,
        0.96,
    ),
    at_least(
        "blogs",
        "dressed, trusted: recall at 1 % FP, pooled",
        None,
        0.72,
        0.90,
    ),
    at_most(
        "blogs",
        "dressed, trusted: ham called spam",
        None,
        0.005,
        0.001,
    ),
    at_most("blogs", "dressed, trusted: ham unsure", None, 0.05, 0.02),
    at_least("blogs", "dressed, trusted: spam caught", None, 0.62, 0.85),
    at_most("blogs", "dressed, trusted: spam missed", None, 0.08, 0.02),
    at_least(
        "blogs",
        "dressed, trusted: signed in Vietnamese, caught",
        None,
        0.50,
        0.90,
    ),
    at_most("cases", "honest called spam", Some(0.0), 0.0, 0.0),
    at_least("cases", "honest called ham", Some(0.80), 0.80, 0.95),
    at_most("cases", "spam called ham", Some(0.35), 0.10, 0.03),
    at_most("calibration", "ECE, dressed", Some(0.032), 0.03, 0.01),
    at_most("calibration", "ECE, blogs left out", Some(0.08), 0.08, 0.03),
    at_least(
        "calibration",
        "errors that are unsure",
        Some(0.55),
        0.60,
        0.80,
    ),
    at_least("transfer", "AUC, mean", Some(0.945), 0.95, 0.985),
    at_least(
        "blogs-live",
        "over a model: AUC after 200, mean of blogs",
        None,
        0.99,
        0.997,
    ),
    at_most(
        "blogs-live",
        "over a model: ham called spam",
        None,
        0.003,
        0.0005,
    ),
    at_most("blogs-live", "over a model: labels used", None, 0.08, 0.03),
    at_most(
        "history",
        "whole past: honest called spam",
        None,
        0.0098,
        0.0,
    ),
    at_most("history", "whole past: honest discarded", None, 0.0, 0.0),
    at_most("history", "whole past: honest unsure", None, 0.117, 0.03),
    at_most("history", "whole past: spam missed", None, 0.05, 0.01),
    at_least("youtube", "accuracy", Some(0.940), 0.950, 0.965),
    at_least("youtube", "AUC", Some(0.985), 0.990, 0.995),
    at_least("vispamreviews", "macro-F1", Some(0.855), 0.855, 0.8916),
    at_least("sms", "MCC", Some(0.95), 0.95, 0.97),
    at_least("sms", "recall at .1 % FP", Some(0.90), 0.90, 0.97),
    at_least("stream-youtube", "AUC after 200", Some(0.98), 0.98, 0.993),
    at_least("stream-vi", "recall at .1 % FP", Some(0.82), 0.82, 0.95),
    at_most("stream-vi", "errors", Some(0.015), 0.015, 0.008),
    at_least("stream-wp", "AUC after 200", Some(0.985), 0.985, 0.997),
    at_most("campaigns", "FP honest with", Some(0.001), 0.001, 0.0003),
    at_most("campaigns", "FP copied with", Some(0.01), 0.01, 0.001),
    at_most("campaigns", "FP linked with", Some(0.01), 0.01, 0.001),
    at_least("categories", "vi accuracy", Some(0.62), 0.60, 0.75),
    at_least("categories", "vi macro-F1", Some(0.60), 0.55, 0.70),
    at_least("categories", "en accuracy", Some(0.60), 0.56, 0.70),
    at_least("categories", "en macro-F1", Some(0.50), 0.50, 0.65),
];

/// Bars that all attacks share.
pub const EVASION: Bar = at_least("evasion", "kept", Some(0.90), 0.90, 0.98);

impl Bar {
    /// The outcome under these bars.
    pub fn on(
        &self,
        outcome: crate::learn::benchmark::Outcome,
    ) -> crate::learn::benchmark::Outcome {
        crate::learn::benchmark::Outcome {
            floor: self.held,
            asked: Some(self.floor),
            goal: Some(self.goal),
            larger_is_better: self.larger_is_better,
            ..outcome
        }
    }
}

/// The bars of a figure, if it has any.
pub fn of(task: &str, figure: &str) -> Option<&'static Bar> {
    BARS.iter()
        .find(|bar| bar.task == task && bar.figure == figure)
}

#[cfg(test)]
mod tests {
    use super::BARS;

    #[test]
    fn what_is_held_is_no_better_than_the_goal_and_each_figure_has_one_line() {
        for (at, bar) in BARS.iter().enumerate() {
            let better = |a: f64, b: f64| if bar.larger_is_better { a >= b } else { a <= b };
            assert!(better(bar.goal, bar.floor), "{} {}", bar.task, bar.figure);
            let is_same = |other: &super::Bar| (other.task, other.figure) == (bar.task, bar.figure);
            assert!(
                !BARS[at + 1..].iter().any(is_same),
                "{} {}",
                bar.task,
                bar.figure
            );
        }
    }
}
