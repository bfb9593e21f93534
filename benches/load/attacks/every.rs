//! Every attack of the table, and what it sends.

use std::fmt::Write;

use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};

use crate::attack::{Attack, Flood, Hold, How, Request};
use crate::honest;
use crate::wire::{head, post};

const CHECK: &str = "/1.1/comment-check";
/// Of texts, as much as is read.
const TEXT: usize = 64 << 10;
/// A body just below the most that is taken.
const LARGE: usize = 7_900_000;
const ENDLESS: usize = usize::MAX;

/// In the order of the table.
pub(crate) fn attacks() -> Vec<Attack> {
    let mut all = controls();
    all.extend(without_a_key());
    all.extend(with_a_key());
    all
}

fn controls() -> Vec<Attack> {
    let control = |name, how| Attack {
        name,
        key: false,
        open_files: None,
        how,
    };
    vec![
        control("nothing (control)", How::Nothing),
        control(
            "CPU busy elsewhere (control: two threads that spin)",
            How::Spin(2),
        ),
    ]
}

fn without_a_key() -> Vec<Attack> {
    let attack = |name, how| Attack {
        name,
        key: false,
        open_files: None,
        how,
    };
    let hold = |connections, opening: Vec<u8>, then, drip| {
        How::Hold(Hold {
            connections,
            opening,
            then,
            drip,
        })
    };
    vec![
        attack(
            "slow headers: 300 connections, a byte a second",
            hold(
                300,
                format!("POST {CHECK} HTTP/1.1\r\nHost: x\r\nX-A: ").into_bytes(),
                0,
                true,
            ),
        ),
        attack(
            "slow bodies: 150 of 8 MB, the last byte never sent",
            hold(
                150,
                [head(CHECK, "", LARGE), b"x=".to_vec()].concat(),
                LARGE - 3,
                false,
            ),
        ),
        Attack {
            name: "silent connections: 600 where the server may open 512 files",
            key: false,
            open_files: Some(512),
            how: hold(600, Vec::new(), 0, false),
        },
        attack(
            "connections opened and closed, 2,000 a second",
            How::BreakOff {
                a_second: 2_000,
                bytes: Vec::new(),
            },
        ),
        attack(
            "1,000 headers, 1,000 requests a second",
            flood(4, Some(1_000), thousand_headers()),
        ),
        attack(
            "8 MB of `a&a&a...` without a key, 20 a second",
            flood(4, Some(20), always(post(CHECK, "", &ampersands("")))),
        ),
        attack(
            "8 MB of `a&a&a...` with a wrong key, 20 a second",
            flood(
                4,
                Some(20),
                always(post(
                    CHECK,
                    "",
                    &ampersands("api_key=wrongwrong01&blog=http%3A%2F%2Fa.example&"),
                )),
            ),
        ),
        attack(
            "wrong keys guessed, 2,000 a second",
            flood(8, Some(2_000), Box::new(guessed_key)),
        ),
        attack(
            "half a request, then gone, 1,000 a second",
            How::BreakOff {
                a_second: 1_000,
                bytes: [
                    head(CHECK, "", 5_000),
                    b"blog=http%3A%2F%2Fa.example&comment_content=half+of".to_vec(),
                ]
                .concat(),
            },
        ),
    ]
}

fn with_a_key() -> Vec<Attack> {
    let attack = |name, how| Attack {
        name,
        key: true,
        open_files: None,
        how,
    };
    let text = |piece: &str| comments(piece.repeat(TEXT / piece.len()).into_bytes());
    vec![
        attack(
            "comments of 64 KB of U+FDFA",
            flood(4, None, text("\u{fdfa}")),
        ),
        attack(
            "comments of 7.9 MB, 20 a second",
            flood(
                4,
                Some(20),
                comments(b"all+good+things+".repeat(LARGE / 16)),
            ),
        ),
        attack(
            "`comment_post_ID` of 2 MB, 40 a second",
            flood(4, Some(40), Box::new(huge_page)),
        ),
        attack(
            "forms with 100,000 fields, 20 a second",
            flood(4, Some(20), many_fields()),
        ),
        attack(
            "20,000 invented sites with names of 2 KB",
            How::Flood(Flood {
                connections: 8,
                a_second: None,
                most: 20_000,
                request: Box::new(invented_site),
            }),
        ),
        attack(
            "a flood of plain checks over 64 connections",
            flood(64, None, Box::new(plain_check)),
        ),
        attack(
            "a flood of labels over 8 connections",
            flood(8, None, Box::new(label)),
        ),
        attack(
            "comments of 64 KB of random bytes",
            flood(4, None, Box::new(random_bytes)),
        ),
        attack(
            "comments of 64 KB of deep HTML",
            flood(4, None, text("<div><b>")),
        ),
        attack("comments of one word of 64 KB", flood(4, None, text("w"))),
    ]
}

fn flood(connections: usize, a_second: Option<usize>, request: Request) -> How {
    How::Flood(Flood {
        connections,
        a_second,
        most: ENDLESS,
        request,
    })
}

fn always(request: Vec<u8>) -> Request {
    Box::new(move |_, _| request.clone())
}

fn ampersands(begin: &str) -> Vec<u8> {
    let mut body = begin.as_bytes().to_vec();
    while body.len() + 2 <= 8 << 20 {
        body.extend_from_slice(b"a&");
    }
    body
}

fn thousand_headers() -> Request {
    let headers: String = (0..1_000).fold(String::new(), |mut all, n| {
        let _ = write!(all, "X-H{n}: v\r\n");
        all
    });
    always(format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{headers}\r\n").into_bytes())
}

fn guessed_key(_: &str, number: usize) -> Vec<u8> {
    let form = format!(
        "key={:012x}&blog=http%3A%2F%2Fa.example",
        number * 7_919 + 1
    );
    post("/1.1/verify-key", "", form.as_bytes())
}

/// What every form of the attacker begins with.
fn beginning(key: &str, number: usize) -> String {
    format!(
        "api_key={key}&blog=http%3A%2F%2Fattacker.example&user_ip=203.0.113.9&comment_author=A{number}"
    )
}

/// The same text again and again, each with another number before it.
fn comments(text: Vec<u8>) -> Request {
    Box::new(move |key, number| {
        let begin = format!("{}&comment_content={number}", beginning(key, number));
        post(CHECK, "", &[begin.as_bytes(), &text].concat())
    })
}

fn huge_page(key: &str, number: usize) -> Vec<u8> {
    let begin = format!(
        "{}&comment_content=hello+{number}&comment_post_ID={number}",
        beginning(key, number)
    );
    post(
        CHECK,
        "",
        &[begin.as_bytes(), &b"z".repeat(2 << 20)].concat(),
    )
}

fn many_fields() -> Request {
    let fields: String = (0..100_000).fold(String::new(), |mut all, n| {
        let _ = write!(all, "&f{n}=v");
        all
    });
    Box::new(move |key, number| {
        let form = format!(
            "{}&comment_content=hello+{number}{fields}",
            beginning(key, number)
        );
        post(CHECK, "", form.as_bytes())
    })
}

fn invented_site(key: &str, number: usize) -> Vec<u8> {
    let (host, path) = ("x".repeat(40), "p".repeat(1_900));
    let form = format!(
        "api_key={key}&blog=http%3A%2F%2Fs{number}-{host}.example%2F{path}&user_ip=203.0.113.9&comment_content=hello+{number}"
    );
    post(CHECK, "", form.as_bytes())
}

fn plain_check(key: &str, number: usize) -> Vec<u8> {
    post(
        CHECK,
        "",
        honest::form(key, "attacker.example", number).as_bytes(),
    )
}

fn label(key: &str, number: usize) -> Vec<u8> {
    post(
        "/1.1/submit-spam",
        "",
        honest::form(key, "attacker.example", number).as_bytes(),
    )
}

fn random_bytes(key: &str, number: usize) -> Vec<u8> {
    let mut text = vec![0; TEXT];
    StdRng::seed_from_u64(number as u64).fill_bytes(&mut text);
    // Not those that would end the field, or be taken for other bytes.
    let kept = text.into_iter().filter(|byte| !b"&%+".contains(byte));
    let begin = format!("{}&comment_content=", beginning(key, number));
    post(
        CHECK,
        "",
        &begin
            .into_bytes()
            .into_iter()
            .chain(kept)
            .collect::<Vec<u8>>(),
    )
}

#[cfg(test)]
mod tests {
    use super::attacks;
    use crate::attack::How;

    #[test]
    fn every_body_is_as_large_as_its_head_says_and_none_is_too_large_to_be_read() {
        for attack in attacks() {
            let How::Flood(flood) = attack.how else {
                continue;
            };
            let request = (flood.request)("attackerkey1", 3);
            let at = request
                .windows(4)
                .position(|four| four == b"\r\n\r\n")
                .expect("a head")
                + 4;
            let head = String::from_utf8_lossy(&request[..at]);
            let said = head
                .split("Content-Length: ")
                .nth(1)
                .and_then(|rest| rest.lines().next());
            let said = said.map_or(0, |n| n.parse::<usize>().expect("a number"));
            assert_eq!(request.len() - at, said, "{}", attack.name);
            assert!(said <= 8 << 20, "{}: {said}", attack.name);
        }
    }
}
