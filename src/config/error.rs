//! What is wrong with the settings in, a sentence that names the setting out. Mends nothing.

use crate::config::environment::Misspelt;

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A source cannot be read or names unknown settings.
    #[error("the settings cannot be read: {0}")]
    Unreadable(String),
    /// A variable of the environment is nearly called like a setting.
    #[error(transparent)]
    Misspelt(#[from] Misspelt),
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
