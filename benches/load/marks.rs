//! Puts a measured table between two marks of a document; changes nothing else of it.

use anyhow::bail;

/// What stands before and behind the table of this name.
pub(crate) fn marks(name: &str) -> [String; 2] {
    ["begin", "end"].map(|mark| format!("<!-- {name}: {mark} -->"))
}

/// The text with something else between the marks of this name.
pub(crate) fn replaced(text: &str, name: &str, table: &str) -> anyhow::Result<String> {
    let [begin, end] = marks(name);
    let parts = text.split_once(&begin).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(&end)?;
        Some((before, after))
    });
    let Some((before, after)) = parts else {
        bail!(
            "the table goes between two lines that are missing; put {begin} and {end} where it shall stand"
        );
    };
    Ok(format!("{before}{begin}\n{}\n{end}{after}", table.trim()))
}

#[cfg(test)]
mod tests {
    use super::{marks, replaced};

    #[test]
    fn only_what_lies_between_the_marks_changes() {
        let [begin, end] = marks("it");
        let text = format!("# Security\n\nWho\n{begin}\n| old |\n{end}\nend\n");
        let new = replaced(&text, "it", "| new |\n").expect("marks");
        assert_eq!(
            new,
            format!("# Security\n\nWho\n{begin}\n| new |\n{end}\nend\n")
        );
        assert_eq!(replaced(&new, "it", "| new |\n").expect("marks"), new);
    }

    #[test]
    fn a_text_without_marks_in_their_order_is_refused() {
        let [begin, end] = marks("it");
        for text in ["# Security\n".to_owned(), format!("{end}\n{begin}\n")] {
            let why = replaced(&text, "it", "| new |").expect_err("no marks");
            let why = why.to_string();
            assert!(why.contains(&begin) && why.contains(&end), "{why}");
        }
    }
}
