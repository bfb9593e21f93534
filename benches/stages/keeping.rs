//! What a check leaves on the disk, and what a label does.

use std::sync::Arc;

use criterion::Criterion;
use phin::comment::{CommentId, SiteId};
use phin::features::{FEATURES_VERSION, Features, Outline};
use phin::filter;
use phin::learn::online::operator_events::OperatorEvents;
use phin::learn::online::{Effect, Online, RecordedLabels, SITE_LAYERS_BYTES, minhash};
use phin::model::Model;
use phin::model::counts::Counts;
use phin::model::layers::Live;
use phin::moderation::{Report, new_guid};
use phin::store::{Callback, LedgerEntry, Record, Selection, Sums};
use phin::verdict::Label;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::measure::{On, Texts, on_new};
use crate::server::{AT, Server, store};
use crate::texts;
use crate::texts::stream::{Kind, Stream};

fn site() -> SiteId {
    SiteId::parse("blog.example").expect("a site")
}

/// Spam and ham by turns.
fn label(n: usize) -> Label {
    [Label::Spam, Label::Ham][n % 2]
}

/// Records that are written together.
const RECORDS: usize = 64;

pub(crate) fn record(c: &mut Criterion) {
    let (model, nobody) = (Model::shipped(), Counts::default());
    let live = Live {
        shared: &nobody,
        site: None,
    };
    let record = |(n, text): (usize, String)| {
        let comment = texts::comment_of(&text, n);
        Record {
            guid: new_guid(),
            at: AT + n as i64,
            site: site(),
            assessment: filter::check(&model, &comment, live),
            comment,
            key: "bench".into(),
            callback: Callback::None,
            traces: None,
        }
    };
    on_new(
        c,
        ("record", RECORDS),
        On::All,
        |_, _| store(),
        |texts| -> Vec<Record> { texts.take(RECORDS).map(record).collect() },
        |(_, store), records| {
            let put = store.put_records(&records, &[], &Sums::default());
            put.expect("the disk takes them");
            records
        },
    );
}

/// The label of a text, as the server makes it.
fn entry((n, text): (usize, String)) -> LedgerEntry {
    let comment = texts::comment_of(&text, n);
    let features = Features::of(&comment);
    LedgerEntry {
        seq: n as u64 + 1,
        event: n as u64,
        at: AT,
        site: site(),
        comment: CommentId::of(&site(), &comment),
        label: label(n),
        machine: None,
        reporter: None,
        key_name: "bench".into(),
        features: features.ids(),
        features_version: FEATURES_VERSION,
        kind: None,
        outline: Outline::of(&features),
        shares: Default::default(),
        sketch: minhash::sketch(&features),
        checked: None,
    }
}

/// No label here takes an earlier one back.
#[derive(Debug)]
struct Nothing;

impl RecordedLabels for Nothing {
    fn label_at(&self, _: u64) -> Option<LedgerEntry> {
        None
    }
}

pub(crate) fn learn_one_label(c: &mut Criterion) {
    let model = Arc::new(Model::shipped());
    let open = |_, _| {
        let (model, events) = (Arc::clone(&model), OperatorEvents::default());
        Online::new(Arc::new(Nothing), model, events, SITE_LAYERS_BYTES)
    };
    on_new(
        c,
        ("learn one label", 1),
        On::All,
        open,
        |texts| entry(texts.next().expect("texts without end")),
        |online, entry| {
            assert_eq!(online.fold(&entry), Effect::Learnt);
            entry
        },
    );
}

fn several_threads() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .expect("a runtime")
}

/// Who labels at the same time.
const WRITERS: usize = 16;

fn reports(texts: Texts<'_>) -> Vec<Report> {
    let report = |(n, text): (usize, String)| Report {
        guid: None,
        site: site(),
        comment: texts::comment_of(&text, n),
        label: label(n),
        reporter: Some(format!("moderator {}", n % WRITERS)),
        kind: None,
        answers_audit: false,
    };
    texts.take(WRITERS).map(report).collect()
}

pub(crate) fn group_commit(c: &mut Criterion) {
    on_new(
        c,
        ("group commit", WRITERS),
        On::All,
        |_, _| (Server::open(store()), several_threads()),
        reports,
        |(server, runtime), reports| {
            let mut writers = JoinSet::new();
            for report in reports {
                let (moderation, admitted) = (Arc::clone(&server.moderation), server.admitted());
                let label = async move { moderation.label(&admitted, report).await };
                writers.spawn_on(label, runtime.handle());
            }
            for effect in runtime.block_on(writers.join_all()) {
                assert_eq!(effect.expect("the disk takes it"), Effect::Learnt);
            }
        },
    );
}

/// Labels in the ledger before one of them is undone.
const LABELS: usize = 1_000;

pub(crate) fn undo(c: &mut Criterion) {
    let open = |kind: Kind, bytes: usize| {
        let (folder, store) = store();
        let texts = Stream::of(kind, bytes).enumerate().take(LABELS);
        let entries: Vec<LedgerEntry> = texts.map(entry).collect();
        store.append(&entries).expect("the disk takes them");
        (Server::open((folder, store)), several_threads())
    };
    on_new(
        c,
        ("undo", LABELS),
        On::All,
        open,
        |texts| texts.next().expect("texts without end").0 as u64 + 1,
        |(server, runtime), seq| {
            let one = Selection {
                seqs: vec![seq],
                ..Selection::default()
            };
            let undone = runtime.block_on(server.moderation.labels.undo(one));
            undone.expect("there are more labels than undos")
        },
    );
}
