//! A name in any script in, the letters that a host, a mailbox or a keyboard without marks has for
//! it out. It draws nothing.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A name without its marks.
pub(super) fn unmarked(name: &str) -> String {
    name.nfd()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| match c {
            'đ' => 'd',
            'Đ' => 'D',
            other => other,
        })
        .collect()
}

/// Letters of a host or a mailbox: ASCII, lower case, nothing else.
pub(super) fn latin(name: &str) -> String {
    static CYRILLIC: LazyLock<HashMap<char, &str>> = LazyLock::new(|| {
        let latin = "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh sch - y - e yu ya";
        ('а'..='я').zip(latin.split(' ')).collect()
    });
    name.to_lowercase()
        .replace('й', "y")
        .replace('ё', "e")
        .nfd()
        .flat_map(|c| match c {
            'đ' => vec!['d'],
            'ł' => vec!['l'],
            'ß' => vec!['s', 's'],
            'ø' => vec!['o'],
            _ => match CYRILLIC.get(&c) {
                Some(latin) => latin.chars().collect(),
                None => vec![c],
            },
        })
        .filter(char::is_ascii_alphanumeric)
        .collect()
}
