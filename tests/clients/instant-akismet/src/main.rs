//! Every call of the crate `instant-akismet`: comments from the environment in, checks in TAP out.

use std::env;
use std::fmt::Debug;
use std::process::ExitCode;

use instant_akismet::{AkismetClient, AkismetOptions, CheckResult, Comment, CommentType, Error};
use reqwest::Client;

const BLOG: &str = "http://instant-akismet.test";

#[derive(Default)]
struct Checks {
    count: u32,
    failed: u32,
}

impl Checks {
    fn that(&mut self, name: &str, holds: bool, seen: &impl Debug) {
        self.count += 1;
        self.failed += u32::from(!holds);
        println!("{} {} - {name}", if holds { "ok" } else { "not ok" }, self.count);
        if !holds {
            println!("# {seen:?}");
        }
    }
}

fn client(key: &str, protocol: &str) -> AkismetClient {
    let options = AkismetOptions {
        protocol: protocol.to_owned(),
        ..AkismetOptions::default()
    };
    AkismetClient::new(BLOG.to_owned(), key.to_owned(), Client::new(), options)
}

fn comment(text: &str) -> Comment<'_> {
    Comment::new(BLOG, "203.0.113.9")
        .user_agent("Mozilla/5.0")
        .comment_author("An Nguyen")
        .comment_type(CommentType::Comment)
        .comment_content(text)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let told = |name: &str| env::var(name).expect("examples.py tells it");
    let (ours, stranger) = (client(&told("KEY"), "https"), client("invalid", "https"));
    let ham = told("PHIN_HAM");
    let mut checks = Checks::default();

    let seen = ours.verify_key().await;
    checks.that("verify_key knows a good key", seen.is_ok(), &seen);
    let seen = stranger.verify_key().await;
    checks.that("verify_key knows a bad key, and why", matches!(&seen, Err(Error::Invalid(why)) if why.contains("not known")), &seen);

    for (name, text, expected) in [
        ("ham", &ham, CheckResult::Ham),
        ("spam", &told("PHIN_SPAM"), CheckResult::Spam),
        ("blatant spam", &told("PHIN_DISCARD"), CheckResult::Discard),
        ("unsure is let through", &told("PHIN_UNSURE"), CheckResult::Ham),
    ] {
        let seen = ours.check_comment(comment(text)).await;
        checks.that(&format!("check_comment: {name}"), matches!(&seen, Ok(result) if *result == expected), &seen);
    }
    let seen = client(&told("KEY"), "http").check_comment(comment(&ham)).await;
    checks.that("check_comment: in the clear", matches!(seen, Ok(CheckResult::Ham)), &seen);
    let trapped = comment(&ham).honeypot_field_name("hidden_honeypot_field").hidden_honeypot_field("I am a robot");
    let seen = ours.check_comment(trapped).await;
    checks.that("check_comment: the fields of a honeypot are taken", seen.is_ok(), &seen);
    let seen = stranger.check_comment(comment(&ham)).await;
    checks.that("check_comment refuses a bad key, and says why", matches!(&seen, Err(Error::Invalid(why)) if why.contains("not known")), &seen);
    let seen = stranger.submit_spam(comment(&ham)).await;
    checks.that("submit_spam refuses a bad key", matches!(seen, Err(Error::UnexpectedResponse(_))), &seen);
    let seen = stranger.submit_ham(comment(&ham)).await;
    checks.that("submit_ham refuses a bad key", matches!(seen, Err(Error::UnexpectedResponse(_))), &seen);

    let seen = ours.submit_spam(comment(&ham)).await;
    checks.that("submit_spam is thanked for", seen.is_ok(), &seen);
    let seen = ours.check_comment(comment(&ham)).await;
    checks.that("and the next check knows", matches!(seen, Ok(CheckResult::Spam | CheckResult::Discard)), &seen);
    let seen = ours.submit_ham(comment(&ham)).await;
    checks.that("submit_ham is thanked for", seen.is_ok(), &seen);
    let seen = ours.check_comment(comment(&ham)).await;
    checks.that("and the next check knows that too", matches!(seen, Ok(CheckResult::Ham)), &seen);

    println!("1..{}", checks.count);
    if checks.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
