//! A person in, a home page as honest people have one out: a domain of their own, a blog at a host
//! of blogs, a profile. Shapes and shares are those of the ham of the moderation queues and of
//! wp_comments (402 home pages), with today's schemes. It never uses a host that belongs to
//! somebody.

use rand::Rng;
use rand::rngs::StdRng;

use crate::learn::train::dress::names::{self, Person, digits};
use crate::text::links::{self, Place};

use crate::learn::train::dress::choice::{by_share, one_of};
use crate::learn::train::dress::letters::latin;
use crate::learn::train::dress::wardrobe::Wardrobe;

/// What a home page looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HomeShape {
    Plain,
    Hyphen,
    Digits,
    SubDomain,
    Path,
    DeepPath,
    BlogHost,
    Profile,
}

/// All shapes with their shares.
pub(super) const SHAPES: [(u32, HomeShape); 8] = [
    (46, HomeShape::Plain),
    (8, HomeShape::Hyphen),
    (5, HomeShape::Digits),
    (4, HomeShape::SubDomain),
    (7, HomeShape::Path),
    (3, HomeShape::DeepPath),
    (13, HomeShape::BlogHost),
    (14, HomeShape::Profile),
];

/// The same for rows that teach: what few honest people have, a deep path above all, stands there
/// often enough to say nothing by itself.
const TAUGHT_SHAPES: [(u32, HomeShape); 8] = [
    (30, HomeShape::Plain),
    (9, HomeShape::Hyphen),
    (7, HomeShape::Digits),
    (6, HomeShape::SubDomain),
    (9, HomeShape::Path),
    (18, HomeShape::DeepPath),
    (10, HomeShape::BlogHost),
    (11, HomeShape::Profile),
];

impl HomeShape {
    pub(super) fn called(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Hyphen => "hyphen",
            Self::Digits => "digits",
            Self::SubDomain => "sub-domain",
            Self::Path => "path",
            Self::DeepPath => "deep path",
            Self::BlogHost => "host of blogs",
            Self::Profile => "profile",
        }
    }

    /// The shape of a home page that is to be drawn anew.
    fn of(host: &str, path: &str) -> Self {
        let known = |list: &[&str]| {
            list.iter()
                .any(|of| host == *of || host.ends_with(&format!(".{of}")))
        };
        let profiles: Vec<&str> = PROFILES
            .iter()
            .map(|(_, prefix)| prefix.split('/').next().unwrap_or(prefix))
            .collect();
        let known_as = links::parse(host, Place::Author);
        let label = known_as.as_ref().map_or(host, |link| &link.domain);
        let steps = path.split('/').filter(|step| !step.is_empty()).count();
        if known(&profiles) {
            Self::Profile
        } else if known(&BLOG_HOSTS.map(|(_, host)| host)) {
            Self::BlogHost
        } else if host.contains('-') {
            Self::Hyphen
        } else if host.bytes().any(|b| b.is_ascii_digit()) {
            Self::Digits
        } else if host != label {
            Self::SubDomain
        } else if steps > 1 {
            Self::DeepPath
        } else if steps == 1 {
            Self::Path
        } else {
            Self::Plain
        }
    }
}

const BLOG_HOSTS: [(u32, &str); 12] = [
    (30, "wordpress.com"),
    (26, "blogspot.com"),
    (14, "github.io"),
    (6, "tumblr.com"),
    (6, "substack.com"),
    (4, "medium.com"),
    (4, "netlify.app"),
    (3, "livejournal.com"),
    (2, "neocities.org"),
    (2, "weebly.com"),
    (2, "typepad.com"),
    (1, "bearblog.dev"),
];

const PROFILES: [(u32, &str); 13] = [
    (28, "facebook.com/"),
    (18, "github.com/"),
    (10, "twitter.com/"),
    (6, "x.com/"),
    (10, "www.linkedin.com/in/"),
    (7, "www.instagram.com/"),
    (6, "www.youtube.com/@"),
    (4, "www.blogger.com/profile/"),
    (4, "mastodon.social/@"),
    (3, "about.me/"),
    (2, "www.goodreads.com/"),
    (1, "soundcloud.com/"),
    (1, "www.flickr.com/people/"),
];

const ENDS: [(u32, &str); 10] = [
    (62, "com"),
    (8, "net"),
    (8, "org"),
    (5, "io"),
    (4, "me"),
    (4, "dev"),
    (3, "info"),
    (2, "blog"),
    (2, "co"),
    (2, "xyz"),
];

/// The country's own end of a domain.
fn country(language: &str, random: &mut StdRng) -> &'static str {
    let ends: &[&str] = match language {
        "vi" => &["vn", "com.vn", "vn"],
        "ru" => &["ru"],
        "pt" => &["com.br", "pt", "com.br"],
        "de" => &["de", "de", "at", "ch"],
        "fr" => &["fr", "fr", "be", "ca"],
        "es" => &["es", "com.ar", "mx", "cl"],
        "it" => &["it"],
        "lt" => &["lt"],
        "pl" => &["pl"],
        "nl" => &["nl", "nl", "be"],
        "zh" => &["cn", "com.tw"],
        "ja" => &["jp"],
        "id" => &["id", "co.id"],
        _ => &["co.uk", "us", "ca", "com.au", "co.nz", "in", "ie"],
    };
    one_of(ends, random)
}

/// Folders of home pages.
const FOLDERS: [&str; 12] = [
    "blog",
    "about",
    "home",
    "en",
    "weblog",
    "journal",
    "wordpress",
    "notes",
    "site",
    "me",
    "photos",
    "index.html",
];

/// A home page of any shape, by share.
pub(super) fn draw(
    person: &Person,
    language: &'static str,
    wardrobe: Wardrobe,
    random: &mut StdRng,
) -> String {
    let shapes = match wardrobe {
        Wardrobe::Judging => &SHAPES,
        Wardrobe::Teaching(_) => &TAUGHT_SHAPES,
    };
    let shape = by_share(shapes, random);
    of_shape(shape, person, language, wardrobe, random)
}

/// A home page of this shape.
pub(super) fn of_shape(
    shape: HomeShape,
    person: &Person,
    language: &'static str,
    wardrobe: Wardrobe,
    random: &mut StdRng,
) -> String {
    let end = if random.random_ratio(1, 4) || matches!(language, "de" | "ru" | "lt" | "pl" | "nl") {
        country(language, random)
    } else {
        by_share(&ENDS, random)
    };
    let address = address(shape, end, person, wardrobe, random);
    let scheme = by_share(&[(74, "https://"), (23, "http://"), (3, "")], random);
    let www = shape != HomeShape::BlogHost && shape != HomeShape::SubDomain;
    let www = www && !address.starts_with("www.") && random.random_ratio(1, 3);
    let slash = !address.contains('/') && random.random_ratio(1, 4);
    format!(
        "{scheme}{}{address}{}",
        if www { "www." } else { "" },
        if slash { "/" } else { "" }
    )
}

/// Another home page of the shape of one that a corpus made up: its scheme, `www.`, end and slash
/// are kept.
pub(super) fn like(was: &str, person: &Person, wardrobe: Wardrobe, random: &mut StdRng) -> String {
    let (scheme, rest) = match was.find("://") {
        Some(at) => was.split_at(at + 3),
        None => ("", was),
    };
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (www, host) = match host.strip_prefix("www.") {
        Some(host) => ("www.", host),
        None => ("", host),
    };
    let host = host.to_lowercase();
    let shape = HomeShape::of(&host, path);
    let known_as = links::parse(&host, Place::Author);
    let end = known_as.as_ref().map(|link| link.suffix.as_str());
    let address = address(shape, end.unwrap_or("com"), person, wardrobe, random);
    let www = if address.starts_with("www.") { "" } else { www };
    let slash = if path.ends_with('/') && !address.ends_with('/') {
        "/"
    } else {
        ""
    };
    format!("{scheme}{www}{address}{slash}")
}

/// Host and path.
fn address(
    shape: HomeShape,
    end: &str,
    person: &Person,
    wardrobe: Wardrobe,
    random: &mut StdRng,
) -> String {
    let hyphen = |random: &mut StdRng| label(person, "-", wardrobe, random);
    let plain = |random: &mut StdRng| label(person, "", wardrobe, random);
    match shape {
        HomeShape::Plain => format!("{}.{end}", plain(random)),
        HomeShape::Hyphen => format!("{}.{end}", hyphen(random)),
        HomeShape::Digits => loop {
            let label = format!("{}{}", plain(random), digits(random));
            if wardrobe.holds(&label) {
                break format!("{label}.{end}");
            }
        },
        HomeShape::SubDomain => {
            let own = latin(person.given);
            let sub = ["blog", "www2", "home", own.as_str(), "blog", "notes"];
            format!("{}.{}.{end}", one_of(&sub, random), plain(random))
        }
        HomeShape::Path => {
            let folder = if random.random_ratio(1, 4) {
                format!("~{}", latin(person.family))
            } else {
                one_of(&FOLDERS, random).to_owned()
            };
            format!("{}.{end}/{folder}", plain(random))
        }
        HomeShape::DeepPath => {
            let year = random.random_range(2009..=2026);
            let words = [
                names::word("en", wardrobe, random),
                names::word("en", wardrobe, random),
                names::word("en", wardrobe, random),
            ];
            match random.random_range(0..3) {
                0 => format!("{}.{end}/{year}/{}/", plain(random), words.join("-")),
                1 => format!("{}.{end}/blog/{}", plain(random), words.join("-")),
                _ => format!("{}.{end}/{}/{}", plain(random), words[0], words[1]),
            }
        }
        HomeShape::BlogHost => {
            let joint = if random.random_ratio(1, 6) { "-" } else { "" };
            let label = label(person, joint, wardrobe, random);
            format!("{label}.{}", by_share(&BLOG_HOSTS, random))
        }
        HomeShape::Profile => {
            let at = by_share(&PROFILES, random);
            let handle = if at.contains("blogger") {
                random.random_range(1_u64 << 56..1 << 63).to_string()
            } else if random.random_ratio(1, 4) {
                format!("{}{}", plain(random), digits(random))
            } else {
                let joint = if at.contains("linkedin") { "-" } else { "" };
                label(person, joint, wardrobe, random)
            };
            format!("{at}{handle}")
        }
    }
}

/// A label of the wardrobe: of a name, of words, of syllables.
fn label(person: &Person, joint: &str, wardrobe: Wardrobe, random: &mut StdRng) -> String {
    loop {
        let (given, family) = (latin(person.given), latin(person.family));
        let mut word = || names::word(person.people, wardrobe, random).to_owned();
        let words = [word(), word(), word()];
        let parts = match random.random_range(0..10) {
            0..=2 => vec![given, family],
            3 => vec![family, words[0].clone()],
            4 => vec![given, words[0].clone()],
            5..=6 => vec![words[0].clone(), words[1].clone()],
            7 => words.to_vec(),
            _ => vec![syllables(random), syllables(random)],
        };
        let label = parts.join(joint);
        if wardrobe.holds(&label) {
            return label;
        }
    }
}

fn syllables(random: &mut StdRng) -> String {
    let ones = [
        "b", "br", "c", "ch", "d", "dr", "f", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pl",
        "r", "s", "sh", "st", "t", "tr", "v", "w", "y", "z",
    ];
    let vowels = ["a", "e", "i", "o", "u", "a", "e", "o", "ai", "ea", "oo"];
    let ends = ["", "", "", "n", "r", "l", "s", "t", "m"];
    (0..random.random_range(1..=2))
        .map(|_| {
            format!(
                "{}{}{}",
                one_of(&ones, random),
                one_of(&vowels, random),
                one_of(&ends, random)
            )
        })
        .collect()
}
