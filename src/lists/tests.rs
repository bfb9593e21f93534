//! Who decides: every line of the table, on comments that more than one entry meets.

use super::*;
use crate::comment::Author;

fn site() -> SiteId {
    SiteId::parse("blog.example").expect("a site")
}

/// `site deny ip 203.0.113.0/24`, one a line.
fn lists(lines: &str) -> Lists {
    let mut lists = Lists::default();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let [whose, list, kind, value] = *line.splitn(4, ' ').collect::<Vec<_>>() else {
            panic!("{line}");
        };
        let raw = RawEntry {
            site: (whose == "site").then(site),
            list: if list == "allow" {
                List::Allow
            } else {
                List::Deny
            },
            kind: kind.parse().expect("a kind"),
            value: value.into(),
            reason: "x".into(),
            by: "an".into(),
            at: 0,
            expires_at: None,
        };
        lists.insert(raw.try_into().expect("good"));
    }
    lists
}

fn comment() -> Comment {
    let mut comment = Comment::from_text(
        "Vay tiền ở http://a.casino.example/x hay https://news.example, hỏi sales@loan.example",
    );
    comment.author = Author {
        name: Some("Minh Anh".into()),
        email: Some("Minh@Mail.Example".into()),
        url: Some("https://minh.home.example/".into()),
    };
    comment.request.ip = Some("203.0.113.9".parse().expect("an address"));
    comment
}

fn find(lists: &Lists, site: &SiteId, comment: &Comment) -> Option<String> {
    let hit = lists.find(site, comment, &text::read(&comment.text), 0)?;
    let raw = hit.entry.raw();
    let whose = if raw.site.is_some() { "site" } else { "all" };
    Some(format!(
        "{whose} {} {} {} <- {}",
        raw.list.as_str(),
        raw.kind,
        raw.value,
        hit.text
    ))
}

#[track_caller]
fn decides(lines: &str, expected: &str) {
    assert_eq!(
        find(&lists(lines), &site(), &comment())
            .as_deref()
            .unwrap_or("nobody"),
        expected,
        "{lines}"
    );
}

#[test]
fn every_kind_meets_what_it_is_about() {
    decides(
        "all deny ip 203.0.113.9",
        "all deny ip 203.0.113.9 <- 203.0.113.9",
    );
    decides(
        "all deny ip 203.0.112.0/20",
        "all deny ip 203.0.112.0/20 <- 203.0.113.9",
    );
    decides("all deny ip 203.0.114.0/24", "nobody");
    decides(
        "all deny email minh@mail.example",
        "all deny email minh@mail.example <- minh@mail.example",
    );
    decides(
        "all deny email-domain mail.example",
        "all deny email-domain mail.example <- minh@mail.example",
    );
    decides("all deny email-domain ail.example", "nobody");
    decides(
        "all deny email-domain loan.example",
        "all deny email-domain loan.example <- sales@loan.example",
    );
    decides(
        "all deny domain casino.example",
        "all deny domain casino.example <- a.casino.example",
    );
    decides("all deny domain b.casino.example", "nobody");
    decides("all deny domain asino.example", "nobody");
    decides(
        "all deny domain home.example",
        "all deny domain home.example <- minh.home.example",
    );
    decides("all deny domain mail.example", "nobody");
    decides(
        "all deny author MINH ANH",
        "all deny author minh anh <- minh anh",
    );
    decides("all deny author minh", "nobody");
    decides(
        "all deny words vay tiền",
        "all deny words vay tiền <- vay tiền",
    );
}

#[test]
fn another_site_has_other_entries_and_those_for_all_count_everywhere() {
    let lists = lists("site deny ip 203.0.113.9\nall deny words vay tiền");
    let other = SiteId::parse("other.example").expect("a site");
    assert_eq!(
        find(&lists, &other, &comment()).as_deref(),
        Some("all deny words vay tiền <- vay tiền")
    );
    assert_eq!((lists.len_of(&site()), lists.len_of(&other)), (1, 0));
}

#[test]
fn about_the_same_thing_the_narrowest_speaks() {
    decides(
        "all deny ip 203.0.113.0/24\nall allow ip 203.0.113.9",
        "all allow ip 203.0.113.9 <- 203.0.113.9",
    );
    decides(
        "all allow ip 203.0.0.0/16\nall deny ip 203.0.113.0/24",
        "all deny ip 203.0.113.0/24 <- 203.0.113.9",
    );
    decides(
        "all deny email-domain mail.example\nall allow email minh@mail.example",
        "all allow email minh@mail.example <- minh@mail.example",
    );
    decides(
        "all deny domain example.example\nall deny domain casino.example\nall allow domain a.casino.example\nall allow domain news.example\nall allow domain minh.home.example",
        "all allow domain a.casino.example <- a.casino.example",
    );
}

#[test]
fn of_things_that_disagree_the_denied_one_wins() {
    decides(
        "site allow email minh@mail.example\nsite deny domain casino.example",
        "site deny domain casino.example <- a.casino.example",
    );
    decides(
        "site deny ip 203.0.113.9\nsite allow email minh@mail.example",
        "site deny ip 203.0.113.9 <- 203.0.113.9",
    );
}

#[test]
fn the_sites_own_beats_the_shared() {
    decides(
        "all deny ip 203.0.113.9\nsite allow email minh@mail.example",
        "site allow email minh@mail.example <- minh@mail.example",
    );
    decides(
        "all allow ip 203.0.113.9\nsite deny ip 203.0.0.0/16",
        "site deny ip 203.0.0.0/16 <- 203.0.113.9",
    );
    decides(
        "all allow author Minh Anh\nsite deny author minh anh",
        "site deny author minh anh <- minh anh",
    );
    decides(
        "all deny words vay tiền\nsite allow words tiền ở",
        "site allow words tiền ở <- tiền ở",
    );
    decides(
        "all allow words vay tiền\nsite deny words tiền ở",
        "site deny words tiền ở <- tiền ở",
    );
}

#[test]
fn an_allowed_regular_is_never_held_for_a_word_and_a_word_lets_no_denied_one_in() {
    decides(
        "site deny words vay tiền\nall allow ip 203.0.113.9",
        "all allow ip 203.0.113.9 <- 203.0.113.9",
    );
    decides(
        "site deny words vay tiền\nall allow author minh anh",
        "all allow author minh anh <- minh anh",
    );
    decides(
        "all deny domain casino.example\nsite allow words vay tiền",
        "all deny domain casino.example <- a.casino.example",
    );
    decides(
        "all deny author minh anh\nsite allow words vay tiền",
        "all deny author minh anh <- minh anh",
    );
    decides(
        "site deny author minh anh\nall allow email minh@mail.example",
        "all allow email minh@mail.example <- minh@mail.example",
    );
    decides(
        "site deny words vay tiền\nsite allow words hỏi",
        "site allow words hỏi <- hỏi",
    );
}

#[test]
fn one_allowed_link_does_not_speak_for_the_others_nor_a_quoted_address_for_the_author() {
    decides("all allow domain news.example", "nobody");
    let all = "all allow domain news.example\nall allow domain casino.example\nall allow domain home.example";
    decides(all, "all allow domain casino.example <- a.casino.example");
    decides(
        &format!("{all}\nall deny words vay tiền"),
        "all allow domain casino.example <- a.casino.example",
    );
    decides("all allow email sales@loan.example", "nobody");
}

#[test]
fn what_has_expired_is_silent_and_the_wider_entry_speaks_again() {
    let mut lists = lists("all deny ip 203.0.113.0/24");
    let allow = RawEntry {
        expires_at: Some(5),
        ..lists.entries().next().expect("one").raw().clone()
    };
    let allow = RawEntry {
        list: List::Allow,
        value: "203.0.113.9".into(),
        ..allow
    };
    lists.insert(allow.try_into().expect("good"));
    let comment = comment();
    let reading = text::read(&comment.text);
    let list = |now| {
        lists
            .find(&site(), &comment, &reading, now)
            .map(|hit| hit.entry.raw().list)
    };
    assert_eq!((list(4), list(5)), (Some(List::Allow), Some(List::Deny)));
}

#[test]
fn a_place_holds_one_entry_and_a_removed_one_is_gone() {
    let mut lists = lists(
        "site deny domain casino.example\nsite deny ip 203.0.113.0/24\nsite deny ip 203.0.113.9",
    );
    let mut raw = lists
        .entries()
        .find(|e| e.raw().kind == Kind::Domain)
        .expect("it is there")
        .raw()
        .clone();
    raw.list = List::Allow;
    let entry = Entry::try_from(raw).expect("good");
    let before = lists.insert(entry.clone());
    assert_eq!(before.map(|e| e.raw().list), Some(List::Deny));
    assert_eq!(lists.len_of(&site()), 3);
    for value in ["203.0.113.9", "203.0.113.0/24"] {
        let place = Slot {
            site: Some(site()),
            kind: Kind::Ip,
            value: value.into(),
        };
        assert!(
            find(&lists, &site(), &comment())
                .expect("denied")
                .contains(value)
        );
        assert!(lists.remove(&place).is_some() && lists.remove(&place).is_none());
    }
    assert_eq!(find(&lists, &site(), &comment()), None);
    assert!(lists.remove(&entry.slot()).is_some());
    assert!(lists.sites.is_empty() && lists.all.is_empty());
}
