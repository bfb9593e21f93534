//! A path in, an open sled database out, or an error in a sentence for the operator. Never mends
//! anything.

use std::io::ErrorKind;
use std::path::Path;

use super::blobs::SEGMENT_BYTES;
use super::error::{StoreError, in_short};

/// Memory that sled may use for pages, in bytes, unless a setting says otherwise. sled's own
/// default is a gigabyte.
pub(crate) const DEFAULT_CACHE_BYTES: u64 = 64 << 20;

/// Opens the folder of sled.
///
/// # Errors
///
/// It is in use, it cannot be used, or it is damaged.
pub(super) fn open_sled(
    data: &Path,
    folder: &Path,
    cache_bytes: u64,
) -> Result<sled::Db, StoreError> {
    let was_there = folder.exists();
    let config = sled::Config::new()
        .path(folder)
        .cache_capacity(cache_bytes)
        .segment_size(SEGMENT_BYTES);
    config.open().map_err(|error| {
        let cannot = |why: String| StoreError::Open {
            path: data.to_owned(),
            why,
        };
        match &error {
            sled::Error::Io(io)
                if io.kind() == ErrorKind::WouldBlock
                    || io.to_string().contains("could not acquire lock") =>
            {
                StoreError::Locked(data.to_owned())
            }
            // The disk or the process is the reason here, not the store: it is not called damaged.
            sled::Error::Io(io)
                if matches!(
                    io.kind(),
                    ErrorKind::PermissionDenied
                        | ErrorKind::ReadOnlyFilesystem
                        | ErrorKind::StorageFull
                        | ErrorKind::QuotaExceeded
                ) || io.raw_os_error() == Some(TOO_MANY_FILES) =>
            {
                cannot(io.to_string())
            }
            other if was_there => StoreError::Broken {
                path: data.to_owned(),
                why: in_short(other),
            },
            other => cannot(other.to_string()),
        }
    })
}

/// `EMFILE` of Linux, the code for too many open files. `ErrorKind` has no name for it.
const TOO_MANY_FILES: i32 = 24;
