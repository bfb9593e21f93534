//! A row's cells in, a comment out: which column is which field. The user's choice comes first,
//! then the names that exports and spam corpora commonly use. It never reads a file.

use crate::clock;
use std::collections::HashMap;

use super::opinion::{Opinion, Words};
use super::past_comment::{Fate, PastComment, Row, Writer};
use super::systems::System;
use super::wordpress::filled;
use super::{charset, fields, html};
use crate::comment::{Author, Comment, Page, Request, public_address};
use crate::verdict::Label;

/// Which column holds what, and which words mean spam and ham.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    columns: HashMap<&'static str, String>,
    words: Words,
    /// Whose columns these are, if that is known.
    system: Option<&'static System>,
    /// What a person said of all rows.
    decided: Option<Label>,
}

/// A mapping that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadMapping {
    /// No `=`, or a field nobody knows.
    #[error("--map {0:?} is not FIELD=COLUMN with one of these fields: {fields}", fields = fields::names())]
    Pair(String),
    /// One value for both labels.
    #[error("{0:?} cannot mean both spam and ham")]
    Both(String),
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
            let (field, _) = fields::FIELDS
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
            words: Words {
                spam: spam_values,
                ham: ham_values,
            },
            system: None,
            decided: None,
        })
    }

    /// The same where a person has decided about all rows together.
    #[must_use]
    pub fn decided(mut self, label: Option<Label>) -> Self {
        self.decided = label;
        self
    }

    /// What a person said of all rows, if somebody did.
    pub(super) fn decision(&self) -> Option<Label> {
        self.decided
    }

    /// The same for the columns of a system. What the user said still comes first.
    pub(super) fn of_system(mut self, system: Option<&'static System>) -> Self {
        self.system = system;
        self
    }

    /// Whose columns these are, if that is known.
    pub(super) fn system(&self) -> Option<&'static System> {
        self.system
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

    /// The columns that may hold a field, the best one first.
    pub(super) fn names(&self, field: &str) -> Vec<&str> {
        self.columns_for(field, self.system)
    }

    /// The same for rows of another system.
    pub(super) fn columns_for(&self, field: &str, system: Option<&'static System>) -> Vec<&str> {
        match (self.columns.get(field), system) {
            (Some(column), _) => vec![column],
            (None, Some(system)) => system.columns_of(field).to_vec(),
            // A user who names the column of the status does not mean another column that happens
            // to be called `label`.
            (None, None) if field == "label" && self.columns.contains_key("status") => Vec::new(),
            (None, None) => fields::usual(field).to_vec(),
        }
    }

    /// What became of a comment. The user's columns come before what the system says.
    fn opinion(&self, cell: &dyn Fn(&str) -> Option<String>) -> Result<Opinion, String> {
        let value = |field: &str| self.names(field).into_iter().find_map(cell);
        let is_named = |field: &str| self.columns.contains_key(field);
        if self.decided.is_some() {
            return Ok((self.decided, Fate::Unsaid));
        }
        match self.system {
            Some(system) if !is_named("label") && !is_named("status") => {
                Ok((None, system.fate(cell)?))
            }
            _ => self.words.opinion(value("label"), value("status")),
        }
    }

    /// Reads one row by its cells; `line` names it where it has no id.
    pub(super) fn read(&self, cell: &dyn Fn(&str) -> Option<String>, line: usize) -> Row {
        let value = |field: &str| {
            let names = self.names(field);
            let all = || names.iter().filter_map(|name| cell(name));
            all()
                .find(|text| !text.trim().is_empty())
                .or_else(|| all().next())
        };
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
        let (label, fate) = match self.opinion(cell) {
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
                // Where a system keeps a hash in its place, that is no address.
                email: value("email")
                    .and_then(filled)
                    .filter(|email| self.system.is_none() || email.contains('@')),
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
                kind: match self.system {
                    Some(system) => Some(system.kind(cell)),
                    None => value("type")
                        .and_then(filled)
                        .map(|kind| kind.to_lowercase()),
                },
                ..Page::default()
            },
            ..Comment::default()
        };
        // WordPress numbers its comments. Elsewhere an id may only be a line number that another
        // file has too.
        let id = match (&id, cell("comment_ID"), self.system) {
            (Some(id), _, Some(system)) => format!("{}:{id}", system.name),
            (Some(_), Some(number), None) => format!("wordpress:{number}"),
            (id, ..) => format!(
                "row:{}:{:016x}",
                id.as_deref().unwrap_or(""),
                fingerprint(&comment)
            ),
        };
        let mut past = PastComment::new(id, comment, fate);
        past.place = place;
        past.at = value("date").as_deref().and_then(clock::parse);
        if self.system.is_some_and(|system| system.is_staff(cell)) {
            past.writer = Writer::Staff;
        }
        past.site = value("site")
            .and_then(filled)
            .map(|site| match self.system {
                // Artalk lists all addresses of a site; the first one is the main one.
                Some(_) => site.split(',').next().unwrap_or("").trim().to_owned(),
                None => site,
            });
        past.person_said = label;
        past.repaired = was_repaired;
        Row::Comment(Box::new(past))
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
            Mapping::parse(&[], &strings(&["1"]), &strings(&["1"])).expect_err("bad"),
            BadMapping::Both("1".into())
        );
    }
}
