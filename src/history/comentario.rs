//! The JSON exports of Comentario (version 3) and of Commento, its ancestor (version 1) -> their comments. Read whole, for people and pages may
//! stand behind the comments that name them.

use std::collections::HashMap;
use std::io::{BufRead, Read};

use serde_json::{Map, Value};

use super::wordpress::{filled, public_address};
use super::{Broken, Fate, PastComment, Row, Rows, Writer, charset, dates, html};
use crate::comment::{Author, Comment, Page, Request};

type Object = Map<String, Value>;

pub(super) fn read(input: Box<dyn BufRead>) -> Result<Rows, Broken> {
    let (mut input, charset) = charset::open(input)?;
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    let text = charset.text(&bytes);
    let export: Value = serde_json::from_str(&text).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let why = error.to_string();
        match error.is_eof() {
            true => Broken::CutShort {
                place,
                why: "the rest of it is missing".into(),
            },
            false => Broken::Malformed { place, why },
        }
    })?;
    let list = |name: &str| -> Vec<Object> {
        let items = export
            .get(name)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        items
            .into_iter()
            .filter_map(|item| match item {
                Value::Object(object) => Some(object),
                _ => None,
            })
            .collect()
    };
    let by = |objects: Vec<Object>, keys: [&str; 2]| -> HashMap<String, Object> {
        objects
            .into_iter()
            .map(|object| (text_of(&object, &keys), object))
            .collect()
    };
    let people = by(list("commenters"), ["id", "commenterHex"]);
    let pages = by(list("pages"), ["id", "id"]);
    if !export.get("comments").is_some_and(Value::is_array) {
        return Err(Broken::Other("it has no list of comments".into()));
    }
    let rows: Vec<Row> = list("comments")
        .iter()
        .map(|comment| row(comment, &people, &pages))
        .collect();
    Ok(Box::new(rows.into_iter().map(Ok)))
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

fn row(comment: &Object, people: &HashMap<String, Object>, pages: &HashMap<String, Object>) -> Row {
    let id = text_of(comment, &["id", "commentHex"]);
    let nobody = Object::new();
    let person = people
        .get(&text_of(comment, &["userCreated", "commenterHex"]))
        .unwrap_or(&nobody);
    let page = pages.get(&text_of(comment, &["pageId"])).unwrap_or(&nobody);
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
                name: filled(text_of(person, &["name"]))
                    .or_else(|| filled(text_of(comment, &["authorName"]))),
                email: filled(text_of(person, &["email"])),
                url: filled(text_of(person, &["websiteUrl", "link"]))
                    .filter(|url| url != "undefined"),
            },
            request: Request {
                ip: public_address(&text_of(comment, &["authorIp"])),
                ..Request::default()
            },
            page: Page {
                permalink: filled(text_of(page, &["path"]))
                    .or_else(|| filled(text_of(comment, &["path", "url"]))),
                context: filled(text_of(page, &["title"])).into_iter().collect(),
                kind: Some(if reply { "reply" } else { "comment" }.into()),
                ..Page::default()
            },
            ..Comment::default()
        },
        fate,
    );
    past.at = dates::parse(&text_of(comment, &["createdTime", "creationDate"]));
    past.site = filled(text_of(comment, &["domain"]));
    // A moderation has a moderator's name, except for the one the server did by itself.
    if !text_of(comment, &["userModerated"]).is_empty() {
        past.decided_at
            .extend(dates::parse(&text_of(comment, &["moderatedTime"])));
    }
    if says(person, "isModerator")
        || matches!(text_of(person, &["role"]).as_str(), "owner" | "moderator")
    {
        past.writer = Writer::Staff;
    }
    Row::Comment(Box::new(past))
}
