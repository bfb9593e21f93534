//! How many connections a server keeps, and how long each may take for what it does: public doors
//! or operator's socket in, numbers out. Enforces nothing.

use std::time::Duration;

/// Commands of the operator that may be connected at the same time.
const ADMIN_CONNECTIONS: usize = 32;

/// What connections may hold, and for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Open at the same time.
    pub(crate) connections: usize,
    /// From the first byte of a request to the end of its head.
    pub(crate) head: Duration,
    /// Without a request. Longer than reverse proxies keep theirs, or they would now and then send
    /// a request into a connection that is being closed.
    pub(crate) idle: Duration,
    /// From the end of the head to the beginning of the answer, the body included.
    pub(crate) answer: Duration,
    /// In which the client takes nothing of an answer.
    pub(crate) stuck: Duration,
}

impl Limits {
    /// Of the public doors.
    pub(crate) fn public(connections: usize) -> Self {
        Self {
            connections,
            head: Duration::from_secs(20),
            idle: Duration::from_secs(75),
            answer: Duration::from_secs(60),
            stuck: Duration::from_secs(30),
        }
    }

    /// Of the operator's socket: a retrain takes minutes, and a person may read an export page by
    /// page.
    pub(crate) fn admin() -> Self {
        const LONG: Duration = Duration::from_secs(86_400);
        Self {
            connections: ADMIN_CONNECTIONS,
            head: LONG,
            idle: LONG,
            answer: LONG,
            stuck: LONG,
        }
    }
}
