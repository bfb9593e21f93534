//! Other systems' histories as their owners bring them: labels into a store or a file, what is doubted said, nothing taken twice, nothing of a file that is not whole.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program::{Done, Server, corpus, path_text, phin, run, run_with, write_file};
use crate::world::form;

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/history")
        .join(name)
}

pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn bytes_of(name: &str) -> Vec<u8> {
    std::fs::read(fixture(name)).expect("the fixture is here")
}

/// `phin import --to -` of a fixture.
#[track_caller]
pub(crate) fn labelled(name: &str, more: &[&str]) -> (Vec<Value>, String) {
    let file = fixture(name);
    let mut args = vec!["import", "--to", "-", path_text(&file)];
    args.extend(more);
    let done = run(&args).well();
    (done.json_lines(), done.err)
}

/// Id to label.
pub(crate) fn labels(lines: &[Value]) -> Vec<(&str, &str)> {
    let mut labels: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line["id"].as_str().expect("text"),
                line["label"].as_str().expect("text"),
            )
        })
        .collect();
    labels.sort_by_key(|(id, _)| {
        id.split(':')
            .nth(1)
            .and_then(|n| n.parse::<u64>().ok())
            .unwrap_or(0)
    });
    labels
}

#[track_caller]
pub(crate) fn says(report: &str, parts: &[&str]) {
    for part in parts {
        assert!(report.contains(part), "{part:?} is missing in:\n{report}");
    }
}

/// `phin export` of a store, one kind of line.
pub(crate) fn stored(data: &Path, what: &str) -> Vec<Value> {
    let lines = run(&["export", "--data-dir", path_text(data)])
        .well()
        .json_lines();
    lines
        .into_iter()
        .filter(|line| line["what"] == what)
        .collect()
}

pub(crate) fn import_into(data: &Path, file: &Path, more: &[&str]) -> Done {
    let mut args = vec!["import", "--data-dir", path_text(data), path_text(file)];
    args.extend(more);
    run(&args)
}

const OF_WORDPRESS: [(&str, &str); 6] = [
    ("wordpress:2", "ham"),
    ("wordpress:3", "ham"),
    ("wordpress:4", "ham"),
    ("wordpress:5", "spam"),
    ("wordpress:7", "ham"),
    ("wordpress:9", "spam"),
];

#[test]
fn a_dump_of_wordpress_gives_what_people_stand_behind_and_says_what_it_doubts() {
    let (lines, report) = labelled("wordpress.sql", &[]);
    let mut expected = OF_WORDPRESS.to_vec();
    // Bình had two comments while somebody looked after the site.
    expected.push(("wordpress:11", "ham"));
    assert_eq!(labels(&lines), expected);
    says(
        &report,
        &[
            "dump of WordPress's database of http://blog.example",
            "(5 ham, 2 spam)",
            "published, but links where spam of the site links: wordpress:6",
            "published, but nobody seems to have looked after the site near it: wordpress:10, wordpress:12, wordpress:14",
            "thrown away or deleted, for whatever reason: wordpress:8",
            "held back, never decided: wordpress:13",
            "a plugin's order_note: wordpress:15",
        ],
    );
    let second = lines
        .iter()
        .find(|line| line["id"] == "wordpress:2")
        .expect("taken");
    assert_eq!(
        second["text"],
        "Bài hay quá, cảm ơn anh!\n\nNhà mình cũng trồng \"rau muống\" & cà chua."
    );
    assert_eq!(
        (
            &second["author"],
            &second["ip"],
            &second["date"],
            &second["type"],
            &second["group"]
        ),
        (
            &"Bình".into(),
            &"198.51.100.7".into(),
            &"2023-03-02T01:00:00Z".into(),
            &"comment".into(),
            &"blog.example".into()
        )
    );
    let fourth = lines
        .iter()
        .find(|line| line["id"] == "wordpress:4")
        .expect("taken");
    assert_eq!(
        fourth["text"],
        "Vâng, để mình thử. Tom & Jerry nhà mình phá lắm <3"
    );
}

#[test]
fn a_garbled_dump_gives_the_same_texts_as_a_sound_one() {
    let (sound, _) = labelled("wordpress.sql", &[]);
    let (garbled, report) = labelled("wordpress-latin1.sql", &[]);
    assert!(String::from_utf8_lossy(&bytes_of("wordpress-latin1.sql")).contains("cáº£m Æ¡n"));
    assert_eq!(garbled, sound);
    says(&report, &["garbled texts were put right"]);
}

#[test]
fn wordpress_own_export_knows_no_spam_folder_but_the_same_ham() {
    let (lines, report) = labelled("wordpress.xml", &[]);
    // What its owner marked is not in it, so that only the owner's answers and marks vouch.
    assert_eq!(
        labels(&lines),
        [
            ("wordpress:2", "ham"),
            ("wordpress:3", "ham"),
            ("wordpress:4", "ham"),
            ("wordpress:6", "ham"),
            ("wordpress:7", "ham"),
            ("wordpress:11", "ham")
        ]
    );
    says(
        &report,
        &[
            "WordPress export (WXR) of http://blog.example",
            "wordpress:10",
        ],
    );
}

#[test]
fn lists_of_wp_cli_are_read_as_json_and_csv() {
    for name in ["wordpress-list.json", "wordpress-list.csv"] {
        let (lines, report) = labelled(name, &["--site", "blog.example"]);
        let found = labels(&lines);
        for expected in OF_WORDPRESS {
            assert!(
                found.contains(&expected),
                "{name}: {expected:?} is missing in {found:?}\n{report}"
            );
        }
        says(
            &report,
            &[
                "list of wp-cli",
                "links where spam of the site links: line ",
                "Say --filtered",
            ],
        );
        // Nothing in such a list says that a filter caught the spam of 2024, but its owner can.
        let (lines, report) = labelled(name, &["--filtered"]);
        let mut expected = OF_WORDPRESS.to_vec();
        expected.push(("wordpress:11", "ham"));
        assert_eq!(labels(&lines), expected, "{report}");
    }
}

#[test]
fn a_dump_after_an_export_of_the_same_wordpress_adds_only_what_is_new() {
    let data = folder();
    let first = import_into(data.path(), &fixture("wordpress.xml"), &[]).well();
    says(&first.err, &["imported 6 labels", "0 were known"]);
    let again = import_into(data.path(), &fixture("wordpress.xml"), &[]).well();
    says(&again.err, &["imported 0 labels", "6 were known"]);
    let longer = import_into(data.path(), &fixture("wordpress.sql"), &[]).well();
    says(&longer.err, &["imported 2 labels", "5 were known"]);
    let (checks, entries) = (stored(data.path(), "check"), stored(data.path(), "label"));
    assert_eq!((checks.len(), entries.len()), (8, 8));
    for entry in &entries {
        assert_eq!(
            (&entry["site"], &entry["reporter"]),
            (&"blog.example".into(), &"import".into())
        );
    }
    // Their own dates, not today's: 2023-03-02 01:00.
    assert!(
        entries
            .iter()
            .any(|entry| entry["at"] == 1_677_718_800_000_i64),
        "{entries:?}"
    );
    // Their words are older than words are kept; they taught all the same.
    for check in &checks {
        let judged = check["assessment"]["probability"].as_f64();
        assert!(judged.expect("judged") > 0.0);
        assert!(check["traces"]["features"].is_array() || check["traces"]["features"].is_string());
        assert_eq!(check["comment"]["author"]["email"], serde_json::Value::Null);
    }
    says(&first.err, &["6 are older than words are kept"]);
}

#[test]
fn a_running_server_knows_at_once_and_what_people_say_later_stands() {
    let data = folder();
    let server = Server::start(data.path());
    let text = "Anh ơi, sao lâu rồi không có bài mới?";
    let fields = [
        ("blog", "http://blog.example"),
        ("comment_content", text),
        ("comment_author", "Bình"),
        ("comment_author_email", "binh@mail.example"),
        ("user_ip", "198.51.100.7"),
    ];
    let mut connection = server.connect();
    let probability = |connection: &mut crate::program::Connection| -> f64 {
        let mut fields = fields.to_vec();
        fields.push(("is_test", "1"));
        let answer = connection
            .post("/1.1/comment-check", &form(&fields))
            .expect("answered");
        answer
            .header("x-spam-probability")
            .expect("judged")
            .parse()
            .expect("a number")
    };
    let before = probability(&mut connection);
    says(
        &import_into(data.path(), &fixture("wordpress.sql"), &[])
            .well()
            .err,
        &["imported 7 labels"],
    );
    let taught = probability(&mut connection);
    assert!(taught < before, "{taught} after {before}");
    let thanks = connection
        .post("/1.1/submit-spam", &form(&fields))
        .expect("answered");
    assert!(thanks.body.starts_with("Thanks"), "{thanks:?}");
    let turned = probability(&mut connection);
    assert!(turned > taught, "{turned} after {taught}");
    says(
        &import_into(data.path(), &fixture("wordpress.sql"), &[])
            .well()
            .err,
        &["imported 0 labels", "7 were known"],
    );
    assert_eq!(
        probability(&mut connection),
        turned,
        "an older word outweighs no newer one"
    );
}

#[test]
fn a_label_said_in_phin_before_outweighs_an_import_and_a_later_export_turns_an_earlier_one() {
    let data = folder();
    {
        let mut server = Server::start(data.path());
        let fields = [
            ("blog", "blog.example"),
            ("comment_content", "Cảm ơn bạn, bài rất hay"),
            ("comment_author", "Bình"),
            ("user_ip", "127.0.0.1"),
        ];
        let thanks = server
            .connect()
            .post("/1.1/submit-spam", &form(&fields))
            .expect("answered");
        assert!(thanks.body.starts_with("Thanks"), "{thanks:?}");
        server.terminate();
        assert!(server.ended().success());
    }
    let lines = "{\"id\":1,\"text\":\"Cảm ơn bạn, bài rất hay\",\"author\":\"Bình\",\"label\":\"ham\"}\n{\"id\":2,\"text\":\"một câu khác\",\"label\":\"ham\"}\n";
    let file = write_file(data.path(), "first.jsonl", lines);
    let first = import_into(data.path(), &file, &["--site", "blog.example"]).well();
    says(
        &first.err,
        &[
            "imported 1 labels",
            "1 differ from what somebody said in phin, which stands",
        ],
    );
    let file = write_file(
        data.path(),
        "second.jsonl",
        lines.replace(
            "một câu khác\",\"label\":\"ham",
            "một câu khác\",\"label\":\"spam",
        ),
    );
    let second = import_into(data.path(), &file, &["--site", "blog.example"]).well();
    says(
        &second.err,
        &["imported 1 labels", "1 turn what an earlier import said"],
    );
    assert_eq!(stored(data.path(), "label").len(), 3);
}

#[test]
fn disqus_is_read_with_its_threads_and_its_markup_undone() {
    let (lines, report) = labelled("disqus.xml", &["--site", "blog.example"]);
    assert_eq!(
        labels(&lines),
        [
            ("disqus:6300001", "ham"),
            ("disqus:6300002", "ham"),
            ("disqus:6300003", "spam")
        ]
    );
    assert_eq!(
        lines[0]["text"],
        "Bài hay quá, cảm ơn anh!\n\nNhà mình dùng đất ở http://dat.example/rau.\nTốt lắm & rẻ."
    );
    assert_eq!(
        lines[2]["text"],
        "Vay nhanh trong ngày, gọi <a href=\"https://loans.example/vay\">bấm vào đây</a>"
    );
    says(
        &report,
        &[
            "links where spam of the site links: disqus:6300004",
            "near it: disqus:6300006",
            "whatever reason: disqus:6300005",
            "written by the site's own people",
        ],
    );
}

#[test]
fn isso_is_read_and_needs_to_be_told_who_its_people_are() {
    let (lines, report) = labelled("isso.db", &[]);
    // That a comment was deleted is the only sign of a person.
    assert_eq!(
        labels(&lines),
        [("isso:1", "ham"), ("isso:2", "ham"), ("isso:5", "ham")]
    );
    says(
        &report,
        &[
            "held back, never decided: isso:3",
            "whatever reason: isso:4",
        ],
    );
    let (lines, report) = labelled(
        "isso.db",
        &["--staff", "an@blog.example", "--site", "blog.example"],
    );
    assert_eq!(lines[1]["text"], "Cảm ơn Bình, nhớ tưới buổi sáng nhé.");
    assert_eq!(lines[1]["group"], "blog.example");
    says(&report, &["      1  ham: written by the site's own people"]);
}

#[test]
fn comentario_and_commento_are_read_with_their_people() {
    let (lines, report) = labelled("comentario.json", &["--site", "blog.example"]);
    let texts: Vec<&str> = lines
        .iter()
        .map(|line| line["text"].as_str().expect("text"))
        .collect();
    assert_eq!(
        texts,
        ["Bài hay quá, **cảm ơn** anh!", "Không có gì & chúc vui."]
    );
    assert_eq!(
        (&lines[0]["author"], &lines[0]["url"]),
        (&"Bình".into(), &"https://binh.example".into())
    );
    says(&report, &["0000c003", "0000c004", "(2 ham, 0 spam)"]);
    let (lines, _) = labelled("commento.json", &[]);
    assert_eq!(
        labels(&lines),
        [("comentario:c1", "ham"), ("comentario:c2", "spam")]
    );
    assert_eq!(
        (&lines[0]["group"], &lines[0]["email"]),
        (&"blog.example".into(), &"binh@mail.example".into())
    );
}

#[test]
fn tables_are_read_by_akismets_names_or_by_a_mapping_in_any_charset() {
    let (lines, report) = labelled("akismet.csv", &["--site", "blog.example"]);
    let found: Vec<_> = lines
        .iter()
        .map(|line| (line["label"].as_str(), line["text"].as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (Some("ham"), Some("Cảm ơn, bài rất \"hay\", mình thích")),
            (
                Some("spam"),
                Some("Cheap pills <a href=\"https://pills.example\">here</a>")
            )
        ]
    );
    says(
        &report,
        &[
            "it has not the 10 columns of the heading: line 4",
            "nothing says whether it is spam: line 5",
        ],
    );
    let mapping = [
        "--map",
        "text=body,author=name,date=when,label=status",
        "--spam-values",
        "spam,1",
        "--ham-values",
        "approved,0",
    ];
    let (lines, report) = labelled("mapped-latin1.tsv", &mapping);
    assert_eq!(
        lines[0]["text"],
        "Merci beaucoup, c'était très utile à toute l'équipe."
    );
    assert_eq!(
        (&lines[0]["author"], &lines[1]["label"], lines.len()),
        (&"Élodie".into(), &"spam".into(), 2)
    );
    says(&report, &["its label \"pending\" is neither", "line 4"]);
    let (lines, report) = labelled("labelled.jsonl", &[]);
    assert_eq!(lines.len(), 2);
    says(
        &report,
        &[
            "it is no JSON: line 5",
            "it has no text: line 4 (id a4)",
            "nothing says whether it is spam: line 3 (id a3)",
        ],
    );
}

#[test]
fn what_was_written_for_training_is_read_by_training_and_packed_files_and_pipes_as_well() {
    let place = folder();
    let out = place.path().join("labelled.jsonl");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed
        .write_all(&bytes_of("wordpress.sql"))
        .expect("memory");
    // The name says nothing; the bytes do.
    let file = write_file(place.path(), "backup", packed.finish().expect("memory"));
    run(&["import", "--to", path_text(&out), path_text(&file)]).well();
    let written = std::fs::read_to_string(&out).expect("written");
    assert_eq!(written.lines().count(), 7);
    run(&["evaluate", path_text(&out)]).well();
    run(&["import", "--to", path_text(&out), path_text(&file)]).refused(1, &["is there already"]);
    let mut piped = phin();
    piped.args(["import", "--to", "-"]);
    assert_eq!(
        run_with(piped, &bytes_of("wordpress.sql")).well().out,
        written
    );
    let mut piped = phin();
    piped.args(["import", "--to", "-", "-"]);
    assert_eq!(
        run_with(piped, &bytes_of("isso.db"))
            .well()
            .json_lines()
            .len(),
        3
    );
}

#[test]
fn a_dry_run_changes_nothing_and_the_doubted_can_be_kept_labelled_and_brought_back() {
    let place = folder();
    let (data, doubted) = (
        place.path().join("data"),
        place.path().join("doubted.jsonl"),
    );
    let sql = fixture("wordpress.sql");
    let more = ["--dry-run", "--doubted", path_text(&doubted)];
    let dry = import_into(&data, &sql, &more).well();
    says(&dry.err, &["(5 ham, 2 spam)", "nothing was changed"]);
    assert!(!data.exists() && !doubted.exists());
    import_into(&data, &sql, &more[1..]).well();
    let lines = std::fs::read_to_string(&doubted).expect("written");
    assert_eq!(lines.lines().count(), 4);
    says(&lines, &["\"label\":null", "\"doubt\":\"published, but "]);
    let by_hand = write_file(
        place.path(),
        "by-hand.jsonl",
        lines.replace("\"label\":null", "\"label\":\"spam\""),
    );
    let back = import_into(&data, &by_hand, &["--site", "blog.example"]).well();
    says(&back.err, &["imported 4 labels", "spam: a person said so"]);
    let all = folder();
    let believed = import_into(all.path(), &sql, &["--believe-published"]).well();
    says(&believed.err, &["imported 11 labels"]);
}

#[test]
fn a_history_that_breaks_off_is_refused_whole_unless_a_part_is_asked_for() {
    let place = folder();
    for (name, cut, part) in [
        ("wordpress.xml", 0.7, true),
        ("wordpress.sql", 0.5, true),
        ("disqus.xml", 0.7, true),
        ("wordpress-list.json", 0.5, true),
        ("comentario.json", 0.9, false),
        ("isso.db", 0.5, false),
    ] {
        let whole = bytes_of(name);
        let file = write_file(
            place.path(),
            name,
            &whole[..(whole.len() as f64 * cut) as usize],
        );
        let data = place.path().join("data");
        let refused = import_into(&data, &file, &["--site", "blog.example"])
            .refused(1, &["nothing was imported"]);
        assert!(!data.exists(), "{name}: {}", refused.err);
        if part {
            says(&refused.err, &["(--partial takes what came before)"]);
            let taken = run(&["import", "--to", "-", "--partial", path_text(&file)]).well();
            says(&taken.err, &["nothing after the break was read"]);
        }
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&bytes_of("disqus.xml")).expect("memory");
    let packed = packed.finish().expect("memory");
    let file = write_file(place.path(), "cut.gz", &packed[..packed.len() - 200]);
    run(&["import", "--to", "-", path_text(&file)])
        .refused(1, &["breaks off", "nothing was imported"]);
}

#[test]
fn what_is_no_history_is_called_what_it_is() {
    let place = folder();
    let refused = |bytes: &[u8], more: &[&str], says: &[&str]| {
        let file = write_file(place.path(), "some", bytes);
        let mut args = vec!["import", "--to", "-", path_text(&file)];
        args.extend(more);
        run(&args).refused(1, says);
    };
    refused(
        b"PK\x03\x04\x14",
        &[],
        &[
            "looks like a ZIP archive, not like any history phin reads",
            "disqus",
        ],
    );
    refused(b"Dear diary,\ntoday it rained\n", &[], &["plain text"]);
    refused(
        b"shade,size\nred,1\n",
        &[],
        &["--map text=COLUMN,label=COLUMN"],
    );
    refused(
        b"body,kind\nhi,1\n",
        &["--map", "text=bdy,label=kind"],
        &["columns that are not there: bdy", "body, kind"],
    );
    refused(
        b"body,kind\nhi,1\n",
        &["--map", "txt=body"],
        &["FIELD=COLUMN", "user_agent"],
    );
    refused(
        b"CREATE TABLE `users` (`id` int);\n",
        &[],
        &[
            "no table of WordPress's comments",
            "nor one of Typecho",
            "users",
        ],
    );
    refused(
        b"SQLite format 3\0nothing more",
        &[],
        &["nothing was imported"],
    );
    run(&["import", "--from", "joomla", "x"]).refused(2, &["wordpress-xml", "disqus"]);
    let isso = fixture("isso.db");
    import_into(&place.path().join("data"), &isso, &[]).refused(1, &["say --site URL"]);
    let own = write_file(
        place.path(),
        "own.jsonl",
        "{\"what\":\"key\",\"secret\":\"0123456789ab\",\"name\":\"x\",\"created_at\":0,\"revoked_at\":null}\n",
    );
    import_into(&place.path().join("data"), &own, &["--site", "x.example"])
        .refused(1, &["phin's own export"]);
}

#[test]
fn on_sites_left_alone_the_rule_keeps_published_spam_out() {
    let Some(file) = corpus("wp_comments") else {
        return;
    };
    let args = [
        "import",
        "--dry-run",
        "--map",
        "status=kind,site=group",
        path_text(&file),
    ];
    let report = run(&args).well().err;
    // 141 published comments of sites that left spam published: none. 159 of the two that were moderated: 99 (docs/DECISIONS.md).
    says(
        &report,
        &[
            "(99 ham, 557 spam)",
            "188  published, but nobody seems to have looked after",
            "13  published, but links where spam",
        ],
    );
}
