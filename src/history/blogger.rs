//! An Atom feed of Blogger in, its comments out: the archive of Google Takeout, the older export,
//! and the feed of comments that a blog has. Posts may follow the comments on them, and only their
//! address is in a comment then. A comment names its status in the newer archive alone. It labels
//! nothing.

use std::io::BufRead;

use super::broken::Broken;
use super::past_comment::{Fate, PastComment, Row, Writer, too_long};
use super::wordpress::filled;
use super::xml::{Step, Steps};
use super::{charset, html, side};
use crate::bounded::RECORD;
use crate::clock;
use crate::comment::{Author, Comment, Page};

pub(super) struct Blogger {
    steps: Steps<Box<dyn BufRead>>,
    /// Page of the author of the whole feed.
    owner: String,
    ended: bool,
}

/// An entry, as far as it says something about a comment.
#[derive(Default)]
struct Entry {
    id: String,
    text: String,
    name: String,
    address: String,
    email: String,
    published: String,
    status: String,
    permalink: String,
    is_comment: bool,
    is_reply: bool,
    bytes: usize,
}

impl Entry {
    /// Takes an element that begins.
    fn open(&mut self, name: &str, attributes: &[(String, String)]) {
        let value = |wanted: &str| {
            let mut all = attributes.iter();
            all.find(|(name, _)| name == wanted)
                .map_or("", |(_, value)| value.as_str())
        };
        match name {
            "category" if value("term").ends_with("kind#comment") => self.is_comment = true,
            "thr:in-reply-to" => {
                self.is_comment = true;
                let page = value("href");
                if !page.is_empty() {
                    self.permalink = side::cut(page.to_owned());
                }
            }
            // The older export: the comment that is answered.
            "link" if value("rel") == "related" => self.is_reply = true,
            "link" if value("rel") == "alternate" && self.permalink.is_empty() => {
                let address = value("href");
                let page = address.split(['?', '#']).next().unwrap_or("");
                self.permalink = side::cut(page.to_owned());
            }
            _ => {}
        }
    }

    /// Takes an element that ends; `author` if it stands in the author.
    fn close(&mut self, name: &str, text: String, in_author: bool) {
        self.bytes += text.len();
        if self.bytes > RECORD {
            return;
        }
        let field = match (name, in_author) {
            ("name", true) => &mut self.name,
            ("uri", true) => &mut self.address,
            ("email", true) => &mut self.email,
            ("id", false) => &mut self.id,
            ("content" | "summary", false) if self.text.is_empty() => &mut self.text,
            ("published", false) => &mut self.published,
            ("blogger:status", false) => &mut self.status,
            ("blogger:inReplyTo", false) => {
                self.is_reply |= !text.trim().is_empty();
                return;
            }
            ("blogger:type", false) => {
                self.is_comment |= text.trim().eq_ignore_ascii_case("comment");
                return;
            }
            _ => return,
        };
        *field = text;
    }

    fn into_row(self, owner: &str) -> Row {
        let number = self.id.rsplit(['-', '/']).next().unwrap_or("").trim();
        let place = side::cut(format!("blogger:{number}"));
        if self.bytes > RECORD {
            return too_long(place);
        }
        let status = self.status.trim().to_ascii_lowercase();
        let fate = match status.as_str() {
            "" | "live" => Fate::Published,
            "pending" => Fate::Waiting,
            "spam" => Fate::Spam,
            "deleted" | "emptied" | "removed" => Fate::Trashed,
            _ => {
                return Row::Unreadable {
                    place,
                    why: format!("its blogger:status {status:?} is not known"),
                };
            }
        };
        let is_owner = !owner.is_empty() && self.address.trim() == owner;
        let comment = Comment {
            text: html::as_typed(&self.text),
            author: Author {
                name: filled(self.name),
                // Blogger writes one address for everybody.
                email: filled(self.email).filter(|email| email != "noreply@blogger.com"),
                url: filled(self.address),
            },
            page: Page {
                permalink: filled(self.permalink),
                kind: Some(if self.is_reply { "reply" } else { "comment" }.into()),
                ..Page::default()
            },
            ..Comment::default()
        };
        let mut past = PastComment::new(place, comment, fate);
        past.at = clock::parse(&self.published);
        if is_owner {
            past.writer = Writer::Staff;
        }
        Row::Comment(Box::new(past))
    }
}

impl Blogger {
    pub(super) fn read(input: Box<dyn BufRead>) -> Result<Self, Broken> {
        Ok(Self {
            steps: Steps::new(charset::open_utf8(input)?),
            owner: String::new(),
            ended: false,
        })
    }

    /// Reads up to the end of an entry that has just begun.
    fn entry(&mut self) -> Result<Entry, Broken> {
        let mut entry = Entry::default();
        let mut path: Vec<String> = Vec::new();
        loop {
            match self.steps.step()? {
                Step::Open(name, attributes) => {
                    entry.open(&name, &attributes);
                    path.push(name);
                }
                Step::Close(name, _) if path.is_empty() && name == "entry" => return Ok(entry),
                Step::Close(name, text) => {
                    path.pop();
                    let around = path.last().map(String::as_str);
                    // What stands deeper belongs to something else: the source of a post.
                    if path.len() < 2 && matches!(around, None | Some("author")) {
                        entry.close(&name, text, around.is_some());
                    }
                }
                Step::End => {
                    return Err(Broken::CutShort {
                        place: "an entry".into(),
                        why: "its end is missing".into(),
                    });
                }
            }
        }
    }

    fn advance(&mut self) -> Result<Option<Row>, Broken> {
        loop {
            match self.steps.step()? {
                Step::End => return Ok(None),
                Step::Open(name, _) if name == "entry" => {
                    let entry = self.entry()?;
                    if entry.is_comment {
                        return Ok(Some(entry.into_row(&self.owner)));
                    }
                }
                // Outside of entries: the author of the feed.
                Step::Close(name, text) if name == "uri" => {
                    self.owner = side::cut(text.trim().to_owned());
                }
                Step::Open(..) | Step::Close(..) => {}
            }
        }
    }
}

impl Iterator for Blogger {
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
