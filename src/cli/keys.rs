//! `phin keys`: make, list, revoke. Through the running server if there is one, on the store itself if not.

use super::door::{Door, DoorArgs};
use crate::http::{KeyLine, NewKey, OldKey};

#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Examples:
  phin keys create my-blog
  phin keys list
  phin keys revoke my-blog")]
pub(super) enum Command {
    /// Make a key and print it
    Create {
        /// What you call it: a site, a customer
        name: String,
        /// The key itself, instead of a random one
        #[arg(long)]
        key: Option<String>,
        #[command(flatten)]
        door: DoorArgs,
    },
    /// Print all keys
    List {
        #[command(flatten)]
        door: DoorArgs,
    },
    /// Stop a key from admitting anybody
    Revoke {
        /// The key, or its name
        key: String,
        #[command(flatten)]
        door: DoorArgs,
    },
}

pub(super) fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Create { name, key, door } => {
            let made: KeyLine = Door::open(&door)?.tell("/keys", &NewKey { name, key })?;
            println!("{}", made.key);
        }
        Command::List { door } => {
            let keys: Vec<KeyLine> = Door::open(&door)?.ask("/keys")?;
            for key in keys {
                println!(
                    "{}  {}{}",
                    key.key,
                    key.name,
                    if key.revoked_at.is_some() {
                        "  (revoked)"
                    } else {
                        ""
                    }
                );
            }
        }
        Command::Revoke { key, door } => {
            let revoked: KeyLine = Door::open(&door)?.tell("/keys/revoke", &OldKey { key })?;
            eprintln!("{} ({}) admits nobody any more", revoked.key, revoked.name);
        }
    }
    Ok(())
}
