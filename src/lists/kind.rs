//! The lists, the kinds of entries, and why something is no entry. Types and their names in texts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::verdict::Label;

/// Which list an entry is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum List {
    /// What it meets is ham.
    Allow,
    /// What it meets is spam.
    Deny,
}

impl List {
    /// The side it forces a verdict to.
    pub fn label(self) -> Label {
        match self {
            Self::Allow => Label::Ham,
            Self::Deny => Label::Spam,
        }
    }

    /// `allow` or `deny`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

/// What an entry looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The author's address, or a network of addresses.
    Ip,
    /// The author's e-mail address.
    Email,
    /// The domain of the e-mail address, and all below it.
    EmailDomain,
    /// The domain of a link in the text or of the home page, and all below it.
    Domain,
    /// The author's whole name, as read.
    Author,
    /// Words that stand in a row in the text, as read.
    Words,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Ip,
        Self::Email,
        Self::EmailDomain,
        Self::Domain,
        Self::Author,
        Self::Words,
    ];

    /// `ip`, `email`, `email-domain`, `domain`, `author` or `words`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Email => "email",
            Self::EmailDomain => "email-domain",
            Self::Domain => "domain",
            Self::Author => "author",
            Self::Words => "words",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = BadEntry;
    fn from_str(text: &str) -> Result<Self, BadEntry> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| {
                bad(format!(
                    "{text:?} is none of ip, email, email-domain, domain, author, words"
                ))
            })
    }
}

/// Why an entry cannot be one: a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadEntry(String);

pub(super) fn bad(why: impl Into<String>) -> BadEntry {
    BadEntry(why.into())
}
