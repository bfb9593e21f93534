//! `get-stats` (of a site) and `get-key-stats` (of all sites of a key): a span in, what was counted
//! in it by month or day, in the service's own shapes, out. Counts nothing.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::comment::SiteId;
use crate::http::akismet::account::told;
use crate::http::akismet::alert;
use crate::http::akismet::call::{AppState, Call};
use crate::http::akismet::refused::Refused;
use crate::http::app::{App, Policy};
use crate::http::form::Fields;
use crate::moderation::{Admitted, Period, Span, Usage};

/// What `from` may say.
const SPANS: [(&str, Span); 3] = [
    ("6-months", Span::Months(6)),
    ("all", Span::All),
    ("60-days", Span::Days(60)),
];

/// The time a person needs to read a comment, to see that it is spam and to put it away, in
/// seconds. The one answer of the service that is known has 7,455 seconds for 149 spam: 50.03 each
/// (docs/DECISIONS.md, "get-stats covers the site that is sent").
const SECONDS_PER_SPAM: u64 = 50;

/// The site that is named; all sites of the key if none is.
pub(super) async fn of_site(State(app): AppState, request: Request) -> Response {
    let answer = async {
        let call = Call::read(&app, request).await?;
        let admitted = call.recognise(&app)?;
        let site = match call.fields.filled("blog") {
            Some(_) => Some(call.site()?),
            None => None,
        };
        let span = span(&call.fields)?;
        let mut response = stats(&app, &admitted, site.as_ref(), span).await?;
        alert::tell(
            &mut response,
            app.moderation.accounts.alert(&admitted, site.as_ref()),
        );
        Ok::<_, Refused>(response)
    };
    answer.await.unwrap_or_else(IntoResponse::into_response)
}

/// All sites of the key, whichever is named.
pub(super) async fn of_key(State(app): AppState, request: Request) -> Response {
    let answer = async {
        let call = Call::read(&app, request).await?;
        let admitted = call.recognise(&app)?;
        let span = match call.fields.filled("year") {
            Some(year) => Span::Year(parse_year(year)?),
            None => span(&call.fields)?,
        };
        stats(&app, &admitted, None, span).await
    };
    answer.await.unwrap_or_else(IntoResponse::into_response)
}

fn span(fields: &Fields) -> Result<Span, Refused> {
    let asked = fields.filled("from").unwrap_or(SPANS[0].0);
    let found = SPANS.iter().find(|(name, _)| *name == asked);
    found.map(|(_, span)| *span).ok_or_else(|| {
        let names = SPANS.map(|(name, _)| name).join(", ");
        Refused::Field("from", format!("expected one of {names}"))
    })
}

fn parse_year(text: &str) -> Result<u16, Refused> {
    let is_year = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    let year = is_year.then(|| text.parse().ok()).flatten();
    year.ok_or_else(|| Refused::Field("year", "expected a year such as 2026".to_owned()))
}

async fn stats(
    app: &App,
    admitted: &Admitted,
    site: Option<&SiteId>,
    span: Span,
) -> Result<Response, Refused> {
    let mut rows = app.moderation.accounts.usage_over(admitted, span).await?;
    rows.retain(|(_, of, _)| site.is_none_or(|site| of == site));
    Ok(Json(summary(&rows, app.policy)).into_response())
}

/// Sums are numbers, and counts of a period are texts, because the service writes them so and
/// clients read them so.
fn summary(rows: &[(Period, SiteId, Usage)], policy: Policy) -> Value {
    let mut periods: BTreeMap<Period, (Usage, usize)> = BTreeMap::new();
    let mut sum = Usage::default();
    for (period, _, usage) in rows {
        let (of_period, sites) = periods.entry(*period).or_default();
        *of_period += *usage;
        *sites += 1;
        sum += *usage;
    }
    let breakdown: Map<String, Value> = periods
        .iter()
        .map(|(period, (usage, sites))| {
            let (spam, ham) = told(usage, policy);
            let row = json!({
                "spam": spam.to_string(),
                "ham": ham.to_string(),
                "missed_spam": usage.missed_spam.to_string(),
                "false_positives": usage.false_positives.to_string(),
                "blogs": sites.to_string(),
                "da": period.first_day().to_string(),
            });
            (period.to_string(), row)
        })
        .collect();
    let (spam, ham) = told(&sum, policy);
    json!({
        "spam": spam,
        "ham": ham,
        "missed_spam": sum.missed_spam,
        "false_positives": sum.false_positives,
        "accuracy": accuracy(&sum),
        "time_saved": spam * SECONDS_PER_SPAM,
        "breakdown": breakdown,
    })
}

/// Checks that nobody contradicted, in percent. Where none was made, none was contradicted; a label
/// may come in a later period than its check.
fn accuracy(sum: &Usage) -> String {
    let (checks, mistakes) = (sum.checks(), sum.missed_spam + sum.false_positives);
    let share = match checks {
        0 => 1.0,
        checks => checks.saturating_sub(mistakes) as f64 / checks as f64,
    };
    format!("{:.2}", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::form;
    use crate::moderation::{Day, Month};
    use crate::policy::Unsure;

    fn row(period: Period, site: &str, counts: [u64; 5]) -> (Period, SiteId, Usage) {
        let [ham, unsure, spam, missed_spam, false_positives] = counts;
        let usage = Usage {
            ham,
            unsure,
            spam,
            missed_spam,
            false_positives,
        };
        (period, SiteId::parse(site).expect("a site"), usage)
    }

    fn month(text: &str) -> Period {
        Period::Month(text.parse::<Month>().expect("a month"))
    }

    fn told_as(unsure: Unsure) -> Policy {
        Policy {
            unsure,
            max_body_bytes: 0,
        }
    }

    #[test]
    fn the_known_answer_of_the_service_comes_out_but_for_its_odd_seconds() {
        let rows = [
            row(month("2026-01"), "a.example", [5, 0, 5, 0, 0]),
            row(month("2026-02"), "a.example", [200, 30, 140, 9, 10]),
            row(month("2026-02"), "b.example", [7, 0, 4, 1, 0]),
        ];
        assert_eq!(
            summary(&rows, told_as(Unsure::Hold)).to_string(),
            concat!(
                r#"{"spam":149,"ham":242,"missed_spam":10,"false_positives":10,"accuracy":"94.88","time_saved":7450,"breakdown":{"#,
                r#""2026-01":{"spam":"5","ham":"5","missed_spam":"0","false_positives":"0","blogs":"1","da":"2026-01-01"},"#,
                r#""2026-02":{"spam":"144","ham":"237","missed_spam":"10","false_positives":"10","blogs":"2","da":"2026-02-01"}}}"#
            )
        );
        let held_as_spam = summary(&rows, told_as(Unsure::Spam));
        assert_eq!(
            (&held_as_spam["spam"], &held_as_spam["ham"]),
            (&json!(179), &json!(212))
        );
    }

    #[test]
    fn days_are_told_as_days_and_nothing_is_no_mistake() {
        let day = Period::Day("2026-11-23".parse::<Day>().expect("a day"));
        let told = summary(
            &[row(day, "a.example", [1, 0, 0, 2, 0])],
            told_as(Unsure::Hold),
        );
        assert_eq!(told["breakdown"]["2026-11-23"]["da"], "2026-11-23");
        assert_eq!(told["accuracy"], "0.00", "never less than none");
        assert_eq!(
            summary(&[], told_as(Unsure::Hold)).to_string(),
            r#"{"spam":0,"ham":0,"missed_spam":0,"false_positives":0,"accuracy":"100.00","time_saved":0,"breakdown":{}}"#
        );
    }

    #[test]
    fn spans_and_years_that_make_no_sense_are_named() {
        let asked = |query: &str| match span(&form::decode(query)) {
            Ok(span) => Ok(span),
            Err(Refused::Field(field, _)) => Err(field),
            Err(_) => Err("refused for another reason"),
        };
        assert_eq!(asked(""), Ok(Span::Months(6)));
        assert_eq!(asked("from=all"), Ok(Span::All));
        assert_eq!(asked("from=60-days"), Ok(Span::Days(60)));
        assert_eq!(asked("from=7-days"), Err("from"));
        assert!(parse_year("2026").is_ok());
        for year in ["26", "+026", "-202", "20266", "next"] {
            assert!(parse_year(year).is_err(), "{year}");
        }
    }
}
