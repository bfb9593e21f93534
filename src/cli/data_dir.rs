//! The data folder that a command is for: its flag in; the places in it out. Opens no store.

use std::path::{Path, PathBuf};

use crate::model::registry::ModelRegistry;

/// From now on files are made for their owner alone: those of a data folder hold the words of
/// people.
pub(super) fn make_files_private() {
    // For the whole process, and before any thread: the store makes files of its own later.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
}

/// Which data folder.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct DataDirArgs {
    /// Folder of the store
    #[arg(
        long,
        value_name = "DIR",
        default_value = "data",
        env = "PHIN_DATA_DIR"
    )]
    pub(super) data_dir: PathBuf,
}

impl DataDirArgs {
    /// Whether there is a store, served or not.
    pub(super) fn has_store(&self) -> bool {
        self.data_dir.join("store").is_dir()
    }

    /// Where its models lie.
    pub(super) fn shelf(&self) -> ModelRegistry {
        ModelRegistry::of(&self.data_dir)
    }
}

/// Where the server of a data folder listens for its operator.
pub(super) fn socket_of(data_dir: &Path) -> PathBuf {
    data_dir.join("admin.sock")
}
