//! A comment's request and page in, features out: network, browser family, kind of page, languages
//! that differ. It never looks at the text itself.

use std::net::IpAddr;

use super::feature::Features;
use super::kind::Kind;
use crate::comment::Comment;
use crate::text::{Language, Reading};

pub(super) fn add(comment: &Comment, reading: &Reading, features: &mut Features) {
    match comment.request.ip {
        Some(IpAddr::V4(ip)) => {
            let [a, b, c, _] = ip.octets();
            // Only the /24: a /16 is half a city of one carrier's customers.
            features.add(Kind::Network, &format!("{a}.{b}.{c}.0/24"));
        }
        Some(IpAddr::V6(ip)) => {
            let [a, b, c, ..] = ip.segments();
            features.add(Kind::Network, &format!("{a:x}:{b:x}:{c:x}::/48"));
        }
        None => {}
    }
    if let Some(agent) = comment.request.user_agent.as_deref() {
        features.add(Kind::Agent, family(agent));
    }
    let page = &comment.page;
    if let Some(kind) = page.kind.as_deref().filter(|kind| !kind.is_empty()) {
        features.add(Kind::Page, &kind.to_lowercase());
    }
    if let Some(expected) = page
        .languages
        .first()
        .map(|code| code.get(..2).unwrap_or(code).to_lowercase())
    {
        let written = match reading.language {
            Language::Undetermined if reading.shape.foreign * 2 > reading.shape.letters => {
                "another script"
            }
            Language::Undetermined => return,
            known => known.code(),
        };
        if written != expected {
            features.add(Kind::Page, &format!("{written} on a page in {expected}"));
        }
    }
}

/// The family that a browser says it is. Tools and very old browsers are tested first, because they
/// pretend to be others.
fn family(agent: &str) -> &'static str {
    let lower = agent.to_ascii_lowercase();
    let has = |part: &str| lower.contains(part);
    if lower.trim().is_empty() {
        "no browser named"
    } else if [
        "python", "curl", "wget", "java/", "libwww", "go-http", "php", "scrapy", "okhttp", "axios",
        "node",
    ]
    .iter()
    .any(|tool| has(tool))
    {
        "a tool"
    } else if has("headless") || has("phantomjs") {
        "a headless browser"
    } else if has("bot") || has("spider") || has("crawl") {
        "a crawler"
    } else if has("msie") || has("trident") {
        "Internet Explorer"
    } else if has("windows nt 5") || has("windows nt 6.0") || has("windows 98") {
        "an outdated Windows"
    } else if has("edg/") || has("edge/") {
        "Edge"
    } else if has("opr/") || has("opera") {
        "Opera"
    } else if has("coc_coc") {
        "Cốc Cốc"
    } else if has("firefox") {
        "Firefox"
    } else if has("chrome") && has("mobile") {
        "Chrome, mobile"
    } else if has("chrome") {
        "Chrome"
    } else if has("safari") && has("mobile") {
        "Safari, mobile"
    } else if has("safari") {
        "Safari"
    } else {
        "an unknown browser"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_counted_once() {
        for (ip, network) in [
            ("203.0.113.9", "203.0.113.0/24"),
            ("2001:db8:7::1", "2001:db8:7::/48"),
        ] {
            let mut comment = Comment::from_text("Nice post");
            comment.request.ip = ip.parse().ok();
            let features = Features::of(&comment);
            let networks = features.items.iter().filter(|f| f.kind == Kind::Network);
            let networks: Vec<&str> = networks.map(|f| features.text_of(f)).collect();
            assert_eq!(networks, [network]);
        }
    }
}
