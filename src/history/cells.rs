//! A JSON object and the name of a column in, the cell out: a member by its name, without case, or
//! `a.b` for what is nested. It reads nothing.

use serde_json::{Map, Value};

/// What stands under a name.
fn find<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let own = object.get(name).or_else(|| {
        let mut members = object.iter();
        members
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    });
    own.or_else(|| {
        let (outer, inner) = name.split_once('.')?;
        find(find(object, outer)?.as_object()?, inner)
    })
}

/// A text, or a number or word as it is written.
pub(super) fn cell(object: &Map<String, Value>, name: &str) -> Option<String> {
    match find(object, name)? {
        Value::String(text) => Some(text.clone()),
        Value::Null | Value::Object(_) | Value::Array(_) => None,
        other => Some(other.to_string()),
    }
}

/// Whether anything has this name.
pub(super) fn is_there(object: &Map<String, Value>, name: &str) -> bool {
    find(object, name).is_some()
}

/// Whether it is a cell, be it an empty one: no object and no list.
pub(super) fn is_plain(object: &Map<String, Value>, name: &str) -> bool {
    find(object, name).is_some_and(|value| !value.is_object() && !value.is_array())
}
