//! Errors of the store in, sentences for the operator out; and how a walk skips what is damaged.
//! Never mends anything.

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has the folder open.
    #[error(
        "the data folder {0} is in use by another phin; stop it first, or give this one a --data-dir of its own"
    )]
    Locked(std::path::PathBuf),
    /// The folder cannot be used.
    #[error("cannot open the data folder {path}: {why}")]
    Open {
        /// Which folder.
        path: std::path::PathBuf,
        /// The error of the operating system.
        why: String,
    },
    /// sled cannot read its files any more.
    #[error(
        "the store in {path} is damaged: {why}. Nothing was changed. Make a folder of all that can be read: phin salvage --data-dir {path} --into {path}.salvaged"
    )]
    Broken {
        /// The data folder.
        path: std::path::PathBuf,
        /// The error of sled.
        why: String,
    },
    /// There is a journal, but no store.
    #[error(
        "the store in {path} is gone, but the journal beside it holds {labels} labels. Bring the folder `store` back, or make a folder of what is left: phin salvage --data-dir {path} --into {path}.salvaged"
    )]
    Gone {
        /// The data folder.
        path: std::path::PathBuf,
        /// How many labels there are.
        labels: usize,
    },
    /// Both store and journal lack something.
    #[error(
        "store and journal in {path} are both damaged; the store lacks {labels} labels that can still be read, and may lack others. Nothing was changed. Make a folder of all that can be read: phin salvage --data-dir {path} --into {path}.salvaged"
    )]
    BothDamaged {
        /// The data folder.
        path: std::path::PathBuf,
        /// Labels that the journal has and the store lacks.
        labels: usize,
    },
    /// A write or read failed.
    #[error("the store could not {action}: {why}")]
    Failed {
        /// What was tried.
        action: &'static str,
        /// The error of the operating system or of sled.
        why: String,
    },
    /// The row is encrypted under the key of its day, and that key no longer exists.
    #[error(
        "{what} cannot be read: the key of its day is not in the file words.keys of the data folder; was the folder copied without it?"
    )]
    Wordless {
        /// Which entry.
        what: String,
    },
    /// The file of keys is damaged, so the text encrypted under them cannot be read.
    #[error(
        "the file {0} is damaged: the words of checks are sealed under the keys in it and cannot be read any more. Bring it back from a backup, or go on without these words (labels are safe): mv {0} {0}.damaged", file.display()
    )]
    NoKeys {
        /// Which file.
        file: std::path::PathBuf,
    },
    /// The journal cannot be read at all.
    #[error(
        "the journal {0} cannot be read: {why}. Make it readable or bring it back; to go on with what the store alone holds: mv {0} {0}.damaged", folder.display()
    )]
    NoJournal {
        /// Which folder.
        folder: std::path::PathBuf,
        /// The error of the operating system.
        why: String,
    },
    /// The checksum does not match the bytes that were read.
    #[error("{what} is damaged on disk: its checksum does not match")]
    Damaged {
        /// Which entry.
        what: String,
    },
}

/// For a walk that can go on without a row that cannot be read: logs the error and gives `None`.
/// Other errors are returned, because the next row would meet them too.
pub(crate) fn whole<T>(read: Result<T, StoreError>) -> Option<Result<T, StoreError>> {
    match read {
        Err(error @ (StoreError::Damaged { .. } | StoreError::Wordless { .. })) => {
            tracing::error!(%error, "passed over");
            None
        }
        read => Some(read),
    }
}

pub(super) fn failed(action: &'static str) -> impl Fn(sled::Error) -> StoreError {
    move |error| StoreError::Failed {
        action,
        why: in_short(&error),
    }
}

/// The error without the backtrace, which is for sled's authors.
pub(super) fn in_short(error: &sled::Error) -> String {
    let said = error.to_string();
    said.split(" backtrace").next().unwrap_or("").to_owned()
}
