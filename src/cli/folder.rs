//! A folder of comments in, its files out as lines of JSON, each with a name and a text: one file
//! after the other, so that no more than one is in memory. Follows no link and leaves the folder
//! never. Understands no comment.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, ensure};

use crate::bounded::{Met, RECORD, read_all};

/// Endings of files that hold a comment.
const ENDINGS: [&str; 5] = ["yml", "yaml", "json", "md", "markdown"];

/// Files of a folder, and folders in one another; a site of twenty years has ten thousand comments.
const MOST_FILES: usize = 1_000_000;
const DEEPEST: usize = 32;

/// The files of a folder that may hold comments, by name.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    root: PathBuf,
    files: Arc<Vec<PathBuf>>,
}

impl Folder {
    /// Looks which files there are.
    ///
    /// # Errors
    /// It cannot be read, has no such file, or more than anybody has comments.
    pub(super) fn open(root: &Path) -> anyhow::Result<Self> {
        let mut files = Vec::new();
        let mut folders = VecDeque::from([(root.to_owned(), 0)]);
        while let Some((folder, depth)) = folders.pop_front() {
            let cannot = || format!("cannot read the folder {}", folder.display());
            for entry in std::fs::read_dir(&folder).with_context(cannot)? {
                let entry = entry.with_context(cannot)?;
                let (path, kind) = (entry.path(), entry.file_type().with_context(cannot)?);
                let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
                if kind.is_dir() && !is_hidden && depth < DEEPEST {
                    folders.push_back((path, depth + 1));
                } else if kind.is_file() && !is_hidden && has_ending(&path) {
                    files.push(path);
                }
                ensure!(
                    files.len() + folders.len() <= MOST_FILES,
                    "{} has more than {MOST_FILES} files; import its folders one by one",
                    root.display()
                );
            }
        }
        ensure!(
            !files.is_empty(),
            "{} has no file of a comment in it (a name that ends with .{})",
            root.display(),
            ENDINGS.join(", .")
        );
        files.sort_unstable();
        Ok(Self {
            root: root.to_owned(),
            files: Arc::new(files),
        })
    }

    /// All files, from the first.
    pub(super) fn read(&self) -> impl Read + use<> {
        Reader {
            folder: self.clone(),
            next: 0,
            line: io::Cursor::new(Vec::new()),
        }
    }

    fn line(&self, file: &Path) -> Vec<u8> {
        let name = file.strip_prefix(&self.root).unwrap_or(file);
        let mut line = serde_json::Map::new();
        line.insert("file".into(), name.to_string_lossy().into());
        // As many bytes as a line may have, with some of them escaped.
        match File::open(file).and_then(|opened| read_all(opened, RECORD / 8)) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                line.insert("text".into(), text.into());
            }
            Err(error) => {
                let why = match Met::of(&error) {
                    Some(met) => met.to_string(),
                    None => format!("it cannot be read: {error}"),
                };
                line.insert("why".into(), why.into());
            }
        }
        let mut line = serde_json::Value::Object(line).to_string().into_bytes();
        line.push(b'\n');
        line
    }
}

fn has_ending(path: &Path) -> bool {
    path.extension().is_some_and(|ending| {
        ENDINGS
            .iter()
            .any(|known| ending.eq_ignore_ascii_case(known))
    })
}

struct Reader {
    folder: Folder,
    next: usize,
    line: io::Cursor<Vec<u8>>,
}

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.line.read(into)?;
            if read > 0 || into.is_empty() {
                return Ok(read);
            }
            let Some(file) = self.folder.files.get(self.next) else {
                return Ok(0);
            };
            self.line = io::Cursor::new(self.folder.line(file));
            self.next += 1;
        }
    }
}
