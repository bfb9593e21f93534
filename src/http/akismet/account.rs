//! `usage-limit` and `key-sites`: a key in; how much it was used, in all and by site, and how much
//! it may be, out. Counts nothing.

use std::cmp::Reverse;
use std::fmt::Write;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::comment::SiteId;
use crate::http::akismet::answer::plain;
use crate::http::akismet::call::{AppState, Call};
use crate::http::akismet::refused::Refused;
use crate::http::akismet::{alert, wire};
use crate::http::app::{App, Policy};
use crate::http::form::Fields;
use crate::moderation::{AccountStatus, Month, Usage};
use crate::verdict::Verdict;

pub(super) async fn usage_limit(State(app): AppState, request: Request) -> Response {
    let answer = async {
        let call = Call::read(&app, request).await?;
        let status = app.moderation.accounts.status(&call.recognise(&app)?);
        let extended = wire::is_set(&call.fields, "extended");
        Ok::<_, Refused>(Json(limit(&status, extended)))
    };
    answer.await.into_response()
}

pub(super) async fn key_sites(State(app): AppState, request: Request) -> Response {
    let answer = async {
        let this_month = app.moderation.accounts.this_month();
        let call = Call::read(&app, request).await?;
        let admitted = call.recognise(&app)?;
        let page = Page::of(&call.fields, this_month)?;
        let rows = app
            .moderation
            .accounts
            .usage(&admitted, page.month)
            .await?
            .into_iter();
        let (mut shown, total) = page.cut(rows.map(|row| Row::of_site(&app, row)).collect());
        for row in &mut shown {
            let moderation = &app.moderation;
            row.is_revoked = moderation
                .accounts
                .admit_site(&admitted, &row.site)
                .is_err();
            if page.extended {
                row.hash = Some(
                    moderation
                        .accounts
                        .fingerprint(&admitted, row.site.as_str()),
                );
            }
        }
        Ok::<_, Refused>(match page.format {
            Format::Json => Json(page.json(&shown, total)).into_response(),
            Format::Csv => {
                let key = call.key.as_deref().unwrap_or("").trim();
                plain(page.csv(key, &shown, total))
            }
        })
    };
    answer.await.into_response()
}

fn limit(status: &AccountStatus, extended: bool) -> Value {
    let share = |limit: u64| status.checks as f64 / limit as f64 * 100.0;
    let mut answer = json!({
        "limit": status.monthly_limit.map_or(json!("none"), Value::from),
        "usage": status.checks,
        "percentage": format!("{:.2}", status.monthly_limit.map_or(0.0, share)),
        "throttled": status.months_over > 0,
    });
    if extended {
        answer["notice_level"] = json!(alert::notice_level(status.months_over));
        answer["upgrade"] = json!(false);
    }
    answer
}

/// Spam and ham as the wire counts them. The protocol knows no third verdict: an unsure one counts
/// as what the client was told.
pub(super) fn told(usage: &Usage, policy: Policy) -> (u64, u64) {
    if policy.is_spam(Verdict::Unsure) {
        (usage.spam + usage.unsure, usage.ham)
    } else {
        (usage.spam, usage.ham + usage.unsure)
    }
}

/// One site, as the wire counts it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    site: SiteId,
    usage: Usage,
    spam: u64,
    ham: u64,
    is_revoked: bool,
    /// Where it was asked for.
    hash: Option<String>,
}

impl Row {
    fn of_site(app: &App, row: (SiteId, Usage)) -> Self {
        let policy = app.policy_of(&row.0);
        Self::of(row, policy)
    }

    fn of((site, usage): (SiteId, Usage), policy: Policy) -> Self {
        let (spam, ham) = told(&usage, policy);
        Self {
            site,
            usage,
            spam,
            ham,
            is_revoked: false,
            hash: None,
        }
    }

    /// The five figures, in the order of the columns.
    fn figures(&self) -> [u64; 5] {
        let Usage {
            missed_spam,
            false_positives,
            ..
        } = self.usage;
        let calls = self.usage.checks();
        [calls, self.spam, self.ham, missed_spam, false_positives]
    }
}

/// What `order` may say, at the place of the figure it means.
const ORDERS: [&str; 5] = ["total", "spam", "ham", "missed_spam", "false_positives"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Csv,
}

/// Which sites are asked for, and how they shall look.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Page {
    month: Month,
    filter: String,
    /// Index into [`ORDERS`] and [`Row::figures`].
    order: usize,
    limit: usize,
    offset: usize,
    format: Format,
    extended: bool,
}

fn month(fields: &Fields, this_month: Month) -> Result<Month, Refused> {
    let asked = fields.filled("month").map_or(Ok(this_month), str::parse);
    asked.map_err(|bad| Refused::Field("month", bad.to_string()))
}

impl Page {
    fn of(fields: &Fields, this_month: Month) -> Result<Self, Refused> {
        let number = |name: &'static str, otherwise: usize| {
            let asked = fields.filled(name).map_or(Ok(otherwise), str::parse);
            asked.map_err(|_| Refused::Field(name, format!("\"{name}\" is not a whole number")))
        };
        let order = fields.filled("order").unwrap_or(ORDERS[0]);
        Ok(Self {
            month: month(fields, this_month)?,
            filter: fields.filled("filter").unwrap_or("").to_lowercase(),
            order: ORDERS.iter().position(|o| *o == order).ok_or_else(|| {
                Refused::Field("order", format!("expected one of {}", ORDERS.join(", ")))
            })?,
            limit: number("limit", 500)?,
            offset: number("offset", 0)?,
            format: match fields.filled("format") {
                None | Some("json") => Format::Json,
                Some("csv") => Format::Csv,
                Some(_) => return Err(Refused::Field("format", "expected json or csv".to_owned())),
            },
            extended: wire::is_set(fields, "extended"),
        })
    }

    /// The sites of this page, most used first, and how many there are on all pages.
    fn cut(&self, mut rows: Vec<Row>) -> (Vec<Row>, usize) {
        rows.retain(|row| row.site.as_str().to_lowercase().contains(&self.filter));
        rows.sort_by(|a, b| {
            let place = |row: &Row| Reverse(row.figures()[self.order]);
            place(a).cmp(&place(b)).then_with(|| a.site.cmp(&b.site))
        });
        let total = rows.len();
        let shown = rows.into_iter().skip(self.offset).take(self.limit);
        (shown.collect(), total)
    }

    /// Counts are texts here: so the service writes them, and clients read them.
    fn json(&self, rows: &[Row], total: usize) -> Value {
        let sites: Vec<Value> = rows
            .iter()
            .map(|row| {
                let [calls, spam, ham, missed, false_positives] =
                    row.figures().map(|figure| figure.to_string());
                let mut site = json!({
                    "site": row.site,
                    "api_calls": calls,
                    "spam": spam,
                    "ham": ham,
                    "missed_spam": missed,
                    "false_positives": false_positives,
                    "is_revoked": row.is_revoked,
                });
                if let Some(hash) = &row.hash {
                    site["hash"] = json!(hash);
                    site["eligible_for_revoke"] = json!(!row.is_revoked);
                }
                site
            })
            .collect();
        json!({ self.month.to_string(): sites, "limit": self.limit, "offset": self.offset, "total": total })
    }

    fn csv(&self, key: &str, rows: &[Row], total: usize) -> String {
        let Self {
            month,
            limit,
            offset,
            ..
        } = self;
        let mut text = format!(
            "Active sites for {key} during {month} (limit:{limit}, offset: {offset}, total: {total})\n\
             Site,Total API Calls,Spam,Ham,Missed Spam,False Positives,Is Revoked\n"
        );
        for row in rows {
            let [calls, spam, ham, missed, false_positives] = row.figures();
            let (site, is_revoked) = (quoted(row.site.as_str()), row.is_revoked);
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "{site},{calls},{spam},{ham},{missed},{false_positives},{is_revoked}"
            );
        }
        text
    }
}

/// A field of CSV (RFC 4180): the path of a site may hold a comma. What a spreadsheet would take
/// for a formula gets an apostrophe, which makes it text there; no host begins like that, so
/// clients read what they always read.
fn quoted(text: &str) -> String {
    let text = match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => &format!("'{text}"),
        false => text,
    };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::form;
    use crate::moderation::Service;
    use crate::policy::Unsure;

    fn november() -> Month {
        "2026-11".parse().expect("a month")
    }

    fn page(query: &str) -> Result<Page, &'static str> {
        Page::of(&form::decode(query), november()).map_err(|refused| match refused {
            Refused::Field(field, _) => field,
            _ => "refused for another reason",
        })
    }

    fn rows(unsure: Unsure) -> Vec<Row> {
        let usage = |ham, unsure, spam| Usage {
            ham,
            unsure,
            spam,
            missed_spam: 2,
            false_positives: 0,
        };
        let policy = Policy {
            unsure,
            max_body_bytes: 0,
        };
        let row = |site, usage| Row::of((SiteId::parse(site).expect("a site"), usage), policy);
        vec![
            row("b.example", usage(1, 1, 0)),
            row("a.example", usage(2, 0, 0)),
            row("c.example/x,y", usage(0, 0, 9)),
        ]
    }

    #[track_caller]
    fn order(query: &str, expected: &[&str]) {
        let (shown, total) = page(query).expect("a page").cut(rows(Unsure::Hold));
        let sites: Vec<&str> = shown.iter().map(|row| row.site.as_str()).collect();
        assert_eq!((sites.as_slice(), total >= shown.len()), (expected, true));
    }

    #[test]
    fn sites_are_ordered_filtered_and_cut() {
        order("", &["c.example/x,y", "a.example", "b.example"]);
        order("order=ham", &["a.example", "b.example", "c.example/x,y"]);
        order("limit=1&offset=1", &["a.example"]);
        order("filter=B.EX", &["b.example"]);
        order("offset=9", &[]);
    }

    #[test]
    fn fields_that_make_no_sense_are_named() {
        for (query, field) in [
            ("month=2026-13", "month"),
            ("order=site", "order"),
            ("limit=-1", "limit"),
            ("offset=x", "offset"),
            ("format=xml", "format"),
        ] {
            assert_eq!(page(query), Err(field));
        }
    }

    #[test]
    fn json_has_the_shape_of_the_protocol() {
        let page = page("limit=1").expect("a page");
        let (shown, total) = page.cut(rows(Unsure::Hold));
        assert_eq!(
            page.json(&shown, total).to_string(),
            r#"{"2026-11":[{"site":"c.example/x,y","api_calls":"9","spam":"9","ham":"0","missed_spam":"2","false_positives":"0","is_revoked":false}],"limit":1,"offset":0,"total":3}"#
        );
        let mut status = AccountStatus {
            service: Service::Served,
            checks: 7,
            monthly_limit: None,
            months_over: 0,
        };
        assert_eq!(
            limit(&status, false).to_string(),
            r#"{"limit":"none","usage":7,"percentage":"0.00","throttled":false}"#
        );
        status.monthly_limit = Some(350_000);
        status.checks = 7_463;
        assert_eq!(
            limit(&status, true).to_string(),
            r#"{"limit":350000,"usage":7463,"percentage":"2.13","throttled":false,"notice_level":"NOTICE_NONE","upgrade":false}"#
        );
    }

    #[test]
    fn no_site_is_a_formula() {
        for (site, field) in [
            ("=1+1.example", "'=1+1.example"),
            ("+1.example", "'+1.example"),
            ("-2+3.example", "'-2+3.example"),
            ("@x.example", "'@x.example"),
            ("=a(1,2).example", "\"'=a(1,2).example\""),
            ("a-b.example/=1", "a-b.example/=1"),
        ] {
            assert_eq!(quoted(site), field);
        }
    }

    #[test]
    fn csv_has_the_shape_of_the_protocol_and_unsure_counts_as_told() {
        let page = page("format=csv&month=2026-10").expect("a page");
        let (shown, total) = page.cut(rows(Unsure::Spam));
        assert_eq!(
            page.csv("123456789abc", &shown, total),
            "Active sites for 123456789abc during 2026-10 (limit:500, offset: 0, total: 3)\n\
             Site,Total API Calls,Spam,Ham,Missed Spam,False Positives,Is Revoked\n\
             \"c.example/x,y\",9,9,0,2,0,false\n\
             a.example,2,0,2,2,0,false\n\
             b.example,2,1,1,2,0,false\n"
        );
    }
}
