//! A file, or standard input, that can be read more than once, unpacked if it is packed. Names and endings are not asked: the bytes say whether it is gzip.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;
use flate2::read::MultiGzDecoder;

use super::progress::ByteBar;

/// Enough to know any format by.
const HEAD_BYTES: u64 = 1 << 16;

pub(super) struct Source {
    path: PathBuf,
    /// What messages call it.
    pub(super) name: String,
    is_packed: bool,
    /// Of what is on disk, packed or not.
    length: u64,
    /// Removed when dropped.
    spool: Option<tempfile::NamedTempFile>,
}

impl Source {
    /// Opens a file; standard input (`-` or none), which can be read but once, is written to a temporary file first.
    pub(super) fn open(file: Option<&Path>) -> anyhow::Result<Self> {
        let (path, name, spool) = match file.filter(|file| *file != Path::new("-")) {
            Some(file) => (file.to_owned(), file.display().to_string(), None),
            None => {
                let spool = spooled(&mut io::stdin().lock())
                    .context("cannot keep standard input in a temporary file")?;
                (
                    spool.path().to_owned(),
                    "standard input".to_owned(),
                    Some(spool),
                )
            }
        };
        let cannot = || format!("cannot read {name}");
        let mut opened = File::open(&path).with_context(cannot)?;
        let metadata = opened.metadata().with_context(cannot)?;
        anyhow::ensure!(metadata.is_file(), "cannot read {name}: it is no file");
        let mut sign = Vec::new();
        opened
            .by_ref()
            .take(2)
            .read_to_end(&mut sign)
            .with_context(cannot)?;
        Ok(Self {
            is_packed: sign == [0x1f, 0x8b],
            length: metadata.len(),
            path,
            name,
            spool,
        })
    }

    /// The first bytes, unpacked; fewer if it breaks off.
    pub(super) fn head(&self) -> anyhow::Result<Vec<u8>> {
        let mut head = Vec::new();
        match self
            .unpacked(File::open(&self.path)?)
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
    pub(super) fn read(&self) -> io::Result<Box<dyn BufRead>> {
        Ok(Box::new(BufReader::new(
            self.unpacked(File::open(&self.path)?),
        )))
    }

    /// The same, with a bar that shows how far it has been read.
    pub(super) fn read_with(&self, bar: &ByteBar) -> io::Result<Box<dyn BufRead>> {
        bar.begin(self.length);
        let file = bar.watch(File::open(&self.path)?);
        Ok(Box::new(BufReader::with_capacity(
            1 << 18,
            self.unpacked(file),
        )))
    }

    /// The file itself, for a library that opens files; unpacked beside if need be.
    pub(super) fn plain_file(&mut self) -> io::Result<PathBuf> {
        if self.is_packed {
            let spool = spooled(&mut self.read()?)?;
            self.path = spool.path().to_owned();
            self.is_packed = false;
            self.spool = Some(spool);
        }
        Ok(self.path.clone())
    }

    fn unpacked(&self, file: impl Read + 'static) -> Box<dyn Read> {
        match self.is_packed {
            true => Box::new(MultiGzDecoder::new(BufReader::with_capacity(1 << 16, file))),
            false => Box::new(file),
        }
    }
}

fn spooled(input: &mut dyn Read) -> io::Result<tempfile::NamedTempFile> {
    let mut spool = tempfile::NamedTempFile::new()?;
    io::copy(input, &mut spool)?;
    Ok(spool)
}
