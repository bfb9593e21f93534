//! An accumulator in, a shard file out, and back: `phin train --shard 2/3` counts where a history
//! is, `phin models merge` adds the files up. It never adds files with other features, another
//! configuration or another input.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::bounded::{Met, may_unpack};
use crate::features::{FEATURES_VERSION, FeatureId, Field};
use crate::model::card::Taught;
use crate::model::categories;
use crate::model::counts::Count;
use crate::model::file::write_atomically;
use crate::verdict::Category;

use crate::learn::train::accumulator::{Accumulated, Input, Shard};
use crate::learn::train::config::TrainConfig;
use crate::learn::train::feature_counts::Tables;
use crate::learn::train::rows::Kinds;
use crate::learn::train::sample::{Row, Sample};

/// The first bytes of such a file, with the version of its layout.
const MAGIC: &[u8; 8] = b"phinprt1";
/// The zstd level; a higher one takes minutes for some percent.
const LEVEL: i32 = 3;

/// Why parts make no model.
#[derive(Debug, thiserror::Error)]
pub enum ShardFileError {
    /// A file cannot be read or written.
    #[error("cannot {action} {path}: {why}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the disk said.
        why: String,
    },
    /// A file is no part, or not a whole one.
    #[error("{0} is no part of a training, or is cut off (phin train --shard 1/2 writes one)")]
    NoPart(PathBuf),
    /// Other code read it.
    #[error(
        "{path} was read with version {theirs} of the features, this is {FEATURES_VERSION}: count it again"
    )]
    OtherFeatures {
        /// Which file.
        path: PathBuf,
        /// Its version.
        theirs: u32,
    },
    /// It belongs to something else.
    #[error("{path} is of another training than {first}: {what} differs")]
    Foreign {
        /// Which file.
        path: PathBuf,
        /// The first one.
        first: PathBuf,
        /// What they do not agree in.
        what: &'static str,
    },
    /// The same shard twice.
    #[error("{path} and {first} are both shard {number}: it would count twice")]
    Twice {
        /// Which file.
        path: PathBuf,
        /// The earlier one.
        first: PathBuf,
        /// Their number.
        number: u32,
    },
    /// Some shards are not there.
    #[error("of {of} shards these are missing: {missing}")]
    Missing {
        /// How many there are.
        of: u32,
        /// Numbers, in words.
        missing: String,
    },
    /// Nothing was given.
    #[error("there is no part to merge")]
    Nothing,
}

#[derive(Serialize, Deserialize)]
struct Body {
    features_version: u32,
    config: TrainConfig,
    shard: (u32, u32),
    input: Input,
    taught: Vec<Taught>,
    comments: Count,
    by_field: [Count; Field::COUNT],
    features: Vec<(FeatureId, Count)>,
    kinds: Vec<u8>,
    named: Vec<((usize, Category, u64), categories::Row)>,
    sample: Vec<Row>,
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> ShardFileError {
    let path = path.to_owned();
    move |error| ShardFileError::Io {
        action,
        path,
        why: error.to_string(),
    }
}

/// Writes what was accumulated down, whole or not at all; returns its bytes.
///
/// # Errors
///
/// If the file cannot be packed or written; an older file of that name is still whole then.
pub fn write(
    accumulated: Accumulated,
    config: &TrainConfig,
    path: &Path,
) -> Result<usize, ShardFileError> {
    let body = Body {
        features_version: FEATURES_VERSION,
        config: config.clone(),
        shard: accumulated.shard.parts(),
        input: accumulated.input,
        taught: accumulated.taught,
        comments: accumulated.tables.comments(),
        by_field: accumulated.tables.by_field(),
        features: accumulated.tables.sorted(),
        kinds: accumulated.kinds.to_bytes().to_owned(),
        named: accumulated.named.into_iter().collect(),
        sample: accumulated.sample,
    };
    let body = postcard::to_stdvec(&body).expect("plain data can be written down");
    let packed = zstd::bulk::compress(&body, LEVEL).map_err(failed("pack", path))?;
    let mut file = MAGIC.to_vec();
    file.extend_from_slice(&(body.len() as u64).to_le_bytes());
    file.extend_from_slice(&rapidhash::v3::rapidhash_v3(&packed).to_le_bytes());
    file.extend_from_slice(&packed);
    write_atomically(path, &file).map_err(|error| ShardFileError::Io {
        action: "write",
        path: path.to_owned(),
        why: error.to_string(),
    })?;
    Ok(file.len())
}

fn read(path: &Path) -> Result<Body, ShardFileError> {
    let file = fs::read(path).map_err(failed("read", path))?;
    let no_part = || ShardFileError::NoPart(path.to_owned());
    let rest = file.strip_prefix(MAGIC).ok_or_else(no_part)?;
    let (len, rest) = rest.split_first_chunk::<8>().ok_or_else(no_part)?;
    let (sum, packed) = rest.split_first_chunk::<8>().ok_or_else(no_part)?;
    if rapidhash::v3::rapidhash_v3(packed).to_le_bytes() != *sum {
        return Err(no_part());
    }
    let len = u64::from_le_bytes(*len);
    if !may_unpack(packed.len() as u64, len) {
        return Err(ShardFileError::Io {
            action: "unpack",
            path: path.to_owned(),
            why: Met::Unpacked.to_string(),
        });
    }
    let len = usize::try_from(len).map_err(|_| no_part())?;
    let body = zstd::bulk::decompress(packed, len).map_err(|_| no_part())?;
    // The version stands first, so that it can be told of a part whose rest is laid out otherwise.
    let (theirs, _) = postcard::take_from_bytes::<u32>(&body).map_err(|_| no_part())?;
    if theirs != FEATURES_VERSION {
        return Err(ShardFileError::OtherFeatures {
            path: path.to_owned(),
            theirs,
        });
    }
    postcard::from_bytes(&body).map_err(|_| no_part())
}

/// A sum of parts on its way.
struct Sum {
    accumulated: Accumulated,
    sample: Sample,
    config: TrainConfig,
}

impl Sum {
    fn nothing(config: &TrainConfig) -> Self {
        Self {
            accumulated: Accumulated::empty(Shard::WHOLE),
            sample: Sample::new(config.most_rows),
            config: config.clone(),
        }
    }

    /// Adds a part whose comments stand behind so many others, and its sources behind those of
    /// `sources` others.
    fn add(
        &mut self,
        part: Body,
        path: &Path,
        behind: usize,
        sources: usize,
    ) -> Result<(), ShardFileError> {
        let kinds =
            Kinds::from_bytes(part.kinds).ok_or_else(|| ShardFileError::NoPart(path.to_owned()))?;
        let tables = Tables::of(part.features, part.comments, part.by_field);
        self.accumulated.tables.merge(&tables);
        self.accumulated.kinds.merge(&kinds);
        let named = part.named.into_iter();
        let named =
            named.map(|((at, category, skeleton), row)| ((at + behind, category, skeleton), row));
        self.accumulated.named.extend(named);
        for mut row in part.sample {
            row.at += behind;
            row.row.source += sources;
            self.sample.offer(row);
        }
        for (at, theirs) in part.taught.into_iter().enumerate() {
            match self.accumulated.taught.get_mut(sources + at) {
                Some(mine) => {
                    mine.spam += theirs.spam;
                    mine.ham += theirs.ham;
                }
                None => self.accumulated.taught.push(theirs),
            }
        }
        Ok(())
    }

    fn done(self) -> (Accumulated, TrainConfig) {
        let accumulated = Accumulated {
            sample: self.sample.into_rows(),
            ..self.accumulated
        };
        (accumulated, self.config)
    }
}

/// Adds parts up. Either they are the shards of one input, each once and in whatever order; or each
/// is the whole of an input of its own, and they count as one input would that has these inputs one
/// after the other (only that copies of a comment in two of them are not known for copies). Returns
/// the sum of all and the configuration they were counted for.
///
/// # Errors
///
/// If there is no part, if a file is no whole part, was read with other features or counted for
/// another configuration or input, stands there twice, or if a shard is missing.
pub fn merge(paths: &[PathBuf]) -> Result<(Accumulated, TrainConfig), ShardFileError> {
    let first = paths.first().ok_or(ShardFileError::Nothing)?;
    let mut sum: Option<(Sum, Vec<String>, Input)> = None;
    let (mut of, mut known) = (1, Vec::<(u32, &PathBuf)>::new());
    for path in paths {
        let part = read(path)?;
        let (number, theirs) = part.shard;
        let names: Vec<String> = part.taught.iter().map(|one| one.name.clone()).collect();
        let (sum, sources, input) = match &mut sum {
            Some(sum) => sum,
            none => {
                of = theirs;
                none.insert((Sum::nothing(&part.config), names.clone(), part.input))
            }
        };
        let differs = [
            ("the recipe", part.config != sum.config),
            ("the number of shards", theirs != of),
            ("the list of sources", of > 1 && names != *sources),
            ("the input", of > 1 && part.input != *input),
        ];
        if let Some((what, _)) = differs.into_iter().find(|(_, differs)| *differs) {
            return Err(ShardFileError::Foreign {
                path: path.clone(),
                first: first.clone(),
                what,
            });
        }
        let earlier = known.iter().find(|(known, _)| of > 1 && *known == number);
        if let Some((_, earlier)) = earlier {
            return Err(ShardFileError::Twice {
                path: path.clone(),
                first: (*earlier).clone(),
                number,
            });
        }
        known.push((number, path));
        let (behind, before) = if of > 1 {
            (0, 0)
        } else {
            (
                sum.accumulated.input.comments as usize,
                sum.accumulated.taught.len(),
            )
        };
        sum.accumulated.input.comments += part.input.comments;
        sum.add(part, path, behind, before)?;
    }
    let missing: Vec<String> = (1..=of)
        .filter(|number| known.iter().all(|(known, _)| known != number))
        .map(|number| number.to_string())
        .collect();
    if !missing.is_empty() {
        return Err(ShardFileError::Missing {
            of,
            missing: missing.join(", "),
        });
    }
    sum.map(|(sum, ..)| sum.done())
        .ok_or(ShardFileError::Nothing)
}
