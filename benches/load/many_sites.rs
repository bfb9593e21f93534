//! How much memory many labelled sites take, and how long the ledger takes to fold: `cargo run
//! --release --example many_sites -- SITES LABELS_EACH [LAYERS_MB [1]]`; with the 1, all labels
//! come with a key that is vouched for, so that all sites learn all of them.
//!
//! Real comments of our own, each made another by a number, are labelled on every site with a key
//! of its own; the ledger is on disk, the layers are opened from it, every site is checked once,
//! and one label is undone.

use std::sync::Arc;
use std::time::Instant;

use phin::comment::{Comment, CommentId, SiteId};
use phin::features::{FEATURES_VERSION, Features};
use phin::filter;
use phin::learn::online::Online;
use phin::learn::online::minhash;
use phin::learn::online::operator_events::OperatorEvents;
use phin::learn::online::realm::Realm;
use phin::learn::train::corpus::{BadLines, Example, read_all};
use phin::model::Model;
use phin::store::{LedgerEntry, Ruled, Ruling, Selection, Store};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Memory of this process that is in use, in megabytes, now and at most.
fn resident_mb() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find_map(|l| l.strip_prefix(name));
        let kb = line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
        kb.unwrap_or(0) / 1_024
    };
    (of("VmRSS:"), of("VmHWM:"))
}

fn main() {
    let mut numbers = std::env::args()
        .skip(1)
        .map(|n| n.parse::<usize>().expect("a number"));
    let (sites, each) = (
        numbers.next().expect("SITES"),
        numbers.next().expect("LABELS_EACH"),
    );
    let layers_mb = numbers.next().unwrap_or(256);
    let vouched = numbers.next().is_some();
    let mut rows: Vec<Example> = Vec::new();
    for file in [
        "en/ham-more",
        "en/spam-more",
        "vi/ham-more",
        "vi/spam-more",
        "en/ham-hard",
        "vi/spam-goods",
    ] {
        let path = format!("training-data/{file}.jsonl");
        rows.extend(read_all(path.as_ref(), BadLines::Refuse).expect("our own comments"));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let store = Arc::new(Store::open(folder.path(), 64 << 20).expect("a store"));
    let site = |n: usize| SiteId::parse(&format!("site{n}.example")).expect("a site");
    let all = sites * each;
    let mut batch = Vec::new();
    let mut features = 0;
    for n in 0..all {
        // All sites in turn, as if all were busy at once.
        let row = &rows[(n * 31 + n / sites) % rows.len()];
        let comment = Comment {
            text: format!("{} {n} w{} w{}", row.comment.text, n / 3, n % 977),
            ..row.comment.clone()
        };
        let of = Features::of(&comment);
        let ids = of.ids();
        features += ids.len();
        batch.push(LedgerEntry {
            seq: n as u64 + 1,
            event: n as u64 + 1,
            at: 0,
            comment: CommentId(n as u64),
            site: site(n % sites),
            label: row.label.expect("labelled"),
            machine: None,
            reporter: Some("moderator".into()),
            key_name: if vouched {
                "operator".to_owned()
            } else {
                format!("key{}", n % sites)
            },
            sketch: minhash::sketch(&of),
            checked: None,
            features: ids,
            features_version: FEATURES_VERSION,
            kind: None,
            outline: Default::default(),
            shares: Default::default(),
        });
        if batch.len() == 5_000 || n + 1 == all {
            store.append(&batch).expect("appends");
            batch.clear();
        }
    }
    println!(
        "{all} labels of {sites} sites, {} features each on average; {} MB so far",
        features / all,
        resident_mb().0
    );
    drop(rows);
    let model = Arc::new(Model::shipped());
    let online = Online::new(
        Arc::<Store>::clone(&store),
        Arc::clone(&model),
        OperatorEvents::of(&[vouch()]),
        layers_mb << 20,
    );
    let began = Instant::now();
    let fold = |online: &Online| {
        for entry in store.ledger(0) {
            online.fold(&entry.expect("whole"));
        }
    };
    fold(&online);
    println!(
        "folded in {:.1?}; {:?} MB (now, most)",
        began.elapsed(),
        resident_mb()
    );
    let probe = Features::of(&Comment::from_text(
        "Thanks, this helped me a lot. Vay tiền nhanh zalo 0912000345",
    ));
    let mut longest = std::time::Duration::ZERO;
    let began = Instant::now();
    for n in 0..sites {
        let one = Instant::now();
        let assessment = online.with_live(&Realm::of_site(&site(n)), |model, live| {
            filter::assess(model, &probe, live)
        });
        assert!(assessment.carried.site > 0.0);
        longest = longest.max(one.elapsed());
    }
    println!(
        "every site checked once in {:.1?} ({:.2?} each, the slowest {:.2?}), its layer read from disk; {} MB of layers, {:?} MB (now, most)",
        began.elapsed(),
        began.elapsed() / sites as u32,
        longest,
        online.layers_bytes() >> 20,
        resident_mb()
    );
    let began = Instant::now();
    let undo = ruling(Ruled::Undo {
        chosen: Selection::default(),
        events: (1..=100).map(|n| n * 7 % all as u64).collect(),
    });
    let rulings = OperatorEvents::of(&[vouch(), undo]);
    let without = online
        .under(Arc::clone(&model), rulings, store.ledger(0))
        .expect("whole");
    online.adopt(without);
    println!(
        "a hundred labels undone in {:.1?}; {:?} MB (now, most)",
        began.elapsed(),
        resident_mb()
    );
}

fn ruling(ruled: Ruled) -> Ruling {
    Ruling {
        seq: 0,
        event: 0,
        at: 0,
        ruled,
    }
}

fn vouch() -> Ruling {
    ruling(Ruled::Vouch {
        key_name: "operator".to_owned(),
    })
}
