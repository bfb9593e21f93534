//! A reading in, the language of its text out: Vietnamese, English, another one, or undetermined.
//! Never fails; a text of any length costs the same.
//!
//! Vietnamese is recognised by its spelling: by letters that no other language has, or else by its
//! syllables. Nearly all words of a Vietnamese text could be syllables, and about a third of those
//! of an English one (docs/DECISIONS.md, "Vietnamese without tone marks is recognised by its
//! spelling"). English is recognised by its most frequent words. The rest goes to whatlang with all
//! its languages, and its answer counts where it is sure.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use whatlang::Lang;

use super::language::{Code, Language};
use super::latin_languages::Likeliest;
use super::lexicon::Lexicon;
use super::reading::Reading;
use super::token::TokenKind;
use super::vietnamese::is_syllable;

/// Syllables frequent in Vietnamese without marks and rare in English, for texts too short for
/// trigrams.
const VIETNAMESE_SYLLABLES: [&str; 72] = [
    "khong", "nhe", "cua", "nhung", "duoc", "nguoi", "minh", "vay", "tien", "nay", "voi", "cam",
    "anh", "chi", "em", "ban", "nao", "roi", "lam", "biet", "thi", "cung", "qua", "hay", "dep",
    "mua", "gia", "bai", "viet", "cho", "xin", "hoi", "oi", "ne", "nha", "vui", "dang", "ko", "dc",
    "dk", "mn", "ae", "bn", "mk", "ntn", "sdt", "ib", "hok", "thanh", "nhanh", "uy", "tin", "lien",
    "he", "ngay", "gi", "day", "kia", "chua", "nhieu", "moi", "nghi", "that", "vo", "thoi", "luon",
    "chu", "deu", "sao", "nhi", "ad", "shop",
];

/// Words frequent in English comments.
const ENGLISH_WORDS: &str = "the and is are you your this that it its for of to with have has had not but they them what how from my i we was were be been would can \
    could should just like about there here thanks thank thx great post article blog nice good love very really please one all more some out up \
    get got know think who why when where which will if or at by his her he she their our us i'm im i've don't dont can't cant it's that's \
    thats doesn't didn't isn't you're in on an does did than then because into over after only also any too now new best check click visit site \
    website free first awesome amazing excellent cool video page read want need way time people make made work works see say said much many \
    well even other most never always still back help try use using let go going yes yeah lol wow haha god omg man guys hello hi hey sorry \
    agree right wrong true same happy sad hope feel look looks thought sure nothing something anything everyone someone down off again";

/// Words frequent in other languages in which comments are written, without marks and not frequent
/// in English. They tell at once what takes whatlang half a millisecond.
const OTHER_WORDS: [(&str, &str); 9] = [
    (
        "id",
        "yang dan ini itu untuk dengan tidak saya kami anda dari pada akan juga sudah bisa aku kamu gak nggak banget terima kasih sangat bagus judi orang kalau lebih karena seperti atau",
    ),
    (
        "fr",
        "le les des est une dans pour pas vous nous avec sur cette tres merci je suis sont mais bonjour votre aussi fait etait tout ou qui",
    ),
    (
        "pt",
        "nao voce muito obrigado uma sao isso meu minha fazer tem pelo pela foi ele ela aqui bom estou seu sua eu os um",
    ),
    (
        "es",
        "el los las muy gracias pero este del mi hola tiene donde cuando bueno para por esta es una con",
    ),
    (
        "de",
        "und der das ist nicht ich ein eine mit auf sie wir auch von zu den dem wie sehr danke aber",
    ),
    (
        "it",
        "il che della per non sono questo grazie molto anche come piu gli nel di",
    ),
    ("nl", "het een van niet ik zijn voor maar ook deze bedankt"),
    ("pl", "nie jest na ale jak dla bardzo tego czy"),
    ("tr", "bir ve bu icin cok degil ile tesekkurler"),
];

/// The languages in which a word is frequent.
#[derive(Debug, Clone, Copy, Default)]
struct Frequent {
    in_vietnamese: bool,
    in_english: bool,
    /// Its first language in `OTHER_WORDS`.
    in_other: Option<u8>,
}

/// All of these words in one table: one look-up tells what is known of a word.
static FREQUENT: LazyLock<Lexicon<Frequent>> = LazyLock::new(|| {
    let mut words: BTreeMap<&'static str, Frequent> = BTreeMap::new();
    for syllable in VIETNAMESE_SYLLABLES {
        words.entry(syllable).or_default().in_vietnamese = true;
    }
    for word in ENGLISH_WORDS.split_whitespace() {
        words.entry(word).or_default().in_english = true;
    }
    for (at, (_, of_language)) in OTHER_WORDS.iter().enumerate() {
        for word in of_language.split_whitespace() {
            let word = words.entry(word).or_default();
            word.in_other.get_or_insert(at as u8);
        }
    }
    let words: Vec<_> = words.into_iter().collect();
    Lexicon::new(&words)
});

static VIETNAMESE_OR_ENGLISH: LazyLock<whatlang::Detector> =
    LazyLock::new(|| whatlang::Detector::with_allowlist(TWO.to_vec()));

const TWO: [Lang; 2] = [Lang::Vie, Lang::Eng];

/// Number of words that are looked at.
const MOST_WORDS: u32 = 40;

/// Bytes of text that whatlang gets: more does not make its answers surer, and it is slow.
const SAMPLE_BYTES: usize = 300;

/// The confidence of whatlang, 0 to 1, from which on its answer counts. Its own limit (.9) leaves
/// four fifths of id_judol undetermined. With these, of 87,000 English rows (reddit_goemotions,
/// blog_haacked, news_ucc) some 60 are taken for another language, most of them rightly.
const SURE_LATIN: f64 = 0.5;
const SURE_ELSEWHERE: f64 = 0.2;

/// Counts of a text's first words.
#[derive(Default)]
struct Words {
    all: u32,
    /// Words spelt as a Vietnamese syllable could be.
    possible: u32,
    /// Frequent Vietnamese syllables without marks.
    vietnamese: u32,
    /// Frequent English words.
    english: u32,
    /// Frequent English words that are no Vietnamese syllables.
    english_only: u32,
    /// Frequent words of each of `OTHER_WORDS`.
    others: [u32; OTHER_WORDS.len()],
}

impl Words {
    fn of(reading: &Reading) -> Self {
        let mut words = Self::default();
        for word in reading.folded.split(' ').filter(|word| !word.is_empty()) {
            if words.all == MOST_WORDS {
                break;
            }
            words.all += 1;
            let frequent = FREQUENT.get(word).unwrap_or_default();
            let (is_known, is_english) = (frequent.in_vietnamese, frequent.in_english);
            let is_possible = is_known || is_syllable(word);
            words.vietnamese += u32::from(is_known);
            words.possible += u32::from(is_possible);
            words.english += u32::from(is_english);
            words.english_only += u32::from(is_english && !is_possible);
            if !is_english && let Some(other) = frequent.in_other {
                words.others[usize::from(other)] += 1;
            }
        }
        words
    }
}

impl Words {
    /// The other language with the most frequent words here, if they are two at least and a fifth
    /// of all words.
    fn other(&self) -> Option<Language> {
        let (at, &count) = self
            .others
            .iter()
            .enumerate()
            .max_by_key(|(_, count)| **count)?;
        let code = OTHER_WORDS[at].0.as_bytes().try_into().ok()?;
        let is_there = count >= 2 && count * 5 >= self.all && count > self.english;
        is_there.then_some(Language::Other(Code(code)))
    }

    /// Whether enough words are frequent English ones.
    fn are_somewhat_english(&self) -> bool {
        self.english_only > 0 || self.english * 5 >= self.all
    }
}

/// Judges a reading whose tokens are in place.
pub(super) fn detect(reading: &Reading) -> Language {
    let shape = &reading.shape;
    if shape.letters < 2 {
        return Language::Undetermined;
    }
    if shape.foreign * 2 > shape.letters {
        return guess(reading).0;
    }
    let is_marked = shape.vietnamese > 0 && shape.vietnamese * 20 >= shape.letters;
    let own = match is_marked {
        true => reading
            .marked
            .chars()
            .filter(|&c| is_only_vietnamese(c))
            .take(2)
            .count(),
        false => 0,
    };
    if own == 2 {
        return Language::Vietnamese;
    }
    let words = Words::of(reading);
    if is_marked {
        // French and Portuguese have à and é too. Such marks mean Vietnamese only where the words
        // are syllables.
        if words.possible * 10 >= words.all * 7 || own > 0 && words.possible * 2 >= words.all {
            return Language::Vietnamese;
        }
    } else if words.all <= 4 {
        if words.vietnamese * 2 >= words.all.max(1) {
            return Language::Vietnamese;
        }
        if words.english > 0 {
            return Language::English;
        }
    } else {
        // Words that could be Vietnamese, in texts of five words or more with their marks taken
        // off: 70 % or more in 99 % of vi_victsd, 97 % of vi_aivivn and 94 % of vi_vihsd; half or
        // fewer in 96 - 98 % of reddit_goemotions, blog_haacked and youtube_spam_uci.
        if words.possible * 10 >= words.all * 7 {
            return Language::Vietnamese;
        }
        if words.possible * 2 <= words.all && words.english * 4 >= words.all {
            return Language::English;
        }
    }
    if let Some(other) = words.other() {
        return other;
    }
    if words.possible * 2 > words.all {
        return between(reading, &words);
    }
    if words.are_somewhat_english() && words.english * 10 > words.all {
        return Language::English;
    }
    if words.all > 4 {
        match guess(reading) {
            (other @ Language::Other(_), true) => return other,
            (Language::English, _) => return Language::English,
            _ => {}
        }
    }
    match words.are_somewhat_english() {
        true => Language::English,
        false => Language::Undetermined,
    }
}

/// Vietnamese without marks, or English: more than half of the words are spelt as syllables could
/// be.
fn between(reading: &Reading, words: &Words) -> Language {
    // whatlang looks at trigrams; 160 bytes are enough for two languages and cap its cost.
    let sample = &reading.folded[..reading.folded.floor_char_boundary(160)];
    let likeliest = match is_latin(sample) {
        true => Likeliest::among(sample, |lang| TWO.contains(&lang)),
        false => None,
    };
    let lang = match likeliest {
        Some(likeliest) => Some(likeliest.lang),
        None => VIETNAMESE_OR_ENGLISH.detect_lang(sample),
    };
    match lang {
        Some(Lang::Vie) => Language::Vietnamese,
        Some(_) if words.vietnamese * 5 >= words.all * 2 => Language::Vietnamese,
        Some(_) if words.are_somewhat_english() => Language::English,
        _ => Language::Undetermined,
    }
}

/// Letters that Vietnamese alone writes.
fn is_only_vietnamese(c: char) -> bool {
    matches!(c, '\u{1ea0}'..='\u{1ef9}' | 'ơ' | 'ư')
}

/// What whatlang says of the words, and whether it is sure. Languages with a script to themselves
/// are surely known.
fn guess(reading: &Reading) -> (Language, bool) {
    let mut sample = String::with_capacity(SAMPLE_BYTES);
    for token in &reading.tokens {
        if token.kind == TokenKind::Word {
            if sample.len() >= SAMPLE_BYTES {
                break;
            }
            sample.push_str(reading.marked(token));
            sample.push(' ');
        }
    }
    if is_latin(&sample)
        && let Some(Likeliest { lang, confidence }) = Likeliest::of(&sample)
    {
        // What whatlang calls reliable is surer than this.
        return (Language::of(lang), confidence >= SURE_LATIN);
    }
    let Some(info) = whatlang::detect(&sample) else {
        return (Language::Undetermined, false);
    };
    // In a script of few languages less tells them apart.
    let is_latin = info.script() == whatlang::Script::Latin;
    let enough = if is_latin { SURE_LATIN } else { SURE_ELSEWHERE };
    let is_sure = info.is_reliable() || info.confidence() >= enough;
    match is_latin || is_sure {
        true => (Language::of(info.lang()), is_sure),
        false => (Language::Undetermined, false),
    }
}

fn is_latin(text: &str) -> bool {
    whatlang::detect_script(text) == Some(whatlang::Script::Latin)
}
