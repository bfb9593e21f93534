//! The text of a list file as operators find it in (a comment blocklist, a hosts file, domains one
//! a line), its hosts and phrases out, and the number and fault of each line that cannot be read.
//! It opens no file.

use std::collections::HashSet;
use std::net::IpAddr;

use super::entry::canonical;
use super::kind::{BadEntry, Kind};

/// What a file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EvidenceFile {
    /// Hosts in lower-case ASCII (punycode), each once, in order.
    pub hosts: Vec<String>,
    /// Phrases in their canonical spelling, each once, in order.
    pub phrases: Vec<String>,
    /// Number of lines, or hosts of a line, that came before.
    pub repeated: usize,
    /// Lines that can be neither.
    pub bad: Vec<BadLine>,
}

/// A line that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {number}: {why}")]
pub struct BadLine {
    /// Counted from 1.
    pub number: usize,
    /// What is wrong with it.
    pub why: BadEntry,
}

impl EvidenceFile {
    /// Reads a file. Lines that are empty or begin with `#` or `!` are skipped, and so is what
    /// follows ` #`.
    pub fn parse(text: &str) -> Self {
        let (mut hosts, mut phrases) = (HashSet::new(), HashSet::new());
        let mut file = Self::default();
        for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.split(" #").next().unwrap_or("").trim();
            let line = line.split("\t#").next().unwrap_or("").trim();
            if line.is_empty() || line.starts_with(['#', '!']) {
                continue;
            }
            match Self::read(line) {
                Ok(found) => {
                    for (kind, value) in found {
                        let all = match kind {
                            Kind::Words => &mut phrases,
                            _ => &mut hosts,
                        };
                        file.repeated += usize::from(!all.insert(value));
                    }
                }
                Err(why) => file.bad.push(BadLine {
                    number: at + 1,
                    why,
                }),
            }
        }
        file.hosts = hosts.into_iter().collect();
        file.phrases = phrases.into_iter().collect();
        file.hosts.sort_unstable();
        file.phrases.sort_unstable();
        file
    }

    /// What one line names.
    fn read(line: &str) -> Result<Vec<(Kind, String)>, BadEntry> {
        let host = |value: &str| canonical(Kind::Domain, value).map(|host| (Kind::Domain, host));
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or("");
        let rest: Vec<&str> = words.collect();
        // `0.0.0.0 host host`: a hosts file also has the names of the machine itself, which are
        // skipped.
        if first.parse::<IpAddr>().is_ok() && !rest.is_empty() {
            let hosts = rest.into_iter().filter(|name| {
                name.contains('.')
                    && name.parse::<IpAddr>().is_err()
                    && !name.ends_with(".localdomain")
            });
            return hosts.map(host).collect();
        }
        // `||host^`, perhaps with options behind.
        if let Some(filter) = line.strip_prefix("||") {
            let name = filter.split(['^', '$']).next().unwrap_or("");
            return host(name).map(|host| vec![host]);
        }
        if let Some(name) = ["*.", ".", "@"]
            .iter()
            .find_map(|sign| line.strip_prefix(*sign))
        {
            return host(name).map(|host| vec![host]);
        }
        if rest.is_empty() && (line.contains("://") || is_like_a_host(line)) {
            return host(line).map(|host| vec![host]);
        }
        canonical(Kind::Words, line).map(|words| vec![(Kind::Words, words)])
    }
}

/// Whether a word is like `casino.example` or `casino.example.`, and not like `...` or `u.s.`.
fn is_like_a_host(word: &str) -> bool {
    let name = word.split(['/', ':', '?']).next().unwrap_or("");
    let name = name.strip_suffix('.').unwrap_or(name);
    let labels: Vec<&str> = name.split('.').collect();
    let last = labels.last().is_some_and(|top| top.chars().count() > 1);
    let is_label = |label: &&str| {
        label
            .chars()
            .all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    };
    labels.len() > 1
        && last
        && labels
            .iter()
            .all(|label| !label.is_empty() && is_label(label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, hosts: &[&str], phrases: &[&str]) {
        let file = EvidenceFile::parse(text);
        assert_eq!(file.bad, [], "{text:?}");
        assert_eq!(
            (file.hosts, file.phrases),
            (
                hosts.iter().map(|h| h.to_string()).collect(),
                phrases.iter().map(|p| p.to_string()).collect()
            ),
            "{text:?}"
        );
    }

    #[test]
    fn lines_of_all_common_lists_are_understood() {
        reads(
            "\u{feff}# a comment\n\n! another\ncasino.example\r\n",
            &["casino.example"],
            &[],
        );
        reads(
            "0.0.0.0 a.example b.example # ads\n127.0.0.1 localhost\n::1 ip6-localhost\n0.0.0.0 0.0.0.0\n127.0.0.1 localhost.localdomain",
            &["a.example", "b.example"],
            &[],
        );
        reads(
            ".a.example\n*.b.example\n||c.example^\n||d.example^$third-party\n@e.example\nhttps://www.f.example/",
            &[
                "a.example",
                "b.example",
                "c.example",
                "d.example",
                "e.example",
                "f.example",
            ],
            &[],
        );
        reads("bücher.example", &["xn--bcher-kva.example"], &[]);
        reads(
            "Vay TIỀN nhanh!\nviagra\nbuy now. cheap",
            &[],
            &["buy now cheap", "vay tiền nhanh", "viagra"],
        );
    }

    #[test]
    fn what_comes_twice_is_counted() {
        let file =
            EvidenceFile::parse("a.example\nA.Example.\n0.0.0.0 a.example\nvay tiền\nVAY  tiền");
        assert_eq!(
            (file.hosts.len(), file.phrases.len(), file.repeated),
            (1, 1, 3)
        );
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        let file = EvidenceFile::parse("a.example\n\nvay.*\nco.uk\nbit.example/abc\n.ru\n?!");
        let bad: Vec<String> = file.bad.iter().map(ToString::to_string).collect();
        assert_eq!(
            file.bad.iter().map(|bad| bad.number).collect::<Vec<_>>(),
            [3, 4, 5, 6, 7]
        );
        for (bad, says) in bad.iter().zip([
            "looks like a pattern",
            "a registry's",
            "address of a page",
            "not a domain",
            "holds no word",
        ]) {
            assert!(bad.contains(says), "{bad}");
        }
    }
}
