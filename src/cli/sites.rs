//! `phin sites`: what one site wants otherwise than the server's settings have it. Through the running server if there is one, on the store itself if not.

use anyhow::anyhow;

use super::door::{Door, DoorArgs, path_with};
use crate::http::{SiteChange, SiteLine};

#[derive(Debug, clap::Args)]
#[command(
    subcommand_required = true,
    after_help = "Examples:
  phin sites set blog.example unsure=ham strictness=lenient
  phin sites set blog.example recheck_after_s=300
  phin sites set blog.example unsure=default
  phin sites show
  phin sites show blog.example

Settings:
  unsure           what an unsure verdict is for Akismet clients: hold, ham or spam
  strictness       lenient, normal or strict: all cutoffs one up, or those of unsure and spam one down (in log-odds)
  recheck_after_s  seconds after which a held comment close to a cutoff shall be checked again
\"default\" takes a setting back."
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
        door: DoorArgs,
    },
    /// Change settings of a site
    Set {
        /// Address of its front page
        site: String,
        /// What to change
        #[arg(required = true, value_name = "NAME=VALUE")]
        settings: Vec<String>,
        #[command(flatten)]
        door: DoorArgs,
    },
}

pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let lines: Vec<SiteLine> = match args.command {
        Command::Show { site, door } => {
            Door::open(&door)?.ask(&path_with("/sites", &[("site", site.as_deref())]))?
        }
        Command::Set {
            site,
            settings,
            door,
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
            vec![Door::open(&door)?.tell("/sites", &change)?]
        }
    };
    for line in lines {
        println!("{}  {}", line.site, line.settings);
    }
    Ok(())
}
