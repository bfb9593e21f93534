//! How many requests a second one key may make, in bursts of no more than that: a key in, yes or no
//! out. Off unless the operator sets it. Never on disk: a restart begins anew.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

type Limiter = RateLimiter<String, HashMapStateStore<String>, Ticks, NoOpMiddleware<Nanos>>;

/// The limit of every key.
pub struct RateLimit(Limiter);

/// A request that came too soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many requests with this API key; please wait a second")]
pub(super) struct TooFast;

/// After so many seconds there is always room for a request: no limit is lower than one a second.
pub(super) const RETRY_AFTER_SECONDS: u64 = 1;

/// Time since some moment that stays the same; handed in so that tests need not wait.
#[derive(Debug, Clone, Copy)]
struct Ticks(fn() -> Duration);

impl Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        (self.0)().into()
    }
}

/// Time since this was first asked, whatever becomes of the wall clock.
pub fn monotonic() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}

impl RateLimit {
    /// So many requests a second for each key.
    pub fn new(requests_per_second: NonZeroU32, ticks: fn() -> Duration) -> Self {
        Self(RateLimiter::new(
            Quota::per_second(requests_per_second),
            HashMapStateStore::default(),
            Ticks(ticks),
        ))
    }

    /// Lets a request through. Only for keys that are known: each is remembered.
    ///
    /// # Errors
    /// It came too soon.
    pub(super) fn take(&self, key: &String) -> Result<(), TooFast> {
        self.0.check_key(key).map_err(|_| TooFast)
    }
}

impl fmt::Debug for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimit").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local!(static NOW: Cell<Duration> = const { Cell::new(Duration::ZERO) });

    #[test]
    fn a_burst_is_let_through_then_one_at_a_time_and_keys_do_not_mix() {
        let limit = RateLimit::new(NonZeroU32::new(4).expect("not zero"), || NOW.get());
        let (one, other) = ("one".to_owned(), "other".to_owned());
        let many = |key: &String| (0..100).take_while(|_| limit.take(key).is_ok()).count();
        assert_eq!((many(&one), many(&one), many(&other)), (4, 0, 4));
        NOW.set(Duration::from_millis(250));
        assert_eq!(many(&one), 1);
        NOW.set(Duration::from_millis(250) + Duration::from_secs(RETRY_AFTER_SECONDS));
        assert_eq!(many(&one), 4);
    }
}
