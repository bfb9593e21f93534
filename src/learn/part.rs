//! A tally as a file, and files of one input back into the tally of all of it: `phin train --shard 2/3` counts where a history lies, `phin models merge` adds up.
//! What was read with other features, another recipe or from another input is refused.

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

use super::rows::Kinds;
use super::sample::{Row, Sample};
use super::tables::Tables;
use super::tally::{Input, Shard, Tally};
use super::train::Recipe;

/// The first bytes of such a file, with the version of its layout.
const MAGIC: &[u8; 8] = b"phinprt1";
/// zstd's; higher costs minutes for some percent.
const LEVEL: i32 = 3;

/// Why parts make no model.
#[derive(Debug, thiserror::Error)]
pub enum PartError {
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
    recipe: Recipe,
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

fn failed(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> PartError {
    let path = path.to_owned();
    move |error| PartError::Io {
        action,
        path,
        why: error.to_string(),
    }
}

/// Writes a tally down, whole or not at all; returns its bytes.
pub fn write(tally: Tally, recipe: &Recipe, path: &Path) -> Result<usize, PartError> {
    let body = Body {
        features_version: FEATURES_VERSION,
        recipe: recipe.clone(),
        shard: tally.shard.parts(),
        input: tally.input,
        taught: tally.taught,
        comments: tally.tables.comments(),
        by_field: tally.tables.by_field(),
        features: tally.tables.sorted(),
        kinds: tally.kinds.to_bytes().to_owned(),
        named: tally.named.into_iter().collect(),
        sample: tally.sample,
    };
    let body = postcard::to_stdvec(&body).expect("plain data can be written down");
    let packed = zstd::bulk::compress(&body, LEVEL).map_err(failed("pack", path))?;
    let mut file = MAGIC.to_vec();
    file.extend_from_slice(&(body.len() as u64).to_le_bytes());
    file.extend_from_slice(&rapidhash::v3::rapidhash_v3(&packed).to_le_bytes());
    file.extend_from_slice(&packed);
    write_atomically(path, &file).map_err(|error| PartError::Io {
        action: "write",
        path: path.to_owned(),
        why: error.to_string(),
    })?;
    Ok(file.len())
}

fn read(path: &Path) -> Result<Body, PartError> {
    let file = fs::read(path).map_err(failed("read", path))?;
    let no_part = || PartError::NoPart(path.to_owned());
    let rest = file.strip_prefix(MAGIC).ok_or_else(no_part)?;
    let (len, rest) = rest.split_first_chunk::<8>().ok_or_else(no_part)?;
    let (sum, packed) = rest.split_first_chunk::<8>().ok_or_else(no_part)?;
    if rapidhash::v3::rapidhash_v3(packed).to_le_bytes() != *sum {
        return Err(no_part());
    }
    let len = u64::from_le_bytes(*len);
    if !may_unpack(packed.len() as u64, len) {
        return Err(PartError::Io {
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
        return Err(PartError::OtherFeatures {
            path: path.to_owned(),
            theirs,
        });
    }
    postcard::from_bytes(&body).map_err(|_| no_part())
}

/// A sum of parts on its way.
struct Sum {
    tally: Tally,
    sample: Sample,
    recipe: Recipe,
}

impl Sum {
    fn nothing(recipe: &Recipe) -> Self {
        Self {
            tally: Tally::empty(Shard::WHOLE),
            sample: Sample::new(recipe.most_rows),
            recipe: recipe.clone(),
        }
    }

    /// Adds a part whose comments stand behind so many others, and its sources behind those of `sources` others.
    fn add(
        &mut self,
        part: Body,
        path: &Path,
        behind: usize,
        sources: usize,
    ) -> Result<(), PartError> {
        let kinds =
            Kinds::from_bytes(part.kinds).ok_or_else(|| PartError::NoPart(path.to_owned()))?;
        let tables = Tables::of(part.features, part.comments, part.by_field);
        self.tally.tables.merge(&tables);
        self.tally.kinds.merge(&kinds);
        let named = part.named.into_iter();
        let named =
            named.map(|((at, category, skeleton), row)| ((at + behind, category, skeleton), row));
        self.tally.named.extend(named);
        for mut row in part.sample {
            row.at += behind;
            row.row.source += sources;
            self.sample.offer(row);
        }
        for (at, theirs) in part.taught.into_iter().enumerate() {
            match self.tally.taught.get_mut(sources + at) {
                Some(mine) => {
                    mine.spam += theirs.spam;
                    mine.ham += theirs.ham;
                }
                None => self.tally.taught.push(theirs),
            }
        }
        Ok(())
    }

    fn done(self) -> (Tally, Recipe) {
        let tally = Tally {
            sample: self.sample.into_rows(),
            ..self.tally
        };
        (tally, self.recipe)
    }
}

/// Adds parts up. Either they are the shards of one input, each once and in whatever order; or each is the whole of an input of its own, and they count as
/// one input would that has these inputs one after the other (only that copies of a comment in two of them are not known for copies).
/// Returns the tally of all and the recipe they were counted for.
pub fn merge(paths: &[PathBuf]) -> Result<(Tally, Recipe), PartError> {
    let first = paths.first().ok_or(PartError::Nothing)?;
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
                none.insert((Sum::nothing(&part.recipe), names.clone(), part.input))
            }
        };
        let differs = [
            ("the recipe", part.recipe != sum.recipe),
            ("the number of shards", theirs != of),
            ("the list of sources", of > 1 && names != *sources),
            ("the input", of > 1 && part.input != *input),
        ];
        if let Some((what, _)) = differs.into_iter().find(|(_, differs)| *differs) {
            return Err(PartError::Foreign {
                path: path.clone(),
                first: first.clone(),
                what,
            });
        }
        let earlier = known.iter().find(|(known, _)| of > 1 && *known == number);
        if let Some((_, earlier)) = earlier {
            return Err(PartError::Twice {
                path: path.clone(),
                first: (*earlier).clone(),
                number,
            });
        }
        known.push((number, path));
        let (behind, before) = if of > 1 {
            (0, 0)
        } else {
            (sum.tally.input.comments as usize, sum.tally.taught.len())
        };
        sum.tally.input.comments += part.input.comments;
        sum.add(part, path, behind, before)?;
    }
    let missing: Vec<String> = (1..=of)
        .filter(|number| known.iter().all(|(known, _)| known != number))
        .map(|number| number.to_string())
        .collect();
    if !missing.is_empty() {
        return Err(PartError::Missing {
            of,
            missing: missing.join(", "),
        });
    }
    sum.map(|(sum, ..)| sum.done()).ok_or(PartError::Nothing)
}
