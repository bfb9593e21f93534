//! A file, a folder or standard input in, its bytes out, as often as they are wanted, unpacked if they are
//! packed. Never goes by names and endings: the bytes say whether it is gzip.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;

use super::folder::Folder;
use super::plain;
use super::progress::ByteBar;
use crate::bounded::{Unpacked, read_all};

/// The whole of a file that has no more than so many bytes; of standard input if none is named, or
/// `-`.
///
/// # Errors
/// It cannot be read, or has more.
pub(super) fn read_whole(file: Option<&Path>, most: usize) -> anyhow::Result<Vec<u8>> {
    let file = file.filter(|file| *file != Path::new("-"));
    let name = file.map_or("standard input".to_owned(), |file| {
        plain::path(file).to_string()
    });
    let input: Box<dyn Read> = match file {
        Some(file) => {
            Box::new(std::fs::File::open(file).with_context(|| format!("cannot read {name}"))?)
        }
        None => Box::new(std::io::stdin()),
    };
    read_all(input, most).with_context(|| format!("cannot read {name}"))
}

/// Bytes of a file of lists: half a million entries have as many.
pub(super) const LARGEST_LISTS: usize = 64 << 20;

/// Enough to know any format by.
const HEAD_BYTES: u64 = 1 << 16;

pub(super) struct Source {
    bytes: Bytes,
    /// What messages call it.
    pub(super) name: String,
    is_packed: bool,
    /// Of what is on disk, packed or not; 0 of a folder.
    length: u64,
}

/// Where the bytes lie.
enum Bytes {
    /// In a file of somebody's.
    Theirs(PathBuf),
    /// In a temporary file that no folder names: it goes with this process, however that ends.
    Nameless(Arc<File>),
    /// In one that has a name, for a library that opens files; removed when dropped.
    Named(tempfile::NamedTempFile),
    /// In the files of a folder.
    Folder(Folder),
}

impl Bytes {
    /// From the start.
    fn open(&self) -> io::Result<Box<dyn Read>> {
        let file = match self {
            Self::Theirs(path) => Arc::new(File::open(path)?),
            Self::Nameless(file) => Arc::clone(file),
            Self::Named(file) => Arc::new(file.reopen()?),
            Self::Folder(folder) => return Ok(Box::new(folder.read())),
        };
        Ok(Box::new(Opened { file, offset: 0 }))
    }

    /// On disk, packed or not; none of a folder, whose files are not added up.
    fn length(&self) -> io::Result<u64> {
        let metadata = match self {
            Self::Theirs(path) => std::fs::metadata(path)?,
            Self::Nameless(file) => file.metadata()?,
            Self::Named(file) => file.as_file().metadata()?,
            Self::Folder(_) => return Ok(0),
        };
        match metadata.is_file() {
            true => Ok(metadata.len()),
            false => Err(io::Error::other("it is no file")),
        }
    }
}

/// A file, read from a place of its own: several may read the same one.
struct Opened {
    file: Arc<File>,
    offset: u64,
}

impl Read for Opened {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(into, self.offset)?;
        self.offset += read as u64;
        Ok(read)
    }
}

impl Source {
    /// Opens a file or a folder; standard input (`-` or none), which can be read but once, is written to a
    /// temporary file first.
    ///
    /// # Errors
    /// It cannot be read, or is no file.
    pub(super) fn open(file: Option<&Path>) -> anyhow::Result<Self> {
        let (bytes, name) = match file.filter(|file| *file != Path::new("-")) {
            Some(folder) if folder.is_dir() => (
                Bytes::Folder(Folder::open(folder)?),
                plain::path(folder).to_string(),
            ),
            Some(file) => (
                Bytes::Theirs(file.to_owned()),
                plain::path(file).to_string(),
            ),
            None => {
                let mut spool = tempfile::tempfile()
                    .context("cannot keep standard input in a temporary file")?;
                io::copy(&mut io::stdin().lock(), &mut spool)
                    .context("cannot keep standard input in a temporary file")?;
                (
                    Bytes::Nameless(Arc::new(spool)),
                    "standard input".to_owned(),
                )
            }
        };
        let cannot = || format!("cannot read {name}");
        let length = bytes.length().with_context(cannot)?;
        let mut sign = Vec::new();
        let opened = bytes.open().with_context(cannot)?;
        opened.take(2).read_to_end(&mut sign).with_context(cannot)?;
        Ok(Self {
            is_packed: sign == [0x1f, 0x8b],
            length,
            bytes,
            name,
        })
    }

    /// Whether it is a folder of files, which come as lines of JSON.
    pub(super) fn is_folder(&self) -> bool {
        matches!(self.bytes, Bytes::Folder(_))
    }

    /// The first bytes, unpacked; fewer if it breaks off.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn head(&self) -> anyhow::Result<Vec<u8>> {
        let mut head = Vec::new();
        match self
            .unpacked(self.bytes.open()?)
            .take(HEAD_BYTES)
            .read_to_end(&mut head)
        {
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
                Err(error).with_context(|| format!("cannot read {}", self.name))
            }
            _ => Ok(head),
        }
    }

    /// All of it, unpacked.
    ///
    /// # Errors
    /// It cannot be opened.
    pub(super) fn read(&self) -> io::Result<Box<dyn BufRead>> {
        Ok(Box::new(BufReader::new(self.unpacked(self.bytes.open()?))))
    }

    /// The same, with a bar that shows how far it has been read.
    ///
    /// # Errors
    /// It cannot be opened.
    pub(super) fn read_with(&self, bar: &ByteBar) -> io::Result<Box<dyn BufRead>> {
        bar.begin(self.length);
        let file = bar.watch(self.bytes.open()?);
        Ok(Box::new(BufReader::with_capacity(
            1 << 18,
            self.unpacked(file),
        )))
    }

    /// The file itself, for a library that opens files; unpacked, or given a name, in a temporary
    /// file if need be.
    ///
    /// # Errors
    /// It cannot be read, or no temporary file can be written.
    pub(super) fn plain_file(&mut self) -> io::Result<PathBuf> {
        let path = match &self.bytes {
            Bytes::Theirs(path) if !self.is_packed => path.clone(),
            Bytes::Named(spool) => spool.path().to_owned(),
            Bytes::Theirs(_) | Bytes::Nameless(_) | Bytes::Folder(_) => {
                let mut spool = tempfile::NamedTempFile::new()?;
                io::copy(&mut self.read()?, &mut spool)?;
                let path = spool.path().to_owned();
                self.is_packed = false;
                self.bytes = Bytes::Named(spool);
                path
            }
        };
        Ok(path)
    }

    fn unpacked(&self, file: impl Read + 'static) -> Box<dyn Read> {
        match self.is_packed {
            true => Box::new(Unpacked::new(file)),
            false => Box::new(file),
        }
    }
}
