//! What a column can hold, and the names that exports and spam corpora commonly give it. Data: it
//! reads nothing.

/// A field: its name in `--map`, and the names of columns that commonly hold it (compared without
/// case).
pub(super) const FIELDS: [(&str, &[&str]); 14] = [
    (
        "text",
        &[
            "text",
            "comment_content",
            "content",
            "body",
            "comment",
            "comment_text",
            "message",
        ],
    ),
    (
        "author",
        &[
            "author",
            "comment_author",
            "author_name",
            "name",
            "username",
            "nick",
            "nickname",
            "user_name",
            "author.name",
            "user.name",
        ],
    ),
    (
        "email",
        &["email", "comment_author_email", "author_email", "mail"],
    ),
    (
        "url",
        &["url", "comment_author_url", "author_url", "website"],
    ),
    (
        "ip",
        &[
            "ip",
            "user_ip",
            "comment_author_ip",
            "author_ip",
            "ip_address",
            "remote_addr",
        ],
    ),
    ("user_agent", &["user_agent", "comment_agent", "ua"]),
    (
        "date",
        &[
            "date",
            "comment_date_gmt",
            "comment_date",
            "created_at",
            "created",
            "timestamp",
            "createdAt",
            "time",
        ],
    ),
    ("type", &["type", "comment_type"]),
    ("id", &["id", "comment_id"]),
    ("site", &["site", "blog"]),
    ("permalink", &["permalink"]),
    ("page", &["page", "post_title"]),
    ("label", &["label", "is_spam", "spam", "spam/ham", "class"]),
    (
        "status",
        &["status", "comment_approved", "state", "approved"],
    ),
];

/// The names of all fields.
pub(super) fn names() -> String {
    FIELDS.map(|(name, _)| name).join(", ")
}

/// The names that commonly hold a field.
pub(super) fn usual(field: &str) -> &'static [&'static str] {
    FIELDS
        .iter()
        .find(|(name, _)| *name == field)
        .map_or(&[], |(_, names)| names)
}
