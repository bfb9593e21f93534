//! Files that lie, break off or hold nothing: an import of them ends in a sentence, never in
//! silence, and never takes a part for the whole.

use crate::history::{fixture, folder};
use crate::program::{Done, path_text, run, write_file};

fn import(bytes: impl AsRef<[u8]>, more: &[&str]) -> Done {
    let folder = folder();
    let file = write_file(folder.path(), "some", bytes);
    run(&[&["import", "--to", "-", path_text(&file)], more].concat())
}

#[test]
fn an_import_that_takes_nothing_fails_and_says_why() {
    let data = folder();
    let data = path_text(data.path());
    for (bytes, why) in [
        ("", "it is empty"),
        ("[]", "there is no comment in it"),
        ("{\"comments\":[]}", "nothing was taken"),
        (
            "{\"comments\":[{\"content\":\"hi\"}]}",
            "nothing was taken: of its 1 comments none",
        ),
        ("{\"text\":\"hi\"}\n", "--map label=COLUMN"),
        (
            "{\"text\":\"hi\",\"status\":\"odd\"}\n",
            "none of its 1 rows can be read",
        ),
        ("text,label\n", "there is no comment in it"),
        ("text,status\nhi,1\n", "--believe-published"),
        ("<disqus></disqus>", "there is no comment in it"),
        (
            "<feed xmlns:blogger='x'><entry><id>1</id></entry></feed>",
            "there is no comment in it",
        ),
        (
            "AUTHOR: An\nTITLE: x\n-----\nBODY:\nhi\n-----\n--------\n",
            "no comment in it",
        ),
        (
            "CREATE TABLE `wp_comments` (`comment_ID` int, `comment_content` text);\n",
            "there is no comment in it",
        ),
    ] {
        let folder = folder();
        let file = write_file(folder.path(), "some", bytes);
        let file = path_text(&file);
        let site = ["--site", "blog.example"];
        for way in [&["--to", "-"][..], &["--dry-run"], &["--data-dir", data]] {
            let args = [&["import", file], way, &site].concat();
            run(&args).refused(1, &[why]);
        }
    }
}

#[test]
fn no_file_of_labels_is_left_where_none_was_taken() {
    let folder = folder();
    let (to, doubted) = (
        folder.path().join("to.jsonl"),
        folder.path().join("doubted.jsonl"),
    );
    let file = write_file(folder.path(), "some.csv", "text,status\nhi,1\n");
    let import = ["import", path_text(&file), "--to", path_text(&to)];
    run(&import).refused(1, &["nothing was taken"]);
    assert!(!to.exists());
    // What was doubted is something for a person to label.
    run(&[&import[..], &["--doubted", path_text(&doubted)]].concat()).well();
    assert!(doubted.exists());
}

#[test]
fn json_without_an_end_or_without_a_bottom_is_told_by_its_line() {
    let deep = "{\"a\":[".repeat(100_000);
    import(&deep, &[]).refused(1, &["512 values stand in one another"]);
    let deep = format!("{{\"rows\":[{{\"text\":\"a\",\"x\":{}", "[".repeat(100_000));
    import(&deep, &["--from", "json"]).refused(1, &["512 values stand in one another"]);
    let waline = std::fs::read(fixture("waline.json")).expect("it is here");
    for end in [waline.len() / 3, waline.len() / 2, waline.len() - 4] {
        import(&waline[..end], &[]).refused(1, &["it breaks off at line 1", "--partial"]);
    }
    // What came before the break is taken if somebody asks for it.
    let partial = import(&waline[..waline.len() - 200], &["--partial"]).well();
    assert_eq!(partial.json_lines().len(), 3, "{}", partial.err);
    import("{\"rows\":[{\"text\":\"a\"]}", &[]).refused(1, &["']' ends nothing"]);
}

#[test]
fn wrong_types_cost_their_row_alone() {
    let rows = "{\"data\":{\"Comment\":[\
        {\"nick\":1,\"comment\":\"one\",\"mail\":null,\"status\":\"spam\",\"objectId\":{\"x\":1}},\
        {\"nick\":\"b\",\"comment\":[\"two\"],\"mail\":\"\",\"status\":\"spam\",\"objectId\":2},\
        {\"nick\":\"c\",\"comment\":\"three\",\"mail\":\"\",\"status\":7,\"objectId\":3},\
        {\"nick\":\"d\",\"comment\":\"\\ud800\",\"mail\":\"\",\"status\":\"spam\",\"objectId\":4},\
        null, 7, \"text\", [], {}]}}";
    let done = import(rows, &[]).well();
    assert_eq!(done.json_lines().len(), 1, "{}", done.err);
    for why in [
        "its status \"7\" is not known",
        "it is no JSON",
        "it has no text",
    ] {
        assert!(done.err.contains(why), "{why}: {}", done.err);
    }
}

#[test]
fn one_odd_character_makes_no_binary_file() {
    for odd in ["\u{b}", "\u{1}", "\u{8}", "\u{c}"] {
        let xml = String::from_utf8(std::fs::read(fixture("disqus.xml")).expect("it is here"));
        let xml = xml
            .expect("UTF-8")
            .replacen("<message>", &format!("<message>{odd}"), 1);
        let done = import(xml, &["--site", "blog.example"]).well();
        assert_eq!(done.json_lines().len(), 3, "{odd:?}: {}", done.err);
    }
    import("text,label\0\nhi,spam\n", &[]).refused(1, &["a binary file"]);
}

#[test]
fn what_is_not_read_is_named_with_what_to_do_instead() {
    let mut bolt = vec![0; 64];
    bolt[16..20].copy_from_slice(&[0xed, 0xda, 0x0c, 0xed]);
    import(&bolt, &[]).refused(1, &["a Bolt database", "remark42 backup"]);
    import("///DOTCLEAR|2.26|full\n\n[comment comment_id]\n", &[]).refused(
        1,
        &[
            "a backup of Dotclear",
            "dc_comment as CSV",
            "--map text=comment_content",
        ],
    );
    import("%TYPECHO_BACKUP_0001%\0\0", &[]).refused(
        1,
        &[
            "a backup of Typecho",
            "a dump of its table typecho_comments",
        ],
    );
    import("name: An\nmessage: hi\ndate: 2024\n", &[])
        .refused(1, &["a single file of YAML", "give the folder"]);
    import("-- PostgreSQL database dump\n", &[]).refused(1, &["a PostgreSQL dump", "as CSV"]);
    let folder = folder();
    let path = folder.path().join("other.db");
    rusqlite::Connection::open(&path)
        .and_then(|database| database.execute_batch("CREATE TABLE notes(id INTEGER, words TEXT);"))
        .expect("made");
    run(&["import", "--to", "-", path_text(&path)]).refused(
        1,
        &["nor one of Typecho or Waline", "as CSV", "it has: notes"],
    );
}

#[test]
fn folders_may_be_empty_or_full_of_other_things() {
    let folder = folder();
    let path = path_text(folder.path());
    let import = ["import", "--to", "-", path];
    run(&import).refused(1, &["has no file of a comment", ".yml"]);
    std::fs::write(folder.path().join(".hidden.yml"), "name: x\nmessage: y\n").expect("written");
    std::os::unix::fs::symlink("/etc", folder.path().join("link")).expect("linked");
    std::os::unix::fs::symlink("/etc/hostname", folder.path().join("link.yml")).expect("linked");
    run(&import).refused(1, &["has no file of a comment"]);
    for (name, text) in [
        ("deep.yml", "{a: ".repeat(50_000)),
        ("lists.json", "[".repeat(100_000)),
        ("cut.json", "{\"name\":\"x\",\"message\":\"".to_owned()),
        ("words.md", "just words\n".to_owned()),
        ("long.yml", format!("message: {}\n", "x".repeat(1 << 20))),
        ("types.yml", "message: [a, b]\nname: {x: y}\n".to_owned()),
        ("bytes.yml", "\u{1}\u{2}\0".to_owned()),
    ] {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    run(&import).refused(
        1,
        &["none of its 7 rows can be read", "long.yml", "deep.yml"],
    );
    std::fs::write(folder.path().join("good.yml"), "message: hay!\nname: An\n").expect("written");
    let done = run(&[&import[..], &["--all-are", "ham"]].concat()).well();
    assert_eq!(done.json_lines().len(), 1, "{}", done.err);
    run(&[
        "import",
        "--from",
        "folder",
        path_text(&fixture("waline.json")),
    ])
    .refused(1, &["is no folder"]);
}

#[test]
fn rows_of_a_database_that_are_too_long_are_reported_by_their_number() {
    let folder = folder();
    let path = folder.path().join("wordpress.sqlite");
    rusqlite::Connection::open(&path)
        .and_then(|database| {
            database.execute_batch(
                "CREATE TABLE wp_comments(comment_ID INTEGER PRIMARY KEY, comment_author TEXT,
                     comment_content TEXT, comment_approved TEXT, comment_date_gmt TEXT);
                 INSERT INTO wp_comments VALUES
                     (1,'An','hay quá','spam','2024-03-02 01:00:00'),
                     (2,'An',hex(zeroblob(3000000)),'spam','2024-03-02 01:00:00'),
                     (3,'An',hex(zeroblob(600000)),'spam','2024-03-02 01:00:00'),
                     (-4,NULL,x'ff00fe','spam',1e308),
                     (9223372036854775807,'An','lắm','spam','2024-03-02 01:00:00');",
            )
        })
        .expect("made");
    let done = run(&["import", "--to", "-", path_text(&path)]).well();
    assert_eq!(done.json_lines().len(), 3, "{}", done.err);
    let why = "it is longer than 4 MiB: wordpress:2, wordpress:3";
    assert!(done.err.contains(why), "{}", done.err);
}
