//! A client as WordPress is one: a comment of some 900 bytes, a new connection for each, fifty a
//! second, whatever the server is doing.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::server::HONEST_KEY;
use crate::wire;

const EVERY: Duration = Duration::from_millis(20);
/// After this long a client gives up.
const PATIENCE: Duration = Duration::from_secs(3);
/// As many as can be waiting at the same time, so that a slow answer never holds up the next
/// request.
const CLIENTS: usize = 160;

/// How long answers took. No answer, or an error, counts as the time after which a client gives up.
#[derive(Debug, Default)]
pub(crate) struct Waits {
    sorted: Vec<Duration>,
    pub(crate) failures: usize,
}

impl Waits {
    pub(crate) fn of(mut times: Vec<Option<Duration>>) -> Self {
        let failures = times.iter().filter(|time| time.is_none()).count();
        let times = times.drain(..).map(|time| time.unwrap_or(PATIENCE));
        let mut sorted: Vec<Duration> = times.collect();
        sorted.sort_unstable();
        Self { sorted, failures }
    }

    pub(crate) fn asked(&self) -> usize {
        self.sorted.len()
    }

    /// The time in milliseconds within which this many of a hundred were answered; `None` without
    /// requests.
    pub(crate) fn percentile(&self, of_hundred: usize) -> Option<f64> {
        let rank = (self.sorted.len() * of_hundred).div_ceil(100);
        let wait = self.sorted.get(rank.max(1) - 1)?;
        Some(wait.as_secs_f64() * 1e3)
    }
}

/// What WordPress sends for one comment, each another.
pub(crate) fn form(key: &str, site: &str, number: usize) -> String {
    const SAID: [&str; 6] = [
        "Thank+you%2C+I+tried+this+on+Sunday+and+the+dough+rose+at+last",
        "C%E1%BA%A3m+%C6%A1n+b%E1%BA%A1n%2C+b%C3%A0i+vi%E1%BA%BFt+r%E1%BA%A5t+hay",
        "The+second+picture+does+not+load+for+me%2C+is+it+only+here",
        "We+had+the+same+trouble+with+the+old+pump+until+we+cleaned+the+filter",
        "M%C3%ACnh+%C4%91%E1%BB%8Dc+hai+l%E1%BA%A7n+m%E1%BB%9Bi+hi%E1%BB%83u+%C4%91o%E1%BA%A1n+cu%E1%BB%91i",
        "I+do+not+agree+about+the+ending%2C+but+it+was+a+pleasure+to+read",
    ];
    let (first, second) = (SAID[number % 6], SAID[number / 6 % 6]);
    format!(
        "api_key={key}&blog=http%3A%2F%2F{site}&blog_lang=en_US&blog_charset=UTF-8&user_ip=198.51.100.{ip}&user_agent=Mozilla%2F5.0+%28X11%3B+Linux+x86_64%3B+rv%3A128.0%29+Gecko%2F20100101+Firefox%2F128.0&referrer=http%3A%2F%2F{site}%2F2026%2F11%2Fa-walk-by-the-river%2F&permalink=http%3A%2F%2F{site}%2F2026%2F11%2Fa-walk-by-the-river%2F&comment_type=comment&comment_author=Reader+{number}&comment_author_email=reader{number}%40mail.example&comment_author_url=&comment_post_ID=112&comment_parent=0&comment_post_modified_gmt=2026-11-20+08%3A00%3A00&user_role=&is_test=0&HTTP_ACCEPT=text%2Fhtml%2Capplication%2Fxhtml%2Bxml&HTTP_ACCEPT_LANGUAGE=en-US%2Cen%3Bq%3D0.5&REMOTE_PORT=51034&SERVER_PROTOCOL=HTTP%2F1.1&POST_submit=Post+Comment&POST_comment_post_ID=112&comment_content={first}.+{second}+{number}.",
        ip = number % 250,
    )
}

/// So many checks over some connections, as fast as they go.
pub(crate) fn warm_up(server: SocketAddr, checks: usize) -> anyhow::Result<()> {
    const CONNECTIONS: usize = 8;
    let end = Instant::now() + Duration::from_secs(120);
    let one = |first: usize| {
        let mut stream = wire::connect(server, end)?;
        for number in (first..checks).step_by(CONNECTIONS) {
            let form = form(HONEST_KEY, "early.example", number);
            let request = wire::post("/1.1/comment-check", "", form.as_bytes());
            let status =
                wire::ask(&mut stream, &request, end).context("an ordinary check failed")?;
            ensure!(
                status == 200,
                "an ordinary check was answered with {status}"
            );
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..CONNECTIONS)
            .map(|first| scope.spawn(move || one(first)))
            .collect();
        all.into_iter()
            .try_for_each(|one| one.join().expect("no client panics"))
    })
}

/// Asks for as long as this.
pub(crate) fn measure(server: SocketAddr, period: Duration) -> Waits {
    let began = Instant::now();
    let next = AtomicUsize::new(0);
    let client = || {
        let mut times = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let due = EVERY * number as u32;
            if due >= period {
                return times;
            }
            std::thread::sleep((began + due).saturating_duration_since(Instant::now()));
            times.push(check(server, number));
        }
    };
    let times = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
        let times = clients
            .into_iter()
            .map(|client| client.join().expect("no client panics"));
        times.flatten().collect()
    });
    Waits::of(times)
}

/// One check; how long it took, if it was answered with a verdict.
fn check(server: SocketAddr, number: usize) -> Option<Duration> {
    let form = form(HONEST_KEY, "honest.example", number);
    let request = wire::post(
        "/1.1/comment-check",
        "Connection: close\r\n",
        form.as_bytes(),
    );
    let began = Instant::now();
    let end = began + PATIENCE;
    let mut stream = wire::connect(server, end).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(&request).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let took = began.elapsed();
    let judged = answer.starts_with("HTTP/1.1 200") && answer.contains("x-akismet-guid");
    (judged && took <= PATIENCE).then_some(took)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{PATIENCE, Waits, form};

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let of = |times: &[u64]| {
            Waits::of(
                times
                    .iter()
                    .map(|ms| Some(Duration::from_millis(*ms)))
                    .collect(),
            )
        };
        let hundred = of(&(1..=100).rev().collect::<Vec<u64>>());
        assert_eq!(hundred.percentile(50), Some(50.0));
        assert_eq!(hundred.percentile(99), Some(99.0));
        assert_eq!(of(&[7]).percentile(50), Some(7.0));
        assert_eq!(of(&[1, 2, 3]).percentile(99), Some(3.0));
        assert_eq!(of(&[]).percentile(50), None);
    }

    #[test]
    fn whoever_got_no_verdict_waited_for_as_long_as_a_client_waits() {
        let waits = Waits::of(vec![None, Some(Duration::from_millis(1)), None]);
        assert_eq!(waits.failures, 2);
        assert_eq!(waits.percentile(50), Some(PATIENCE.as_secs_f64() * 1e3));
    }

    #[test]
    fn the_comment_is_as_long_as_those_of_wordpress() {
        let length = form("honestkey001", "honest.example", 7).len();
        assert!((850..1_000).contains(&length), "{length}");
    }
}
