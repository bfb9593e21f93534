//! Which model a command uses: a flag in, a loaded model out. Trains nothing.

use anyhow::Context;

use super::data_dir::DataDirArgs;
use crate::config::ModelChoice;
use crate::model::Model;

/// Which model a command uses.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ModelArgs {
    /// Folder of a model, `shipped`, or `none` for one that knows nothing
    #[arg(
        long,
        value_name = "DIR",
        default_value = "shipped",
        env = "PHIN_MODEL"
    )]
    model: String,
}

impl ModelArgs {
    /// Loads it.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub(super) fn load(&self) -> anyhow::Result<Model> {
        load_model(&ModelChoice::parse(&self.model))
    }
}

/// The model of a choice that names it; `live` names none here.
///
/// # Errors
/// It is `live`, or it cannot be read.
pub(super) fn load_model(choice: &ModelChoice) -> anyhow::Result<Model> {
    match choice {
        ModelChoice::Live => {
            anyhow::bail!("which live model? Say --model shipped, or its folder: phin models list")
        }
        ModelChoice::Shipped => Ok(Model::shipped()),
        ModelChoice::Cold => Ok(Model::cold()),
        ModelChoice::Folder(dir) => Ok(Model::load(dir)?),
    }
}

/// A model by its folder or name; `live` is the one of the data folder.
///
/// # Errors
/// There is none, or it cannot be read.
pub(super) fn model_of(named: &str, data: &DataDirArgs) -> anyhow::Result<Model> {
    if named != "live" {
        return load_model(&ModelChoice::parse(named));
    }
    let shelf = data.shelf();
    let id = shelf.live()?;
    shelf
        .load(&id)
        .with_context(|| format!("the live model {id} cannot be used"))
}
