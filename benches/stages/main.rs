//! Every stage of a check and of a label by itself: one function each, in the order of a comment's
//! way. `names` says what each one times. Texts of 60, 300 and 3,000 bytes, another one each time:
//! Vietnamese with marks and without, English, hostile.
//!
//! `cargo bench --bench stages -- normalise` measures one stage; `just stages` measures all, and
//! writes table and plot into docs/PERFORMANCE.md.

mod doors;
mod judging;
mod keeping;
mod measure;
mod names;
mod reading;

#[path = "../crowd/mod.rs"]
mod crowd;
#[path = "../server/mod.rs"]
mod server;
#[path = "../texts/mod.rs"]
mod texts;

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};

// What the binary allocates with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn quick() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(150))
        .measurement_time(Duration::from_millis(500))
}

/// For what waits for the disk, or takes milliseconds.
fn slow() -> Criterion {
    quick().sample_size(10)
}

criterion_group! {
    name = in_memory;
    config = quick();
    targets = doors::decode_form, reading::normalise, reading::segment, reading::read, judging::features, judging::score, judging::explain, judging::campaign, keeping::learn_one_label, doors::router
}
criterion_group! {
    name = on_disk;
    config = slow();
    targets = keeping::record, keeping::group_commit, keeping::undo
}
criterion_main!(in_memory, on_disk);
