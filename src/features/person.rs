//! A comment's author in, features of the person out: name and e-mail address together, with the
//! home page they give. Only labels of that site count for them, and only in the person's favour
//! (`model::live_labels`): "approved before on this site". See docs/DECISIONS.md, "Approvals speak
//! for a known person on that site".
//!
//! A comment that links or gives a number never has these features, because a name and an address
//! are easily copied.

use std::net::IpAddr;

use super::author;
use super::bucket::{hash, join};
use super::feature::Features;
use super::kind::Kind;
use super::signer::Signer;
use super::view::View;
use crate::comment::Comment;
use crate::text::Span;

/// Call it after the features of the content are added.
pub(super) fn add(comment: &Comment, signer: &Signer<'_>, features: &mut Features) {
    let writer = &comment.author;
    let trimmed = |field: &Option<String>| field.as_deref().map(|s| s.trim().to_lowercase());
    let (Some(name), Some(email)) = (trimmed(&writer.name), trimmed(&writer.email)) else {
        return;
    };
    let advertises = |view: View| matches!(view, View::Links | View::Contacts);
    let content_advertises = features
        .items
        .iter()
        .any(|feature| advertises(feature.kind.view()));
    if content_advertises || name.is_empty() || !email.contains('@') || author::is_nobody(&name) {
        return;
    }
    let host = signer.home.as_ref().map_or("", |home| home.host.as_str());
    let [name_hash, email, host] = [&*name, &*email, host].map(|field| hash(field.as_bytes()));
    let person = join(join(name_hash, email), host);
    let start = features.keep(&name);
    let span = Span::new(start, start + name.len());
    features.add_hashed(Kind::Person, person, span);
    if let Some(ip) = comment.request.ip {
        features.add_hashed(Kind::PersonHere, join(person, neighbourhood(ip)), span);
    }
}

/// The network that somebody usually writes from: a /16 (IPv4) or /32 (IPv6), wider than the
/// feature of the network, because addresses change.
fn neighbourhood(ip: IpAddr) -> u64 {
    match ip {
        IpAddr::V4(ip) => hash(&ip.octets()[..2]),
        IpAddr::V6(ip) => hash(&ip.octets()[..4]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn persons(change: impl FnOnce(&mut Comment)) -> Vec<(Kind, u32)> {
        let mut comment = Comment::from_text("Cảm ơn bạn");
        comment.author.name = Some("Lan Anh".into());
        comment.author.email = Some("lan@mail.example".into());
        comment.request.ip = "203.0.113.9".parse().ok();
        change(&mut comment);
        let features = Features::of(&comment);
        let of_people = features
            .items
            .iter()
            .filter(|f| f.kind.view() == View::People);
        of_people.map(|f| (f.kind, f.id)).collect()
    }

    #[test]
    fn the_same_name_and_address_are_the_same_person_until_they_advertise() {
        let known = persons(|_| ());
        assert_eq!(known.len(), 2);
        assert_eq!(persons(|c| c.author.name = Some(" LAN ANH".into())), known);
        assert_eq!(persons(|c| c.request.ip = "203.0.7.1".parse().ok()), known);
        // From elsewhere, half of it is left.
        let moved = persons(|c| c.request.ip = "198.51.100.1".parse().ok());
        assert_eq!(moved[0], known[0]);
        assert_ne!(moved[1], known[1]);
        let others: [fn(&mut Comment); 2] = [
            |c| c.author.email = Some("lan@other.example".into()),
            |c| c.author.url = Some("http://casino.example".into()),
        ];
        for other in others {
            assert!(persons(other).iter().all(|one| !known.contains(one)));
        }
        let nobody: [fn(&mut Comment); 5] = [
            |c| c.author.email = None,
            |c| c.author.name = Some("Anonymous".into()),
            |c| c.text = "xem http://casino.example/".into(),
            |c| c.text = "gọi 0912 000 345 nhé".into(),
            |c| c.author.name = None,
        ];
        for nobody in nobody {
            assert_eq!(persons(nobody), []);
        }
    }
}
