//! Files made to exhaust whoever reads them: in little memory the real binary passes over what is too long, or says what is wrong; it never aborts.

use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::{Done, clean, path_text, run_with, write_file};

/// Memory that a command may have, in KiB: enough for an honest import, and less than any of the files here.
const MEMORY_KIB: u32 = 256 << 10;

/// What stands in the middle of a bomb and nobody wrote: more than the memory.
const HOLE: u64 = 280 << 20;

/// Runs the binary in little memory.
#[track_caller]
fn bounded(args: &[&str]) -> Done {
    let mut command = clean(Command::new("sh"));
    command
        .args(["-c", "ulimit -v $0 && exec \"$@\"", &MEMORY_KIB.to_string()])
        .arg(env!("CARGO_BIN_EXE_phin"))
        .args(args);
    let done = run_with(command, b"");
    assert!(
        done.code.is_some(),
        "{args:?} was ended by a signal: {}",
        done.err
    );
    done
}

/// A file whose middle is a hole: zeros that take no disk.
fn holed(folder: &Path, name: &str, head: &str, tail: &str) -> PathBuf {
    let path = folder.join(name);
    let mut file = std::fs::File::create(&path).expect("a file");
    let write = |file: &mut std::fs::File, text: &str| file.write_all(text.as_bytes());
    write(&mut file, head).expect("written");
    file.seek(SeekFrom::Current(HOLE as i64)).expect("sought");
    write(&mut file, tail).expect("written");
    path
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Imports into a file of labels, in little memory.
#[track_caller]
fn imported(file: &Path, format: &str, more: &[&str]) -> Done {
    let args = [
        &[
            "import",
            "--dry-run",
            "--from",
            format,
            "--site",
            "b.example",
            "--believe-published",
        ],
        more,
        &[path_text(file)],
    ];
    bounded(&args.concat())
}

#[test]
fn an_honest_history_fits_into_the_memory_that_bombs_are_given() {
    let history = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/history");
    let done = bounded(&[
        "import",
        "--dry-run",
        path_text(&history.join("wordpress.sql")),
    ])
    .well();
    assert!(
        done.err.contains("dump of WordPress's database"),
        "{}",
        done.err
    );
}

#[test]
fn a_cell_or_a_heading_without_an_end_is_said_by_its_line() {
    let folder = folder();
    let cell = holed(
        folder.path(),
        "cell.csv",
        "text,label\nhello,ham\n\"",
        "\",spam\n",
    );
    imported(&cell, "csv", &[]).refused(1, &["at line 3", "longer than 4 MiB", "quote"]);
    let partial = imported(&cell, "csv", &["--partial"]).well();
    assert!(partial.err.contains("(1 ham, 0 spam)"), "{}", partial.err);
    let heading = holed(folder.path(), "heading.csv", "text,label", "\nhello,ham\n");
    imported(&heading, "csv", &[]).refused(1, &["at line 1", "longer than 256 KiB"]);
}

#[test]
fn objects_of_json_that_are_too_long_are_passed_over_and_counted() {
    let folder = folder();
    let object = "{\"text\":\"hello\",\"label\":\"ham\"}";
    for (name, head, tail) in [
        (
            "lines.json",
            format!("{object}\n{{\"text\":\""),
            format!("\"}}\n{object}\n"),
        ),
        (
            "array.json",
            format!("[{object},\n{{\"text\":\""),
            format!("\"}},\n{object}]"),
        ),
    ] {
        let file = holed(folder.path(), name, &head, &tail);
        let done = imported(&file, "json", &[]).well();
        assert!(
            done.err.contains("(2 ham, 0 spam)")
                && done.err.contains("it is longer than 4 MiB: line 2"),
            "{}",
            done.err
        );
    }
}

#[test]
fn comentario_is_read_without_being_held() {
    let folder = folder();
    let comment = |id: u8| {
        format!(
            "{{\"id\":\"c{id}\",\"markdown\":\"hello\",\"isApproved\":true,\"createdTime\":\"2026-01-01T00:00:00Z\"}}"
        )
    };
    let file = holed(
        folder.path(),
        "comentario.json",
        &format!(
            "{{\"version\":3,\"comments\":[{},\n{{\"markdown\":\"",
            comment(1)
        ),
        &format!("\"}},\n{}],\"commenters\":[],\"pages\":[]}}", comment(2)),
    );
    let done = imported(&file, "comentario", &[]).well();
    assert!(
        done.err.contains("(2 ham, 0 spam)") && done.err.contains("longer than 4 MiB: line 2"),
        "{}",
        done.err
    );
}

const SQL: &str = "INSERT INTO `wp_comments` VALUES (1,1,'An','','','','2026-01-01 00:00:00','2026-01-01 00:00:00','hello',0,'1','','',0,0),\n(2,1,'An','','','','2026-01-01 00:00:00','2026-01-01 00:00:00','";

#[test]
fn a_value_of_a_dump_that_is_too_long_costs_its_row_alone() {
    let folder = folder();
    let tail = "',0,'1','','',0,0),\n(3,1,'An','','','','2026-01-01 00:00:00','2026-01-01 00:00:00','hello',0,'1','','',0,0);\n";
    let file = holed(folder.path(), "value.sql", SQL, tail);
    let done = imported(&file, "wordpress-sql", &[]).well();
    assert!(
        done.err.contains("(2 ham, 0 spam)")
            && done.err.contains("it is longer than 4 MiB: wordpress:2"),
        "{}",
        done.err
    );
}

#[test]
fn calls_within_calls_of_a_dump_do_not_exhaust_the_stack() {
    let folder = folder();
    let calls = format!("{SQL}x',{}", "f(".repeat(2_000_000));
    let file = write_file(folder.path(), "calls.sql", calls);
    imported(&file, "wordpress-sql", &[]).refused(1, &["calls stand in one another"]);
}

const WXR: &str = "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:wp=\"http://wordpress.org/export/1.2/\"><channel><item><wp:comment><wp:comment_id>1</wp:comment_id><wp:comment_content>hello</wp:comment_content><wp:comment_approved>1</wp:comment_approved></wp:comment><wp:comment><wp:comment_id>2</wp:comment_id><wp:comment_content>";
const WXR_END: &str = "</wp:comment_content><wp:comment_approved>1</wp:comment_approved></wp:comment></item></channel></rss>";

#[test]
fn xml_without_an_end_is_said_by_its_byte() {
    let folder = folder();
    for (name, head, tail) in [
        ("text.xml", WXR.to_owned(), WXR_END.to_owned()),
        (
            "attribute.xml",
            format!("{WXR}<b a=\""),
            format!("\"></b>{WXR_END}"),
        ),
        ("comment.xml", format!("{WXR}<!--"), format!("-->{WXR_END}")),
    ] {
        let file = holed(folder.path(), name, &head, &tail);
        imported(&file, "wordpress-xml", &[]).refused(1, &["at byte", "longer than 16 MiB"]);
    }
    // Pieces that are short, and together are not.
    let pieces = "a&amp;".repeat(3 << 20);
    let file = write_file(
        folder.path(),
        "pieces.xml",
        format!("{WXR}{pieces}{WXR_END}"),
    );
    let done = imported(&file, "wordpress-xml", &[]).well();
    assert!(
        done.err.contains("(1 ham, 0 spam)")
            && done.err.contains("it is longer than 4 MiB: wordpress:2"),
        "{}",
        done.err
    );
}

#[test]
fn xml_that_only_opens_is_said_by_its_byte() {
    let folder = folder();
    for (name, format, head) in [
        ("deep.xml", "wordpress-xml", WXR),
        ("deep-disqus.xml", "disqus", "<disqus><post dsq:id=\"1\">"),
    ] {
        let deep = format!("{head}{}", "<a>".repeat(30 << 20));
        let file = write_file(folder.path(), name, deep);
        imported(&file, format, &[]).refused(1, &["at byte", "256 elements stand in one another"]);
    }
}

#[test]
fn a_packed_file_that_unpacks_to_a_thousand_times_its_size_is_refused() {
    let folder = folder();
    let packed = |name: &str, head: &str| {
        let path = folder.path().join(name);
        let file = std::fs::File::create(&path).expect("a file");
        let mut packer = flate2::write::GzEncoder::new(file, flate2::Compression::default());
        packer.write_all(head.as_bytes()).expect("packed");
        for _ in 0..HOLE >> 20 {
            packer.write_all(&[b'a'; 1 << 20]).expect("packed");
        }
        packer.finish().expect("packed");
        path
    };
    let is_refused = |done: Done| done.refused(1, &["unpacks to more than 200 times its size"]);
    let export = packed("export.jsonl.gz", "{\"what\":\"check\",\"guid\":\"");
    is_refused(bounded(&[
        "import",
        "--data-dir",
        path_text(&folder.path().join("d")),
        path_text(&export),
    ]));
    is_refused(bounded(&[
        "replay",
        "--site",
        "b.example",
        "--model",
        "none",
        path_text(&export),
    ]));
    // The bound of a text is met before that of the file.
    imported(&packed("wxr.xml.gz", WXR), "wordpress-xml", &[]).refused(1, &["longer than 16 MiB"]);
    is_refused(imported(
        &packed("isso.db.gz", "SQLite format 3\0"),
        "isso",
        &[],
    ));
    let rows = packed("rows.jsonl.gz", "{\"text\":\"");
    let model = folder.path().join("m");
    is_refused(bounded(&[
        "train",
        "--out",
        path_text(&model),
        path_text(&rows),
    ]));
}

#[test]
fn an_export_whose_lines_nobody_wrote_is_refused_by_its_line() {
    let folder = folder();
    let data = folder.path().join("d");
    let long = holed(
        folder.path(),
        "long.jsonl",
        "\n{\"what\":\"check\",\"guid\":\"",
        "\"}\n{\"what\":\"end\"}\n",
    );
    let import = |file: &Path| {
        bounded(&[
            "import",
            "--from",
            "phin",
            "--data-dir",
            path_text(&data),
            path_text(file),
        ])
    };
    import(&long).refused(1, &["line 2", "longer than 32 MiB"]);
    bounded(&[
        "replay",
        "--site",
        "b.example",
        "--model",
        "none",
        path_text(&long),
    ])
    .refused(1, &["line 2", "longer than 32 MiB"]);
    let values = format!(
        "{{\"what\":\"label\",\"features\":[{}0]}}\n",
        "0,".repeat(3 << 20)
    );
    let values = write_file(folder.path(), "values.jsonl", values);
    import(&values).refused(1, &["line 1", "more than 1000000 values"]);
}

#[test]
fn labelled_lines_that_are_too_long_are_said_or_passed_over() {
    let folder = folder();
    let row = "{\"text\":\"hello\",\"label\":\"ham\"}\n";
    let file = holed(
        folder.path(),
        "rows.jsonl",
        &format!("{row}{{\"text\":\""),
        &format!("\"}}\n{row}"),
    );
    bounded(&["check", "--model", "none", path_text(&file)])
        .refused(1, &["line 2", "longer than 4 MiB"]);
    let done = bounded(&["check", "--model", "none", "--skip-bad", path_text(&file)]).well();
    assert_eq!(done.lines().len(), 2);
    assert!(
        done.err.contains("1 malformed lines passed over"),
        "{}",
        done.err
    );
}

#[test]
fn lists_models_and_parts_have_a_size_that_is_read() {
    let folder = folder();
    let data = folder.path().join("d");
    let data = path_text(&data);
    let list = holed(folder.path(), "hosts.txt", "a.example\n", "\n");
    bounded(&[
        "lists",
        "evidence",
        "add",
        path_text(&list),
        "--data-dir",
        data,
    ])
    .refused(1, &["longer than 32 MiB"]);
    bounded(&[
        "lists",
        "import",
        "--deny",
        "--domain",
        path_text(&list),
        "--data-dir",
        data,
    ])
    .refused(1, &["longer than 64 MiB"]);
    let model = folder.path().join("model");
    std::fs::create_dir(&model).expect("a folder");
    write_file(&model, "card.toml", "");
    holed(&model, "model.bin", "phinmodl", "end");
    bounded(&["models", "show", path_text(&model), "--data-dir", data])
        .refused(1, &["cannot read", "longer than 64 MiB"]);
    // A part that says it holds a terabyte.
    let packed = [7_u8; 100];
    let mut part = b"phinprt1".to_vec();
    part.extend_from_slice(&(1_u64 << 40).to_le_bytes());
    part.extend_from_slice(&rapidhash::v3::rapidhash_v3(&packed).to_le_bytes());
    part.extend_from_slice(&packed);
    let part = write_file(folder.path(), "one.part", part);
    bounded(&[
        "models",
        "merge",
        path_text(&part),
        "--out",
        path_text(&folder.path().join("m")),
    ])
    .refused(1, &["cannot unpack", "200 times"]);
}

#[test]
fn a_database_whose_texts_are_computed_costs_their_rows_alone() {
    let folder = folder();
    let path = folder.path().join("isso.db");
    let database = rusqlite::Connection::open(&path).expect("a database");
    database
        .execute_batch(
            "CREATE TABLE threads(id INTEGER PRIMARY KEY, uri TEXT, title TEXT);
             INSERT INTO threads VALUES(1, '/a', 't');
             CREATE TABLE comments(id INTEGER PRIMARY KEY, tid INTEGER, parent INTEGER, created FLOAT, mode INTEGER, remote_addr TEXT,
                 n INTEGER, text TEXT GENERATED ALWAYS AS (CASE n WHEN 0 THEN 'hello' ELSE hex(zeroblob(n)) END) VIRTUAL,
                 author TEXT, email TEXT, website TEXT);
             INSERT INTO comments(id, tid, created, mode, author, n) VALUES
                 (1, 1, 1.0, 1, 'An', 0), (2, 1, 1.0, 1, 'An', 400000000), (3, 1, 1.0, 1, 'An', 400000000), (7, 1, 1.0, 1, 'An', 0);",
        )
        .expect("made");
    drop(database);
    let done = imported(&path, "isso", &[]).well();
    assert!(
        done.err.contains("(2 ham, 0 spam)")
            && done.err.contains("it is longer than 4 MiB: isso:2, isso:3"),
        "{}",
        done.err
    );
}

#[test]
fn links_without_an_end_do_not_take_for_ever() {
    let folder = folder();
    let links = "<a >".repeat(250_000);
    let rows: String = (0..8)
        .map(|_| format!("{{\"text\":\"{links}\",\"label\":\"ham\"}}\n"))
        .collect();
    let file = write_file(folder.path(), "links.jsonl", rows);
    let done = imported(&file, "json", &[]).well();
    assert!(done.err.contains("(8 ham, 0 spam)"), "{}", done.err);
}
