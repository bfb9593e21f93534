//! The files of a folder in, one comment of each out: YAML, JSON, or Markdown with YAML before it,
//! as Staticman writes them. They come as lines of JSON, each with the name of a file and its text.
//! A file says nothing of what became of its comment: it is published, for it was merged. It opens
//! no file.

use std::io::BufRead;

use serde_json::{Map, Value};

use super::broken::Broken;
use super::mapping::Mapping;
use super::objects::Objects;
use super::past_comment::Fate::Published;
use super::past_comment::Row;
use super::systems::System;
use super::{cells, yaml};

/// What a site calls the fields of its form, it says itself; these are the usual names.
static STATICMAN: System = System {
    name: "staticman",
    title: "Staticman",
    marks: &[],
    columns: &[
        (
            "text",
            &["message", "comment", "body", "text", "content", "comments"],
        ),
        (
            "author",
            &["name", "author", "nick", "username", "author.name"],
        ),
        ("email", &["email", "mail", "author.email"]),
        ("url", &["url", "website", "site", "link", "author.url"]),
        ("ip", &["ip"]),
        (
            "date",
            &["date", "timestamp", "created_at", "created", "time"],
        ),
        ("id", &["_id", "id"]),
        ("page", &[FOLDER]),
        ("permalink", &["slug", "page", "permalink"]),
    ],
    parents: &[
        "_parent",
        "replying_to",
        "replying_to_id",
        "replying_to_uid",
        "reply_to",
        "parent",
    ],
    signs: &[],
    otherwise: Published,
    staff: &[],
    joins: &[],
};

/// The member that gets the name of the folder: that of the page, mostly.
const FOLDER: &str = "phin:folder";

pub(super) struct Folder {
    files: Objects,
    mapping: Mapping,
    ended: bool,
}

impl Folder {
    pub(super) fn read(input: Box<dyn BufRead>, mapping: Mapping) -> Self {
        Self {
            files: Objects::new(input),
            mapping: mapping.of_system(Some(&STATICMAN)),
            ended: false,
        }
    }

    fn advance(&mut self) -> Result<Option<Row>, Broken> {
        let Some(found) = self.files.step()? else {
            return Ok(None);
        };
        let file = found.object.unwrap_or_default();
        let member = |name: &str| cells::cell(&file, name).unwrap_or_default();
        let name = member("file");
        let unreadable = |why: String| Row::Unreadable {
            place: name.clone(),
            why,
        };
        if let Some(why) = cells::cell(&file, "why") {
            return Ok(Some(unreadable(why)));
        }
        let mut comment = match comment(&member("text")) {
            Ok(comment) => comment,
            Err(why) => return Ok(Some(unreadable(why.to_owned()))),
        };
        if let Some((folder, _)) = name.rsplit_once('/') {
            comment.insert(FOLDER.to_owned(), Value::String(folder.to_owned()));
        }
        Ok(Some(
            match self.mapping.read(&|name| cells::cell(&comment, name), 1) {
                Row::Comment(mut past) => {
                    past.place = name;
                    Row::Comment(past)
                }
                Row::Unreadable { why, .. } => unreadable(why),
            },
        ))
    }
}

/// Reads a file of one comment.
fn comment(text: &str) -> Result<Map<String, Value>, &'static str> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('{')
        && let Ok(Value::Object(members)) = serde_json::from_str(text)
    {
        return Ok(members);
    }
    let mut comment = yaml::mapping(text)?;
    // Markdown: what follows the second line of dashes is the text.
    let body = text
        .strip_prefix("---")
        .and_then(|rest| rest.split_once("\n---"))
        .and_then(|(_, rest)| rest.split_once('\n'))
        .map_or("", |(_, body)| body.trim());
    if !body.is_empty() {
        comment.insert("message".to_owned(), Value::String(body.to_owned()));
    }
    Ok(comment)
}

impl Iterator for Folder {
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
