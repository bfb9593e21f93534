//! The comment systems whose rows are known by their columns, in JSON, in tables and in databases:
//! which column holds what, and what their status says. A status is never a label: what is
//! published is judged by `trusted`. Data.

use super::past_comment::Fate::{Published, Spam, Trashed, Waiting};
use super::systems::{ANY, Join, Sign, System};

/// The system that a row with these columns is of.
pub(super) fn of(there: &dyn Fn(&str) -> bool) -> Option<&'static System> {
    KNOWN.iter().find(|system| system.fits(there))
}

/// What all of them may keep apart from their comments.
pub(super) fn joins() -> impl Iterator<Item = &'static Join> {
    KNOWN.iter().flat_map(|system| system.joins)
}

/// The name of the system that `comentario` reads.
pub(super) const COMENTARIO: &str = "comentario";

/// Valine's mark, which Twikoo took over. Neither says whether a filter or a person set it.
const IS_SPAM: Sign = (
    "isSpam",
    &[
        ("true", Some(Spam)),
        ("1", Some(Spam)),
        ("false", None),
        ("0", None),
    ],
);

const DELETED: [Sign; 2] = [
    ("deleted_at", &[(ANY, Some(Trashed))]),
    ("deletedAt", &[(ANY, Some(Trashed))]),
];

/// The columns of Valine, which Waline took over: `url` is the page, `link` the author's.
const OF_VALINE: &[(&str, &[&str])] = &[
    ("text", &["comment"]),
    ("author", &["nick"]),
    ("email", &["mail"]),
    ("url", &["link"]),
    ("ip", &["ip"]),
    ("user_agent", &["ua"]),
    ("date", &["insertedAt.iso", "insertedAt", "createdAt"]),
    ("id", &["objectId", "id"]),
    ("permalink", &["url"]),
];

/// What most of them have.
const PLAIN: System = System {
    name: "",
    title: "",
    marks: &[],
    columns: &[],
    parents: &[],
    signs: &[],
    otherwise: Published,
    staff: &[],
    joins: &[],
};

pub(super) static KNOWN: [System; 11] = [
    System {
        name: "twikoo",
        title: "Twikoo",
        marks: &[
            &["nick"],
            &["comment"],
            &["href"],
            &["mailMd5", "master", "isSpam"],
        ],
        columns: &[
            ("text", &["comment"]),
            ("author", &["nick"]),
            ("email", &["mail"]),
            ("url", &["link"]),
            ("ip", &["ip"]),
            ("user_agent", &["ua"]),
            (
                "date",
                &[
                    "created",
                    "created.$numberLong",
                    "created.$date",
                    "created.$numberDouble",
                ],
            ),
            ("id", &["_id", "_id.$oid", "id"]),
            ("permalink", &["href", "url"]),
        ],
        parents: &["pid"],
        signs: &[IS_SPAM],
        staff: &[("master", &["true", "1"])],
        ..PLAIN
    },
    System {
        name: "waline",
        title: "Waline",
        marks: &[
            &["nick"],
            &["comment"],
            &["mail", "link", "ua"],
            &["status"],
            &["insertedAt", "createdAt", "objectId"],
        ],
        columns: OF_VALINE,
        parents: &["pid"],
        signs: &[(
            "status",
            &[
                ("approved", Some(Published)),
                ("waiting", Some(Waiting)),
                ("spam", Some(Spam)),
            ],
        )],
        ..PLAIN
    },
    System {
        name: "valine",
        title: "Valine (LeanCloud)",
        marks: &[
            &["nick"],
            &["comment"],
            &["mail", "link", "ua"],
            &["url"],
            &["insertedAt", "createdAt", "objectId"],
        ],
        columns: OF_VALINE,
        parents: &["pid"],
        signs: &[IS_SPAM],
        ..PLAIN
    },
    System {
        name: "cusdis",
        title: "Cusdis",
        marks: &[&["by_nickname", "byNickname"], &["content"]],
        columns: &[
            ("text", &["content"]),
            ("author", &["by_nickname", "byNickname"]),
            ("email", &["by_email", "byEmail"]),
            ("date", &["created_at", "createdAt"]),
            ("id", &["id"]),
            ("permalink", &["page.url", "page.slug"]),
            ("page", &["page.title"]),
        ],
        parents: &["parentId", "parent_id"],
        signs: &[
            DELETED[0],
            DELETED[1],
            (
                "approved",
                &[
                    ("true", Some(Published)),
                    ("1", Some(Published)),
                    ("t", Some(Published)),
                    ("false", Some(Waiting)),
                    ("0", Some(Waiting)),
                    ("f", Some(Waiting)),
                ],
            ),
        ],
        // What nobody has approved is not shown.
        otherwise: Waiting,
        staff: &[("moderatorId", &[ANY]), ("moderator_id", &[ANY])],
        joins: &[
            Join {
                list: "pages",
                by: "pageId",
                under: "page",
                keeps: PAGE,
            },
            Join {
                list: "pages",
                by: "page_id",
                under: "page",
                keeps: PAGE,
            },
        ],
    },
    System {
        name: "artalk",
        title: "Artalk",
        marks: &[
            &["page_key"],
            &["content"],
            &["nick"],
            &["is_pending", "is_collapsed"],
        ],
        columns: &[
            ("text", &["content"]),
            ("author", &["nick"]),
            ("email", &["email"]),
            ("url", &["link"]),
            ("ip", &["ip"]),
            ("user_agent", &["ua"]),
            ("date", &["created_at"]),
            ("id", &["id"]),
            ("permalink", &["page_key"]),
            ("page", &["page_title"]),
            ("site", &["site_urls"]),
        ],
        parents: &["rid"],
        signs: &[
            DELETED[0],
            (
                "is_pending",
                &[("true", Some(Waiting)), ("1", Some(Waiting)), (ANY, None)],
            ),
        ],
        ..PLAIN
    },
    System {
        name: "remark42",
        title: "Remark42",
        marks: &[
            &["locator.url", "locator.site"],
            &["text"],
            &["user.name", "user.id"],
        ],
        columns: &[
            ("text", &["orig", "text"]),
            ("author", &["user.name"]),
            // Remark42 keeps a hash of it; an address is read, a hash is not.
            ("ip", &["user.ip"]),
            ("date", &["time"]),
            ("id", &["id"]),
            ("permalink", &["locator.url"]),
            ("page", &["title"]),
        ],
        parents: &["pid"],
        signs: &[
            ("delete", &[("true", Some(Trashed))]),
            ("deleted", &[("true", Some(Trashed))]),
        ],
        staff: &[("user.admin", &["true"])],
        ..PLAIN
    },
    System {
        name: "ghost",
        title: "Ghost",
        marks: &[
            &["html"],
            &["member_id", "member"],
            &["post_id", "post"],
            &["status"],
        ],
        columns: &[
            ("text", &["html"]),
            ("author", &["member.name"]),
            ("email", &["member.email"]),
            ("date", &["created_at"]),
            ("id", &["id"]),
            ("permalink", &["post.url", "post.slug"]),
            ("page", &["post.title"]),
        ],
        parents: &["parent_id", "in_reply_to_id"],
        // A hidden comment was hidden by somebody, and need not be spam.
        signs: &[(
            "status",
            &[
                ("published", Some(Published)),
                ("hidden", Some(Trashed)),
                ("deleted", Some(Trashed)),
            ],
        )],
        joins: &[
            Join {
                list: "members",
                by: "member_id",
                under: "member",
                keeps: &["name", "email"],
            },
            Join {
                list: "posts",
                by: "post_id",
                under: "post",
                keeps: PAGE,
            },
        ],
        ..PLAIN
    },
    System {
        name: "typecho",
        title: "Typecho",
        marks: &[&["coid"], &["cid"], &["text"], &["authorId"]],
        columns: &[
            ("text", &["text"]),
            ("author", &["author"]),
            ("email", &["mail"]),
            ("url", &["url"]),
            ("ip", &["ip"]),
            ("user_agent", &["agent"]),
            ("date", &["created"]),
            ("type", &["type"]),
            ("id", &["coid"]),
        ],
        parents: &["parent"],
        signs: &[(
            "status",
            &[
                ("approved", Some(Published)),
                ("waiting", Some(Waiting)),
                ("spam", Some(Spam)),
            ],
        )],
        ..PLAIN
    },
    System {
        name: "github",
        title: "GitHub discussions or issues (giscus, utterances)",
        marks: &[&["body"], &["author_association", "authorAssociation"]],
        columns: &[
            ("text", &["body"]),
            ("author", &["user.login", "author.login"]),
            ("url", &["user.html_url", "author.url"]),
            ("date", &["created_at", "createdAt"]),
            ("id", &["id"]),
            ("permalink", &["html_url", "url"]),
        ],
        parents: &["replyTo.id"],
        signs: &[
            (
                "minimizedReason",
                &[("spam", Some(Spam)), (ANY, Some(Trashed))],
            ),
            ("isMinimized", &[("true", Some(Trashed))]),
        ],
        staff: &[
            ("author_association", &["owner", "member", "collaborator"]),
            ("authorAssociation", &["owner", "member", "collaborator"]),
        ],
        ..PLAIN
    },
    System {
        name: "wordpress",
        title: "WordPress's REST API",
        marks: &[
            &["author_name"],
            &["content.rendered", "content.raw"],
            &["post"],
        ],
        columns: &[
            ("text", &["content.raw", "content.rendered"]),
            ("author", &["author_name"]),
            ("email", &["author_email"]),
            ("url", &["author_url"]),
            ("ip", &["author_ip"]),
            ("user_agent", &["author_user_agent"]),
            ("date", &["date_gmt", "date"]),
            ("type", &["type"]),
            ("id", &["id"]),
            ("permalink", &["link"]),
        ],
        parents: &["parent"],
        signs: &[(
            "status",
            &[
                ("approved", Some(Published)),
                ("hold", Some(Waiting)),
                ("spam", Some(Spam)),
                ("trash", Some(Trashed)),
            ],
        )],
        ..PLAIN
    },
    // Read by `comentario`, which knows more of it; here only so that its rows are known.
    System {
        name: COMENTARIO,
        title: "Comentario or Commento",
        marks: &[
            &["commentHex", "userCreated"],
            &["markdown", "html"],
            &["commenterHex", "pageId", "isApproved"],
        ],
        columns: &[("text", &["markdown", "html"])],
        ..PLAIN
    },
];

const PAGE: &[&str] = &["title", "url", "slug"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_has_a_text_and_names_that_a_row_of_it_is_known_by() {
        for (at, system) in KNOWN.iter().enumerate() {
            assert!(!system.columns_of("text").is_empty(), "{}", system.name);
            // A row with the first mark of each group is of this system, and of none before it.
            let marks: Vec<&str> = system.marks.iter().map(|group| group[0]).collect();
            let found = of(&|column| marks.contains(&column)).expect("known");
            assert_eq!(found.name, KNOWN[at].name);
        }
    }

    #[test]
    fn a_status_that_nobody_knows_is_no_fate() {
        let waline = KNOWN
            .iter()
            .find(|system| system.name == "waline")
            .expect("known");
        let fate = |status: &str| {
            let status = status.to_owned();
            waline.fate(&move |column: &str| (column == "status").then(|| status.clone()))
        };
        assert_eq!(fate("Spam"), Ok(Spam));
        assert_eq!(fate(""), Ok(Published));
        assert!(fate("odd").is_err());
    }
}
