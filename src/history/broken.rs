//! An error of a reader in, a sentence out: why a history cannot be read to its end, where, and
//! what is wrong. It reads nothing.

use std::io;

/// A history that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// It ends before it is whole.
    #[error("it breaks off at {place}: {why}")]
    CutShort {
        /// Byte, line or id.
        place: String,
        /// What is missing.
        why: String,
    },
    /// Something in it cannot be what its format says.
    #[error("at {place}, {why}")]
    Malformed {
        /// Byte, line or id.
        place: String,
        /// What is wrong.
        why: String,
    },
    /// It lacks what is needed to read it as asked.
    #[error("{0}")]
    Other(String),
    /// The disk, or a packed file that breaks off.
    #[error("cannot read it: {0}")]
    Io(io::Error),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        // A reader that reads through another one hands its error on.
        if error.get_ref().is_some_and(|inner| inner.is::<Self>()) {
            return match error.downcast::<Self>() {
                Ok(broken) => broken,
                Err(error) => Self::Io(error),
            };
        }
        // flate2's error for a .gz without its end.
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return Self::CutShort {
                place: "the end of the packed file".into(),
                why: "the rest of it is missing".into(),
            };
        }
        Self::Io(error)
    }
}

impl Broken {
    /// Whether part of it could still be had.
    pub fn leaves_a_part(&self) -> bool {
        matches!(self, Self::CutShort { .. } | Self::Malformed { .. })
    }
}
