//! Requests and the keys in them in, the same answers out, some of them a second later: protection
//! against guessing of keys (docs/DECISIONS.md, "Wrong keys make new keys from that address wait").
//!
//! It never refuses a key because of its address: behind a proxy all sites come from one address.
//! After too many wrong keys from an address, every key from there that was not shown since the
//! start, right or wrong, is answered a second later. A right key waits once. A guesser waits for
//! each key, and no answer comes earlier.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::http::rate_limit::monotonic;
use crate::moderation::{Admitted, Moderation, Refusal};

/// Wrong keys that an address may show in a minute before it waits.
const FREE: u32 = 20;
const MINUTE: Duration = Duration::from_secs(60);
/// How long an answer waits.
const WAIT: Duration = Duration::from_secs(1);
/// Addresses remembered; beyond, those of past minutes go, and if that is not enough all.
const MOST_ADDRESSES: usize = 16_384;

/// What a request showed.
enum Shown {
    Wrong,
    /// A good key, for the first time since the start.
    New(Admitted, String),
}

tokio::task_local! {
    /// Of the request that this task answers.
    static SHOWN: RefCell<Option<Shown>>;
}

/// Notes whether the key of a request is good. Once for each request.
pub(super) fn saw(moderation: &Moderation, key: Option<&str>, found: &Result<Admitted, Refusal>) {
    let shown = match (found, key) {
        (Err(Refusal::Unknown), _) => Some(Shown::Wrong),
        (Ok(admitted), Some(key)) if !moderation.accounts.is_familiar(key) => {
            Some(Shown::New(admitted.clone(), key.to_owned()))
        }
        _ => None,
    };
    // Without a guard, as in a test of one handler, there is nothing to note.
    let _ = SHOWN.try_with(|of| of.replace(shown));
}

/// Wrong keys by address, of a minute: when it began, and how many.
#[derive(Debug, Default)]
struct WrongKeys(Mutex<HashMap<IpAddr, (Duration, u32)>>);

impl WrongKeys {
    fn note(&self, from: IpAddr, now: Duration) {
        let mut addresses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if addresses.len() >= MOST_ADDRESSES {
            addresses.retain(|_, (began, _)| now.saturating_sub(*began) < MINUTE);
            if addresses.len() >= MOST_ADDRESSES {
                addresses.clear();
            }
        }
        // A minute begins with its first wrong key, not with the minute of the clock.
        let (began, wrong) = addresses.entry(network(from)).or_insert((now, 0));
        if now.saturating_sub(*began) >= MINUTE {
            (*began, *wrong) = (now, 0);
        }
        *wrong = wrong.saturating_add(1);
    }

    fn waits(&self, from: IpAddr, now: Duration) -> bool {
        let addresses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of = addresses.get(&network(from));
        of.is_some_and(|(began, wrong)| *wrong > FREE && now.saturating_sub(*began) < MINUTE)
    }
}

/// A household has a /64 of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) >> 64 << 64).into()),
        v4 => v4,
    }
}

/// What a guard needs to know.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    moderation: Arc<Moderation>,
    wrong: Arc<WrongKeys>,
}

impl Guard {
    pub(super) fn new(moderation: Arc<Moderation>) -> Self {
        Self {
            moderation,
            wrong: Arc::default(),
        }
    }
}

/// Answers a request, later if its address shows wrong keys.
pub(super) async fn watch(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|ConnectInfo(address)| address.ip());
    let answered = SHOWN.scope(RefCell::new(None), async {
        let response = next.run(request).await;
        (response, SHOWN.with(|shown| shown.take()))
    });
    let (response, shown) = answered.await;
    let Some(shown) = shown else { return response };
    if let Some(peer) = peer {
        if matches!(shown, Shown::Wrong) {
            guard.wrong.note(peer, monotonic());
        }
        if guard.wrong.waits(peer, monotonic()) {
            tokio::time::sleep(WAIT).await;
        }
    }
    // Only now: otherwise a client that does not wait would learn the answer by asking twice.
    if let Shown::New(admitted, key) = shown {
        guard.moderation.accounts.note_shown(&admitted, &key);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_waits_after_many_wrong_keys_and_for_a_minute_and_others_do_not() {
        let wrong = WrongKeys::default();
        let (one, other): (IpAddr, IpAddr) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        let began = Duration::from_secs(100);
        for _ in 0..FREE {
            wrong.note(one, began);
            assert!(!wrong.waits(one, began));
        }
        wrong.note(one, began);
        assert!(wrong.waits(one, began) && !wrong.waits(other, began));
        assert!(!wrong.waits(one, began + MINUTE));
        wrong.note(one, began + MINUTE);
        assert!(!wrong.waits(one, began + MINUTE));
    }

    #[test]
    fn a_household_is_one_address_and_so_is_an_old_one_spelt_anew() {
        let of = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let wrong = WrongKeys::default();
        for n in 0..3 * MOST_ADDRESSES as u32 {
            wrong.note(
                IpAddr::V4(n.into()),
                Duration::from_secs(u64::from(n) / 1_000),
            );
        }
        assert!(wrong.0.lock().expect("whole").len() <= MOST_ADDRESSES);
    }
}
