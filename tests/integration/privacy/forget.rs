//! A person is forgotten: all checks and corrections of theirs, on disk, in memory and in what the store's files still hold; and nobody else's.

use super::*;

#[tokio::test]
async fn a_person_is_forgotten_and_others_are_not() {
    let world = World::keeping(90);
    let of_canary = |site, text| {
        let mut fields = canary();
        fields.extend([("blog", site), ("comment_content", text)]);
        fields
    };
    let theirs = [
        of_canary(SITE, "Zwitscherlaut eins"),
        of_canary(OTHER_SITE, "Zwitscherlaut zwei"),
    ];
    let mut guids = Vec::new();
    for fields in &theirs {
        let checked = world.akismet("comment-check", fields).await;
        guids.push(checked.guid().to_owned());
    }
    world.akismet("submit-spam", &theirs[0]).await;
    // From the same address, and quoting the person: not theirs.
    let neighbour = [
        ("comment_content", "schreibt an zilpzalp@vogel.example"),
        ("comment_author_email", "amsel@vogel.example"),
        ("user_ip", "203.0.113.77"),
    ];
    world.akismet("comment-check", &neighbour).await;
    days_pass(1);
    world.akismet("comment-check", &theirs[0]).await;
    let list = serde_json::json!({ "site": SITE, "list": "deny", "kind": "email", "value": "zilpzalp@vogel.example" });
    assert_eq!(world.json("/v1/lists", &list).await.status, 201);

    for (who, why) in [
        (Person::default(), "say who"),
        (person("zilpzalp"), "not an e-mail address"),
    ] {
        let refused =
            world
                .moderation()
                .privacy
                .erase(who, Labelled::Stays, Listed::Stays, Forgetting::Done);
        let refused = refused.await.expect_err("nobody").to_string();
        assert!(refused.contains(why), "{refused}");
    }
    let told = forget(&world, person("ZILPZALP@vogel.example"), Forgetting::Told).await;
    assert_eq!(told.checks.values().sum::<usize>(), 3, "{told:?}");
    assert_eq!((told.labels, told.lists.len()), (1, 1), "{told:?}");
    assert_eq!(checks(&world).len(), 4, "it was only told");

    let before = world.log_odds(SITE, "Zwitscherlaut").await;
    let here = Person {
        site: SiteId::parse(OTHER_SITE).ok(),
        ip: Some("203.0.113.0/24".to_owned()),
        ..person("zilpzalp@vogel.example")
    };
    let done = forget(&world, here, Forgetting::Done).await;
    assert_eq!(done.checks, [("other.example".to_owned(), 1)].into());
    assert_eq!(checks(&world).len(), 3);
    let old_keys = std::fs::read(world.folder().join("words.keys")).expect("is there");
    let done = forget(&world, person("zilpzalp@vogel.example"), Forgetting::Done).await;
    assert_eq!(done.checks, [("blog.example".to_owned(), 2)].into());
    assert_eq!((done.labels, done.undo), (1, None));
    let none = forget(&world, person("zilpzalp@vogel.example"), Forgetting::Done).await;
    assert_eq!((none.checks.len(), none.lists.len()), (0, 1), "{none:?}");
    // No report finds the check any more, not even in memory; what was learnt stays learnt.
    for guid in &guids {
        let answer = world.akismet("submit-ham", &[("guid", guid)]).await;
        assert_ne!(answer.text(), THANKS);
    }
    assert_eq!(world.log_odds(SITE, "Zwitscherlaut").await, before);
    let world = world.restart();
    assert_eq!(world.log_odds(SITE, "Zwitscherlaut").await, before);
    let left = serde_json::to_string(&checks(&world)).expect("is JSON");
    assert!(left.contains("amsel@vogel.example"), "{left}");
    assert!(!left.contains("Zwitscherlaut"), "{left}");
    // The keys under which it had lain open nothing any more: what stayed is sealed anew.
    let neighbours = |world: &World| serde_json::to_string(&checks(world)).expect("is JSON");
    let new_keys = std::fs::read(world.folder().join("words.keys")).expect("is there");
    std::fs::write(world.folder().join("words.keys"), &old_keys).expect("written");
    let world = world.restart();
    assert!(!neighbours(&world).contains("amsel"));
    std::fs::write(world.folder().join("words.keys"), &new_keys).expect("written");
    let world = world.restart();
    assert!(neighbours(&world).contains("amsel"));
}

#[tokio::test]
async fn what_waits_goes_with_its_person_and_is_not_shown_without_words() {
    audit(AuditPolicy {
        one_in_ham: NonZeroU32::new(1),
        one_in_spam: NonZeroU32::new(1),
        most_per_day: NonZeroU32::new(9).expect("some"),
    });
    let world = World::keeping(3);
    world.akismet("comment-check", &canary()).await;
    let mut empty = canary();
    empty.retain(|(name, _)| !["comment_content", "comment_author_email"].contains(name));
    empty.push(("comment_author_email", "amsel@vogel.example"));
    world.akismet("comment-check", &empty).await;
    let (texts, rows) = queued(&world).await;
    assert_eq!((texts.len(), rows), (2, 2), "{texts:?}");
    // A trackback without a text has words all the same.
    assert!(texts.iter().any(String::is_empty), "{texts:?}");
    forget(&world, person("zilpzalp@vogel.example"), Forgetting::Done).await;
    assert_eq!(queued(&world).await, (vec![String::new()], 1));
    days_pass(4);
    sweep(&world);
    let world = world.restart();
    assert_eq!(queued(&world).await, (Vec::new(), 1));
}

#[test]
fn the_operator_forgets_a_person_on_a_running_server_and_on_a_stopped_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let forget = |args: &[&str]| {
        let data_dir = ["--data-dir", path_text(&data)];
        run(&[&["forget"], args, &data_dir].concat())
    };
    forget(&["--author-email", "an@mail.example"]).refused(1, &["no store"]);
    let server = Server::start(&data);
    let mut connection = server.connect();
    let mut post = |call: &str, name: &str| {
        let fields = [
            ("blog", SITE),
            ("comment_content", "Vogelstimmen am Morgen"),
            ("comment_author", name),
            ("user_ip", "203.0.113.77"),
        ];
        let path = format!("/1.1/{call}");
        connection.post(&path, &form(&fields)).expect("answered")
    };
    for name in ["Zilpzalp", "Amsel"] {
        post("comment-check", name);
        post("submit-spam", name);
    }
    forget(&[]).refused(1, &["say who shall be forgotten"]);
    forget(&["--ip", "the moon"]).refused(1, &["neither an address nor a network"]);
    let by_name = ["--author-name", "zilpzalp"];
    let told = forget(&[&by_name[..], &["--dry-run"]].concat()).well().out;
    assert!(told.contains("1 checks would be removed"), "{told}");
    assert!(told.contains("signed as\n  Zilpzalp\n"), "{told}");
    assert!(told.contains("1 labels about them would stay"), "{told}");
    let done = forget(&[&by_name[..], &["--undo-labels"]].concat())
        .well()
        .out;
    assert!(
        done.contains("1 checks removed\n  blog.example  1\n"),
        "{done}"
    );
    assert!(done.contains("1 labels about them undone"), "{done}");
    drop(server);
    let done = forget(&["--ip", "203.0.113.77"]).well().out;
    assert!(done.contains("1 checks removed"), "{done}");
    assert!(
        done.contains("labels about them stay and teach on"),
        "{done}"
    );
    let again = forget(&["--ip", "203.0.113.77"]).well().out;
    assert_eq!(again, "0 checks removed\n");
    let export = run(&["export", "--data-dir", path_text(&data)]).well().out;
    assert_eq!((count(&export, "check"), count(&export, "label")), (0, 2));
    assert_eq!(
        count(&export, "ruling"),
        2,
        "the vouch, and the undo: {export}"
    );
}

#[tokio::test]
async fn corrections_go_with_their_person_and_those_of_others_are_sealed_anew() {
    let world = World::keeping(90);
    let rows = [
        correction(1, "Zilpzalp@Vogel.example", NOON),
        correction(2, NEIGHBOURS, NOON),
        correction(3, THEIRS, NOON - 40 * DAY),
    ];
    assert_eq!(import_corrections(&world, &rows).await, (3, 0));
    let by_address = Person {
        ip: Some("203.0.113.77".to_owned()),
        ..person(THEIRS)
    };
    let none = forget(&world, by_address, Forgetting::Done).await;
    assert_eq!(none.corrections, 0, "nobody can tell where they came from");
    let elsewhere = Person {
        site: SiteId::parse(OTHER_SITE).ok(),
        ..person(THEIRS)
    };
    let none = forget(&world, elsewhere, Forgetting::Done).await;
    assert_eq!(none.corrections, 0);
    let told = forget(&world, person(THEIRS), Forgetting::Told).await;
    assert_eq!((told.corrections, corrected(&world).len()), (2, 3));
    let old_keys = keys(&world);
    let done = forget(&world, person(THEIRS), Forgetting::Done).await;
    assert_eq!((done.corrections, done.checks.len()), (2, 0));
    assert_eq!(corrected(&world), [NEIGHBOURS]);
    assert_eq!(world.moderation().corrections.pending(), 1);

    let new_keys = keys(&world);
    let world = under(world, &old_keys);
    assert_eq!(corrected(&world), [""; 0], "sealed anew");
    let world = under(world, &new_keys);
    assert_eq!(corrected(&world), [NEIGHBOURS]);
}

#[tokio::test]
async fn days_of_corrections_that_are_gone_are_renewed_too() {
    let mut check = exported_check().await;
    check.callback = Callback::At(format!("{SITE}/hook"));
    days_pass(40);
    let world = World::keeping(90);
    import_check(&world, &check).await;
    // The person's correction is removed as a sweep does it: what stays in the store's files lies under the key of its day.
    let gone = correction(1, THEIRS, NOON + 30 * DAY);
    let rows = [
        gone.clone(),
        correction(2, NEIGHBOURS, NOON + 30 * DAY),
        correction(3, "too.late@vogel.example", NOON + 31 * DAY),
    ];
    import_corrections(&world, &rows).await;
    let world = world.restart_after(|store| store.remove_correction(&gone.guid).expect("removed"));
    let old_keys = keys(&world);
    let done = forget(&world, person(THEIRS), Forgetting::Done).await;
    assert_eq!((done.checks.len(), done.corrections), (1, 0));
    assert_eq!(corrected(&world), [NEIGHBOURS, "too.late@vogel.example"]);
    let world = under(world, &old_keys);
    assert_eq!(corrected(&world), ["too.late@vogel.example"]);
}

#[tokio::test]
async fn days_of_corrections_that_were_turned_again_are_renewed_too() {
    days_pass(40);
    let world = World::keeping(90);
    let mut again = correction(1, THEIRS, NOON + 30 * DAY);
    again.flips = 2;
    let rows = [again, correction(2, NEIGHBOURS, NOON)];
    import_corrections(&world, &rows).await;
    let old_keys = keys(&world);
    let done = forget(&world, person(THEIRS), Forgetting::Done).await;
    assert_eq!(done.corrections, 1);
    assert_eq!(corrected(&world), [NEIGHBOURS]);
    assert_eq!(corrected(&under(world, &old_keys)), [""; 0]);
}

#[tokio::test]
async fn what_memory_alone_knows_is_forgotten_too_and_goes_from_it_after_a_day() {
    audit(AuditPolicy {
        one_in_ham: NonZeroU32::new(1),
        one_in_spam: NonZeroU32::new(1),
        most_per_day: NonZeroU32::new(9).expect("some"),
    });
    let world = World::keeping(0);
    let guid = world
        .akismet("comment-check", &canary())
        .await
        .guid()
        .to_owned();
    world.check("noch eins").await;
    world.akismet("submit-spam", &[("guid", &guid)]).await;
    let told = forget(&world, person(THEIRS), Forgetting::Told).await;
    assert_eq!(told.checks, [("blog.example".to_owned(), 1)].into());
    assert_eq!((told.labels, told.wordless), (1, 1), "{told:?}");
    forget(&world, person(THEIRS), Forgetting::Done).await;
    assert_eq!(checks(&world).len(), 1);
    assert_eq!(queued(&world).await.1, 1);
    let again = forget(&world, person(THEIRS), Forgetting::Done).await;
    assert_eq!((again.checks.len(), again.wordless), (0, 1), "{again:?}");

    // A clock that goes back must not make a day longer.
    for days in [2, -2] {
        world.akismet("comment-check", &canary()).await;
        assert_eq!(
            forget(&world, person(THEIRS), Forgetting::Told)
                .await
                .checks
                .len(),
            1
        );
        days_pass(days);
        sweep(&world);
        let known = forget(&world, person(THEIRS), Forgetting::Told).await;
        assert_eq!(known.checks.len(), 0, "{known:?}");
    }
}

#[tokio::test]
async fn nothing_leads_to_a_check_that_was_removed() {
    let mut check = exported_check().await;
    check.callback = Callback::At(format!("{SITE}/hook"));
    let world = World::keeping(90);
    import_check(&world, &check).await;
    let done = forget(&world, person(THEIRS), Forgetting::Done).await;
    assert_eq!(done.checks.len(), 1);
    world.restart_after(|store| {
        let words = store.old_words(i64::MAX, 9).expect("reads");
        assert!(words.is_empty(), "{words:?}");
        assert_eq!(store.window(0).count(), 0);
        let alike = store.records_like(&check.site, check.likeness(), 9);
        assert_eq!(alike.expect("reads"), []);
        assert_eq!(store.record(&check.guid).expect("reads"), None);
    });
}

#[tokio::test]
async fn a_name_is_met_letter_by_letter() {
    let world = World::keeping(90);
    let same = [
        "Nguyễn Văn An",
        "NGUYỄN  VĂN\tAN ",
        // Decomposed.
        "Nguye\u{302}\u{303}n Va\u{306}n An",
    ];
    let others = [
        "Nguyen Van An",
        "nguyễn van an",
        "Nguyễn Văn Án",
        "N.g.u.yễn Văn An",
        "An",
    ];
    for name in same.into_iter().chain(others) {
        let mut fields = canary();
        fields.retain(|(field, _)| *field != "comment_author");
        fields.push(("comment_author", name));
        world.akismet("comment-check", &fields).await;
    }
    for kind in ["author", "email"] {
        let value = ["nguyễn văn an", THEIRS][usize::from(kind == "email")];
        let list =
            serde_json::json!({ "site": SITE, "list": "deny", "kind": kind, "value": value });
        assert_eq!(world.json("/v1/lists", &list).await.status, 201);
    }
    let named = |name: &str| Person {
        name: Some(name.to_owned()),
        ..Person::default()
    };
    let nobody = world.moderation().privacy.erase(
        named(" "),
        Labelled::Stays,
        Listed::Stays,
        Forgetting::Told,
    );
    assert!(nobody.await.is_err());
    let told = forget(&world, named("nguyễn văn an"), Forgetting::Told).await;
    assert_eq!(told.checks.values().sum::<usize>(), 3, "{told:?}");
    assert_eq!((told.names.len(), told.lists.len()), (3, 1), "{told:?}");
    assert!(told.names.contains(&"Nguyễn Văn An".to_owned()), "{told:?}");
    // With several conditions, all must hold of a check, and any of an entry.
    let both = Person {
        email: Some(THEIRS.to_owned()),
        ..named("an")
    };
    let told = forget(&world, both, Forgetting::Told).await;
    assert_eq!(told.checks.values().sum::<usize>(), 1, "{told:?}");
    assert_eq!(told.lists.len(), 1, "{told:?}");
    let done = forget(&world, named("Nguyễn Văn An"), Forgetting::Done).await;
    assert_eq!((done.names.len(), checks(&world).len()), (0, 5));
}

#[tokio::test]
async fn names_that_would_be_met_are_told_but_not_all() {
    let world = World::keeping(90);
    for n in 0..23 {
        let name = format!("Vogel {n:02}");
        let mut fields = canary();
        fields.retain(|(field, _)| *field != "comment_author");
        fields.push(("comment_author", &name));
        world.akismet("comment-check", &fields).await;
        world.akismet("comment-check", &fields).await;
    }
    let told = forget(&world, person(THEIRS), Forgetting::Told).await;
    assert_eq!((told.names.len(), told.more_names), (20, 3));
    assert_eq!(
        (&*told.names[0], &*told.names[19]),
        ("Vogel 00", "Vogel 19")
    );
}
