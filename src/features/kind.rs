//! The kinds of features: a kind in, its view, its field and its words for people out. A type: it
//! never reads a comment.

use serde::{Deserialize, Serialize};

use super::view::View;

macro_rules! kinds {
    ($($name:ident: $en:literal, $vi:literal;)*) => {
        /// What a feature looks at. The order is part of the bucket's salt: append only.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[repr(u8)]
        pub enum Kind {
            $(#[doc = $en] $name,)*
        }

        impl Kind {
            /// All kinds, in order.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// What such a feature is, in English.
            pub fn reason_en(self) -> &'static str {
                match self { $(Self::$name => $en),* }
            }

            /// What such a feature is, in Vietnamese.
            pub fn reason_vi(self) -> &'static str {
                match self { $(Self::$name => $vi),* }
            }

            /// Its name in tables: `Word`, `AuthorHost`, ...
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }
        }
    };
}

kinds! {
    Word: "word", "từ";
    Marked: "word with its tone marks", "từ có dấu";
    Stem: "word stem", "gốc từ";
    Pair: "words in a row", "cụm từ";
    MarkedPair: "words in a row, with tone marks", "cụm từ có dấu";
    Triple: "three words in a row", "cụm ba từ";
    Gram: "letters in a row", "chuỗi chữ cái";
    Whole: "the whole text", "toàn bộ nội dung";
    Typed: "contact or link in the text", "liên hệ hoặc liên kết trong bài";
    Host: "linked host", "máy chủ được liên kết";
    Domain: "linked domain", "tên miền được liên kết";
    Suffix: "kind of linked domain", "đuôi tên miền được liên kết";
    Path: "word in a link's path", "từ trong đường dẫn liên kết";
    Phone: "phone number", "số điện thoại";
    EmailInText: "e-mail address in the text", "địa chỉ e-mail trong bài";
    Handle: "invitation to a chat", "mời vào ứng dụng chat";
    Shape: "form of the text", "hình thức của bài";
    Disguise: "disguised writing", "chữ viết bị ngụy trang";
    AuthorWord: "word in the author's name", "từ trong tên tác giả";
    AuthorName: "author's name", "tên tác giả";
    AuthorShape: "form of the author's name", "hình thức tên tác giả";
    AuthorHost: "author's home page", "trang nhà của tác giả";
    AuthorDomain: "domain of the author's home page", "tên miền trang nhà của tác giả";
    AuthorSuffix: "kind of domain of the author's home page", "đuôi tên miền trang nhà của tác giả";
    AuthorPath: "word in the address of the author's home page", "từ trong địa chỉ trang nhà của tác giả";
    EmailDomain: "domain of the author's e-mail", "tên miền e-mail của tác giả";
    EmailAddress: "author's e-mail address", "địa chỉ e-mail của tác giả";
    Network: "sender's network", "mạng của người gửi";
    Agent: "browser", "trình duyệt";
    Page: "where it was posted", "nơi đăng";
    Behaviour: "behaviour in the form", "hành vi khi điền biểu mẫu";
    HomeShape: "form of the author's home page", "hình thức trang nhà của tác giả";
    SignedWord: "word in the name or home page", "từ trong tên hoặc trang nhà";
    SignedPair: "words in a row in the name or home page", "cụm từ trong tên hoặc trang nhà";
    SignedGram: "letters in a row in the name or home page", "chuỗi chữ cái trong tên hoặc trang nhà";
    EmailShape: "form of the author's e-mail address", "hình thức e-mail của tác giả";
    Person: "approved before on this site", "đã được duyệt trước đây trên trang này";
    PersonHere: "approved before on this site, from the same network", "đã được duyệt trước đây trên trang này, cùng mạng";
    Listed: "on an evidence list", "có trong danh sách bằng chứng";
}

/// The part of a check that a feature is about. Whether a platform sends that part says nothing
/// about the comment. So each kind of feature is counted against the comments that have its field.
/// Otherwise e-mail addresses, which our spam corpora have and our ham corpora lack, would all look
/// like spam (docs/DECISIONS.md, "Evidence is counted against the comments that have the field").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum Field {
    /// The text, which every comment has.
    Text,
    /// The author's name.
    Name,
    /// E-mail or home page: the platform has a form for them.
    Contact,
    /// The home page.
    Home,
    /// The e-mail address.
    Email,
    /// The sender's address.
    Network,
    /// The browser.
    Agent,
    /// Kind and language of the page.
    Page,
    /// What the form saw.
    Behaviour,
}

impl Field {
    /// Whether a comment with these fields (`Features::fields`) has this one.
    pub fn is_in(self, fields: u16) -> bool {
        fields & (1 << self as u16) != 0
    }

    /// Number of fields.
    pub const COUNT: usize = 9;
}

impl Kind {
    /// Whether its features are facts ("many capitals") and not pieces of the comment.
    pub fn is_fact(self) -> bool {
        matches!(
            self,
            Self::Typed
                | Self::Shape
                | Self::Disguise
                | Self::AuthorShape
                | Self::HomeShape
                | Self::EmailShape
                | Self::Behaviour
                | Self::Listed
        )
    }

    /// Whether it names something that belongs to somebody: a host, a number, an address.
    pub fn is_identity(self) -> bool {
        matches!(
            self,
            Self::Host
                | Self::Domain
                | Self::Phone
                | Self::EmailInText
                | Self::Handle
                | Self::AuthorHost
                | Self::AuthorDomain
                | Self::EmailAddress
        )
    }

    /// Whether one label says little about it, because many people who have nothing to do with each
    /// other share it: a network, a name, a provider. A person's features are among them, because a
    /// person becomes known slowly.
    pub fn is_common(self) -> bool {
        matches!(
            self,
            Self::Network
                | Self::AuthorName
                | Self::AuthorWord
                | Self::EmailDomain
                | Self::AuthorSuffix
                | Self::Suffix
                | Self::Person
                | Self::PersonHere
        )
    }

    /// Whether it is a part of somebody's identity that everybody who reads the page can copy:
    /// alone it never speaks for a comment.
    pub fn is_easily_stolen(self) -> bool {
        matches!(
            self,
            Self::AuthorName | Self::AuthorWord | Self::SignedPair | Self::EmailAddress
        )
    }

    /// Whether it identifies a person to a site that knows them: only labels of that site count for
    /// it, and only in the person's favour (docs/DECISIONS.md, "Approvals speak for a known person
    /// on that site").
    pub fn is_person(self) -> bool {
        matches!(self, Self::Person | Self::PersonHere)
    }

    /// Whether nearly every comment has one of its features, and often all comments of a site the
    /// same one: a page, a browser, a length.
    pub fn is_of_all_comments(self) -> bool {
        self.is_fact() || matches!(self, Self::Agent | Self::Page | Self::EmailDomain)
    }

    /// Whether it is a character n-gram.
    pub fn is_gram(self) -> bool {
        matches!(self, Self::Gram | Self::SignedGram)
    }

    /// The view it belongs to.
    pub const fn view(self) -> View {
        match self {
            Self::Word
            | Self::Marked
            | Self::Stem
            | Self::Pair
            | Self::MarkedPair
            | Self::Triple
            | Self::Gram
            | Self::Whole => View::Text,
            Self::Host | Self::Domain | Self::Suffix | Self::Path => View::Links,
            Self::Phone | Self::EmailInText | Self::Handle => View::Contacts,
            Self::Typed | Self::Shape | Self::Disguise => View::Shape,
            Self::AuthorWord
            | Self::AuthorName
            | Self::AuthorHost
            | Self::AuthorDomain
            | Self::AuthorSuffix
            | Self::AuthorPath
            | Self::SignedWord
            | Self::SignedPair
            | Self::SignedGram => View::Signature,
            Self::AuthorShape | Self::HomeShape => View::SignatureShape,
            Self::EmailDomain
            | Self::EmailAddress
            | Self::EmailShape
            | Self::Network
            | Self::Agent => View::Sender,
            Self::Page => View::Page,
            Self::Behaviour => View::Behaviour,
            Self::Person | Self::PersonHere => View::People,
            Self::Listed => View::Listed,
        }
    }

    /// The part of a check it is about.
    pub fn field(self) -> Field {
        match self {
            Self::AuthorWord
            | Self::AuthorName
            | Self::AuthorShape
            | Self::SignedWord
            | Self::SignedPair
            | Self::SignedGram => Field::Name,
            Self::HomeShape => Field::Contact,
            Self::AuthorHost | Self::AuthorDomain | Self::AuthorSuffix | Self::AuthorPath => {
                Field::Home
            }
            Self::EmailDomain
            | Self::EmailAddress
            | Self::EmailShape
            | Self::Person
            | Self::PersonHere => Field::Email,
            Self::Network => Field::Network,
            Self::Agent => Field::Agent,
            Self::Page => Field::Page,
            Self::Behaviour => Field::Behaviour,
            _ => Field::Text,
        }
    }
}
