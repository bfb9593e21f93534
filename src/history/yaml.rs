//! One mapping of YAML in, its members out, as JSON has them. Lists are left out, and so is what an
//! anchor would repeat, so that a small file stays small. It opens nothing.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

/// Deepest nesting of mappings and lists; a comment needs two.
const DEEPEST: usize = 64;

/// Reads the first document of a text.
///
/// # Errors
///
/// It is no YAML, or not a mapping. The error says which, as a reason that many files may share.
pub(super) fn mapping(text: &str) -> Result<Map<String, Value>, &'static str> {
    const NO_YAML: &str = "it is no YAML";
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|_| NO_YAML)?;
        let value = match event {
            Event::MappingStart(..) | Event::SequenceStart(..) if open.len() == DEEPEST => {
                return Err("its values stand in one another too deeply");
            }
            Event::MappingStart(..) => {
                open.push(Open::Mapping(Map::new(), None));
                continue;
            }
            Event::SequenceStart(..) => {
                open.push(Open::List);
                continue;
            }
            Event::SequenceEnd => {
                open.pop();
                None
            }
            Event::MappingEnd => match open.pop() {
                Some(Open::Mapping(members, _)) if open.is_empty() => return Ok(members),
                Some(Open::Mapping(members, _)) => Some(Value::Object(members)),
                _ => return Err(NO_YAML),
            },
            Event::Alias(_) => None,
            Event::Scalar(text, style, ..) => Some(match (style, text.as_ref()) {
                (ScalarStyle::Plain, "" | "~" | "null" | "Null" | "NULL") => Value::Null,
                _ => Value::String(text.into_owned()),
            }),
            Event::StreamEnd | Event::DocumentEnd => break,
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => continue,
        };
        let Some(Open::Mapping(members, key)) = open.last_mut() else {
            match open.is_empty() {
                true => break,
                false => continue,
            }
        };
        match (key.take(), value) {
            (None, Some(Value::String(name))) => *key = Some(name),
            (None, _) => *key = Some(String::new()),
            (Some(name), Some(value)) => {
                members.insert(name, value);
            }
            (Some(_), None) => {}
        }
    }
    Err("it is no comment: it has no names with values")
}

/// Something that has begun and not ended.
enum Open {
    /// Its members, and the name whose value follows.
    Mapping(Map<String, Value>, Option<String>),
    List,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn read(text: &str) -> String {
        Value::Object(mapping(text).expect("a mapping")).to_string()
    }

    #[test]
    fn a_comment_is_read_with_its_quotes_blocks_and_nested_values() {
        let text = "---\n_id: 7\nname: 'An: \"ơi\"'\nmessage: >-\n  hay\n  quá\n\n  lắm\n\
                    tags: [a, {b: c}]\nreply: {to: \"x\\ny\"}\nnone: ~\nword: \"~\"\n";
        assert_eq!(
            read(text),
            "{\"_id\":\"7\",\"name\":\"An: \\\"ơi\\\"\",\"message\":\"hay quá\\nlắm\",\
             \"reply\":{\"to\":\"x\\ny\"},\"none\":null,\"word\":\"~\"}"
        );
    }

    #[test]
    fn what_is_no_mapping_or_hostile_is_told_in_words() {
        for text in [
            "- a\n- b\n",
            "just words",
            "",
            "a: [",
            "a: 'b",
            "? {",
            "\t- x: y",
        ] {
            assert!(mapping(text).is_err(), "{text:?}");
        }
        // An anchor that is used again and again adds nothing.
        assert_eq!(
            read("a: &a {b: c}\nd: *a\ne: 1\n"),
            "{\"a\":{\"b\":\"c\"},\"e\":\"1\"}"
        );
        for deep in [
            "{a: ".repeat(100_000),
            "[".repeat(100_000),
            "- ".repeat(100_000),
        ] {
            assert!(mapping(&deep).is_err());
        }
    }
}
