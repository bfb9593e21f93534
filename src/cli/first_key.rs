//! The first start in, its key out, and the file in the data folder that holds it. Of other keys
//! only hashes are kept. Who can read this file can also reach the operator's socket beside
//! it, so it gives nobody more than he has.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

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
        // It is printed too: a server that serves is worth more than the file.
        if let Err(error) = keep(data_dir, &made.secret) {
            tracing::warn!(%error, "the first key is only printed, it could not be written down");
        }
    }
    Ok(Some(made.secret))
}

/// The file that holds it.
pub(super) fn file(data_dir: &Path) -> PathBuf {
    data_dir.join("first.key")
}

/// Writes it down, readable to its owner alone. Another file takes the place of what is there, so
/// that no link is followed and no reader of the old file sees the new key.
fn keep(data_dir: &Path, secret: &str) -> anyhow::Result<()> {
    let path = file(data_dir);
    let write = || -> io::Result<()> {
        let mut new = tempfile::NamedTempFile::new_in(data_dir)?;
        writeln!(new, "{secret}")?;
        new.as_file().sync_all()?;
        new.persist(&path)?;
        Ok(())
    };
    write().with_context(|| format!("{} cannot be written", path.display()))
}

/// Whether it is written down.
pub(super) fn is_kept(data_dir: &Path) -> bool {
    file(data_dir).symlink_metadata().is_ok()
}

/// Follows a new secret of a key, if that is the one written down.
///
/// # Errors
/// The disk refuses.
pub(super) fn renewed(data_dir: &Path, name: &str, secret: &str) -> anyhow::Result<()> {
    match name == NAME && is_kept(data_dir) {
        true => keep(data_dir, secret),
        false => Ok(()),
    }
}

/// Removes the file, if the key that was revoked is the one written down.
///
/// # Errors
/// The disk refuses.
pub(super) fn revoked(data_dir: &Path, name: &str) -> anyhow::Result<()> {
    let path = file(data_dir);
    match name == NAME && is_kept(data_dir) {
        true => std::fs::remove_file(&path)
            .with_context(|| format!("the key is revoked, but {} stays", path.display())),
        false => Ok(()),
    }
}
