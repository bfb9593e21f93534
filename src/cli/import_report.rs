//! Judgements of single comments in, a report on stderr out: what an import took, doubted and left,
//! as counts by reason with a few examples. Decides nothing.

use std::collections::BTreeMap;

use super::plain;
use crate::history::trusted::{Ground, Judgement, Lack};
use crate::history::{Fate, PastComment};
use crate::verdict::Label;

/// Rows named in the report for each reason.
const EXAMPLES: usize = 5;

/// Reasons told; some quote what the file says, and that may be something else in every row.
const MOST_REASONS: usize = 100;

/// What was taken, doubted and left, by reason.
#[derive(Default)]
pub(super) struct ImportReport {
    parts: BTreeMap<(Part, String), Group>,
    labels: BTreeMap<Label, usize>,
    repaired: usize,
    tended: usize,
    /// In the spam folder, and nothing says who put it there.
    unattributed: usize,
    doubted: usize,
    /// Of which nothing says whether they are spam.
    unsaid: usize,
    /// Comments, and rows that are none.
    comments: usize,
    unreadable: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Taken,
    Doubted,
    Left,
}

#[derive(Default)]
struct Group {
    count: usize,
    examples: Vec<String>,
}

impl ImportReport {
    pub(super) fn count(&mut self, past: &PastComment, judgement: Judgement) {
        self.comments += 1;
        self.doubted += usize::from(matches!(judgement, Judgement::Doubted(_)));
        self.unsaid += usize::from(judgement == Judgement::Left(Lack::Unsaid));
        self.repaired += usize::from(past.repaired);
        self.unattributed += usize::from(
            past.fate == Fate::Spam && past.filter_said.is_none() && past.person_said.is_none(),
        );
        self.tended += usize::from(matches!(judgement, Judgement::Labelled(_, Ground::Tended)));
        let (part, why) = match judgement {
            Judgement::Labelled(label, ground) => {
                *self.labels.entry(label).or_default() += 1;
                (Part::Taken, format!("{label}: {}", ground.reason()))
            }
            Judgement::Doubted(doubt) => (Part::Doubted, doubt.reason().to_owned()),
            Judgement::Left(lack) => (Part::Left, lack.reason().to_owned()),
        };
        self.add(part, why, &past.place);
    }

    pub(super) fn unreadable(&mut self, place: String, why: String) {
        self.unreadable += 1;
        self.add(Part::Left, why, &place);
    }

    /// How many were doubted.
    pub(super) fn doubted(&self) -> usize {
        self.doubted
    }

    /// Why no label was taken, and what to do; nothing if one was.
    pub(super) fn why_nothing(&self) -> Option<String> {
        if self.labels.values().any(|&count| count > 0) {
            return None;
        }
        let mut why = match (self.comments, self.unreadable) {
            (0, 0) => "there is no comment in it".to_owned(),
            (0, rows) => format!("none of its {rows} rows can be read as a comment, see above"),
            (comments, _) => format!(
                "of its {comments} comments none has a label that a person stands behind, see above"
            ),
        };
        if self.doubted > 0 {
            why.push_str(
                "; if somebody looked after the site, say --staff NAME for its own people, or --believe-published; --doubted FILE keeps the doubted for you to label",
            );
        }
        if self.unsaid > 0 {
            why.push_str(
                "; if a column says what is spam, name it with --map label=COLUMN; if somebody decided about all of it, say --all-are spam or --all-are ham",
            );
        }
        Some(why)
    }

    fn add(&mut self, part: Part, why: String, place: &str) {
        let mut reason = (part, plain::short(why));
        if self.parts.len() >= MOST_REASONS && !self.parts.contains_key(&reason) {
            reason.1 = "for other reasons".to_owned();
        }
        let group = self.parts.entry(reason).or_default();
        group.count += 1;
        if group.examples.len() < EXAMPLES {
            group.examples.push(plain::short(place));
        }
    }

    pub(super) fn print(&self) {
        for (part, title) in [
            (Part::Taken, "taken"),
            (Part::Doubted, "doubted"),
            (Part::Left, "left"),
        ] {
            let groups: Vec<_> = self
                .parts
                .iter()
                .filter(|((of, _), _)| *of == part)
                .collect();
            let all: usize = groups.iter().map(|(_, group)| group.count).sum();
            let labels: Vec<String> = [Label::Ham, Label::Spam]
                .iter()
                .map(|label| format!("{} {label}", self.labels.get(label).unwrap_or(&0)))
                .collect();
            match part {
                Part::Taken => eprintln!("{title:8} {all:7}  ({})", labels.join(", ")),
                _ => eprintln!("{title:8} {all:7}"),
            }
            for ((_, why), group) in groups {
                let more = if group.count > group.examples.len() {
                    ", ..."
                } else {
                    ""
                };
                let examples = match part {
                    Part::Taken => String::new(),
                    _ => format!(": {}{more}", group.examples.join(", ")),
                };
                eprintln!("         {:7}  {why}{examples}", group.count);
            }
        }
        if self.repaired > 0 {
            eprintln!(
                "{} garbled texts were put right (UTF-8 that had been taken for Latin-1)",
                self.repaired
            );
        }
        if self.unattributed > 0 && self.tended > 0 {
            eprintln!(
                "{} in the spam folder do not say whether a person or a filter put them there; a person is assumed. Say --filtered if a filter did.",
                self.unattributed
            );
        }
        if self.parts.keys().any(|(part, _)| *part == Part::Doubted) {
            eprintln!(
                "What was published is ham only where a person stands behind it: see `phin import --help`. --doubted FILE keeps the doubted for you to label."
            );
        }
    }
}
