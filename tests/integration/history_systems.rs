//! Exports of comment systems that are known by their rows: what each row becomes, who wrote it, and
//! what its status says.

use serde_json::Value;

use crate::history::{fixture, folder, import_into, labelled, labels, says, stored};
use crate::program::{path_text, run, write_file};

const AT: [&str; 2] = ["--site", "blog.example"];

const HAM: &str = "Bài hay quá, cảm ơn anh! Nhà mình cũng trồng rau muống.";
const SPAM: &str = "Vay nhanh trong ngày, lãi suất thấp, gọi https://loans.example/vay";

#[track_caller]
fn line<'a>(lines: &'a [Value], id: &str) -> &'a Value {
    let found = lines.iter().find(|line| line["id"] == id);
    found.unwrap_or_else(|| panic!("{id} is missing in {lines:?}"))
}

/// Some fields of a line.
#[track_caller]
fn has(line: &Value, fields: &[(&str, &str)]) {
    for (field, expected) in fields {
        assert_eq!(line[field].as_str(), Some(*expected), "{field} of {line}");
    }
}

#[test]
fn waline_is_read_out_of_the_list_that_lies_deep_in_its_export() {
    let (lines, report) = labelled("waline.json", &AT);
    assert_eq!(
        labels(&lines),
        [
            ("waline:1", "ham"),
            ("waline:2", "ham"),
            ("waline:3", "spam")
        ]
    );
    has(
        line(&lines, "waline:1"),
        &[
            ("text", HAM),
            ("author", "Bình"),
            ("email", "binh@mail.example"),
            ("url", "https://binh.example"),
            ("ip", "198.51.100.7"),
            ("user_agent", "Mozilla/5.0 (X11; Linux x86_64)"),
            ("date", "2024-03-02T01:00:00Z"),
            ("type", "comment"),
            ("group", "blog.example"),
        ],
    );
    has(line(&lines, "waline:2"), &[("type", "reply")]);
    says(
        &report,
        &[
            "Waline (JSON) of blog.example",
            "held back, never decided: line 1 (id 4)",
            "near it: line 1 (id 5)",
        ],
    );
}

#[test]
fn a_table_of_waline_is_known_by_its_heading() {
    let folder = folder();
    let file = write_file(
        folder.path(),
        "waline.csv",
        "objectId,nick,comment,mail,ua,status,url,insertedAt\n\
         1,Bình,hay quá,binh@mail.example,,approved,/a,2024-03-02 01:00:00\n\
         2,Vay,vay nhanh,,,spam,/a,2024-03-02 02:00:00\n\
         3,Chi,?,,,waiting,/a,2024-03-02 03:00:00\n",
    );
    let done = run(&["import", "--to", "-", path_text(&file)]).well();
    assert_eq!(
        labels(&done.json_lines()),
        [("waline:1", "ham"), ("waline:2", "spam")]
    );
    says(
        &done.err,
        &["table (CSV, TSV)", "never decided: line 4 (id 3)"],
    );
}

#[test]
fn valine_of_leancloud_is_read_behind_the_line_that_names_its_class() {
    let (lines, report) = labelled("leancloud.jsonl", &AT);
    assert_eq!(lines.len(), 3, "{report}");
    for (id, label) in [
        ("valine:5f01", "ham"),
        ("valine:5f02", "spam"),
        ("valine:5f03", "ham"),
    ] {
        has(line(&lines, id), &[("label", label)]);
    }
    has(
        line(&lines, "valine:5f01"),
        &[
            ("author", "Binh"),
            ("date", "2023-05-01T02:00:00Z"),
            ("ip", "203.0.113.9"),
        ],
    );
    says(
        &report,
        &["Valine (LeanCloud) (JSON)", "near it: line 5 (id 5f04)"],
    );
    // The answer of LeanCloud's API is the same rows in a list.
    let rows: Vec<&str> = include_str!("../fixtures/history/leancloud.jsonl")
        .lines()
        .skip(1)
        .collect();
    let folder = folder();
    let file = write_file(
        folder.path(),
        "results.json",
        format!("{{\"results\":[{}]}}", rows.join(",")),
    );
    let done = run(&[
        "import",
        "--to",
        "-",
        "--site",
        "blog.example",
        path_text(&file),
    ])
    .well();
    assert_eq!(done.json_lines(), lines);
}

#[test]
fn twikoo_says_who_is_the_sites_own() {
    let (lines, report) = labelled("twikoo.json", &AT);
    assert_eq!(lines.len(), 3, "{report}");
    for (id, label) in [
        ("twikoo:a1", "ham"),
        ("twikoo:a2", "ham"),
        ("twikoo:a3", "spam"),
    ] {
        has(line(&lines, id), &[("label", label)]);
    }
    has(
        line(&lines, "twikoo:a2"),
        &[
            ("author", "An"),
            ("type", "reply"),
            ("date", "2024-05-01T09:00:00Z"),
        ],
    );
    says(
        &report,
        &["Twikoo (JSON)", "1  ham: written by the site's own people"],
    );
}

#[test]
fn cusdis_is_not_taken_for_comentario() {
    let (lines, report) = labelled("cusdis.json", &AT);
    assert_eq!(lines.len(), 2, "{report}");
    has(
        line(&lines, "cusdis:c1"),
        &[
            ("label", "ham"),
            ("author", "Bình"),
            ("email", "bình@mail.example"),
            ("text", HAM),
        ],
    );
    has(
        line(&lines, "cusdis:c4"),
        &[("label", "ham"), ("author", "An")],
    );
    says(
        &report,
        &[
            "Cusdis (JSON)",
            "whatever reason: line",
            "(id c2)",
            "never decided: line",
            "(id c3)",
        ],
    );
}

#[test]
fn artalk_says_what_waits_but_not_what_is_spam() {
    let file = fixture("artalk.artrans");
    run(&["import", "--to", "-", path_text(&file)]).refused(
        1,
        &[
            "Artalk (JSON) of https://blog.example",
            "nothing was taken",
            "--staff",
        ],
    );
    let (lines, report) = labelled("artalk.artrans", &["--staff", "an@mail.example"]);
    assert_eq!(labels(&lines), [("artalk:1", "ham"), ("artalk:2", "ham")]);
    has(
        &lines[0],
        &[
            ("date", "2023-10-28T13:50:15Z"),
            ("group", "blog.example"),
            ("ip", "198.51.100.20"),
        ],
    );
    says(&report, &["never decided: line 1 (id 3)"]);
}

#[test]
fn remark42_is_read_from_its_backup_and_from_its_tree() {
    let (lines, report) = labelled("remark42.jsonl", &AT);
    assert_eq!(lines.len(), 2, "{report}");
    has(
        line(&lines, "remark42:r1"),
        &[
            ("label", "ham"),
            ("text", HAM),
            ("date", "2024-04-01T03:00:00Z"),
        ],
    );
    has(
        line(&lines, "remark42:r2"),
        &[("label", "ham"), ("type", "reply")],
    );
    says(
        &report,
        &[
            "whatever reason: line 4 (id r3)",
            "near it: line 5 (id r4)",
            "left           1",
        ],
    );
    let (tree, report) = labelled("remark42-tree.json", &AT);
    says(&report, &["Remark42 (JSON)", "near it: line 1 (id r4)"]);
    for id in ["remark42:r1", "remark42:r2"] {
        assert_eq!(line(&tree, id), line(&lines, id));
    }
}

#[test]
fn ghost_keeps_people_and_posts_apart_from_its_comments() {
    let (lines, report) = labelled("ghost.json", &AT);
    assert_eq!(lines.len(), 2, "{report}");
    has(
        line(&lines, "ghost:81a1"),
        &[
            ("label", "ham"),
            ("author", "Bình"),
            ("email", "binh@mail.example"),
            ("text", HAM),
        ],
    );
    has(line(&lines, "ghost:81a3"), &[("type", "reply")]);
    says(
        &report,
        &["Ghost (JSON)", "whatever reason: line", "(id 81a2)"],
    );
}

#[test]
fn discussions_of_github_say_what_was_hidden_as_spam() {
    let (lines, report) = labelled("github.json", &AT);
    assert_eq!(lines.len(), 3, "{report}");
    for (id, label) in [
        ("github:D1", "ham"),
        ("github:D2", "ham"),
        ("github:D3", "spam"),
    ] {
        has(line(&lines, id), &[("label", label)]);
    }
    has(
        line(&lines, "github:D1"),
        &[("author", "binh"), ("url", "https://code.example/binh")],
    );
}

#[test]
fn the_rest_api_of_wordpress_nests_its_texts() {
    let folder = folder();
    let row = |id: u32, status: &str, day: u32| {
        format!(
            "{{\"id\":{id},\"post\":7,\"parent\":0,\"author\":0,\"author_name\":\"An\",\"author_url\":\"\",\
             \"date_gmt\":\"2024-03-0{day}T01:00:00\",\"content\":{{\"rendered\":\"<p>xin ch&agrave;o {id}</p>\"}},\
             \"link\":\"https://blog.example/x#comment-{id}\",\"status\":\"{status}\",\"type\":\"comment\"}}"
        )
    };
    let rows = [row(1, "approved", 1), row(2, "spam", 2), row(3, "hold", 3)].join(",");
    let file = write_file(folder.path(), "rest.json", format!("[{rows}]"));
    let done = run(&["import", "--to", "-", path_text(&file)]).well();
    let lines = done.json_lines();
    assert_eq!(
        labels(&lines),
        [("wordpress:1", "ham"), ("wordpress:2", "spam")]
    );
    has(
        &lines[0],
        &[("text", "xin chào 1"), ("date", "2024-03-01T01:00:00Z")],
    );
    says(
        &done.err,
        &[
            "WordPress's REST API (JSON)",
            "never decided: line 1 (id 3)",
        ],
    );
}

#[test]
fn blogger_names_its_owner_and_the_status_of_each_comment() {
    let (lines, report) = labelled("blogger.xml", &AT);
    assert_eq!(
        labels(&lines),
        [
            ("blogger:9002", "ham"),
            ("blogger:9003", "ham"),
            ("blogger:9004", "spam")
        ]
    );
    let first = line(&lines, "blogger:9002");
    assert_eq!(
        first["text"].as_str(),
        Some(format!("{HAM}\nHẹn gặp lại!").as_str())
    );
    assert_eq!(first["email"], Value::Null);
    has(
        first,
        &[("date", "2024-01-02T00:00:00Z"), ("type", "comment")],
    );
    has(line(&lines, "blogger:9003"), &[("type", "reply")]);
    says(
        &report,
        &[
            "1  ham: written by the site's own people",
            "never decided: blogger:9005",
            "its blogger:status \"ghosted\" is not known: blogger:9006",
        ],
    );
}

#[test]
fn movable_type_is_read_with_its_own_dates() {
    let file = fixture("movable-type.txt");
    run(&["import", "--to", "-", path_text(&file)]).refused(
        1,
        &[
            "Movable Type export",
            "of its 2 comments none",
            "--believe-published",
        ],
    );
    let more = ["--staff", "an@blog.example", "--site", "blog.example"];
    let (lines, _) = labelled("movable-type.txt", &more);
    assert_eq!(lines.len(), 2);
    let text = format!("{HAM}\nTITLE: this line is part of the text");
    assert_eq!(lines[0]["text"].as_str(), Some(text.as_str()));
    has(
        &lines[0],
        &[
            ("author", "Bình"),
            ("url", "https://binh.example"),
            ("ip", "198.51.100.7"),
            ("date", "2024-01-31T15:47:06Z"),
        ],
    );
    has(
        &lines[1],
        &[
            ("date", "2024-02-10T00:05:00Z"),
            ("text", "Ai trồng cà chua chưa?"),
        ],
    );
}

#[test]
fn a_folder_of_staticman_is_read_file_by_file_and_refused_ones_are_spam_if_somebody_says_so() {
    let (lines, report) = labelled(
        "staticman",
        &["--staff", "an@blog.example", "--site", "blog.example"],
    );
    assert_eq!(lines.len(), 4, "{report}");
    let first = line(&lines, "staticman:0f0e1c80-0001-11ee-9f6f-1b2c3d4e5f60");
    // A hash is no address.
    assert_eq!(first["email"], Value::Null);
    has(
        first,
        &[
            ("author", "Bình"),
            ("url", "https://binh.example"),
            ("date", "2024-03-02T01:00:00Z"),
        ],
    );
    let answer = line(&lines, "staticman:0f0e1c80-0002-11ee-9f6f-1b2c3d4e5f60");
    has(
        answer,
        &[
            ("text", "Cảm ơn Bình, nhớ tưới buổi sáng nhé."),
            ("email", "an@blog.example"),
            ("type", "reply"),
        ],
    );
    let texts: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["text"].as_str())
        .collect();
    assert!(
        texts.contains(&"Cà chua nhà mình *chín đỏ* rồi."),
        "{texts:?}"
    );
    says(&report, &["it has no names with values: ca-chua/list.yml"]);
    let refused = fixture("staticman-refused");
    let refused = ["import", "--to", "-", path_text(&refused)];
    run(&refused).refused(1, &["nothing was taken"]);
    let done = run(&[&refused[..], &["--all-are", "spam"]].concat()).well();
    has(&done.json_lines()[0], &[("label", "spam"), ("text", SPAM)]);
    says(&done.err, &["1  spam: a person said so"]);
    // Such labels come into a store like all others.
    let data = folder();
    let more = ["--site", "blog.example", "--all-are", "spam"];
    says(
        &import_into(data.path(), &fixture("staticman-refused"), &more)
            .well()
            .err,
        &["imported 1 labels"],
    );
    assert_eq!(stored(data.path(), "label")[0]["label"], "spam");
}

#[test]
fn typecho_is_not_taken_for_wordpress() {
    let (lines, report) = labelled("typecho.sql", &[]);
    assert_eq!(
        labels(&lines),
        [
            ("typecho:1", "ham"),
            ("typecho:2", "ham"),
            ("typecho:3", "spam")
        ]
    );
    has(
        line(&lines, "typecho:1"),
        &[
            ("text", HAM),
            ("author", "Bình"),
            ("email", "binh@mail.example"),
            ("group", "blog.example"),
            ("date", "2024-03-02T01:00:00Z"),
        ],
    );
    says(
        &report,
        &[
            "dump of Typecho's database of https://blog.example",
            "never decided: typecho:4",
            "1  ham: written by the site's own people",
        ],
    );
}

#[test]
fn wordpress_and_waline_on_sqlite_are_read_like_their_dumps() {
    let folder = folder();
    let wordpress = folder.path().join("ht.sqlite");
    rusqlite::Connection::open(&wordpress)
        .and_then(|database| {
            database.execute_batch(
                "CREATE TABLE wp_options(option_id INTEGER PRIMARY KEY AUTOINCREMENT, option_name TEXT, option_value TEXT, autoload TEXT);
                 INSERT INTO wp_options VALUES(1,'home','http://blog.example','yes');
                 CREATE TABLE wp_posts(ID INTEGER PRIMARY KEY, post_author INTEGER, post_content TEXT, post_title TEXT, guid TEXT, post_type TEXT);
                 INSERT INTO wp_posts VALUES(7,1,'long','Rau muống','http://blog.example/?p=7','post');
                 CREATE TABLE wp_commentmeta(meta_id INTEGER PRIMARY KEY, comment_id INTEGER, meta_key TEXT, meta_value TEXT);
                 INSERT INTO wp_commentmeta VALUES(1,3,'akismet_user_result','true');
                 CREATE TABLE wp_comments(comment_ID INTEGER PRIMARY KEY AUTOINCREMENT, comment_post_ID INTEGER, comment_author TEXT,
                     comment_author_email TEXT, comment_author_url TEXT, comment_author_IP TEXT, comment_date TEXT, comment_date_gmt TEXT,
                     comment_content TEXT, comment_karma INTEGER, comment_approved TEXT, comment_agent TEXT, comment_type TEXT,
                     comment_parent INTEGER, user_id INTEGER);
                 INSERT INTO wp_comments VALUES
                     (1,7,'Bình','binh@mail.example','','198.51.100.7','2024-03-02 08:00:00','2024-03-02 01:00:00','it''s \\ fine; hay!',0,'1','Mozilla/5.0','comment',0,0),
                     (2,7,'An','an@blog.example','','','2024-03-02 09:00:00','2024-03-02 02:00:00','Cảm ơn!',0,'1','','comment',1,1),
                     (3,7,'Vay','','','','2024-03-03 09:00:00','2024-03-03 02:00:00','vay nhanh',0,'spam','','comment',0,0),
                     (4,7,'Chi','','','','2024-03-03 09:00:00','2024-03-03 02:00:00','?',0,'0','','comment',0,0);",
            )
        })
        .expect("made");
    let done = run(&["import", "--to", "-", path_text(&wordpress)]).well();
    let lines = done.json_lines();
    assert_eq!(
        labels(&lines),
        [
            ("wordpress:1", "ham"),
            ("wordpress:2", "ham"),
            ("wordpress:3", "spam")
        ]
    );
    has(
        &lines[0],
        &[
            ("text", "it's \\ fine; hay!"),
            ("group", "blog.example"),
            ("author", "Bình"),
        ],
    );
    says(
        &done.err,
        &[
            "WordPress database (SQLite)",
            "1  spam: a person said so",
            "never decided: wordpress:4",
        ],
    );
    let waline = folder.path().join("waline.sqlite");
    rusqlite::Connection::open(&waline)
        .and_then(|database| {
            database.execute_batch(
                "CREATE TABLE wl_Comment(id INTEGER PRIMARY KEY, user_id INTEGER, comment TEXT, insertedAt TEXT, ip TEXT, link TEXT, mail TEXT,
                     nick TEXT, pid INTEGER, rid INTEGER, sticky NUMERIC, status TEXT, \"like\" INTEGER, ua TEXT, url TEXT, createdAt TEXT, updatedAt TEXT);
                 INSERT INTO wl_Comment(id, comment, nick, mail, status, insertedAt) VALUES
                     (1,'hay quá','Bình','binh@mail.example','approved','2024-03-02 01:00:00'),
                     (2,'vay','Vay',NULL,'spam','2024-03-02 01:00:00');",
            )
        })
        .expect("made");
    let done = run(&["import", "--to", "-", path_text(&waline)]).well();
    assert_eq!(
        labels(&done.json_lines()),
        [("waline:1", "ham"), ("waline:2", "spam")]
    );
    says(&done.err, &["Waline database (SQLite)"]);
}

#[test]
fn any_other_json_is_walked_to_its_texts_and_columns_can_be_named_at_any_depth() {
    let folder = folder();
    let rows = "{\"who\":{\"name\":\"An\"},\"words\":\"xin chào\",\"kind\":\"ok\"},\
                {\"who\":{\"name\":\"Vay\"},\"words\":\"vay nhanh\",\"kind\":\"bad\"}";
    let file = write_file(
        folder.path(),
        "deep.json",
        format!("{{\"v\":1,\"blog\":{{\"threads\":[{{\"url\":\"/a\",\"posts\":[{rows}]}}]}}}}"),
    );
    let import = ["import", "--to", "-", path_text(&file)];
    run(&import).refused(
        1,
        &[
            "no column looks like the text",
            "blog.threads.posts: who, words, kind",
        ],
    );
    let mapping = [
        "--map",
        "text=words,author=who.name,label=kind",
        "--spam-values",
        "bad",
        "--ham-values",
        "ok",
    ];
    let done = run(&[&import[..], &mapping].concat()).well();
    let lines = done.json_lines();
    has(
        &lines[0],
        &[("text", "xin chào"), ("author", "An"), ("label", "ham")],
    );
    has(&lines[1], &[("text", "vay nhanh"), ("label", "spam")]);
}
