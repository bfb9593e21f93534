//! A second copy of every decision, beside the store: rows in, rows out in the order of writing. A
//! row is on disk here before it goes into the store, so damage to one of the two is seen in the
//! other (`recovery`). It consists of numbered files of frames (`frame`); only the last file grows.
//! Never changes a frame.
//!
//! sled notices a damaged page only when it reads it, and then answers with an error, with a panic,
//! or with missing rows. It cannot say what it lost.

mod frame;

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use frame::Found;
pub(super) use frame::{Row, Tree};

/// When a file is longer than this, in bytes, the next one begins.
const LONGEST_FILE: u64 = 64 << 20;

/// The journal of a store, open for appending.
#[derive(Debug)]
pub(super) struct Journal {
    folder: PathBuf,
    end: Mutex<End>,
}

/// The file that grows.
#[derive(Debug)]
struct End {
    number: u64,
    file: File,
    /// Bytes of whole frames, all of them on disk.
    length: u64,
    /// Checksum of the last frame.
    sum: u64,
    /// Whether a write failed. The file's content is unknown then, so the next frame begins a new
    /// file.
    in_doubt: bool,
}

/// What a journal holds.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// Rows, each counted as often as it was written.
    pub(super) rows: u64,
    /// Labels among them.
    pub(super) labels: usize,
    /// Bytes that are no frame, without those at the end of the last file.
    pub(super) damaged: u64,
    /// Frames whose checksum does not follow the frame before.
    pub(super) gaps: u64,
    /// Bytes at the very end that are no whole frame: a write that was interrupted.
    pub(super) torn: u64,
    last: Option<Last>,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    number: u64,
    length: u64,
    sum: u64,
}

impl Contents {
    /// Whether all that was acknowledged is there. A last frame may be cut off: nothing that it
    /// holds was acknowledged.
    pub(super) fn is_whole(&self) -> bool {
        self.damaged == 0 && self.gaps == 0
    }
}

/// The folder of a store's journal.
pub(super) fn folder_of(data: &Path) -> PathBuf {
    data.join("journal")
}

fn file_name(number: u64) -> String {
    format!("{number:08}.journal")
}

/// The files of a journal in order of their numbers; none if there is no journal.
fn files(folder: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let number = path.file_name().and_then(|name| name.to_str());
        let number = number.and_then(|name| name.strip_suffix(".journal")?.parse().ok());
        files.extend(number.map(|number| (number, path)));
    }
    files.sort_unstable();
    Ok(files)
}

/// Gives `tell` each row of a journal, in the order of writing, and skips what is damaged.
///
/// # Errors
///
/// A file cannot be read.
pub(super) fn read(folder: &Path, mut tell: impl FnMut(Row)) -> io::Result<Contents> {
    let mut contents = Contents::default();
    let mut sum = frame::BEGINNING;
    let files = files(folder)?;
    let last = files.last().map(|(number, _)| *number);
    for (number, path) in files {
        let bytes = std::fs::read(&path)?;
        let (mut length, mut damage) = (0, 0);
        for found in frame::frames(&bytes) {
            match found {
                Found::Frame(frame) => {
                    contents.damaged += std::mem::take(&mut damage);
                    contents.gaps += u64::from(frame.before != sum);
                    contents.rows += 1;
                    contents.labels += usize::from(frame.row.tree == Tree::Ledger);
                    sum = frame.sum;
                    length = frame.end as u64;
                    tell(frame.row);
                }
                Found::Damage(bytes) => damage += bytes as u64,
            }
        }
        // At the end of the last file damage is the rest of an interrupted write, not a loss.
        if Some(number) == last {
            contents.torn = damage;
        } else {
            contents.damaged += damage;
        }
        contents.last = Some(Last {
            number,
            length,
            sum,
        });
    }
    Ok(contents)
}

impl Journal {
    /// Opens a journal to append behind what was read. What was cut off at its end is removed.
    ///
    /// # Errors
    ///
    /// The folder cannot be used.
    pub(super) fn open(folder: &Path, contents: &Contents) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let end = match contents.last {
            Some(last) => {
                let path = folder.join(file_name(last.number));
                let mut file = OpenOptions::new().write(true).open(path)?;
                if contents.torn > 0 {
                    file.set_len(last.length)?;
                    file.sync_all()?;
                }
                file.seek(SeekFrom::Start(last.length))?;
                End {
                    number: last.number,
                    file,
                    length: last.length,
                    sum: last.sum,
                    in_doubt: false,
                }
            }
            None => End::new(folder, 1, frame::BEGINNING)?,
        };
        Ok(Self {
            folder: folder.to_owned(),
            end: Mutex::new(end),
        })
    }

    /// Appends rows, all or none; on disk when it returns.
    ///
    /// # Errors
    ///
    /// The disk refused; none of the rows counts.
    pub(super) fn append(&self, rows: &[Row]) -> io::Result<()> {
        let mut end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        if end.in_doubt || end.length > LONGEST_FILE {
            end.cut_doubt()?;
            *end = End::new(&self.folder, end.number + 1, end.sum)?;
        }
        let (mut bytes, mut sum) = (Vec::new(), end.sum);
        for row in rows {
            sum = frame::write(row, sum, &mut bytes);
        }
        // Set before the write, so that it stays set if the write or the sync fails.
        end.in_doubt = true;
        end.file.write_all(&bytes)?;
        end.file.sync_data()?;
        end.in_doubt = false;
        end.length += bytes.len() as u64;
        end.sum = sum;
        Ok(())
    }
}

impl End {
    /// Creates a new file; its name is on disk when it returns.
    fn new(folder: &Path, number: u64, sum: u64) -> io::Result<Self> {
        let path = folder.join(file_name(number));
        let mut options = OpenOptions::new();
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.write(true).create(true).truncate(true).open(path)?;
        file.sync_all()?;
        File::open(folder)?.sync_all()?;
        Ok(Self {
            number,
            file,
            length: 0,
            sum,
            in_doubt: false,
        })
    }

    /// Removes what a failed write left.
    fn cut_doubt(&mut self) -> io::Result<()> {
        if self.in_doubt {
            self.file.set_len(self.length)?;
            self.file.sync_all()?;
        }
        Ok(())
    }
}

/// Writes a new journal from all rows of the store, and replaces the old one with it.
///
/// # Errors
///
/// The disk refused, or a row could not be read. Until the new journal is whole, the old one is
/// unchanged.
pub(super) fn write_anew<E: From<io::Error>>(
    folder: &Path,
    rows: impl Iterator<Item = Result<Row, E>>,
) -> Result<(), E> {
    const AT_ONCE: usize = 1_000;
    let fresh = folder.with_extension("new");
    remove_folder(&fresh)?;
    let journal = Journal::open(&fresh, &Contents::default())?;
    let mut some = Vec::with_capacity(AT_ONCE);
    for row in rows {
        some.push(row?);
        if some.len() == AT_ONCE {
            journal.append(&some)?;
            some.clear();
        }
    }
    journal.append(&some)?;
    // The old journal is removed before the new one gets its name, so there are never two. After a
    // stop in between there is none, and the next start writes one from the store.
    remove_folder(folder)?;
    std::fs::rename(&fresh, folder)?;
    if let Some(parent) = folder.parent() {
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}

fn remove_folder(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(n: u8) -> Row {
        Row::put(Tree::Ledger, [n; 8], vec![n; 100])
    }

    fn numbers(folder: &Path) -> (Vec<u8>, Contents) {
        let mut numbers = Vec::new();
        let contents = read(folder, |row| numbers.push(row.key[0])).expect("reads");
        (numbers, contents)
    }

    #[test]
    fn rows_are_there_after_a_restart_and_a_torn_end_is_cut() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = folder_of(dir.path());
        assert!(numbers(&folder).0.is_empty());
        let journal = Journal::open(&folder, &Contents::default()).expect("opens");
        journal.append(&[row(1), row(2)]).expect("appends");
        drop(journal);
        let file = folder.join(file_name(1));
        let mut bytes = std::fs::read(&file).expect("reads");
        bytes.extend_from_within(..50);
        std::fs::write(&file, bytes).expect("writes");
        let (found, contents) = numbers(&folder);
        assert_eq!((found, contents.torn), (vec![1, 2], 50));
        assert!(contents.is_whole());
        let journal = Journal::open(&folder, &contents).expect("opens");
        journal.append(&[row(3)]).expect("appends");
        let (found, contents) = numbers(&folder);
        assert_eq!((found, contents.torn), (vec![1, 2, 3], 0));
        assert!(contents.is_whole());
    }

    #[test]
    fn damage_and_a_file_that_is_gone_are_seen() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = folder_of(dir.path());
        let journal = Journal::open(&folder, &Contents::default()).expect("opens");
        journal.append(&[row(1), row(2)]).expect("appends");
        // As after a failed write: the next rows go into a new file.
        journal.end.lock().expect("whole").in_doubt = true;
        journal.append(&[row(3)]).expect("appends");
        assert!(numbers(&folder).1.is_whole());
        let first = folder.join(file_name(1));
        let bytes = std::fs::read(&first).expect("reads");
        let mut flipped = bytes.clone();
        flipped[30] ^= 1;
        std::fs::write(&first, flipped).expect("writes");
        let (found, contents) = numbers(&folder);
        assert_eq!(found, [2, 3]);
        assert!(!contents.is_whole());
        std::fs::remove_file(&first).expect("removes");
        let (found, contents) = numbers(&folder);
        assert_eq!(found, [3]);
        assert!(!contents.is_whole());
        let all = (1..4).map(|n| Ok::<_, io::Error>(row(n)));
        write_anew(&folder, all).expect("writes");
        let (found, contents) = numbers(&folder);
        assert_eq!(found, [1, 2, 3]);
        assert!(contents.is_whole());
    }
}
