//! The first start in, its key out, and the file in the data folder that holds it. Of other keys
//! only hashes are kept. Who can read this file can also reach the operator's socket beside
//! it, so it gives nobody more than he has.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::data_dir::make_files_private;
use crate::moderation::{Moderation, Vouch};

/// Its name.
const NAME: &str = "first";

/// Makes the first key, or the one that is demanded; says it only when it is new.
///
/// # Errors
/// The store or the disk refuses.
pub(super) async fn make(
    moderation: &Moderation,
    data_dir: &Path,
    demanded: Option<String>,
) -> anyhow::Result<Option<String>> {
    let missing = match &demanded {
        Some(secret) => !moderation.accounts.knows_secret(secret),
        None => moderation.accounts.keys()?.is_empty(),
    };
    if !missing {
        return Ok(None);
    }
    let is_ours = demanded.is_none();
    let name = moderation.accounts.free_key_name(NAME)?;
    let made = moderation.accounts.create_key(&name, demanded)?;
    // The operator who starts the server vouches for his own first key. Keys made later are for
    // others, until he vouches for them.
    moderation.labels.vouch(&made.key.name, Vouch::For).await?;
    // A key that the operator chose is known to him.
    if is_ours && name == NAME {
        keep(data_dir, &made.secret).context("the first key cannot be written down")?;
    }
    Ok(Some(made.secret))
}

/// The file that holds it.
pub(super) fn file(data_dir: &Path) -> PathBuf {
    data_dir.join("first.key")
}

/// Writes it down, readable to its owner alone.
///
/// # Errors
/// The disk refuses.
fn keep(data_dir: &Path, secret: &str) -> io::Result<()> {
    make_files_private();
    let mut file = std::fs::File::create(file(data_dir))?;
    writeln!(file, "{secret}")
}

/// Whether it is written down.
pub(super) fn is_kept(data_dir: &Path) -> bool {
    file(data_dir).is_file()
}

/// Follows a new secret of a key, if that is the one written down.
///
/// # Errors
/// The disk refuses.
pub(super) fn renewed(data_dir: &Path, name: &str, secret: &str) -> io::Result<()> {
    match name == NAME && is_kept(data_dir) {
        true => keep(data_dir, secret),
        false => Ok(()),
    }
}

/// Removes the file, if the key that was revoked is the one written down.
///
/// # Errors
/// The disk refuses.
pub(super) fn revoked(data_dir: &Path, name: &str) -> io::Result<()> {
    match name == NAME && is_kept(data_dir) {
        true => std::fs::remove_file(file(data_dir)),
        false => Ok(()),
    }
}
