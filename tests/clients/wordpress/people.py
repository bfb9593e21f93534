"""What every test of a WordPress needs: people who write and moderate, what phin thinks and knows, and how the parts of a test are run."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import blog
import examples
from checks import Checks

KEY = os.environ["KEY"]
WIRE = pathlib.Path(os.environ["WIRE"])
HOSTS = pathlib.Path(os.environ["PHIN_HOSTS"])
SETTINGS = "/wp-admin/options-general.php?page=akismet-key-config"
COMMENTS = "/wp-admin/edit-comments.php"
SITE = blog.URL.removeprefix("http://")

check = Checks()


class Author:
    """A commenter nobody has seen before: name, address and browser of their own."""

    number = 0

    def __init__(self):
        Author.number += 1
        self.name, self.email = f"Reader {Author.number}", f"reader{Author.number}@mail.example"
        self.browser = blog.Browser()

    def write(self, wordpress, text, **more):
        """Comments below the first post. What WordPress answers is kept for the last check."""
        page = self.browser.comment(text, self.name, self.email, **more)
        ANSWERS.append(page.status)
        return page


ANSWERS = []


def ask(call, text, author, **more):
    """Sends phin a comment of this blog as the plugin sends it."""
    fields = {
        "api_key": KEY, "blog": blog.URL, "user_ip": "127.0.0.1", "user_agent": blog.AGENT, "referrer": blog.URL + "/",
        "blog_lang": "en_US", "blog_charset": "UTF-8", "permalink": blog.URL + "/?p=1", "comment_type": "comment",
        "comment_author": author.name, "comment_author_email": author.email, "comment_content": text,
        "akismet_comment_nonce": "passed", "POST_ak_js": str(int(time.time() * 1000)), "HTTP_ACCEPT_LANGUAGE": "en-GB,en;q=0.7", **more,
    }  # fmt: skip
    request = urllib.request.Request(f"http://127.0.0.1:8080/1.1/{call}", urllib.parse.urlencode(fields).encode())
    return urllib.request.urlopen(request, timeout=10)


def verdict(text, author=None):
    """What phin thinks of a comment; nothing is learnt or counted."""
    with ask("comment-check", text, author or Author(), is_test="1") as answer:
        return answer.headers["X-Spam-Verdict"]


class Stock:
    """Comments that nobody has posted yet, by the verdict they have just now."""

    def __init__(self):
        self.texts = [text for texts in examples.CANDIDATES.values() for text in texts]

    def take(self, wanted):
        """A fresh comment of this verdict, and the one who will write it."""
        author = Author()
        for text in self.texts:
            if verdict(text, author) == wanted:
                self.texts.remove(text)
                return text, author
        raise LookupError(f"no candidate is {wanted} to this model as WordPress posts it; add some to tests/clients/examples.py")


# Where a comment may be that nobody reads.
HELD = ("spam", "gone", "unapproved")


def like(text):
    """The next one of its kind: the same with another end, by somebody else."""
    return f"{text.rstrip('.!?')}, as I told my brother"


def calls():
    """What has passed on the wire so far."""
    return [line.split(" ") for line in WIRE.read_text(encoding="ascii").splitlines()]


def called(name, before):
    """Whether such a call was answered with 200 since there were so many."""
    return any(path.endswith("/" + name) and status == "200" for _, path, status in calls()[before:])


def export():
    """All that phin knows, by kind."""
    command = [os.environ["TESTED_PHIN"], "export", "--data-dir", os.environ["PHIN_DATA"]]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def labels():
    """The labels phin has, oldest first."""
    return [line for line in export() if line.get("label") in ("spam", "ham")]


def last_label():
    """The newest label and who gave it."""
    found = labels()
    return (found[-1]["label"], found[-1]["reporter"], found[-1]["site"]) if found else None


def shown_to_strangers(text):
    """Whether somebody without cookies reads it below the post."""
    return text in blog.Browser().get("/?p=1").words().replace("’", "'").replace("“", '"').replace("”", '"')


def strict(admin, value):
    """Saves the plugin's settings page with another strictness; it needs no answer of the service to be saved."""
    page = admin.get(SETTINGS)
    try:
        form = page.form("akismet-key-config", akismet_strictness=True)
    except LookupError:
        # The page shows its settings only to an account it knows; its start page has the same nonce.
        form = page.form("akismet-key-config", _wpnonce=True)
    admin.post(SETTINGS, {"_wpnonce": form["_wpnonce"], "action": "enter-key", "key": KEY, "akismet_strictness": value})


def click(admin, wordpress, text, action):
    """Clicks what is below a comment in wp-admin: the link with its nonce."""
    found = wordpress.comment(text)
    folder = "?comment_status=spam" if found["status"] == "spam" else "?comment_status=all"
    link = admin.get(COMMENTS + folder).link(f"action={action}", f"c={found['id']}&")
    return admin.get("/wp-admin/" + link)


def teach(text, label):
    """A label from outside WordPress, through phin's own door."""
    body = json.dumps({"site": blog.URL, "text": text, "label": label}).encode()
    request = urllib.request.Request("http://127.0.0.1:8080/v1/label", body, {"Authorization": f"Bearer {KEY}"})
    urllib.request.urlopen(request, timeout=10).close()


def kill_phin():
    """Ends phin without warning."""
    os.kill(int(pathlib.Path(os.environ["PHIN_PID_FILE"]).read_text(encoding="ascii")), signal.SIGKILL)


def start_phin():
    """Starts it again, with the data it had."""
    subprocess.Popen([os.environ["PHIN_SERVE"]])
    blog.wait(lambda: urllib.request.urlopen("http://127.0.0.1:8080/healthz", timeout=1).status == 200, "phin")


def run(parts):
    """Sets up a WordPress and does the parts in order, each with what it asks for by name: wordpress, admin, stock."""
    with tempfile.TemporaryDirectory() as folder:
        wordpress = blog.Blog(sys.argv[1], folder)
        admin, stock = blog.Browser().log_in(), Stock()
        check.equal("the moderator is in", admin.get(COMMENTS).status, 200)
        for part in parts:
            arguments = {"wordpress": wordpress, "admin": admin, "stock": stock}
            names = part.__code__.co_varnames[: part.__code__.co_argcount]
            began = time.monotonic()
            try:
                part(**{name: arguments[name] for name in names})
            except Exception as error:  # pylint: disable=broad-exception-caught
                # The parts stand on their own; one that breaks off must not hide the next.
                check(f"{part.__name__} comes to its end", False, repr(error))
            print(f"# {part.__name__}: {time.monotonic() - began:.1f} s", flush=True)
        check.equal("no commenter saw an error", [status for status in ANSWERS if status != 302], [])
        check.equal("phin never answered with a 5xx", [call for call in calls() if call[2].startswith("5")], [])
        log = (pathlib.Path(folder) / "php.log").read_text(errors="replace")
        check.equal("PHP had nothing fatal to say", [line for line in log.splitlines() if "Fatal error" in line], [])
    check.done()
