//! The names of all tasks, with a line about each. It runs none of them.

/// All tasks with what each is, in the order of the report: those on whole checks first, for they
/// say what a blog will see. One more, `choosing`, judges training parts alone: to choose a
/// configuration by.
pub const TASKS: [(&str, &str); 21] = [
    (
        "ham",
        "held-out honest comments, dressed three times: called spam, unsure",
    ),
    (
        "fields",
        "honest comments with one field at a time set to each value of the dressing table",
    ),
    ("caught", "held-out spam, dressed; Vietnamese spam apart"),
    (
        "blogs",
        "whole blogs left out of training in five folds, each judged as recorded and dressed",
    ),
    (
        "blogs-live",
        "each blog in time order, only mistakes and unsure labelled",
    ),
    (
        "history",
        "a blog's whole past imported, then its next comments and honest guests",
    ),
    (
        "balance",
        "learning curves of three blogs by spam labels to one ham label, from 1:1 to 50:1",
    ),
    (
        "neighbours",
        "honest comments beside one that was rightly labelled spam",
    ),
    (
        "cases",
        "cases from public reports, with their own browser and with Chrome",
    ),
    (
        "calibration",
        "whether probabilities are shares, on held-out rows and on blogs left out",
    ),
    ("evasion", "held-out rows under each attack, dressed"),
    (
        "transfer",
        "each spam corpus by a model that never saw it, dressed",
    ),
    ("youtube", "four videos teach, the fifth judges (UCI 380)"),
    (
        "vispamreviews",
        "its own split: train and dev teach, test judges",
    ),
    ("sms", "five folds by text (UCI 228)"),
    (
        "stream-youtube",
        "from nothing, each comment judged, then learnt",
    ),
    (
        "stream-vi",
        "the same: Vietnamese scams among readers' comments",
    ),
    ("stream-wp", "the same: comment queues of WordPress sites"),
    (
        "learning",
        "errors after so many labels: from nothing, a model alone, all layers",
    ),
    (
        "campaigns",
        "a day of honest comments and campaigns on forty sites",
    ),
    (
        "categories",
        "whether our own held-out spam is called what it advertises",
    ),
];

/// Their names.
pub fn names() -> impl Iterator<Item = &'static str> {
    TASKS.into_iter().map(|(name, _)| name)
}
