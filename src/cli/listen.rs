//! A host or an address with a port in, a listener of `phin serve` out, or a sentence that says
//! what to do. Never tries another port.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use anyhow::{Context, anyhow};
use tokio::net::TcpListener;

/// Ports below it are for the system, unless it says otherwise.
const FIRST_FREE_PORT: u16 = 1024;

/// Listens on the first address of a host that it can have.
///
/// # Errors
/// None can be had; the message says what to do.
pub(super) async fn on(listen: &str) -> anyhow::Result<TcpListener> {
    let addresses: Vec<SocketAddr> = tokio::net::lookup_host(listen)
        .await
        .with_context(|| {
            format!("cannot listen on {listen}: nobody here knows an address of that host; say --listen with an address, such as 127.0.0.1:8080")
        })?
        .collect();
    let mut last = None;
    for address in addresses {
        match TcpListener::bind(address).await {
            Ok(listener) => return Ok(listener),
            Err(error) => last = Some((address, error)),
        }
    }
    Err(match last {
        Some((address, error)) => refused(listen, address, error),
        None => anyhow!(
            "cannot listen on {listen}: the host has no address; say --listen with one, such as 127.0.0.1:8080"
        ),
    })
}

fn refused(listen: &str, address: SocketAddr, error: io::Error) -> anyhow::Error {
    let why = match error.kind() {
        ErrorKind::PermissionDenied if address.port() < FIRST_FREE_PORT => format!(
            "cannot listen on {listen}: ports below {FIRST_FREE_PORT} are for programs with a right of their own. Say --listen with a higher port, such as 127.0.0.1:8080, and put a proxy before it; or give phin the right: setcap cap_net_bind_service=+ep on its file, or AmbientCapabilities=CAP_NET_BIND_SERVICE in its unit"
        ),
        ErrorKind::AddrInUse => format!(
            "cannot listen on {listen}: another program, perhaps another phin, listens there. Stop it, or say --listen with another port"
        ),
        ErrorKind::AddrNotAvailable => format!(
            "cannot listen on {listen}: this machine does not have the address. Say --listen with one that it has, such as 127.0.0.1:8080"
        ),
        _ => format!("cannot listen on {listen}; is it taken by another program? Say --listen"),
    };
    anyhow::Error::new(error).context(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_us_from_listening_is_said_with_what_to_do() {
        let told = |address: &str, kind: ErrorKind| {
            let socket = address.parse().expect("an address");
            refused(address, socket, kind.into()).to_string()
        };
        let denied = ErrorKind::PermissionDenied;
        assert!(told("127.0.0.1:80", denied).contains("cap_net_bind_service"));
        assert!(!told("127.0.0.1:8080", denied).contains("cap_net_bind_service"));
        assert!(told("127.0.0.1:80", ErrorKind::AddrInUse).contains("another program"));
        assert!(told("192.0.2.1:80", ErrorKind::AddrNotAvailable).contains("does not have"));
    }
}
