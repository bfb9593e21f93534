//! Named values and how they are asked for. Knows no wire format.

/// Named values in the order sent.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::http) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The last value of a name: of a repeated name the last wins. A PHP array counts as the name
    /// repeated: `name[]`, `name[0]`.
    pub(in crate::http) fn last(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .rev()
            .find(|(n, _)| n == name || is_element(n, name))
            .map(|(_, value)| value.as_str())
    }

    /// The last value of a name that is not blank.
    pub(in crate::http) fn filled(&self, name: &str) -> Option<&str> {
        self.last(name)
            .map(str::trim)
            .filter(|value| !value.is_empty())
    }

    /// All values of a list, spelt `name[]=`, `name[0]=` or `name=a, b`.
    pub(in crate::http) fn list(&self, name: &str) -> Vec<String> {
        let many = self
            .0
            .iter()
            .filter(|(n, _)| is_element(n, name))
            .map(|(_, v)| v.trim().to_owned());
        let one = self.0.iter().rev().find(|(n, _)| n == name);
        let one = one
            .into_iter()
            .flat_map(|(_, v)| v.split(','))
            .map(|v| v.trim().to_owned());
        many.chain(one).filter(|v| !v.is_empty()).collect()
    }
}

impl FromIterator<(String, String)> for Fields {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

/// Whether a field is an element of the PHP array of that name.
fn is_element(field: &str, name: &str) -> bool {
    field
        .strip_prefix(name)
        .is_some_and(|rest| rest.starts_with('[') && rest.ends_with(']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        let owned = pairs
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()));
        owned.collect()
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
