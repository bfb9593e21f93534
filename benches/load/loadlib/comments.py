"""Whole checks as WordPress sends them: name, home page, e-mail, browser, page and copies of request
headers. The texts are sentences of our own training comments (training-data/), Vietnamese and English,
put together anew; or whole comments of a corpus.

Everything is percent-encoded once, at the start: a load generator must not spend its time on that."""

import glob
import gzip
import json
import os
import random
import re
from urllib.parse import quote_plus

from .server import ROOT

BROWSERS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
]
# One spam comment in so many is a copy of a few: a campaign.
CAMPAIGN_EVERY = 12
CAMPAIGN_TEXTS = 20
# Longer texts of a corpus are left out, so that the average is that of blogs.
LONGEST = 700


class _Pool:
    """Comments of one language and label."""

    def __init__(self):
        self.sentences, self.texts, self.authors, self.urls = [], [], [], []

    def add(self, row):
        text = row["text"]
        self.texts.append(quote_plus(text[:LONGEST]))
        for sentence in re.split(r"(?<=[.!?…])\s+|\n+", text):
            if 12 <= len(sentence) <= 200:
                self.sentences.append(quote_plus(sentence))
        if row.get("author"):
            self.authors.append(quote_plus(row["author"]))
        if row.get("url"):
            self.urls.append(quote_plus(row["url"]))


class Comments:
    """Makes forms without end. The same seed makes the same forms."""

    def __init__(self, seed=1, corpus=None):
        self.random = random.Random(seed)
        self.is_recombined = corpus is None
        pools = {}
        for row in _corpus(corpus) if corpus else _training_data():
            kind = (row.get("lang") or "en", row["label"])
            pools.setdefault(kind, _Pool()).add(row)
        # Half of all comments Vietnamese, a third spam; a corpus as it comes.
        weights = {("vi", "ham"): 33, ("en", "ham"): 33, ("vi", "spam"): 17, ("en", "spam"): 17}
        self.pools = [(label, pool) for (_, label), pool in pools.items() if pool.sentences]
        self.weights = [weights.get(kind, 17) for kind, pool in pools.items() if pool.sentences]
        self.heads = [
            f"blog_lang={lang}&blog_charset=UTF-8&comment_type=comment&user_agent={quote_plus(browser)}"
            f"&HTTP_ACCEPT={quote_plus('text/html,application/xhtml+xml')}"
            f"&HTTP_ACCEPT_LANGUAGE={quote_plus(accepts)}&HTTP_ACCEPT_ENCODING=gzip%2C+deflate%2C+br"
            "&HTTP_CONNECTION=keep-alive"
            for browser in BROWSERS
            for lang, accepts in (("en_US", "en-US,en;q=0.9"), ("vi", "vi-VN,vi;q=0.9,en;q=0.8"))
        ]

    def kind(self):
        """A label and the pool to draw from."""
        return self.random.choices(self.pools, self.weights)[0]

    def text(self, pool, is_spam):
        """An encoded text."""
        pick = self.random.choice
        if is_spam and self.random.randrange(CAMPAIGN_EVERY) == 0:
            return pool.texts[self.random.randrange(CAMPAIGN_TEXTS) % len(pool.texts)]
        if not self.is_recombined:
            return f"{pick(pool.texts)}+{self.random.randrange(1 << 20)}"
        return "+".join(pick(pool.sentences) for _ in range(pick((1, 2, 2, 2, 3, 4))))

    def fields(self):
        """All of a form but the site, the key and the text; the text; its label. Encoded."""
        chance = self.random.random
        label, pool = self.kind()
        is_spam = label == "spam"
        person = int(20_000 * chance() ** 2)
        author = pool.authors[person % len(pool.authors)] if pool.authors else f"writer{person}"
        has_url = pool.urls and chance() < (0.6 if is_spam else 0.15)
        url = pool.urls[person % len(pool.urls)] if has_url else ""
        post = int(40 * chance())
        head = (
            f"{self.heads[person % len(self.heads)]}"
            f"&user_ip=113.{160 + person % 8}.{int(256 * chance())}.{1 + int(254 * chance())}"
            f"&comment_author={author}&comment_author_email=writer{person}%40mail.example"
            f"&comment_author_url={url}&comment_post_ID={post}"
        )
        return head, self.text(pool, is_spam), label, post

    def form(self, site, key):
        """A whole check of a site, as bytes, and what its writer would call it."""
        head, text, label, post = self.fields()
        blog = f"https%3A%2F%2Fsite{site}.example"
        page = f"{blog}%2F2026%2F11%2Fpost-{post}%2F"
        form = (
            f"blog={blog}&permalink={page}&referrer={page}&HTTP_HOST=site{site}.example"
            f"&HTTP_ORIGIN={blog}&{head}&comment_content={text}&api_key={key}"
        )
        return form.encode(), label


def _training_data():
    for path in sorted(glob.glob(os.path.join(ROOT, "training-data", "*", "*.jsonl"))):
        with open(path, encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                if row["lang"] in ("vi", "en"):
                    yield row


def _corpus(path):
    """Comments of a corpus, one in five, so that many blogs are among them."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for at, line in enumerate(file):
            if at % 5 == 0:
                row = json.loads(line)
                if row.get("text") and row.get("label") in ("spam", "ham"):
                    yield {**row, "lang": "en"}
