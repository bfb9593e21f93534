//! Records of checks that lie together, to bytes and back: compressed, and the personal text
//! encrypted under the key of its day. Knows no tree.
//!
//! sled writes a whole leaf anew after some ten changes of it, so a row for each check made sled
//! write a check several times (docs/DECISIONS.md, "Checks lie together in batches").

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::layout::{BatchNumber, batch_key, seal, unseal};
use super::record::Record;
use super::vault::Keys;
use crate::clock::Millis;

/// How many records lie together at most.
const MOST_RECORDS: usize = 128;
/// How many bytes of records lie together at most, before compression; a longer record lies alone.
/// A leaf of sled has up to 26 values, and a leaf above a megabyte becomes a file of its own
/// (`blobs`).
const MOST_BYTES: usize = 96 << 10;
/// The zstd level: the lowest of the ordinary ones, because every check pays for it. No other was
/// measured.
const COMPRESSION: i32 = 1;

/// A batch as it lies on disk.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// Records with personal text, all of one day; compressed, then encrypted. Empty if none.
    whole: Vec<u8>,
    /// Records whose personal text was removed; compressed, not encrypted. Empty if none.
    thin: Vec<u8>,
}

/// What of a batch can be read.
#[derive(Debug, Default)]
pub(super) struct Unpacked {
    pub(super) records: Vec<Record>,
    /// Whether the key of its personal text is lost, so that records are missing.
    pub(super) is_wordless: bool,
}

/// Divides records of one day into batches.
pub(super) fn divide<'a>(records: &[&'a Record]) -> Vec<Vec<&'a Record>> {
    let (mut batches, mut bytes) = (Vec::new(), 0);
    for record in records {
        let more = record.comment.bytes();
        match batches.last_mut() {
            Some(batch) if bytes + more <= MOST_BYTES && Vec::len(batch) < MOST_RECORDS => {
                batch.push(*record);
                bytes += more;
            }
            _ => {
                batches.push(vec![*record]);
                bytes = more;
            }
        }
    }
    batches
}

/// A batch to bytes. All records with personal text must be of one day, whose key exists.
pub(super) fn pack<'a>(records: impl IntoIterator<Item = &'a Record>, keys: &Keys) -> Vec<u8> {
    let (whole, thin): (Vec<&Record>, Vec<&Record>) = records
        .into_iter()
        .partition(|record| record.day_of_words().is_some());
    let day = whole.first().and_then(|record| record.day_of_words());
    seal(&Kept {
        whole: day.map_or_else(Vec::new, |day| keys.close(day, &compressed(&whole))),
        thin: match thin.is_empty() {
            true => Vec::new(),
            false => compressed(&thin),
        },
    })
}

/// The records of a batch.
///
/// # Errors
///
/// The batch is damaged.
pub(super) fn unpack(
    bytes: &[u8],
    keys: &Keys,
    what: impl Fn() -> String,
) -> Result<Unpacked, StoreError> {
    let kept: Kept = unseal(bytes, &what)?;
    let damaged = || StoreError::Damaged { what: what() };
    let mut unpacked = Unpacked::default();
    if !kept.whole.is_empty() {
        match keys.open(&kept.whole) {
            Some(plain) => unpacked.records = plain_records(&plain).ok_or_else(damaged)?,
            None => unpacked.is_wordless = true,
        }
    }
    if !kept.thin.is_empty() {
        let thin = plain_records(&kept.thin).ok_or_else(damaged)?;
        unpacked.records.extend(thin);
    }
    Ok(unpacked)
}

/// Time of the oldest personal text in a batch, then its number; `None` if it has no text.
pub(super) fn words_key<'a>(
    records: impl IntoIterator<Item = &'a Record>,
    number: BatchNumber,
) -> Option<Vec<u8>> {
    let with_words = records.into_iter().filter(|record| record.traces.is_none());
    let first = with_words.map(|record| record.at.max(0)).min()?;
    Some(words_place(first, number))
}

/// Where the personal text of a batch lies in the order of time (milliseconds since 1970).
pub(super) fn words_place(first: Millis, number: BatchNumber) -> Vec<u8> {
    [first.max(0).to_be_bytes(), batch_key(number)].concat()
}

fn compressed(records: &[&Record]) -> Vec<u8> {
    let plain = postcard::to_stdvec(records).expect("plain data can be written down");
    zstd::bulk::compress(&plain, COMPRESSION).expect("memory can be compressed")
}

fn plain_records(packed: &[u8]) -> Option<Vec<Record>> {
    let plain = zstd::decode_all(packed).ok()?;
    postcard::from_bytes(&plain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::DAY_MILLIS;
    use crate::comment::{Comment, SiteId};
    use crate::filter;
    use crate::learn::online::minhash;
    use crate::model::{Model, layers::Live};
    use crate::store::record::{Callback, HashedComment};
    use crate::store::vault::DayNumber;

    fn record(n: usize, comment: Comment) -> Record {
        let live = Live {
            shared: &Default::default(),
            site: None,
        };
        Record {
            guid: format!("{n:032x}"),
            at: DAY_MILLIS + n as Millis,
            site: SiteId::parse("blog.example").expect("a site"),
            assessment: filter::check(&Model::cold(), &Comment::from_text("hay"), live),
            comment,
            key: "ours".to_owned(),
            callback: Callback::None,
            traces: None,
        }
    }

    #[test]
    fn a_batch_without_its_key_still_has_the_records_without_text() {
        let mut keys = Keys::default();
        keys.add(DayNumber::at(DAY_MILLIS));
        let features = crate::features::Features::of(&Comment::from_text("hay quá"));
        let traces = HashedComment {
            comment: crate::comment::CommentId(1),
            likeness: crate::comment::Likeness(2),
            features: features.ids(),
            features_version: crate::features::FEATURES_VERSION,
            sketch: minhash::sketch(&features),
            outline: Default::default(),
        };
        let whole = record(2, Comment::from_text("không ai đọc được"));
        let thin = record(1, Comment::default()).without_words(traces);
        let bytes = pack([&thin, &whole], &keys);
        let what = || "it".to_owned();
        let found = unpack(&bytes, &keys, what).expect("whole");
        assert_eq!(found.records, [whole.clone(), thin.clone()]);
        let found = unpack(&bytes, &Keys::default(), what).expect("whole");
        assert!(found.is_wordless);
        assert_eq!(found.records, [thin]);
        assert!(unpack(&bytes[..bytes.len() - 1], &keys, what).is_err());
    }

    #[test]
    fn no_batch_is_long_but_of_one_long_record() {
        let texts = (0..300).map(|n| if n == 7 { 200_000 } else { 3_000 * (n % 3) });
        let records: Vec<Record> = texts
            .enumerate()
            .map(|(n, bytes)| record(n, Comment::from_text("z".repeat(bytes))))
            .collect();
        let batches = divide(&records.iter().collect::<Vec<_>>());
        assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), 300);
        for batch in batches {
            let bytes: usize = batch.iter().map(|record| record.comment.bytes()).sum();
            assert!(batch.len() <= MOST_RECORDS);
            assert!(bytes <= MOST_BYTES || batch.len() == 1, "{bytes}");
        }
    }
}
