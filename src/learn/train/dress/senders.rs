//! A person at home in a language in, a mailbox, an address and languages out: large providers by
//! share, networks of the region's carriers. No address is that of a known person.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rand::Rng;
use rand::rngs::StdRng;

use crate::learn::train::dress::choice::{by_share, one_of};
use crate::learn::train::dress::homes::{self, HomeShape};
use crate::learn::train::dress::letters::latin;
use crate::learn::train::dress::names::{Person, digits};
use crate::learn::train::dress::wardrobe::Wardrobe;

/// Providers everywhere.
pub(super) const PROVIDERS: [(u32, &str); 9] = [
    (68, "gmail.com"),
    (8, "yahoo.com"),
    (6, "hotmail.com"),
    (6, "outlook.com"),
    (4, "icloud.com"),
    (2, "live.com"),
    (2, "proton.me"),
    (1, "protonmail.com"),
    (1, "aol.com"),
];

/// Providers of a region, which a third of its people use.
pub(super) fn providers(language: &str) -> &'static [&'static str] {
    match language {
        "vi" => &["yahoo.com.vn", "gmail.com", "vnn.vn", "hcm.vnn.vn"],
        "ru" => &[
            "mail.ru",
            "yandex.ru",
            "bk.ru",
            "inbox.ru",
            "list.ru",
            "rambler.ru",
        ],
        "de" => &["gmx.de", "web.de", "gmx.net", "t-online.de", "posteo.de"],
        "fr" => &[
            "orange.fr",
            "free.fr",
            "laposte.net",
            "wanadoo.fr",
            "sfr.fr",
        ],
        "pt" => &["uol.com.br", "bol.com.br", "terra.com.br", "sapo.pt"],
        "es" => &["hotmail.es", "yahoo.es", "telefonica.net"],
        "it" => &["libero.it", "alice.it", "virgilio.it", "tiscali.it"],
        "pl" => &["wp.pl", "onet.pl", "interia.pl", "o2.pl"],
        "nl" => &["ziggo.nl", "kpnmail.nl", "xs4all.nl", "home.nl"],
        "lt" => &["gmail.com", "inbox.lt", "takas.lt"],
        "zh" => &["qq.com", "163.com", "126.com"],
        "ja" => &["yahoo.co.jp", "docomo.ne.jp", "nifty.com"],
        "id" => &["yahoo.co.id", "gmail.com"],
        _ => &[
            "comcast.net",
            "btinternet.com",
            "verizon.net",
            "me.com",
            "bigpond.com",
            "sky.com",
        ],
    }
}

/// A mailbox of somebody with these names.
pub(super) fn mailbox(person: &Person, random: &mut StdRng) -> String {
    let (given, family) = (latin(person.given), latin(person.family));
    let initial = given.get(..1).unwrap_or("a");
    match random.random_range(0..7) {
        0 => format!("{given}.{family}"),
        1 => format!("{given}{family}"),
        2 => format!("{given}{}", digits(random)),
        3 => format!("{given}{family}{}", digits(random)),
        4 => format!("{initial}{family}"),
        5 => format!("{given}_{family}"),
        _ => format!("{family}.{given}{}", digits(random)),
    }
}

/// An e-mail address; of a domain of one's own now and then, which is the home page's for half of
/// those who have one.
pub(super) fn email(
    person: &Person,
    language: &'static str,
    home: Option<&str>,
    wardrobe: Wardrobe,
    random: &mut StdRng,
) -> String {
    let mailbox = mailbox(person, random);
    if random.random_ratio(1, 12) {
        let home = home.and_then(own_domain);
        let domain = match home {
            Some(home) if random.random_ratio(1, 2) => home,
            _ => {
                let shape = HomeShape::Plain;
                let home = homes::of_shape(shape, person, language, wardrobe, random);
                own_domain(&home).unwrap_or(home)
            }
        };
        return format!("{mailbox}@{domain}");
    }
    let provider = if random.random_ratio(1, 5) {
        one_of(providers(language), random)
    } else {
        by_share(&PROVIDERS, random)
    };
    format!("{mailbox}@{provider}")
}

/// The domain of a home page, unless it is a profile or blog at somebody else's.
fn own_domain(home: &str) -> Option<String> {
    let link = crate::text::links::parse(home, crate::text::links::Place::Author)?;
    (link.host == link.domain && link.path.is_empty()).then_some(link.domain)
}

/// Networks of carriers: first and second number from, and how many seconds there are.
type Network = (u8, u8, u8);

fn networks(language: &str) -> Networks {
    let of_language = NETWORKS
        .iter()
        .find(|(languages, _)| languages.contains(&language));
    of_language.map_or(NETWORKS_OF_ENGLISH, |(_, networks)| *networks)
}

/// Networks of addresses of four bytes, and beginnings of those of sixteen.
type Networks = (&'static [Network], &'static [[u16; 2]]);

/// By language; English readers stand for the rest of the world.
const NETWORKS: &[(&[&str], Networks)] = &[
    (
        &["vi"],
        (
            &[
                (27, 64, 16),
                (115, 72, 8),
                (171, 224, 32),
                (14, 160, 32),
                (113, 160, 32),
                (123, 16, 16),
                (42, 112, 8),
                (118, 68, 4),
                (1, 52, 4),
                (116, 96, 16),
            ],
            &[[0x2402, 0x800], [0x2001, 0xee0], [0x2405, 0x4800]],
        ),
    ),
    (
        &["ru"],
        (
            &[
                (95, 24, 8),
                (178, 64, 8),
                (5, 140, 4),
                (176, 48, 8),
                (46, 138, 2),
                (188, 16, 16),
            ],
            &[[0x2a00, 0x1370], [0x2a02, 0x2698]],
        ),
    ),
    (
        &["pt"],
        (
            &[
                (177, 0, 96),
                (189, 0, 128),
                (187, 0, 128),
                (179, 128, 64),
                (85, 240, 8),
            ],
            &[[0x2804, 0x14d], [0x2804, 0x7f0], [0x2804, 0x18]],
        ),
    ),
    (
        &["de"],
        (
            &[
                (79, 192, 60),
                (84, 128, 60),
                (87, 128, 60),
                (91, 0, 60),
                (188, 96, 8),
                (95, 112, 4),
            ],
            &[[0x2003, 0xc0], [0x2003, 0xe7], [0x2a02, 0x8108]],
        ),
    ),
    (
        &["fr"],
        (
            &[
                (90, 0, 126),
                (82, 64, 4),
                (86, 192, 60),
                (176, 128, 60),
                (92, 128, 60),
            ],
            &[[0x2a01, 0xe0a], [0x2a01, 0xcb00], [0x2a02, 0x8424]],
        ),
    ),
    (
        &["es"],
        (
            &[
                (83, 32, 30),
                (88, 0, 30),
                (190, 16, 16),
                (189, 128, 64),
                (201, 128, 60),
            ],
            &[[0x2a0c, 0x5a80], [0x2806, 0x10a]],
        ),
    ),
    (
        &["it"],
        (
            &[(79, 0, 60), (87, 0, 30), (151, 16, 60), (93, 32, 30)],
            &[[0x2001, 0xb07]],
        ),
    ),
    (
        &["lt", "pl"],
        (
            &[
                (78, 56, 8),
                (88, 118, 2),
                (83, 0, 30),
                (31, 0, 60),
                (79, 184, 8),
            ],
            &[[0x2a02, 0xa310], [0x2a00, 0xf41]],
        ),
    ),
    (
        &["nl"],
        (
            &[(77, 160, 8), (84, 24, 60), (86, 80, 8), (62, 194, 2)],
            &[[0x2a02, 0xa210]],
        ),
    ),
    (
        &["zh"],
        (
            &[(113, 64, 60), (58, 16, 60), (183, 0, 60), (36, 16, 60)],
            &[[0x240e, 0x3a0]],
        ),
    ),
    (
        &["ja"],
        (
            &[(126, 0, 250), (60, 64, 60), (118, 0, 20), (219, 96, 60)],
            &[[0x240b, 0x10]],
        ),
    ),
    (
        &["id"],
        (
            &[(36, 64, 16), (114, 120, 8), (180, 240, 8), (182, 0, 4)],
            &[[0x2404, 0xc0]],
        ),
    ),
];

const NETWORKS_OF_ENGLISH: Networks = (
    &[
        (24, 0, 60),
        (73, 0, 250),
        (71, 160, 60),
        (98, 192, 60),
        (99, 0, 60),
        (174, 192, 60),
        (86, 128, 60),
        (81, 128, 30),
        (1, 120, 8),
        (99, 224, 30),
        (122, 160, 30),
    ],
    &[
        [0x2601, 0x480],
        [0x2600, 0x1700],
        [0x2607, 0xfb90],
        [0x2a00, 0x23c8],
    ],
);

/// An address of the region; one in three is of the sixth version. The wardrobes share no network
/// of the size that features count.
pub(super) fn address(language: &str, wardrobe: Wardrobe, random: &mut StdRng) -> IpAddr {
    let (fourth, sixth) = networks(language);
    let side = u16::from(wardrobe == Wardrobe::Judging);
    if random.random_ratio(1, 3) {
        let [a, b] = one_of(sixth, random);
        let c = random.random_range(0..0x7fff) << 1 | side;
        let mut rest = || random.random::<u16>();
        return Ipv6Addr::new(a, b, c, rest(), rest(), rest(), rest(), rest()).into();
    }
    let (a, b, many) = one_of(fourth, random);
    let b = b + (random.random_range(0..many) & !1) + side as u8;
    Ipv4Addr::new(a, b, random.random(), random.random_range(1..=254)).into()
}

/// What the browser of a reader asks for.
pub(super) fn accept_language(language: &str, random: &mut StdRng) -> String {
    let english = [
        "en-US,en;q=0.9",
        "en-GB,en;q=0.9,en-US;q=0.8",
        "en-US,en;q=0.5",
    ];
    let own = match language {
        "vi" => "vi-VN,vi;q=0.9,en-US;q=0.8,en;q=0.7",
        "ru" => "ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7",
        "pt" => "pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7",
        "de" => "de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7",
        "fr" => "fr-FR,fr;q=0.9,en-US;q=0.8,en;q=0.7",
        "es" => "es-ES,es;q=0.9,en;q=0.8",
        "it" => "it-IT,it;q=0.9,en;q=0.8",
        "lt" => "lt-LT,lt;q=0.9,en;q=0.8",
        "pl" => "pl-PL,pl;q=0.9,en-US;q=0.8,en;q=0.7",
        "nl" => "nl-NL,nl;q=0.9,en;q=0.8",
        "zh" => "zh-CN,zh;q=0.9,en;q=0.8",
        "ja" => "ja-JP,ja;q=0.9,en;q=0.8",
        "id" => "id-ID,id;q=0.9,en-US;q=0.8,en;q=0.7",
        _ => return one_of(&english, random).to_owned(),
    };
    match random.random_ratio(1, 6) {
        true => one_of(&english, random).to_owned(),
        false => own.to_owned(),
    }
}

/// Kinds of comment as platforms name them.
pub(super) const KINDS: [(u32, &str); 4] = [
    (84, "comment"),
    (11, "reply"),
    (3, "contact-form"),
    (2, "forum-post"),
];

pub(super) fn kind(random: &mut StdRng) -> &'static str {
    by_share(&KINDS, random)
}
