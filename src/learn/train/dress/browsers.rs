//! A language in, the name that a browser gives itself out: browsers of people by share, at the end
//! of 2026: the versions of the last half year, and some that were never updated. It draws no
//! program that posts spam.

use rand::Rng;
use rand::rngs::StdRng;

use crate::learn::train::dress::choice::{by_share, one_of};

/// A browser on a kind of device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Browser {
    ChromeWindows,
    ChromeMac,
    ChromeLinux,
    ChromeAndroid,
    ChromeIphone,
    SafariIphone,
    SafariIpad,
    SafariMac,
    FirefoxWindows,
    FirefoxLinux,
    FirefoxMac,
    FirefoxAndroid,
    Edge,
    Samsung,
    Opera,
    CocCoc,
    FacebookAndroid,
    FacebookIphone,
    ZaloAndroid,
    ZaloIphone,
}

/// All browsers with their shares among readers of blogs.
pub(super) const BROWSERS: [(u32, Browser); 18] = [
    (250, Browser::ChromeWindows),
    (60, Browser::ChromeMac),
    (12, Browser::ChromeLinux),
    (260, Browser::ChromeAndroid),
    (20, Browser::ChromeIphone),
    (140, Browser::SafariIphone),
    (12, Browser::SafariIpad),
    (50, Browser::SafariMac),
    (40, Browser::FirefoxWindows),
    (14, Browser::FirefoxLinux),
    (8, Browser::FirefoxMac),
    (10, Browser::FirefoxAndroid),
    (55, Browser::Edge),
    (25, Browser::Samsung),
    (12, Browser::Opera),
    (16, Browser::FacebookAndroid),
    (14, Browser::FacebookIphone),
    (2, Browser::ZaloAndroid),
];

/// What Vietnamese readers use beside these.
pub(super) const VIETNAMESE: [(u32, Browser); 5] = [
    (20, Browser::CocCoc),
    (25, Browser::FacebookAndroid),
    (20, Browser::FacebookIphone),
    (20, Browser::ZaloAndroid),
    (15, Browser::ZaloIphone),
];

/// A browser as it names itself.
pub(super) fn draw(language: &str, random: &mut StdRng) -> String {
    let browser = if language == "vi" && random.random_ratio(1, 6) {
        by_share(&VIETNAMESE, random)
    } else {
        by_share(&BROWSERS, random)
    };
    browser.agent(random)
}

const WINDOWS: &str = "Windows NT 10.0; Win64; x64";
const MAC: &str = "Macintosh; Intel Mac OS X 10_15_7";
const PHONES: [&str; 6] = [
    "SM-A546E",
    "SM-S928B",
    "Redmi Note 13",
    "CPH2591",
    "Pixel 8",
    "V2318",
];

impl Browser {
    pub(super) fn called(self) -> &'static str {
        match self {
            Self::ChromeWindows => "Chrome, Windows",
            Self::ChromeMac => "Chrome, Mac",
            Self::ChromeLinux => "Chrome, Linux",
            Self::ChromeAndroid => "Chrome, Android",
            Self::ChromeIphone => "Chrome, iPhone",
            Self::SafariIphone => "Safari, iPhone",
            Self::SafariIpad => "Safari, iPad",
            Self::SafariMac => "Safari, Mac",
            Self::FirefoxWindows => "Firefox, Windows",
            Self::FirefoxLinux => "Firefox, Linux",
            Self::FirefoxMac => "Firefox, Mac",
            Self::FirefoxAndroid => "Firefox, Android",
            Self::Edge => "Edge",
            Self::Samsung => "Samsung Internet",
            Self::Opera => "Opera",
            Self::CocCoc => "Cốc Cốc",
            Self::FacebookAndroid => "Facebook, Android",
            Self::FacebookIphone => "Facebook, iPhone",
            Self::ZaloAndroid => "Zalo, Android",
            Self::ZaloIphone => "Zalo, iPhone",
        }
    }

    /// How it names itself; its version is one of those in use.
    pub(super) fn agent(self, random: &mut StdRng) -> String {
        // Nine in ten update; the rest stays behind for years.
        let chrome = match random.random_ratio(9, 10) {
            true => random.random_range(150..=156),
            false => random.random_range(109..=149),
        };
        let firefox = match random.random_ratio(9, 10) {
            true => random.random_range(151..=157),
            false => one_of(&[115, 128, 140], random),
        };
        let safari = ["26.0", "26.1", "26.2", "26.4", "18.6", "17.6"];
        let safari = one_of(&safari, random);
        let phone = one_of(&PHONES, random);
        let android = random.random_range(12..=16);
        let webkit = |system: &str, rest: &str| {
            format!("Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) {rest}")
        };
        let apple = |system: &str, rest: &str| {
            format!("Mozilla/5.0 ({system}) AppleWebKit/605.1.15 (KHTML, like Gecko) {rest}")
        };
        let desktop = format!("Chrome/{chrome}.0.0.0 Safari/537.36");
        let mobile = format!("Chrome/{chrome}.0.0.0 Mobile Safari/537.36");
        let view = format!(
            "Version/4.0 Chrome/{chrome}.0.7204.{} Mobile Safari/537.36",
            random.random_range(40..200)
        );
        let handset = format!("Linux; Android {android}; {phone} Build/UP1A.231005.007; wv");
        let iphone = "iPhone; CPU iPhone OS 18_7 like Mac OS X";
        match self {
            Self::ChromeWindows => webkit(WINDOWS, &desktop),
            Self::ChromeMac => webkit(MAC, &desktop),
            Self::ChromeLinux => webkit("X11; Linux x86_64", &desktop),
            Self::ChromeAndroid => webkit("Linux; Android 10; K", &mobile),
            Self::ChromeIphone => apple(
                iphone,
                &format!("CriOS/{chrome}.0.7200.40 Mobile/15E148 Safari/604.1"),
            ),
            Self::SafariIphone => apple(
                iphone,
                &format!("Version/{safari} Mobile/15E148 Safari/604.1"),
            ),
            Self::SafariIpad => apple(
                "iPad; CPU OS 18_7 like Mac OS X",
                &format!("Version/{safari} Mobile/15E148 Safari/604.1"),
            ),
            Self::SafariMac => apple(MAC, &format!("Version/{safari} Safari/605.1.15")),
            Self::FirefoxWindows => gecko(WINDOWS, firefox),
            Self::FirefoxLinux => gecko("X11; Linux x86_64", firefox),
            Self::FirefoxMac => gecko("Macintosh; Intel Mac OS X 10.15", firefox),
            Self::FirefoxAndroid => format!(
                "Mozilla/5.0 (Android {android}; Mobile; rv:{firefox}.0) Gecko/{firefox}.0 Firefox/{firefox}.0"
            ),
            Self::Edge => webkit(WINDOWS, &format!("{desktop} Edg/{chrome}.0.0.0")),
            Self::Samsung => webkit(
                "Linux; Android 10; K",
                "SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36",
            ),
            Self::Opera => webkit(WINDOWS, &format!("{desktop} OPR/{}.0.0.0", chrome - 16)),
            Self::CocCoc => webkit(
                WINDOWS,
                &format!("coc_coc_browser/{}.0.130 {desktop}", chrome - 6),
            ),
            Self::FacebookAndroid => webkit(
                &handset,
                &format!("{view} [FB_IAB/FB4A;FBAV/530.0.0.48.74;IABMV/1;]"),
            ),
            Self::FacebookIphone => apple(
                iphone,
                "Mobile/22H20 [FBAN/FBIOS;FBAV/530.0.0.40.70;FBBV/790000000;FBDV/iPhone15,2;FBMD/iPhone;FBSN/iOS;FBSV/18.7;FBSS/3;FBID/phone;FBLC/vi_VN;FBOP/5]",
            ),
            Self::ZaloAndroid => webkit(
                &handset,
                &format!("{view} Zalo android/25100706 ZaloTheme/light ZaloLanguage/vi"),
            ),
            Self::ZaloIphone => apple(
                iphone,
                "Mobile/22H20 Zalo iOS/625 ZaloTheme/light ZaloLanguage/vn",
            ),
        }
    }
}

fn gecko(system: &str, version: u32) -> String {
    format!("Mozilla/5.0 ({system}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0")
}
