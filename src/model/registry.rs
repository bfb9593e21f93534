//! Models in, a folder with a folder for each out, beside a file that names the live one and the
//! history of promotions. It never decides whether a model should become live; it only writes that
//! down, whole or not at all.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::card::Card;
pub use super::card::{Promotion, SHIPPED};
use super::file::{CARD_FILE, MODEL_FILE, ModelFileError, write_atomically};
use super::parameters::Model;

/// The models of one data folder.
#[derive(Debug, Clone)]
pub struct ModelRegistry {
    folder: PathBuf,
}

impl ModelRegistry {
    /// The registry of a data folder. Its folder is made when a model is put into it.
    pub fn of(data_dir: &Path) -> Self {
        Self {
            folder: data_dir.join("models"),
        }
    }

    /// The path of a model's folder, whether or not it exists.
    pub fn place_of(&self, id: &str) -> PathBuf {
        self.folder.join(id)
    }

    /// Whether this is the id of a model here, or `shipped`; a path never is.
    pub fn holds(&self, id: &str) -> bool {
        let is_name = Path::new(id).file_name().is_some_and(|name| name == id);
        id == SHIPPED || is_name && self.place_of(id).join(CARD_FILE).is_file()
    }

    /// Copies a model here, with its report; returns its card. One that lies here already is left
    /// as it is.
    ///
    /// # Errors
    ///
    /// There is no usable model at `from`, or the disk refuses.
    pub fn put(&self, from: &Path) -> Result<Card, ModelFileError> {
        let card = Model::load(from)?.card;
        let to = self.place_of(&card.id);
        if to.join(MODEL_FILE).exists() {
            return Ok(card);
        }
        // The card is written last: a copy that breaks off has none and is not listed.
        copy_folder(&from.join("report"), &to.join("report"))?;
        for name in [MODEL_FILE, CARD_FILE] {
            let bytes = fs::read(from.join(name)).map_err(failed("read", &from.join(name)))?;
            fs::create_dir_all(&to).map_err(failed("create", &to))?;
            write_atomically(&to.join(name), &bytes)?;
        }
        Ok(card)
    }

    /// The cards of all models here, in order of id. A card that cannot be read is left out here;
    /// `load` says what is wrong with it.
    pub fn cards(&self) -> Vec<Card> {
        let folders = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut cards: Vec<Card> = folders
            .filter_map(|folder| {
                let text = fs::read_to_string(folder.path().join(CARD_FILE)).ok()?;
                let card: Card = toml::from_str(&text).ok()?;
                // A folder that a broken-off retrain left behind has another name than its card.
                (folder.file_name() == card.id.as_str()).then_some(card)
            })
            .collect();
        cards.sort_by(|a, b| a.id.cmp(&b.id));
        cards
    }

    /// Loads one by its id; `shipped` is the one inside the binary.
    ///
    /// # Errors
    ///
    /// There is no model of that id here, or it is not usable.
    pub fn load(&self, id: &str) -> Result<Model, ModelFileError> {
        if id == SHIPPED {
            return Ok(Model::shipped());
        }
        if !self.holds(id) {
            return Err(ModelFileError::Refused {
                path: self.place_of(id),
                why: "there is no such model here (phin models list)".to_owned(),
            });
        }
        Model::load(&self.place_of(id))
    }

    /// Id of the live one; `shipped` before anything was promoted.
    ///
    /// # Errors
    ///
    /// The file is there and cannot be read.
    pub fn live(&self) -> Result<String, ModelFileError> {
        let path = self.folder.join("live");
        match fs::read_to_string(&path) {
            Ok(id) => Ok(id.trim().to_owned()),
            // A data folder that is a file is refused by the store, with its own message.
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(SHIPPED.to_owned())
            }
            Err(error) => Err(failed("read", &path)(error)),
        }
    }

    /// All promotions, the latest last.
    ///
    /// # Errors
    ///
    /// The file is there and cannot be read.
    pub fn history(&self) -> Result<Vec<Promotion>, ModelFileError> {
        let path = self.folder.join("history.jsonl");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(failed("read", &path)(error)),
        };
        // A line torn by a crash belongs to a promotion that did not happen: the live file is
        // written after it. So it is skipped.
        Ok(text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect())
    }

    /// Makes a model live from the next start on, and writes the promotion on its card and into the
    /// history.
    ///
    /// # Errors
    ///
    /// The model has no card here, or the disk refuses.
    pub fn promote(&self, promotion: &Promotion) -> Result<(), ModelFileError> {
        fs::create_dir_all(&self.folder).map_err(failed("create", &self.folder))?;
        if promotion.id != SHIPPED {
            let path = self.place_of(&promotion.id).join(CARD_FILE);
            let text = fs::read_to_string(&path).map_err(failed("read", &path))?;
            let mut card: Card =
                toml::from_str(&text).map_err(|error| ModelFileError::Refused {
                    path: path.clone(),
                    why: error.to_string(),
                })?;
            card.promoted.push(promotion.clone());
            let text = toml::to_string(&card).map_err(|error| ModelFileError::Refused {
                path: path.clone(),
                why: error.to_string(),
            })?;
            write_atomically(&path, text.as_bytes())?;
        }
        let path = self.folder.join("history.jsonl");
        let line = serde_json::to_string(promotion).expect("plain data can be written down");
        let mut history = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(failed("open", &path))?;
        writeln!(history, "{line}")
            .and_then(|()| history.sync_data())
            .map_err(failed("write", &path))?;
        // Last: this rename is what makes the model live, and all else is on disk by then.
        write_atomically(&self.folder.join("live"), promotion.id.as_bytes())
    }
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> ModelFileError {
    let path = path.to_owned();
    move |source| ModelFileError::Io {
        action,
        path,
        source,
    }
}

/// Files of one folder and of those below; nothing where there is none.
fn copy_folder(from: &Path, to: &Path) -> Result<(), ModelFileError> {
    let Ok(entries) = fs::read_dir(from) else {
        return Ok(());
    };
    fs::create_dir_all(to).map_err(failed("create", to))?;
    for entry in entries {
        let entry = entry.map_err(failed("read", from))?;
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            copy_folder(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name)).map_err(failed("copy", &path))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn promotion(id: &str, before: &str) -> Promotion {
        Promotion {
            id: id.to_owned(),
            before: before.to_owned(),
            at: 1,
            gate: "not asked".to_owned(),
            forced: Some("a test".to_owned()),
        }
    }

    #[test]
    fn a_model_put_into_the_registry_goes_live_and_its_card_says_how() {
        let (data, elsewhere) = (tempfile::tempdir(), tempfile::tempdir());
        let (data, elsewhere) = (data.expect("a folder"), elsewhere.expect("a folder"));
        let registry = ModelRegistry::of(data.path());
        assert_eq!(registry.live().expect("readable"), SHIPPED);
        let mut model = Model::cold();
        model.save(elsewhere.path()).expect("saved");
        let card = registry.put(elsewhere.path()).expect("copied");
        assert_eq!(registry.put(elsewhere.path()).expect("known"), card);
        registry
            .promote(&promotion(&card.id, SHIPPED))
            .expect("promoted");
        assert_eq!(registry.live().expect("readable"), card.id);
        let loaded = registry.load(&card.id).expect("loads");
        assert_eq!(loaded.card.promoted, [promotion(&card.id, SHIPPED)]);
        assert_eq!(registry.cards().len(), 1);
        registry
            .promote(&promotion(SHIPPED, &card.id))
            .expect("back");
        assert_eq!(registry.live().expect("readable"), SHIPPED);
        assert_eq!(registry.history().expect("readable").len(), 2);
    }

    #[test]
    fn what_is_not_there_cannot_go_live() {
        let data = tempfile::tempdir().expect("a folder");
        let registry = ModelRegistry::of(data.path());
        assert!(
            registry
                .promote(&promotion("phin-nothing", SHIPPED))
                .is_err()
        );
        assert_eq!(registry.live().expect("readable"), SHIPPED);
        assert!(registry.history().expect("readable").is_empty());
    }
}
