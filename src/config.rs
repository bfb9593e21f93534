//! Settings of `phin serve`: flags over environment (`PHIN_*`) over file over defaults in, one
//! checked [`Config`] out. Nothing below reads the environment.

pub mod environment;
mod error;
mod raw;
mod settings;

use std::collections::BTreeSet;
use std::path::Path;

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::Serialize;

pub use crate::config::error::ConfigError;
pub use crate::config::raw::RawConfig;
pub use crate::config::settings::{Config, ModelChoice};

/// The example file; a test holds it to the defaults.
pub const EXAMPLE: &str = include_str!("config.example.toml");

impl Config {
    /// Gathers and checks the settings. `flags` are those given on the command line, and only
    /// those.
    ///
    /// # Errors
    /// The first source or setting that is wrong.
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

fn names_of_settings() -> BTreeSet<String> {
    match serde_json::to_value(RawConfig::default()) {
        Ok(serde_json::Value::Object(settings)) => {
            settings.into_iter().map(|(name, _)| name).collect()
        }
        _ => BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_file_is_the_defaults() {
        let from_file: RawConfig = Figment::from(Toml::string(EXAMPLE))
            .extract()
            .expect("the example can be read");
        assert_eq!(from_file, RawConfig::default());
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
