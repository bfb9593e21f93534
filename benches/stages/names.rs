//! The stages by name, in the order of a comment's way, and the sizes of texts: what the bench
//! measures and what the tables show.

/// A stage, and what is timed.
pub(crate) const STAGES: [(&str, &str); 13] = [
    (
        "decode form",
        "`verify-key` with the whole form of a comment: the router reads and decodes it, and judges nothing",
    ),
    (
        "normalise",
        "`text::normalize::normalize` of the text as it was sent",
    ),
    (
        "segment",
        "`text::read` of a text that is normal already: what is left is to cut it into words and addresses, and to name its language",
    ),
    (
        "read",
        "`text::read` of the text as it was sent: markup, addresses, and the two stages above",
    ),
    ("features", "`Features::of_reading`"),
    (
        "score",
        "`Model::score`, shipped model and a thousand labels; it collects the reasons on the way",
    ),
    (
        "explain",
        "`filter::place`: the words of the reasons are found in the text as it was sent",
    ),
    (
        "campaign",
        "`Sketch::of` and `Campaigns::observe`, in a memory that is full of others",
    ),
    ("record", "`Store::put_records`, 64 at a time, unsynced"),
    (
        "learn one label",
        "`Online::fold`, beside the shipped model: the label is counted in memory",
    ),
    (
        "group commit",
        "`Moderation::label` by 16 writers at once; each waits until its label is on the disk",
    ),
    (
        "undo",
        "`Labels::undo` of one label of a thousand; the other 999 are counted again, and its ruling is on the disk. Time is shared out over the thousand",
    ),
    (
        "router",
        "`comment-check`, the whole way without a socket, with a store in a temporary folder",
    ),
];

/// Bytes of the texts.
pub(crate) const SIZES: [usize; 3] = [60, 300, 3_000];

/// Nearly the longest text that is read whole; for disguises alone, where time might grow.
pub(crate) const LONGEST: usize = 30_000;
