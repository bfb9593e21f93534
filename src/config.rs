//! Settings of `phin serve`: flags over environment (`PHIN_*`) over file over defaults in, one checked [`Config`] out. Nothing below reads the environment.

pub mod environment;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

use crate::campaigns::{FEWEST_BYTES, Windows};
use crate::http::{Policy, Unsure, check_secret};
use crate::moderation::{AuditPolicy, CorrectionPolicy, Reach, Retention};

/// The example file; a test holds it to the defaults.
pub const EXAMPLE: &str = include_str!("config.example.toml");

/// Settings as they come from outside: any of them may be wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawConfig {
    /// Address and port to listen on.
    pub listen: String,
    /// Address and port for figures and the details of readiness; on the operator's socket alone without.
    pub metrics_listen: Option<String>,
    /// Folder of the store.
    pub data_dir: PathBuf,
    /// Folder of a model, `shipped`, or `none` to begin knowing nothing.
    pub model: String,
    /// What an unsure verdict is for Akismet clients.
    pub unsure: Unsure,
    /// Bytes of a request body that are read.
    pub max_body_bytes: usize,
    /// Connections open at the same time.
    pub max_connections: u32,
    /// Requests a second that one key may make; as many as it likes without.
    pub max_requests_per_second: Option<u32>,
    /// Sites that one key may name, beside those given to it.
    pub max_sites_per_key: u32,
    /// Memory for the store's pages, in bytes.
    pub cache_bytes: u64,
    /// Seconds after which a write to the store is taken for one that never comes back; then the server ends with code 75.
    pub longest_write_seconds: u32,
    /// Verdicts of the last so many hours are corrected when labels turn them; 0 for none.
    pub correction_hours: u32,
    /// Days between two retrains from the server's own labels; 0 for none.
    pub retrain_days: u32,
    /// One in so many checks found ham is drawn for an audit; 0 for none.
    pub audit_one_in_ham: u32,
    /// The same of checks found spam.
    pub audit_one_in_spam: u32,
    /// Samples of a site, a day and a kind of verdict after which half as many are drawn.
    pub audit_most_per_day: u32,
    /// Whether sites on this machine and in private networks may be called.
    pub callback_private: bool,
    /// Days for which words of comments, names and addresses are kept; 0: they never come to disk.
    pub retention_days: u32,
    /// Log filter: error, warn, info, debug, or `phin=debug,info`.
    pub log: String,
    /// Whether the same text or contact on several sites is evidence.
    pub campaigns: bool,
    /// Memory for that, in bytes.
    pub campaign_bytes: usize,
    /// How far back it looks, in minutes.
    pub campaign_windows_minutes: Vec<u32>,
    /// The first key, instead of a random one.
    pub bootstrap_key: Option<String>,
}

impl Default for RawConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            metrics_listen: None,
            data_dir: "data".into(),
            model: "live".into(),
            unsure: Unsure::Hold,
            max_body_bytes: 1 << 20,
            max_connections: 1_024,
            max_requests_per_second: None,
            max_sites_per_key: crate::moderation::MOST_SITES_OF_KEY,
            cache_bytes: crate::store::DEFAULT_CACHE_BYTES,
            longest_write_seconds: 60,
            correction_hours: 24,
            retrain_days: 0,
            audit_one_in_ham: 200,
            audit_one_in_spam: 20,
            audit_most_per_day: 5,
            callback_private: false,
            retention_days: Retention::default().days,
            log: "info".into(),
            campaigns: true,
            campaign_bytes: crate::campaigns::DEFAULT_BYTES,
            campaign_windows_minutes: Windows::default().minutes().to_vec(),
            bootstrap_key: None,
        }
    }
}

/// Settings that can be used.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Where to listen: a host or an address, and a port.
    pub listen: String,
    /// Where to tell figures.
    pub metrics_listen: Option<SocketAddr>,
    /// Folder of the store.
    pub data_dir: PathBuf,
    /// Which model.
    pub model: ModelChoice,
    /// What the doors may decide.
    pub policy: Policy,
    /// Connections open at the same time, if the system allows as many.
    pub max_connections: NonZeroU32,
    /// Requests a second that one key may make.
    pub max_requests_per_second: Option<NonZeroU32>,
    /// Sites that one key may name.
    pub max_sites_per_key: u32,
    /// Memory for the store's pages, in bytes.
    pub cache_bytes: u64,
    /// How long a write to the store may take.
    pub longest_write: Duration,
    /// Days between two retrains; none without.
    pub retrain_days: Option<NonZeroU32>,
    /// Which verdicts are corrected, and who may be called.
    pub corrections: CorrectionPolicy,
    /// How long words are kept.
    pub retention: Retention,
    /// How many checks are drawn for an audit.
    pub audits: AuditPolicy,
    /// Log filter.
    pub log: String,
    /// Memory for campaigns, in bytes; 0 if they are off.
    pub campaign_bytes: usize,
    /// How far back campaigns look.
    pub campaign_windows: Windows,
    /// The first key.
    pub bootstrap_key: Option<String>,
    /// Variables of the environment that are called like settings and are none.
    pub ignored: Vec<String>,
}

/// Which model to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelChoice {
    /// The one that was promoted last in the data folder; the one inside the binary, if none was.
    Live,
    /// The one inside the binary.
    Shipped,
    /// None: all is learnt from labels.
    Cold,
    /// One in a folder.
    Folder(PathBuf),
}

impl ModelChoice {
    /// `live`, `shipped`, `none`, or a folder.
    pub fn parse(text: &str) -> Self {
        match text {
            "live" => Self::Live,
            "shipped" => Self::Shipped,
            "none" => Self::Cold,
            folder => Self::Folder(folder.into()),
        }
    }
}

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A source cannot be read or names unknown settings.
    #[error("the settings cannot be read: {0}")]
    Unreadable(String),
    /// A variable of the environment is nearly called like a setting.
    #[error(transparent)]
    Misspelt(#[from] environment::Misspelt),
    /// A value makes no sense.
    #[error("the setting {name} = {value:?} {why}")]
    Refused {
        /// Which setting.
        name: &'static str,
        /// Its value.
        value: String,
        /// What is wrong with it.
        why: String,
    },
}

impl Config {
    /// Gathers and checks the settings. `flags` are those given on the command line, and only those.
    ///
    /// # Errors
    /// A sentence on the first source or setting that is wrong.
    pub fn gather(file: Option<&Path>, flags: impl Serialize) -> Result<Self, ConfigError> {
        let mut sources = Figment::from(Serialized::defaults(RawConfig::default()));
        if let Some(file) = file {
            if !file.is_file() {
                return Err(ConfigError::Unreadable(format!(
                    "there is no file {}",
                    file.display()
                )));
            }
            sources = sources.merge(Toml::file_exact(file));
        }
        let variables = environment::sort(&names_of_settings())?;
        let ours = variables.ours;
        let sources = sources
            .merge(
                Env::prefixed("PHIN_")
                    .filter(move |name| ours.contains(&name.as_str().to_lowercase())),
            )
            .merge(Serialized::globals(flags));
        let raw: RawConfig = sources
            .extract()
            .map_err(|e| ConfigError::Unreadable(e.to_string()))?;
        Ok(Config {
            ignored: variables.foreign,
            ..raw.check()?
        })
    }
}

impl RawConfig {
    /// Checks every setting.
    pub fn check(self) -> Result<Config, ConfigError> {
        let refused = |name, value: &str, why: &str| ConfigError::Refused {
            name,
            value: value.to_owned(),
            why: why.to_owned(),
        };
        if !is_host_and_port(&self.listen) {
            return Err(refused(
                "listen",
                &self.listen,
                "is not a host or an address with a port, such as 127.0.0.1:8080, [::]:8080 or localhost:8080",
            ));
        }
        let metrics_listen = self.metrics_listen.as_deref().map(|address| {
            address.parse().map_err(|_| {
                refused(
                    "metrics_listen",
                    address,
                    "is not an address with a port, such as 127.0.0.1:9091",
                )
            })
        });
        let metrics_listen = metrics_listen.transpose()?;
        if self.max_sites_per_key == 0 {
            return Err(refused(
                "max_sites_per_key",
                "0",
                "would keep a record of no site; the least is 1",
            ));
        }
        if self.max_body_bytes < 1 << 16 {
            return Err(refused(
                "max_body_bytes",
                &self.max_body_bytes.to_string(),
                "is less than 65536, which would cut ordinary comments",
            ));
        }
        let campaign_bytes = match self.campaigns {
            true if self.campaign_bytes < FEWEST_BYTES => {
                return Err(refused(
                    "campaign_bytes",
                    &self.campaign_bytes.to_string(),
                    &format!("is less than {FEWEST_BYTES}; say campaigns = false to do without"),
                ));
            }
            true => self.campaign_bytes,
            false => 0,
        };
        let minutes = &self.campaign_windows_minutes;
        let campaign_windows = Windows::try_from(minutes.as_slice()).map_err(|why| {
            refused(
                "campaign_windows_minutes",
                &format!("{minutes:?}"),
                &why.to_string(),
            )
        })?;
        if self.correction_hours > CorrectionPolicy::MOST_HOURS {
            return Err(refused(
                "correction_hours",
                &self.correction_hours.to_string(),
                "is more than 720, thirty days: moderators have decided by then",
            ));
        }
        let most_per_day = NonZeroU32::new(self.audit_most_per_day).ok_or_else(|| {
            refused(
                "audit_most_per_day",
                "0",
                "is less than 1; to draw nothing, say audit_one_in_ham = 0 and audit_one_in_spam = 0",
            )
        })?;
        let max_connections = NonZeroU32::new(self.max_connections).ok_or_else(|| {
            refused(
                "max_connections",
                "0",
                "would let nobody in; leave it out for 1024",
            )
        })?;
        let max_requests_per_second = self
            .max_requests_per_second
            .map(|most| {
                NonZeroU32::new(most).ok_or_else(|| {
                    refused(
                        "max_requests_per_second",
                        "0",
                        "would let nobody in; leave it out for no limit",
                    )
                })
            })
            .transpose()?;
        if let Some(key) = &self.bootstrap_key {
            check_secret(key)
                .map_err(|why| refused("bootstrap_key", key, &format!("cannot be a key: {why}")))?;
        }
        Ok(Config {
            listen: self.listen,
            metrics_listen,
            data_dir: self.data_dir,
            model: ModelChoice::parse(&self.model),
            policy: Policy {
                unsure: self.unsure,
                max_body_bytes: self.max_body_bytes,
            },
            max_connections,
            max_requests_per_second,
            max_sites_per_key: self.max_sites_per_key,
            cache_bytes: self.cache_bytes.max(1 << 20),
            longest_write: Duration::from_secs(self.longest_write_seconds.max(1).into()),
            retrain_days: NonZeroU32::new(self.retrain_days),
            corrections: CorrectionPolicy {
                window_hours: self.correction_hours,
                reach: if self.callback_private {
                    Reach::Private
                } else {
                    Reach::Public
                },
            },
            retention: Retention {
                days: self.retention_days,
            },
            audits: AuditPolicy {
                one_in_ham: NonZeroU32::new(self.audit_one_in_ham),
                one_in_spam: NonZeroU32::new(self.audit_one_in_spam),
                most_per_day,
            },
            log: self.log,
            campaign_bytes,
            campaign_windows,
            bootstrap_key: self.bootstrap_key,
            ignored: Vec::new(),
        })
    }
}

fn names_of_settings() -> BTreeSet<String> {
    match serde_json::to_value(RawConfig::default()) {
        Ok(serde_json::Value::Object(settings)) => {
            settings.into_iter().map(|(name, _)| name).collect()
        }
        _ => BTreeSet::new(),
    }
}

/// Whether somebody could listen there; which addresses a host has is asked when somebody does.
fn is_host_and_port(listen: &str) -> bool {
    if listen.parse::<std::net::SocketAddr>().is_ok() {
        return true;
    }
    let Some((host, port)) = listen.rsplit_once(':') else {
        return false;
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.' || c == '_';
    !host.is_empty() && host.chars().all(is_name) && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_to_listen_is_a_host_or_an_address_and_a_port() {
        for good in [
            "127.0.0.1:0",
            "[::]:8080",
            "localhost:8080",
            "phin.internal:80",
        ] {
            assert!(is_host_and_port(good), "{good}");
        }
        for bad in [
            "",
            "8080",
            ":8080",
            "localhost",
            "localhost:",
            "::1:x",
            "a b:1",
            "tcp://10.0.0.1:80",
            "h:65536",
        ] {
            assert!(!is_host_and_port(bad), "{bad}");
        }
    }

    #[test]
    fn the_example_file_is_the_defaults() {
        let from_file: RawConfig = Figment::from(Toml::string(EXAMPLE))
            .extract()
            .expect("the example can be read");
        assert_eq!(from_file, RawConfig::default());
    }

    #[test]
    fn what_makes_no_sense_is_refused_in_words() {
        let check = |raw: RawConfig| raw.check().expect_err("must be refused").to_string();
        assert!(
            check(RawConfig {
                listen: "8080".into(),
                ..RawConfig::default()
            })
            .contains("127.0.0.1:8080")
        );
        assert!(
            check(RawConfig {
                bootstrap_key: Some("A B".into()),
                ..RawConfig::default()
            })
            .contains("lower-case")
        );
        assert!(
            check(RawConfig {
                max_body_bytes: 10,
                ..RawConfig::default()
            })
            .contains("65536")
        );
        assert!(
            check(RawConfig {
                correction_hours: 1_000,
                ..RawConfig::default()
            })
            .contains("720")
        );
        assert!(
            check(RawConfig {
                audit_most_per_day: 0,
                ..RawConfig::default()
            })
            .contains("audit_one_in_ham = 0")
        );
        assert!(
            check(RawConfig {
                max_requests_per_second: Some(0),
                ..RawConfig::default()
            })
            .contains("leave it out")
        );
        assert!(
            check(RawConfig {
                max_connections: 0,
                ..RawConfig::default()
            })
            .contains("let nobody in")
        );
    }

    #[test]
    fn unknown_settings_are_errors() {
        #[derive(Serialize)]
        struct Odd {
            lisen: &'static str,
        }
        assert!(Config::gather(None, Odd { lisen: "x" }).is_err());
    }
}
