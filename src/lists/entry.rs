//! One entry of a list: plain fields from outside in, an entry that can be matched out, or a
//! sentence that says why not. It never sees a comment.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::kind::{BadEntry, Kind, List, bad};
use super::phrase::Phrase;
use crate::comment::SiteId;
use crate::text::links::{self, Place};

/// An entry as it is sent, kept and exported; any field may be wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawEntry {
    /// The site; all sites if missing.
    #[serde(default)]
    pub site: Option<SiteId>,
    /// Which list.
    pub list: List,
    /// What it looks at.
    pub kind: Kind,
    /// What it looks for.
    pub value: String,
    /// Why; shown with every verdict it forces.
    #[serde(default)]
    pub reason: String,
    /// Who made it.
    #[serde(default)]
    pub by: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// When it ends, in milliseconds since 1970; never if missing.
    #[serde(default)]
    pub expires_at: Option<i64>,
}

/// An entry that can be matched. One site has at most one for the same kind and value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "RawEntry", try_from = "RawEntry")]
pub struct Entry {
    raw: RawEntry,
}

/// The place of an entry. There is at most one entry in each place, because two would be two
/// opinions on the same thing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot {
    /// The site; all sites if missing.
    pub site: Option<SiteId>,
    /// What it looks at.
    pub kind: Kind,
    /// What it looks for, in its canonical spelling.
    pub value: String,
}

impl Entry {
    /// The fields; the value in its canonical spelling.
    pub fn raw(&self) -> &RawEntry {
        &self.raw
    }

    /// Its place.
    pub fn slot(&self) -> Slot {
        Slot {
            site: self.raw.site.clone(),
            kind: self.raw.kind,
            value: self.raw.value.clone(),
        }
    }

    /// Whether it has not ended at this time (milliseconds since 1970).
    pub fn is_live(&self, now: i64) -> bool {
        self.raw.expires_at.is_none_or(|end| now < end)
    }
}

impl From<Entry> for RawEntry {
    fn from(entry: Entry) -> Self {
        entry.raw
    }
}

/// Longest reason, in characters.
const LONGEST_REASON: usize = 300;
/// Longest value, in bytes: an e-mail address may have 254 (RFC 5321).
const LONGEST_VALUE: usize = 254;

impl TryFrom<RawEntry> for Entry {
    type Error = BadEntry;
    fn try_from(mut raw: RawEntry) -> Result<Self, BadEntry> {
        raw.value = canonical(raw.kind, &raw.value)?;
        let site = raw.site.as_ref().map(|site| SiteId::parse(site.as_str()));
        raw.site = site.transpose().map_err(|error| bad(error.to_string()))?;
        raw.reason = raw.reason.trim().to_owned();
        for (name, text) in [("reason", &raw.reason), ("name of who makes it", &raw.by)] {
            let length = text.chars().count();
            if length > LONGEST_REASON {
                return Err(bad(format!(
                    "the {name} has {length} characters; say it in at most {LONGEST_REASON}"
                )));
            }
            if text.chars().any(char::is_control) {
                return Err(bad(format!(
                    "the {name} holds line breaks or other control characters; say it in one line"
                )));
            }
        }
        Ok(Self { raw })
    }
}

/// The one spelling of a value.
///
/// # Errors
///
/// It is no value of that kind, too long, or nothing that can be written down; the sentence says
/// which.
pub fn canonical(kind: Kind, value: &str) -> Result<String, BadEntry> {
    let value = value.trim();
    if value.is_empty() {
        return Err(bad(format!(
            "the {kind} is empty; say what the entry looks for"
        )));
    }
    if value.len() > LONGEST_VALUE {
        return Err(bad(format!(
            "the {kind} has {} bytes; an entry has at most {LONGEST_VALUE}",
            value.len()
        )));
    }
    match kind {
        Kind::Ip => network(value).map(|net| {
            if net.prefix_len() == net.max_prefix_len() {
                net.addr().to_string()
            } else {
                net.to_string()
            }
        }),
        Kind::Email => email(value),
        Kind::EmailDomain => domain(value.strip_prefix('@').unwrap_or(value)),
        Kind::Domain => domain(value),
        Kind::Author => phrase(kind, value),
        Kind::Words => words(value),
    }
}

/// Shortest prefix of a network in bits, for IPv4 and IPv6. A wider one is a mistake and would
/// match half the world.
const WIDEST: [u8; 2] = [8, 19];

/// Reads an address or a network. Bits beyond the prefix are cleared, and an IPv4 address inside
/// IPv6 becomes IPv4.
pub(super) fn network(value: &str) -> Result<IpNet, BadEntry> {
    let net: IpNet = value
        .parse()
        .or_else(|_| value.parse().map(|ip: std::net::IpAddr| IpNet::from(ip.to_canonical())))
        .map_err(|_| bad(format!("{value:?} is neither an address nor a network; expected something like 203.0.113.7 or 203.0.113.0/24")))?;
    let net = match net {
        IpNet::V6(net) if net.prefix_len() >= 96 && net.addr().to_ipv4_mapped().is_some() => {
            let address = net.addr().to_canonical();
            IpNet::new(address, net.prefix_len() - 96).unwrap_or(IpNet::V6(net))
        }
        net => net,
    };
    let widest = WIDEST[usize::from(matches!(net, IpNet::V6(_)))];
    if net.prefix_len() < widest {
        return Err(bad(format!(
            "{value} is wider than a /{widest}: it would decide over millions of people; name smaller networks"
        )));
    }
    Ok(net.trunc())
}

fn email(value: &str) -> Result<String, BadEntry> {
    let lower = value.to_lowercase();
    let good = lower.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !lower.contains(char::is_whitespace)
    });
    if !good {
        return Err(bad(format!(
            "{value:?} is not an e-mail address; for all addresses of a domain make an entry of the kind email-domain"
        )));
    }
    Ok(lower)
}

/// Reads a domain; `https://`, `www.`, `*.` and a slash at the end do not matter.
fn domain(value: &str) -> Result<String, BadEntry> {
    let expected = "expected something like casino.example";
    let link = Some(value)
        .filter(|value| !value.contains(char::is_whitespace) && !value.contains('@'))
        .and_then(|value| links::parse(value, Place::Author))
        .ok_or_else(|| bad(format!("{value:?} is not a domain; {expected}")))?;
    if !link.path.is_empty() {
        return Err(bad(format!(
            "{value:?} is the address of a page; an entry is about a whole domain: {}",
            link.host
        )));
    }
    let host = ascii_host(&link.host)
        .ok_or_else(|| bad(format!("{value:?} is not a domain; {expected}")))?;
    if links::is_registry(&host) {
        return Err(bad(format!(
            "{value:?} is no one's domain but a registry's, and would meet everybody below it; {expected}"
        )));
    }
    Ok(host)
}

/// A host as name servers know it: letters beyond ASCII as punycode.
pub(super) fn ascii_host(host: &str) -> Option<String> {
    url::Host::parse(host).ok().map(|host| host.to_string())
}

/// The same for a host of a comment; one that cannot be written so stays as it is.
pub(super) fn as_name_servers_know(host: &str) -> String {
    let ascii = (!host.is_ascii()).then(|| ascii_host(host)).flatten();
    ascii.unwrap_or_else(|| host.to_owned())
}

fn phrase(kind: Kind, value: &str) -> Result<String, BadEntry> {
    let phrase = Phrase::read_stable(value);
    let spelling = phrase.map(|phrase| phrase.spelling()).ok_or_else(|| {
        bad(format!(
            "{value:?} is read as something else once its disguise is off; write the plain words"
        ))
    })?;
    if spelling.is_empty() {
        return Err(bad(format!(
            "{value:?} holds no word that could be looked for as {kind}"
        )));
    }
    Ok(spelling)
}

fn words(value: &str) -> Result<String, BadEntry> {
    // What looks like a pattern is refused: as words it would mean something else
    // (docs/DECISIONS.md, "Words of a list match whole words in a row").
    let pattern = value.contains(['*', '\\', '|', '^', '[', ']', '{', '}'])
        || [".+", ".?", "(?"].iter().any(|sign| value.contains(sign));
    if pattern {
        return Err(bad(format!(
            "{value:?} looks like a pattern; words are met as they are read, in every disguise: write the words alone, each in an entry of its own"
        )));
    }
    phrase(Kind::Words, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn becomes(kind: Kind, value: &str, expected: &str) {
        let found = canonical(kind, value).expect("good");
        assert_eq!(found, expected);
        assert_eq!(canonical(kind, &found).expect("good"), expected, "again");
    }

    #[test]
    fn a_value_has_one_spelling() {
        becomes(Kind::Ip, " 203.0.113.7 ", "203.0.113.7");
        becomes(Kind::Ip, "203.0.113.7/24", "203.0.113.0/24");
        becomes(Kind::Ip, "203.0.113.7/32", "203.0.113.7");
        becomes(Kind::Ip, "2001:DB8::1", "2001:db8::1");
        becomes(Kind::Ip, "::ffff:203.0.113.7", "203.0.113.7");
        becomes(Kind::Ip, "::ffff:203.0.113.0/120", "203.0.113.0/24");
        becomes(
            Kind::Email,
            "An.O'Neil@Mail.Example",
            "an.o'neil@mail.example",
        );
        becomes(Kind::EmailDomain, "@Mail.Example", "mail.example");
        becomes(
            Kind::Domain,
            "https://www.Casino.Example/",
            "casino.example",
        );
        becomes(Kind::Domain, "*.casino.example", "casino.example");
        becomes(Kind::Domain, "github.io", "github.io");
        becomes(Kind::Domain, "bücher.example", "xn--bcher-kva.example");
        becomes(Kind::Author, " V.I.P  Casino ", "vip casino");
        becomes(Kind::Words, "Vay  TIỀN!", "vay tiền");
        becomes(Kind::Words, "zalo 0912 000 345", "zalo 0912000345");
        becomes(Kind::Words, "thuý", "thúy");
    }

    #[track_caller]
    fn refused(kind: Kind, value: &str, says: &str) {
        let error = canonical(kind, value).expect_err(value).to_string();
        assert!(error.contains(says), "{error}");
    }

    #[test]
    fn what_cannot_be_matched_is_refused_in_a_sentence() {
        refused(
            Kind::Ip,
            "203.0.113.0/33",
            "neither an address nor a network",
        );
        refused(Kind::Ip, "203.0.113", "neither an address nor a network");
        refused(Kind::Ip, "0.0.0.0/0", "wider than a /8");
        refused(Kind::Ip, "::/0", "wider than a /19");
        refused(Kind::Email, "@casino.example", "email-domain");
        refused(Kind::Email, "a b@casino.example", "not an e-mail address");
        refused(Kind::Domain, "casino", "not a domain");
        refused(Kind::Domain, "casino .example", "not a domain");
        refused(Kind::Domain, "a@casino.example", "not a domain");
        refused(Kind::Domain, "co.uk", "registry");
        refused(
            Kind::Domain,
            "https://video.example/channel",
            "whole domain: video.example",
        );
        refused(Kind::Words, "vay.*", "looks like a pattern");
        refused(Kind::Words, "(a|b)", "looks like a pattern");
        refused(Kind::Words, "?!", "holds no word");
        refused(Kind::Author, "...", "holds no word");
        refused(Kind::Words, " ", "is empty");
        refused(
            Kind::Words,
            &format!("@{}", "a1".repeat(40)),
            "write the plain words",
        );
        refused(Kind::Words, &"dài ".repeat(100), "at most 254");
    }

    fn raw(reason: &str) -> RawEntry {
        RawEntry {
            site: None,
            list: List::Deny,
            kind: Kind::Words,
            value: "vay tiền".into(),
            reason: reason.into(),
            by: "an".into(),
            at: 0,
            expires_at: Some(10),
        }
    }

    #[test]
    fn a_reason_is_one_line_of_some_length() {
        let error = |reason: &str| Entry::try_from(raw(reason)).expect_err("bad").to_string();
        assert!(error(&"x".repeat(301)).contains("has 301 characters"));
        assert!(error("a\nb").contains("one line"));
        assert!(Entry::try_from(raw(&"ề".repeat(300))).is_ok());
    }

    #[test]
    fn an_entry_ends_with_its_last_millisecond() {
        let entry = Entry::try_from(raw("")).expect("good");
        assert_eq!((entry.is_live(9), entry.is_live(10)), (true, false));
    }
}
