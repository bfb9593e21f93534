//! A comment in, a number out that is the same for the comment as it was checked and as it is
//! reported. What platforms change in between is left out. Pure (docs/DECISIONS.md, "A report is
//! matched to its check by letters and signs").
//!
//! WordPress removes tags that it does not allow, writes `&` as `&amp;` and an emoji as a number,
//! and adds `rel` to links; forms change line ends; old clients add backslashes. So of names and
//! texts only the letters and signs between the tags count, without blanks.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::fields::Comment;
use super::site::SiteId;

/// What a check and the report that answers it have in common. The sender's address, the page and
/// the date are not in it: a report may lack them, so they choose among the checks that are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Likeness(pub u64);

impl Likeness {
    /// Of a comment on a site.
    pub fn of(site: &SiteId, comment: &Comment) -> Self {
        let mut bytes = Vec::with_capacity(comment.text.len() + 128);
        bytes.extend_from_slice(site.as_str().as_bytes());
        let author = &comment.author;
        for part in [
            author.name.as_deref().unwrap_or(""),
            &author.email.as_deref().unwrap_or("").to_ascii_lowercase(),
            &comment.text,
        ] {
            bytes.push(0);
            squeeze(part, &mut bytes);
        }
        Self(rapidhash::v3::rapidhash_v3(&bytes))
    }
}

/// Adds what is left of a text without tags, entities, spaces and backslashes.
fn squeeze(text: &str, into: &mut Vec<u8>) {
    let bare = without_tags(text);
    for c in htmlize::unescape(&*bare).chars() {
        match c {
            // Blanks and controls of ASCII, without a search of tables.
            '\0'..=' ' | '\\' | '\x7f' => {}
            _ if c.is_ascii() => into.push(c as u8),
            _ if c.is_whitespace() || c.is_control() => {}
            _ => into.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// Cuts `<a ...>`, `</a>` and `<!-- -->` out; a `<` that opens nothing stays.
fn without_tags(text: &str) -> Cow<'_, str> {
    if !text.contains('<') {
        return Cow::Borrowed(text);
    }
    let mut bare = String::with_capacity(text.len());
    let mut rest = text;
    // Whether a `>` may follow. After the end is searched once in vain it is not searched again;
    // otherwise a text of nothing but `<a` would take time with the square of its length.
    let mut closes = true;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        bare.push_str(before);
        let opens = tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        let end = if opens && closes { tag.find('>') } else { None };
        closes &= !opens || end.is_some();
        if end.is_none() {
            bare.push('<');
        }
        rest = &tag[end.unwrap_or(0) + 1..];
    }
    bare.push_str(rest);
    Cow::Owned(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Likeness {
        let site = SiteId::parse("blog.example").expect("a site");
        Likeness::of(&site, &Comment::from_text(text))
    }

    #[track_caller]
    fn alike(checked: &str, reported: &str) {
        assert_eq!(of(checked), of(reported), "{checked:?} and {reported:?}");
    }

    #[test]
    fn what_a_platform_changes_on_the_way_does_not_matter() {
        alike("one\r\ntwo  three", " one\ntwo three\n");
        alike("Tom & Jerry < 5 > 3", "Tom &amp; Jerry &lt; 5 &gt; 3");
        alike("it's \"fine\"", "it\\'s &quot;fine&#34;");
        alike("hay quá 🎉", "hay quá &#x1f389;");
        alike(
            "see <a href=\"http://x.test\">here</a><script>x</script>",
            "see <a href=\"http://x.test\" rel=\"nofollow ugc\">here</a>x",
        );
        alike("a<br/>b", "a<br />\nb");
    }

    #[test]
    fn other_words_signs_or_authors_are_another_comment() {
        assert_ne!(of("+1"), of("-1"));
        assert_ne!(of("hay quá"), of("hay qua"));
        assert_ne!(of("a < b"), of("a b"));
        let site = SiteId::parse("blog.example").expect("a site");
        let mut signed = Comment::from_text("+1");
        signed.author.name = Some("An".into());
        assert_ne!(Likeness::of(&site, &signed), of("+1"));
    }
}
