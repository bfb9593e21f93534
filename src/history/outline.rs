//! The objects of a JSON file in, one by one; which of its lists hold the comments, and of which
//! system they are, out. No row is kept: of each list the names of its columns are.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::cells;
use super::known_systems;
use super::mapping::Mapping;
use super::systems::System;

/// Lists that are told apart. An honest export has a dozen.
const MOST_LISTS: usize = 500;

/// Columns that are remembered of a list, and lists and columns that a message names.
const MOST_COLUMNS: usize = 60;
const TOLD_LISTS: usize = 6;
const TOLD_COLUMNS: usize = 12;

/// Where rows stand: the place of a list, and the member of its objects that is the row, if the
/// objects themselves are none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    pub(super) place: String,
    pub(super) inner: Option<String>,
}

impl Spot {
    pub(super) fn at(place: &str) -> Self {
        Self {
            place: place.to_owned(),
            inner: None,
        }
    }
}

/// The lists of a file.
#[derive(Debug, Default)]
pub(super) struct Outline {
    spots: BTreeMap<Spot, Rows>,
    /// Objects without a text: place to columns.
    others: BTreeMap<String, Vec<String>>,
    /// Places of objects that cannot be read.
    unreadable: BTreeSet<Spot>,
}

#[derive(Debug)]
struct Rows {
    count: usize,
    system: Option<&'static System>,
    text: String,
    columns: BTreeSet<String>,
}

/// The lists that hold the comments.
#[derive(Debug, Clone, Default)]
pub(super) struct Choice {
    pub(super) spots: BTreeSet<Spot>,
    pub(super) system: Option<&'static System>,
}

/// Whose row it is, and the column of its text.
fn text_of<'a>(
    object: &Map<String, Value>,
    mapping: &'a Mapping,
) -> Option<(Option<&'static System>, &'a str)> {
    let system = known_systems::of(&|column| cells::is_there(object, column));
    let names = mapping.columns_for("text", system);
    let name = names
        .into_iter()
        .find(|name| cells::is_plain(object, name))?;
    Some((system, name))
}

/// Whether an object has a list of further rows in it: answers, or the comments of a page.
pub(super) fn holds_rows(object: &Map<String, Value>, mapping: &Mapping) -> bool {
    object.values().any(|value| match value {
        Value::Array(list) => list.iter().any(|item| {
            item.as_object()
                .is_some_and(|o| text_of(o, mapping).is_some())
        }),
        _ => false,
    })
}

impl Outline {
    pub(super) fn see(&mut self, place: &str, object: &Map<String, Value>, mapping: &Mapping) {
        if let Some((system, text)) = text_of(object, mapping) {
            return self.count(Spot::at(place), object, system, text);
        }
        for (name, value) in object {
            if let Value::Object(inner) = value
                && let Some((system, text)) = text_of(inner, mapping)
            {
                let spot = Spot {
                    inner: Some(name.clone()),
                    ..Spot::at(place)
                };
                return self.count(spot, inner, system, text);
            }
        }
        // An object that holds nothing but lists is no row.
        if object.is_empty() {
            return;
        }
        if self.others.len() < TOLD_LISTS && !self.others.contains_key(place) {
            let columns = object.keys().take(TOLD_COLUMNS).cloned().collect();
            self.others.insert(place.to_owned(), columns);
        }
    }

    pub(super) fn see_unreadable(&mut self, place: &str) {
        if self.unreadable.len() < MOST_LISTS {
            self.unreadable.insert(Spot::at(place));
        }
    }

    fn count(
        &mut self,
        spot: Spot,
        object: &Map<String, Value>,
        system: Option<&'static System>,
        text: &str,
    ) {
        if let Some(rows) = self.spots.get_mut(&spot) {
            rows.count += 1;
            rows.system = rows.system.or(system);
        } else if self.spots.len() < MOST_LISTS {
            let rows = Rows {
                count: 1,
                system,
                text: text.to_owned(),
                columns: object.keys().take(MOST_COLUMNS).cloned().collect(),
            };
            self.spots.insert(spot, rows);
        }
    }

    /// The list with the most rows, one of a known system before all others; and those that hold
    /// rows of the same kind, such as answers. Where no row can be read, the lists that have some.
    pub(super) fn choose(&self) -> Option<Choice> {
        let best = self
            .spots
            .iter()
            .max_by_key(|(spot, rows)| (rows.system.is_some(), rows.count, spot.inner.is_none()));
        let Some((_, best)) = best else {
            return (!self.unreadable.is_empty()).then(|| Choice {
                spots: self.unreadable.clone(),
                system: None,
            });
        };
        let is_like = |rows: &Rows| match (best.system, rows.system) {
            (Some(one), Some(other)) => one.name == other.name,
            (None, None) => {
                let shared = best.columns.intersection(&rows.columns).count();
                best.text == rows.text && shared * 2 >= best.columns.len()
            }
            _ => false,
        };
        let like = self.spots.iter().filter(|(_, rows)| is_like(rows));
        let spots: BTreeSet<Spot> = like.map(|(spot, _)| spot.clone()).collect();
        let places: BTreeSet<&str> = spots.iter().map(|spot| spot.place.as_str()).collect();
        let unreadable = self.unreadable.iter();
        let unreadable = unreadable.filter(|spot| places.contains(spot.place.as_str()));
        Some(Choice {
            system: best.system,
            spots: spots.iter().chain(unreadable).cloned().collect(),
        })
    }

    /// Whether there is any object.
    pub(super) fn is_empty(&self) -> bool {
        self.spots.is_empty() && self.others.is_empty() && self.unreadable.is_empty()
    }

    /// The columns of the lists without a text, for a message.
    pub(super) fn columns(&self) -> String {
        let told = |(place, columns): (&String, &Vec<String>)| match place.is_empty() {
            true => columns.join(", "),
            false => format!("{place}: {}", columns.join(", ")),
        };
        self.others.iter().map(told).collect::<Vec<_>>().join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(rows: &[(&str, &str)]) -> Outline {
        let mut outline = Outline::default();
        for (place, json) in rows {
            let object = serde_json::from_str(json).expect("JSON");
            outline.see(place, &object, &Mapping::default());
        }
        outline
    }

    #[track_caller]
    fn spots(rows: &[(&str, &str)]) -> Vec<(String, Option<String>)> {
        let choice = outline(rows).choose().expect("there are rows");
        choice
            .spots
            .into_iter()
            .map(|spot| (spot.place, spot.inner))
            .collect()
    }

    #[test]
    fn the_list_with_the_most_texts_is_chosen_and_its_answers_with_it() {
        let row = "{\"body\":\"a\",\"by\":\"An\"}";
        let found = spots(&[
            ("pages", "{\"text\":\"a page\",\"slug\":\"x\"}"),
            ("data.comments", row),
            ("data.comments", row),
            ("data.comments.replies", row),
            ("users", "{\"name\":\"An\"}"),
        ]);
        assert_eq!(
            found,
            [
                ("data.comments".into(), None),
                ("data.comments.replies".into(), None)
            ]
        );
    }

    #[test]
    fn a_known_system_comes_before_longer_lists_and_a_row_may_be_a_member() {
        let waline = "{\"nick\":\"An\",\"comment\":\"a\",\"ua\":\"\",\"status\":\"spam\",\
                      \"objectId\":1}";
        let found = spots(&[
            ("notes", "{\"text\":\"a\"}"),
            ("notes", "{\"text\":\"b\"}"),
            ("rows", &format!("{{\"item\":{waline},\"score\":1}}")),
        ]);
        assert_eq!(found, [("rows".into(), Some("item".into()))]);
    }

    #[test]
    fn lists_without_a_text_are_told_by_their_columns() {
        let outline = outline(&[("", "{\"a\":1}"), ("data.users", "{\"id\":1,\"age\":2}")]);
        assert!(outline.choose().is_none() && !outline.is_empty());
        assert_eq!(outline.columns(), "a; data.users: id, age");
    }
}
