//! PHP's `serialize` format in, values out; enough of it for WordPress meta. It never reads objects
//! and references, which no meta that we read has.

/// A value of PHP.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Php {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    Array(Vec<(Php, Php)>),
}

/// Deepest nesting. Deeper values are no meta that we read, and would use up the stack.
const DEEPEST: usize = 16;

impl Php {
    /// Reads a serialised value; `None` if it is none, or has something behind it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut rest = text.trim().as_bytes();
        let value = value(&mut rest, DEEPEST)?;
        rest.is_empty().then_some(value)
    }

    /// The value of an array under a name.
    pub(super) fn of(&self, name: &str) -> Option<&Self> {
        let Self::Array(pairs) = self else {
            return None;
        };
        pairs
            .iter()
            .find(|(key, _)| matches!(key, Self::Text(key) if key == name))
            .map(|(_, value)| value)
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }
}

fn value(rest: &mut &[u8], depth: usize) -> Option<Php> {
    let depth = depth.checked_sub(1)?;
    let kind = take(rest, 2)?;
    match kind {
        b"N;" => Some(Php::Null),
        b"b:" => Some(Php::Bool(until(rest, b';')? == "1")),
        b"i:" | b"d:" => Some(Php::Number(until(rest, b';')?.parse().ok()?)),
        b"s:" => {
            let length: usize = until(rest, b':')?.parse().ok()?;
            expect(rest, b"\"")?;
            let text = String::from_utf8_lossy(take(rest, length)?).into_owned();
            expect(rest, b"\";")?;
            Some(Php::Text(text))
        }
        b"a:" => {
            let count: usize = until(rest, b':')?.parse().ok()?;
            expect(rest, b"{")?;
            let mut pairs = Vec::new();
            for _ in 0..count {
                pairs.push((value(rest, depth)?, value(rest, depth)?));
            }
            expect(rest, b"}")?;
            Some(Php::Array(pairs))
        }
        _ => None,
    }
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}

fn expect(rest: &mut &[u8], what: &[u8]) -> Option<()> {
    *rest = rest.strip_prefix(what)?;
    Some(())
}

fn until<'a>(rest: &mut &'a [u8], end: u8) -> Option<&'a str> {
    let at = rest.iter().position(|&b| b == end)?;
    let word = std::str::from_utf8(&rest[..at]).ok()?;
    *rest = &rest[at + 1..];
    Some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_akismet_history_is_read() {
        let entry = Php::parse(
            "a:4:{s:4:\"time\";d:1709209805.25;s:5:\"event\";s:11:\"report-spam\";s:4:\"user\";s:3:\"Hà\";s:4:\"meta\";a:1:{i:0;b:1;}}",
        );
        // "Hà" has three bytes.
        let entry = entry.expect("well serialised");
        assert_eq!(
            entry.of("time").and_then(Php::number),
            Some(1_709_209_805.25)
        );
        assert_eq!(entry.of("user").and_then(Php::text), Some("Hà"));
        assert_eq!(
            entry.of("meta"),
            Some(&Php::Array(vec![(Php::Number(0.0), Php::Bool(true))]))
        );
        assert_eq!(entry.of("none"), None);
    }

    #[test]
    fn nothing_malformed_is_read() {
        for text in [
            "",
            "true",
            "s:9:\"short\";",
            "a:2:{i:0;i:1;}",
            "a:99999999999:{",
            "O:8:\"stdClass\":0:{}",
            "i:1;i:2;",
            "s:18446744073709551615:\"",
        ] {
            assert_eq!(Php::parse(text), None, "{text}");
        }
        let deep = format!("{}N;{}", "a:1:{i:0;".repeat(100), "}".repeat(100));
        assert_eq!(Php::parse(&deep), None);
    }
}
