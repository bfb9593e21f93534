//! The formats of histories that are read, by their names. A type; `recognise` finds which one a
//! file has.

/// A format that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// What `phin export` wrote; read by `moderation`, not here.
    Phin,
    /// WordPress, Tools > Export (WXR).
    WordPressXml,
    /// A dump of WordPress's MySQL or MariaDB tables.
    WordPressSql,
    /// `wp comment list --format=json` or `csv`.
    WordPressList,
    /// Disqus's XML export.
    Disqus,
    /// Isso's SQLite database.
    Isso,
    /// The JSON export of Comentario or Commento.
    Comentario,
    /// A table with a heading: CSV, TSV, semicolons.
    Csv,
    /// JSON objects, one a line or in one array.
    Json,
}

impl Format {
    /// All, in the order they are listed to a reader.
    pub const ALL: [Self; 9] = [
        Self::Phin,
        Self::WordPressXml,
        Self::WordPressSql,
        Self::WordPressList,
        Self::Disqus,
        Self::Isso,
        Self::Comentario,
        Self::Csv,
        Self::Json,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Phin => "phin",
            Self::WordPressXml => "wordpress-xml",
            Self::WordPressSql => "wordpress-sql",
            Self::WordPressList => "wordpress-list",
            Self::Disqus => "disqus",
            Self::Isso => "isso",
            Self::Comentario => "comentario",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// What it is, in words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Phin => "phin's own export",
            Self::WordPressXml => "WordPress export (WXR)",
            Self::WordPressSql => "dump of WordPress's database",
            Self::WordPressList => "list of wp-cli",
            Self::Disqus => "Disqus export (XML)",
            Self::Isso => "Isso database (SQLite)",
            Self::Comentario => "Comentario or Commento export (JSON)",
            Self::Csv => "table (CSV, TSV)",
            Self::Json => "JSON Lines or array",
        }
    }
}
