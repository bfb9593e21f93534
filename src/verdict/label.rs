//! The label that a person gives: ham or spam. A type, and its name in texts. The machine gives a
//! `Verdict` instead.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The label that a person gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Label {
    /// A comment to publish.
    Ham,
    /// A comment to hide.
    Spam,
}

impl Label {
    /// The other label.
    pub fn opposite(self) -> Self {
        match self {
            Self::Ham => Self::Spam,
            Self::Spam => Self::Ham,
        }
    }

    /// `ham` or `spam`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ham => "ham",
            Self::Spam => "spam",
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Label {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "ham" => Ok(Self::Ham),
            "spam" => Ok(Self::Spam),
            other => Err(format!(
                "{other:?} is not a label; expected \"ham\" or \"spam\""
            )),
        }
    }
}
