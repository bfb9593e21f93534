//! A row's cells in, what a comment system means by them out: what became of the comment, and
//! whether the site's own people wrote it. A type with its reading; `known_systems` has the systems
//! themselves. It labels nothing.

use super::past_comment::Fate;

/// Any value that says yes or names something.
pub(super) const ANY: &str = "*";

/// A column, and what its values say: a fate, or nothing, so that the next column is asked.
pub(super) type Sign = (&'static str, &'static [(&'static str, Option<Fate>)]);

/// Where a system keeps apart what belongs to a comment: people, or pages.
#[derive(Debug)]
pub(super) struct Join {
    /// The list that has it.
    pub(super) list: &'static str,
    /// The column of a comment that names the entry by its id.
    pub(super) by: &'static str,
    /// The object that the entry becomes in the comment.
    pub(super) under: &'static str,
    /// What is kept of it.
    pub(super) keeps: &'static [&'static str],
}

/// A comment system whose rows are known by their columns.
#[derive(Debug)]
pub(super) struct System {
    /// The begin of the ids of its comments.
    pub(super) name: &'static str,
    /// What a reader calls it.
    pub(super) title: &'static str,
    /// Of each group one column must be there. All systems before this one lack some.
    pub(super) marks: &'static [&'static [&'static str]],
    /// Field to columns.
    pub(super) columns: &'static [(&'static str, &'static [&'static str])],
    /// Columns that are filled where a comment answers another.
    pub(super) parents: &'static [&'static str],
    /// Asked in turn; the first that says something holds.
    pub(super) signs: &'static [Sign],
    /// What became of a comment of which no column says anything.
    pub(super) otherwise: Fate,
    /// Columns, and their values where the site's own people wrote the comment.
    pub(super) staff: &'static [(&'static str, &'static [&'static str])],
    pub(super) joins: &'static [Join],
}

type Cell<'a> = &'a dyn Fn(&str) -> Option<String>;

impl System {
    /// Whether a row with these columns may be of this system.
    pub(super) fn fits(&self, there: &dyn Fn(&str) -> bool) -> bool {
        let any = |group: &&[&str]| group.iter().any(|column| there(column));
        self.marks.iter().all(any)
    }

    pub(super) fn columns_of(&self, field: &str) -> &'static [&'static str] {
        let found = self.columns.iter().find(|(name, _)| *name == field);
        found.map_or(&[], |(_, columns)| columns)
    }

    pub(super) fn fate(&self, cell: Cell<'_>) -> Result<Fate, String> {
        let mut unknown = None;
        for (column, meanings) in self.signs {
            let Some(value) = filled(cell, column) else {
                continue;
            };
            let folded = value.trim().to_lowercase();
            let meaning = meanings
                .iter()
                .find(|(name, _)| *name == folded || (*name == ANY && !says_no(&folded)));
            match meaning {
                Some((_, Some(fate))) => return Ok(*fate),
                Some((_, None)) => {}
                None if says_no(&folded) => {}
                None => unknown = Some(format!("its {column} {value:?} is not known")),
            }
        }
        match unknown {
            Some(why) => Err(why),
            None => Ok(self.otherwise),
        }
    }

    pub(super) fn is_staff(&self, cell: Cell<'_>) -> bool {
        self.staff.iter().any(|(column, values)| {
            let value = filled(cell, column).unwrap_or_default();
            let value = value.trim().to_lowercase();
            values.contains(&value.as_str()) || (values.contains(&ANY) && !says_no(&value))
        })
    }

    /// What kind of comment it is.
    pub(super) fn kind(&self, cell: Cell<'_>) -> String {
        let mut named = self.columns_of("type").iter();
        let named = named.find_map(|column| filled(cell, column));
        if let Some(kind) = named.filter(|kind| kind != "comment") {
            return kind.to_lowercase();
        }
        let answers = |column: &&str| {
            filled(cell, column).is_some_and(|parent| !says_no(&parent) && parent != "root")
        };
        match self.parents.iter().any(answers) {
            true => "reply".to_owned(),
            false => "comment".to_owned(),
        }
    }
}

fn filled(cell: Cell<'_>, column: &str) -> Option<String> {
    cell(column).filter(|value| !value.trim().is_empty())
}

fn says_no(value: &str) -> bool {
    matches!(value.trim(), "" | "0" | "false" | "no" | "null")
}
