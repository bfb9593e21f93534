//! Rows go in bare and come out whole, blind to the label, from names that no other wardrobe has.

use std::collections::BTreeSet;

use super::*;
use crate::comment::Comment;
use crate::verdict::Label;

fn row(id: usize, text: &str) -> Example {
    Example {
        id: id.to_string(),
        comment: Comment::from_text(text),
        ..Example::default()
    }
}

/// A few hundred bare rows in several languages.
fn rows() -> Vec<Example> {
    let texts = [
        "Cảm ơn bạn, bài viết rất hay và dễ hiểu",
        "Thanks for this, it saved my afternoon with the build",
        "Спасибо, очень помогло разобраться с настройкой",
        "bai nay hay qua, minh lam theo duoc roi",
    ];
    (0..400).map(|n| row(n, texts[n % texts.len()])).collect()
}

#[test]
fn a_draw_is_always_the_same_and_another_draw_is_not() {
    let rows = rows();
    let dress_all = |draw| -> Vec<Comment> {
        rows.iter()
            .map(|row| dress(row, Wardrobe::Judging, draw).comment)
            .collect()
    };
    assert_eq!(dress_all(1), dress_all(1));
    let same = dress_all(1)
        .iter()
        .zip(dress_all(2))
        .filter(|(one, two)| one.author == two.author)
        .count();
    assert_eq!(same, 0);
}

#[test]
fn the_label_changes_nothing() {
    for row in rows() {
        let labelled = |label| Example {
            label,
            kind: Some("gambling".into()),
            ..row.clone()
        };
        let [spam, ham] = [Some(Label::Spam), Some(Label::Ham)]
            .map(|label| dress(&labelled(label), Wardrobe::Teaching(1), 3).comment);
        assert_eq!(spam, ham);
    }
}

#[test]
fn a_field_that_is_there_stays() {
    let mut row = row(1, "hello there");
    row.comment.author.name = Some("Somebody".into());
    row.comment.author.email = Some("me@here.example".into());
    row.comment.author.url = Some("https://here.example/x".into());
    row.comment.request.ip = "203.0.113.9".parse().ok();
    row.comment.request.user_agent = Some("Mine/1".into());
    row.comment.page.kind = Some("pingback".into());
    row.comment.page.languages = vec!["fr".into()];
    row.comment.behaviour.honeypot = Some(Honeypot::Filled);
    let dressed = dress(&row, Wardrobe::Teaching(1), 0).comment;
    let expected = Comment {
        request: crate::comment::Request {
            accept_language: dressed.request.accept_language.clone(),
            ..row.comment.request.clone()
        },
        ..row.comment.clone()
    };
    assert_eq!(dressed, expected);
}

#[test]
fn a_bare_row_lacks_nothing_but_mostly_a_home_page() {
    let dressed: Vec<Comment> = rows()
        .iter()
        .map(|row| dress(row, Wardrobe::Judging, 0).comment)
        .collect();
    for comment in &dressed {
        assert!(comment.author.name.as_ref().is_some_and(|n| !n.is_empty()));
        assert!(
            comment
                .author
                .email
                .as_ref()
                .is_some_and(|e| e.contains('@'))
        );
        assert!(comment.request.ip.is_some() && comment.request.user_agent.is_some());
        assert!(comment.page.kind.is_some() && comment.page.languages.len() == 1);
        assert_eq!(comment.behaviour.honeypot, Some(Honeypot::Empty));
    }
    let homes = dressed.iter().filter(|c| c.author.url.is_some()).count();
    assert!((25..80).contains(&homes), "{homes} of 400");
    let names: BTreeSet<_> = dressed.iter().map(|c| &c.author.name).collect();
    assert!(names.len() > 250, "{}", names.len());
}

#[test]
fn a_mailbox_is_filled_in_where_only_its_domain_is_known() {
    let mut row = row(1, "hello there");
    row.comment.author.email = Some("@corp.example".into());
    let email = dress(&row, Wardrobe::Teaching(1), 0).comment.author.email;
    let email = email.expect("it had one");
    assert!(
        email.len() > 14 && email.ends_with("@corp.example"),
        "{email}"
    );
}

#[test]
fn what_teaches_and_what_judges_share_no_name_and_no_host() {
    let teaching: BTreeSet<String> = (0..FOLDS)
        .flat_map(|fold| names::all_names(Wardrobe::Teaching(fold)))
        .collect();
    let judging = names::all_names(Wardrobe::Judging);
    assert!(teaching.is_disjoint(&judging));
    assert!(
        teaching.len() > 200 && judging.len() > 900,
        "{} {}",
        teaching.len(),
        judging.len()
    );
    assert!(names::shortest_list() >= 5, "{}", names::shortest_list());
    let hosts = |wardrobe| -> BTreeSet<String> {
        let mut homes = BTreeSet::new();
        for (n, row) in rows().iter().enumerate() {
            let url = dress(row, wardrobe, n as u64).comment.author.url;
            let url = url.unwrap_or_default();
            let place = url.split("://").last().unwrap_or("").to_owned();
            homes.insert(place);
        }
        homes.remove("");
        homes
    };
    let (teaching, judging) = (hosts(Wardrobe::Teaching(1)), hosts(Wardrobe::Judging));
    assert!(teaching.len() > 20 && judging.len() > 20);
    assert!(teaching.is_disjoint(&judging));
}

#[test]
fn a_made_up_home_page_is_drawn_anew_in_its_shape() {
    let like = |was: &str| {
        let mut row = row(5, "hello there");
        row.home_was = Some(was.into());
        let url = dress(&row, Wardrobe::Teaching(1), 0).comment.author.url;
        url.expect("it had one")
    };
    let plain = like("http://www.tovanufu.com/");
    assert!(
        plain.starts_with("http://www.") && plain.ends_with(".com/"),
        "{plain}"
    );
    let hyphen = like("https://nabi-gosfi.de");
    assert!(hyphen.contains('-') && hyphen.ends_with(".de"), "{hyphen}");
    let blog = like("http://gatanmegerni.wordpress.com/");
    assert!(
        [".com", ".io", ".app", ".org", ".dev"]
            .iter()
            .any(|end| blog.contains(end)),
        "{blog}"
    );
    assert!(!blog.contains("gatanmegerni"));
}

#[test]
fn every_value_of_the_table_is_set() {
    let dressed = dress(&row(9, "hello there"), Wardrobe::Judging, 0);
    for value in values() {
        let _ = value.apply(&dressed, Wardrobe::Judging);
    }
    assert!(values().len() > 70, "{}", values().len());
}
