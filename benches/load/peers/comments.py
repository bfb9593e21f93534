"""The comments that every peer gets, as a form of WordPress and as a mail.

In: blog_queues.jsonl.gz. Out: rows to learn, rows to judge, rows for the load. Whole blogs are judged
or taught, never both, and no near copy of a judged comment is taught.
"""

import gzip
import hashlib
import json
import random
import re
from dataclasses import dataclass
from email.header import Header
from pathlib import Path
from urllib.parse import urlencode

CORPUS = "blog_queues.jsonl.gz"
KEY = "0123456789ab"
# The load has no longer texts, as in benches/load/throughput, so that the average is that of blogs.
LONGEST_OF_LOAD = 700
LOAD = 2_000
# Runs of so many words tell near copies.
RUN = 5
BROWSERS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
]
NAMES = ["alex", "binh", "chris", "dana", "elena", "frank", "giang", "hanna", "ivan", "julia", "kim", "linh"]
PROVIDERS = ["gmail.com", "gmail.com", "gmail.com", "outlook.com", "yahoo.com", "icloud.com"]
NETWORKS = [2, 5, 24, 31, 37, 46, 62, 73, 80, 91, 98, 113, 118, 171, 185, 203]


@dataclass
class Row:
    """One comment. What its source does not tell is drawn from its id alone, never from its label."""

    id: str
    spam: bool
    text: str
    author: str
    url: str
    blog: str
    email: str
    ip: str
    browser: str

    @staticmethod
    def of(record: dict) -> "Row":
        drawn = random.Random(record["id"])
        name = drawn.choice(NAMES)
        address = [drawn.choice(NETWORKS), drawn.randrange(16, 250), drawn.randrange(250), drawn.randrange(1, 250)]
        return Row(
            id=record["id"],
            spam=record["label"] == "spam",
            text=record["text"],
            author=record.get("author") or "",
            url=record.get("url") or "",
            blog=record["group"],
            email=f"{name}{drawn.randrange(10_000)}@{drawn.choice(PROVIDERS)}",
            ip=".".join(map(str, address)),
            browser=drawn.choice(BROWSERS),
        )

    def site(self, one_site: bool) -> str:
        """A site for each blog, or one for all."""
        return "blog.example" if one_site else f"blog-{hashlib.sha256(self.blog.encode()).hexdigest()[:6]}.example"

    def form(self, one_site: bool = False) -> str:
        """The check as WordPress sends it."""
        host = self.site(one_site)
        page = f"https://{host}/2026/11/a-post/"
        fields = {
            "blog": f"https://{host}",
            "user_ip": self.ip,
            "user_agent": self.browser,
            "referrer": page,
            "permalink": page,
            "comment_type": "comment",
            "comment_author": self.author,
            "comment_author_email": self.email,
            "comment_author_url": self.url,
            "comment_content": self.text,
            "blog_lang": "en_US",
            "blog_charset": "UTF-8",
            "HTTP_HOST": host,
            "HTTP_ACCEPT": "text/html,application/xhtml+xml",
            "HTTP_ACCEPT_LANGUAGE": "en-US,en;q=0.9",
            "HTTP_ACCEPT_ENCODING": "gzip, deflate, br",
            "HTTP_ORIGIN": f"https://{host}",
            "HTTP_CONNECTION": "keep-alive",
        }
        return urlencode(fields | {"api_key": KEY}, errors="replace")

    def test(self, one_site: bool = False) -> str:
        """The same check as phin's own interface takes it: it keeps nothing, and shows all digits of the probability."""
        host = self.site(one_site)
        fields = {
            "site": host,
            "text": self.text,
            "author": self.author,
            "email": self.email,
            "ip": self.ip,
            "user_agent": self.browser,
            "type": "comment",
            "page_lang": "en_US",
            "permalink": f"https://{host}/2026/11/a-post/",
            "test": True,
        }
        return json.dumps(fields | ({"url": self.url} if self.url else {}))

    def mail(self) -> bytes:
        """The comment as a short mail, for filters of mail: the home page is its last line."""
        name = " ".join(self.author.split()) or "Anonymous"
        sender = Header(name, "utf-8").encode() if not name.isascii() else '"' + re.sub(r'[\\"]', "", name) + '"'
        body = self.text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", " ")
        if self.url:
            body += "\n\n" + self.url
        head = (
            f"From: {sender} <{self.email}>\n"
            "To: <moderator@blog.example>\n"
            "Subject: comment\n"
            "Date: Sun, 01 Nov 2026 12:00:00 +0000\n"
            f"Message-ID: <{hashlib.sha256(self.id.encode()).hexdigest()[:24]}@blog.example>\n"
            "MIME-Version: 1.0\n"
            "Content-Type: text/plain; charset=utf-8\n"
            "Content-Transfer-Encoding: 8bit\n\n"
        )
        return head.encode() + body.encode(errors="replace") + b"\n"


@dataclass
class Split:
    """The rows of a run, and the records of the corpus that may teach a model of phin."""

    learn: list[Row]
    judge: list[Row]
    load: list[Row]
    may_teach: list[dict]
    judged_blogs: int


def is_judged(blog: str) -> bool:
    """A third of the blogs, by the hash of their names. The remainder was chosen for its many honest comments."""
    return int(hashlib.sha256(blog.encode()).hexdigest(), 16) % 3 == 2


def runs(text: str) -> set[str]:
    """All runs of five words; the whole of a shorter text."""
    words = re.findall(r"\w+", text.casefold())
    return {" ".join(words[at : at + RUN]) for at in range(max(1, len(words) - RUN + 1))}


def split(corpora: Path, learn_at_most: int, judge_at_most: int) -> Split:
    """The same rows for the same arguments."""
    with gzip.open(corpora / CORPUS, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    # Rows that no person labelled judge nobody, and teach nobody but phin's recipe, which knows of them.
    judge = [Row.of(r) for r in records if is_judged(r["group"]) and r.get("trusted") is not False and r["text"].strip()]
    seen = set().union(*(runs(row.text) for row in judge))
    may_teach = []
    for record in records:
        if not is_judged(record["group"]):
            own = runs(record["text"])
            # A few words are no copy of another such comment: their author and home page differ.
            if len(own) < 2 or sum(run in seen for run in own) * 2 <= len(own):
                may_teach.append(record)
    learn = [Row.of(r) for r in may_teach if r.get("trusted") is not False and r["text"].strip()]
    shuffled = random.Random(7)
    shuffled.shuffle(learn)
    shuffled.shuffle(judge)
    load = [row for row in judge if len(row.text.encode()) <= LONGEST_OF_LOAD][:LOAD]
    judge = judge[:judge_at_most]
    return Split(learn[:learn_at_most], judge, load, may_teach, len({row.blog for row in judge}))
