//! `usage-limit` and `key-sites`: how much a key was used, in all and by site. Nobody is limited here, so the limit is always `none`.

use std::cmp::Reverse;
use std::fmt::Write;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{AppState, Call, Refused, plain, wire};
use crate::comment::SiteId;
use crate::http::body::Fields;
use crate::http::{App, Policy};
use crate::moderation::{Month, Usage};
use crate::verdict::Verdict;

pub(super) async fn usage_limit(State(app): AppState, request: Request) -> Response {
    let answer = async {
        let (call, rows) = usage(&app, request, |_| Ok(app.moderation.this_month())).await?;
        let checks = rows.iter().map(|(_, usage)| usage.checks()).sum();
        Ok::<_, Refused>(Json(limit(checks, wire::is_set(&call.fields, "extended"))))
    };
    answer.await.into_response()
}

pub(super) async fn key_sites(State(app): AppState, request: Request) -> Response {
    let answer = async {
        let this_month = app.moderation.this_month();
        let (call, rows) = usage(&app, request, |fields| month(fields, this_month)).await?;
        let page = Page::of(&call.fields, this_month)?;
        let rows = rows.into_iter();
        let (shown, total) = page.cut(rows.map(|row| Row::of_site(&app, row)).collect());
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

/// Reads the call, admits its key and fetches the usage of the month it asks for.
async fn usage(
    app: &App,
    request: Request,
    month: impl FnOnce(&Fields) -> Result<Month, Refused>,
) -> Result<(Call, Vec<(SiteId, Usage)>), Refused> {
    let call = Call::read_question(app, request).await?;
    let admitted = call.admit(app)?;
    let month = month(&call.fields)?;
    let rows = app.moderation.usage(&admitted, month).await;
    Ok((call, rows.map_err(|e| Refused::Unreadable(e.to_string()))?))
}

fn limit(checks: u64, extended: bool) -> Value {
    let mut answer =
        json!({ "limit": "none", "usage": checks, "percentage": "0.00", "throttled": false });
    if extended {
        answer["notice_level"] = json!("NOTICE_NONE");
        answer["upgrade"] = json!(false);
    }
    answer
}

/// One site, as the wire counts it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    site: String,
    usage: Usage,
    spam: u64,
    ham: u64,
}

impl Row {
    fn of_site(app: &App, row: (SiteId, Usage)) -> Self {
        let policy = app.policy_of(&row.0);
        Self::of(row, policy)
    }

    /// The protocol knows no third verdict: an unsure one counts as what the client was told.
    fn of((site, usage): (SiteId, Usage), policy: Policy) -> Self {
        let (spam, ham) = if policy.is_spam(Verdict::Unsure) {
            (usage.spam + usage.unsure, usage.ham)
        } else {
            (usage.spam, usage.ham + usage.unsure)
        };
        Self {
            site: site.to_string(),
            usage,
            spam,
            ham,
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
        })
    }

    /// The sites of this page, most used first, and how many there are on all pages.
    fn cut(&self, mut rows: Vec<Row>) -> (Vec<Row>, usize) {
        rows.retain(|row| row.site.to_lowercase().contains(&self.filter));
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
                json!({
                    "site": row.site,
                    "api_calls": calls,
                    "spam": spam,
                    "ham": ham,
                    "missed_spam": missed,
                    "false_positives": false_positives,
                    "is_revoked": false,
                })
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
            let site = quoted(&row.site);
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "{site},{calls},{spam},{ham},{missed},{false_positives},false"
            );
        }
        text
    }
}

/// A field of CSV (RFC 4180): the path of a site may hold a comma.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Unsure;

    fn november() -> Month {
        "2026-11".parse().expect("a month")
    }

    fn page(query: &str) -> Result<Page, &'static str> {
        Page::of(&Fields::decode(query.as_bytes()), november()).map_err(|refused| match refused {
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
        assert_eq!(
            limit(7, false).to_string(),
            r#"{"limit":"none","usage":7,"percentage":"0.00","throttled":false}"#
        );
        assert_eq!(limit(7, true)["notice_level"], "NOTICE_NONE");
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
