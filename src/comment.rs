//! What somebody wrote, and where: the comment as phin sees it, free of any wire format.
//!
//! Everything but the text may be unknown (`None`), and unknown is not the same as empty: a corpus without
//! e-mail addresses must not teach the model that a missing address means anything.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

mod likeness;

pub use likeness::Likeness;

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
    /// What the form saw the visitor do.
    pub behaviour: Behaviour,
    /// What its platform calls it: to find it again and to answer, never a reason for a verdict.
    #[serde(default)]
    pub origin: Origin,
}

/// What the platform calls a comment, and where it wants to hear of it again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Its name for the page commented on.
    pub post: Option<String>,
    /// Its name for the comment answered to.
    pub parent: Option<String>,
    /// When it was written, in milliseconds since 1970, by the platform's clock.
    pub written_at: Option<i64>,
    /// Where the platform wants to hear that a verdict has changed; as sent, not to be trusted.
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

/// A place in a comment where something that a list names can stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Spot {
    /// The words of the text.
    Words,
    /// The host of a link in the text.
    Link,
    /// The host of the author's home page.
    Home,
    /// The domain of the author's e-mail address.
    Email,
}

impl Spot {
    /// All of them. The order is part of the buckets of a list.
    pub const ALL: [Self; 4] = [Self::Words, Self::Link, Self::Home, Self::Email];
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

/// Why a comment is checked that was checked before. It is no repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Recheck {
    /// It stood in the platform's queue of comments to look at again.
    #[serde(rename = "recheck_queue")]
    Queue,
    /// The first check got no answer.
    #[serde(rename = "retry")]
    Retry,
    /// An operator asked for it on the command line.
    #[serde(rename = "wp-cli")]
    CommandLine,
    /// Its author or a moderator changed it.
    #[serde(rename = "edit")]
    Edit,
    /// We asked for it.
    #[serde(rename = "recheck")]
    Asked,
    /// The platform has a reason of its own.
    #[serde(rename = "other")]
    Other,
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

impl Comment {
    /// A bare comment of which only the text is known.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// Cuts what is longer than anything a person types: of the text the middle, so that `max_text_bytes` are left, of other fields what is beyond
    /// [`MAX_FIELD_BYTES`]. What was cut away takes no memory any more.
    pub fn cut(&mut self, max_text_bytes: usize) {
        leave_out_the_middle(&mut self.text, max_text_bytes);
        let fields = [
            &mut self.author.name,
            &mut self.author.email,
            &mut self.author.url,
            &mut self.request.user_agent,
            &mut self.request.accept_language,
            &mut self.page.permalink,
            &mut self.page.kind,
            &mut self.origin.post,
            &mut self.origin.parent,
            &mut self.origin.callback,
        ];
        for field in fields.into_iter().flatten() {
            cut(field, MAX_FIELD_BYTES);
        }
        for list in [&mut self.page.languages, &mut self.page.context] {
            cut_list(list);
        }
    }

    /// Memory that its words take, in bytes.
    pub fn bytes(&self) -> usize {
        let fields = [
            &self.author.name,
            &self.author.email,
            &self.author.url,
            &self.request.user_agent,
            &self.request.accept_language,
            &self.page.permalink,
            &self.page.kind,
            &self.origin.post,
            &self.origin.parent,
            &self.origin.callback,
        ];
        let of_lists = [&self.page.languages, &self.page.context].map(|list| {
            let values = list.iter().map(String::capacity);
            values.sum::<usize>() + list.capacity() * size_of::<String>()
        });
        let of_fields = fields.into_iter().flatten().map(String::capacity);
        self.text.capacity() + of_fields.sum::<usize>() + of_lists.iter().sum::<usize>()
    }
}

/// Bytes of a field other than the text that are kept; the longest addresses that browsers send stay whole.
pub const MAX_FIELD_BYTES: usize = 8_192;
/// Tags and languages of a page that are kept.
const MAX_LISTED: usize = 64;

/// Cuts a text to so many bytes, at a character, and gives the memory of the rest back.
pub fn cut(text: &mut String, max_bytes: usize) {
    if text.len() > max_bytes {
        text.truncate(text.floor_char_boundary(max_bytes));
        text.shrink_to_fit();
    }
}

/// Cuts a list to [`MAX_LISTED`] values that have [`MAX_FIELD_BYTES`] together.
fn cut_list(list: &mut Vec<String>) {
    let mut room = MAX_FIELD_BYTES;
    list.truncate(MAX_LISTED);
    for value in list.iter_mut() {
        cut(value, room);
        room -= value.len();
    }
    list.retain(|value| !value.is_empty());
    list.shrink_to_fit();
}

/// What is kept of a long text: its beginning and its end, three to one, with a line break between. Both ends, for whoever hides something hides it behind much
/// that says nothing.
pub fn ends_of(text: &str, max_bytes: usize) -> Option<(&str, &str)> {
    if text.len() <= max_bytes {
        return None;
    }
    let room = max_bytes.saturating_sub(1);
    let beginning = &text[..text.floor_char_boundary(room - room / 4)];
    let end = &text[text.ceil_char_boundary(text.len() - room / 4)..];
    Some((beginning, end))
}

/// Leaves out the middle of a text that is longer than so many bytes. Done again, it changes nothing.
pub fn leave_out_the_middle(text: &mut String, max_bytes: usize) {
    if let Some((beginning, end)) = ends_of(text, max_bytes) {
        // `format!` would take more memory than it fills.
        *text = [beginning, end].join("\n");
    }
}

/// A site, named by the normalised address of its front page: `example.com/blog`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SiteId(String);

impl SiteId {
    /// The longest name of a site, in bytes: as long as a host name may be. A dozen places of the store begin with it, so an invented one is dear.
    pub const MAX_BYTES: usize = 255;

    /// Reads a front-page address as clients spell it; scheme, `www.`, port 80/443, case and trailing slashes do not matter.
    pub fn parse(address: &str) -> Result<Self, BadSite> {
        let trimmed = address.trim();
        let with_scheme = if trimmed.contains("://") {
            trimmed.to_owned()
        } else {
            format!("http://{trimmed}")
        };
        let url = url::Url::parse(&with_scheme).map_err(|_| BadSite::no_address(trimmed))?;
        let host = url
            .host_str()
            .filter(|h| !h.is_empty())
            .ok_or_else(|| BadSite::no_address(trimmed))?;
        let host = host.strip_prefix("www.").unwrap_or(host);
        let port = url
            .port()
            .filter(|p| ![80, 443].contains(p))
            .map(|p| format!(":{p}"))
            .unwrap_or_default();
        let site = format!("{host}{port}{}", url.path().trim_end_matches('/'));
        if site.len() > Self::MAX_BYTES {
            return Err(BadSite::TooLong(begin(&site)));
        }
        Ok(Self(site))
    }

    /// The normalised address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SiteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A front-page address nobody can make a site of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSite {
    /// It is no address.
    #[error("{0:?} is not the address of a site; expected something like https://blog.example")]
    NoAddress(String),
    /// It is too long.
    #[error(
        "{0:?} is too long for the address of a site; send that of its front page, {max} bytes at most",
        max = SiteId::MAX_BYTES
    )]
    TooLong(String),
}

impl BadSite {
    fn no_address(text: &str) -> Self {
        Self::NoAddress(begin(text))
    }
}

/// How a text begins: what is told need not be all of it.
fn begin(text: &str) -> String {
    match text.char_indices().nth(100) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// Identity of a comment on its site: the same submission checked, edited by a moderator or reported again has the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CommentId(pub u64);

impl CommentId {
    /// Derives the id from what every client sends back with a report (site, author, e-mail, address, page, text). Take the comment of the check
    /// where there is one: a report may lack the address or say the text in another way ([`Likeness`]).
    pub fn of(site: &SiteId, comment: &Comment) -> Self {
        let mut bytes = Vec::with_capacity(comment.text.len() + 128);
        let mut field = |value: &str| {
            bytes.extend_from_slice(value.trim().as_bytes());
            bytes.push(0);
        };
        field(site.as_str());
        field(comment.author.name.as_deref().unwrap_or(""));
        field(comment.author.email.as_deref().unwrap_or(""));
        field(
            &comment
                .request
                .ip
                .map(|ip| ip.to_string())
                .unwrap_or_default(),
        );
        field(comment.origin.post.as_deref().unwrap_or(""));
        field(&comment.text);
        Self(rapidhash::v3::rapidhash_v3(&bytes))
    }
}

impl fmt::Display for CommentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn site(address: &str, expected: &str) {
        assert_eq!(
            SiteId::parse(address).map(|s| s.to_string()),
            Ok(expected.to_owned())
        );
    }

    #[test]
    fn one_site_has_one_name_however_it_is_spelt() {
        site("https://Blog.Example/", "blog.example");
        site("http://www.blog.example", "blog.example");
        site("blog.example:8080/vi/", "blog.example:8080/vi");
        site("https://blog.example:443//", "blog.example");
    }

    #[test]
    fn nonsense_is_no_site() {
        assert!(SiteId::parse("").is_err());
        assert!(SiteId::parse("http://").is_err());
        let long = |bytes: usize| SiteId::parse(&format!("b.example/{}", "a".repeat(bytes)));
        assert!(long(SiteId::MAX_BYTES - 10).is_ok());
        assert!(long(SiteId::MAX_BYTES - 9).is_err_and(|bad| bad.to_string().len() < 300));
    }

    #[test]
    fn what_nobody_types_is_cut_at_a_character() {
        let mut comment = Comment::from_text("ệ".repeat(10));
        comment.author.name = Some("ệ".repeat(MAX_FIELD_BYTES));
        comment.page.context = vec!["a".into(); 1_000];
        comment.cut(10);
        let name = comment.author.name.map(|name| name.len());
        assert_eq!(
            (comment.text.as_str(), name, comment.page.context.len()),
            ("ệệ\n", Some(MAX_FIELD_BYTES / 3 * 3), MAX_LISTED)
        );
    }

    #[test]
    fn what_was_cut_takes_no_memory() {
        let long = || "z".repeat(1 << 20);
        let mut comment = Comment::from_text(long());
        comment.author.name = Some(long());
        comment.origin = Origin {
            post: Some(long()),
            parent: Some(long()),
            callback: Some(long()),
            written_at: None,
        };
        comment.page.context = vec![long(); 100];
        comment.cut(10_000);
        let bytes = comment.bytes();
        let fields = 4 * MAX_FIELD_BYTES + MAX_FIELD_BYTES + MAX_LISTED * size_of::<String>();
        assert!(bytes <= 10_000 + fields, "{bytes}");
        assert_eq!(comment.origin.post.map(|p| p.len()), Some(MAX_FIELD_BYTES));
    }

    #[test]
    fn both_ends_of_a_long_text_are_kept() {
        let mut text = format!("begin {} end", "ệ".repeat(1_000));
        leave_out_the_middle(&mut text, 100);
        assert!(text.starts_with("begin ") && text.ends_with(" end") && text.contains('\n'));
        assert!((90..=100).contains(&text.len()), "{}", text.len());
        let again = text.clone();
        leave_out_the_middle(&mut text, 100);
        assert_eq!(text, again);
        let mut short = "as it is".to_owned();
        leave_out_the_middle(&mut short, 8);
        assert_eq!(short, "as it is");
    }

    #[test]
    fn the_id_ignores_outer_space_and_notices_the_author() {
        let site = SiteId::parse("blog.example").expect("a site");
        let one = Comment::from_text("xin chào");
        let same = Comment::from_text(" xin chào\n");
        let mut other = one.clone();
        other.author.name = Some("An".into());
        assert_eq!(CommentId::of(&site, &one), CommentId::of(&site, &same));
        assert_ne!(CommentId::of(&site, &one), CommentId::of(&site, &other));
    }
}
