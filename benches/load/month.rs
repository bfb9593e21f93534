//! A month of four sites, in one process and a minute: 50,000 comments that no model has seen,
//! dressed as a blog sends them, two new campaigns, moderators who label two comments in a hundred
//! and are wrong in one label of twenty, and a retrain a week that has to pass the gate. Told week
//! by week, beside the model alone.
//!
//! `cargo run --release --example month -- CORPORA docs/month.svg`
//!
//! `... month -- CORPORA --develop ';strength=40;site=2,strength=20'`: the same on one half of the
//! training rows, with a model trained on the other half, once for each setting of the live layers
//! (`Influence`) and of the retrain (`AdaptConfig`): to choose by. No held-out row is read.
//!
//! Real comments: held-out rows of the corpora and of our own training data, some joined, some with
//! other digits. The campaigns are made up. Who labels what: a commenter whose comment disappeared
//! complains in one case of two, spam that stands is reported in one of two, then the queue of the
//! unsure, then whatever comes along, until two in a hundred of the day are labelled.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use phin::comment::{Comment, SiteId};
use phin::features::Features;
use phin::filter;
use phin::learn::evaluate::comparison::{Comparison, Pair};
use phin::learn::evaluate::gate::{Margins, decide};
use phin::learn::train::adapt::{AdaptConfig, retrain};
use phin::learn::train::catalogue::{Catalogue, HeldOut, TrainingExamples};
use phin::learn::train::corpus::{BadLines, Example, read_all};
use phin::learn::train::dress::{Wardrobe, dress};
use phin::learn::train::fit::{TrainConfig, prepare, train};
use phin::learn::train::from_ledger::Taking;
use phin::model::Model;
use phin::model::counts::Counts;
use phin::model::layers::Live;
use phin::moderation::{Admitted, Millis, Mode, Moderation, Options, Past, Report, Vouch};
use phin::store::Store;
use phin::verdict::{Label, Verdict};
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};

const DAYS: usize = 30;
const CHECKS: usize = 50_000;
/// Share of comments that are spam, campaigns apart.
const SPAM: f64 = 0.12;
/// People of one language who come again and again.
const REGULARS: usize = 60;
const LABELLED: f64 = 0.02;
const WRONG: f64 = 0.05;
const DAY: Millis = 86_400_000;
/// 1 November 2026.
const FIRST_DAY: Millis = 1_793_491_200_000;

static NOW: AtomicI64 = AtomicI64::new(FIRST_DAY);

fn now() -> Millis {
    NOW.load(Ordering::Relaxed)
}

/// The words of a campaign: a beginning, a middle and an end, each in some variants.
struct Campaign {
    name: &'static str,
    vietnamese: bool,
    days: std::ops::Range<usize>,
    a_day: usize,
    parts: [&'static [&'static str]; 3],
}

const CAMPAIGNS: [Campaign; 2] = [
    Campaign {
        name: "leaves",
        vietnamese: true,
        days: 9..16,
        a_day: 45,
        parts: [
            &[
                "Trước em cũng bị nám như chị,",
                "Da em hồi đó xấu lắm,",
                "Ai từng khổ vì mụn như mình thì hiểu,",
            ],
            &[
                "may nhờ bài lá của bà Sáu ở Bến Tre mà giờ hết hẳn,",
                "được bà Sáu Bến Tre chỉ cho nắm lá uống nửa tháng là khỏi,",
                "uống lá bà Sáu gửi từ Bến Tre lên, mười ngày thấy khác liền,",
            ],
            &[
                "chị nào cần em xin giúp cho.",
                "ai hỏi thì mình chỉ chỗ, không lấy tiền đâu.",
                "cứ nhắn em dẫn tới gặp bà.",
            ],
        ],
    },
    Campaign {
        name: "copper",
        vietnamese: false,
        days: 19..27,
        a_day: 40,
        parts: [
            &[
                "My cousin had the same pain for years,",
                "I could not lift my arm last winter,",
                "Doctors told my father to live with it,",
            ],
            &[
                "then she tried the copper band from the small shop in Harrow",
                "until a friend gave me one of the copper bands they make in Harrow",
                "and the copper band from Harrow took it away within a week",
            ],
            &[
                "and now sleeps through the night. Ask me which one.",
                "- I can tell you whom to write to.",
                "and people here keep asking me where to get one.",
            ],
        ],
    },
];

/// A site and the language of its readers.
const SITES: [(&str, bool); 4] = [
    ("http://bep-nha.example", true),
    ("http://xe-may.example", true),
    ("http://garden.example", false),
    ("http://strings.example", false),
];

/// Comments that no model has seen, by language and label.
struct Stock {
    rows: [[Vec<Example>; 2]; 2],
    /// Who comes again and again, by language.
    regulars: [Vec<Comment>; 2],
    /// Comments that are never sent, a third of them: the gate compares models on them.
    gate: Vec<Example>,
}

/// Which comments of the corpora are sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// Those that no model learns from.
    HeldOut,
    /// One half of those that models learn from.
    Development,
}

impl Rows {
    fn take(self, example: &Example) -> bool {
        match self {
            Self::HeldOut => example.is_held_out(),
            Self::Development => !example.is_held_out() && example.skeleton() % 2 == 1,
        }
    }
}

/// A model of the other half.
fn other_half(corpora: &std::path::Path) -> Model {
    let training = std::path::Path::new("training-data");
    let lesson =
        TrainingExamples::gather(training, Some(corpora), HeldOut::LeaveOut, 1).expect("a lesson");
    let quietly = &|_: &str, _, _| {};
    let (rows, kinds) = prepare(&lesson.examples, |at| lesson.meta(at), quietly);
    let half = rows.iter().filter(|row| row.skeleton % 2 == 0);
    let trained = train(half, &kinds, &TrainConfig::default(), Vec::new(), quietly);
    trained.expect("both labels are there").model
}

impl Stock {
    fn read(corpora: &std::path::Path, which: Rows) -> Self {
        let training = std::path::Path::new("training-data");
        let catalogue = Catalogue::read(&training.join("corpora.toml")).expect("the catalogue");
        let mut rows: [[Vec<Example>; 2]; 2] = Default::default();
        let mut gate = Vec::new();
        let mut take = |vietnamese: bool, example: Example| {
            let Some(label) = example.label.filter(|_| which.take(&example)) else {
                return;
            };
            if example.skeleton().is_multiple_of(3) {
                gate.push(example);
            } else {
                rows[usize::from(vietnamese)][label as usize].push(example);
            }
        };
        for (name, vietnamese) in [
            ("vi_victsd", true),
            ("vi_aivivn", true),
            ("vi_smishing", true),
            ("reddit_goemotions", false),
            ("blog_haacked", false),
            ("youtube_spam_uci", false),
            ("sms_spam_uci", false),
            ("wp_comments", false),
            ("blog_queues", false),
        ] {
            let path = corpora.join(format!("{name}.jsonl.gz"));
            let corpus = catalogue.corpus(name).expect("it is in the catalogue");
            for row in read_all(&path, BadLines::Refuse).expect("the corpus can be read") {
                if let Some(row) = corpus.clean(row) {
                    take(vietnamese, row);
                }
            }
        }
        let own =
            TrainingExamples::gather(training, None, HeldOut::Keep, 1).expect("our own comments");
        for row in own.examples {
            take(row.lang.as_deref() == Some("vi"), row);
        }
        let mut random = StdRng::seed_from_u64(60);
        let regulars = [false, true].map(|vietnamese| {
            let honest = &rows[usize::from(vietnamese)][Label::Ham as usize];
            let honest = honest.choose_multiple(&mut random, REGULARS);
            let honest: Vec<&Example> = honest.collect();
            let people = honest.into_iter().map(|row| dressed(row, &mut random));
            people.collect()
        });
        Self {
            rows,
            regulars,
            gate,
        }
    }

    /// A comment as a blog sends it: one as it is, or two joined; spam with digits of its own. Half
    /// of what is honest is written by regulars.
    fn draw(&self, vietnamese: bool, label: Label, random: &mut StdRng) -> Comment {
        let rows = &self.rows[usize::from(vietnamese)][label as usize];
        let mut one = rows.choose(random).expect("there are comments").clone();
        let text = &mut one.comment.text;
        if label == Label::Spam {
            *text = with_other_digits(text, random);
        } else if random.random_bool(0.4) {
            let other = rows.choose(random).expect("there are comments");
            *text = format!("{text} {}", other.comment.text);
        }
        let mut sent = dressed(&one, random);
        if label == Label::Ham && random.random_bool(0.5) {
            let regulars = &self.regulars[usize::from(vietnamese)];
            let regular = regulars.choose(random).expect("there are regulars");
            sent.author = regular.author.clone();
            sent.request = regular.request.clone();
        }
        sent
    }
}

fn with_other_digits(text: &str, random: &mut StdRng) -> String {
    text.chars()
        .map(|c| match c {
            '0'..='9' => char::from(b'0' + random.random_range(0..10_u8)),
            other => other,
        })
        .collect()
}

/// A row with every field a blog sends.
fn dressed(row: &Example, random: &mut StdRng) -> Comment {
    dress(row, Wardrobe::Judging, u64::from(random.random::<u32>())).comment
}

/// One comment of the month.
struct Sent {
    site: usize,
    comment: Comment,
    truth: Label,
    campaign: Option<usize>,
}

/// A comment of a campaign, by somebody new.
fn of_campaign(text: String, vietnamese: bool, random: &mut StdRng) -> Comment {
    let row = Example {
        lang: Some(if vietnamese { "vi" } else { "en" }.into()),
        label: Some(Label::Spam),
        comment: Comment::from_text(text),
        ..Example::default()
    };
    dressed(&row, random)
}

fn day(number: usize, stock: &Stock, random: &mut StdRng) -> Vec<Sent> {
    let mut sent = Vec::new();
    for (at, campaign) in CAMPAIGNS.iter().enumerate() {
        if campaign.days.contains(&number) {
            for _ in 0..campaign.a_day {
                let words = campaign
                    .parts
                    .map(|part| *part.choose(random).expect("words"));
                let sites = SITES.iter().enumerate();
                let sites = sites.filter(|(_, (_, vi))| *vi == campaign.vietnamese);
                let sites: Vec<usize> = sites.map(|(site, _)| site).collect();
                sent.push(Sent {
                    site: *sites.choose(random).expect("a site"),
                    comment: of_campaign(words.join(" "), campaign.vietnamese, random),
                    truth: Label::Spam,
                    campaign: Some(at),
                });
            }
        }
    }
    while sent.len() < CHECKS / DAYS + usize::from(number < CHECKS % DAYS) {
        let site = random.random_range(0..SITES.len());
        let truth = if random.random_bool(SPAM) {
            Label::Spam
        } else {
            Label::Ham
        };
        let comment = stock.draw(SITES[site].1, truth, random);
        sent.push(Sent {
            site,
            comment,
            truth,
            campaign: None,
        });
    }
    sent.shuffle(random);
    sent
}

/// Counts of verdicts on the comments of one span of time.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    ham: u32,
    spam: u32,
    false_positives: u32,
    missed: u32,
    unsure: u32,
    of_campaigns: u32,
    missed_of_campaigns: u32,
}

impl Tally {
    fn note(&mut self, sent: &Sent, verdict: Verdict) {
        let is_spam = sent.truth == Label::Spam;
        let let_through = verdict.side() == Some(Label::Ham);
        self.spam += u32::from(is_spam);
        self.ham += u32::from(!is_spam);
        self.unsure += u32::from(verdict == Verdict::Unsure);
        self.false_positives += u32::from(!is_spam && verdict.side() == Some(Label::Spam));
        self.missed += u32::from(is_spam && let_through);
        if sent.campaign.is_some() {
            self.of_campaigns += 1;
            self.missed_of_campaigns += u32::from(let_through);
        }
    }

    fn add(&mut self, other: Self) {
        self.ham += other.ham;
        self.spam += other.spam;
        self.false_positives += other.false_positives;
        self.missed += other.missed;
        self.unsure += other.unsure;
        self.of_campaigns += other.of_campaigns;
        self.missed_of_campaigns += other.missed_of_campaigns;
    }

    fn false_positive_share(&self) -> f64 {
        f64::from(self.false_positives) / f64::from(self.ham.max(1))
    }

    fn missed_share(&self) -> f64 {
        f64::from(self.missed) / f64::from(self.spam.max(1))
    }
}

/// Which comments of a day are labelled: indices, in the order they are said.
fn labelled(sent: &[Sent], verdicts: &[Verdict], random: &mut StdRng) -> Vec<usize> {
    let wanted = (sent.len() as f64 * LABELLED).round() as usize;
    let is_mistake = |at: usize| verdicts[at].side() == Some(sent[at].truth.opposite());
    let mut mistakes: Vec<usize> = (0..sent.len())
        .filter(|&at| is_mistake(at))
        .filter(|_| random.random_bool(0.5))
        .collect();
    let mut unsure: Vec<usize> = (0..sent.len())
        .filter(|&at| verdicts[at] == Verdict::Unsure)
        .collect();
    let mut rest: Vec<usize> = (0..sent.len()).collect();
    for list in [&mut mistakes, &mut unsure, &mut rest] {
        list.shuffle(random);
    }
    let mut chosen: Vec<usize> = Vec::new();
    for at in mistakes.into_iter().chain(unsure).chain(rest) {
        if chosen.len() == wanted {
            break;
        }
        if !chosen.contains(&at) {
            chosen.push(at);
        }
    }
    chosen
}

/// The model of the labels so far, and what the gate says of it.
fn candidate(
    moderation: &Moderation,
    stock: &Stock,
    from: &Model,
    pulling: &AdaptConfig,
) -> (Model, Result<(), String>) {
    let export = moderation.transfer.export().expect("can be read");
    let past = Past::of(export.map(|line| line.expect("whole")));
    let lessons = past
        .lessons(0.1, Taking::default())
        .expect("our own labels");
    let quietly = &|_: &str, _, _| {};
    let trained = retrain(from, &lessons, pulling, quietly).expect("there are labels");
    let live = moderation.models.model();
    let models = [&*live, &trained.model];
    let mut pairs: Vec<Pair> = Vec::new();
    for row in &stock.gate {
        let label = row.label.expect("labelled");
        let features = Features::of(&row.comment);
        pairs.push(Pair::of(models, &features, label, None, None));
    }
    for said in past.fresh(trained.model.card.ledger_seq).labels {
        let site = Some(said.site.as_str());
        pairs.push(Pair::of(models, &said.features, said.label, site, site));
    }
    let margins = Margins::default();
    let comparison = Comparison::of("live", "candidate", &pairs, margins.least);
    let decided = decide(&comparison, &margins).map_err(|refusal| refusal.to_string());
    (trained.model, decided)
}

async fn month(stock: &Stock, model: &Model, pulling: &AdaptConfig) -> [Vec<Tally>; 2] {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), 64 << 20).expect("an empty store");
    let moderation =
        Moderation::open(model.clone(), store, now, Options::default(), |_| {}).expect("opens");
    let moderation = Arc::new(moderation);
    let keys: Vec<Admitted> = SITES
        .iter()
        .enumerate()
        .map(|(at, (site, _))| {
            let made = moderation
                .accounts
                .create_key(site, Some(format!("0000000000{at:02}")));
            let key = made.expect("a key");
            moderation.accounts.admit(Some(&key.secret)).expect("good")
        })
        .collect();
    // The operator runs the first two sites himself.
    for (site, _) in &SITES[..2] {
        moderation
            .labels
            .vouch(site, Vouch::For)
            .await
            .expect("ruled");
    }
    let sites = SITES.map(|(site, _)| SiteId::parse(site).expect("a site"));
    let mut random = StdRng::seed_from_u64(2026);
    // A random source of its own, so that the same comments come whatever their verdicts are.
    let mut moderators = StdRng::seed_from_u64(7);
    let (mut with, mut without) = (Vec::new(), Vec::new());
    let nobody = Counts::default();
    let silent = Live {
        shared: &nobody,
        site: None,
    };
    let (mut labels, mut wrong) = (0, 0);
    for number in 0..DAYS {
        let sent = day(number, stock, &mut random);
        let (mut ours, mut theirs) = (Tally::default(), Tally::default());
        let mut verdicts = Vec::with_capacity(sent.len());
        let mut guids = Vec::with_capacity(sent.len());
        for (at, one) in sent.iter().enumerate() {
            NOW.store(
                FIRST_DAY + number as i64 * DAY + at as i64 * DAY / sent.len() as i64,
                Ordering::Relaxed,
            );
            let checked = moderation.check(
                &keys[one.site],
                &sites[one.site],
                one.comment.clone(),
                Mode::Live,
                None,
            );
            ours.note(one, checked.assessment.verdict);
            theirs.note(one, filter::check(model, &one.comment, silent).verdict);
            verdicts.push(checked.assessment.verdict);
            guids.push(checked.guid);
        }
        for at in labelled(&sent, &verdicts, &mut moderators) {
            let one = &sent[at];
            let is_wrong = moderators.random_bool(WRONG);
            let report = Report {
                guid: Some(guids[at].clone()),
                site: sites[one.site].clone(),
                comment: one.comment.clone(),
                label: if is_wrong {
                    one.truth.opposite()
                } else {
                    one.truth
                },
                reporter: Some("moderator".into()),
                kind: None,
                answers_audit: false,
            };
            labels += 1;
            wrong += u32::from(is_wrong);
            moderation
                .label(&keys[one.site], report)
                .await
                .expect("taken");
        }
        with.push(ours);
        without.push(theirs);
        if number % 7 == 6 {
            let (mut candidate, decided) = candidate(&moderation, stock, model, pulling);
            candidate.card.id = format!("week-{}", number / 7 + 1);
            match decided {
                Ok(()) => {
                    eprintln!("day {}: {} judges", number + 1, candidate.card.id);
                    let swapped = moderation.models.swap(Arc::new(candidate)).await;
                    swapped.expect("swapped");
                }
                Err(why) => eprintln!("day {}: {why}", number + 1),
            }
        }
    }
    eprintln!("{labels} labels, {wrong} of them wrong");
    moderation.close().expect("everything is written down");
    [with, without]
}

fn weeks(days: &[Tally]) -> Vec<Tally> {
    days.chunks(7).map(summed).collect()
}

fn summed(days: &[Tally]) -> Tally {
    let mut sum = Tally::default();
    days.iter().for_each(|day| sum.add(*day));
    sum
}

fn set(model: &mut Model, pulling: &mut AdaptConfig, setting: &str) {
    for pair in setting.split(',').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').expect("name=value");
        let value: f64 = value.parse().expect("a number");
        let influence = &mut model.settings.influence;
        match name {
            "strength" => influence.base_strength = value,
            "shared" => influence.shared_label = value,
            "site" => influence.site_label = value,
            "alpha" => influence.alpha = value,
            "scale" => influence.scale = value,
            "belief" => influence
                .belief
                .iter_mut()
                .for_each(|belief| *belief *= value),
            "cost" => pulling.cost = value,
            "firmness" => pulling.half_variance_at = value,
            "everywhere" => pulling.everywhere = value as f32,
            other => panic!("no setting {other}"),
        }
    }
}

fn main() {
    let mut args = std::env::args().skip(1);
    let corpora = args.next().expect("the folder of the corpora");
    let corpora = std::path::Path::new(&corpora);
    let picture = args.next();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    if picture.as_deref() == Some("--develop") {
        let (stock, base) = (Stock::read(corpora, Rows::Development), other_half(corpora));
        for setting in args.next().unwrap_or_default().split(';') {
            let (mut model, mut pulling) = (base.clone(), AdaptConfig::default());
            set(&mut model, &mut pulling, setting);
            println!("\n{setting}");
            tell(&runtime.block_on(month(&stock, &model, &pulling)));
        }
        return;
    }
    let stock = Stock::read(corpora, Rows::HeldOut);
    let days = runtime.block_on(month(&stock, &Model::shipped(), &AdaptConfig::default()));
    tell(&days);
    for campaign in &CAMPAIGNS {
        eprintln!(
            "campaign {}: days {} to {}, {} a day",
            campaign.name,
            campaign.days.start + 1,
            campaign.days.end,
            campaign.a_day
        );
    }
    if let Some(path) = picture {
        let [with, without] = &days;
        let picture = month_plot::draw(with, without);
        std::fs::write(&path, picture).expect("the picture can be written");
    }
}

fn tell([with, without]: &[Vec<Tally>; 2]) {
    println!(
        "| week | ham | spam | false positives | model alone | missed spam | model alone | unsure | campaigns missed | model alone |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    let rows = weeks(with).into_iter().zip(weeks(without));
    let names = (1..).map(|week: usize| week.to_string());
    let rows = names.zip(rows);
    let month = ("all".to_owned(), (summed(with), summed(without)));
    for (name, (ours, theirs)) in rows.chain([month]) {
        let percent = |share: f64| format!("{:.2} %", 100.0 * share);
        let of = |tally: &Tally| format!("{} of {}", tally.missed_of_campaigns, tally.of_campaigns);
        println!(
            "| {name} | {} | {} | {} ({}) | {} ({}) | {} ({}) | {} ({}) | {:.1} % | {} | {} |",
            ours.ham,
            ours.spam,
            ours.false_positives,
            percent(ours.false_positive_share()),
            theirs.false_positives,
            percent(theirs.false_positive_share()),
            ours.missed,
            percent(ours.missed_share()),
            theirs.missed,
            percent(theirs.missed_share()),
            100.0 * f64::from(ours.unsure) / f64::from(ours.ham + ours.spam),
            of(&ours),
            of(&theirs),
        );
    }
}

/// Missed spam by day, with labels and without.
mod month_plot {
    use plotters::prelude::*;

    use super::{CAMPAIGNS, DAYS, Tally};

    const OURS: RGBColor = RGBColor(0x3b, 0x8f, 0xd1);
    const THEIRS: RGBColor = RGBColor(0xd9, 0x66, 0x1f);
    const INK: RGBColor = RGBColor(0x88, 0x88, 0x88);

    pub(super) fn draw(with: &[Tally], without: &[Tally]) -> String {
        let mut svg = String::new();
        {
            let canvas = SVGBackend::with_string(&mut svg, (900, 640)).into_drawing_area();
            let panels = canvas.split_evenly((2, 1));
            panel(
                &panels[0],
                "missed spam, % of the day's spam",
                with,
                without,
                Tally::missed_share,
            );
            panel(
                &panels[1],
                "false positives, % of the day's honest comments",
                with,
                without,
                Tally::false_positive_share,
            );
            canvas.present().expect("the picture can be drawn");
        }
        svg
    }

    fn panel(
        area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
        title: &str,
        with: &[Tally],
        without: &[Tally],
        share: fn(&Tally) -> f64,
    ) {
        let percents = |days: &[Tally]| -> Vec<(f64, f64)> {
            let days = days.iter().enumerate();
            days.map(|(at, day)| (at as f64 + 1.0, 100.0 * share(day)))
                .collect()
        };
        let (with, without) = (percents(with), percents(without));
        let most = with.iter().chain(&without).map(|p| p.1).fold(0.1, f64::max) * 1.1;
        let mut chart = ChartBuilder::on(area)
            .caption(title, ("sans-serif", 20, &INK))
            .margin(12)
            .x_label_area_size(34)
            .y_label_area_size(52)
            .build_cartesian_2d(1.0..DAYS as f64, 0.0..most)
            .expect("a chart");
        chart
            .configure_mesh()
            .disable_x_mesh()
            .x_desc("day")
            .x_labels(10)
            .x_label_formatter(&|x| format!("{x:.0}"))
            .axis_style(INK)
            .light_line_style(TRANSPARENT)
            .bold_line_style(INK.mix(0.3))
            .label_style(("sans-serif", 16, &INK))
            .draw()
            .expect("axes");
        for campaign in &CAMPAIGNS {
            let (from, to) = (campaign.days.start as f64 + 1.0, campaign.days.end as f64);
            let span = Rectangle::new([(from, 0.0), (to, most)], INK.mix(0.12).filled());
            chart.draw_series([span]).expect("a campaign");
        }
        for (days, colour, name) in [
            (without, THEIRS, "the model alone"),
            (with, OURS, "with labels"),
        ] {
            chart
                .draw_series(LineSeries::new(days, colour.stroke_width(3)))
                .expect("a line")
                .label(name)
                .legend(move |(x, y)| {
                    PathElement::new([(x, y), (x + 20, y)], colour.stroke_width(3))
                });
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .label_font(("sans-serif", 16, &INK))
            .draw()
            .expect("a legend");
    }
}
