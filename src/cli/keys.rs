//! `phin keys`: make, list, revoke. Through the running server if there is one, on the store itself if not.

use super::door::{Door, DoorArgs};
use crate::http::{KeyLine, NewKey, OldKey, Vouching};

#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Examples:
  phin keys create my-blog
  phin keys list
  phin keys revoke my-blog
  phin keys vouch my-blog

What all sites learn from a new key is limited until other keys agree with it; its own sites learn all it says at once.
Vouch for keys whose moderators you answer for. The first key is vouched for.")]
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
    /// Let all sites learn all that is said with the keys of a name, now and before
    Vouch {
        /// Name of the keys
        name: String,
        #[command(flatten)]
        door: DoorArgs,
    },
    /// Take a vouch back: what all sites learn from the keys is limited again, now and before
    Unvouch {
        /// Name of the keys
        name: String,
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
        Command::Vouch { name, door } => vouch(name, true, &door)?,
        Command::Unvouch { name, door } => vouch(name, false, &door)?,
        Command::Revoke { key, door } => {
            let revoked: KeyLine = Door::open(&door)?.tell("/keys/revoke", &OldKey { key })?;
            eprintln!("{} ({}) admits nobody any more", revoked.key, revoked.name);
        }
    }
    Ok(())
}

fn vouch(key_name: String, vouched: bool, door: &DoorArgs) -> anyhow::Result<()> {
    let now: Vouching = Door::open(door)?.tell("/keys/vouch", &Vouching { key_name, vouched })?;
    let heard = if now.vouched {
        "all sites learn all it says"
    } else {
        "all sites learn from it only so far"
    };
    eprintln!("{:?}: {heard}", now.key_name);
    Ok(())
}
