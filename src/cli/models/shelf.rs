//! A model as people name it in, the model or its id on the shelf out. Lets none judge.

use std::path::Path;

use crate::model::Model;
use crate::model::registry::ModelRegistry;

/// The model with an id, `live`, `shipped`, or in a folder anywhere.
///
/// # Errors
/// There is none, or it cannot be read.
pub(super) fn find(shelf: &ModelRegistry, name: &str) -> anyhow::Result<Model> {
    let id = match name {
        "live" => shelf.live()?,
        name => name.to_owned(),
    };
    let folder = Path::new(&id);
    if !shelf.holds(&id) && folder.is_dir() {
        return Ok(Model::load(folder)?);
    }
    Ok(shelf.load(&id)?)
}

/// The id of a model that is on the shelf; one in a folder is copied there first.
///
/// # Errors
/// The folder holds no model, or it cannot be copied.
pub(super) fn id_of(shelf: &ModelRegistry, name: &str) -> anyhow::Result<String> {
    let folder = Path::new(name);
    if shelf.holds(name) || !folder.is_dir() {
        return Ok(name.to_owned());
    }
    Ok(shelf.put(folder)?.id)
}
