//! A row's cells in, a comment out: which column is which field. The user's choice comes first,
//! then the names that exports and spam corpora commonly use. It never reads a file.

use crate::clock;
use std::collections::HashMap;

use super::past_comment::{Fate, PastComment, Row};
use super::wordpress::{filled, public_address};
use super::{charset, html, wordpress};
use crate::comment::{Author, Comment, Page, Request};
use crate::verdict::Label;

/// What a column can hold, its name in `--map`, and the names it commonly has (compared without
/// case).
const FIELDS: [(&str, &[&str]); 14] = [
    (
        "text",
        &[
            "text",
            "comment_content",
            "content",
            "body",
            "comment",
            "comment_text",
            "message",
        ],
    ),
    (
        "author",
        &[
            "author",
            "comment_author",
            "author_name",
            "name",
            "username",
        ],
    ),
    ("email", &["email", "comment_author_email", "author_email"]),
    (
        "url",
        &["url", "comment_author_url", "author_url", "website"],
    ),
    (
        "ip",
        &[
            "ip",
            "user_ip",
            "comment_author_ip",
            "author_ip",
            "ip_address",
            "remote_addr",
        ],
    ),
    ("user_agent", &["user_agent", "comment_agent"]),
    (
        "date",
        &[
            "date",
            "comment_date_gmt",
            "comment_date",
            "created_at",
            "created",
            "timestamp",
        ],
    ),
    ("type", &["type", "comment_type"]),
    ("id", &["id", "comment_id"]),
    ("site", &["site", "blog"]),
    ("permalink", &["permalink"]),
    ("page", &["page", "post_title"]),
    ("label", &["label", "is_spam", "spam", "spam/ham", "class"]),
    (
        "status",
        &["status", "comment_approved", "state", "approved"],
    ),
];

const SPAM_VALUES: [&str; 6] = ["spam", "1", "true", "t", "yes", "y"];
const HAM_VALUES: [&str; 8] = [
    "ham",
    "0",
    "false",
    "f",
    "no",
    "n",
    "not spam",
    "legitimate",
];

/// Which column holds what, and which words mean spam and ham.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mapping {
    columns: HashMap<&'static str, String>,
    spam_values: Vec<String>,
    ham_values: Vec<String>,
}

/// A mapping that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadMapping {
    /// No `=`, or a field nobody knows.
    #[error("--map {0:?} is not FIELD=COLUMN with one of these fields: {fields}", fields = field_names())]
    Pair(String),
    /// One value for both labels.
    #[error("{0:?} cannot mean both spam and ham")]
    Both(String),
}

fn field_names() -> String {
    FIELDS.map(|(name, _)| name).join(", ")
}

impl Mapping {
    /// Reads `text=body,label=status` and the two lists of values.
    ///
    /// # Errors
    ///
    /// A pair is not `field=column` with a field that there is, or a value is both spam and ham.
    pub fn parse(
        pairs: &[String],
        spam_values: &[String],
        ham_values: &[String],
    ) -> Result<Self, BadMapping> {
        let mut columns = HashMap::new();
        for pair in pairs {
            let bad = || BadMapping::Pair(pair.clone());
            let (field, column) = pair.split_once('=').ok_or_else(bad)?;
            let (field, _) = FIELDS
                .iter()
                .find(|(name, _)| *name == field.trim())
                .ok_or_else(bad)?;
            columns.insert(*field, column.trim().to_owned());
        }
        let folded = |values: &[String]| {
            values
                .iter()
                .map(|value| value.trim().to_lowercase())
                .collect::<Vec<_>>()
        };
        let (spam_values, ham_values) = (folded(spam_values), folded(ham_values));
        if let Some(value) = spam_values.iter().find(|value| ham_values.contains(value)) {
            return Err(BadMapping::Both(value.clone()));
        }
        Ok(Self {
            columns,
            spam_values,
            ham_values,
        })
    }

    /// Whether the user named any column.
    pub(super) fn is_given(&self) -> bool {
        !self.columns.is_empty()
    }

    /// Columns the user named that are not there.
    pub(super) fn absent(&self, there: impl Fn(&str) -> bool) -> Vec<&str> {
        let mut absent: Vec<&str> = self
            .columns
            .values()
            .map(String::as_str)
            .filter(|column| !there(column))
            .collect();
        absent.sort_unstable();
        absent
    }

    /// Whether some column can hold this field.
    pub(super) fn finds(&self, field: &str, there: impl Fn(&str) -> bool) -> bool {
        self.names(field).iter().any(|name| there(name))
    }

    fn names(&self, field: &str) -> Vec<&str> {
        match self.columns.get(field) {
            Some(column) => vec![column],
            // A user who names the column of the status does not mean another column that happens
            // to be called `label`.
            None if field == "label" && self.columns.contains_key("status") => Vec::new(),
            None => FIELDS
                .iter()
                .find(|(name, _)| *name == field)
                .map_or_else(Vec::new, |(_, names)| names.to_vec()),
        }
    }

    /// Reads one row by its cells; `line` names it where it has no id.
    pub(super) fn read(&self, cell: &dyn Fn(&str) -> Option<String>, line: usize) -> Row {
        let value = |field: &str| self.names(field).into_iter().find_map(cell);
        let id = value("id").filter(|id| !id.trim().is_empty());
        let place = match &id {
            Some(id) => format!("line {line} (id {id})"),
            None => format!("line {line}"),
        };
        let Some(raw) = value("text") else {
            return Row::Unreadable {
                place,
                why: "it has no text".into(),
            };
        };
        let (label, fate) = match self.opinion(value("label"), value("status")) {
            Ok(opinion) => opinion,
            Err(why) => return Row::Unreadable { place, why },
        };
        let repaired = charset::ungarbled(&raw);
        let (raw, was_repaired) = match repaired {
            Some(right) => (right, true),
            None => (raw, false),
        };
        let comment = Comment {
            text: html::as_typed(&raw),
            author: Author {
                name: value("author")
                    .and_then(filled)
                    .map(|name| charset::ungarbled(&name).unwrap_or(name)),
                email: value("email").and_then(filled),
                url: value("url").and_then(filled),
            },
            request: Request {
                ip: value("ip").as_deref().and_then(public_address),
                user_agent: value("user_agent").and_then(filled),
                accept_language: None,
            },
            page: Page {
                permalink: value("permalink").and_then(filled),
                context: value("page").and_then(filled).into_iter().collect(),
                kind: value("type")
                    .and_then(filled)
                    .map(|kind| kind.to_lowercase()),
                ..Page::default()
            },
            ..Comment::default()
        };
        // WordPress numbers its comments. Elsewhere an id may only be a line number that another
        // file has too.
        let id = match (&id, cell("comment_ID")) {
            (Some(_), Some(number)) => format!("wordpress:{number}"),
            (id, _) => format!(
                "row:{}:{:016x}",
                id.as_deref().unwrap_or(""),
                fingerprint(&comment)
            ),
        };
        let mut past = PastComment::new(id, comment, fate);
        past.place = place;
        past.at = value("date").as_deref().and_then(clock::parse);
        past.site = value("site").and_then(filled);
        past.person_said = label;
        past.repaired = was_repaired;
        Row::Comment(Box::new(past))
    }

    /// A label is a person's decision. A status only says what became of the comment, unless the
    /// user says what its values mean.
    fn opinion(
        &self,
        label: Option<String>,
        status: Option<String>,
    ) -> Result<(Option<Label>, Fate), String> {
        let given = !self.spam_values.is_empty() || !self.ham_values.is_empty();
        if let Some(label) = label.or_else(|| status.clone().filter(|_| given)) {
            let value = label.trim().to_lowercase();
            let among = |own: &[String], usual: &[&str]| match own.is_empty() {
                false => own.contains(&value),
                true => usual.contains(&value.as_str()),
            };
            // The user's choice comes before the usual names.
            if among(&self.spam_values, &[])
                || (!self.ham_values.contains(&value) && among(&self.spam_values, &SPAM_VALUES))
            {
                return Ok((Some(Label::Spam), Fate::Unsaid));
            }
            if among(&self.ham_values, &HAM_VALUES) {
                return Ok((Some(Label::Ham), Fate::Unsaid));
            }
            return match value.as_str() {
                "" | "null" => Ok((None, Fate::Unsaid)),
                _ => Err(format!(
                    "its label {label:?} is neither among the spam values nor the ham values"
                )),
            };
        }
        let Some(status) = status else {
            return Ok((None, Fate::Unsaid));
        };
        let fate =
            wordpress::fate(&status).or_else(|| match status.trim().to_lowercase().as_str() {
                "true" | "publish" | "published" | "visible" | "accepted" => Some(Fate::Published),
                "false" | "pending" | "held" | "moderated" => Some(Fate::Waiting),
                "junk" => Some(Fate::Spam),
                "deleted" | "removed" | "rejected" => Some(Fate::Trashed),
                "" => Some(Fate::Unsaid),
                _ => None,
            });
        fate.map(|fate| (None, fate)).ok_or_else(|| {
            format!("its status {status:?} is not known; say what it means with --spam-values or --ham-values")
        })
    }
}

fn fingerprint(comment: &Comment) -> u64 {
    let author = &comment.author;
    let mut bytes = Vec::with_capacity(comment.text.len() + 64);
    for part in [&author.name, &author.email, &author.url] {
        bytes.extend_from_slice(part.as_deref().unwrap_or("").as_bytes());
        bytes.push(0);
    }
    bytes.extend_from_slice(comment.text.as_bytes());
    rapidhash::v3::rapidhash_v3(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[track_caller]
    fn opinion(mapping: &Mapping, cells: &[(&str, &str)]) -> Result<(Option<Label>, Fate), String> {
        let cell = |name: &str| {
            cells
                .iter()
                .find(|(column, _)| column.eq_ignore_ascii_case(name))
                .map(|(_, value)| (*value).to_owned())
        };
        match mapping.read(&cell, 1) {
            Row::Comment(past) => Ok((past.person_said, past.fate)),
            Row::Unreadable { why, .. } => Err(why),
        }
    }

    #[test]
    fn a_label_is_a_word_and_a_status_only_a_fate() {
        let plain = Mapping::default();
        assert_eq!(
            opinion(&plain, &[("Text", "a"), ("label", "Spam")]),
            Ok((Some(Label::Spam), Fate::Unsaid))
        );
        assert_eq!(
            opinion(&plain, &[("body", "a"), ("is_spam", "f")]),
            Ok((Some(Label::Ham), Fate::Unsaid))
        );
        assert_eq!(
            opinion(&plain, &[("text", "a"), ("comment_approved", "1")]),
            Ok((None, Fate::Published))
        );
        assert_eq!(opinion(&plain, &[("text", "a")]), Ok((None, Fate::Unsaid)));
        assert!(opinion(&plain, &[("text", "a"), ("label", "maybe")]).is_err());
        assert!(opinion(&plain, &[("author", "a")]).is_err());
    }

    #[test]
    fn the_users_columns_and_values_outweigh_the_usual_ones() {
        let pairs = strings(&["text=body", "label=status"]);
        let own = Mapping::parse(
            &pairs,
            &strings(&["Spam", "0"]),
            &strings(&["approved", "1"]),
        )
        .expect("good");
        assert_eq!(
            opinion(&own, &[("text", "no"), ("body", "a"), ("status", "1")]),
            Ok((Some(Label::Ham), Fate::Unsaid))
        );
        assert_eq!(
            opinion(&own, &[("body", "a"), ("status", "0")]),
            Ok((Some(Label::Spam), Fate::Unsaid))
        );
        assert!(opinion(&own, &[("body", "a"), ("status", "trash")]).is_err());
        let status = Mapping::parse(&strings(&["status=kind"]), &[], &[]).expect("good");
        assert_eq!(
            opinion(
                &status,
                &[("text", "a"), ("label", "ham"), ("kind", "spam")]
            ),
            Ok((None, Fate::Spam))
        );
    }

    #[test]
    fn a_mapping_that_cannot_be_meant_is_refused() {
        let refused = Mapping::parse(&strings(&["txt=body"]), &[], &[])
            .expect_err("bad")
            .to_string();
        assert!(
            refused.contains("txt=body") && refused.contains("user_agent"),
            "{refused}"
        );
        assert!(Mapping::parse(&strings(&["text"]), &[], &[]).is_err());
        assert_eq!(
            Mapping::parse(&[], &strings(&["1"]), &strings(&["1"])),
            Err(BadMapping::Both("1".into()))
        );
    }
}
