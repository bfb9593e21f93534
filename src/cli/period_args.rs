//! Which site and which days a command shows: flags in, fields of a query out. Reads no calendar.

/// Which site, and how many days back.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct PeriodArgs {
    /// Only this site
    #[arg(long)]
    site: Option<String>,
    /// Days to look back, today included
    #[arg(long, default_value_t = 30)]
    days: u32,
}

impl PeriodArgs {
    /// The fields of a query that say so.
    pub(super) fn fields(&self) -> [(&'static str, Option<String>); 2] {
        [
            ("site", self.site.clone()),
            ("days", Some(self.days.to_string())),
        ]
    }
}
