//! Every value that dressing may draw, one by one, and a row in; the row with that value out. It is
//! for measuring that no value says anything about a comment, and draws nothing for training.

use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::comment::Comment;
use crate::learn::train::corpus::Example;
use crate::learn::train::dress::choice::seed;
use crate::learn::train::dress::homes::{self, HomeShape};
use crate::learn::train::dress::names::{self, Person, names_of};
use crate::learn::train::dress::wardrobe::Wardrobe;
use crate::learn::train::dress::{browsers, languages, senders};

/// One value of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The field.
    pub field: &'static str,
    /// What it is set to.
    pub name: String,
    set: Set,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Set {
    Browser(browsers::Browser),
    Agent(&'static str),
    Provider(&'static str),
    OwnDomain,
    Home(HomeShape),
    NoHome,
    Kind(&'static str),
    Page(&'static str),
    Name(names::NameShape),
    Network(&'static str),
}

/// Clients that are no browser but stand for honest people: an app, and WordPress taking in a post
/// by XML-RPC.
const AGENTS: [(&str, &str); 3] = [
    ("okhttp", "okhttp/4.12.0"),
    (
        "XML-RPC of WordPress",
        "The Incutio XML-RPC PHP Library -- WordPress/6.8.2",
    ),
    ("app on iPhone", "Jetpack/25.3 CFNetwork/3826 Darwin/24.6.0"),
];

/// Kinds of comment, those that dressing draws and some that other platforms send.
const KINDS: [&str; 8] = [
    "comment",
    "reply",
    "contact-form",
    "forum-post",
    "signup",
    "message",
    "blog-post",
    "review",
];

/// Languages whose networks are tried.
const NETWORKS: [&str; 6] = ["vi", "en", "ru", "de", "pt", "zh"];

/// All values, field by field.
pub fn values() -> Vec<Value> {
    let mut values = Vec::new();
    let mut add = |field, name: &str, set| {
        values.push(Value {
            field,
            name: name.to_owned(),
            set,
        });
    };
    for (_, browser) in browsers::BROWSERS.into_iter().chain([
        (0, browsers::Browser::CocCoc),
        (0, browsers::Browser::ZaloIphone),
    ]) {
        add("browser", browser.called(), Set::Browser(browser));
    }
    for (name, agent) in AGENTS {
        add("browser", name, Set::Agent(agent));
    }
    for (_, provider) in senders::PROVIDERS {
        add("e-mail", provider, Set::Provider(provider));
    }
    for language in ["vi", "ru", "de", "fr", "pt", "en"] {
        for provider in senders::providers(language) {
            if senders::PROVIDERS
                .iter()
                .all(|(_, known)| known != provider)
            {
                add("e-mail", provider, Set::Provider(provider));
            }
        }
    }
    add("e-mail", "own domain", Set::OwnDomain);
    add("home page", "none", Set::NoHome);
    for (_, shape) in homes::SHAPES {
        add("home page", shape.called(), Set::Home(shape));
    }
    for kind in KINDS {
        add("type", kind, Set::Kind(kind));
    }
    for page in languages::PAGES {
        add("page language", page, Set::Page(page));
    }
    for (_, shape) in names::SHAPES {
        add("name", shape.called(), Set::Name(shape));
    }
    for language in NETWORKS {
        add("network", language, Set::Network(language));
    }
    values
}

impl Value {
    /// The dressed row with this one field set.
    pub fn apply(&self, dressed: &Example, wardrobe: Wardrobe) -> Comment {
        let mut random = StdRng::seed_from_u64(seed(dressed, wardrobe, 77));
        let language = languages::of(dressed);
        let person = Person::draw(names_of(language, &mut random), wardrobe, &mut random);
        let mut comment = dressed.comment.clone();
        let (author, request) = (&mut comment.author, &mut comment.request);
        match &self.set {
            Set::Browser(browser) => request.user_agent = Some(browser.agent(&mut random)),
            Set::Agent(agent) => request.user_agent = Some((*agent).to_owned()),
            Set::Provider(provider) => {
                let mailbox = senders::mailbox(&person, &mut random);
                author.email = Some(format!("{mailbox}@{provider}"));
            }
            Set::OwnDomain => {
                let shape = HomeShape::Plain;
                let home = homes::of_shape(shape, &person, language, wardrobe, &mut random);
                let host = home.trim_end_matches('/').rsplit('/').next();
                let host = host.unwrap_or(&home).trim_start_matches("www.");
                let mailbox = senders::mailbox(&person, &mut random);
                author.email = Some(format!("{mailbox}@{host}"));
            }
            Set::Home(shape) => {
                let home = homes::of_shape(*shape, &person, language, wardrobe, &mut random);
                author.url = Some(home);
            }
            Set::NoHome => author.url = None,
            Set::Kind(kind) => comment.page.kind = Some((*kind).to_owned()),
            Set::Page(page) => comment.page.languages = vec![(*page).to_owned()],
            Set::Name(shape) => {
                author.name = Some(person.signs_as(*shape, wardrobe, &mut random));
            }
            Set::Network(language) => {
                request.ip = Some(senders::address(language, wardrobe, &mut random));
            }
        }
        comment
    }
}
