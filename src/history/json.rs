//! JSON in, comments out, read by a [`Mapping`]. Objects stand one a line, in one array, or in
//! lists anywhere in one value. A first walk finds which lists hold the comments, of which system
//! they are, and what the system keeps apart from them. A row that cannot be read is reported by
//! its line.

use std::collections::HashMap;
use std::io::BufRead;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::broken::Broken;
use super::mapping::Mapping;
use super::objects::{Found, Objects};
use super::outline::{self, Choice, Outline, Spot};
use super::past_comment::{Damage, Row};
use super::side::{self, Side};
use super::systems::System;
use super::walk::{Placed, Walk};
use super::{cells, charset, known_systems};

/// Objects that are looked at before it is believed that they are the comments.
const LOOKED_AT: usize = 200;

type Object = Map<String, Value>;

/// How the comments of a file are found in it.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    mapping: Mapping,
    /// The lists that hold them; none if they stand one a line, or in one array.
    spots: Option<Choice>,
    joined: Arc<Joined>,
}

/// What a system keeps apart from its comments: the name of a list and an id to an object.
type Joined = HashMap<(&'static str, String), Object>;

impl Plan {
    /// Looks through a file.
    ///
    /// # Errors
    ///
    /// No list in it has objects with a text, or it cannot be read.
    pub(super) fn make(
        mapping: Mapping,
        damage: Damage,
        open: &mut dyn FnMut() -> Result<Box<dyn BufRead>, Broken>,
    ) -> Result<Self, Broken> {
        if let Some(system) = simple(&mapping, charset::open(open()?)?.0) {
            return Ok(Self {
                mapping: mapping.of_system(system),
                ..Self::default()
            });
        }
        let mut outline = Outline::default();
        let mut joined = Joined::new();
        let mut walk = Walk::new(charset::open(open()?)?.0);
        match look(&mut walk, &mapping, &mut outline, &mut joined) {
            Err(broken) if damage == Damage::TakeBefore && broken.leaves_a_part() => {}
            result => result?,
        }
        match outline.choose() {
            Some(choice) => Ok(Self {
                mapping: mapping.of_system(choice.system),
                joined: Arc::new(joined),
                spots: Some(choice),
            }),
            None if outline.is_empty() => Ok(Self::default()),
            None => Err(no_text(&mapping, &outline.columns())),
        }
    }

    /// Whose comments they are, if that is known.
    pub(super) fn system(&self) -> Option<&'static System> {
        self.mapping.system()
    }

    /// The comments of a file that was looked through.
    pub(super) fn rows(
        &self,
        input: Box<dyn BufRead>,
    ) -> Result<impl Iterator<Item = Result<Row, Broken>> + use<>, Broken> {
        let (input, _) = charset::open(input)?;
        let plan = self.clone();
        let mut reader = match &plan.spots {
            Some(_) => Reader::Walk(Walk::new(input)),
            None => Reader::Objects(Objects::new(input)),
        };
        let mut ended = false;
        Ok(std::iter::from_fn(move || {
            while !ended {
                match reader.step() {
                    Ok(Some(placed)) => {
                        if let Some(row) = plan.row(placed) {
                            return Some(Ok(row));
                        }
                    }
                    Ok(None) => ended = true,
                    Err(broken) => {
                        ended = true;
                        return Some(Err(broken));
                    }
                }
            }
            None
        }))
    }

    /// The row at a place, if the comments stand there.
    fn row(&self, placed: Placed) -> Option<Row> {
        let Placed { place, found } = placed;
        let unreadable = |why| {
            Some(Row::Unreadable {
                place: format!("line {}", found.line),
                why,
            })
        };
        let Some(choice) = &self.spots else {
            return match found.object {
                // The backup of Remark42 begins with its users, LeanCloud's with its classes.
                Ok(object) if found.line == 1 && self.is_heading(&object) => None,
                Ok(object) => Some(self.read(object, found.line)),
                Err(why) => unreadable(why),
            };
        };
        let mut spot = Spot::at(&place);
        let mut object = match found.object {
            Ok(object) => object,
            Err(why) if choice.spots.contains(&spot) => return unreadable(why),
            Err(_) => return None,
        };
        let is_row = |object: &Object| {
            let text = self.mapping.names("text");
            text.iter().any(|name| cells::is_plain(object, name))
        };
        if choice.spots.contains(&spot) && is_row(&object) {
            return Some(self.read(object, found.line));
        }
        for wanted in choice.spots.iter().filter(|wanted| wanted.place == place) {
            let Some(name) = &wanted.inner else { continue };
            if let Some(Value::Object(inner)) = object.remove(name) {
                return Some(self.read(inner, found.line));
            }
        }
        spot.inner = None;
        match choice.spots.contains(&spot) {
            true => unreadable("it has no text".to_owned()),
            false => None,
        }
    }

    fn is_heading(&self, object: &Object) -> bool {
        self.system().is_some()
            && !self
                .mapping
                .finds("text", |name| cells::is_there(object, name))
    }

    fn read(&self, mut object: Object, line: usize) -> Row {
        for join in self.system().map_or(&[][..], |system| system.joins) {
            let Some(id) = cells::cell(&object, join.by) else {
                continue;
            };
            if !object.get(join.under).is_some_and(Value::is_object)
                && let Some(entry) = self.joined.get(&(join.list, id))
            {
                object.insert(join.under.to_owned(), Value::Object(entry.clone()));
            }
        }
        self.mapping.read(&|name| cells::cell(&object, name), line)
    }
}

enum Reader {
    Walk(Walk),
    Objects(Objects),
}

impl Reader {
    fn step(&mut self) -> Result<Option<Placed>, Broken> {
        Ok(match self {
            Self::Walk(walk) => walk.step()?,
            Self::Objects(objects) => objects.step()?.map(|found| Placed {
                place: String::new(),
                found,
            }),
        })
    }
}

/// Whether the objects of a file stand one a line or in one array and are the comments; then, of
/// which system.
fn simple(mapping: &Mapping, input: Box<dyn BufRead>) -> Option<Option<&'static System>> {
    let mut objects = Objects::new(input);
    let mut outline = Outline::default();
    for at in 0..LOOKED_AT {
        // What breaks off is reported by the walk that follows.
        let Ok(Some(found)) = objects.step() else {
            break;
        };
        match found {
            Found { is_begin: true, .. } if at == 0 => return None,
            Found {
                object: Ok(object), ..
            } => {
                if outline::holds_rows(&object, mapping) {
                    return None;
                }
                outline.see("", &object, mapping);
            }
            Found { object: Err(_), .. } => {}
        }
    }
    let choice = outline.choose()?;
    choice
        .spots
        .contains(&Spot::at(""))
        .then_some(choice.system)
}

/// Sees all objects of a file, and keeps what a system joins to its comments.
fn look(
    walk: &mut Walk,
    mapping: &Mapping,
    outline: &mut Outline,
    joined: &mut Joined,
) -> Result<(), Broken> {
    let mut side = Side::of("people and pages");
    while let Some(Placed { place, found }) = walk.step()? {
        let Ok(object) = found.object else {
            outline.see_unreadable(&place);
            continue;
        };
        outline.see(&place, &object, mapping);
        let list = place.rsplit('.').next().unwrap_or("");
        let Some(join) = known_systems::joins().find(|join| join.list == list) else {
            continue;
        };
        let Some(id) = cells::cell(&object, "id").map(side::cut) else {
            continue;
        };
        let kept: Object = join
            .keeps
            .iter()
            .filter_map(|name| {
                let text = side::cut(cells::cell(&object, name)?);
                Some(((*name).to_owned(), Value::String(text)))
            })
            .collect();
        let texts: usize = kept.values().filter_map(Value::as_str).map(str::len).sum();
        side.keep(id.len() + texts + 256)?;
        joined.insert((join.list, id), kept);
    }
    Ok(())
}

/// What to say where no column can hold the text.
fn no_text(mapping: &Mapping, there: &str) -> Broken {
    Broken::Other(match mapping.is_given() {
        true => format!(
            "there is no column for the text among: {there}; name it with --map text=COLUMN"
        ),
        false => format!(
            "no column looks like the text of a comment; name it with --map text=COLUMN,label=COLUMN; there are: {there}"
        ),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn all(text: &str) -> Result<Vec<Row>, Broken> {
        let mut open = || Ok(Box::new(Cursor::new(text.as_bytes().to_vec())) as Box<dyn BufRead>);
        let plan = Plan::make(Mapping::default(), Damage::Refuse, &mut open)?;
        plan.rows(open()?)?.collect()
    }

    #[track_caller]
    fn texts(text: &str) -> Vec<String> {
        let told = |row| match row {
            Row::Comment(past) => past.comment.text,
            Row::Unreadable { place, why } => format!("{place}: {why}"),
        };
        all(text).expect("readable").into_iter().map(told).collect()
    }

    #[test]
    fn objects_one_a_line_in_an_array_or_deeper_give_the_same_rows() {
        let lines = "{\"author\":{\"name\":\"An\"},\"Text\":\"a\",\"label\":\"spam\"}\n[]\n";
        assert_eq!(texts(lines), ["a", "line 2: it is no JSON object"]);
        for json in [
            "[{\"text\":\"a\"},{\"text\":\"b\"}]",
            "{\"text\":\"a\"}\n{\"text\":\"b\"}",
            "#filetype:JSON-streaming {\"class\":\"Comment\"}\n{\"text\":\"a\"}\n{\"text\":\"b\"}",
            "{\"x\":{\"y\":[{\"text\":\"a\"},{\"text\":\"b\"}]},\"z\":[{\"name\":1}]}",
            "{\n\"rows\": [\n{\"text\":\"a\"},\n{\"text\":\"b\"}\n]\n}",
            "[{\"page\":1,\"rows\":[{\"text\":\"a\"}]},{\"page\":2,\"rows\":[{\"text\":\"b\"}]}]",
            "{\"rows\":[{\"comment\":{\"text\":\"a\"}},{\"comment\":{\"text\":\"b\"}}]}",
        ] {
            assert_eq!(texts(json), ["a", "b"], "{json}");
        }
        // An answer ends before what it answers.
        let tree = "[{\"text\":\"a\",\"replies\":[{\"text\":\"b\",\"replies\":[]}]}]";
        assert_eq!(texts(tree), ["b", "a"]);
        assert!(texts("[]").is_empty() && texts("{\"rows\":[]}").len() == 1);
    }

    #[test]
    fn where_no_list_has_a_text_the_columns_are_told() {
        let refused = |json| all(json).expect_err("no text").to_string();
        assert!(refused("{\"a\":1}\n").contains("there are: a"));
        let deep = refused("{\"data\":[{\"words\":\"a\",\"by\":\"An\"}]}");
        assert!(deep.contains("data: words, by"), "{deep}");
        assert!(refused("{\"rows\":[{\"text\":{\"x\":1}}]}").contains("rows: text"));
    }
}
