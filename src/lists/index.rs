//! The entries of one site, or of all sites, in; the entry that matches a comment out. Exact values
//! are in hash sets; a network takes one look-up for each prefix length, a domain one for each
//! label, words a tree of beginnings. So the number of entries does not matter (docs/DECISIONS.md,
//! "Thousands of list entries cost nothing"). It never decides between sites.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::entry::{Entry, network};
use super::kind::{Kind, List};
use super::phrase::{Word, joined};
use super::phrases::Phrases;
use crate::text::Reading;

/// An entry and the piece of the comment that it matches.
pub(super) type Met = (Arc<Entry>, String);

#[derive(Debug, Default)]
pub(super) struct Index {
    networks: HashMap<IpNet, Arc<Entry>>,
    /// Number of networks of each prefix length, IPv4 and IPv6 apart, so that only lengths in use
    /// are looked up.
    prefixes: BTreeMap<(bool, u8), usize>,
    emails: HashMap<String, Arc<Entry>>,
    email_domains: HashMap<String, Arc<Entry>>,
    domains: HashMap<String, Arc<Entry>>,
    names: Phrases,
    words: Phrases,
    len: usize,
}

/// What a comment shows of its author and of where it leads.
#[derive(Debug, Default)]
pub(super) struct Traces {
    pub(super) ip: Option<IpAddr>,
    /// The author's, lower case.
    pub(super) email: Option<String>,
    /// Hosts of all links and of the home page, in ASCII (punycode).
    pub(super) hosts: Vec<String>,
    /// E-mail addresses in the text, lower case.
    pub(super) quoted: Vec<String>,
}

fn prefix_of(net: &IpNet) -> (bool, u8) {
    (matches!(net, IpNet::V6(_)), net.prefix_len())
}

/// A host and the domains above it, narrowest first: `a.b.example`, `b.example`, `example`.
pub(super) fn and_above(host: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(host), |host| {
        host.split_once('.').map(|(_, above)| above)
    })
}

impl Index {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn insert(&mut self, entry: Arc<Entry>) {
        let value = entry.raw().value.clone();
        self.len += 1;
        match entry.raw().kind {
            Kind::Ip => {
                // An entry holds no value that is none.
                let Ok(net) = network(&value) else { return };
                *self.prefixes.entry(prefix_of(&net)).or_default() += 1;
                self.networks.insert(net, entry);
            }
            Kind::Email => drop(self.emails.insert(value, entry)),
            Kind::EmailDomain => drop(self.email_domains.insert(value, entry)),
            Kind::Domain => drop(self.domains.insert(value, entry)),
            Kind::Author => self.names.insert(entry),
            Kind::Words => self.words.insert(entry),
        }
    }

    pub(super) fn remove(&mut self, entry: &Entry) {
        let value = &entry.raw().value;
        self.len -= 1;
        match entry.raw().kind {
            Kind::Ip => {
                let Ok(net) = network(value) else { return };
                self.networks.remove(&net);
                if let Some(count) = self.prefixes.get_mut(&prefix_of(&net)) {
                    *count -= 1;
                    if *count == 0 {
                        self.prefixes.remove(&prefix_of(&net));
                    }
                }
            }
            Kind::Email => drop(self.emails.remove(value)),
            Kind::EmailDomain => drop(self.email_domains.remove(value)),
            Kind::Domain => drop(self.domains.remove(value)),
            Kind::Author => self.names.remove(entry),
            Kind::Words => self.words.remove(entry),
        }
    }

    pub(super) fn has_names(&self) -> bool {
        !self.names.is_empty()
    }

    pub(super) fn has_words(&self) -> bool {
        !self.words.is_empty()
    }

    /// The entry about the address, the e-mail or the links. Of entries about the same of these the
    /// narrowest decides; where they disagree, the deny.
    pub(super) fn of_traces(&self, traces: &Traces, now: i64) -> Option<Met> {
        let email = traces.email.as_deref();
        let address = traces.ip.and_then(|ip| self.of_address(ip, now));
        let email = email.and_then(|email| self.of_email(email, now));
        let quoted = traces
            .quoted
            .iter()
            .filter_map(|email| self.of_email(email, now))
            .filter(denies);
        let links: Vec<Option<Met>> = traces
            .hosts
            .iter()
            .map(|host| self.of_host(host, now))
            .collect();
        let denied = [&address, &email]
            .into_iter()
            .flatten()
            .chain(links.iter().flatten())
            .find(|met| denies(met))
            .cloned();
        // One allowed link says nothing about the other links, so all must be allowed.
        let all_allowed = !links.is_empty()
            && links
                .iter()
                .all(|met| met.as_ref().is_some_and(|met| !denies(met)));
        let links = links.into_iter().flatten().next().filter(|_| all_allowed);
        denied
            .or_else(|| quoted.into_iter().next())
            .or(address)
            .or(email)
            .or(links)
    }

    fn of_address(&self, ip: IpAddr, now: i64) -> Option<Met> {
        let six = ip.is_ipv6();
        let lengths = self.prefixes.range((six, 0)..=(six, 128)).rev();
        lengths
            .filter_map(|(&(_, length), _)| {
                self.networks.get(&IpNet::new(ip, length).ok()?.trunc())
            })
            .find(|entry| entry.is_live(now))
            .map(|entry| (Arc::clone(entry), ip.to_string()))
    }

    fn of_email(&self, email: &str, now: i64) -> Option<Met> {
        let whole = self.emails.get(email).filter(|entry| entry.is_live(now));
        let (_, domain) = email.rsplit_once('@')?;
        whole
            .or_else(|| find_domain(&self.email_domains, domain, now))
            .map(|entry| (Arc::clone(entry), email.to_owned()))
    }

    fn of_host(&self, host: &str, now: i64) -> Option<Met> {
        find_domain(&self.domains, host, now).map(|entry| (Arc::clone(entry), host.to_owned()))
    }

    /// The entry about the author's whole name.
    pub(super) fn of_name(&self, name: &[Word<'_>], now: i64) -> Option<Met> {
        let entry = self.names.find_whole(name, now)?;
        Some((entry, joined(name)))
    }

    /// The entry about words of the text.
    pub(super) fn of_words(&self, words: &[Word<'_>], reading: &Reading, now: i64) -> Option<Met> {
        self.words.find(words, reading, now)
    }
}

fn denies(met: &Met) -> bool {
    met.0.raw().list == List::Deny
}

fn find_domain<'a>(
    domains: &'a HashMap<String, Arc<Entry>>,
    host: &str,
    now: i64,
) -> Option<&'a Arc<Entry>> {
    if domains.is_empty() {
        return None;
    }
    and_above(host)
        .filter_map(|domain| domains.get(domain))
        .find(|entry| entry.is_live(now))
}
