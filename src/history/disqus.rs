//! Disqus's XML export in, its posts out. Threads come first and are kept (their address and the
//! author of the page), because posts name only their numbers. `isSpam` does not say whether a
//! moderator or Disqus's filter decided, and `isDeleted` does not say who deleted; it never
//! guesses.

use crate::clock;
use std::collections::HashMap;
use std::io::BufRead;

use super::broken::Broken;
use super::past_comment::{Fate, PastComment, Row, Writer, too_long};
use super::side::Side;
use super::wordpress::filled;
use super::xml::{Step, Steps};
use super::{charset, html, side};
use crate::bounded::RECORD;
use crate::comment::{Author, Comment, Page, Request, public_address};

pub(super) struct Disqus {
    steps: Steps<Box<dyn BufRead>>,
    threads: HashMap<String, Thread>,
    side: Side,
    ended: bool,
}

#[derive(Default)]
struct Thread {
    link: String,
    title: String,
    /// User name of the page's author; empty if Disqus made the thread by itself.
    author: String,
}

/// The leaves of one element, by name; those of `<author>` as `author/name`.
#[derive(Default)]
struct Leaves {
    texts: HashMap<String, String>,
    /// Bytes there were, kept or not.
    bytes: usize,
}

impl Leaves {
    fn take(&mut self, name: &str) -> String {
        self.texts.remove(name).unwrap_or_default()
    }

    /// Keeps a leaf, if the element is not too long by then.
    fn put(&mut self, name: String, text: String) {
        self.bytes += name.len() + text.len();
        if self.bytes <= RECORD {
            self.texts.insert(name, text);
        }
    }

    fn says(&self, name: &str) -> bool {
        self.texts
            .get(name)
            .is_some_and(|text| text.trim() == "true")
    }
}

impl Disqus {
    pub(super) fn read(input: Box<dyn BufRead>) -> Result<Self, Broken> {
        Ok(Self {
            steps: Steps::new(charset::open_utf8(input)?),
            threads: HashMap::new(),
            side: Side::of("threads"),
            ended: false,
        })
    }

    /// Reads up to the end of an element that has just begun.
    fn leaves(&mut self, element: &str) -> Result<Leaves, Broken> {
        let mut leaves = Leaves::default();
        let mut path: Vec<String> = Vec::new();
        loop {
            match self.steps.step()? {
                Step::Open(name, attributes) => {
                    // `<thread dsq:id="7"/>` within a post names its thread, `<parent dsq:id="3"/>`
                    // what it answers.
                    if let Some((_, id)) = attributes.into_iter().find(|(name, _)| name == "dsq:id")
                    {
                        leaves.put(format!("{name}@id"), id);
                    }
                    path.push(name);
                }
                Step::Close(name, _) if path.is_empty() && name == element => return Ok(leaves),
                Step::Close(_, text) => {
                    leaves.put(path.join("/"), text);
                    path.pop();
                }
                Step::End => {
                    return Err(Broken::CutShort {
                        place: format!("a {element}"),
                        why: "its end is missing".into(),
                    });
                }
            }
        }
    }

    fn post(&self, id: String, mut leaves: Leaves) -> Row {
        let fate = match () {
            () if leaves.says("isSpam") => Fate::Spam,
            () if leaves.says("isDeleted") => Fate::Trashed,
            () if leaves
                .texts
                .get("isApproved")
                .is_some_and(|text| text.trim() == "false") =>
            {
                Fate::Waiting
            }
            () => Fate::Published,
        };
        let thread = self.threads.get(&leaves.take("thread@id"));
        let user = leaves.take("author/username");
        let is_parent = leaves.texts.contains_key("parent@id");
        let comment = Comment {
            text: html::as_typed(&leaves.take("message")),
            author: Author {
                name: filled(leaves.take("author/name")),
                email: filled(leaves.take("author/email")),
                url: filled(leaves.take("author/link")),
            },
            request: Request {
                ip: public_address(&leaves.take("ipAddress")),
                ..Request::default()
            },
            page: Page {
                permalink: thread.and_then(|thread| filled(thread.link.clone())),
                context: thread
                    .and_then(|thread| filled(thread.title.clone()))
                    .into_iter()
                    .collect(),
                kind: Some(if is_parent { "reply" } else { "comment" }.into()),
                ..Page::default()
            },
            ..Comment::default()
        };
        let mut past = PastComment::new(format!("disqus:{id}"), comment, fate);
        past.at = clock::parse(&leaves.take("createdAt"));
        if thread.is_some_and(|thread| !user.is_empty() && thread.author == user) {
            past.writer = Writer::Staff;
        }
        Row::Comment(Box::new(past))
    }

    fn advance(&mut self) -> Result<Option<Row>, Broken> {
        loop {
            let (name, id) = match self.steps.step()? {
                Step::End => return Ok(None),
                Step::Close(..) => continue,
                Step::Open(name, attributes) => {
                    let id = attributes.into_iter().find(|(name, _)| name == "dsq:id");
                    (name, side::cut(id.map(|(_, id)| id).unwrap_or_default()))
                }
            };
            match name.as_str() {
                "thread" => {
                    let mut leaves = self.leaves("thread")?;
                    let thread = Thread {
                        link: side::cut(leaves.take("link")),
                        title: side::cut(leaves.take("title")),
                        author: side::cut(leaves.take("author/username")),
                    };
                    let texts = [&id, &thread.link, &thread.title, &thread.author];
                    self.side.keep(texts.map(String::len).iter().sum())?;
                    self.threads.insert(id, thread);
                }
                "post" => {
                    let leaves = self.leaves("post")?;
                    if leaves.bytes > RECORD {
                        return Ok(Some(too_long(format!("disqus:{id}"))));
                    }
                    return Ok(Some(self.post(id, leaves)));
                }
                _ => {}
            }
        }
    }
}

impl Iterator for Disqus {
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
