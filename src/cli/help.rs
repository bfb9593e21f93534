//! The command line in; the same with its help arranged for readers out: everyday commands first,
//! paragraphs as wide as the terminal. Changes no command.

use clap::Command;

/// Commands that a moderator does not need every day, under the heading that lists them.
pub(super) const GROUPS: [(&str, &[&str]); 2] = [
    (
        "For the operator",
        &[
            "keys", "sites", "import", "export", "forget", "doctor", "salvage",
        ],
    ),
    (
        "For experts, about models",
        &["models", "evaluate", "train", "replay"],
    ),
];

/// The command line with the commands of [`GROUPS`] listed below the others. The long help ends
/// with the tutorial.
pub(super) fn arranged(mut command: Command, tutorial: &str) -> Command {
    let mut apart = String::new();
    for (heading, names) in GROUPS {
        apart += &format!("{heading}:\n");
        for name in names {
            command = command.mut_subcommand(name, |of| {
                let about = of.get_about().map(ToString::to_string);
                apart += &format!("  {name:<9} {}\n", about.unwrap_or_default());
                of.hide(true)
            });
        }
        apart.push('\n');
    }
    let long = format!("{apart}{tutorial}");
    reflowed(command)
        .after_help(apart.trim_end().to_owned())
        .after_long_help(long)
}

/// The command and those below it, with paragraphs joined to one line each: clap wraps them where
/// the terminal ends. Lines that begin with a space stay as they are.
fn reflowed(command: Command) -> Command {
    let command = match command.get_after_help().map(ToString::to_string) {
        Some(text) => command.after_help(joined(&text)),
        None => command,
    };
    let names: Vec<String> = command
        .get_subcommands()
        .map(|of| of.get_name().to_owned())
        .collect();
    names.iter().fold(command, |command, name| {
        command.mut_subcommand(name, reflowed)
    })
}

fn joined(text: &str) -> String {
    let is_prose = |line: &str| !line.is_empty() && !line.starts_with(' ') && !line.ends_with(':');
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        match lines.last_mut() {
            Some(last) if is_prose(last) && !line.is_empty() && !line.starts_with(' ') => {
                last.push(' ');
                *last += line;
            }
            _ => lines.push(line.to_owned()),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_become_one_line_and_examples_stay() {
        let text = "Examples:\n  phin a\n  phin b\n\nOne line\nof two.\nThese are:\n  x  y\nAfter.";
        let expected =
            "Examples:\n  phin a\n  phin b\n\nOne line of two. These are:\n  x  y\nAfter.";
        assert_eq!(joined(text), expected);
    }

    #[test]
    fn every_command_is_listed_once() {
        let names: Vec<&'static str> = GROUPS
            .iter()
            .flat_map(|(_, names)| names.iter().copied())
            .collect();
        let command = Command::new("phin")
            .subcommand(Command::new("check"))
            .subcommands(names.iter().map(|name| Command::new(*name)));
        let help = arranged(command, "tutorial").render_help().to_string();
        for name in ["check"].iter().chain(&names) {
            let lines = help
                .lines()
                .filter(|line| line.trim_start().starts_with(name));
            assert_eq!(lines.count(), 1, "{name}: {help}");
        }
    }
}
