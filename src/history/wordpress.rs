//! Columns and meta of WordPress in, comments out: what its three exports have in common. It labels
//! nothing.

use crate::clock;

use super::past_comment::{Fate, PastComment, Row, Writer};
use super::php::Php;
use super::{charset, html};
use crate::comment::{Author, Comment, Page, Request, public_address};
use crate::verdict::Label;

/// Kinds of comment in which plugins keep notes: no reader wrote them.
const NOTEBOOKS: [&str; 6] = [
    "order_note",
    "action_log",
    "webhook_delivery",
    "edd_payment_note",
    "note",
    "wcs_note",
];

/// A row of the table of comments, by column.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    pub(super) id: String,
    pub(super) post: String,
    author: String,
    email: String,
    url: String,
    ip: String,
    date: String,
    date_gmt: String,
    text: String,
    approved: String,
    user_agent: String,
    kind: String,
    pub(super) user: String,
}

impl Columns {
    /// Keeps a value by the name of its column; other columns say nothing about a comment.
    pub(super) fn set(&mut self, column: &str, value: String) {
        let field = match column {
            "comment_ID" | "comment_id" => &mut self.id,
            "comment_post_ID" => &mut self.post,
            "comment_author" => &mut self.author,
            "comment_author_email" => &mut self.email,
            "comment_author_url" => &mut self.url,
            "comment_author_IP" => &mut self.ip,
            "comment_date" => &mut self.date,
            "comment_date_gmt" => &mut self.date_gmt,
            "comment_content" => &mut self.text,
            "comment_approved" => &mut self.approved,
            "comment_agent" => &mut self.user_agent,
            "comment_type" => &mut self.kind,
            "user_id" | "comment_user_id" => &mut self.user,
            _ => return,
        };
        *field = value;
    }

    /// The comment; `blog` is the number of the site in a network, 1 for the first or only one.
    pub(super) fn into_row(self, blog: u32, meta: &Meta) -> Row {
        let place = match blog {
            1 => format!("wordpress:{}", self.id),
            _ => format!("wordpress-{blog}:{}", self.id),
        };
        let unreadable = |why: String| Row::Unreadable {
            place: place.clone(),
            why,
        };
        if self.id.is_empty() {
            return unreadable("it has no comment_ID".into());
        }
        let kind = self.kind.to_lowercase();
        if NOTEBOOKS.contains(&kind.as_str()) {
            return unreadable(format!("it is no comment but a plugin's {kind}"));
        }
        let Some(fate) = fate(&self.approved) else {
            return unreadable(format!("its comment_approved is {:?}", self.approved));
        };
        let mut repaired = false;
        let mut text_of = |value: String| match charset::ungarbled(&value) {
            Some(right) => {
                repaired = true;
                right
            }
            None => value,
        };
        let (text, author) = (text_of(self.text), text_of(self.author));
        let comment = Comment {
            text: html::as_typed(&text),
            author: Author {
                name: filled(htmlize::unescape(&author).into_owned()),
                email: filled(self.email),
                url: filled(self.url),
            },
            request: Request {
                ip: public_address(&self.ip),
                user_agent: filled(self.user_agent),
                accept_language: None,
            },
            page: Page {
                // Before WordPress 5.5 a comment's type was empty.
                kind: filled(kind).or_else(|| Some("comment".into())),
                ..Page::default()
            },
            ..Comment::default()
        };
        let mut past = PastComment::new(place, comment, fate);
        past.at = clock::parse(&self.date_gmt).or_else(|| clock::parse(&self.date));
        past.repaired = repaired;
        past.filter_said = meta.filter_said;
        past.person_said = meta.person_said;
        past.decided_at = meta.decided_at.clone();
        Row::Comment(Box::new(past))
    }
}

pub(super) fn filled(value: String) -> Option<String> {
    (!value.trim().is_empty()).then_some(value)
}

/// What `comment_approved` says; wp-cli and the REST API have words for its digits.
pub(super) fn fate(approved: &str) -> Option<Fate> {
    Some(match approved.trim() {
        "1" | "approve" | "approved" => Fate::Published,
        "0" | "hold" | "unapproved" => Fate::Waiting,
        "spam" => Fate::Spam,
        "trash" | "post-trashed" => Fate::Trashed,
        _ => return None,
    })
}

/// What the meta of one comment says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Meta {
    filter_said: Option<Label>,
    person_said: Option<Label>,
    decided_at: Vec<i64>,
}

impl Meta {
    /// Whether a meta of this name says anything to us.
    pub(super) fn hears(key: &str) -> bool {
        matches!(
            key,
            "akismet_result" | "akismet_user_result" | "akismet_history" | "_wp_trash_meta_time"
        )
    }

    /// Takes one meta in.
    pub(super) fn take(&mut self, key: &str, value: &str) {
        match key {
            "akismet_result" => self.filter_said = result(value),
            // A person's decision after, or instead of, Akismet's.
            "akismet_user_result" => self.person_said = result(value),
            "akismet_history" => self.take_history(value),
            "_wp_trash_meta_time" => self.decided_at.extend(clock::parse(value)),
            _ => {}
        }
    }

    /// An entry of Akismet's history is a person's only if it names one.
    fn take_history(&mut self, value: &str) {
        let Some(entry) = Php::parse(value) else {
            return;
        };
        let by_person = entry
            .of("user")
            .and_then(Php::text)
            .is_some_and(|user| !user.is_empty());
        if !by_person {
            return;
        }
        match entry.of("event").and_then(Php::text) {
            Some("report-spam" | "status-spam") => self.person_said = Some(Label::Spam),
            Some("report-ham" | "status-approved") => self.person_said = Some(Label::Ham),
            // Held back or thrown away later: the earlier decision no longer holds.
            Some("status-hold" | "status-trash" | "status-unapproved") => self.person_said = None,
            _ => return,
        }
        if let Some(seconds) = entry.of("time").and_then(Php::number) {
            self.decided_at.push((seconds * 1_000.0) as i64);
        }
    }
}

fn result(value: &str) -> Option<Label> {
    match value {
        "true" => Some(Label::Spam),
        "false" => Some(Label::Ham),
        _ => None,
    }
}

/// Staff are the users who wrote posts. Being registered is not enough: many sites let anybody
/// register, spammers too.
pub(super) fn writer(user: &str, authors: &std::collections::HashSet<String>) -> Writer {
    match user != "0" && authors.contains(user) {
        true => Writer::Staff,
        false => Writer::Visitor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_named_person_in_a_history_decides() {
        let mut meta = Meta::default();
        meta.take("akismet_result", "true");
        meta.take(
            "akismet_history",
            "a:3:{s:4:\"time\";d:10;s:5:\"event\";s:10:\"check-spam\";s:4:\"user\";s:0:\"\";}",
        );
        assert_eq!(
            (meta.filter_said, meta.person_said, meta.decided_at.len()),
            (Some(Label::Spam), None, 0)
        );
        meta.take(
            "akismet_history",
            "a:3:{s:4:\"time\";d:20.5;s:5:\"event\";s:10:\"report-ham\";s:4:\"user\";s:2:\"an\";}",
        );
        assert_eq!(
            (meta.person_said, meta.decided_at),
            (Some(Label::Ham), vec![20_500])
        );
    }

    #[test]
    fn a_row_becomes_a_comment_or_says_why_not() {
        let mut columns = Columns::default();
        for (column, value) in [
            ("comment_ID", "7"),
            (
                "comment_content",
                "C\u{e1}\u{ba}\u{a3}m \u{c6}\u{a1}n &amp; ch\u{c3}\u{a0}o",
            ),
            ("comment_approved", "1"),
            ("comment_date", "2024-02-29 19:30:05"),
            ("comment_date_gmt", "2024-02-29 12:30:05"),
            ("comment_author_IP", "192.168.1.1"),
            ("comment_karma", "0"),
        ] {
            columns.set(column, value.into());
        }
        let Row::Comment(past) = columns.clone().into_row(1, &Meta::default()) else {
            panic!("it is a comment");
        };
        assert_eq!(
            (past.id.as_str(), past.comment.text.as_str(), past.repaired),
            ("wordpress:7", "Cảm ơn & chào", true)
        );
        assert_eq!(
            (past.at, past.comment.request.ip),
            (Some(1_709_209_805_000), None)
        );
        columns.set("comment_type", "order_note".into());
        assert!(
            matches!(columns.into_row(2, &Meta::default()), Row::Unreadable { place, .. } if place == "wordpress-2:7")
        );
    }
}
