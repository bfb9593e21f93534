//! A recipe of a training: a TOML file in, its settings out. Trains nothing.

use std::path::Path;

use anyhow::Context;

use crate::learn::train::fit::TrainConfig;

/// The recipe of a file, or the one of the shipped model.
///
/// # Errors
/// The file cannot be read, or is no recipe.
pub(super) fn recipe(file: Option<&Path>) -> anyhow::Result<TrainConfig> {
    let Some(file) = file else {
        return Ok(TrainConfig::default());
    };
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read the recipe {}", file.display()))?;
    toml::from_str(&text).with_context(|| format!("{} is no recipe", file.display()))
}
