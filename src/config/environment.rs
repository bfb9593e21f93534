//! Names of the environment that begin with `PHIN_` in; which of them are settings, and which
//! belong to others, out. Kubernetes puts the address of every service into the environment of
//! every pod: for a service named phin as `PHIN_PORT` and `PHIN_SERVICE_HOST`. Reads no value.

use std::collections::BTreeSet;

const PREFIX: &str = "PHIN_";

/// Variables of the command line that are no settings of the server.
const OF_COMMANDS: &[&str] = &["config", "corpora"];

/// Variables for which nothing is as good as none: a compose file passes on what nobody set.
const MAY_BE_EMPTY: &[&str] = &["bootstrap_key"];

/// What the environment has.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Variables {
    /// Settings, without the prefix and in small letters.
    pub(super) ours: BTreeSet<String>,
    /// Names as they are there.
    pub(super) foreign: Vec<String>,
}

/// A variable that is nearly called like a setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the environment has {given}, which is no setting; is {meant} meant? Rename it, or unset it"
)]
pub struct Misspelt {
    /// As it is there.
    pub given: String,
    /// The setting that is called nearly so.
    pub meant: String,
}

/// Sorts the variables of this process by the names of all settings.
///
/// # Errors
/// One is nearly called like a setting.
pub(super) fn sort(settings: &BTreeSet<String>) -> Result<Variables, Misspelt> {
    let there = std::env::vars_os().map(|(name, value)| {
        let name = name.to_string_lossy().into_owned();
        (name, value.is_empty())
    });
    sorted(there, settings)
}

/// The same of any, each with whether it is empty.
fn sorted(
    there: impl Iterator<Item = (String, bool)>,
    settings: &BTreeSet<String>,
) -> Result<Variables, Misspelt> {
    let mut variables = Variables::default();
    for (given, is_empty) in there {
        let Some(name) = without_prefix(&given) else {
            continue;
        };
        if is_empty && MAY_BE_EMPTY.contains(&name.as_str()) {
            continue;
        }
        if settings.contains(&name) {
            variables.ours.insert(name);
        } else if let Some(meant) = nearly(&name, settings) {
            return Err(Misspelt {
                given,
                meant: format!("{PREFIX}{}", meant.to_uppercase()),
            });
        } else if !OF_COMMANDS.contains(&name.as_str()) {
            variables.foreign.push(given);
        }
    }
    variables.foreign.sort_unstable();
    Ok(variables)
}

/// `data_dir` of `PHIN_DATA_DIR`.
fn without_prefix(given: &str) -> Option<String> {
    let (prefix, name) = given.split_at_checked(PREFIX.len())?;
    prefix
        .eq_ignore_ascii_case(PREFIX)
        .then(|| name.to_lowercase())
}

/// The setting whose name is one or two slips away; a name of few letters is near to many, so one
/// slip is all it may have.
fn nearly<'a>(name: &str, settings: &'a BTreeSet<String>) -> Option<&'a str> {
    if OF_COMMANDS.contains(&name) {
        return None;
    }
    let known = settings
        .iter()
        .map(String::as_str)
        .chain(OF_COMMANDS.iter().copied());
    known
        .map(|known| (strsim::osa_distance(name, known), known))
        .filter(|(slips, known)| *slips <= if known.len() > 4 { 2 } else { 1 })
        .min()
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[(&str, bool)]) -> Result<Variables, Misspelt> {
        let settings = [
            "listen",
            "data_dir",
            "model",
            "log",
            "retention_days",
            "bootstrap_key",
        ];
        let names = names
            .iter()
            .map(|(name, is_empty)| ((*name).to_owned(), *is_empty));
        sorted(names, &settings.map(str::to_owned).into())
    }

    #[test]
    fn what_kubernetes_sets_is_foreign_and_what_is_ours_is_found() {
        let found = of(&[
            ("PATH", false),
            ("PHIN_PORT", false),
            ("PHIN_SERVICE_HOST", false),
            ("PHIN_PORT_8080_TCP_ADDR", false),
            ("PHIN_DATA_DIR", false),
            ("PHIN_CORPORA", false),
            ("PHIN_LOG", true),
            ("PHIN_BOOTSTRAP_KEY", true),
        ]);
        let found = found.expect("none is misspelt");
        assert_eq!(Vec::from_iter(&found.ours), ["data_dir", "log"]);
        assert_eq!(
            found.foreign,
            ["PHIN_PORT", "PHIN_PORT_8080_TCP_ADDR", "PHIN_SERVICE_HOST"]
        );
    }

    #[test]
    fn a_slip_is_told_with_the_right_name() {
        for (given, meant) in [
            ("PHIN_LISTN", "PHIN_LISTEN"),
            ("PHIN_DATADIR", "PHIN_DATA_DIR"),
            ("PHIN_LGO", "PHIN_LOG"),
            ("PHIN_MODELS", "PHIN_MODEL"),
            ("PHIN_RETENTION_DAY", "PHIN_RETENTION_DAYS"),
            ("PHIN_CONFG", "PHIN_CONFIG"),
        ] {
            let told = of(&[(given, false)]).expect_err("a slip").to_string();
            assert!(
                told.contains(given) && told.contains(&format!("is {meant} meant")),
                "{told}"
            );
        }
        assert!(of(&[("PHIN_JOB", false), ("PHIN_NAME", false)]).is_ok());
    }
}
