//! `phin sites`: a subcommand in; out the settings of single sites, what labels changed there, and
//! which key each belongs to. Decides nothing.

use anyhow::anyhow;

use super::admin_client::{AdminClient, path_with};
use super::data_dir::DataDirArgs;
use crate::comment::SiteId;
use crate::http::{Gift, SiteChange, SiteLine};
use crate::moderation::SiteSummary;

#[derive(Debug, clap::Args)]
#[command(
    subcommand_required = true,
    after_help = "Examples:
  phin sites set blog.example unsure=ham strictness=lenient
  phin sites set blog.example recheck_after_s=300
  phin sites set blog.example unsure=default
  phin sites show
  phin sites show blog.example
  phin sites standing
  phin sites give blog.example --to new-owner

Settings:
  unsure           what an unsure verdict is for Akismet clients: hold, ham or spam
  strictness       lenient, normal or strict: all cutoffs one up, or those of unsure and spam one down (in log-odds)
  recheck_after_s  seconds after which a held comment close to a cutoff shall be checked again
\"default\" takes a setting back.

A site belongs to the key that you give it to; then only that key, and keys you vouch for, may give labels there. A site that was given to no key belongs to
nobody: every key may give labels there, and its labels count for the comments that this key sends.

\"standing\" shows how many verdicts labels changed, compared with the model alone. Tests, rechecks, campaigns and lists are left out, and spam to be
discarded counts as spam. \"Would change now\" counts the last comments without a label, at most 100 of a site, judged again when you ask; a restart empties
that memory. Labels of other sites count too, as far as all sites learn from them."
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Print the settings of a site, or of all that have some
    Show {
        /// Address of its front page
        site: Option<String>,
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Change settings of a site
    Set {
        /// Address of its front page
        site: String,
        /// What to change
        #[arg(required = true, value_name = "NAME=VALUE")]
        settings: Vec<String>,
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Print how many labels a site has, what labels changed and whose it is; or of all that have
    /// labels
    Standing {
        /// Address of its front page
        site: Option<String>,
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Give a site to a key: its lists, settings and figures are that key's, and no other may say
    /// labels there
    Give {
        /// Address of its front page
        site: String,
        /// Name of the key it shall belong to
        #[arg(long, value_name = "NAME")]
        to: String,
        #[command(flatten)]
        data: DataDirArgs,
    },
}

/// Shows or changes what single sites want.
///
/// # Errors
/// There is no store, it cannot be opened, or the server refuses.
pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let lines: Vec<SiteLine> = match args.command {
        Command::Show { site, data } => {
            AdminClient::open(&data)?.get(&path_with("/sites", &[("site", site)]))?
        }
        Command::Set {
            site,
            settings,
            data,
        } => {
            let set = settings.iter().map(|setting| {
                let (name, value) = setting
                    .split_once('=')
                    .ok_or_else(|| anyhow!("{setting:?} is not NAME=VALUE, such as unsure=ham"))?;
                Ok((name.trim().to_owned(), value.trim().to_owned()))
            });
            let change = SiteChange {
                site,
                set: set.collect::<anyhow::Result<_>>()?,
            };
            vec![AdminClient::open(&data)?.post("/sites", &change)?]
        }
        Command::Standing { site, data } => return standing(site.as_deref(), &data),
        Command::Give { site, to, data } => return give(&site, to, &data),
    };
    for line in &lines {
        println!("{}  {}", line.site, line.settings);
    }
    if lines.is_empty() {
        eprintln!("no site has settings of its own");
    }
    Ok(())
}

fn standing(site: Option<&str>, data: &DataDirArgs) -> anyhow::Result<()> {
    let client = AdminClient::open(data)?;
    let sites: Vec<SiteSummary> = match site {
        Some(site) => client.post("/sites/standing", &SiteId::parse(site)?)?,
        None => client.get("/sites/standing")?,
    };
    if sites.is_empty() {
        eprintln!("no site has a label yet");
    }
    for site in sites {
        let owner = site.owner.as_deref().unwrap_or("-");
        println!("{}  key {owner}  {site}", site.site);
    }
    Ok(())
}

fn give(site: &str, key_name: String, data: &DataDirArgs) -> anyhow::Result<()> {
    let gift = Gift {
        site: SiteId::parse(site)?,
        key_name,
    };
    let given: Gift = AdminClient::open(data)?.post("/sites/give", &gift)?;
    eprintln!("{} belongs to the key \"{}\"", given.site, given.key_name);
    Ok(())
}
