//! The formats of histories that are read, by their names. A type; `recognise` finds which one a
//! file has.

/// A format that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// What `phin export` wrote; read by `moderation`, not here.
    Phin,
    /// WordPress, Tools > Export (WXR).
    WordPressXml,
    /// A dump of the MySQL or MariaDB tables of WordPress, Typecho or Waline.
    Sql,
    /// `wp comment list --format=json` or `csv`.
    WordPressList,
    /// Disqus's XML export.
    Disqus,
    /// An SQLite database of Isso, WordPress, Typecho or Waline.
    Sqlite,
    /// The JSON export of Comentario or Commento.
    Comentario,
    /// An Atom feed of Blogger.
    Blogger,
    /// The text format of Movable Type, which other blogs write, too.
    MovableType,
    /// A folder in which each file is a comment, as Staticman keeps them.
    Folder,
    /// A table with a heading: CSV, TSV, semicolons.
    Csv,
    /// JSON objects: one a line, in one array, or in lists inside of one value.
    Json,
}

impl Format {
    /// All, in the order they are listed to a reader.
    pub const ALL: [Self; 12] = [
        Self::Phin,
        Self::WordPressXml,
        Self::Sql,
        Self::WordPressList,
        Self::Disqus,
        Self::Sqlite,
        Self::Comentario,
        Self::Blogger,
        Self::MovableType,
        Self::Folder,
        Self::Csv,
        Self::Json,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Phin => "phin",
            Self::WordPressXml => "wordpress-xml",
            Self::Sql => "sql",
            Self::WordPressList => "wordpress-list",
            Self::Disqus => "disqus",
            Self::Sqlite => "sqlite",
            Self::Comentario => "comentario",
            Self::Blogger => "blogger",
            Self::MovableType => "movable-type",
            Self::Folder => "folder",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// A name that it had before, or that people use for it.
    pub fn other_names(self) -> &'static [&'static str] {
        match self {
            Self::Sql => &["wordpress-sql"],
            Self::Sqlite => &["isso"],
            Self::Folder => &["staticman"],
            _ => &[],
        }
    }

    /// What it is, in words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Phin => "phin's own export",
            Self::WordPressXml => "WordPress export (WXR)",
            Self::Sql => "dump of a database of WordPress, Typecho or Waline (SQL)",
            Self::WordPressList => "list of wp-cli",
            Self::Disqus => "Disqus export (XML)",
            Self::Sqlite => "database of Isso, WordPress, Typecho or Waline (SQLite)",
            Self::Comentario => "Comentario or Commento export (JSON)",
            Self::Blogger => "Blogger feed (Atom)",
            Self::MovableType => "Movable Type export (text)",
            Self::Folder => "folder of comments (Staticman)",
            Self::Csv => "table (CSV, TSV)",
            Self::Json => {
                "JSON, also of Waline, Valine, Twikoo, Artalk, Cusdis, Remark42, Ghost or GitHub"
            }
        }
    }
}
