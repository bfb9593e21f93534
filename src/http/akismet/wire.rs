//! Akismet's fields in, a [`Comment`] out; an [`Assessment`] in, its headers out. No other file
//! knows these names. `POST_*` and `HTTP_*` copies of the request are never content, and all except
//! the form's own figures are dropped.

use std::fmt::Write;

use crate::clock;
use crate::comment::{
    Author, Behaviour, BrowserClock, Comment, Honeypot, MAX_FIELD_BYTES, Nonce, Origin, Page,
    Recheck, Request, cut, public_address,
};
use crate::http::form::Fields;
use crate::moderation::{Delivery, Mode};
use crate::text::MAX_TEXT_BYTES;
use crate::verdict::{Assessment, Label};

/// Reads the comment of a check or report.
pub(super) fn comment(fields: &Fields) -> Comment {
    let owned = |name: &str| fields.filled(name).map(str::to_owned);
    let mut comment = Comment {
        text: fields.last("comment_content").unwrap_or("").to_owned(),
        author: Author {
            name: owned("comment_author"),
            email: owned("comment_author_email"),
            url: owned("comment_author_url"),
        },
        request: Request {
            ip: fields.filled("user_ip").and_then(public_address),
            user_agent: owned("user_agent").filter(|agent| !is_clients_own(agent)),
            accept_language: owned("HTTP_ACCEPT_LANGUAGE"),
        },
        page: Page {
            permalink: owned("permalink"),
            languages: languages(fields.filled("blog_lang").unwrap_or("")),
            context: fields.list("comment_context"),
            // Discourse calls it content_type.
            kind: owned("comment_type")
                .or_else(|| owned("content_type"))
                .map(|kind| kind.to_lowercase()),
        },
        behaviour: behaviour(fields),
        origin: Origin {
            post: owned("comment_post_ID"),
            parent: owned("comment_parent"),
            written_at: fields
                .filled("comment_date_gmt")
                .and_then(clock::parse)
                // A date before 1970 is a default that nobody filled in.
                .filter(|at| *at >= 0),
            // Only a check may ask for it.
            callback: None,
        },
    };
    comment.cut(MAX_TEXT_BYTES);
    comment
}

/// The check that a report answers.
pub(super) fn guid(fields: &Fields) -> Option<String> {
    short(fields, "guid")
}

/// A field, without what is longer than any client means.
fn short(fields: &Fields, name: &str) -> Option<String> {
    let mut value = fields.filled(name)?.to_owned();
    cut(&mut value, MAX_FIELD_BYTES);
    Some(value)
}

/// The address to which the site wants corrections sent;
pub(super) fn callback(fields: &Fields) -> Option<String> {
    // One that is cut is still too long to be called.
    short(fields, "callback")
}

/// Its presence keeps WordPress from sending a correction back to us as a report.
pub(crate) const WEBHOOK_HEADER: &str = "x-akismet-webhook";

/// What a site is sent when verdicts were turned.
pub(crate) fn webhook(delivery: &Delivery) -> Vec<u8> {
    // WordPress looks its comment up by page, parent and e-mail before it compares guids; what the
    // check did not say is empty there too.
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let comments: Vec<serde_json::Value> = delivery
        .corrections
        .iter()
        .map(|correction| {
            serde_json::json!({
                "guid": correction.guid,
                "result": match correction.verdict { Label::Spam => "true", Label::Ham => "false" },
                "comment_post_ID": text(&correction.post),
                "comment_parent": text(&correction.parent),
                "comment_author_email": text(&correction.email),
            })
        })
        .collect();
    serde_json::json!({ "key": delivery.key, "endpoint": "comment-check", "comments": comments })
        .to_string()
        .into_bytes()
}

/// Guids that a site's answer reports as not taken. WordPress answers
/// `{"comments":{"<guid>":{"status":"success"}}}`; any other text, or none, is no refusal.
pub(crate) fn not_taken(answer: &[u8]) -> Vec<String> {
    let answer: serde_json::Value = serde_json::from_slice(answer).unwrap_or_default();
    let comments = answer["comments"].as_object();
    comments
        .into_iter()
        .flatten()
        .filter(|(_, said)| said["status"] == "error")
        .map(|(guid, _)| guid.clone())
        .collect()
}

/// Some clients fill in their own name where the author's browser is unknown: `Generic
/// Node.js/1.0.0 | Akismet/3.1.7`. That says nothing of the author.
fn is_clients_own(agent: &str) -> bool {
    agent.to_ascii_lowercase().contains("akismet/")
}

/// `en, fr_ca` -> `en`, `fr`.
fn languages(list: &str) -> Vec<String> {
    list.split(',')
        .map(|code| code.trim().to_lowercase())
        .filter_map(|code| code.get(..2).map(str::to_owned))
        .collect()
}

fn behaviour(fields: &Fields) -> Behaviour {
    // The value comes under the name that `honeypot_field_name` tells; many clients copy the
    // documentation's example and send it as `hidden_honeypot_field`, whatever name they gave.
    // WordPress has a textarea of its own.
    let told = fields
        .filled("honeypot_field_name")
        .and_then(|name| fields.last(name));
    let pots = [
        told,
        fields.last("hidden_honeypot_field"),
        fields.last("POST_ak_hp_textarea"),
    ];
    let filled = pots.iter().flatten().any(|value| !value.trim().is_empty());
    let honeypot = match (pots.iter().flatten().count(), filled) {
        (0, _) => None,
        (_, true) => Some(Honeypot::Filled),
        (_, false) => Some(Honeypot::Empty),
    };
    Behaviour {
        honeypot,
        nonce: match fields.filled("akismet_comment_nonce") {
            Some("passed") => Some(Nonce::Passed),
            Some("failed") => Some(Nonce::Failed),
            _ => None,
        },
        key_presses: fields.filled("POST_ak_bkpc").and_then(|n| n.parse().ok()),
        // The form holds a random number below 250 until its script writes the clock.
        browser_clock: fields
            .filled("POST_ak_js")
            .and_then(|n| n.parse::<u64>().ok())
            .map(|clock| {
                if clock > 250 {
                    BrowserClock::Ticked
                } else {
                    BrowserClock::Silent
                }
            }),
    }
}

/// `is_test` is parsed, not merely present: one client sends `is_test=0` with every call.
pub(super) fn mode(fields: &Fields) -> Mode {
    if is_set(fields, "is_test") {
        Mode::DryRun
    } else {
        Mode::Live
    }
}

/// Why a comment is checked again, if it is.
pub(super) fn recheck(fields: &Fields) -> Option<Recheck> {
    let reason = fields.filled("recheck_reason")?;
    Some(match reason.trim().to_ascii_lowercase().as_str() {
        "recheck_queue" => Recheck::Queue,
        "retry" => Recheck::Retry,
        "wp-cli" => Recheck::CommandLine,
        "edit" => Recheck::Edit,
        "recheck" => Recheck::Asked,
        _ => Recheck::Other,
    })
}

/// WordPress asks before it fetches a pingback: there is no comment yet.
pub(super) fn precedes_the_comment(fields: &Fields) -> bool {
    is_set(fields, "akismet_pre_check")
}

/// Whether the client asks what the spam is about.
pub(super) fn asks_for_category(fields: &Fields) -> bool {
    is_set(fields, "classify")
}

/// Whether a field says yes, in any of the spellings that are sent.
pub(super) fn is_set(fields: &Fields, name: &str) -> bool {
    let value = fields.filled(name).map(str::to_ascii_lowercase);
    !matches!(value.as_deref(), None | Some("0" | "false" | "no" | "off"))
}

/// What the documented test values demand, in their order of precedence.
pub(super) fn test_value(fields: &Fields) -> Option<TestValue> {
    let author = fields.filled("comment_author").unwrap_or("");
    let email = fields.filled("comment_author_email").unwrap_or("");
    if matches!(author, "viagra-test-123" | "akismet-guaranteed-spam")
        || email.eq_ignore_ascii_case("akismet-guaranteed-spam@example.com")
    {
        return Some(TestValue::Spam);
    }
    fields
        .list("user_role")
        .iter()
        .any(|role| role.eq_ignore_ascii_case("administrator"))
        .then_some(TestValue::Ham)
}

/// A verdict fixed by the request itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TestValue {
    /// Always spam.
    Spam,
    /// Always ham.
    Ham,
}

/// The strongest reasons in one line, for our own header: `word "vay" +1.2; ...`.
pub(super) fn reasons(assessment: &Assessment) -> String {
    let mut line = String::with_capacity(256);
    for clue in assessment.clues.iter().take(4) {
        if !line.is_empty() {
            line.push_str("; ");
        }
        line.push_str(&clue.reason);
        line.push_str(" \"");
        line.extend(clue.text.chars().map(|c| if c == '"' { '\'' } else { c }));
        // A String takes all that is written to it.
        let _ = write!(line, "\" {:+.1}", clue.weight);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::form;

    fn read(body: &str) -> Comment {
        comment(&form::decode(body))
    }

    #[test]
    fn a_client_that_names_itself_is_no_browser() {
        let agent = |body: &str| read(body).request.user_agent;
        assert_eq!(
            agent("user_agent=Generic+Node.js/1.0.0+%7C+Akismet/3.1.7"),
            None
        );
        assert_eq!(agent("user_agent=curl/8").as_deref(), Some("curl/8"));
    }

    #[test]
    fn the_honeypot_is_found_under_either_name() {
        let filled = Some(Honeypot::Filled);
        assert_eq!(
            read("honeypot_field_name=trap&trap=x").behaviour.honeypot,
            filled
        );
        assert_eq!(
            read("honeypot_field_name=trap&hidden_honeypot_field=x")
                .behaviour
                .honeypot,
            filled
        );
        assert_eq!(
            read("honeypot_field_name=trap&trap=").behaviour.honeypot,
            Some(Honeypot::Empty)
        );
        assert_eq!(read("comment_content=x").behaviour.honeypot, None);
    }

    #[test]
    fn test_values_have_an_order_and_is_test_a_value() {
        let value = |body: &str| test_value(&form::decode(body));
        assert_eq!(
            value("comment_author=akismet-guaranteed-spam&user_role=administrator"),
            Some(TestValue::Spam)
        );
        assert_eq!(
            value("user_role=shop_manager,administrator"),
            Some(TestValue::Ham)
        );
        assert_eq!(value("user_role=editor"), None);
        let mode = |body: &str| super::mode(&form::decode(body));
        assert_eq!(
            (
                mode("is_test=0"),
                mode("is_test=1"),
                mode("is_test=True"),
                mode("x=1")
            ),
            (Mode::Live, Mode::DryRun, Mode::DryRun, Mode::Live)
        );
    }

    #[test]
    fn a_recheck_says_why() {
        let recheck = |body: &str| super::recheck(&form::decode(body));
        assert_eq!(recheck("recheck_reason=edit"), Some(Recheck::Edit));
        assert_eq!(recheck("recheck_reason=wp-cli"), Some(Recheck::CommandLine));
        assert_eq!(recheck("recheck_reason=cron"), Some(Recheck::Other));
        assert_eq!(recheck("recheck_reason=&x=1"), None);
    }

    #[test]
    fn a_comment_is_read_without_the_copies_of_the_request() {
        let comment = read(
            "comment_content=hay&POST_comment=vay&user_ip=127.0.0.1&blog_lang=vi,%20en_US&content_type=Reply&comment_date_gmt=nonsense&comment_context[]=a",
        );
        assert_eq!(
            (
                comment.text.as_str(),
                comment.request.ip,
                comment.page.kind.as_deref()
            ),
            ("hay", None, Some("reply"))
        );
        assert_eq!(comment.page.languages, ["vi", "en"]);
        assert_eq!(comment.page.context, ["a"]);
    }
}
