//! WordPress's own export (WXR, an RSS with `wp:` elements) in, its comments out, in the order of
//! their posts. WordPress leaves its spam folder out of this export, so it alone has little spam.
//! It labels nothing.

use std::collections::HashSet;
use std::io::BufRead;

use super::broken::Broken;
use super::past_comment::{Row, Writer, too_long};
use super::side::Side;
use super::wordpress::{self, Columns, Meta};
use super::xml::{Step, Steps};
use super::{charset, side};
use crate::bounded::RECORD;

pub(super) struct Wxr {
    steps: Steps<Box<dyn BufRead>>,
    site: Option<String>,
    /// Users who wrote posts, by number and by e-mail; listed before the first post.
    authors: HashSet<String>,
    emails: HashSet<String>,
    permalink: String,
    title: String,
    side: Side,
    ended: bool,
}

impl Wxr {
    pub(super) fn read(input: Box<dyn BufRead>) -> Result<Self, Broken> {
        Ok(Self {
            steps: Steps::new(charset::open_utf8(input)?),
            site: None,
            authors: HashSet::new(),
            emails: HashSet::new(),
            permalink: String::new(),
            title: String::new(),
            side: Side::of("authors"),
            ended: false,
        })
    }

    fn comment(&mut self) -> Result<Row, Broken> {
        let mut columns = Columns::default();
        let (mut meta, mut key, mut value) = (Meta::default(), String::new(), String::new());
        let (mut email, mut bytes) = (String::new(), 0);
        loop {
            let (name, text) = match self.steps.step()? {
                Step::Close(name, text) => (name, text),
                Step::Open(..) => continue,
                Step::End => unreachable_end()?,
            };
            bytes += text.len();
            match name.as_str() {
                "wp:comment" => break,
                // Nothing more of it is kept; its number is, and stands first.
                _ if bytes > RECORD => {}
                "wp:meta_key" => key = text,
                "wp:meta_value" => value = text,
                "wp:commentmeta" => {
                    meta.take(&key, &value);
                    key.clear();
                }
                _ => {
                    if name == "wp:comment_author_email" {
                        email = text.to_lowercase();
                    }
                    columns.set(name.strip_prefix("wp:").unwrap_or(&name), text);
                }
            }
        }
        if bytes > RECORD {
            return Ok(too_long(format!("wordpress:{}", columns.id)));
        }
        let mut writer = wordpress::writer(&columns.user, &self.authors);
        if self.emails.contains(&email) {
            writer = Writer::Staff;
        }
        let mut row = columns.into_row(1, &meta);
        if let Row::Comment(past) = &mut row {
            past.writer = writer;
            past.site.clone_from(&self.site);
            past.comment.page.permalink = wordpress::filled(self.permalink.clone());
            past.comment.page.context = wordpress::filled(self.title.clone()).into_iter().collect();
        }
        Ok(row)
    }

    fn advance(&mut self) -> Result<Option<Row>, Broken> {
        loop {
            match self.steps.step()? {
                Step::End => return Ok(None),
                Step::Open(name, _) => match name.as_str() {
                    "wp:comment" => return self.comment().map(Some),
                    "item" => {
                        self.permalink.clear();
                        self.title.clear();
                    }
                    _ => {}
                },
                Step::Close(name, text) => match name.as_str() {
                    "wp:base_blog_url" => self.site = wordpress::filled(side::cut(text)),
                    "wp:author_id" => {
                        let id = side::cut(text);
                        self.side.keep(id.len())?;
                        self.authors.insert(id);
                    }
                    "wp:author_email" if !text.is_empty() => {
                        let email = side::cut(text).to_lowercase();
                        self.side.keep(email.len())?;
                        self.emails.insert(email);
                    }
                    "link" => self.permalink = side::cut(text),
                    "title" => self.title = side::cut(text),
                    _ => {}
                },
            }
        }
    }
}

/// `Steps` reports an end inside an element as an error, so there is none to see here.
fn unreachable_end<T>() -> Result<T, Broken> {
    Err(Broken::CutShort {
        place: "a comment".into(),
        why: "its end is missing".into(),
    })
}

impl Iterator for Wxr {
    type Item = Result<Row, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let row = self.advance().transpose();
        self.ended = !matches!(row, Some(Ok(_)));
        row
    }
}
