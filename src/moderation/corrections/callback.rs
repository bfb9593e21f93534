//! A callback address in, "may it be called" out. A site sends with its check the address for
//! corrections, and whoever stole a key can send any address. So only the site's own host is
//! allowed, and only addresses of the public internet. Never resolves a name: the caller resolves
//! it and checks the result again.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::comment::SiteId;

/// Which addresses may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// Addresses of the public internet.
    #[default]
    Public,
    /// Also this machine and private networks, for intranets.
    Private,
}

/// Why an address is not called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreachable {
    /// Not a URL.
    #[error("it is not a URL")]
    NoUrl,
    /// It is longer than any honest callback.
    #[error("it is longer than {MOST_BYTES} bytes")]
    TooLong,
    /// Not http or https.
    #[error("only http and https are called")]
    Scheme,
    /// It contains a user or password.
    #[error("it has a user or password in it")]
    Credentials,
    /// Its host is not that of the site.
    #[error("its host is not that of the site")]
    OtherHost,
    /// Its port is neither 80, 443 nor the port of the site.
    #[error("its port is neither 80, 443 nor the one of the site")]
    OtherPort,
    /// Its address is not on the public internet.
    #[error("its address is {0}")]
    Address(&'static str),
}

/// The longest callback, in bytes. WordPress's have less than a hundred bytes and the name of the
/// site.
const MOST_BYTES: usize = 2_048;

/// Reads the callback of a site. A host name is only checked as far as that is possible without
/// resolving it.
pub(crate) fn parse(callback: &str, site: &SiteId, reach: Reach) -> Result<Url, Unreachable> {
    if callback.len() > MOST_BYTES {
        return Err(Unreachable::TooLong);
    }
    let url = Url::parse(callback.trim()).map_err(|_| Unreachable::NoUrl)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Unreachable::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Unreachable::Credentials);
    }
    // A site's id is its address without scheme and `www.`, so it can be read as a URL.
    let home = Url::parse(&format!("http://{site}")).map_err(|_| Unreachable::OtherHost)?;
    let host = |url: &Url| {
        let host = url.host_str().unwrap_or("");
        host.strip_prefix("www.").unwrap_or(host).to_owned()
    };
    if host(&url).is_empty() || host(&url) != host(&home) {
        return Err(Unreachable::OtherHost);
    }
    let port = url.port().filter(|port| ![80, 443].contains(port));
    if port.is_some() && port != home.port() {
        return Err(Unreachable::OtherPort);
    }
    match url.host() {
        Some(Host::Ipv4(ip)) => may_be_called(ip.into(), reach)?,
        Some(Host::Ipv6(ip)) => may_be_called(ip.into(), reach)?,
        Some(Host::Domain(_)) | None => {}
    }
    Ok(url)
}

/// Whether an address may be called. Addresses that no web server can have (multicast,
/// documentation, metadata of clouds and others) are never called.
///
/// # Errors
///
/// The kind of address, if it may not be called.
pub fn may_be_called(ip: IpAddr, reach: Reach) -> Result<(), Unreachable> {
    match kind_of(ip) {
        None => Ok(()),
        Some(kind) if reach == Reach::Private && kind.is_intranet() => Ok(()),
        Some(kind) => Err(Unreachable::Address(kind.words())),
    }
}

/// The kinds of addresses that are not on the public internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Loopback,
    Private,
    LinkLocal,
    Metadata,
    Multicast,
    Documentation,
    Reserved,
}

impl Kind {
    fn is_intranet(self) -> bool {
        matches!(self, Self::Loopback | Self::Private)
    }

    fn words(self) -> &'static str {
        match self {
            Self::Loopback => "this machine's (callback_private = true allows it)",
            Self::Private => "a private network's (callback_private = true allows it)",
            Self::LinkLocal => "link-local, where clouds keep their metadata",
            Self::Metadata => "one where a cloud keeps its metadata",
            Self::Multicast => "a multicast one",
            Self::Documentation => "one for documentation",
            Self::Reserved => "reserved",
        }
    }
}

fn kind_of(ip: IpAddr) -> Option<Kind> {
    match ip {
        IpAddr::V4(ip) => kind_of_v4(ip),
        IpAddr::V6(ip) => kind_of_v6(ip),
    }
}

/// Follows the special-purpose registry of IANA (RFC 6890 and later), with two metadata servers of
/// clouds added.
fn kind_of_v4(ip: Ipv4Addr) -> Option<Kind> {
    Some(match ip.octets() {
        [127, ..] => Kind::Loopback,
        [10, ..] | [192, 168, ..] => Kind::Private,
        [172, b, ..] if (16..32).contains(&b) => Kind::Private,
        // Alibaba's metadata server lies in the range that carriers share.
        [100, 100, 100, 200] => Kind::Metadata,
        [100, b, ..] if (64..128).contains(&b) => Kind::Private,
        [169, 254, ..] => Kind::LinkLocal,
        // Azure's metadata server has a public address.
        [168, 63, 129, 16] => Kind::Metadata,
        [224..=239, ..] => Kind::Multicast,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Kind::Documentation,
        [0, ..] | [192, 0, 0, _] | [192, 88, 99, _] | [198, 18 | 19, ..] | [240..=255, ..] => {
            Kind::Reserved
        }
        _ => return None,
    })
}

/// Only 2000::/3 is assigned to the public. Checked are the exceptions within it, and the IPv4
/// address inside an IPv6 address.
fn kind_of_v6(ip: Ipv6Addr) -> Option<Kind> {
    if let Some(v4) = v4_inside(ip) {
        return kind_of_v4(v4);
    }
    Some(match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => Kind::Loopback,
        [0xfd00, 0x0ec2, ..] => Kind::Metadata,
        [0xfc00..=0xfdff, ..] => Kind::Private,
        [0xfe80..=0xfebf, ..] => Kind::LinkLocal,
        [0xff00..=0xffff, ..] => Kind::Multicast,
        [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => Kind::Documentation,
        // Teredo, benchmarking and ORCHID.
        [0x2001, 0..=0x01ff, ..] => Kind::Reserved,
        [0x2000..=0x3fff, ..] => return None,
        _ => Kind::Reserved,
    })
}

/// The IPv4 address that is really called: mapped, compatible, NAT64 or 6to4.
fn v4_inside(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    match ip.segments() {
        // `::` and `::1` contain no IPv4 address.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] => v4(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low),
        [0x2002, high, low, ..] => v4(high, low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(address: &str) -> SiteId {
        SiteId::parse(address).expect("a site")
    }

    fn read(callback: &str, blog: &str, reach: Reach) -> Result<String, Unreachable> {
        parse(callback, &site(blog), reach).map(|url| url.to_string())
    }

    #[test]
    fn a_site_may_be_called_at_its_own_host_and_nowhere_else() {
        let blog = "https://www.blog.example/vi";
        let good = "https://blog.example/wp-json/akismet/v1/webhook";
        assert_eq!(read(good, blog, Reach::Public).as_deref(), Ok(good));
        for good in [
            "http://WWW.blog.example:80/",
            "https://blog.example:443/index.php?rest_route=/akismet/v1/webhook",
            "http://BLOG.EXAMPLE/x",
        ] {
            assert!(read(good, blog, Reach::Public).is_ok(), "{good}");
        }
        assert!(
            read(
                "http://blog.example:8080/x",
                "http://blog.example:8080",
                Reach::Public
            )
            .is_ok()
        );
        for (bad, why) in [
            ("", Unreachable::NoUrl),
            ("/akismet", Unreachable::NoUrl),
            ("ftp://blog.example/", Unreachable::Scheme),
            ("file:///etc/passwd", Unreachable::Scheme),
            ("gopher://blog.example/", Unreachable::Scheme),
            ("http://me@blog.example/", Unreachable::Credentials),
            ("http://:secret@blog.example/", Unreachable::Credentials),
            (
                "http://blog.example@evil.example/",
                Unreachable::Credentials,
            ),
            ("http://evil.example/", Unreachable::OtherHost),
            ("http://blog.example.evil.example/", Unreachable::OtherHost),
            ("http://a.blog.example/", Unreachable::OtherHost),
            ("http://evil.example/#blog.example", Unreachable::OtherHost),
            ("http://blog.example:22/", Unreachable::OtherPort),
            ("http://blog.example:8080/", Unreachable::OtherPort),
        ] {
            assert_eq!(read(bad, blog, Reach::Private), Err(why), "{bad}");
        }
        let long = format!("http://blog.example/{}", "x".repeat(3_000));
        assert_eq!(read(&long, blog, Reach::Private), Err(Unreachable::TooLong));
    }

    #[test]
    fn an_address_is_known_in_every_spelling() {
        for spelling in [
            "127.0.0.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "127.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
        ] {
            let address = format!("http://{spelling}/x");
            let refused = read(&address, &address, Reach::Public);
            assert!(
                matches!(refused, Err(Unreachable::Address(_))),
                "{spelling}: {refused:?}"
            );
            let url = read(&address, &format!("http://{spelling}"), Reach::Private);
            assert!(url.is_ok(), "{spelling}: {url:?}");
        }
    }

    #[test]
    fn what_is_not_the_public_internet_is_not_called() {
        let refused = |ip: &str, reach| may_be_called(ip.parse().expect("an address"), reach);
        for ip in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "::1",
            "fd12:3456::1",
            "fc00::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "::10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::1",
        ] {
            assert!(refused(ip, Reach::Public).is_err(), "{ip}");
            assert!(refused(ip, Reach::Private).is_ok(), "{ip}");
        }
        for ip in [
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "169.254.1.1",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "192.0.2.1",
            "198.51.100.7",
            "203.0.113.9",
            "198.18.0.1",
            "192.88.99.1",
            "224.0.0.1",
            "239.1.2.3",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "3fff::1",
            "2001::1",
            "2001:10::1",
            "100::1",
            "fd00:ec2::254",
            "64:ff9b:1::1",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "5f00::1",
        ] {
            assert!(refused(ip, Reach::Public).is_err(), "{ip}");
            assert!(refused(ip, Reach::Private).is_err(), "{ip}");
        }
        for ip in [
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "169.253.1.1",
            "2606:4700::1111",
            "2a00:1450::1",
            "64:ff9b::808:808",
        ] {
            assert!(refused(ip, Reach::Public).is_ok(), "{ip}");
        }
    }
}
