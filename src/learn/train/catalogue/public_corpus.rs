//! What the catalogue says of one corpus, and its rows in; the rows as they may be learnt or
//! measured out. It decides no label by itself.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::learn::train::as_typed::as_typed;
use crate::learn::train::corpus::{self, BadLines, CorpusError, Example};
use crate::text::{Undone, markup};
use crate::verdict::Label;

/// One public corpus.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Corpus {
    /// Its name; the file is `<name>.jsonl.gz`.
    pub name: String,
    /// Where it comes from.
    pub source: String,
    /// Its licence, as far as stated.
    pub licence: String,
    /// How to get it.
    pub get: String,
    /// Whether its rows may enter the shipped model, and why not.
    pub ships: bool,
    /// What its rows say.
    pub teaches: Teaches,
    /// How much one row counts.
    #[serde(default = "one")]
    pub weight: f32,
    /// Rows taken at most.
    #[serde(default)]
    pub most: Option<usize>,
    /// Rows that contain one of these are not believed.
    #[serde(default)]
    pub drop_rows_with: Vec<String>,
    /// Rows with a link whose text or writer's name contains one of these, whatever the case, are
    /// not believed: leftover spam, found by reading.
    #[serde(default)]
    pub drop_linked_rows_with: Vec<String>,
    /// Fields whose values in this corpus are not real.
    #[serde(default)]
    pub forget: Vec<Field>,
    /// Fields of ham rows that the corpus made up. They are removed and drawn again, so that a
    /// model does not learn the corpus's list.
    #[serde(default)]
    pub redraw: Vec<MadeUp>,
    /// Whether the text is HTML while other corpora are not.
    #[serde(default)]
    pub strip_markup: bool,
    /// Whether some texts are stored in HTML paragraphs, and are to be as their writers typed them;
    /// links under words of their own stay.
    #[serde(default)]
    pub as_typed: bool,
    /// Whether each group of rows is a source of its own (a blog), with lines of its own in card
    /// and report.
    #[serde(default)]
    pub by_group: bool,
    /// Whether rows are whole e-mails, headers first.
    #[serde(default)]
    pub strip_headers: bool,
    /// What a reader should know.
    #[serde(default)]
    pub notes: String,
}

fn one() -> f32 {
    1.0
}

/// What the rows of a corpus say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Teaches {
    /// What their `label` says.
    Labels,
    /// Ham, all of them.
    Ham,
    /// Nothing: for measuring only.
    Nothing,
}

/// A field to forget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// Author's name.
    Author,
    /// The e-mail's local part.
    EmailLocal,
    /// Sender's address.
    Ip,
    /// Browser.
    UserAgent,
    /// Kind of comment.
    Type,
}

/// A field that a corpus made up for ham rows, to hide who wrote them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MadeUp {
    /// Author's name.
    Author,
    /// Host of the home page; that there is one, and its shape, is real.
    UrlHost,
}

impl Corpus {
    /// Its file in a folder of corpora.
    pub fn file(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.jsonl.gz", self.name))
    }

    /// Its rows, cleaned and labelled; those that say nothing are left out.
    ///
    /// # Errors
    ///
    /// If its file is missing, is no gzip, or has a line that is no example.
    pub fn examples(&self, folder: &Path, seed: u64) -> Result<Vec<Example>, CorpusError> {
        let rows = corpus::read_all(&self.file(folder), BadLines::Refuse)?;
        let mut rows: Vec<Example> = rows.into_iter().filter_map(|row| self.clean(row)).collect();
        if let Some(most) = self.most.filter(|&most| most < rows.len()) {
            // The same rows whatever their order in the file.
            rows.sort_by_cached_key(|row| {
                rapidhash::v3::rapidhash_v3(format!("{seed} {}", row.id).as_bytes())
            });
            rows.truncate(most);
        }
        Ok(rows)
    }

    /// Its rows by source: all of them, or each group that follows another.
    pub(super) fn sources(&self, rows: Vec<Example>) -> Vec<(String, Vec<Example>)> {
        if !self.by_group {
            return vec![(self.name.clone(), rows)];
        }
        let mut sources: Vec<(String, Vec<Example>)> = Vec::new();
        for row in rows {
            let name = match &row.group {
                Some(group) => format!("{}/{group}", self.name),
                None => self.name.clone(),
            };
            match sources.last_mut() {
                Some((last, rows)) if *last == name => rows.push(row),
                _ => sources.push((name, vec![row])),
            }
        }
        sources
    }

    /// The same for a row whose label is its source's, or presumed; even of a corpus that teaches
    /// no model.
    pub fn clean_as(&self, mut row: Example, label: Option<Label>) -> Option<Example> {
        row.label = label.or(row.label);
        let mut as_labels = self.clone();
        as_labels.teaches = Teaches::Labels;
        as_labels.clean(row)
    }

    /// One row as it may be learnt or measured.
    pub fn clean(&self, row: Example) -> Option<Example> {
        let mut row = self.clean_as_recorded(row)?;
        if row.label == Some(Label::Ham) {
            for field in &self.redraw {
                match field {
                    MadeUp::Author => row.comment.author.name = None,
                    MadeUp::UrlHost => row.home_was = row.comment.author.url.take(),
                }
            }
        }
        Some(row)
    }

    /// The same with the fields that the corpus made up: only for measuring rows as they were
    /// recorded.
    pub fn clean_as_recorded(&self, mut row: Example) -> Option<Example> {
        if self.is_leftover_spam(&row) {
            return None;
        }
        // Cleaning changes texts; which rows judge is decided by the text as it came.
        row.held_out = Some(row.is_held_out());
        row.label = match self.teaches {
            Teaches::Ham => Some(Label::Ham),
            // Sites that left spam approved say nothing about ham.
            Teaches::Labels if row.trusted == Some(false) && row.label == Some(Label::Ham) => None,
            Teaches::Labels => row.label,
            Teaches::Nothing => None,
        };
        row.label?;
        // Corpora have kinds of their own: folders, kinds of senders. Ours are what spam is about.
        row.kind = None;
        if self.strip_headers {
            row.comment.text = body_of_mail(&row.comment.text);
        }
        if self.strip_markup {
            row.comment.text = markup::strip(&row.comment.text, &mut Undone::default())
                .text
                .trim()
                .to_owned();
        }
        if self.as_typed {
            row.comment.text = as_typed(&row.comment.text);
        }
        for field in &self.forget {
            match field {
                Field::Author => row.comment.author.name = None,
                Field::EmailLocal => {
                    row.comment.author.email =
                        row.comment.author.email.and_then(|e| {
                            e.rsplit_once('@').map(|(_, domain)| format!("@{domain}"))
                        })
                }
                Field::Ip => row.comment.request.ip = None,
                Field::UserAgent => row.comment.request.user_agent = None,
                Field::Type => row.comment.page.kind = None,
            }
        }
        Some(row)
    }

    /// Whether a row that calls itself ham is spam somebody forgot, by the stated rules.
    fn is_leftover_spam(&self, row: &Example) -> bool {
        let text = &row.comment.text;
        if self
            .drop_rows_with
            .iter()
            .any(|needle| text.contains(needle.as_str()))
        {
            return true;
        }
        if self.drop_linked_rows_with.is_empty() || !text.contains("<a ") {
            return false;
        }
        let name = row.comment.author.name.as_deref().unwrap_or("");
        let both = format!("{name}\n{text}").to_lowercase();
        self.drop_linked_rows_with
            .iter()
            .any(|needle| both.contains(needle.as_str()))
    }
}

/// Longest body taken from an e-mail, in bytes: a comment is never a newsletter.
const LONGEST_MAIL: usize = 2_000;

/// The text of an e-mail without its headers, cut to the longest.
fn body_of_mail(mail: &str) -> String {
    let body = mail.split_once("\n\n").map_or(mail, |(_, body)| body);
    body[..body.floor_char_boundary(LONGEST_MAIL)].to_owned()
}
