//! The order of the house (docs/ARCHITECTURE.md): who may know whom, and where foreign names stay. Read off the sources themselves.

use std::collections::BTreeSet;
use std::path::Path;

use crate::sources::{Graph, Source, rooms_named, sources, texts, without_comments_and_tests};

/// Breaches the house lives with for now. A new one fails the tests, and so does an entry here that is mended.
const OWED: [(&str, &str); 0] = [];

/// What a room may name; arrows point right only.
fn may_name(room: &str) -> Option<&'static [&'static str]> {
    Some(match room {
        // The rooms meet here.
        "cli" | "lib" => return None,
        "main" => &["cli"],
        // It stands beside the command line and holds settings of the doors and of the store.
        "config" => &["http", "moderation", "store", "campaigns"],
        "http" => &[
            "blocking",
            "clock",
            "moderation",
            "policy",
            "filter",
            "features",
            "text",
            "comment",
            "verdict",
        ],
        "moderation" => &[
            "blocking",
            "clock",
            "filter",
            "learn",
            "store",
            "lists",
            "policy",
            "campaigns",
            "model",
            "features",
            "text",
            "comment",
            "verdict",
        ],
        "learn" => &[
            "bounded",
            "clock",
            "filter",
            "store",
            "campaigns",
            "model",
            "features",
            "text",
            "comment",
            "verdict",
        ],
        "filter" => &[
            "campaigns",
            "lists",
            "model",
            "features",
            "text",
            "comment",
            "verdict",
        ],
        "campaigns" => &["features", "text", "comment", "verdict"],
        "model" => &["bounded", "features", "text", "comment", "verdict"],
        "lists" => &["text", "comment", "verdict"],
        "features" => &["text", "comment", "verdict"],
        // What people decided for a site is kept as it is matched and obeyed.
        "store" => &["clock", "features", "lists", "policy", "comment", "verdict"],
        "text" => &["comment", "verdict"],
        "comment" | "policy" => &["verdict"],
        "history" => &["bounded", "clock", "text", "comment", "verdict"],
        "verdict" => &["comment"],
        // Work that panics becomes an error of the store.
        "blocking" => &["store"],
        // They know nobody.
        "bounded" => &["bounded"],
        "clock" => &["clock"],
        _ => &[],
    })
}

type Breach = (String, String);

/// Compares what was found with what is owed of the same kind.
#[track_caller]
fn no_other_than_owed(found: &BTreeSet<Breach>, is_of_this_kind: impl Fn(&str) -> bool) {
    let owed: BTreeSet<Breach> = OWED
        .iter()
        .filter(|(_, what)| is_of_this_kind(what))
        .map(|(path, what)| ((*path).to_owned(), (*what).to_owned()))
        .collect();
    let fresh: Vec<String> = found
        .difference(&owed)
        .map(|(path, what)| format!("src/{path} names {what}"))
        .collect();
    assert!(
        fresh.is_empty(),
        "against the order of the house:\n{}",
        fresh.join("\n")
    );
    let mended: Vec<&Breach> = owed.difference(found).collect();
    assert!(
        mended.is_empty(),
        "mended; take it off the list of what is owed: {mended:?}"
    );
}

#[test]
fn arrows_between_rooms_point_one_way() {
    let sources = sources();
    let rooms: BTreeSet<&str> = sources.iter().map(Source::room).collect();
    let mut found = BTreeSet::new();
    for source in &sources {
        let Some(allowed) = may_name(source.room()) else {
            continue;
        };
        for room in rooms_named(&source.code) {
            if room != source.room()
                && rooms.contains(room.as_str())
                && !allowed.contains(&room.as_str())
            {
                found.insert((source.path.clone(), room));
            }
        }
    }
    no_other_than_owed(&found, |what| rooms.contains(what));
}

// A name that a file only hands on counts to the file that defines it, so that no `pub use` hides a circle.
#[test]
fn no_files_form_a_circle_and_none_below_needs_one_above() {
    let sources = sources();
    let graph = Graph::of(&sources);
    let mut found = BTreeSet::new();
    for circle in graph.circles() {
        for file in circle {
            found.insert((file.to_owned(), "a circle of files".to_owned()));
        }
    }
    for (below, above, names) in graph.arrows_up() {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        found.insert((
            below.to_owned(),
            format!("{above} above it: {}", names.join(", ")),
        ));
    }
    no_other_than_owed(&found, |what| {
        what == "a circle of files" || what.contains(" above it: ")
    });
}

#[test]
fn every_room_has_its_place_in_the_order() {
    for source in sources() {
        assert!(
            may_name(source.room()).is_none_or(|allowed| !allowed.is_empty()),
            "src/{}: say in DESIGN and in may_name whom the room {} may know",
            source.path,
            source.room()
        );
    }
}

#[test]
fn nothing_but_the_command_line_and_the_settings_reads_the_environment() {
    let mut found = BTreeSet::new();
    for source in sources()
        .iter()
        .filter(|source| !source.is_in(&["cli/", "config.rs", "config/"]))
    {
        if ["std::env", "env::var", "Env::prefixed", "current_dir("]
            .iter()
            .any(|word| source.names(word))
        {
            found.insert((source.path.clone(), "the environment".to_owned()));
        }
    }
    no_other_than_owed(&found, |what| what == "the environment");
}

// `model/file.rs` is where models meet the disk; `features/tests.rs` reads the training data.
#[test]
fn the_middle_is_pure() {
    let forbidden = [
        "std::fs",
        "std::io",
        "std::time",
        "std::thread",
        "std::process",
        "tokio",
        "print!",
        "println!",
        "eprintln!",
        "eprint!",
        "tracing",
        "rand::rng",
    ];
    let mut found = BTreeSet::new();
    for source in sources().iter().filter(|source| {
        source.is_in(&[
            "text/",
            "features/",
            "campaigns/",
            "model/",
            "lists.rs",
            "lists/",
            "policy.rs",
            "filter.rs",
            "verdict.rs",
            "verdict/",
            "comment.rs",
        ]) && !source.is_in(&["model/file.rs", "model/registry.rs", "features/tests.rs"])
    }) {
        for word in forbidden.iter().filter(|word| source.names(word)) {
            found.insert((source.path.clone(), (*word).to_owned()));
        }
    }
    no_other_than_owed(&found, |what| forbidden.contains(&what));
}

#[test]
fn foreign_names_stay_at_their_door() {
    let homes: &[(&str, &[&str])] = &[
        ("linfa::", &["model/"]),
        ("linfa_bayes::", &["model/bayes.rs"]),
        (
            "linfa_logistic::",
            &["model/calibrate.rs", "model/stack.rs"],
        ),
        ("ndarray::", &["model/"]),
        ("gag::", &["model/bayes.rs"]),
        ("sled::", &["store/"]),
        ("chacha20poly1305::", &["store/vault.rs"]),
        (
            "postcard::",
            &["store/", "model/", "learn/train/shard_file.rs"],
        ),
        ("axum::", &["http/", "cli/admin_client.rs"]),
        ("hyper::", &["http/", "cli/admin_client.rs"]),
        ("prometheus_client::", &["http/ops/"]),
        ("clap::", &["cli/"]),
        ("indicatif::", &["cli/progress.rs"]),
        ("figment::", &["config.rs"]),
        ("governor::", &["http/rate_limit.rs"]),
        ("rustix::", &["cli/"]),
        ("plotters::", &["learn/evaluate/plots/"]),
        ("psl::", &["text/"]),
        ("tokio_rustls::", &["http/webhook.rs"]),
        ("rustls_native_certs::", &["http/webhook.rs"]),
        ("webpki_roots::", &["http/webhook.rs"]),
        ("ipnet::", &["lists/"]),
        ("jiff::", &["clock/"]),
        ("spawn_blocking", &["blocking.rs"]),
        ("quick_xml::", &["history/xml.rs"]),
        ("csv::", &["history/table.rs"]),
        ("flate2::", &["bounded.rs", "http/body/packing.rs"]),
        ("strsim::", &["config.rs", "config/"]),
        (
            "rusqlite::",
            &[
                "history/database.rs",
                "history/isso.rs",
                "history/sqlite_dump.rs",
            ],
        ),
        ("saphyr_parser::", &["history/yaml.rs"]),
        ("chardetng::", &["history/charset.rs"]),
        (
            "rustix::",
            &["cli/descriptors.rs", "cli/doctor.rs", "cli/data_dir.rs"],
        ),
    ];
    let sources = sources();
    let mut found = BTreeSet::new();
    for &(name, home) in homes {
        assert!(
            sources.iter().any(|source| source.names(name)),
            "{name} is used nowhere: take it off this list"
        );
        for source in sources
            .iter()
            .filter(|source| source.names(name) && !source.is_in(home))
        {
            found.insert((source.path.clone(), name.to_owned()));
        }
    }
    no_other_than_owed(&found, |what| homes.iter().any(|(name, _)| *name == what));
}

// SQLite alone must be handed a path.
#[test]
fn histories_are_read_from_what_they_are_handed_and_know_no_clock() {
    let mut found = BTreeSet::new();
    for source in sources()
        .iter()
        .filter(|source| source.is_in(&["history/"]))
    {
        for word in [
            "std::fs",
            "std::time",
            "std::process",
            "tokio",
            "File::open",
            "print!",
            "println!",
            "eprintln!",
        ] {
            if source.names(word) {
                found.insert((source.path.clone(), format!("{word} in a history")));
            }
        }
    }
    no_other_than_owed(&found, |what| what.ends_with("in a history"));
}

// WordPress calls its columns as Akismet calls its fields, and the cases from public reports are written as checks.
#[test]
fn akismets_field_names_are_known_in_one_file() {
    let mut found = BTreeSet::new();
    for source in sources().iter().filter(|source| {
        !source.is_in(&[
            "http/akismet/wire.rs",
            "history/",
            "learn/benchmark/cases.rs",
        ])
    }) {
        for word in [
            "\"comment_content",
            "\"comment_author",
            "\"comment_type",
            "\"POST_",
            "\"HTTP_",
            "\"user_role",
            "\"is_test",
        ] {
            if source.code.contains(word) {
                found.insert((source.path.clone(), word.to_owned()));
            }
        }
    }
    no_other_than_owed(&found, |what| what.starts_with('"'));
}

#[test]
fn every_file_opens_with_a_promise() {
    for (path, text) in texts() {
        assert!(
            text.starts_with("//! "),
            "src/{path} does not say what comes in and what goes out"
        );
    }
}

// A sentence that sends a reader to a file which moved is worse than none.
#[test]
fn paths_in_documents_and_comments_lead_to_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut written: Vec<(String, String)> = texts();
    let mut documents = vec![root.join("README.md"), root.join("CONTRIBUTING.md")];
    for entry in std::fs::read_dir(root.join("docs")).expect("the documents are here") {
        documents.push(entry.expect("can be read").path());
    }
    for document in documents {
        if document.extension().is_some_and(|e| e == "md") {
            let text = std::fs::read_to_string(&document).expect("can be read");
            written.push((document.display().to_string(), text));
        }
    }
    let is_path = |quoted: &&str| {
        quoted.contains('/')
            && (quoted.ends_with(".rs") || quoted.starts_with("src/"))
            && !quoted.starts_with('/')
            && quoted
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "/_.-".contains(c))
    };
    let mut looked_at = 0;
    for (place, text) in &written {
        for quoted in text.split('`').skip(1).step_by(2).filter(is_path) {
            looked_at += 1;
            assert!(
                root.join(quoted).exists() || root.join("src").join(quoted).exists(),
                "{place} names {quoted}, which is not there"
            );
        }
    }
    assert!(looked_at > 50, "only {looked_at} paths found");
}

// A comment cites a decision by its heading.
#[test]
fn decisions_that_comments_cite_have_such_a_heading() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let decisions = std::fs::read_to_string(root.join("docs/DECISIONS.md")).expect("is there");
    let headings: BTreeSet<String> = decisions
        .lines()
        .filter_map(|line| Some(line.strip_prefix("### ")?.replace('`', "")))
        .collect();
    let mut looked_at = 0;
    for (path, text) in texts() {
        let unmarked = text
            .lines()
            .map(|line| line.trim_start().trim_start_matches(['/', '!']).trim())
            .collect::<Vec<&str>>()
            .join(" ");
        for cited in unmarked.split("DECISIONS.md, \"").skip(1) {
            let title = cited.split('"').next().unwrap_or("").replace('`', "");
            looked_at += 1;
            assert!(
                headings.contains(&title),
                "src/{path} cites {title:?}, which docs/DECISIONS.md does not have"
            );
        }
    }
    assert!(looked_at > 20, "only {looked_at} citations found");
}

// The third column of the glossary leads from the field's word to the code.
#[test]
fn the_glossary_names_what_the_code_has() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let glossary = std::fs::read_to_string(root.join("docs/GLOSSARY.md")).expect("is there");
    let code: String = texts().into_iter().map(|(_, text)| text).collect();
    let mut looked_at = 0;
    for line in glossary.lines().filter(|line| line.starts_with("| ")) {
        let in_code = line.split('|').nth(3).unwrap_or("");
        for name in in_code.split('`').skip(1).step_by(2) {
            let last = name.rsplit([':', '.', ' ']).next().unwrap_or(name);
            looked_at += 1;
            assert!(
                code.contains(last.trim_start_matches('-')),
                "the glossary says {name:?}, which no source has: {line}"
            );
        }
    }
    assert!(looked_at > 30, "only {looked_at} names found");
}

#[test]
fn a_circle_is_seen_through_names_that_are_handed_on() {
    let sources = [
        (
            "room/mod.rs",
            "mod a;\nmod b;\npub use a::A;\npub use b::B;\n",
        ),
        ("room/a.rs", "use super::B;\n"),
        ("room/b.rs", "use crate::room::{A};\n"),
        (
            "room/c.rs",
            "use crate::room::A as Other;\nuse crate::shop::sell;\n",
        ),
        ("shop.rs", "mod till;\npub fn sell() { till::count() }\n"),
        (
            "shop/till.rs",
            "use super::sell;\nuse super::super::room::c;\n",
        ),
    ]
    .map(|(path, text)| Source::of(path, text));
    let graph = Graph::of(&sources);
    let circles: Vec<Vec<&str>> = graph
        .circles()
        .into_iter()
        .map(|circle| circle.into_iter().collect())
        .collect();
    assert_eq!(
        circles,
        [
            vec!["room/a.rs", "room/b.rs"],
            vec!["room/c.rs", "shop.rs", "shop/till.rs"]
        ]
    );
    let up: Vec<(&str, &str)> = graph.arrows_up().iter().map(|up| (up.0, up.1)).collect();
    assert_eq!(up, [("shop/till.rs", "shop.rs")]);
}

#[test]
fn an_arrow_is_seen_however_it_is_spelt_and_tests_and_comments_are_not() {
    let code = without_comments_and_tests(
        "//! crate::config\nuse crate::store::Store;\npub(crate) use crate::{model::{Model, card}, learn, http::App as A};\nfn f() { crate::filter::check(); } // and\n// crate::cli\n#[cfg(test)]\nmod tests {\nuse crate::text;\n}\n",
    );
    let named: Vec<String> = rooms_named(&code).into_iter().collect();
    assert_eq!(named, ["filter", "http", "learn", "model", "store"]);
}
