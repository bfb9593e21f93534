//! Text with HTML and bbcode in, plain text, link targets and quoted stretches out. It never
//! validates markup, and never escapes what it keeps.

use std::borrow::Cow;
use std::convert::Infallible;
use std::ops::Range;

use html5gum::emitters::callback::{Callback, CallbackEmitter, CallbackEvent};
use html5gum::{Error, Span, Tokenizer};

use super::bbcode::BbTag;
use super::links::Place;
use super::shape::is_emoji;
use super::undone::Undone;

/// A text without its markup.
#[derive(Debug, Default, PartialEq)]
pub struct Plain<'a> {
    /// The text a browser would show.
    pub text: Cow<'a, str>,
    /// Targets of links and images.
    pub targets: Vec<Target>,
    /// The stretches of the text that are quoted from others, as byte ranges in order.
    pub quotes: Vec<Range<usize>>,
}

/// Where a tag points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// As written, entities decoded.
    pub address: String,
    /// `Markup`, or `Quote` or `Mention`.
    pub place: Place,
}

/// How often entities are decoded. A form may escape markup twice and a proxy once more; deeper
/// nesting is left as it is.
const ENTITY_ROUNDS: usize = 3;

/// Tags that end a word on the screen. Others (`<b>`, `<span>`) may be inside a word and leave no
/// gap.
const BLOCK_TAGS: [&str; 17] = [
    "p",
    "br",
    "div",
    "li",
    "ul",
    "ol",
    "td",
    "tr",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "blockquote",
    "pre",
    "hr",
    "img",
];

/// Decodes entities, removes tags and bbcode.
pub fn strip<'a>(text: &'a str, undone: &mut Undone) -> Plain<'a> {
    if !holds_any(text, *b"&<[") {
        return Plain {
            text: Cow::Borrowed(text),
            ..Plain::default()
        };
    }
    let mut shown = Shown::default();
    shown.html(text, ENTITY_ROUNDS);
    undone.entities += shown.entities;
    undone.tags += shown.tags;
    undone.bbcode += shown.bbcode;
    let end = shown.text.len();
    if let Some(start) = shown.open_quote {
        shown.quotes.push(start..end);
    }
    Plain {
        text: Cow::Owned(shown.text),
        targets: shown.targets,
        quotes: shown.quotes,
    }
}

/// The byte ranges of the source that HTML shows as text; bbcode is left in.
pub(super) fn shown_ranges(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let take = |event: CallbackEvent<'_>, span: Span<usize>| -> Option<Infallible> {
        if let CallbackEvent::String { .. } = event {
            ranges.push(span.start..span.end);
        }
        None
    };
    let emitter = CallbackEmitter::<_, Infallible, usize>::new(take);
    Tokenizer::new_with_emitter(text, emitter).for_each(drop);
    ranges
}

/// Whether any of these bytes is in the text. It looks at whole blocks, because the compiler makes
/// a few wide comparisons of them.
fn holds_any(text: &str, wanted: [u8; 3]) -> bool {
    text.as_bytes().chunks(64).any(|block| {
        block
            .iter()
            .fold(false, |found, byte| found | wanted.contains(byte))
    })
}

/// What has been read so far.
#[derive(Default)]
struct Shown {
    text: String,
    targets: Vec<Target>,
    quotes: Vec<Range<usize>>,
    entities: u32,
    tags: u32,
    bbcode: u32,
    /// Number of open quotes, and where the outermost begins.
    quote_depth: u32,
    open_quote: Option<usize>,
    /// Where the words of the open link begin, and the place of its target in `targets`.
    open_link: Option<(usize, usize)>,
}

impl Shown {
    /// Reads HTML. Text with decoded entities is read again, up to `rounds` times in all.
    fn html(&mut self, text: &str, rounds: usize) {
        if rounds == 0 || !text.contains(['<', '&']) {
            return self.with_bbcode(text);
        }
        let (mut read, mut is_cut) = (0, false);
        let events = Events {
            source: text,
            shown: self,
            rounds,
            read: &mut read,
            is_cut: &mut is_cut,
            tag: Tag::default(),
            attribute: Attribute::Other,
        };
        // All work is done in the events; the tokenizer yields no tokens.
        let emitter = CallbackEmitter::<_, Infallible, usize>::new(events);
        Tokenizer::new_with_emitter(text, emitter).for_each(drop);
        if is_cut {
            self.with_bbcode(text.get(read..).unwrap_or(""));
        }
    }

    /// Takes bbcode off a stretch of text and adds the rest.
    fn with_bbcode(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find('[') {
            self.text.push_str(&rest[..at]);
            rest = &rest[at..];
            let Some(tag) = BbTag::at_start(rest) else {
                self.text.push('[');
                rest = &rest[1..];
                continue;
            };
            self.bbcode += 1;
            match (tag.name.as_str(), tag.closes) {
                ("quote", closes) => self.quote(closes),
                ("url" | "link", true) => self.close_link(),
                ("url" | "link" | "img", false) => {
                    if let Some(address) = tag.value {
                        self.target(address);
                    }
                }
                _ => {}
            }
            self.end_word(&tag.name);
            rest = &rest[tag.len..];
        }
        self.text.push_str(rest);
    }

    fn end_word(&mut self, tag: &str) {
        if BLOCK_TAGS.contains(&tag) {
            self.text.push('\n');
        }
    }

    fn quote(&mut self, closes: bool) {
        if !closes {
            self.quote_depth += 1;
            let here = self.text.len();
            self.open_quote.get_or_insert(here);
            return;
        }
        self.quote_depth = self.quote_depth.saturating_sub(1);
        if self.quote_depth == 0
            && let Some(start) = self.open_quote.take()
        {
            self.quotes.push(start..self.text.len());
        }
    }

    fn target(&mut self, address: &str) {
        let address = address.trim();
        if address.is_empty() {
            return;
        }
        let place = match self.open_quote {
            Some(_) => Place::Quote,
            None => Place::Markup,
        };
        self.targets.push(Target {
            address: address.to_owned(),
            place,
        });
    }

    fn open_link(&mut self, address: &str) {
        let before = self.targets.len();
        self.target(address);
        self.open_link = (self.targets.len() > before).then_some((self.text.len(), before));
    }

    /// A link is a mention if its words are `@name` or `#word`. Its class does not count, because
    /// anybody can set it.
    fn close_link(&mut self) {
        let Some((start, target)) = self.open_link.take() else {
            return;
        };
        let words = self.text.get(start..).unwrap_or("").trim();
        let is_mention = words.starts_with(['@', '#'])
            && words.len() > 1
            && !words.contains(char::is_whitespace);
        if is_mention && let Some(target) = self.targets.get_mut(target) {
            target.place = Place::Mention;
        }
    }
}

/// A start tag while its attributes come in.
#[derive(Default)]
struct Tag {
    start: usize,
    name: String,
    href: Option<String>,
    src: Option<String>,
    alt: Option<String>,
    class: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Attribute {
    Href,
    Src,
    Alt,
    Class,
    Other,
}

/// Receives the tokenizer's events.
struct Events<'s, 't> {
    source: &'t str,
    shown: &'s mut Shown,
    rounds: usize,
    /// Bytes of the source that are read.
    read: &'s mut usize,
    /// Whether the source ends within a tag.
    is_cut: &'s mut bool,
    tag: Tag,
    attribute: Attribute,
}

impl Callback<Infallible, usize> for Events<'_, '_> {
    fn handle_event(&mut self, event: CallbackEvent<'_>, span: Span<usize>) -> Option<Infallible> {
        match event {
            CallbackEvent::String { value } => self.string(value, span),
            CallbackEvent::OpenStartTag { name } => {
                self.tag = Tag {
                    start: span.start,
                    name: String::from_utf8_lossy(name).into_owned(),
                    ..Tag::default()
                };
            }
            CallbackEvent::AttributeName { name } => {
                self.attribute = match name {
                    b"href" => Attribute::Href,
                    b"src" => Attribute::Src,
                    b"alt" => Attribute::Alt,
                    b"class" => Attribute::Class,
                    _ => Attribute::Other,
                };
            }
            CallbackEvent::AttributeValue { value } => {
                let value = String::from_utf8_lossy(value).into_owned();
                let tag = &mut self.tag;
                // Of two attributes of one name browsers take the first.
                match self.attribute {
                    Attribute::Href => _ = tag.href.get_or_insert(value),
                    Attribute::Src => _ = tag.src.get_or_insert(value),
                    Attribute::Alt => _ = tag.alt.get_or_insert(value),
                    Attribute::Class => tag.class = value,
                    Attribute::Other => {}
                }
                self.attribute = Attribute::Other;
            }
            CallbackEvent::CloseStartTag { .. } => self.start_tag(span.end),
            CallbackEvent::EndTag { name } => {
                let name = String::from_utf8_lossy(name);
                self.end_tag(&name, span);
            }
            CallbackEvent::Comment { .. } => self.comment(span),
            CallbackEvent::Doctype { .. } => self.as_written(span.start, span.end),
            // A tag that never ends hides the rest of a text in browsers, but not from people who
            // read the source, so the rest is read as text.
            CallbackEvent::Error(Error::EofInTag) => *self.is_cut = true,
            CallbackEvent::Error(_) => {}
        }
        None
    }
}

impl Events<'_, '_> {
    fn string(&mut self, value: &[u8], span: Span<usize>) {
        let value = String::from_utf8_lossy(value);
        let source = self.source.get(*self.read..span.end).unwrap_or("");
        let decoded = count(source, b'&').saturating_sub(count(&value, b'&'));
        self.shown.entities += decoded as u32;
        *self.read = span.end.max(*self.read);
        // Decoded text may be markup that was escaped, so it is read again.
        let is_escaped = decoded > 0 || source.contains("&amp;");
        let rounds = if is_escaped { self.rounds - 1 } else { 0 };
        self.shown.html(&value, rounds);
    }

    fn start_tag(&mut self, end: usize) {
        let tag = std::mem::take(&mut self.tag);
        if !is_name(&tag.name) {
            return self.as_written(tag.start, end);
        }
        *self.read = end;
        self.shown.tags += 1;
        match tag.name.as_str() {
            "a" => self.shown.open_link(tag.href.as_deref().unwrap_or("")),
            "blockquote" => self.shown.quote(false),
            "img" if is_emoji_image(&tag) => {
                self.shown.text.push_str(tag.alt.as_deref().unwrap_or(""));
                return;
            }
            _ => {
                for address in [&tag.href, &tag.src].into_iter().flatten() {
                    self.shown.target(address);
                }
            }
        }
        self.shown.end_word(&tag.name);
    }

    fn end_tag(&mut self, name: &str, span: Span<usize>) {
        if !is_name(name) {
            return self.as_written(span.start, span.end);
        }
        *self.read = span.end;
        self.shown.tags += 1;
        match name {
            "a" => self.shown.close_link(),
            "blockquote" => self.shown.quote(true),
            _ => {}
        }
        self.shown.end_word(name);
    }

    /// `<!-- x -->` is not shown; `<?php x ?>` and `</3` are no comments to those who write them.
    fn comment(&mut self, span: Span<usize>) {
        let source = self.source.get(*self.read..span.end).unwrap_or("");
        if source.starts_with("<!--") && source.ends_with("-->") {
            *self.read = span.end;
            self.shown.tags += 1;
        } else {
            self.as_written(*self.read, span.end);
        }
    }

    /// Keeps as text what HTML takes for markup and people do not:
    fn as_written(&mut self, start: usize, end: usize) {
        let source = self.source.get(start.max(*self.read)..end).unwrap_or("");
        self.shown.with_bbcode(source);
        *self.read = end.max(*self.read);
    }
}

fn count(text: &str, byte: u8) -> usize {
    text.bytes().filter(|&b| b == byte).count()
}

fn is_name(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Whether an image is an emoji or smiley, as blogs insert them. It is no link.
fn is_emoji_image(tag: &Tag) -> bool {
    let mut classes = tag.class.split_ascii_whitespace();
    let alt = tag.alt.as_deref().unwrap_or("");
    let is_picture = alt.len() <= 32 && alt.chars().any(is_emoji) || alt.len() <= 8;
    let from_wordpress = ["//s.w.org/images/core/emoji/", "/images/smilies/"];
    is_picture
        && (classes.any(|class| class.contains("emoji") || class.contains("smiley"))
            || tag
                .src
                .as_deref()
                .is_some_and(|src| from_wordpress.iter().any(|place| src.contains(place))))
}

#[cfg(test)]
mod tests;
