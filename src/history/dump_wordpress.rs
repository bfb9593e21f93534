//! The tables of WordPress in a dump in, its comments out. Akismet's meta comes before the
//! comments, their posts and options behind them. So a first pass collects these, and of each it
//! keeps only what a comment needs. It reads any prefix, and networks of sites that each have their
//! own tables. It labels nothing.

use std::collections::{HashMap, HashSet};
use std::io::BufRead;
use std::sync::Arc;

use super::broken::Broken;
use super::dump_tables::{OTHER, Tables, is_wordpress, system_of};
use super::mapping::Mapping;
use super::past_comment::{Damage, Row, Writer, too_long};
use super::side;
use super::side::Side;
use super::sql_value::Value;
use super::systems::System;
use super::wordpress::{self, Columns, Meta};

/// What the comments of each site need from other tables.
#[derive(Debug, Clone, Default)]
pub(super) struct SideTables {
    sites: Arc<HashMap<String, Site>>,
    /// The system whose table of comments is there, if it is not WordPress.
    system: Option<&'static System>,
    has_comments: bool,
}

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

impl SideTables {
    /// Reads a whole dump but its comments.
    pub(super) fn read(input: Box<dyn BufRead>, damage: Damage) -> Result<Self, Broken> {
        let mut tables = Tables::open(input)?;
        let mut sites = HashMap::new();
        let mut side = Self::default();
        match gather(&mut tables, &mut sites, &mut side) {
            Err(broken) if damage == Damage::TakeBefore && broken.leaves_a_part() => {}
            result => result?,
        }
        side.sites = Arc::new(sites);
        Ok(side)
    }

    /// Whether no table was seen that says anything.
    pub(super) fn is_empty(&self) -> bool {
        self.sites.is_empty() && self.system.is_none() && !self.has_comments
    }

    /// The system whose comments are there, if it is not WordPress.
    pub(super) fn system(&self) -> Option<&'static System> {
        self.system
    }
}

fn gather(
    tables: &mut Tables,
    sites: &mut HashMap<String, Site>,
    found: &mut SideTables,
) -> Result<(), Broken> {
    let mut side = Side::of("posts and meta");
    while let Some((prefix, name, columns)) = tables.insert()? {
        if name == "comments" || name == OTHER {
            found.system = found.system.or(system_of(&columns));
            found.has_comments = true;
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
                "options" if text("name") == "siteUrl" => {
                    site.home = wordpress::filled(side::cut(text("value")));
                }
                "options" => {}
                "contents" if text("cid").is_empty() => {}
                "contents" => {
                    let (id, author) = (side::cut(text("cid")), side::cut(text("authorId")));
                    let post = Post {
                        address: String::new(),
                        title: side::cut(text("title")),
                    };
                    side.keep(id.len() + author.len() + post.title.len())?;
                    site.authors.insert(author);
                    site.posts.insert(id, post);
                }
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
    mapping: Mapping,
    /// Prefix and columns of the INSERT being read, and whose they are if not WordPress's.
    current: Option<(String, Vec<String>, Option<Mapping>)>,
    seen_any_table: bool,
    ended: bool,
}

impl Comments {
    pub(super) fn read(
        input: Box<dyn BufRead>,
        side: SideTables,
        mapping: Mapping,
    ) -> Result<Self, Broken> {
        Ok(Self {
            mapping,
            tables: Tables::open(input)?,
            side,
            current: None,
            seen_any_table: false,
            ended: false,
        })
    }

    fn advance(&mut self) -> Result<Option<Row>, Broken> {
        loop {
            if let Some((prefix, columns, mapping)) = &self.current {
                if let Some(values) = self.tables.dump.row()? {
                    return Ok(Some(match mapping {
                        Some(mapping) => self.row_of_system(mapping, prefix, columns, &values),
                        None => self.row(prefix, columns, &values),
                    }));
                }
                self.current = None;
            }
            match self.tables.insert()? {
                Some((prefix, "comments", columns)) if is_wordpress(&columns) => {
                    self.seen_any_table = true;
                    self.current = Some((prefix, columns, None));
                }
                Some((prefix, "comments" | OTHER, columns)) => {
                    if let Some(system) = system_of(&columns) {
                        self.seen_any_table = true;
                        let mapping = self.mapping.clone().of_system(Some(system));
                        self.current = Some((prefix, columns, Some(mapping)));
                    }
                }
                Some(_) => {}
                None => break,
            }
        }
        let created = self
            .tables
            .created
            .values()
            .any(|columns| is_wordpress(columns) || system_of(columns).is_some());
        if self.seen_any_table || created {
            return Ok(None);
        }
        let mut others: Vec<&str> = self.tables.created.keys().map(String::as_str).collect();
        others.sort_unstable();
        others.truncate(8);
        Err(Broken::Other(format!(
            "it has no table of WordPress's comments (wp_comments, whatever its prefix), nor one of Typecho or Waline; export the table of its comments as CSV, and name the columns with --map text=COLUMN,label=COLUMN; it has: {}",
            others.join(", ")
        )))
    }

    /// A row of another system; the site's own people are those who wrote its posts.
    fn row_of_system(
        &self,
        mapping: &Mapping,
        prefix: &str,
        columns: &[String],
        values: &[Value],
    ) -> Row {
        let cell = |name: &str| {
            let at = columns
                .iter()
                .position(|column| column.eq_ignore_ascii_case(name))?;
            match values.get(at)? {
                Value::Null => None,
                value => Some(value.text(self.tables.charset)),
            }
        };
        let name = mapping.system().map_or("", |system| system.name);
        let id = mapping
            .names("id")
            .into_iter()
            .find_map(cell)
            .unwrap_or_default();
        let place = format!("{name}:{id}");
        if values.contains(&Value::TooLong) {
            return too_long(place);
        }
        let mut row = mapping.read(&cell, 0);
        match &mut row {
            Row::Comment(past) => {
                past.place = place;
                let site = self.side.sites.get(prefix);
                past.site = past.site.take().or(site.and_then(|site| site.home.clone()));
                let author = cell("authorId").filter(|author| author != "0");
                if let (Some(site), Some(author)) = (site, author)
                    && site.authors.contains(&author)
                {
                    past.writer = Writer::Staff;
                }
                let post = site.and_then(|site| site.posts.get(&cell("cid")?));
                let title = post.and_then(|post| wordpress::filled(post.title.clone()));
                past.comment.page.context.extend(title);
            }
            Row::Unreadable { place: named, .. } => *named = place,
        }
        row
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
        let site = self.side.sites.get(prefix);
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
