//! Files of large pages in, files on disk out. sled writes a page that is too large for its log to
//! a file of its own, and never syncs that file. A log on disk may then name a file that is not on
//! disk. So such files are made rare ([`SEGMENT_BYTES`]) and are synced before the log. Never
//! writes a page.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// Length of a segment of the log, in bytes. sled writes a page longer than a quarter of a segment
/// to a file of its own. A page has 16 values or more, so this begins at 64 KB a value; with sled's
/// own 512 KB it began at 8 KB a value.
pub(super) const SEGMENT_BYTES: usize = 4 << 20;

/// The files of large pages, and the names of those that are on disk. A file is written once and
/// never changed.
#[derive(Debug)]
pub(super) struct Blobs {
    folder: PathBuf,
    synced: Mutex<HashSet<OsString>>,
}

impl Blobs {
    pub(super) fn of(folder: PathBuf) -> Self {
        Self {
            folder,
            synced: Mutex::default(),
        }
    }

    /// Syncs the files that are not on disk yet; returns how many.
    pub(super) fn sync(&self) -> io::Result<usize> {
        let mut synced = self.synced.lock().unwrap_or_else(PoisonError::into_inner);
        // Names are kept only of files that still exist: `synced` is filled anew from the folder.
        let before = std::mem::take(&mut *synced);
        let mut fresh = 0;
        for entry in std::fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            if !before.contains(&name) {
                match File::open(self.folder.join(&name)).and_then(|file| file.sync_all()) {
                    Ok(()) => fresh += 1,
                    // sled has moved the page to another file meanwhile and removed this one.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(error),
                }
            }
            synced.insert(name);
        }
        if fresh > 0 {
            // The folder too: a synced file whose name is not on disk is lost.
            File::open(&self.folder)?.sync_all()?;
        }
        Ok(fresh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{DEFAULT_CACHE_BYTES, Store};

    #[test]
    fn each_file_is_synced_once_and_what_is_gone_is_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::of(folder.path().to_owned());
        let file = |name: &str| folder.path().join(name);
        assert_eq!(blobs.sync().expect("syncs"), 0);
        for name in ["1", "2"] {
            std::fs::write(file(name), "a page").expect("writes");
        }
        assert_eq!(blobs.sync().expect("syncs"), 2);
        assert_eq!(blobs.sync().expect("syncs"), 0);
        std::fs::remove_file(file("1")).expect("removes");
        assert_eq!(blobs.sync().expect("syncs"), 0);
        std::fs::write(file("1"), "another").expect("writes");
        assert_eq!(blobs.sync().expect("syncs"), 1);
    }

    #[test]
    fn long_comments_make_no_files_of_their_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = |db: &sled::Db, path: &str| {
            for n in 0_u32..200 {
                db.insert(n.to_be_bytes(), vec![n as u8; 20_000])
                    .expect("writes");
            }
            db.flush().expect("flushes");
            let blobs = std::fs::read_dir(folder.path().join(path).join("blobs"));
            blobs.expect("is there").count()
        };
        let theirs = sled::open(folder.path().join("theirs")).expect("opens");
        assert!(files(&theirs, "theirs") > 0);
        let ours = Store::open(folder.path(), DEFAULT_CACHE_BYTES).expect("opens");
        assert_eq!(files(&ours.db, "store"), 0);
    }
}
