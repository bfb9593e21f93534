//! What a reader of the documents finds: plain words on the first screens, and the same commands in both languages.

use std::path::Path;

fn document(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(root.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// All code blocks, with the language that each names.
fn blocks(markdown: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            is_open = !is_open;
            if is_open {
                blocks.push(line.trim().to_owned());
            }
        } else if let (true, Some(block)) = (is_open, blocks.last_mut()) {
            block.push('\n');
            block.push_str(line.trim());
        }
    }
    blocks
}

#[test]
fn both_languages_say_the_same_commands() {
    for (english, vietnamese) in [
        ("README.md", "README.vi.md"),
        ("docs/AKISMET.md", "docs/AKISMET.vi.md"),
    ] {
        let [one, other] = [english, vietnamese].map(|path| blocks(&document(path)));
        assert!(one.len() >= 6, "{english} has {} blocks", one.len());
        for (at, (one, other)) in one.iter().zip(&other).enumerate() {
            assert_eq!(one, other, "block {at} of {english} and {vietnamese}");
        }
        assert_eq!(one.len(), other.len(), "{english} and {vietnamese}");
    }
}

#[test]
fn both_languages_have_the_same_headings() {
    for (english, vietnamese) in [
        ("README.md", "README.vi.md"),
        ("docs/AKISMET.md", "docs/AKISMET.vi.md"),
    ] {
        let levels = |path: &str| -> Vec<usize> {
            let text = document(path);
            let heads = text.lines().filter(|line| line.starts_with('#'));
            heads
                .map(|line| line.bytes().take_while(|b| *b == b'#').count())
                .collect()
        };
        assert_eq!(
            levels(english),
            levels(vietnamese),
            "{english} and {vietnamese}"
        );
    }
}

#[test]
fn the_first_two_screens_have_no_words_of_our_own() {
    let readme = document("README.md").to_lowercase();
    let screens: Vec<&str> = readme.lines().take(80).collect();
    let text = screens.join("\n");
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
    for own in [
        "door", "doors", "ledger", "layer", "layers", "unheard", "vouch", "vouched", "standing",
        "ruling", "rulings",
    ] {
        assert!(!words.contains(&own), "{own:?} is explained nowhere yet");
    }
}
