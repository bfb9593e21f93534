//! An author's address as clients write it in, the public address out. Reads what reverse proxies
//! leave: lists, ports, brackets.

use std::net::{IpAddr, SocketAddr};

/// Most entries of a list that are looked at; no chain of proxies is longer.
const MOST_ENTRIES: usize = 32;

/// The first public address of a text, which may be one address or a whole `X-Forwarded-For` list:
/// `10.0.0.3, 113.161.7.7:4711`. Loopback, private and shared addresses are a proxy's and say
/// nothing of the author.
pub fn public_address(text: &str) -> Option<IpAddr> {
    text.split([',', ';', ' ', '\t'])
        .filter(|entry| !entry.is_empty())
        .take(MOST_ENTRIES)
        .filter_map(address)
        .find(is_public)
}

/// One entry: `1.2.3.4`, `1.2.3.4:80`, `[::1]:80`, `[::1]`, `"[::1]"`, `for=1.2.3.4`.
fn address(entry: &str) -> Option<IpAddr> {
    let entry = match entry.split_at_checked(4) {
        Some((name, rest)) if name.eq_ignore_ascii_case("for=") => rest,
        _ => entry,
    };
    let entry = entry.trim_matches(['"', '\'']);
    let bare = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || Some(entry.parse::<SocketAddr>().ok()?.ip());
    let ip: Option<IpAddr> = entry.parse().ok().or_else(bare).or_else(with_port);
    Some(ip?.to_canonical())
}

fn is_public(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [first, second, ..] = ip.octets();
            let is_shared = first == 100 && (64..128).contains(&second);
            !(ip.is_loopback()
                || ip.is_private()
                || ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_broadcast()
                || is_shared)
        }
        IpAddr::V6(ip) => {
            !(ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_unique_local()
                || ip.is_unicast_link_local())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let found = public_address(text).map(|ip| ip.to_string());
        assert_eq!(found.as_deref(), expected, "{text:?}");
    }

    #[test]
    fn the_first_public_address_is_found_however_it_is_written() {
        let author = Some("113.161.7.7");
        for text in [
            "113.161.7.7",
            " 113.161.7.7 ",
            "113.161.7.7, 10.0.0.3",
            "10.0.0.3,113.161.7.7",
            "113.161.7.7,",
            ", 113.161.7.7",
            "unknown, 113.161.7.7, 198.51.100.4",
            "113.161.7.7:4711",
            "[113.161.7.7]",
            "\"113.161.7.7\"",
            "for=113.161.7.7;proto=https",
            "::ffff:113.161.7.7",
        ] {
            check(text, author);
        }
        check("[2001:db8::1]:443", Some("2001:db8::1"));
        check("For=\"[2001:db8::1]:443\"", Some("2001:db8::1"));
        check("[2001:db8::1]", Some("2001:db8::1"));
    }

    #[test]
    fn what_says_nothing_of_the_author_is_no_address() {
        for text in [
            "",
            "127.0.0.1",
            "10.0.0.3, 192.168.1.1",
            "100.64.0.1",
            "[::1]:80",
            "fe80::1%eth0",
            "999.999.999.999",
            "localhost",
            "1.2.3",
            "[",
        ] {
            check(text, None);
        }
        let long = "x,".repeat(100_000) + "113.161.7.7";
        check(&long, None);
    }
}
