//! One text in, what each attack makes of it out.

use super::*;

#[test]
fn every_attack_changes_a_text_and_none_empties_it() {
    let text = "Vay tiền nhanh trong ngày, liên hệ http://vay-nhanh.com để được tư vấn miễn phí ngay hôm nay";
    for attack in ATTACKS {
        let attacked = (attack.apply)(text);
        assert_ne!(attacked, text, "{}", attack.name);
        assert!(attacked.len() > 40, "{}: {attacked}", attack.name);
    }
}

#[test]
fn addresses_are_hidden_and_words_are_not_touched() {
    let text = "Xem http://goo.gl/x nhé. <a href=\"http://b.com\">đây</a>";
    let attacked = |name: &str| {
        let attack = ATTACKS.iter().find(|attack| attack.name == name);
        (attack.expect("it is there").apply)(text)
    };
    let expected = [
        (
            "title before href",
            "Xem <a title=\"href\" href=\"http://goo.gl/x\">this page</a> nhé. <a title=\"href\" href=\"http://b.com\">đây</a>",
        ),
        (
            "data-href",
            "Xem <a data-href=\"/about\" href=\"http://goo.gl/x\">this page</a> nhé. <a data-href=\"/about\" href=\"http://b.com\">đây</a>",
        ),
        (
            "backslash in address",
            "Xem http://goo.gl\\x nhé. <a href=\"http://b.com\">đây</a>",
        ),
        (
            "(dot)com",
            "Xem goo(dot)gl/x nhé. <a href=\"http://b.com\">đây</a>",
        ),
        (
            "h t t p",
            "Xem h t t p : / /goo.gl/x nhé. <a href=\"http://b.com\">đây</a>",
        ),
        (
            "link before full stop",
            "Xem http://goo.gl/x . nhé. <a href=\"http://b.com\">đây</a>",
        ),
    ];
    for (name, expected) in expected {
        assert_eq!(attacked(name), expected, "{name}");
    }
}

#[test]
fn digits_stand_for_letters_under_marks_too() {
    let digits = letters_as("vay tiền zalo", &[('i', '1'), ('l', '1'), ('o', '0')]);
    assert_eq!(digits, "vay t1ền za10");
    assert_eq!(letters_as("zalo", &[('l', 'z')]), "zazo");
}

#[test]
fn marks_are_dropped_without_losing_case() {
    assert_eq!(drop_marks("Đẹp ở Huế"), "Dep o Hue");
}
