//! Named values and how they are asked for. Knows no wire format.

/// Named values in the order sent.
///
/// They lie in one text, because a check has sixty of them and most are never asked for.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Fields {
    text: String,
    fields: Vec<Extent>,
}

/// Where a field lies: its name from `start` to `middle`, its value from there to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) start: usize,
    pub(super) middle: usize,
    pub(super) end: usize,
}

impl Fields {
    /// Fields that lie in this text; every extent begins and ends between two characters.
    pub(super) fn of(text: String, fields: Vec<Extent>) -> Self {
        Self { text, fields }
    }

    /// Adds a field behind the others.
    pub(super) fn push(&mut self, name: &str, value: &str) {
        let start = self.text.len();
        self.text.push_str(name);
        let middle = self.text.len();
        self.text.push_str(value);
        let end = self.text.len();
        self.fields.push(Extent { start, middle, end });
    }

    fn pairs(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> {
        self.fields.iter().map(|at| {
            (
                &self.text[at.start..at.middle],
                &self.text[at.middle..at.end],
            )
        })
    }

    /// The last value of a name: of a repeated name the last wins. A PHP array counts as the name
    /// repeated: `name[]`, `name[0]`.
    pub(crate) fn last(&self, name: &str) -> Option<&str> {
        self.pairs()
            .rev()
            .find(|(n, _)| *n == name || is_element(n, name))
            .map(|(_, value)| value)
    }

    /// The last value of a name that is not blank.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.last(name)
            .map(str::trim)
            .filter(|value| !value.is_empty())
    }

    /// All values of a list, spelt `name[]=`, `name[0]=` or `name=a, b`.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let many = self
            .pairs()
            .filter(|(n, _)| is_element(n, name))
            .map(|(_, v)| v.trim().to_owned());
        let one = self.pairs().rev().find(|(n, _)| *n == name);
        let one = one
            .into_iter()
            .flat_map(|(_, v)| v.split(','))
            .map(|v| v.trim().to_owned());
        many.chain(one).filter(|v| !v.is_empty()).collect()
    }
}

/// Whether a field is an element of the PHP array of that name.
fn is_element(field: &str, name: &str) -> bool {
    // Most fields are told apart by this one byte.
    field.as_bytes().get(name.len()) == Some(&b'[')
        && field.ends_with(']')
        && field.starts_with(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        let mut fields = Fields::default();
        for (name, value) in pairs {
            fields.push(name, value);
        }
        fields
    }

    #[test]
    fn lists_come_in_three_spellings() {
        for pairs in [
            &[("t[]", "a"), ("t[]", "b")][..],
            &[("t[0]", "a"), ("t[1]", "b")],
            &[("t", "a, b")],
        ] {
            assert_eq!(fields(pairs).list("t"), ["a", "b"], "{pairs:?}");
        }
    }

    #[test]
    fn an_array_is_a_name_repeated() {
        let fields = fields(&[("t[]", "a"), ("t[x][y]", "b"), ("tt[]", "c"), ("u", " ")]);
        assert_eq!(fields.last("t"), Some("b"));
        assert_eq!(
            (fields.last("u"), fields.filled("u"), fields.last("v")),
            (Some(" "), None, None)
        );
    }
}
