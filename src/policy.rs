//! What a site wants, in and out: how strict its verdicts are, and what an unsure verdict means.
//! Plain values; the caller knows the site. Never reads the store.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::verdict::{Cutoffs, Verdict};

/// What an unsure verdict means to a client that knows only true and false.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unsure {
    /// Not spam, but held for a person if the client can do that.
    #[default]
    Hold,
    /// Not spam.
    Ham,
    /// Spam.
    Spam,
}

impl Unsure {
    /// Whether a verdict counts as spam for a client that knows only true and false.
    pub fn is_spam(self, verdict: Verdict) -> bool {
        match verdict {
            Verdict::Ham => false,
            Verdict::Unsure => self == Self::Spam,
            Verdict::Spam | Verdict::Discard => true,
        }
    }

    /// `hold`, `ham` or `spam`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Ham => "ham",
            Self::Spam => "spam",
        }
    }
}

impl FromStr for Unsure {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Hold, Self::Ham, Self::Spam]
            .into_iter()
            .find(|unsure| unsure.as_str() == text)
            .ok_or_else(|| format!("{text:?} is none of hold, ham, spam"))
    }
}

/// Which mistakes a site wants to avoid more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strictness {
    /// Fewer comments are held; more spam gets through.
    Lenient,
    /// The cutoffs of the model, unchanged.
    #[default]
    Normal,
    /// Less spam gets through; more comments wait for a person.
    Strict,
}

/// How far a site may move the cutoffs, in log-odds. 1 multiplies the odds by 2.7.
/// docs/DECISIONS.md has the measurements.
const SHIFT: f64 = 1.0;

/// The lowest cutoff for unsure, in log-odds (5 % spam), however strict the site is.
const LOWEST_UNSURE: f64 = -3.0;

impl Strictness {
    /// The model's cutoffs, moved by this strictness. Strictness alone never makes spam of a
    /// comment that is more likely ham, and never discards more than the model found safe.
    pub fn shift(self, cutoffs: &Cutoffs) -> Cutoffs {
        let Cutoffs {
            unsure,
            spam,
            discard,
        } = *cutoffs;
        match self {
            Self::Normal => *cutoffs,
            Self::Lenient => Cutoffs {
                unsure: unsure + SHIFT,
                spam: spam + SHIFT,
                discard: discard + SHIFT,
            },
            Self::Strict => {
                let spam = (spam - SHIFT).max(spam.min(0.0));
                Cutoffs {
                    unsure: (unsure - SHIFT).max(unsure.min(LOWEST_UNSURE)).min(spam),
                    spam,
                    discard,
                }
            }
        }
    }

    /// `lenient`, `normal` or `strict`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lenient => "lenient",
            Self::Normal => "normal",
            Self::Strict => "strict",
        }
    }
}

impl FromStr for Strictness {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Lenient, Self::Normal, Self::Strict]
            .into_iter()
            .find(|strictness| strictness.as_str() == text)
            .ok_or_else(|| format!("{text:?} is none of lenient, normal, strict"))
    }
}

/// The settings of one site that differ from the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SiteSettings {
    /// What an unsure verdict means; `None` takes the server's setting.
    pub unsure: Option<Unsure>,
    /// How the cutoffs are moved.
    #[serde(default)]
    pub strictness: Strictness,
    /// Seconds after which a held comment is to be checked again, if more may be known of it soon;
    /// `None` for never.
    pub recheck_after_s: Option<u32>,
}

/// The names of all settings.
pub const SITE_SETTINGS: [&str; 3] = ["unsure", "strictness", "recheck_after_s"];

/// The value that removes a setting.
pub const DEFAULT: &str = "default";

/// Longest wait for a recheck, in seconds: a day.
const LONGEST_RECHECK_S: u32 = 86_400;

/// Why a setting is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSetting {
    /// There is no setting of this name.
    #[error("a site has no setting {0:?}; it has unsure, strictness and recheck_after_s")]
    Unknown(String),
    /// The value is not valid.
    #[error("{name}: {why}; \"default\" takes the setting back")]
    Value {
        /// Name of the setting.
        name: &'static str,
        /// What is wrong with the value.
        why: String,
    },
}

impl SiteSettings {
    /// Sets one setting by its name; `default` removes it.
    ///
    /// # Errors
    ///
    /// There is no such setting, or the value is not valid.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), BadSetting> {
        let name = *SITE_SETTINGS
            .iter()
            .find(|known| **known == name)
            .ok_or_else(|| BadSetting::Unknown(name.to_owned()))?;
        let bad = |why: String| BadSetting::Value { name, why };
        let value = Some(value.trim()).filter(|value| *value != DEFAULT);
        match name {
            "unsure" => self.unsure = value.map(str::parse).transpose().map_err(bad)?,
            "strictness" => {
                self.strictness = value
                    .map_or(Ok(Strictness::Normal), str::parse)
                    .map_err(bad)?
            }
            _ => {
                let seconds = value.map(|value| {
                    let seconds = value.parse().ok();
                    seconds.filter(|s| (1..=LONGEST_RECHECK_S).contains(s)).ok_or_else(|| {
                        bad(format!("{value:?} is not a whole number of seconds from 1 to {LONGEST_RECHECK_S}"))
                    })
                });
                self.recheck_after_s = seconds.transpose()?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for SiteSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unsure = self.unsure.map_or(DEFAULT, Unsure::as_str);
        let recheck = self
            .recheck_after_s
            .map_or(DEFAULT.to_owned(), |s| s.to_string());
        let strictness = self.strictness.as_str();
        write!(
            f,
            "unsure={unsure} strictness={strictness} recheck_after_s={recheck}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CUTOFFS: Cutoffs = Cutoffs {
        unsure: -2.5,
        spam: 0.4,
        discard: 4.6,
    };

    #[test]
    fn a_shift_stays_within_its_bounds() {
        let strict = Strictness::Strict.shift(&CUTOFFS);
        assert_eq!(
            (strict.unsure, strict.spam, strict.discard),
            (-3.0, 0.0, 4.6)
        );
        let lenient = Strictness::Lenient.shift(&CUTOFFS);
        assert_eq!(
            (lenient.unsure, lenient.spam, lenient.discard),
            (-1.5, 1.4, 5.6)
        );
        assert_eq!(Strictness::Normal.shift(&CUTOFFS), CUTOFFS);
        // The cutoffs of a model that is beyond the limits already stay where they are.
        let bold = Cutoffs {
            unsure: -4.0,
            spam: -1.0,
            discard: 1.0,
        };
        assert_eq!(Strictness::Strict.shift(&bold), bold);
    }

    #[test]
    fn settings_are_set_and_taken_back_by_name() {
        let mut settings = SiteSettings::default();
        for (name, value) in [
            ("unsure", "ham"),
            ("strictness", "strict"),
            ("recheck_after_s", "60"),
        ] {
            settings.set(name, value).expect("good");
        }
        assert_eq!(
            settings.to_string(),
            "unsure=ham strictness=strict recheck_after_s=60"
        );
        for name in SITE_SETTINGS {
            settings.set(name, DEFAULT).expect("good");
        }
        assert_eq!(settings, SiteSettings::default());
    }

    #[test]
    fn what_is_no_setting_is_refused_in_words() {
        let mut settings = SiteSettings::default();
        for (name, value, says) in [
            ("colour", "red", "no setting \"colour\""),
            ("unsure", "maybe", "none of hold, ham, spam"),
            ("strictness", "5", "none of lenient, normal, strict"),
            ("recheck_after_s", "0", "from 1 to 86400"),
            ("recheck_after_s", "1h", "from 1 to 86400"),
        ] {
            let error = settings.set(name, value).expect_err("bad").to_string();
            assert!(error.contains(says), "{error}");
        }
        assert_eq!(settings, SiteSettings::default());
    }
}
