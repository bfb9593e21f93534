//! `training-data/corpora.toml`: which public corpora there are, what each may teach, and how its rows are cleaned before they do.
//! A folder of corpora in, examples with weights out; a corpus that is not in the folder is named and left out.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::learn::train::as_typed::as_typed;
use crate::learn::train::corpus::{self, BadLines, CorpusError, Example};
use crate::learn::train::dress::{Wardrobe, dress};
use crate::learn::train::fit::Standing;
use crate::model::card::Taught;
use crate::text::{Undone, markup};
use crate::verdict::Label;

/// All corpora known to the project.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    corpus: Vec<Corpus>,
}

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
    /// Rows with a link whose text or writer's name contains one of these, whatever the case, are not believed: leftover spam, found by reading.
    #[serde(default)]
    pub drop_linked_rows_with: Vec<String>,
    /// Fields that lie in this corpus.
    #[serde(default)]
    pub forget: Vec<Field>,
    /// Fields of ham rows that the corpus made up: they are taken out, and dressing draws them anew, lest a model learn the corpus's list by heart.
    #[serde(default)]
    pub redraw: Vec<MadeUp>,
    /// Whether the text is HTML while other corpora are not.
    #[serde(default)]
    pub strip_markup: bool,
    /// Whether some texts are stored in HTML paragraphs, and are to be as their writers typed them; links under words of their own stay.
    #[serde(default)]
    pub as_typed: bool,
    /// Whether each group of rows is a source of its own (a blog), with lines of its own in card and report.
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

/// What teaches a model.
#[derive(Debug, Default)]
pub struct Lesson {
    /// The examples, labelled.
    pub examples: Vec<Example>,
    /// How much each counts.
    pub weights: Vec<f32>,
    /// Which of `taught` each came from.
    pub sources: Vec<usize>,
    /// How common such comments are in real streams, by source.
    pub prevalence: Vec<f64>,
    /// What came from where.
    pub taught: Vec<Taught>,
    /// Corpora that were not found.
    pub absent: Vec<String>,
}

/// Whether rows that judge models are kept out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldOut {
    /// They and their near-duplicates are left out, as for everything that ships.
    LeaveOut,
    /// All rows teach: the caller keeps his own test rows elsewhere.
    Keep,
}

/// Why there is no lesson.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The catalogue cannot be read.
    #[error("cannot read {path}: {why}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A corpus cannot be read.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
}

impl Catalogue {
    /// Reads `corpora.toml`.
    pub fn read(path: &Path) -> Result<Self, CatalogueError> {
        let unreadable = |why: String| CatalogueError::Unreadable {
            path: path.to_owned(),
            why,
        };
        let text = std::fs::read_to_string(path).map_err(|e| unreadable(e.to_string()))?;
        toml::from_str(&text).map_err(|e| unreadable(e.to_string()))
    }

    /// The corpora that may enter the shipped model.
    pub fn shipping(&self) -> impl Iterator<Item = &Corpus> {
        self.corpus
            .iter()
            .filter(|c| c.ships && c.teaches != Teaches::Nothing)
    }

    /// A corpus by name.
    pub fn corpus(&self, name: &str) -> Option<&Corpus> {
        self.corpus.iter().find(|c| c.name == name)
    }
}

impl Corpus {
    /// Its file in a folder of corpora.
    pub fn file(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.jsonl.gz", self.name))
    }

    /// Its rows, cleaned and labelled; those that say nothing are left out.
    pub fn lesson(&self, folder: &Path, seed: u64) -> Result<Vec<Example>, CorpusError> {
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
    fn sources(&self, rows: Vec<Example>) -> Vec<(String, Vec<Example>)> {
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

    /// The same for a row whose label is its source's, or presumed; even of a corpus that teaches no model.
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

    /// The same with the fields that the corpus made up: only for measuring rows as they were recorded.
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

fn body_of_mail(mail: &str) -> String {
    let body = mail.split_once("\n\n").map_or(mail, |(_, body)| body);
    body[..body.floor_char_boundary(LONGEST_MAIL)].to_owned()
}

impl Lesson {
    /// Our own training comments and, if a folder is given, every public corpus in it that may ship.
    pub fn gather(
        training_data: &Path,
        corpora: Option<&Path>,
        held_out: HeldOut,
        seed: u64,
    ) -> Result<Self, CatalogueError> {
        let mut lesson = Self::default();
        for file in own_files(training_data)? {
            let name = file
                .strip_prefix(training_data)
                .unwrap_or(&file)
                .display()
                .to_string();
            let rows = corpus::read_all(&file, BadLines::Refuse)?;
            lesson.take(
                &format!("training-data/{name}"),
                "MIT OR Apache-2.0",
                rows,
                OWN_WEIGHT,
                OWN_PREVALENCE,
            );
        }
        if let Some(folder) = corpora {
            let catalogue = Catalogue::read(&training_data.join("corpora.toml"))?;
            for corpus in catalogue.shipping() {
                if corpus.file(folder).is_file() {
                    let rows = corpus.lesson(folder, seed)?;
                    for (name, rows) in corpus.sources(rows) {
                        lesson.take(&name, &corpus.licence, rows, corpus.weight, 1.0);
                    }
                } else {
                    lesson.absent.push(corpus.name.clone());
                }
            }
        }
        if held_out == HeldOut::LeaveOut {
            lesson.leave_out_held_out();
        }
        Ok(lesson)
    }

    /// Adds the rows of one source.
    pub fn take(
        &mut self,
        name: &str,
        licence: &str,
        rows: Vec<Example>,
        weight: f32,
        prevalence: f64,
    ) {
        let source = self.taught.len();
        self.prevalence.push(prevalence);
        self.taught.push(Taught {
            name: name.to_owned(),
            licence: licence.to_owned(),
            spam: 0,
            ham: 0,
        });
        for row in rows {
            self.note(source, row.label, 1);
            if row.label.is_some() {
                self.weights.push(weight);
                self.sources.push(source);
                self.examples.push(row);
            }
        }
    }

    fn note(&mut self, source: usize, label: Option<Label>, by: i32) {
        let taught = &mut self.taught[source];
        match label {
            Some(Label::Spam) => taught.spam = taught.spam.saturating_add_signed(by),
            Some(Label::Ham) => taught.ham = taught.ham.saturating_add_signed(by),
            None => {}
        }
    }

    /// Dresses every row as a blog would send it, so that what a row lacks says nothing.
    pub fn dress(&mut self, draw: u64) {
        for example in &mut self.examples {
            *example = dress(example, Wardrobe::of_group(example.group_key()), draw);
        }
    }

    /// What is known of the example at a place.
    pub fn standing(&self, at: usize) -> Standing {
        let source = self.sources[at];
        Standing {
            weight: self.weights[at],
            source,
            prevalence: self.prevalence[source],
        }
    }

    /// Takes out rows that judge models, and rows that look the same under the same signature.
    fn leave_out_held_out(&mut self) {
        let judges: HashSet<u64> = self
            .examples
            .iter()
            .filter(|row| row.is_held_out())
            .map(Example::likeness_key)
            .collect();
        let all = std::mem::take(self);
        self.taught = all.taught;
        self.prevalence = all.prevalence;
        self.absent = all.absent;
        for ((row, weight), source) in all.examples.into_iter().zip(all.weights).zip(all.sources) {
            if row.is_held_out() || judges.contains(&row.likeness_key()) {
                self.note(source, row.label, -1);
            } else {
                self.examples.push(row);
                self.weights.push(weight);
                self.sources.push(source);
            }
        }
    }
}

/// Our own comments are few, cover what the corpora lack, and carry what a real check carries.
const OWN_WEIGHT: f32 = 4.0;

/// Our own honest comments are chosen to be hard; in a real stream one of them stands beside hundreds of plain ones, and they are not to decide alone where Vietnamese
/// spam begins. Cutoffs for a stated rate of
/// false positives are set for such a stream.
const OWN_PREVALENCE: f64 = 0.1;

/// The `.jsonl` files below a folder, in order of name.
pub(crate) fn own_files(training_data: &Path) -> Result<Vec<PathBuf>, CatalogueError> {
    let unreadable = |path: &Path, e: std::io::Error| CatalogueError::Unreadable {
        path: path.to_owned(),
        why: e.to_string(),
    };
    let mut files = Vec::new();
    let mut folders = vec![training_data.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|e| unreadable(&folder, e))? {
            let path = entry.map_err(|e| unreadable(&folder, e))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "jsonl") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::Comment;

    fn catalogue() -> Catalogue {
        Catalogue::read(Path::new(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/training-data/corpora.toml"
        )))
        .expect("the catalogue can be read")
    }

    #[test]
    fn what_may_not_ship_teaches_nothing_by_default() {
        let names: Vec<String> = catalogue().shipping().map(|c| c.name.clone()).collect();
        for name in [
            "vi_vispamreviews",
            "vi_shopee_spam",
            "vi_vihsd",
            "vi_vsfc",
            "news_ucc",
        ] {
            assert!(!names.iter().any(|n| n == name), "{name} must not ship");
        }
        assert!(names.iter().any(|n| n == "youtube_spam_uci"));
    }

    #[test]
    fn leftover_spam_among_linked_ham_is_dropped() {
        let catalogue = catalogue();
        let haacked = catalogue.corpus("blog_haacked").expect("it is there");
        let clean = |text: &str| {
            let comment = Comment::from_text(text);
            haacked.clean(Example {
                comment,
                ..Example::default()
            })
        };
        let linked = clean("<p>See <a href=\"http://docs.example\">the docs</a></p>");
        assert_eq!(
            linked.expect("ham").comment.text,
            "See <a href=\"http://docs.example\">the docs</a>"
        );
        assert!(clean("<p><a href=\"http://x.example\">Online CASINO</a></p>").is_none());
        assert!(clean("<p>The casino in town has closed</p>").is_some());
    }

    #[test]
    fn what_is_held_out_is_decided_before_cleaning() {
        let catalogue = catalogue();
        let haacked = catalogue.corpus("blog_haacked").expect("it is there");
        for n in 0..50 {
            let raw = Example {
                comment: Comment::from_text(format!("<p>comment {n}</p>")),
                ..Example::default()
            };
            let held_out = raw.is_held_out();
            let cleaned = haacked.clean(raw).expect("ham");
            assert_eq!(cleaned.is_held_out(), held_out);
        }
    }

    #[test]
    fn fields_that_lie_are_forgotten() {
        let catalogue = catalogue();
        let corpus = catalogue.corpus("wp_comments").expect("it is there");
        let mut comment = Comment::from_text("hello");
        comment.author.name = Some("Made Up".into());
        comment.author.email = Some("8d31d618@gmail.com".into());
        let row = Example {
            comment,
            label: Some(Label::Spam),
            ..Example::default()
        };
        let row = corpus.clean(row).expect("it teaches");
        assert_eq!(
            (
                row.comment.author.name.as_deref(),
                row.comment.author.email.as_deref()
            ),
            (Some("Made Up"), Some("@gmail.com"))
        );
        let mut comment = Comment::from_text("hello");
        comment.author.name = Some("Made Up".into());
        comment.author.url = Some("http://tovanu.example".into());
        let ham = Example {
            comment,
            label: Some(Label::Ham),
            ..Example::default()
        };
        let recorded = corpus.clean_as_recorded(ham.clone()).expect("it teaches");
        assert_eq!(recorded.comment.author, ham.comment.author);
        let ham = corpus.clean(ham).expect("it teaches");
        assert_eq!(
            (ham.comment.author.name, ham.comment.author.url),
            (None, None)
        );
        assert_eq!(ham.home_was.as_deref(), Some("http://tovanu.example"));
        let untrusted = Example {
            label: Some(Label::Ham),
            trusted: Some(false),
            ..Example::default()
        };
        assert!(corpus.clean(untrusted).is_none());
    }
}
