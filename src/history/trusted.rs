//! The rule for published comments: comments of a history in, labels or doubts out. It is possible
//! that nobody looked at what a site shows, most of all on an abandoned site. So it calls a comment
//! ham only where a person stands behind it (docs/DECISIONS.md, "A published comment is not always
//! ham").
//!
//! A published comment is ham if
//! 1. a person labelled it ham, or the site's own people wrote it; or
//! 2. a person acted on the site within [`NEAR_DAYS`] days after it, or a quarter of that before
//!    it; or
//! 3. its author has two comments at least that are ham by the second clause.
//!
//! It is doubted all the same if it links where the site's spam links, has the e-mail address of
//! the site's spam, or has the same words as it.
//!
//! A person acted when they decided about a comment (its meta tells when), threw one away, wrote
//! one as the site's own, or put one into the spam folder; but not when its meta, or the operator,
//! says that a filter put it there. Acts without a time of their own count at the time of their
//! comment.

use std::collections::{HashMap, HashSet};

use super::fingerprints::{author, domain, domains, email, words};
use super::past_comment::{Fate, PastComment, Writer};

pub use super::judgement::{Doubt, Ground, Judgement, Lack};
use crate::comment::Comment;
use crate::verdict::Label;

/// The default number of days within which an act counts for a comment. Chosen on two sites, see
/// the decision.
pub const NEAR_DAYS: u32 = 28;

/// An act before a comment counts over a quarter of that time only: an act after it shows that
/// somebody came by while the comment was published.
const BEFORE: i64 = 4;

/// Ham of an author by the second clause before the third one holds.
const REGULAR: u32 = 2;

const MILLIS_A_DAY: i64 = 86_400_000;

/// Whether the rule is used at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Trust {
    /// Only what a person stands behind is ham.
    #[default]
    Rule,
    /// Everything published is ham.
    BelievePublished,
}

/// Who filled the spam folder, where no meta tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SpamFolder {
    /// People, so that spam in it shows somebody was there.
    #[default]
    ByHand,
    /// A filter, without a person.
    ByFilter,
}

/// The settings of the rule, and the site's own people as the operator names them.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Whether the rule is asked.
    pub trust: Trust,
    /// Who filled the spam folder.
    pub spam_folder: SpamFolder,
    /// How far from a comment an act still vouches for it.
    pub near_days: u32,
    /// Names and e-mail addresses, in lower case.
    pub staff: HashSet<String>,
    /// The site as the operator names it, where the history does not.
    pub site: Option<String>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            trust: Trust::Rule,
            spam_folder: SpamFolder::ByHand,
            near_days: NEAR_DAYS,
            staff: HashSet::new(),
            site: None,
        }
    }
}

impl Policy {
    fn near_millis(&self) -> i64 {
        i64::from(self.near_days) * MILLIS_A_DAY
    }

    fn is_staff(&self, past: &PastComment) -> bool {
        let author = &past.comment.author;
        past.writer == Writer::Staff
            || [&author.name, &author.email]
                .into_iter()
                .flatten()
                .any(|name| self.staff.contains(&name.trim().to_lowercase()))
    }
}

/// The results of a first walk through a history: some dozens of bytes for each comment, and no
/// texts.
#[derive(Debug, Default)]
pub struct Gathering {
    policy: Policy,
    sites: HashMap<String, Site>,
}

#[derive(Debug, Default)]
struct Site {
    /// When people acted, in milliseconds; sorted once settled.
    acts: Vec<i64>,
    /// Domains of the site and of its people's home pages: that spam links to them says nothing
    /// against other comments that do.
    own_domains: HashSet<u64>,
    spam_domains: HashSet<u64>,
    spam_emails: HashSet<u64>,
    spam_texts: HashSet<u64>,
    /// Author and time of what was published.
    published: Vec<(u64, i64)>,
    /// Authors to their ham by the second clause.
    regulars: HashMap<u64, u32>,
}

/// A rule that has seen a whole history and can judge each of its comments.
#[derive(Debug)]
pub struct Rule {
    policy: Policy,
    sites: HashMap<String, Site>,
}

impl Gathering {
    /// Begins with nothing seen.
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            sites: HashMap::new(),
        }
    }

    /// Takes one comment in.
    pub fn see(&mut self, past: &PastComment) {
        let is_staff = self.policy.is_staff(past);
        let site = self.sites.entry(site_of(past).to_owned()).or_default();
        site.acts.extend(&past.decided_at);
        if site.own_domains.is_empty() {
            let named = [&past.site, &self.policy.site].into_iter().flatten();
            site.own_domains
                .extend(named.filter_map(|address| domain(address)));
        }
        if is_staff {
            site.own_domains
                .extend(past.comment.author.url.as_deref().and_then(domain));
        }
        let by_person = is_staff
            || past.fate == Fate::Trashed
            || past.person_said.is_some()
            || (past.fate == Fate::Spam
                && past.filter_said != Some(Label::Spam)
                && self.policy.spam_folder == SpamFolder::ByHand);
        if by_person && past.decided_at.is_empty() {
            site.acts.extend(past.at);
        }
        let is_spam = past.person_said == Some(Label::Spam)
            || (past.fate == Fate::Spam && past.person_said.is_none());
        if is_spam && !is_staff {
            site.spam_domains.extend(domains(&past.comment));
            site.spam_emails.extend(email(&past.comment));
            site.spam_texts.extend(words(&past.comment));
        }
        if past.fate == Fate::Published
            && let (Some(author), Some(at)) = (author(&past.comment), past.at)
        {
            site.published.push((author, at));
        }
    }

    /// Ends the gathering.
    pub fn settle(mut self) -> Rule {
        let near = self.policy.near_millis();
        for site in self.sites.values_mut() {
            site.acts.sort_unstable();
            site.acts.dedup();
            for (author, at) in std::mem::take(&mut site.published) {
                if site.is_tended(at, near) {
                    *site.regulars.entry(author).or_default() += 1;
                }
            }
        }
        Rule {
            policy: self.policy,
            sites: self.sites,
        }
    }
}

impl Site {
    fn is_tended(&self, at: i64, near: i64) -> bool {
        let next = self.acts.partition_point(|&act| act < at - near / BEFORE);
        self.acts.get(next).is_some_and(|&act| act <= at + near)
    }

    fn speaks_against(&self, comment: &Comment) -> Option<Doubt> {
        if domains(comment).any(|domain| {
            self.spam_domains.contains(&domain) && !self.own_domains.contains(&domain)
        }) {
            return Some(Doubt::LinksLikeSpam);
        }
        if email(comment).is_some_and(|email| self.spam_emails.contains(&email)) {
            return Some(Doubt::SignsLikeSpam);
        }
        words(comment)
            .is_some_and(|words| self.spam_texts.contains(&words))
            .then_some(Doubt::ReadsLikeSpam)
    }
}

impl Rule {
    /// What becomes of a comment.
    pub fn judge(&self, past: &PastComment) -> Judgement {
        let comment = &past.comment;
        if comment.text.trim().is_empty() && comment.author == Default::default() {
            return Judgement::Left(Lack::Empty);
        }
        let is_staff = self.policy.is_staff(past);
        if let Some(label) = past.person_said {
            return Judgement::Labelled(label, Ground::Said);
        }
        match past.fate {
            Fate::Waiting => Judgement::Left(Lack::Waiting),
            Fate::Trashed => Judgement::Left(Lack::Trashed),
            Fate::Unsaid => Judgement::Left(Lack::Unsaid),
            Fate::Spam if is_staff => Judgement::Doubted(Doubt::SpamOfStaff),
            Fate::Spam => Judgement::Labelled(Label::Spam, Ground::SpamFolder),
            Fate::Published if self.policy.trust == Trust::BelievePublished => {
                Judgement::Labelled(Label::Ham, Ground::Believed)
            }
            Fate::Published if is_staff => Judgement::Labelled(Label::Ham, Ground::Staff),
            Fate::Published => self.published(past),
        }
    }

    fn published(&self, past: &PastComment) -> Judgement {
        let Some(site) = self.sites.get(site_of(past)) else {
            return Judgement::Doubted(Doubt::Untended);
        };
        if let Some(doubt) = site.speaks_against(&past.comment) {
            return Judgement::Doubted(doubt);
        }
        let Some(at) = past.at else {
            return Judgement::Doubted(Doubt::Undated);
        };
        if site.is_tended(at, self.policy.near_millis()) {
            return Judgement::Labelled(Label::Ham, Ground::Tended);
        }
        let ham = author(&past.comment).and_then(|author| site.regulars.get(&author));
        match ham {
            Some(&ham) if ham >= REGULAR => Judgement::Labelled(Label::Ham, Ground::Regular),
            _ => Judgement::Doubted(Doubt::Untended),
        }
    }
}

fn site_of(past: &PastComment) -> &str {
    past.site.as_deref().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::Author;

    const DAY: i64 = MILLIS_A_DAY;

    fn past(day: i64, fate: Fate, name: &str, text: &str) -> PastComment {
        let comment = Comment {
            author: Author {
                name: Some(name.into()),
                ..Author::default()
            },
            ..Comment::from_text(text)
        };
        PastComment {
            at: Some(day * DAY),
            ..PastComment::new(format!("{day}"), comment, fate)
        }
    }

    fn judge(history: &[PastComment], policy: &Policy) -> Vec<Judgement> {
        let mut gathering = Gathering::new(policy.clone());
        history.iter().for_each(|past| gathering.see(past));
        let rule = gathering.settle();
        history.iter().map(|past| rule.judge(past)).collect()
    }

    use Judgement::{Doubted, Labelled, Left};
    use Label::{Ham, Spam};

    #[test]
    fn where_nobody_ever_acted_nothing_published_is_ham() {
        let history = [
            past(1, Fate::Published, "a", "hi"),
            past(2, Fate::Published, "b", "ho"),
            past(2, Fate::Waiting, "c", "he"),
        ];
        assert_eq!(
            judge(&history, &Policy::default()),
            [
                Doubted(Doubt::Untended),
                Doubted(Doubt::Untended),
                Left(Lack::Waiting)
            ]
        );
        let believing = Policy {
            trust: Trust::BelievePublished,
            ..Policy::default()
        };
        assert_eq!(
            judge(&history, &believing)[0],
            Labelled(Ham, Ground::Believed)
        );
    }

    #[test]
    fn an_act_vouches_for_what_is_near_and_a_regular_for_themself() {
        let near = i64::from(NEAR_DAYS);
        let mut history = [
            past(100, Fate::Trashed, "x", "off topic"),
            past(100 - near, Fate::Published, "an", "one"),
            past(100 + near / 4, Fate::Published, "an", "two"),
            past(101 + near / 4, Fate::Published, "binh", "late"),
            past(400, Fate::Published, "an", "later"),
        ];
        let tended = Labelled(Ham, Ground::Tended);
        assert_eq!(
            judge(&history, &Policy::default()),
            [
                Left(Lack::Trashed),
                tended,
                tended,
                Doubted(Doubt::Untended),
                Labelled(Ham, Ground::Regular)
            ]
        );
        history[4].at = None;
        assert_eq!(
            judge(&history, &Policy::default())[4],
            Doubted(Doubt::Undated)
        );
    }

    #[test]
    fn a_filter_that_catches_spam_is_nobody() {
        let mut history = [
            past(1, Fate::Spam, "x", "buy"),
            past(2, Fate::Published, "a", "hi"),
        ];
        assert_eq!(
            judge(&history, &Policy::default())[1],
            Labelled(Ham, Ground::Tended)
        );
        let filtered = Policy {
            spam_folder: SpamFolder::ByFilter,
            ..Policy::default()
        };
        assert_eq!(judge(&history, &filtered)[1], Doubted(Doubt::Untended));
        history[0].filter_said = Some(Spam);
        assert_eq!(
            judge(&history, &Policy::default()),
            [Labelled(Spam, Ground::SpamFolder), Doubted(Doubt::Untended)]
        );
        // Until somebody says so too.
        history[0].person_said = Some(Spam);
        assert_eq!(
            judge(&history, &Policy::default())[1],
            Labelled(Ham, Ground::Tended)
        );
    }

    #[test]
    fn what_looks_like_the_sites_own_spam_is_doubted() {
        let mut signed = past(3, Fate::Published, "nice", "well done");
        signed.comment.author.email = Some("Seller@Shoes.example".into());
        let mut spam = past(
            1,
            Fate::Spam,
            "x",
            "see https://www.shoes.co.uk/a and https://youtube.com/w today",
        );
        spam.comment.author.email = Some("seller@shoes.example".into());
        let history = [
            spam,
            past(2, Fate::Published, "a", "my page is shoes.co.uk/b"),
            signed,
            past(
                4,
                Fate::Published,
                "b",
                "See https://www.shoes.co.uk/a and https://youtube.com/w TODAY!",
            ),
            past(5, Fate::Published, "c", "as in https://youtube.com/other"),
        ];
        // Were it the site itself, its links would say nothing; the address and the words still
        // would.
        let own = Policy {
            site: Some("http://shoes.co.uk".into()),
            ..Policy::default()
        };
        assert_eq!(
            judge(&history, &own)[1..4],
            [
                Labelled(Ham, Ground::Tended),
                Doubted(Doubt::SignsLikeSpam),
                Doubted(Doubt::ReadsLikeSpam)
            ]
        );
        let links = Doubted(Doubt::LinksLikeSpam);
        assert_eq!(
            judge(&history, &Policy::default())[1..],
            [
                links,
                Doubted(Doubt::SignsLikeSpam),
                links,
                Labelled(Ham, Ground::Tended)
            ]
        );
    }

    #[test]
    fn the_sites_own_people_are_believed_and_vouch() {
        let policy = Policy {
            staff: HashSet::from(["an".to_owned()]),
            ..Policy::default()
        };
        let history = [
            past(1, Fate::Published, "An ", "welcome"),
            past(8, Fate::Published, "b", "thanks"),
            past(99, Fate::Spam, "an", "oops"),
        ];
        assert_eq!(
            judge(&history, &policy),
            [
                Labelled(Ham, Ground::Staff),
                Labelled(Ham, Ground::Tended),
                Doubted(Doubt::SpamOfStaff)
            ]
        );
    }
}
