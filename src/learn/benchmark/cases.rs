//! A file of whole checks from public reports in, how each is judged out, with the browser it came
//! with and again with desktop Chrome. No case ever teaches.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::comment::{Author, Comment, Honeypot, Page};
use crate::learn::benchmark::error::TaskError;
use crate::learn::benchmark::figures::{self, is_ham, is_spam};
use crate::learn::benchmark::outcome::Outcome;
use crate::learn::benchmark::setting::Setting;
use crate::learn::evaluate::score::score_alone;
use crate::learn::metrics::measures::{Rate, ScoredExample, wilson};
use crate::learn::train::corpus::{CorpusError, Example};
use crate::verdict::{Label, Verdict};

const TASK: &str = "cases";

const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/155.0.0.0 Safari/537.36";

/// The site all cases are of.
const SITE: &str = "https://blog.example/";

/// One line of the file; the names of its fields are Akismet's.
#[derive(Debug, Deserialize)]
struct Case {
    id: String,
    kind: String,
    expected: Label,
    #[serde(default)]
    blog_lang: Option<String>,
    fields: BTreeMap<String, Option<String>>,
}

impl Case {
    fn example(&self) -> Example {
        let field = |name: &str| {
            let value = self.fields.get(name).cloned().flatten();
            value.filter(|value| !value.trim().is_empty())
        };
        let mut comment = Comment {
            text: field("comment_content").unwrap_or_default(),
            author: Author {
                name: field("comment_author"),
                email: field("comment_author_email"),
                url: field("comment_author_url"),
            },
            page: Page {
                permalink: field("permalink").or_else(|| Some(SITE.to_owned())),
                languages: self.blog_lang.iter().cloned().collect(),
                context: Vec::new(),
                kind: field("comment_type").or_else(|| field("content_type")),
            },
            ..Comment::default()
        };
        comment.request.user_agent = field("user_agent");
        comment.request.ip = field("user_ip").and_then(|ip| ip.parse().ok());
        if let Some(trap) = field("honeypot_field_name") {
            let filled = field(&trap).is_some();
            comment.behaviour.honeypot = Some(if filled {
                Honeypot::Filled
            } else {
                Honeypot::Empty
            });
        }
        Example {
            id: self.id.clone(),
            comment,
            label: Some(self.expected),
            ..Example::default()
        }
    }
}

/// Judges each case as it was sent, and with Chrome.
pub(super) fn cases(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let path = setting
        .cases
        .clone()
        .unwrap_or_else(|| setting.corpora.join("../cases/comments.jsonl"));
    let cases = read(path)?;
    let mut outcomes = Vec::new();
    let mut lines = Vec::new();
    let mut both = Vec::new();
    for (name, browser) in [("as sent", None), ("with Chrome", Some(CHROME))] {
        let mut judged = Vec::new();
        for case in &cases {
            let mut example = case.example();
            if let Some(browser) = browser {
                example.comment.request.user_agent = Some(browser.to_owned());
            }
            if let Some(row) = score_alone(&setting.model, &example) {
                if is_wrong(&row) {
                    lines.push(format!(
                        "{:<6} {:<12} {name:<12} {:<5} called {:?}, p {:.2}",
                        case.id,
                        case.kind,
                        if row.is_spam() { "spam" } else { "ham" },
                        row.verdict,
                        row.probability
                    ));
                }
                judged.push(row);
            }
        }
        outcomes.extend(shares(&format!("{name}: "), &judged, 1));
        both.extend(judged);
    }
    (setting.tell)(&lines.join("\n"));
    // Every case twice: the interval of the pooled figures is that of the cases.
    outcomes.extend(shares("", &both, 2));
    Ok(outcomes)
}

/// Held or called the other thing.
fn is_wrong(row: &ScoredExample) -> bool {
    row.verdict.side() != Some(row.label) || row.verdict == Verdict::Unsure
}

/// The figures of cases, each sent so many times.
fn shares(name: &str, judged: &[ScoredExample], times: u64) -> Vec<Outcome> {
    let share = |figure: &str, label, is: fn(&ScoredExample) -> bool| {
        let rows = judged.iter().filter(|row| row.label == label);
        let rate = Rate::count(rows, is);
        let (ours, n) = (rate.value().unwrap_or(0.0), rate.of / times);
        let interval = Some(wilson(ours, n.max(1) as f64));
        figures::outcome(TASK, format!("{name}{figure}"), ours, interval, n as usize)
    };
    vec![
        share("honest called spam", Label::Ham, is_spam),
        share("honest called ham", Label::Ham, is_ham),
        share("spam caught", Label::Spam, is_spam),
        share("spam called ham", Label::Spam, is_ham),
    ]
}

fn read(path: PathBuf) -> Result<Vec<Case>, CorpusError> {
    let text = std::fs::read_to_string(&path).map_err(|source| CorpusError::Io {
        path: path.clone(),
        source,
    })?;
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(at, line)| {
            serde_json::from_str(line).map_err(|error| CorpusError::Line {
                path: path.clone(),
                line: at + 1,
                why: error.to_string(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_a_whole_check() {
        let line = r#"{"id":"h1","kind":"honeypot","expected":"ham","blog_lang":"en","fields":{"comment_content":"hay","comment_type":null,
            "content_type":"signup","honeypot_field_name":"zip","zip":"4000","user_agent":"x"}}"#;
        let case: Case = serde_json::from_str(line).expect("a case");
        let example = case.example();
        assert_eq!(example.comment.page.kind.as_deref(), Some("signup"));
        assert_eq!(example.comment.behaviour.honeypot, Some(Honeypot::Filled));
        assert_eq!(example.label, Some(Label::Ham));
    }
}
