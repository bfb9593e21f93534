//! A comment in, the same comment cut to limits out. What is within the limits is never changed.

use super::fields::Comment;

impl Comment {
    /// A bare comment of which only the text is known.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// Cuts what is longer than a person types: of the text the middle, so that `max_text_bytes`
    /// are left, of other fields what is beyond [`MAX_FIELD_BYTES`]. The memory of what was cut is
    /// given back.
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

    /// Memory of its texts, in bytes.
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

/// Bytes of a field other than the text that are kept; the longest addresses that browsers send
/// stay whole.
pub const MAX_FIELD_BYTES: usize = 8_192;
/// Tags and languages of a page that are kept.
const MAX_LISTED: usize = 64;

/// Cuts a text to this many bytes at most, between two characters, and gives the memory of the rest
/// back.
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

/// The parts that are kept of a long text: its beginning and its end, three to one, with a line
/// break between. Both ends, because spam may be hidden behind much harmless text.
pub fn ends_of(text: &str, max_bytes: usize) -> Option<(&str, &str)> {
    if text.len() <= max_bytes {
        return None;
    }
    let room = max_bytes.saturating_sub(1);
    let beginning = &text[..text.floor_char_boundary(room - room / 4)];
    let end = &text[text.ceil_char_boundary(text.len() - room / 4)..];
    Some((beginning, end))
}

/// Leaves out the middle of a text that is longer than so many bytes. Done again, it changes
/// nothing.
pub fn leave_out_the_middle(text: &mut String, max_bytes: usize) {
    if let Some((beginning, end)) = ends_of(text, max_bytes) {
        // `format!` would take more memory than it fills.
        *text = [beginning, end].join("\n");
    }
}

#[cfg(test)]
mod tests {
    use super::super::fields::Origin;
    use super::*;

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
}
