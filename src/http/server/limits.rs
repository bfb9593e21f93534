//! How many connections a server keeps, and how long each may take for what it does.

use std::time::Duration;

/// Commands of the operator that may be connected at the same time.
const ADMIN_CONNECTIONS: usize = 32;

/// What connections may hold, and for how long.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Limits {
    /// Open at the same time.
    pub(in crate::http) connections: usize,
    /// From the first byte of a request to the end of its head.
    pub(in crate::http) head: Duration,
    /// Without a request. Longer than reverse proxies keep theirs, or they would now and then send a request into a connection that is being closed.
    pub(in crate::http) idle: Duration,
    /// From the end of the head to the beginning of the answer, the body included.
    pub(in crate::http) answer: Duration,
    /// In which the client takes nothing of an answer.
    pub(in crate::http) stuck: Duration,
}

impl Limits {
    /// Of the public doors.
    pub(in crate::http) fn public(connections: usize) -> Self {
        Self {
            connections,
            head: Duration::from_secs(20),
            idle: Duration::from_secs(75),
            answer: Duration::from_secs(60),
            stuck: Duration::from_secs(30),
        }
    }

    /// Of the operator's socket: a retrain takes minutes, and a person may read an export page by page.
    pub(in crate::http) fn admin() -> Self {
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
