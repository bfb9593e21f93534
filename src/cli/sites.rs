//! `phin sites`: where each site stands between what all know and what it said itself, whose it is, and giving it to another key.

use anyhow::Context;

use super::door::{Door, DoorArgs};
use crate::comment::SiteId;
use crate::http::Gift;
use crate::moderation::SiteStanding;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin sites
  phin sites blog.example
  phin sites --give blog.example --to new-owner

A site belongs to the key that checked or labelled there first; other keys cannot say labels there. \"carries\" is the share of the evidence in the
site's recent checks that came from its own labels.")]
pub(super) struct Args {
    /// Only this site
    #[arg(value_name = "SITE", conflicts_with = "give")]
    site: Option<String>,
    /// Give this site to the keys named by --to
    #[arg(long, value_name = "SITE", requires = "to")]
    give: Option<String>,
    /// Name of the keys the site shall belong to
    #[arg(long, value_name = "NAME", requires = "give")]
    to: Option<String>,
    #[command(flatten)]
    door: DoorArgs,
}

pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let door = Door::open(&args.door)?;
    if let Some(site) = &args.give {
        let gift = Gift {
            site: SiteId::parse(site)?,
            key_name: args.to.context("--give needs --to NAME")?,
        };
        let given: Gift = door.tell("/sites/give", &gift)?;
        eprintln!(
            "{} belongs to the keys named {:?}",
            given.site, given.key_name
        );
        return Ok(());
    }
    let sites: Vec<SiteStanding> = match &args.site {
        Some(site) => vec![door.tell("/sites/standing", &SiteId::parse(site)?)?],
        None => door.ask("/sites")?,
    };
    for site in sites {
        let owner = site.owner.as_deref().unwrap_or("-");
        println!("{}  key {owner}  {site}", site.site);
    }
    Ok(())
}
