//! `phin keys`: a subcommand in; keys made, listed, limited, suspended or revoked, and their sites,
//! out. Shows no secret but a new one.

use serde::Serialize;

use super::admin_client::AdminClient;
use super::data_dir::DataDirArgs;
use super::first_key;
use super::plain::Plain;
use crate::http::{KeyLimit, KeyLine, KeyRenewal, KeySite, NewKey, OldKey, SiteOfKey, Vouching};

#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Examples:
  phin keys create my-blog
  phin keys create my-blog --site https://blog.example
  phin keys renew my-blog
  phin keys list
  phin keys limit my-blog 50000
  phin keys limit my-blog none
  phin keys suspend my-blog
  phin keys sites my-blog
  phin keys revoke-site my-blog https://stolen.example
  phin keys revoke my-blog
  phin keys vouch my-blog

A key is printed once, when it is made: only its hash is kept. `phin keys list` shows how each key begins. If a key is lost, `phin keys renew` makes a new
secret for it. The key that the first start makes is also in the data folder, in first.key; you may delete that file.

Labels given with a key count at once for the comments that this key sends. What all sites learn from them is limited until older keys agree. Vouch for keys
whose moderators you trust; the first key is vouched for. A key may change the lists and settings of a site, and see its figures, when the site was given to
it: with --site, or later with `phin sites give`.")]
pub(super) enum Command {
    /// Make a key and print it
    Create {
        /// What you call it: a site, a customer
        name: String,
        /// The key itself, instead of a random one
        #[arg(long)]
        key: Option<String>,
        /// Address of a site that is the key's own; may be said more than once
        #[arg(long = "site", value_name = "SITE")]
        sites: Vec<String>,
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Give a key a new secret and print it; the old secret stops working, all else stays. A revoked
    /// key is served again
    Renew {
        /// The key, or its name
        key: String,
        /// The new secret, instead of a random one
        #[arg(long)]
        secret: Option<String>,
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Print how each key begins, and its name
    List {
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Limit the checks a month of a key; beyond the limit its sites are told, and still served
    Limit {
        /// The key, or its name
        key: String,
        /// Checks a month of all its sites together, or `none`
        #[arg(value_name = "N|none", value_parser = parse_limit)]
        monthly: Limit,
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Stop serving a key until it is resumed; its sites are told why
    Suspend {
        /// The key, or its name
        key: String,
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Serve a suspended key again
    Resume {
        /// The key, or its name
        key: String,
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Print the sites of a key: checks and spam this month, and whether they are revoked or
    /// switched off
    Sites {
        /// The key, or its name
        key: String,
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Stop serving one site of a key; the site is told why
    RevokeSite {
        /// The key, or its name
        key: String,
        /// Address of the site
        site: String,
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Serve a revoked site again
    RestoreSite {
        /// The key, or its name
        key: String,
        /// Address of the site
        site: String,
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Trust all labels given with the keys of a name, on all sites, now and before
    Vouch {
        /// Name of the keys
        name: String,
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Take that trust back: what all sites learn from the keys is limited again, now and before
    Unvouch {
        /// Name of the keys
        name: String,
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Stop a key from working
    Revoke {
        /// The key, or its name
        key: String,
        #[command(flatten)]
        data: DataDirArgs,
    },
}

/// Checks a month, or no limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit(Option<u64>);

fn parse_limit(text: &str) -> Result<Limit, String> {
    match text {
        "none" => Ok(Limit(None)),
        number => match number.parse() {
            Ok(0) => Err("a limit is at least 1; to serve nothing, say `phin keys suspend`".into()),
            Ok(monthly) => Ok(Limit(Some(monthly))),
            Err(_) => Err("expected a whole number of checks a month, or none".into()),
        },
    }
}

/// Makes, shows or changes keys.
///
/// # Errors
/// There is no store, it cannot be opened, or the server refuses.
pub(super) fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Create {
            name,
            key,
            sites,
            data,
        } => {
            let made = changed(&data, "/keys", &NewKey { name, key, sites })?;
            println!("{}", made.key);
        }
        Command::Renew { key, secret, data } => {
            let made = changed(&data, "/keys/renew", &KeyRenewal { key, secret })?;
            println!("{}", made.key);
            first_key::renewed(&data.data_dir, &made.name, &made.key)?;
        }
        Command::List { data } => {
            let keys: Vec<KeyLine> = AdminClient::open(&data)?.get("/keys")?;
            keys.iter().for_each(|key| println!("{}", line(key)));
            if keys.is_empty() {
                eprintln!("no key yet; phin keys create NAME makes one");
            }
        }
        Command::Limit {
            key,
            monthly: Limit(monthly),
            data,
        } => {
            let key = changed(&data, "/keys/limit", &KeyLimit { key, monthly })?;
            match monthly {
                Some(most) => eprintln!("{} may check {most} a month", named(&key)),
                None => eprintln!("{} may check without limit", named(&key)),
            }
        }
        Command::Suspend { key, data } => {
            let key = changed(&data, "/keys/suspend", &OldKey { key })?;
            eprintln!("{} is served no more until you resume it", named(&key));
        }
        Command::Resume { key, data } => {
            let key = changed(&data, "/keys/resume", &OldKey { key })?;
            eprintln!("{} is served", named(&key));
        }
        Command::Sites { key, data } => {
            let client = AdminClient::open(&data)?;
            let sites: Vec<KeySite> = client.post("/keys/sites", &OldKey { key })?;
            sites
                .iter()
                .for_each(|site| println!("{}", site_line(site)));
            if sites.is_empty() {
                eprintln!("this key has named no site yet");
            }
        }
        Command::RevokeSite { key, site, data } => {
            let shown = Plain(site.clone());
            let key = changed(&data, "/keys/revoke-site", &SiteOfKey { key, site })?;
            eprintln!("{} does not serve {shown} any more", named(&key));
        }
        Command::RestoreSite { key, site, data } => {
            let shown = Plain(site.clone());
            let key = changed(&data, "/keys/restore-site", &SiteOfKey { key, site })?;
            eprintln!("{} serves {shown} again", named(&key));
        }
        Command::Vouch { name, data } => vouch(name, true, &data)?,
        Command::Unvouch { name, data } => vouch(name, false, &data)?,
        Command::Revoke { key, data } => {
            let key = changed(&data, "/keys/revoke", &OldKey { key })?;
            eprintln!("{} admits nobody any more", named(&key));
            first_key::revoked(&data.data_dir, &key.name)?;
        }
    }
    Ok(())
}

/// Asks for a change of a key; the key as it is now.
fn changed(data: &DataDirArgs, path: &str, change: &impl Serialize) -> anyhow::Result<KeyLine> {
    AdminClient::open(data)?.post(path, change)
}

/// How a key begins, and its name.
fn named(key: &KeyLine) -> String {
    format!("{} ({})", key.key, key.name)
}

fn line(key: &KeyLine) -> String {
    let mut line = format!("{}  {}", key.key, key.name);
    if key.revoked_at.is_some() {
        line += "  (revoked)";
    }
    if key.suspended_at.is_some() {
        line += "  (suspended)";
    }
    if let Some(most) = key.monthly_limit {
        line += &format!("  ({most} checks a month)");
    }
    line
}

fn site_line(site: &KeySite) -> String {
    let mut line = format!("{}  {} checks, {} spam", site.site, site.checks, site.spam);
    if site.revoked_at.is_some() {
        line += "  (revoked)";
    }
    if site.deactivated_at.is_some() {
        line += "  (plugin switched off)";
    }
    line
}

fn vouch(key_name: String, vouched: bool, data: &DataDirArgs) -> anyhow::Result<()> {
    let now: Vouching =
        AdminClient::open(data)?.post("/keys/vouch", &Vouching { key_name, vouched })?;
    let heard = if now.vouched {
        "all sites learn all it says"
    } else {
        "all sites learn from it only so far"
    };
    eprintln!("\"{}\": {heard}", now.key_name);
    Ok(())
}
