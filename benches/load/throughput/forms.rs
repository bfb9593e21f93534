//! Comments of real blogs in, whole checks as WordPress sends them out: browser, e-mail, page and
//! six copies of request headers, some 900 bytes of form around some 180 of text.

use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, ensure};
use flate2::read::MultiGzDecoder;
use serde_json::Value;

/// The key of every request.
pub(crate) const KEY: &str = "0123456789ab";
/// Texts of more bytes are left out, so that the average is that of blogs.
const LONGEST: usize = 700;
/// Checks that are sent in turn.
const COUNT: usize = 2_000;
const BROWSERS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
];

/// Whole checks of comments from the moderation queues of blogs.
pub(crate) fn of_blogs(corpora: &Path) -> anyhow::Result<Vec<String>> {
    let file = corpora.join("blog_queues.jsonl.gz");
    let packed =
        std::fs::File::open(&file).with_context(|| format!("{} is needed", file.display()))?;
    let lines = BufReader::new(MultiGzDecoder::new(packed)).lines();
    let mut forms = Vec::new();
    // One in ten, so that many blogs are among them.
    for line in lines.step_by(10) {
        let row: Value = serde_json::from_str(&line?)?;
        let text = row["text"].as_str().unwrap_or("");
        if (1..=LONGEST).contains(&text.len()) {
            forms.push(form(&row, forms.len()));
        }
        if forms.len() == COUNT {
            break;
        }
    }
    ensure!(forms.len() > 500, "only {} comments fit", forms.len());
    Ok(forms)
}

fn form(row: &Value, at: usize) -> String {
    let field = |name: &str| row[name].as_str().unwrap_or("");
    let ip = format!("113.{}.{}.{}", 161 + at % 7, at / 200 % 250, 1 + at % 200);
    let email = format!("writer{at}@mail.example");
    let permalink = format!("https://blog.example/2026/11/post-{}/", at % 40);
    let browser = BROWSERS[at % BROWSERS.len()];
    let fields = [
        ("blog", "https://blog.example"),
        ("user_ip", &ip),
        ("user_agent", browser),
        ("referrer", &permalink),
        ("permalink", &permalink),
        ("comment_type", "comment"),
        ("comment_author", field("author")),
        ("comment_author_email", &email),
        ("comment_author_url", field("url")),
        ("comment_content", field("text")),
        ("blog_lang", "en_US"),
        ("blog_charset", "UTF-8"),
        ("HTTP_HOST", "blog.example"),
        ("HTTP_ACCEPT", "text/html,application/xhtml+xml"),
        ("HTTP_ACCEPT_LANGUAGE", "en-US,en;q=0.9"),
        ("HTTP_ACCEPT_ENCODING", "gzip, deflate, br"),
        ("HTTP_ORIGIN", "https://blog.example"),
        ("HTTP_CONNECTION", "keep-alive"),
        ("api_key", KEY),
    ];
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}
