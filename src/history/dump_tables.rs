//! A dump in, the INSERTs out that go into tables of comments and of what belongs to them, with the
//! names of their columns. It knows the tables by their names and columns, and keeps no row.

use std::collections::HashMap;
use std::io::BufRead;

use super::broken::Broken;
use super::charset::{self, Charset};
use super::dump::{Dump, Statement};
use super::known_systems;
use super::side::Side;
use super::sql_value::Value;
use super::systems::System;

/// A table of WordPress: `wp_3_` and `comments`.
pub(super) fn split_name(table: &str) -> Option<(&str, &'static str)> {
    // Typecho calls its posts contents.
    ["commentmeta", "comments", "posts", "contents", "options"]
        .into_iter()
        .find_map(|name| Some((table.strip_suffix(name)?, name)))
        .filter(|(prefix, _)| prefix.is_empty() || prefix.ends_with('_'))
}

/// WordPress's own order, for dumps that neither create tables nor name columns.
fn usual_columns(name: &str) -> Vec<String> {
    let columns: &[&str] = match name {
        "comments" => &[
            "comment_ID",
            "comment_post_ID",
            "comment_author",
            "comment_author_email",
            "comment_author_url",
            "comment_author_IP",
            "comment_date",
            "comment_date_gmt",
            "comment_content",
            "comment_karma",
            "comment_approved",
            "comment_agent",
            "comment_type",
            "comment_parent",
            "user_id",
        ],
        "commentmeta" => &["meta_id", "comment_id", "meta_key", "meta_value"],
        "options" => &["option_id", "option_name", "option_value", "autoload"],
        _ => &["ID", "post_author"],
    };
    columns.iter().map(|column| (*column).to_owned()).collect()
}

/// A table that is not WordPress's, with the columns of a system that is known.
pub(super) const OTHER: &str = "another system's";

pub(super) fn system_of(columns: &[String]) -> Option<&'static System> {
    known_systems::of(&|name| {
        columns
            .iter()
            .any(|column| column.eq_ignore_ascii_case(name))
    })
}

/// Prefix, name and columns of a table of WordPress that rows go into.
pub(super) type Insert = (String, &'static str, Vec<String>);

/// A dump whose rows come with the names of their columns.
pub(super) struct Tables {
    pub(super) dump: Dump,
    pub(super) charset: Charset,
    pub(super) created: HashMap<String, Vec<String>>,
    side: Side,
}

impl Tables {
    pub(super) fn open(input: Box<dyn BufRead>) -> Result<Self, Broken> {
        let (input, charset) = charset::open(input)?;
        Ok(Self {
            dump: Dump::new(input),
            charset,
            created: HashMap::new(),
            side: Side::of("tables"),
        })
    }

    /// The next INSERT into a table of WordPress.
    pub(super) fn insert(&mut self) -> Result<Option<Insert>, Broken> {
        while let Some(statement) = self.dump.statement()? {
            match statement {
                Statement::Create { table, columns } => {
                    let names: usize = columns.iter().map(|column| column.len() + 24).sum();
                    self.side.keep(table.len() + names)?;
                    self.created.insert(table, columns);
                }
                Statement::Insert { table, columns } => {
                    let (prefix, name) = match split_name(&table) {
                        Some((prefix, name)) => (prefix, name),
                        None => (table.as_str(), OTHER),
                    };
                    let columns = match (columns.is_empty(), self.created.get(&table)) {
                        (false, _) => columns,
                        (true, Some(created)) => created.clone(),
                        (true, None) if name == OTHER => continue,
                        (true, None) => usual_columns(name),
                    };
                    if name == OTHER && system_of(&columns).is_none() {
                        continue;
                    }
                    return Ok(Some((prefix.to_owned(), name, columns)));
                }
            }
        }
        Ok(None)
    }

    pub(super) fn text(&self, row: &[Value], columns: &[String], column: &str) -> String {
        let at = columns.iter().position(|c| c == column);
        at.and_then(|at| row.get(at))
            .map(|value| value.text(self.charset))
            .unwrap_or_default()
    }
}

/// Whether a table of comments with these columns is WordPress's.
pub(super) fn is_wordpress(columns: &[String]) -> bool {
    columns.iter().any(|column| column == "comment_content")
}
