//! Texts without end: of one kind and one size, each different from the one before. The same in
//! every run.
//!
//! One text again and again would look faster than it is, because of caches and branch prediction;
//! a server sees another text each time. A long text here is no short one repeated, because a word
//! that is met again costs less than a new one.

use std::fmt::Write;

use phin::text::vietnamese::base_letter;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};

/// What is written, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Vietnamese,
    /// Vietnamese without marks.
    Unmarked,
    English,
    /// The disguises below in turn, one for each text.
    Hostile,
    /// Letters under piles of combining marks.
    Marks,
    /// Invisible characters between letters.
    Hidden,
    /// Letters of other scripts and styles that look like Latin ones.
    LookAlikes,
    /// Addresses in every spelling.
    Links,
    /// Long repeats, letters set apart, and words without end.
    Runs,
    /// Tags, bbcode and entities, nested and never closed.
    Markup,
}

impl Kind {
    /// What every stage is measured on.
    pub(crate) const ALL: [Self; 4] = [
        Self::Vietnamese,
        Self::Unmarked,
        Self::English,
        Self::Hostile,
    ];

    pub(crate) const DISGUISES: [Self; 6] = [
        Self::Marks,
        Self::Hidden,
        Self::LookAlikes,
        Self::Links,
        Self::Runs,
        Self::Markup,
    ];

    /// Its name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi",
            Self::Unmarked => "vi without marks",
            Self::English => "en",
            Self::Hostile => "hostile",
            Self::Marks => "hostile, marks",
            Self::Hidden => "hostile, invisible",
            Self::LookAlikes => "hostile, look-alikes",
            Self::Links => "hostile, links",
            Self::Runs => "hostile, runs",
            Self::Markup => "hostile, markup",
        }
    }

    /// The language that honest readers take it for; none of a disguise.
    pub(crate) fn language(self) -> Option<&'static str> {
        match self {
            Self::Vietnamese | Self::Unmarked => Some("vi"),
            Self::English => Some("en"),
            _ => None,
        }
    }
}

/// Texts of exactly so many bytes.
#[derive(Debug)]
pub(crate) struct Stream {
    kind: Kind,
    bytes: usize,
    made: usize,
    chance: StdRng,
}

impl Stream {
    pub(crate) fn of(kind: Kind, bytes: usize) -> Self {
        Self {
            kind,
            bytes,
            made: 0,
            chance: StdRng::seed_from_u64(bytes as u64),
        }
    }
}

impl Iterator for Stream {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let (chance, bytes) = (&mut self.chance, self.bytes);
        let kind = match self.kind {
            Kind::Hostile => Kind::DISGUISES[self.made % Kind::DISGUISES.len()],
            other => other,
        };
        self.made += 1;
        let mut text = match kind {
            Kind::Vietnamese => written(&VIETNAMESE, bytes, chance),
            Kind::Unmarked => written(&VIETNAMESE, 2 * bytes, chance)
                .chars()
                .map(base_letter)
                .collect(),
            Kind::English => written(&ENGLISH, bytes, chance),
            disguise => {
                let mut text = String::with_capacity(bytes + 1_024);
                while text.len() < bytes {
                    add_piece(disguise, &mut text, chance);
                }
                text
            }
        };
        text.truncate(text.floor_char_boundary(bytes));
        // What a letter too many left free, so that all texts have one size.
        text.extend(std::iter::repeat_n(' ', bytes - text.len()));
        Some(text)
    }
}

/// Sentences in random order, the first from one of its words on.
fn written(sentences: &[&str], bytes: usize, chance: &mut StdRng) -> String {
    let mut order = sentences.to_vec();
    order.shuffle(chance);
    let begin: Vec<usize> = order[0].match_indices(' ').map(|(at, _)| at + 1).collect();
    order[0] = &order[0][*begin.choose(chance).expect("a sentence has words")..];
    let mut text = order.join(" ");
    while text.len() < bytes {
        order.shuffle(chance);
        let _ = write!(
            text,
            " {}. {}",
            chance.random_range(2..9_999),
            order.join(" ")
        );
    }
    text
}

fn word(chance: &mut StdRng) -> &'static str {
    let sentence = ENGLISH.choose(chance).expect("there are some");
    let words: Vec<&str> = sentence.split(|c: char| !c.is_alphanumeric()).collect();
    words
        .choose(chance)
        .filter(|word| !word.is_empty())
        .unwrap_or(&"loan")
}

/// Appends one disguised word, or some pieces of one kind.
fn add_piece(kind: Kind, text: &mut String, chance: &mut StdRng) {
    let (word, other, number) = (word(chance), word(chance), chance.random_range(1..10_000));
    match kind {
        Kind::Marks => {
            for letter in word.chars() {
                text.push(letter);
                let marks = chance.random_range(0..24);
                text.extend((0..marks).map(|_| chance.random_range('\u{300}'..='\u{36f}')));
            }
        }
        Kind::Hidden => {
            for letter in word.chars() {
                text.push(letter);
                text.extend(
                    ['\u{200b}', '\u{200d}', '\u{2060}', '\u{feff}', '\u{ad}'].choose(chance),
                );
            }
        }
        Kind::LookAlikes => {
            let styled = chance.random_bool(0.3);
            text.extend(word.chars().map(|letter| match styled {
                true => bold(letter),
                false => foreign(letter),
            }));
        }
        Kind::Links => {
            let _ = match chance.random_range(0..6) {
                0 => write!(
                    text,
                    "http://{word}{number}.example/{other}?{number}={other}"
                ),
                1 => write!(text, "{word}{number}.test,{other}.test"),
                2 => write!(text, "www.{word}-{other}.example"),
                3 => write!(text, "{word} (dot) com"),
                4 => write!(text, "{word}{number}@{other}.test"),
                _ => write!(text, "h t t p : / / {word}.com"),
            };
        }
        Kind::Runs => match chance.random_range(0..5) {
            0 => {
                let run = ['a', '!', '.', 'ề', '0', '('].choose(chance);
                text.extend(std::iter::repeat_n(
                    *run.expect("there are some"),
                    chance.random_range(20..300),
                ));
            }
            1 => word.chars().for_each(|letter| text.extend([letter, ' '])),
            2 => word.chars().for_each(|letter| text.extend([letter, '.'])),
            3 => number
                .to_string()
                .chars()
                .for_each(|digit| text.extend([digit, ' ', '-', ' '])),
            _ => text
                .extend((0..chance.random_range(100..800)).map(|_| chance.random_range('a'..='z'))),
        },
        _ => {
            let _ = match chance.random_range(0..8) {
                0 => write!(text, "<b><i><u>{word}"),
                1 => write!(text, "<a href='http://{word}{number}.test/'>{other}"),
                2 => write!(text, "[url=http://{word}.test][b]{other}"),
                3 => write!(text, "&amp;amp;amp;lt;{word}&amp;gt;"),
                4 => write!(text, "<blockquote><p>{word}"),
                5 => write!(text, "{word}<!-- {other} --{other}"),
                6 => write!(text, "&#1072;&#x440;&nbsp;{word}"),
                _ => write!(text, "</a></div>[/url]<{word} {other}="),
            };
        }
    }
    text.push(' ');
}

/// The letter in the mathematical bold.
fn bold(letter: char) -> char {
    match letter {
        'a'..='z' => char::from_u32(letter as u32 - 'a' as u32 + 0x1d41a).unwrap_or(letter),
        other => other,
    }
}

/// The letter of another script that looks the same.
fn foreign(letter: char) -> char {
    match letter {
        'a' => 'а',
        'c' => 'с',
        'e' => 'е',
        'i' => 'і',
        'o' => 'ο',
        'p' => 'р',
        's' => 'ѕ',
        'x' => 'х',
        'y' => 'у',
        'v' => 'ν',
        other => other,
    }
}

/// Honest sentences and spam by turns.
const ENGLISH: [&str; 48] = [
    "I tried the second approach on my old laptop and it worked after a restart.",
    "Quick cash loans approved today, no credit check, no questions asked!",
    "Does the same setting survive a power cut, or must I run the script again?",
    "Message our WhatsApp +1 305 555 0147 and get five hundred dollars within one hour.",
    "The photo in the third paragraph shows the north gate, not the south one.",
    "Best replica watches with free worldwide shipping at http://luxury-time.example/shop now.",
    "My grandmother used to bake this bread with rye flour and a spoon of honey.",
    "Earn money from home while you sleep, my cousin makes $7,300 a month doing this!",
    "Could you say which version of the compiler you used for these measurements?",
    "Casino bonus 200% for new players, register with the code LUCKY77 before midnight.",
    "We hiked there last autumn and the bridge was closed because of the flood.",
    "Buy cheap pills online without any prescription, discreet packaging guaranteed.",
    "There is a typo in step four: the flag needs two dashes, otherwise it is ignored.",
    "Our SEO team will put your website on the first page of every search engine.",
    "Thank you for explaining the proof so patiently, I finally understand the lemma.",
    "Click here for hot singles in your neighbourhood: www.meet-tonight.example/join",
    "As a nurse I can confirm that the queue at the clinic is longer since March.",
    "Invest a small amount in our crypto fund and double it in ten days, zero risk.",
    "The soundtrack deserves more praise than the plot, especially the cello pieces.",
    "Thanks to Doctor Azimov my husband came back to me after a powerful love spell!",
    "I disagree with your conclusion, since the survey asked only people in big towns.",
    "Visit bonus-slots.example for jackpots, live dealers and instant withdrawal.",
    "Has anybody managed to grow tomatoes on a balcony that faces north?",
    "Hello dear, I saw your blog and I like it, kindly add me on Telegram @richbroker9.",
    "Our dog refuses to walk past that statue too, we have never found out why.",
    "Unlock any phone remotely, contact the ethical hacker at fixhacker@mail.example.",
    "The bus timetable changed on Monday, so the connection you describe is gone.",
    "Limited offer: designer handbags eighty percent off, order before stocks run out!",
    "I would add some lemon juice at the end, it keeps the colour of the beans.",
    "Get ten thousand real followers delivered overnight, pay only when satisfied.",
    "Please write more about the railway museum, my children loved your last report.",
    "Work two hours daily posting adverts, weekly salary paid straight to your bank.",
    "Interesting, though the quotation is from his brother and not from the painter.",
    "Our essay writers finish your homework tonight, plagiarism free and anonymous.",
    "It took me three evenings to sand the table, but the oil finish is worth it.",
    "Forex signals with ninety-eight percent accuracy, join the VIP channel today.",
    "What happens when two users edit the same page and both press the save button?",
    "Lose fifteen pounds in two weeks with this forgotten Japanese morning drink.",
    "The committee meets again in June, hopefully with better minutes than last year.",
    "Watch the full match free in HD at stream-zone.example, no subscription required.",
    "Sorry for the late answer, the parcel arrived safely and nothing was broken.",
    "Claim your gift card now, only seven remaining for readers of this page!",
    "Years ago the lake froze every winter and we skated to school across it.",
    "Guaranteed visa and passport service, speak to agent Morgan for documents.",
    "You might mention that the library closes early during the holidays.",
    "Original sneakers at factory price, wholesale available, dropshippers welcome.",
    "Such a calm voice; I play this recording while I draw maps in the evening.",
    "Free spins waiting, deposit twenty and play with a hundred, terms apply.",
];

/// Honest sentences and spam by turns.
const VIETNAMESE: [&str; 44] = [
    "Em làm theo hướng dẫn của anh thì máy chạy được rồi, cảm ơn anh nhiều lắm ạ!",
    "VAY TIỀN NHANH trong ngày không cần thế chấp, lãi suất chỉ 1%/tháng.",
    "Cho mình hỏi sau khi khởi động lại thì có phải cài đặt từ đầu không?",
    "Liên hệ zalo 0912.000.345 hoặc inbox để được tư vấn miễn phí nhé cả nhà.",
    "Quán phở đầu ngõ vẫn mở đến khuya, nhưng giá đã tăng thêm năm nghìn.",
    "Nhà cái uy tín số một châu Á, nạp đầu tặng 200%, truy cập http://thang-lon.example ngay!",
    "Bài viết rất hay, tuy vậy đoạn cuối hình như thiếu mất một câu giải thích.",
    "Tuyển cộng tác viên làm việc tại nhà, lương 500k mỗi ngày, không cần kinh nghiệm.",
    "Hôm qua trời mưa to quá nên cả lớp phải hoãn chuyến tham quan bảo tàng.",
    "Bán sim số đẹp, phong thủy hợp tuổi, giao hàng toàn quốc, gọi ngay kẻo hết.",
    "Theo tôi thì tác giả nên so sánh thêm với số liệu của mười năm trước.",
    "Thuốc giảm cân cấp tốc, cam kết giảm tám ký sau một liệu trình, hoàn tiền nếu không hiệu quả.",
    "Bà ngoại mình hay nấu món này với lá lốt hái sau vườn, thơm lắm.",
    "Nhận làm bằng đại học, chứng chỉ tiếng Anh bao soi công chứng, bảo mật tuyệt đối.",
    "Bạn nào biết chỗ sửa xe đạp cũ gần chợ Bến Thành thì chỉ giúp mình với.",
    "Đăng ký tài khoản hôm nay nhận ngay mã thưởng 88k tại www.no-hu.example nha.",
    "Chị ơi, công thức này dùng bột gạo tẻ hay bột nếp vậy ạ?",
    "Tăng like, tăng follow giá rẻ, chạy quảng cáo bất chấp mọi loại sản phẩm.",
    "Con đường qua đèo đang sửa chữa, mọi người đi chậm lại kẻo nguy hiểm.",
    "Soi cầu lô đề chuẩn xác chín mươi phần trăm, tham gia nhóm telegram @caulovip.",
    "Cuốn sách này thầy giáo từng giới thiệu hồi cấp ba, giờ đọc lại vẫn xúc động.",
    "Hỗ trợ nợ xấu, chỉ cần căn cước, duyệt hồ sơ trực tuyến, giải ngân sau ba mươi phút!",
    "Phần nhạc nền của phim hợp với cảnh biển, còn lời thoại thì hơi gượng.",
    "Mỹ phẩm xách tay chính hãng, xả kho giảm bảy mươi phần trăm, duy nhất cuối tuần.",
    "Xin góp ý nhỏ: bản đồ ở trang hai ghi nhầm tên sông Hương thành sông Hồng.",
    "Đầu tư tiền ảo sinh lời mỗi ngày, vốn ít lãi nhiều, có người hướng dẫn tận tay.",
    "Nhóm mình thử nghiệm lần thứ tư mới thành công, do quên hiệu chuẩn cân.",
    "Xem bóng đá trực tiếp miễn phí không giật lag ở bong-da.example các bác ơi.",
    "Mùa này cá đồng ít hẳn, người dân phải chuyển sang trồng sen lấy hạt.",
    "Chuyên cung cấp hàng hiệu siêu cấp, túi xách, đồng hồ, giày dép, giá xưởng.",
    "Mong nhà trường sớm công bố lịch thi để các em kịp ôn tập.",
    "Thầy cúng giải hạn, bùa yêu linh nghiệm, người yêu cũ quay về trong bảy ngày.",
    "Tiếng đàn bầu của nghệ sĩ nghe da diết, tôi bật đi bật lại suốt buổi tối.",
    "Dịch vụ kéo trang lên đầu kết quả tìm kiếm, bảo hành vĩnh viễn, báo giá qua email.",
    "Anh trai tôi làm kỹ sư cầu đường nên hiểu rõ vì sao dự án bị chậm.",
    "Quay hũ nổ lớn, rút thưởng năm phút, hoàn trả cược thua, đại lý hoa hồng cao.",
    "Hàng xóm trồng giàn mướp che hết nắng, mát mẻ cả khoảng sân chung.",
    "Cần bán gấp lô đất nền sổ đỏ trao tay, ngân hàng hỗ trợ bảy mươi phần trăm.",
    "Không rõ phiên bản mới có đọc được tập tin cũ nữa hay phải chuyển đổi.",
    "Ai muốn kiếm thêm thu nhập thì nhắn mình, chỉ cần điện thoại kết nối mạng.",
    "Lúc xe khách dừng ở trạm nghỉ, bác tài kể chuyện ngày xưa vui ghê.",
    "Bộ bài tây nhìn xuyên, kính soi quân, thiết bị cờ bạc bịp giao kín đáo.",
    "Vé tàu tết năm nay hết sớm, nhà tôi đành đổi sang đi xe giường nằm.",
    "Chữa dứt điểm xương khớp bằng bài thuốc gia truyền, hàng nghìn người đã khỏi bệnh.",
];
