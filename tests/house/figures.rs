//! Figures of the house: how long files and functions are, how much is explained. Texts in, numbers out.

/// A distribution of lengths in lines.
pub(crate) struct Lengths(Vec<usize>);

impl Lengths {
    fn of(mut lengths: Vec<usize>) -> Self {
        lengths.sort_unstable();
        Self(lengths)
    }

    pub(crate) fn median(&self) -> usize {
        self.0.get(self.0.len() / 2).copied().unwrap_or(0)
    }

    pub(crate) fn most(&self) -> usize {
        self.0.last().copied().unwrap_or(0)
    }
}

/// What is measured.
pub(crate) struct Figures {
    /// Files, in lines, tests at their foot among them.
    pub(crate) files: Lengths,
    /// Functions outside tests, from the line with `fn` to the closing brace.
    pub(crate) functions: Lengths,
    /// Share of the lines outside tests that are documentation.
    pub(crate) docs: f64,
    /// Share of the lines outside tests that are comments inside code.
    pub(crate) why: f64,
    /// Lines longer than 100 characters, outside tests.
    pub(crate) long_lines: usize,
    pub(crate) lines: usize,
}

impl Figures {
    pub(crate) fn of(texts: &[(String, String)]) -> Self {
        let (mut functions, mut files) = (Vec::new(), Vec::new());
        let (mut docs, mut why, mut long_lines, mut lines, mut all) = (0, 0, 0, 0, 0);
        for (path, text) in texts {
            files.push(text.lines().count());
            all += text.lines().count();
            if path.ends_with("tests.rs") {
                continue;
            }
            let code = &text[..text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len())];
            functions.extend(lengths_of_functions(code));
            for line in code.lines() {
                lines += 1;
                let trimmed = line.trim_start();
                docs += usize::from(trimmed.starts_with("///") || trimmed.starts_with("//!"));
                why += usize::from(is_inline_comment(trimmed));
                long_lines += usize::from(line.chars().count() > 100);
            }
        }
        let share = |count: usize| count as f64 / lines.max(1) as f64;
        Self {
            files: Lengths::of(files),
            functions: Lengths::of(functions),
            docs: share(docs),
            why: share(why),
            long_lines,
            lines: all,
        }
    }
}

fn is_inline_comment(line: &str) -> bool {
    line.starts_with("//") && !line.starts_with("///") && !line.starts_with("//!")
}

/// rustfmt closes a function with a brace as far to the right as its first line.
fn lengths_of_functions(code: &str) -> Vec<usize> {
    let lines: Vec<&str> = code.lines().collect();
    let mut lengths = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        let before = trimmed.split("fn ").next().unwrap_or("");
        let is_head = trimmed.contains("fn ")
            && before
                .split_whitespace()
                .all(|w| w.starts_with("pub") || ["async", "const", "unsafe"].contains(&w));
        if !is_head || trimmed.ends_with(';') {
            continue;
        }
        let margin = line.len() - trimmed.len();
        let closing = format!("{}}}", " ".repeat(margin));
        let rest = &lines[at..];
        if line.ends_with('}') {
            lengths.push(1);
        } else if let Some(length) = rest.iter().position(|line| *line == closing) {
            lengths.push(length + 1);
        }
    }
    lengths
}
