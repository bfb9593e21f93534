//! The name of a site: an address as clients spell it in, one normalised name out, or why it is
//! none.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A site, named by the normalised address of its front page: `example.com/blog`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SiteId(String);

impl SiteId {
    /// The longest name of a site, in bytes: as long as a host name may be. A dozen places of the
    /// store begin with the name, so a long invented one would take much room.
    pub const MAX_BYTES: usize = 255;

    /// Reads a front-page address as clients spell it; scheme, `www.`, port 80/443, case and
    /// trailing slashes do not matter.
    ///
    /// # Errors
    ///
    /// It is no address, or one that is too long.
    pub fn parse(address: &str) -> Result<Self, BadSite> {
        let trimmed = address.trim();
        let with_scheme = if trimmed.contains("://") {
            trimmed.to_owned()
        } else {
            format!("http://{trimmed}")
        };
        let url = url::Url::parse(&with_scheme).map_err(|_| BadSite::no_address(trimmed))?;
        let host = url
            .host_str()
            .filter(|h| !h.is_empty())
            .ok_or_else(|| BadSite::no_address(trimmed))?;
        let host = host.strip_prefix("www.").unwrap_or(host);
        let port = url
            .port()
            .filter(|p| ![80, 443].contains(p))
            .map(|p| format!(":{p}"))
            .unwrap_or_default();
        let site = format!("{host}{port}{}", url.path().trim_end_matches('/'));
        if site.len() > Self::MAX_BYTES {
            return Err(BadSite::TooLong(begin(&site)));
        }
        Ok(Self(site))
    }

    /// The normalised address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SiteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An address that is not that of a site.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSite {
    /// It is no address.
    #[error("{0:?} is not the address of a site; expected something like https://blog.example")]
    NoAddress(String),
    /// It is too long.
    #[error(
        "{0:?} is too long for the address of a site; send that of its front page, {max} bytes at most",
        max = SiteId::MAX_BYTES
    )]
    TooLong(String),
}

impl BadSite {
    fn no_address(text: &str) -> Self {
        Self::NoAddress(begin(text))
    }
}

/// The beginning of a text, for a message.
fn begin(text: &str) -> String {
    match text.char_indices().nth(100) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn site(address: &str, expected: &str) {
        assert_eq!(
            SiteId::parse(address).map(|s| s.to_string()),
            Ok(expected.to_owned())
        );
    }

    #[test]
    fn one_site_has_one_name_however_it_is_spelt() {
        site("https://Blog.Example/", "blog.example");
        site("http://www.blog.example", "blog.example");
        site("blog.example:8080/vi/", "blog.example:8080/vi");
        site("https://blog.example:443//", "blog.example");
    }

    #[test]
    fn nonsense_is_no_site() {
        assert!(SiteId::parse("").is_err());
        assert!(SiteId::parse("http://").is_err());
        let long = |bytes: usize| SiteId::parse(&format!("b.example/{}", "a".repeat(bytes)));
        assert!(long(SiteId::MAX_BYTES - 10).is_ok());
        assert!(long(SiteId::MAX_BYTES - 9).is_err_and(|bad| bad.to_string().len() < 300));
    }
}
