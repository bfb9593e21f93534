//! A text that starts with `[` in, its first bbcode tag with name and value out. A name that no
//! forum knows as a tag is never taken for one.

/// Longest bbcode tag, in bytes. Without a limit, many lone `[` would make the scan quadratic.
const LONGEST_BBCODE: usize = 2_000;

const BBCODE_TAGS: [&str; 16] = [
    "url", "link", "img", "b", "i", "u", "s", "color", "size", "quote", "code", "center", "font",
    "list", "email", "youtube",
];

/// A bbcode tag.
pub(super) struct BbTag<'a> {
    pub(super) name: String,
    pub(super) closes: bool,
    /// Of `[url=value]`.
    pub(super) value: Option<&'a str>,
    pub(super) len: usize,
}

impl<'a> BbTag<'a> {
    /// The tag that starts at the first byte, if there is one. `[1]` is not a tag.
    pub(super) fn at_start(text: &'a str) -> Option<Self> {
        let window = &text[..text.floor_char_boundary(LONGEST_BBCODE)];
        let end = window.find(']')?;
        let body = window[1..end].trim_end();
        let inner = body.strip_prefix('/').unwrap_or(body);
        let length = inner.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let (name, rest) = inner.split_at(length);
        let name = name.to_ascii_lowercase();
        let is_known = BBCODE_TAGS.contains(&&*name)
            && rest.chars().next().is_none_or(|c| c == '=' || c == ' ');
        let value = rest.trim_start_matches(['=', ' ']).trim();
        let value = value.trim_matches(['"', '\'']);
        is_known.then_some(Self {
            name,
            closes: inner.len() < body.len(),
            value: (!value.is_empty()).then_some(value),
            len: end + 1,
        })
    }
}
