//! The tables of WordPress in a dump in, its comments out. Akismet's meta comes before the
//! comments, their posts and options behind them. So a first pass collects these, and of each it
//! keeps only what a comment needs. It reads any prefix, and networks of sites that each have their
//! own tables. It labels nothing.

use std::collections::{HashMap, HashSet};
use std::io::BufRead;
use std::sync::Arc;

use super::broken::Broken;
use super::charset::{self, Charset};
use super::dump::{Dump, Statement};
use super::past_comment::{Damage, Row, too_long};
use super::side;
use super::side::Side;
use super::sql_value::Value;
use super::wordpress::{self, Columns, Meta};

/// What the comments of each site need from other tables.
#[derive(Debug, Clone, Default)]
pub(super) struct SideTables(Arc<HashMap<String, Site>>);

/// One site of a dump, known by the prefix of its tables.
#[derive(Debug, Default)]
struct Site {
    home: Option<String>,
    meta: HashMap<String, Meta>,
    posts: HashMap<String, Post>,
    /// Users who wrote posts.
    authors: HashSet<String>,
}

#[derive(Debug)]
struct Post {
    address: String,
    title: String,
}

/// A table of WordPress: `wp_3_` and `comments`.
fn split_name(table: &str) -> Option<(&str, &'static str)> {
    ["commentmeta", "comments", "posts", "options"]
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

/// Prefix, name and columns of a table of WordPress that rows go into.
type Insert = (String, &'static str, Vec<String>);

/// A dump whose rows come with the names of their columns.
struct Tables {
    dump: Dump,
    charset: Charset,
    created: HashMap<String, Vec<String>>,
    side: Side,
}

impl Tables {
    fn open(input: Box<dyn BufRead>) -> Result<Self, Broken> {
        let (input, charset) = charset::open(input)?;
        Ok(Self {
            dump: Dump::new(input),
            charset,
            created: HashMap::new(),
            side: Side::of("tables"),
        })
    }

    /// The next INSERT into a table of WordPress.
    fn insert(&mut self) -> Result<Option<Insert>, Broken> {
        while let Some(statement) = self.dump.statement()? {
            match statement {
                Statement::Create { table, columns } => {
                    let names: usize = columns.iter().map(|column| column.len() + 24).sum();
                    self.side.keep(table.len() + names)?;
                    self.created.insert(table, columns);
                }
                Statement::Insert { table, columns } => {
                    let Some((prefix, name)) = split_name(&table) else {
                        continue;
                    };
                    let columns = match (columns.is_empty(), self.created.get(&table)) {
                        (false, _) => columns,
                        (true, Some(created)) => created.clone(),
                        (true, None) => usual_columns(name),
                    };
                    return Ok(Some((prefix.to_owned(), name, columns)));
                }
            }
        }
        Ok(None)
    }

    fn text(&self, row: &[Value], columns: &[String], column: &str) -> String {
        let at = columns.iter().position(|c| c == column);
        at.and_then(|at| row.get(at))
            .map(|value| value.text(self.charset))
            .unwrap_or_default()
    }
}

impl SideTables {
    /// Reads a whole dump but its comments.
    pub(super) fn read(input: Box<dyn BufRead>, damage: Damage) -> Result<Self, Broken> {
        let mut tables = Tables::open(input)?;
        let mut sites = HashMap::new();
        match gather(&mut tables, &mut sites) {
            Err(broken) if damage == Damage::TakeBefore && broken.leaves_a_part() => {}
            result => result?,
        }
        Ok(Self(Arc::new(sites)))
    }
}

fn gather(tables: &mut Tables, sites: &mut HashMap<String, Site>) -> Result<(), Broken> {
    let mut side = Side::of("posts and meta");
    while let Some((prefix, name, columns)) = tables.insert()? {
        if name == "comments" {
            continue;
        }
        side.keep(prefix.len())?;
        let site = sites.entry(prefix).or_default();
        while let Some(row) = tables.dump.row()? {
            let text = |column: &str| tables.text(&row, &columns, column);
            match name {
                "commentmeta" => {
                    let key = text("meta_key");
                    if Meta::hears(&key) {
                        let id = side::cut(text("comment_id"));
                        side.keep(id.len())?;
                        let meta = site.meta.entry(id).or_default();
                        meta.take(&key, &text("meta_value"));
                    }
                }
                "options" if text("option_name") == "home" => {
                    site.home = wordpress::filled(side::cut(text("option_value")))
                }
                "options" => {}
                _ => {
                    // Revisions and menus are no pages: a menu is written by the person who
                    // installed the site.
                    if matches!(
                        text("post_type").as_str(),
                        "" | "post" | "page" | "attachment" | "product"
                    ) {
                        let (id, author) = (side::cut(text("ID")), side::cut(text("post_author")));
                        let post = Post {
                            address: side::cut(text("guid")),
                            title: side::cut(text("post_title")),
                        };
                        let texts = [&id, &author, &post.address, &post.title];
                        side.keep(texts.map(String::len).iter().sum())?;
                        site.authors.insert(author);
                        site.posts.insert(id, post);
                    }
                }
            }
        }
    }
    Ok(())
}

/// The comments of all sites in a dump.
pub(super) struct Comments {
    tables: Tables,
    side: SideTables,
    /// Prefix and columns of the INSERT being read.
    current: Option<(String, Vec<String>)>,
    seen_any_table: bool,
    ended: bool,
}

impl Comments {
    pub(super) fn read(input: Box<dyn BufRead>, side: SideTables) -> Result<Self, Broken> {
        Ok(Self {
            tables: Tables::open(input)?,
            side,
            current: None,
            seen_any_table: false,
            ended: false,
        })
    }

    fn advance(&mut self) -> Result<Option<Row>, Broken> {
        loop {
            if let Some((prefix, columns)) = &self.current {
                if let Some(values) = self.tables.dump.row()? {
                    return Ok(Some(self.row(prefix, columns, &values)));
                }
                self.current = None;
            }
            match self.tables.insert()? {
                Some((prefix, "comments", columns))
                    if columns.iter().any(|c| c == "comment_content") =>
                {
                    self.seen_any_table = true;
                    self.current = Some((prefix, columns));
                }
                Some(_) => {}
                None => break,
            }
        }
        let created = self
            .tables
            .created
            .keys()
            .any(|table| split_name(table).is_some_and(|(_, name)| name == "comments"));
        if self.seen_any_table || created {
            return Ok(None);
        }
        let mut others: Vec<&str> = self.tables.created.keys().map(String::as_str).collect();
        others.sort_unstable();
        others.truncate(8);
        Err(Broken::Other(format!(
            "this dump has no table of WordPress's comments (wp_comments, whatever its prefix); it has: {}",
            others.join(", ")
        )))
    }

    fn row(&self, prefix: &str, columns: &[String], values: &[Value]) -> Row {
        let mut comment = Columns::default();
        let is_too_long = values.contains(&Value::TooLong);
        for (column, value) in columns.iter().zip(values) {
            comment.set(column, value.text(self.tables.charset));
        }
        if is_too_long {
            return too_long(format!("wordpress:{}", comment.id));
        }
        let site = self.side.0.get(prefix);
        let meta = site.and_then(|site| site.meta.get(&comment.id));
        let nobody = HashSet::new();
        let writer = wordpress::writer(&comment.user, site.map_or(&nobody, |site| &site.authors));
        let post = site.and_then(|site| site.posts.get(&comment.post));
        let blog = prefix
            .trim_end_matches('_')
            .rsplit('_')
            .next()
            .and_then(|number| number.parse().ok())
            .unwrap_or(1);
        let mut row = comment.into_row(blog, meta.unwrap_or(&Meta::default()));
        if let Row::Comment(past) = &mut row {
            past.writer = writer;
            past.site = site.and_then(|site| site.home.clone());
            if let Some(post) = post {
                past.comment.page.permalink = wordpress::filled(post.address.clone());
                past.comment.page.context =
                    wordpress::filled(post.title.clone()).into_iter().collect();
            }
        }
        row
    }
}

impl Iterator for Comments {
    type Item = Result<Row, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let row = self.advance().transpose();
        self.ended = !matches!(row, Some(Ok(_)));
        row
    }
}
