//! An alert about a key in, `X-akismet-alert-*` headers out. Sent on verify-key, comment-check and
//! get-stats alone, and never while nothing is wrong: WordPress shows them to its administrator
//! until an answer comes without them, other clients throw.

use axum::http::HeaderValue;
use axum::response::Response;

use crate::http::akismet::answer::{GUID, header_text, plain};
use crate::moderation::{Alert, new_guid};

/// The protocol's number for an alert.
fn code(alert: Alert) -> u64 {
    match alert {
        // The service's own code for a suspended key (issue trackers show it together with
        // `X-akismet-error: suspended`).
        Alert::Suspended => 10_402,
        Alert::SiteRevoked => 10_403,
        Alert::OverLimit { months, .. } => match months {
            0 | 1 => 10_501,
            2 => 10_502,
            3 => 10_508,
            _ => 10_516,
        },
    }
}

/// The same as a word, for usage-limit.
pub(super) fn notice_level(months_over: u32) -> &'static str {
    match months_over {
        0 => "NOTICE_NONE",
        1 => "NOTICE_FIRST_MONTH_OVER_LIMIT",
        2 => "NOTICE_SECOND_MONTH_OVER_LIMIT",
        3 => "NOTICE_THIRD_MONTH_OVER_LIMIT",
        _ => "NOTICE_FOUR_PLUS_MONTHS_OVER_LIMIT",
    }
}

fn message(alert: Alert) -> String {
    match alert {
        Alert::Suspended => {
            "This API key is suspended. Comments are not checked; please ask whoever runs the filter.".to_owned()
        }
        Alert::SiteRevoked => {
            "This API key does not serve this site any more. Comments are not checked; please ask whoever owns the key.".to_owned()
        }
        Alert::OverLimit { checks, limit, .. } => {
            format!("This API key has made {checks} checks this month and may make {limit}. Comments are still checked.")
        }
    }
}

/// Adds what an alert says, if there is one.
pub(super) fn tell(response: &mut Response, alert: Option<Alert>) {
    let Some(alert) = alert else { return };
    let headers = response.headers_mut();
    headers.insert("x-akismet-alert-code", code(alert).into());
    headers.insert("x-akismet-alert-msg", header_text(&message(alert)));
    if let Alert::OverLimit { checks, limit, .. } = alert {
        headers.insert("x-akismet-alert-api-calls", checks.into());
        headers.insert("x-akismet-alert-usage-limit", limit.into());
    }
}

/// The answer to a check that is not made, if the alert is one that ends the service: `false`, held
/// for a person where the client can hold. With a guid, or WordPress would publish at once.
pub(super) fn unserved(alert: Alert) -> Option<Response> {
    let error = match alert {
        Alert::Suspended => "suspended",
        Alert::SiteRevoked => "revoked",
        Alert::OverLimit { .. } => return None,
    };
    let mut response = plain("false");
    let headers = response.headers_mut();
    headers.insert(GUID, header_text(&new_guid()));
    headers.insert("x-akismet-error", HeaderValue::from_static(error));
    tell(&mut response, Some(alert));
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_month_over_the_limit_has_its_code_and_its_word() {
        let over = |months| Alert::OverLimit {
            months,
            checks: 11,
            limit: 10,
        };
        let codes: Vec<u64> = (1..=5).map(|months| code(over(months))).collect();
        assert_eq!(codes, [10_501, 10_502, 10_508, 10_516, 10_516]);
        assert_eq!(notice_level(2), "NOTICE_SECOND_MONTH_OVER_LIMIT");
        assert!(unserved(over(1)).is_none());
    }
}
