//! The JSON exports of Comentario (version 3) and of Commento, its ancestor (version 1), in, their
//! comments out. People and pages may come after the comments that name them. So a first walk
//! collects these, and of each it keeps only what a comment needs. It labels nothing.

use crate::clock;
use std::collections::HashMap;
use std::io::BufRead;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::broken::Broken;
use super::objects::Lists;
use super::past_comment::{Fate, PastComment, Row, Writer};
use super::side::Side;
use super::wordpress::filled;
use super::{charset, html, side};
use crate::comment::{Author, Comment, Page, Request, public_address};

type Object = Map<String, Value>;

/// The people and pages of an export.
#[derive(Debug, Clone, Default)]
pub(super) struct Around(Arc<PeopleAndPages>);

#[derive(Debug, Default)]
struct PeopleAndPages {
    people: HashMap<String, Person>,
    pages: HashMap<String, PageOf>,
}

#[derive(Debug, Default)]
struct Person {
    name: String,
    email: String,
    url: String,
    is_staff: bool,
}

#[derive(Debug, Default)]
struct PageOf {
    path: String,
    title: String,
}

impl Around {
    /// Reads a whole export but its comments.
    pub(super) fn read(input: Box<dyn BufRead>) -> Result<Self, Broken> {
        let mut lists = open(input)?;
        let mut around = PeopleAndPages::default();
        let mut side = Side::of("people and pages");
        let mut has_comments = false;
        while let Some((list, found)) = lists.step()? {
            has_comments |= list == "comments";
            let Some(Ok(object)) = found.map(|found| found.object) else {
                continue;
            };
            match list {
                "commenters" => {
                    let id = side::cut(text_of(&object, &["id", "commenterHex"]));
                    let person = Person::of(&object);
                    let texts = [&id, &person.name, &person.email, &person.url];
                    side.keep(texts.map(String::len).iter().sum())?;
                    around.people.insert(id, person);
                }
                "pages" => {
                    let id = side::cut(text_of(&object, &["id"]));
                    let page = PageOf {
                        path: side::cut(text_of(&object, &["path"])),
                        title: side::cut(text_of(&object, &["title"])),
                    };
                    side.keep(id.len() + page.path.len() + page.title.len())?;
                    around.pages.insert(id, page);
                }
                _ => {}
            }
        }
        match has_comments {
            true => Ok(Self(Arc::new(around))),
            false => Err(Broken::Other("it has no list of comments".into())),
        }
    }
}

impl Person {
    fn of(object: &Object) -> Self {
        Self {
            name: side::cut(text_of(object, &["name"])),
            email: side::cut(text_of(object, &["email"])),
            url: side::cut(text_of(object, &["websiteUrl", "link"])),
            is_staff: says(object, "isModerator")
                || matches!(text_of(object, &["role"]).as_str(), "owner" | "moderator"),
        }
    }
}

/// The comments of an export.
pub(super) struct Comentario {
    lists: Lists,
    around: Around,
    ended: bool,
}

impl Comentario {
    pub(super) fn read(input: Box<dyn BufRead>, around: Around) -> Result<Self, Broken> {
        Ok(Self {
            lists: open(input)?,
            around,
            ended: false,
        })
    }

    fn advance(&mut self) -> Result<Option<Row>, Broken> {
        while let Some((list, found)) = self.lists.step()? {
            let Some(found) = found.filter(|_| list == "comments") else {
                continue;
            };
            return Ok(Some(match found.object {
                Ok(comment) => row(&comment, &self.around.0),
                Err(why) => Row::Unreadable {
                    place: format!("line {}", found.line),
                    why,
                },
            }));
        }
        Ok(None)
    }
}

impl Iterator for Comentario {
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

fn open(input: Box<dyn BufRead>) -> Result<Lists, Broken> {
    Ok(Lists::new(charset::open_utf8(input)?))
}

/// The first of these that is text and not empty.
fn text_of(object: &Object, keys: &[&str]) -> String {
    keys.iter()
        .filter_map(|key| object.get(*key)?.as_str())
        .find(|text| !text.is_empty())
        .unwrap_or_default()
        .to_owned()
}

fn says(object: &Object, key: &str) -> bool {
    object.get(key).and_then(Value::as_bool).unwrap_or(false)
}

fn row(comment: &Object, around: &PeopleAndPages) -> Row {
    let id = text_of(comment, &["id", "commentHex"]);
    let (nobody, nowhere) = (Person::default(), PageOf::default());
    let person = around
        .people
        .get(&text_of(comment, &["userCreated", "commenterHex"]))
        .unwrap_or(&nobody);
    let page = around
        .pages
        .get(&text_of(comment, &["pageId"]))
        .unwrap_or(&nowhere);
    // Version 1 has states; in version 3 a pending comment is neither approved nor refused.
    let fate = match text_of(comment, &["state"]).as_str() {
        _ if says(comment, "isDeleted") || says(comment, "deleted") => Fate::Trashed,
        "flagged" => Fate::Spam,
        "unapproved" => Fate::Waiting,
        "approved" => Fate::Published,
        _ if says(comment, "isPending") => Fate::Waiting,
        _ if says(comment, "isApproved") => Fate::Published,
        _ => Fate::Trashed,
    };
    let markdown = text_of(comment, &["markdown"]);
    let text = match markdown.is_empty() {
        true => html::as_typed(&text_of(comment, &["html"])),
        false => markdown,
    };
    let reply = !matches!(
        text_of(comment, &["parentId", "parentHex"]).as_str(),
        "" | "root"
    );
    let mut past = PastComment::new(
        format!("comentario:{id}"),
        Comment {
            text,
            author: Author {
                name: filled(person.name.clone())
                    .or_else(|| filled(text_of(comment, &["authorName"]))),
                email: filled(person.email.clone()),
                url: filled(person.url.clone()).filter(|url| url != "undefined"),
            },
            request: Request {
                ip: public_address(&text_of(comment, &["authorIp"])),
                ..Request::default()
            },
            page: Page {
                permalink: filled(page.path.clone())
                    .or_else(|| filled(text_of(comment, &["path", "url"]))),
                context: filled(page.title.clone()).into_iter().collect(),
                kind: Some(if reply { "reply" } else { "comment" }.into()),
                ..Page::default()
            },
            ..Comment::default()
        },
        fate,
    );
    past.at = clock::parse(&text_of(comment, &["createdTime", "creationDate"]));
    past.site = filled(text_of(comment, &["domain"]));
    // A moderation has a moderator's name, except for the one the server did by itself.
    if !text_of(comment, &["userModerated"]).is_empty() {
        past.decided_at
            .extend(clock::parse(&text_of(comment, &["moderatedTime"])));
    }
    if person.is_staff {
        past.writer = Writer::Staff;
    }
    Row::Comment(Box::new(past))
}
