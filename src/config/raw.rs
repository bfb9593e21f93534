//! Settings as they come from outside in, checked ones or a sentence out. Reads no source.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::campaigns::{FEWEST_BYTES, Windows};
use crate::config::error::ConfigError;
use crate::config::settings::{Config, ModelChoice};
use crate::http::{Policy, Unsure, check_secret};
use crate::moderation::{AuditPolicy, CorrectionPolicy, Reach, Retention};

/// Fewer bytes of a body would cut ordinary comments.
const FEWEST_BODY_BYTES: usize = 1 << 16;

/// Settings as they come from outside: any of them may be wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawConfig {
    /// Address and port to listen on.
    pub listen: String,
    /// Address and port for metrics and the details of readiness; on the operator's socket alone
    /// without.
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
    /// Seconds after which a write to the store is taken for one that never comes back; then the
    /// server ends with code 75.
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

impl RawConfig {
    /// Checks every setting.
    ///
    /// # Errors
    /// The first setting that makes no sense.
    pub fn check(self) -> Result<Config, ConfigError> {
        self.check_listen()?;
        self.check_sizes()?;
        self.check_bootstrap_key()?;
        Ok(Config {
            metrics_listen: self.metrics_listen()?,
            model: ModelChoice::parse(&self.model),
            policy: Policy {
                unsure: self.unsure,
                max_body_bytes: self.max_body_bytes,
            },
            max_connections: self.max_connections()?,
            max_requests_per_second: self.max_requests_per_second()?,
            max_sites_per_key: self.max_sites_per_key,
            cache_bytes: self.cache_bytes.max(1 << 20),
            longest_write: Duration::from_secs(self.longest_write_seconds.max(1).into()),
            retrain_days: NonZeroU32::new(self.retrain_days),
            corrections: self.corrections()?,
            retention: Retention {
                days: self.retention_days,
            },
            audits: self.audits()?,
            campaign_bytes: self.campaign_bytes()?,
            campaign_windows: self.campaign_windows()?,
            listen: self.listen,
            data_dir: self.data_dir,
            log: self.log,
            bootstrap_key: self.bootstrap_key,
            ignored: Vec::new(),
        })
    }

    fn check_listen(&self) -> Result<(), ConfigError> {
        if is_host_and_port(&self.listen) {
            return Ok(());
        }
        Err(refused(
            "listen",
            &self.listen,
            "is not a host or an address with a port, such as 127.0.0.1:8080, [::]:8080 or localhost:8080",
        ))
    }

    fn metrics_listen(&self) -> Result<Option<SocketAddr>, ConfigError> {
        let parsed = self.metrics_listen.as_deref().map(|address| {
            let why = "is not an address with a port, such as 127.0.0.1:9091";
            let parsed = address.parse();
            parsed.map_err(|_| refused("metrics_listen", address, why))
        });
        parsed.transpose()
    }

    fn check_sizes(&self) -> Result<(), ConfigError> {
        if self.max_sites_per_key == 0 {
            let why = "would keep a record of no site; the least is 1";
            return Err(refused("max_sites_per_key", "0", why));
        }
        if self.max_body_bytes < FEWEST_BODY_BYTES {
            let why = "is less than 65536, which would cut ordinary comments";
            let value = self.max_body_bytes.to_string();
            return Err(refused("max_body_bytes", &value, why));
        }
        Ok(())
    }

    fn max_connections(&self) -> Result<NonZeroU32, ConfigError> {
        NonZeroU32::new(self.max_connections).ok_or_else(|| {
            let why = "would let nobody in; leave it out for 1024";
            refused("max_connections", "0", why)
        })
    }

    fn max_requests_per_second(&self) -> Result<Option<NonZeroU32>, ConfigError> {
        let most = self.max_requests_per_second.map(|most| {
            let why = "would let nobody in; leave it out for no limit";
            NonZeroU32::new(most).ok_or_else(|| refused("max_requests_per_second", "0", why))
        });
        most.transpose()
    }

    fn corrections(&self) -> Result<CorrectionPolicy, ConfigError> {
        if self.correction_hours > CorrectionPolicy::MOST_HOURS {
            let why = "is more than 720, thirty days: moderators have decided by then";
            let value = self.correction_hours.to_string();
            return Err(refused("correction_hours", &value, why));
        }
        Ok(CorrectionPolicy {
            window_hours: self.correction_hours,
            reach: match self.callback_private {
                true => Reach::Private,
                false => Reach::Public,
            },
        })
    }

    fn audits(&self) -> Result<AuditPolicy, ConfigError> {
        let most_per_day = NonZeroU32::new(self.audit_most_per_day).ok_or_else(|| {
            let why = "is less than 1; to draw nothing, say audit_one_in_ham = 0 and audit_one_in_spam = 0";
            refused("audit_most_per_day", "0", why)
        })?;
        Ok(AuditPolicy {
            one_in_ham: NonZeroU32::new(self.audit_one_in_ham),
            one_in_spam: NonZeroU32::new(self.audit_one_in_spam),
            most_per_day,
        })
    }

    /// Memory for campaigns; 0 if they are off.
    fn campaign_bytes(&self) -> Result<usize, ConfigError> {
        match self.campaigns {
            false => Ok(0),
            true if self.campaign_bytes < FEWEST_BYTES => Err(refused(
                "campaign_bytes",
                &self.campaign_bytes.to_string(),
                &format!("is less than {FEWEST_BYTES}; say campaigns = false to do without"),
            )),
            true => Ok(self.campaign_bytes),
        }
    }

    fn campaign_windows(&self) -> Result<Windows, ConfigError> {
        let minutes = &self.campaign_windows_minutes;
        Windows::try_from(minutes.as_slice()).map_err(|why| {
            let value = format!("{minutes:?}");
            refused("campaign_windows_minutes", &value, &why.to_string())
        })
    }

    fn check_bootstrap_key(&self) -> Result<(), ConfigError> {
        let Some(key) = &self.bootstrap_key else {
            return Ok(());
        };
        let checked = check_secret(key);
        checked.map_err(|why| refused("bootstrap_key", key, &format!("cannot be a key: {why}")))
    }
}

fn refused(name: &'static str, value: &str, why: &str) -> ConfigError {
    ConfigError::Refused {
        name,
        value: value.to_owned(),
        why: why.to_owned(),
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
}
