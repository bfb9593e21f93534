//! The categories of spam: their names in texts in, the type out, and back. A type: it never
//! judges.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! categories {
    ($($name:ident: $code:literal, $en:literal, $vi:literal;)*) => {
        /// What spam is about. The order is part of the format of models and ledgers: append only.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Category {
            $(#[doc = $en] $name,)*
        }

        impl Category {
            /// All categories, in order.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name in headers, JSON and training data: `forged-papers`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// What a person calls it, in English.
            pub fn name_en(self) -> &'static str {
                match self { $(Self::$name => $en),* }
            }

            /// What a person calls it, in Vietnamese.
            pub fn name_vi(self) -> &'static str {
                match self { $(Self::$name => $vi),* }
            }
        }
    };
}

categories! {
    Gambling: "gambling", "gambling and betting", "cờ bạc, cá độ";
    Loans: "loans", "loans and credit", "vay tiền, tín dụng";
    Adult: "adult", "adult content and dating", "nội dung người lớn";
    Pharma: "pharma", "medicines and beauty treatments", "thuốc, làm đẹp";
    Seo: "seo", "links and promotion of websites", "đặt liên kết, SEO";
    Scam: "scam", "phishing and other scams", "lừa đảo";
    Jobs: "jobs", "jobs and easy money", "việc làm, kiếm tiền dễ";
    ForgedPapers: "forged-papers", "forged papers", "giấy tờ, bằng cấp giả";
    Crypto: "crypto", "coins and investments", "tiền số, đầu tư";
    Gibberish: "gibberish", "gibberish", "vô nghĩa";
    Other: "other", "other advertising", "quảng cáo khác";
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Category {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().find(|category| category.as_str() == text);
        known.copied().ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|category| category.as_str()).collect();
            format!(
                "{text:?} is no kind of spam; expected one of {}",
                names.join(", ")
            )
        })
    }
}
