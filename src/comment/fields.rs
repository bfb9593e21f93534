//! A comment and its fields: author, request, page. Types alone: nothing is computed.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// One comment with all that is known about its author, request and page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Comment {
    /// The text as submitted; HTML, bbcode and any Unicode allowed.
    pub text: String,
    /// Who signed it.
    pub author: Author,
    /// How it arrived.
    pub request: Request,
    /// Where it was to appear.
    pub page: Page,
    /// What the form noticed.
    pub behaviour: Behaviour,
    /// The names its platform uses for it, to find it again and to answer. Never a reason for a
    /// verdict.
    #[serde(default)]
    pub origin: Origin,
}

/// The names that the platform uses for a comment, and where it wants to be told of a changed
/// verdict.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Its name for the page commented on.
    pub post: Option<String>,
    /// Its name for the comment that this one answers.
    pub parent: Option<String>,
    /// When it was written, in milliseconds since 1970, by the platform's clock.
    pub written_at: Option<i64>,
    /// The address that is told when the verdict changes; as sent, not to be trusted.
    pub callback: Option<String>,
}

/// The fields an author types about themself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Author {
    /// Display name.
    pub name: Option<String>,
    /// E-mail address; the part before the `@` may be missing or hashed.
    pub email: Option<String>,
    /// Home page typed into the form.
    pub url: Option<String>,
}

/// The HTTP request behind the comment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The author's address; loopback and private addresses are dropped at the door.
    pub ip: Option<IpAddr>,
    /// The author's browser.
    pub user_agent: Option<String>,
    /// `Accept-Language` of the browser.
    pub accept_language: Option<String>,
}

/// The page commented on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Its address.
    pub permalink: Option<String>,
    /// Languages of the site, as ISO 639-1 codes (`vi`, `en`), most important first.
    pub languages: Vec<String>,
    /// Tags, categories or title of the page.
    pub context: Vec<String>,
    /// comment, reply, forum-post, contact-form, pingback, ... in lower case.
    pub kind: Option<String>,
}

/// What the form noticed; filled only by platforms that send it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Behaviour {
    /// Whether a field hidden from people was filled in.
    pub honeypot: Option<Honeypot>,
    /// What became of the form's nonce.
    pub nonce: Option<Nonce>,
    /// Key presses seen while writing.
    pub key_presses: Option<u32>,
    /// Whether the browser's clock was sent, i.e. JavaScript ran.
    pub browser_clock: Option<BrowserClock>,
}

/// State of the hidden form field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Honeypot {
    /// Left alone, as a person does.
    Empty,
    /// Filled in, as a bot does.
    Filled,
}

/// State of the form's nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Nonce {
    /// The form had been loaded before it was sent.
    Passed,
    /// It had not: an API call or a bot.
    Failed,
}

/// Whether the form's script ran in a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BrowserClock {
    /// A plausible clock in milliseconds came back.
    Ticked,
    /// Only the placeholder came back: no JavaScript ran.
    Silent,
}
