//! The sources of the house, read as text: which file names what of which other file. Shared by the test that guards the order and the example that measures it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A source file, without comments and tests.
pub(crate) struct Source {
    /// Below `src/`.
    pub(crate) path: String,
    pub(crate) code: String,
}

impl Source {
    pub(crate) fn of(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            code: without_comments_and_tests(text),
        }
    }

    /// The folder or file directly below `src/`.
    pub(crate) fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or("");
        first.strip_suffix(".rs").unwrap_or(first)
    }

    pub(crate) fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| {
            if place.ends_with('/') {
                self.path.starts_with(place)
            } else {
                self.path == *place
            }
        })
    }

    /// Whether the code has this word, at the beginning of a word.
    pub(crate) fn names(&self, word: &str) -> bool {
        self.code
            .match_indices(word)
            .any(|(at, _)| !self.code[..at].ends_with(is_of_word))
    }

    /// The module that the file is.
    fn module(&self) -> Module {
        let stem = self.path.strip_suffix(".rs").unwrap_or(&self.path);
        let mut module: Module = stem.split('/').map(str::to_owned).collect();
        if module.last().is_some_and(|last| last == "mod") {
            module.pop();
        }
        if module == ["lib"] {
            module.clear();
        }
        module
    }

    /// Modules declared in files of their own below it.
    fn children(&self) -> BTreeSet<String> {
        let declared = self.code.lines().filter_map(|line| {
            let line = line.trim().strip_suffix(';')?;
            let (before, name) = line.split_once("mod ").filter(|(b, _)| is_visibility(b))?;
            let _ = before;
            name.chars().all(is_of_word).then(|| name.to_owned())
        });
        declared.collect()
    }
}

/// All files below `src/` of this crate.
pub(crate) fn sources() -> Vec<Source> {
    let found: Vec<Source> = texts()
        .into_iter()
        .map(|(path, text)| Source::of(&path, &text))
        .collect();
    assert!(found.len() > 50, "only {} sources found", found.len());
    found
}

/// The same as they are on disk: path below `src/`, and text.
pub(crate) fn texts() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the sources are here") {
            let path = entry.expect("can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).expect("can be read");
                let path = path.strip_prefix(&root).expect("below src");
                found.push((path.to_str().expect("text").to_owned(), text));
            }
        }
    }
    found.sort();
    found
}

/// Tests stand at the foot of a file, and may know what they like.
pub(crate) fn without_comments_and_tests(text: &str) -> String {
    let end = text
        .find("#[cfg(test)]\nmod tests")
        .or_else(|| text.find("#[cfg(test)]\npub"))
        .unwrap_or(text.len());
    text[..end]
        .lines()
        .map(|line| line.trim_start())
        .filter(|line| !line.starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect()
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_visibility(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || text == "pub" || (text.starts_with("pub(") && text.ends_with(')'))
}

/// Where a word begins in code; not as the end of a longer word or path.
fn places_of<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(|&at| !code[..at].ends_with(|c: char| is_of_word(c) || c == ':'))
}

/// Rooms of this crate that a piece of code names: `crate::store::..`, `crate::{store, model::..}`.
pub(crate) fn rooms_named(code: &str) -> BTreeSet<String> {
    let places = code
        .match_indices("crate::")
        .map(|(at, word)| at + word.len());
    let paths = places.flat_map(|at| paths_at(&code[at..]));
    paths.filter_map(|path| path.into_iter().next()).collect()
}

/// A module as its path from the root of the crate.
type Module = Vec<String>;

/// The paths that begin here: one, or with groups in braces several.
fn paths_at(code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = code;
    read_path(&mut rest, &[], &mut found);
    found
}

fn read_path(rest: &mut &str, before: &[String], found: &mut Vec<Vec<String>>) {
    let mut path = before.to_vec();
    loop {
        *rest = rest.trim_start();
        if let Some(group) = rest.strip_prefix('{') {
            *rest = group;
            loop {
                *rest = rest.trim_start();
                if rest.is_empty() || rest.starts_with('}') {
                    break;
                }
                let length = rest.len();
                read_path(rest, &path, found);
                *rest = rest.trim_start();
                if let Some(next) = rest.strip_prefix(',') {
                    *rest = next;
                } else if rest.len() == length {
                    return;
                }
            }
            *rest = rest.strip_prefix('}').unwrap_or(rest);
            return;
        }
        let end = rest.find(|c: char| !is_of_word(c)).unwrap_or(rest.len());
        if end == 0 {
            *rest = rest.strip_prefix('*').unwrap_or(rest);
            break;
        }
        path.push(rest[..end].to_owned());
        *rest = &rest[end..];
        match rest.strip_prefix("::") {
            Some(next) if !next.starts_with('<') => *rest = next,
            _ => break,
        }
    }
    if let Some(renamed) = rest.trim_start().strip_prefix("as ") {
        let end = renamed.find(|c: char| !is_of_word(c));
        *rest = &renamed[end.unwrap_or(renamed.len())..];
    }
    found.push(path);
}

/// Who names whom, file by file. A name that a file only hands on (`pub use`) is counted to the file that defines it.
pub(crate) struct Graph {
    /// From, to, and the names that are used.
    pub(crate) arrows: BTreeMap<(String, String), BTreeSet<String>>,
}

impl Graph {
    pub(crate) fn of(sources: &[Source]) -> Self {
        let is_test = |source: &&Source| source.path.ends_with("tests.rs");
        let files: BTreeMap<Module, &Source> = sources
            .iter()
            .filter(|source| !is_test(source))
            .map(|source| (source.module(), source))
            .collect();
        let mut handed_on: BTreeMap<Module, BTreeMap<String, Module>> = BTreeMap::new();
        for (module, source) in &files {
            let names = handed_on.entry(module.clone()).or_default();
            for statement in reexports(&source.code) {
                for path in named_paths(statement, module, &source.children()) {
                    if let Some(last) = path.last() {
                        names.insert(last.clone(), path.clone());
                    }
                }
            }
        }
        let mut arrows: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        for (module, source) in &files {
            let mut code = source.code.clone();
            for statement in reexports(&source.code) {
                code = code.replace(statement, "");
            }
            for path in named_paths(&code, module, &source.children()) {
                let (home, name) = home_of(path, &files, &handed_on);
                if home != *module && !home.is_empty() {
                    let to = files[&home].path.clone();
                    let names = arrows.entry((source.path.clone(), to)).or_default();
                    names.extend(name);
                }
            }
        }
        Self { arrows }
    }

    /// Files that can be reached from each other.
    pub(crate) fn circles(&self) -> Vec<BTreeSet<&str>> {
        let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (from, to) in self.arrows.keys() {
            next.entry(from).or_default().insert(to);
        }
        let reach = |from: &str| {
            let mut reached: BTreeSet<&str> = BTreeSet::new();
            let mut waiting: Vec<&str> = next.get(from).into_iter().flatten().copied().collect();
            while let Some(file) = waiting.pop() {
                if reached.insert(file) {
                    waiting.extend(next.get(file).into_iter().flatten());
                }
            }
            reached
        };
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            next.keys().map(|&file| (file, reach(file))).collect();
        let mut circles: Vec<BTreeSet<&str>> = Vec::new();
        for (&file, from_it) in &reached {
            if !from_it.contains(file) || circles.iter().any(|circle| circle.contains(file)) {
                continue;
            }
            let back = |other: &&str| reached.get(other).is_some_and(|of| of.contains(file));
            circles.push(from_it.iter().copied().filter(back).collect());
        }
        circles
    }

    /// Files below that use what a file above them defines.
    pub(crate) fn arrows_up(&self) -> Vec<(&str, &str, &BTreeSet<String>)> {
        let above = |path: &str| {
            path.strip_suffix("/mod.rs")
                .or(path.strip_suffix(".rs"))
                .map(|p| format!("{p}/"))
        };
        let arrows = self
            .arrows
            .iter()
            .filter(|((from, to), _)| above(to).is_some_and(|folder| from.starts_with(&folder)));
        arrows
            .map(|((from, to), names)| (from.as_str(), to.as_str(), names))
            .collect()
    }
}

/// The statements of a file that hand names on.
fn reexports(code: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for at in places_of(code, "pub") {
        let rest = &code[at..];
        let Some(end) = rest.find(';') else { continue };
        let Some((before, _)) = rest[..end].split_once("use ") else {
            continue;
        };
        if is_visibility(before) {
            found.push(&rest[..end]);
        }
    }
    found
}

/// All paths that lead into the crate, from its root.
fn named_paths(code: &str, module: &Module, children: &BTreeSet<String>) -> Vec<Module> {
    let mut found = Vec::new();
    let words = ["crate", "super", "self"].map(str::to_owned);
    for word in words.iter().chain(children) {
        let begin = format!("{word}::");
        for at in places_of(code, &begin) {
            let mut rest = &code[at + begin.len()..];
            let mut base = match word.as_str() {
                "crate" => Vec::new(),
                "super" => module[..module.len().saturating_sub(1)].to_vec(),
                "self" => module.clone(),
                child => {
                    let mut base = module.clone();
                    base.push(child.to_owned());
                    base
                }
            };
            while let Some(further) = rest.strip_prefix("super::") {
                base.pop();
                rest = further;
            }
            for path in paths_at(rest) {
                let mut whole = base.clone();
                whole.extend(path);
                found.push(whole);
            }
        }
    }
    found
}

/// The file that defines what a path names, and the name.
fn home_of(
    path: Module,
    files: &BTreeMap<Module, &Source>,
    handed_on: &BTreeMap<Module, BTreeMap<String, Module>>,
) -> (Module, Option<String>) {
    let mut path = path;
    // A name may be handed on several times, never in a circle.
    for _ in 0..8 {
        let mut module = path.clone();
        while !module.is_empty() && !files.contains_key(&module) {
            module.pop();
        }
        let name = path.get(module.len()).cloned();
        let further = name
            .as_ref()
            .and_then(|name| handed_on.get(&module)?.get(name));
        match further {
            Some(further) => {
                let rest = path.split_off(module.len() + 1);
                path = further.iter().cloned().chain(rest).collect();
            }
            None => return (module, name),
        }
    }
    (Vec::new(), None)
}
