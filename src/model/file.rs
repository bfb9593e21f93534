//! A model in, a folder with `model.bin` (figures) and `card.toml` (words) out, and back. Saving is
//! atomic. A file that is torn, changed or of another format is refused in a sentence and never
//! used in part.
//!
//! `model.bin` is eight bytes of magic, the format version (u32, little-endian), the length of the
//! body in bytes (u64, little-endian), the SHA-256 of the body (32 bytes), and the body: postcard
//! packed by zstd.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::card::Card;
pub use super::card::FORMAT_VERSION;
use super::categories::Categories;
use super::packed_categories::Packed;
use super::parameters::{Model, RoundedEntry};
use super::settings::Settings;
use crate::bounded;
use crate::features::{FEATURE_BITS, FEATURES_VERSION, HASH_NAME};

const MAGIC: &[u8; 8] = b"phinmodl";
const HEADER: usize = 8 + 4 + 8 + 32;
pub(super) const MODEL_FILE: &str = "model.bin";
pub(super) const CARD_FILE: &str = "card.toml";

/// The zstd level: the highest that still takes seconds. The shipped model is read far more often
/// than written.
const COMPRESSION: i32 = 19;

/// Largest body after unpacking, in bytes. A model has at most `2^FEATURE_BITS` entries, and
/// postcard writes one as fourteen bytes at most: five for the step and three for each of the
/// others.
const LARGEST_BODY: u64 = 128 << 20;

/// Largest `model.bin` on disk, in bytes.
const LARGEST_FILE: usize = 64 << 20;

/// Largest card, in bytes.
const LARGEST_CARD: usize = 4 << 20;

/// The shipped model is part of the binary: phin works wherever its file is put.
const SHIPPED_MODEL: &[u8] = include_bytes!("../../models/shipped/model.bin");
const SHIPPED_CARD: &str = include_str!("../../models/shipped/card.toml");

/// Why a model cannot be loaded or saved.
#[derive(Debug, thiserror::Error)]
pub enum ModelFileError {
    /// The disk refused.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// read or write
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// The error of the disk.
        source: std::io::Error,
    },
    /// The file is not a model, or not a whole one.
    #[error("{path} is no usable model: {why}")]
    Refused {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

#[derive(Serialize, Deserialize)]
struct Body {
    features_version: u32,
    feature_bits: u32,
    hash: String,
    settings: Settings,
    /// Differences between ascending buckets.
    #[serde(deserialize_with = "column")]
    steps: Vec<u32>,
    #[serde(deserialize_with = "column")]
    spam: Vec<u16>,
    #[serde(deserialize_with = "column")]
    ham: Vec<u16>,
    /// Weights in units of `unit`.
    #[serde(deserialize_with = "column")]
    weights: Vec<i16>,
    unit: f32,
}

/// Reads a column and refuses one with more figures than there are buckets. A packed file of few
/// bytes can claim any length, so memory must not follow the claim.
fn column<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    struct Figures<T>(std::marker::PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Figures<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("figures")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Vec<T>, A::Error> {
            let mut column = Vec::new();
            while let Some(figure) = all.next_element()? {
                if column.len() == 1 << FEATURE_BITS {
                    return Err(A::Error::custom(
                        "a column is longer than there are buckets",
                    ));
                }
                column.push(figure);
            }
            Ok(column)
        }
    }
    from.deserialize_seq(Figures(std::marker::PhantomData))
}

impl Model {
    /// Writes the model into a folder (created if missing) and names it after its digest. Other
    /// files in the folder are left alone.
    ///
    /// # Errors
    ///
    /// The card cannot be written down, or the disk refuses.
    pub fn save(&mut self, dir: &Path) -> Result<(), ModelFileError> {
        let (file, digest) = encode(self);
        self.card.id = name_of(&digest);
        self.card.digest = digest;
        let card = toml::to_string(&self.card).map_err(|e| refused(dir, e.to_string()))?;
        fs::create_dir_all(dir).map_err(|source| ModelFileError::Io {
            action: "create",
            path: dir.to_owned(),
            source,
        })?;
        write_atomically(&dir.join(MODEL_FILE), &file)?;
        write_atomically(&dir.join(CARD_FILE), card.as_bytes())
    }

    /// Reads a model from a folder.
    ///
    /// # Errors
    ///
    /// A file is missing or cannot be read, or it is no whole model of this version of phin with
    /// its own card.
    pub fn load(dir: &Path) -> Result<Self, ModelFileError> {
        let read = |name: &str, most: usize| {
            let path = dir.join(name);
            let file = fs::File::open(&path).and_then(|file| bounded::read_all(file, most));
            file.map_err(|source| ModelFileError::Io {
                action: "read",
                path,
                source,
            })
        };
        let file = read(MODEL_FILE, LARGEST_FILE)?;
        let card = read(CARD_FILE, LARGEST_CARD)?;
        let card =
            String::from_utf8(card).map_err(|_| refused(&dir.join(CARD_FILE), "it is not text"))?;
        decode(&dir.join(MODEL_FILE), &file, &dir.join(CARD_FILE), &card)
    }

    /// The shipped model, from the binary.
    pub fn shipped() -> Self {
        decode(
            Path::new("the shipped model.bin"),
            SHIPPED_MODEL,
            Path::new("the shipped card.toml"),
            SHIPPED_CARD,
        )
        .expect("the build checks the shipped model (tests: the_shipped_model_loads)")
    }
}

/// The name of a model is made from its digest, so that no model can have the name of another.
fn name_of(digest: &str) -> String {
    format!("phin-{}", digest.get(..12).unwrap_or(digest))
}

fn encode(model: &Model) -> (Vec<u8>, String) {
    let entries: Vec<RoundedEntry> = model.rounded_entries().collect();
    let mut before = 0;
    let body = Body {
        features_version: FEATURES_VERSION,
        feature_bits: FEATURE_BITS,
        hash: HASH_NAME.to_owned(),
        settings: model.settings.clone(),
        steps: entries
            .iter()
            .map(|e| e.id - std::mem::replace(&mut before, e.id))
            .collect(),
        spam: entries.iter().map(|e| e.count[0]).collect(),
        ham: entries.iter().map(|e| e.count[1]).collect(),
        weights: entries.iter().map(|e| e.weight).collect(),
        unit: model.unit,
    };
    let plain = postcard::to_stdvec(&body).expect("figures can be written down");
    // Categories follow the figures in the same stream, so that they can be read after the figures
    // are checked.
    let categories = model.categories.as_ref().map(Categories::pack);
    let plain = postcard::to_extend(&categories, plain).expect("categories can be written down");
    let packed = zstd::encode_all(plain.as_slice(), COMPRESSION).expect("memory can be compressed");
    let mut file = Vec::with_capacity(HEADER + packed.len());
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
    file.extend_from_slice(&(packed.len() as u64).to_le_bytes());
    file.extend_from_slice(&Sha256::digest(&packed));
    file.extend_from_slice(&packed);
    let digest = hex(&Sha256::digest(&file));
    (file, digest)
}

fn decode(path: &Path, file: &[u8], card_path: &Path, card: &str) -> Result<Model, ModelFileError> {
    let card: Card = toml::from_str(card).map_err(|e| {
        refused(
            card_path,
            format!("its card cannot be read ({})", e.message()),
        )
    })?;
    let packed = packed_body(path, file, &card)?;
    if card.id != name_of(&card.digest) {
        return Err(refused(
            card_path,
            format!(
                "it calls itself {:?}; its digest says {}",
                card.id,
                name_of(&card.digest)
            ),
        ));
    }
    // The body is decoded while it is unpacked. Unpacked at once it is as large as all tables
    // together, and the allocator would keep that memory.
    let unpacked = zstd::stream::Decoder::with_buffer(packed)
        .map_err(|e| refused(path, format!("it cannot be unpacked ({e})")))?;
    let bounded = std::io::BufReader::new(unpacked.take(LARGEST_BODY));
    let mut scratch = [0; 1 << 10];
    let (body, (rest, _)): (Body, _) = postcard::from_io((bounded, &mut scratch))
        .map_err(|e| refused(path, format!("its figures cannot be read ({e})")))?;
    check_body(path, &body)?;
    let mut model = model_of(card, body);
    let mut scratch = [0; 1 << 10];
    let (packed, _): (Option<Packed>, _) = postcard::from_io((rest, &mut scratch))
        .map_err(|e| refused(path, format!("its categories cannot be read ({e})")))?;
    model.categories = packed
        .map(Categories::unpack)
        .transpose()
        .map_err(|why| refused(path, why))?;
    Ok(model)
}

/// The body after the header, if it is whole and its digest is that of the card.
fn packed_body<'a>(path: &Path, file: &'a [u8], card: &Card) -> Result<&'a [u8], ModelFileError> {
    if file.len() < HEADER || &file[..8] != MAGIC {
        return Err(refused(path, "it does not begin like a phin model"));
    }
    let version = u32::from_le_bytes([file[8], file[9], file[10], file[11]]);
    if version != FORMAT_VERSION {
        return Err(refused(
            path,
            format!("it has format {version}; this phin reads format {FORMAT_VERSION}"),
        ));
    }
    let mut length = [0; 8];
    length.copy_from_slice(&file[12..20]);
    let length = u64::from_le_bytes(length);
    let body = &file[HEADER..];
    if body.len() as u64 != length {
        return Err(refused(
            path,
            format!("it is torn: {} bytes of {length} are there", body.len()),
        ));
    }
    if Sha256::digest(body).as_slice() != &file[20..HEADER]
        || hex(&Sha256::digest(file)) != card.digest
    {
        return Err(refused(
            path,
            "its digest does not match; it was changed or damaged, or the card belongs to another model",
        ));
    }
    Ok(body)
}

/// Whether the model was trained with the features of this phin, and all columns have one length.
fn check_body(path: &Path, body: &Body) -> Result<(), ModelFileError> {
    if body.features_version != FEATURES_VERSION
        || body.hash != HASH_NAME
        || body.feature_bits != FEATURE_BITS
    {
        return Err(refused(
            path,
            format!(
                "it was trained with features {} ({}, {} bits); this phin has features {FEATURES_VERSION} ({HASH_NAME}, {FEATURE_BITS} bits): train it anew",
                body.features_version, body.hash, body.feature_bits
            ),
        ));
    }
    let columns = [
        body.steps.len(),
        body.spam.len(),
        body.ham.len(),
        body.weights.len(),
    ];
    let known_kinds = body.settings.influence.belief.len() == crate::features::Kind::ALL.len();
    if columns.iter().any(|&len| len != columns[0]) || !known_kinds || !body.unit.is_finite() {
        return Err(refused(path, "its columns do not fit together"));
    }
    Ok(())
}

/// The model that columns of one length describe. A bucket is the one before plus a step.
fn model_of(card: Card, body: Body) -> Model {
    let mut id = 0_u32;
    let entries = (0..body.steps.len()).map(|at| {
        id = id.saturating_add(body.steps[at]);
        RoundedEntry {
            id,
            count: [body.spam[at], body.ham[at]],
            weight: body.weights[at],
        }
    });
    Model::of_rounded(card, body.settings, body.unit, entries)
}

fn refused(path: &Path, why: impl Into<String>) -> ModelFileError {
    ModelFileError::Refused {
        path: path.to_owned(),
        why: why.into(),
    }
}

/// Writes a file beside the target, syncs it to disk and renames it: a reader sees the old file or
/// the new one, and never half of one.
///
/// # Errors
///
/// The disk refuses.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), ModelFileError> {
    let io = |source| ModelFileError::Io {
        action: "write",
        path: path.to_owned(),
        source,
    };
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    let mut file = fs::File::create(&beside).map_err(io)?;
    file.write_all(bytes).map_err(io)?;
    file.sync_all().map_err(io)?;
    fs::rename(&beside, path).map_err(io)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Entry;
    use crate::model::counts::Count;

    fn tiny() -> Model {
        let entries = [(3_u32, 1.5_f32), (70_000, -0.5)].map(|(id, weight)| Entry {
            id,
            count: Count {
                spam: 2,
                ham: 90_000,
            },
            weight,
        });
        Model::new(Card::unsaved(7), Settings::cold(), entries)
    }

    fn saved() -> (tempfile::TempDir, Model) {
        let dir = tempfile::tempdir().expect("a folder");
        let mut model = tiny();
        model.save(dir.path()).expect("saves");
        (dir, model)
    }

    #[track_caller]
    fn refusal(dir: &Path, expected: &str) {
        let error = Model::load(dir).expect_err("must be refused").to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_saved_model_comes_back() {
        let (dir, model) = saved();
        let back = Model::load(dir.path()).expect("loads");
        assert_eq!(back.card, model.card);
        assert_eq!(back.settings, model.settings);
        let entries: Vec<Entry> = back.entries().collect();
        assert_eq!((entries[0].id, entries[1].id), (3, 70_000));
        assert!((entries[1].weight + 0.5).abs() < 0.001);
        assert_eq!(entries[1].count.ham, 65_535);
    }

    #[test]
    fn the_shipped_categories_are_small_in_the_file_and_come_back() {
        let mut shipped = Model::shipped();
        assert!(shipped.categories.is_some());
        let dir = tempfile::tempdir().expect("a folder");
        shipped.save(dir.path()).expect("saves");
        let back = Model::load(dir.path()).expect("loads");
        assert_eq!(back.categories, shipped.categories);
        let with = encode(&shipped).0.len();
        shipped.categories = None;
        let without = encode(&shipped).0.len();
        println!("{} bytes", with - without);
        assert!(with - without <= 300_000, "{} bytes", with - without);
    }

    #[test]
    fn a_torn_changed_or_foreign_file_is_refused_in_a_sentence() {
        let (dir, _) = saved();
        let path = dir.path().join(MODEL_FILE);
        let whole = fs::read(&path).expect("reads");
        fs::write(&path, &whole[..whole.len() - 1]).expect("writes");
        refusal(dir.path(), "it is torn");
        let mut changed = whole.clone();
        *changed.last_mut().expect("not empty") ^= 1;
        fs::write(&path, &changed).expect("writes");
        refusal(dir.path(), "digest does not match");
        fs::write(
            &path,
            b"<!doctype html>, and more than a header's worth of it to get past the length",
        )
        .expect("writes");
        refusal(dir.path(), "does not begin like a phin model");
        let mut newer = whole.clone();
        newer[8] = 9;
        fs::write(&path, &newer).expect("writes");
        refusal(dir.path(), "it has format 9");
        fs::remove_file(&path).expect("removes");
        refusal(dir.path(), "cannot read");
        fs::write(&path, &whole).expect("writes");
        fs::write(dir.path().join(CARD_FILE), "id = 3").expect("writes");
        refusal(dir.path(), "its card cannot be read");
    }

    #[test]
    fn saving_twice_gives_the_same_bytes() {
        let (one, _) = saved();
        let (two, _) = saved();
        let read =
            |dir: &tempfile::TempDir, name: &str| fs::read(dir.path().join(name)).expect("reads");
        assert_eq!(read(&one, MODEL_FILE), read(&two, MODEL_FILE));
        assert_eq!(read(&one, CARD_FILE), read(&two, CARD_FILE));
    }

    #[test]
    fn the_shipped_model_loads() {
        assert!(Model::shipped().card.spam > 0);
    }
}
