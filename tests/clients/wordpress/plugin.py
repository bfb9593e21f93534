"""What people do with our own plugin: they install it, connect it, read what phin thinks, approve, pull plugs, and remove it again.

Usage: plugin.py PROGRAM, the unpacked WordPress. Prints TAP. rest.akismet.com leads nowhere here; WordPress knows phin by our plugin alone.
"""

import ast
import gettext
import http.server
import json
import re
import subprocess
import threading
import urllib.parse
import urllib.request

import blog
from people import COMMENTS, HOSTS, KEY, SITE, Author, calls, check, click, export, kill_phin, labels, last_label, run, shown_to_strangers, start_phin

PAGE = "/wp-admin/options-general.php?page=phin-comment-filter"
# The front in the clear, which writes down what passes; nobody listens at the second.
PHIN, NOBODY, IMPOSTOR = "http://127.0.0.1:80", "http://127.0.0.1:8079", "http://127.0.0.1:8078"
RETRY = "phin_comment_filter_retry"
MARKUP = "<img src=x onerror=alert(1)>"
# What phin says beside `false` when it is unsure.
UNSURE = {"X_akismet_guid": "3" * 32, "X_akismet_error": "unsure", "X_Spam_Verdict": "unsure", "X_Spam_Probability": ".5"}

# Writes down what WordPress would send by mail.
LETTERS = """<?php
add_filter( 'pre_wp_mail', function ( $sent, $letter ) {
	file_put_contents( __DIR__ . '/letters.txt', $letter['subject'] . "\\n", FILE_APPEND );
	return true;
}, 10, 2 );
"""


class Impostor(http.server.BaseHTTPRequestHandler):
    """Answers whatever a test wants, in phin's place."""

    status, headers_sent, body, asked = 200, {}, "", 0

    def do_POST(self):
        """Any call."""
        Impostor.asked += 1
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self.status:
            return
        self.send_response(self.status)
        for name, value in self.headers_sent.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.body.encode())

    def log_message(self, *_):
        """Nothing."""

    @classmethod
    def says(cls, status, body, **headers):
        """From now on; with status 0 nothing at all."""
        cls.status, cls.body, cls.asked = status, body, 0
        cls.headers_sent = {name.replace("_", "-"): value for name, value in headers.items()}


def form(admin, action):
    """The form of our page that does this."""
    return next(fields for _, fields in admin.get(PAGE).forms if fields.get("action") == f"phin_comment_filter_{action}")


def save(admin, **fields):
    """Saves the page, and reads what it says then."""
    admin.post("/wp-admin/admin-post.php", form(admin, "save") | fields)
    return admin.get(PAGE + "&settings-updated=true")


def test(admin):
    """Presses the test button, and reads what the page says then."""
    admin.post("/wp-admin/admin-post.php", form(admin, "test"))
    return admin.get(PAGE + "&settings-updated=true").words()


def cell(admin, wordpress, text, folder="all"):
    """What our column shows of a comment, as markup."""
    page = admin.get(f"{COMMENTS}?comment_status={folder}").text
    row = re.search(rf"""<tr id=['"]comment-{wordpress.comment(text)['id']}['"].*?</tr>""", page, re.DOTALL)[0]
    return re.search(r"""<td class=['"]phin column-phin['"][^>]*>(.*?)</td>""", row, re.DOTALL)[1]


def post(wordpress, stock, wanted):
    """Somebody writes a comment of this kind; its text."""
    text, author = stock.take(wanted)
    author.write(wordpress, text)
    return text


def since(before, call):
    """How often this call was made since."""
    return sum(path.endswith("/" + call) for _, path, _ in calls()[before:])


def files():
    """The plugin's files: they are PHP, complete in Vietnamese, and as the directory of plugins wants them."""
    sources = sorted(blog.PLUGIN.rglob("*.php"))
    for source in sources:
        done = subprocess.run(["php", "-l", str(source)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        check(f"files: {source.relative_to(blog.PLUGIN)} is PHP", done.returncode == 0, done.stdout)
        head = source.read_text(encoding="utf-8")
        check(f"files: {source.name} does nothing when it is called by itself", "|| exit;" in head)

    literal = r"'((?:[^'\\]|\\.)*)'"
    single = re.compile(rf"\b(?:__|esc_html__|esc_attr__|esc_html_e|esc_attr_e)\(\s*{literal}\s*,\s*'phin-comment-filter'\s*\)")
    plural = re.compile(rf"\b_n\(\s*{literal}\s*,\s*{literal}\s*,[^;]*?'phin-comment-filter'\s*\)")
    plain = lambda text: text.replace("\\'", "'").replace("\\\\", "\\")
    code = "".join(source.read_text(encoding="utf-8") for source in sources)
    wanted = {plain(text) for text in single.findall(code)} | {plain(one) for one, _ in plural.findall(code)}
    check.equal("files: every call for a translation was found", len(re.findall(r"\b(?:__|esc_html__|esc_attr__|esc_html_e|esc_attr_e|_n)\(", code)), len(single.findall(code)) + len(plural.findall(code)))
    with open(blog.PLUGIN / "languages" / "phin-comment-filter-vi.mo", "rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog  # pylint: disable=protected-access
    compiled = {key[0] if isinstance(key, tuple) else key: text for key, text in compiled.items()}
    known = {key for key in compiled if key}
    check.equal("files: every text is there in Vietnamese", wanted - known, set())
    check.equal("files: and no text that is no longer used", known - wanted, set())
    written = {}
    for entry in (blog.PLUGIN / "languages" / "phin-comment-filter-vi.po").read_text(encoding="utf-8").split("\n\n"):
        field = lambda name: "".join(ast.literal_eval(part) for part in re.findall(r'"(?:[^"\\]|\\.)*"', (re.search(rf'^{re.escape(name)} ((?:"(?:[^"\\]|\\.)*"\n?)+)', entry, re.MULTILINE) or [""])[0]))
        if found := field("msgid"):
            written[found] = field("msgstr") or field("msgstr[0]")
    check.equal("files: what is compiled is what is written", {key: text for key, text in compiled.items() if key}, written)
    check.equal("files: placeholders are the same", [key for key, text in written.items() if sorted(re.findall(r"%(?:\d\$)?[sd]", key)) != sorted(re.findall(r"%(?:\d\$)?[sd]", text))], [])

    readme = (blog.PLUGIN / "readme.txt").read_text(encoding="utf-8")
    head = dict(re.findall(r"^([A-Z][A-Za-z ]+): (.+)$", readme[: readme.index("== Description")], re.MULTILINE))
    version = re.search(r"^ \* Version: +(\S+)$", code, re.MULTILINE)[1]
    check("files: the readme has all that the directory asks for", {"Contributors", "Tags", "Requires at least", "Tested up to", "Requires PHP", "Stable tag", "License"} <= set(head), head)
    check.equal("files: the stable tag is the version", head["Stable tag"], version)
    check("files: five tags at most", len(head["Tags"].split(",")) <= 5, head["Tags"])
    short = readme[: readme.index("== Description")].strip().splitlines()[-1]
    check("files: the short description has 150 characters at most", 20 < len(short) <= 150, short)
    check("files: and the sections", all(f"== {name} ==" in readme for name in ("Description", "Installation", "Frequently Asked Questions", "Changelog")))


def installed(wordpress, admin):
    """It is copied beside the others and activated; until it has an address it does nothing."""
    HOSTS.write_text("127.0.0.1 localhost\n127.0.0.9 rest.akismet.com\n", encoding="ascii")
    threading.Thread(target=http.server.ThreadingHTTPServer(("127.0.0.1", 8078), Impostor).serve_forever, daemon=True).start()
    wordpress.install_plugin()
    link = admin.get("/wp-admin/plugins.php").link("action=activate", "phin-comment-filter")
    page = admin.get("/wp-admin/" + link)
    check("installed: in wp-admin", "Plugin activated" in page.words(), page.words()[:300])
    check("installed: says that it needs an address", "enter its address under Settings" in page.words())
    check("installed: no column yet", "column-phin" not in admin.get(COMMENTS).text)
    before = len(calls())
    wordpress.state(key=KEY)
    Author().write(wordpress, "A comment that nobody is asked about.")
    check.equal("installed: phin is not asked yet", calls()[before:], [])


def settings(wordpress, admin):
    """The page: what it refuses, what it keeps, and who may use it."""
    for wrong in ("127.0.0.1:8080", "ftp://127.0.0.1", "javascript:alert(1)", "http://", "http://user:word@127.0.0.1", "http://user@127.0.0.1", "http://127.0.0.1/?q=1", "https://rest.akismet.com", f'http://"{MARKUP}'):
        page = save(admin, phin_address=wrong, phin_key=KEY)
        check(f"settings: the address {wrong} is refused", "Nothing was saved" in page.words() and not wordpress.state()["address"], (page.words()[-900:], wordpress.state()["address"]))
        check(f"settings: {wrong} puts no markup on the page", MARKUP not in page.text)
    page = save(admin, phin_address=PHIN, phin_key="zzzzzzzzzzzz")
    check("settings: a key that is none is refused", "twelve characters" in page.words() and wordpress.state()["key"] == KEY)
    check("settings: and nothing else is kept either", not wordpress.state()["address"])
    page = save(admin, phin_address=PHIN + "/", phin_key=KEY.upper())
    check("settings: a good address and a good key are kept", "Saved." in page.words(), page.words()[-900:])
    check.equal("settings: without the slash, in lower case", (wordpress.state()["address"], wordpress.state()["key"]), (PHIN, KEY))
    check("settings: and shown", f'value="{PHIN}"' in page.text and f'value="{KEY}"' in page.text)
    check("settings: on this machine nothing is said of TLS", "unencrypted" not in page.words())
    page = save(admin, phin_address="http://phin.example")
    check("settings: in the clear elsewhere there is a warning", "unencrypted" in page.words())
    save(admin, phin_address=PHIN)

    answer = admin.post("/wp-admin/admin-post.php", {"action": "phin_comment_filter_save", "phin_address": NOBODY, "phin_key": KEY})
    check("settings: without the nonce nothing is saved", answer.status == 403 and wordpress.state()["address"] == PHIN, answer.status)
    stranger = blog.Browser()
    fields = form(admin, "save") | {"phin_address": NOBODY}
    stranger.post("/wp-admin/admin-post.php", fields)
    check.equal("settings: a stranger saves nothing", wordpress.state()["address"], PHIN)
    wordpress.state(subscriber="reader")
    reader = blog.Browser().log_in("reader")
    check("settings: a subscriber does not see the page", "phin_address" not in reader.get(PAGE).text)
    # Even with a nonce of his own.
    mint = wordpress.mu_plugins / "mint.php"
    mint.write_text("<?php add_action( 'init', function () { if ( isset( $_GET['mint'] ) ) { exit( wp_create_nonce( $_GET['mint'] ) ); } } );\n", encoding="utf-8")
    for action in ("save", "test"):
        before = len(calls())
        nonce = reader.get(f"/?mint=phin_comment_filter_{action}").text.strip()
        answer = reader.post("/wp-admin/admin-post.php", {**fields, "action": f"phin_comment_filter_{action}", "_wpnonce": nonce})
        check.equal(f"settings: his {action} is refused", (answer.status, wordpress.state()["address"], calls()[before:]), (403, PHIN, []))
    mint.unlink()


def test_button(wordpress, admin):
    """It says what happened in words, and what to mend."""
    known, before = len(export()), len(calls())
    words = test(admin)
    check("test: phin answers", re.search(rf"phin answers at {re.escape(PHIN)} and knows the key \(\d+ ms\)", words), words[-900:])
    check("test: it judges", re.search(r"It judged a harmless comment: looks fine \(\d+ ms\)", words), words[-900:])
    check.equal("test: with the two calls", [path for _, path, _ in calls()[before:]], ["/1.1/verify-key", "/1.1/comment-check"])
    check.equal("test: of which phin keeps nothing", len(export()), known)
    save(admin, phin_key="abcdef000000")
    check("test: a wrong key is named", "does not know this key" in test(admin))
    save(admin, phin_address=NOBODY, phin_key=KEY)
    words = test(admin)
    check("test: nobody there is named", re.search(rf"Nobody answers at {re.escape(NOBODY)} \(after \d+ ms: .*\)\. Is phin running", words), words[-900:])
    save(admin, phin_address=IMPOSTOR)
    for status, body, headers, told in (
        (200, "<html>hello</html>", {}, "it is not phin"),
        (502, "", {}, "with status 502: phin behind it is away"),
        (404, "", {}, "with status 404, as phin never does"),
        (301, "", {"Location": f"https://phin.example/{MARKUP}"}, "only leads on to https://phin.example/"),
    ):
        Impostor.says(status, body, **headers)
        admin.post("/wp-admin/admin-post.php", form(admin, "test"))
        page = admin.get(PAGE + "&settings-updated=true")
        check(f"test: {told}", told in page.words(), page.words()[-900:])
        check(f"test: no markup of others ({status})", MARKUP not in page.text)
    save(admin, phin_address=PHIN)


def column(wordpress, admin, stock):
    """Verdict, probability and reasons beside each comment; nothing in them is markup."""
    ham, unsure, spam = (post(wordpress, stock, wanted) for wanted in ("ham", "unsure", "spam"))
    check.equal("column: comments find their place", [wordpress.status(text) for text in (ham, unsure, spam)], ["approved", "unapproved", "spam"])
    for text, folder, label in ((ham, "all", "looks fine"), (unsure, "moderated", "unsure"), (spam, "spam", "spam")):
        shown = cell(admin, wordpress, text, folder)
        kept = wordpress.comment(text)["phin"]
        check(f"column: {label}: the verdict", f">{label}</span>" in shown, shown)
        check(f"column: {label}: how likely it is spam", f">{min(99, max(1, round(100 * float(kept['probability']) + 1e-9)))} %<" in shown, (shown, kept))
        check(f"column: {label}: why, for whoever opens it", "<details" in shown and "<summary>why</summary>" in shown and shown.count("<li>") >= 2, shown)
    rows = lambda order: re.findall(r"""<tr id=['"]comment-(\d+)['"]""", admin.get(f"{COMMENTS}?orderby=phin_probability&order={order}").text)
    known = {str(c["id"]): float(c["phin"]["probability"]) for c in wordpress.state()["comments"] if "probability" in c["phin"] and c["status"] in ("approved", "unapproved")}
    shown = rows("desc")
    check("column: sorted by probability", [i for i in shown if i in known] == sorted(known, key=known.get, reverse=True), (shown, known))
    check.equal("column: nothing is left out", sorted(shown), sorted(str(c["id"]) for c in wordpress.state()["comments"] if c["status"] in ("approved", "unapproved")))
    check.equal("column: and the other way round", [i for i in rows("asc") if i in known], sorted(known, key=known.get))

    author = Author()
    author.name = f'"{MARKUP}'
    text, _ = stock.take("unsure")
    text = f"{text} <script>alert(2)</script>"
    author.write(wordpress, text)
    save(admin, phin_address=IMPOSTOR)
    Impostor.says(200, "false", X_akismet_guid="1" * 32, X_akismet_error="unsure", X_Spam_Verdict="unsure", X_Spam_Probability=".5", X_Spam_Reasons=f"words \"{MARKUP}\" +2.3; name '\\' \"</li></details><script>alert(3)</script>\" -0.4")
    hostile = "A comment whose reasons are hostile."
    Author().write(wordpress, hostile)
    shown = cell(admin, wordpress, hostile, "moderated")
    check("column: hostile reasons are shown as text", "words &quot;&lt;img src=x onerror=alert(1)&gt;&quot; +2.3" in shown and shown.count("<li>") == 2, shown)
    check("column: letter for letter", "name &#039;\\&#039; &quot;&lt;/li&gt;" in shown, shown)
    page = admin.get(f"{COMMENTS}?comment_status=moderated").text
    check("column: none of it is markup", MARKUP not in page and "<script>alert(" not in page)
    Impostor.says(200, "true", X_akismet_guid="2" * 32, X_Spam_Verdict=f"spam{MARKUP}", X_Spam_Probability=f"1{MARKUP}")
    strange = "A comment with a verdict that phin does not have."
    Author().write(wordpress, strange)
    check("column: a verdict that is none is not kept", not wordpress.comment(strange)["phin"] and "phin was not asked" in cell(admin, wordpress, strange, "spam"), wordpress.comment(strange)["phin"])
    save(admin, phin_address=PHIN)

    wordpress.state(locale="vi")
    page = admin.get(f"{COMMENTS}?comment_status=spam")
    check("column: in Vietnamese", "vì sao" in cell(admin, wordpress, spam, "spam"), cell(admin, wordpress, spam, "spam"))
    check("settings: in Vietnamese", "Kiểm tra kết nối" in admin.get(PAGE).text)
    wordpress.state(locale="")


def waits_in_queue(text):
    """Whether phin wants a person to look at it."""
    request = urllib.request.Request(f"http://127.0.0.1:8080/v1/queue?site={SITE}", headers={"Authorization": f"Bearer {KEY}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return text in json.dumps(json.load(answer), ensure_ascii=False)


def bulk(admin, wordpress, action, texts, folder="moderated"):
    """Ticks comments and chooses what to do with all of them."""
    nonce = admin.get(f"{COMMENTS}?comment_status={folder}").form("", _wpnonce=True)["_wpnonce"]
    ids = [("delete_comments[]", str(wordpress.comment(text)["id"])) for text in texts]
    question = [("comment_status", folder), ("_wpnonce", nonce), ("action", action), ("action2", "-1"), *ids]
    admin.get(COMMENTS + "?" + urllib.parse.urlencode(question))


def approvals(wordpress, admin, stock):
    """Approving what phin held tells phin, once, by whichever way it is approved."""
    first, *both, quick, back = (post(wordpress, stock, "unsure") for _ in range(5))
    check("approve: it waits here and in phin's queue", wordpress.status(first) == "unapproved" and waits_in_queue(first))
    known, before = len(labels()), len(calls())
    click(admin, wordpress, first, "approvecomment")
    check.equal("approve: it is published", wordpress.status(first), "approved")
    check("approve: everybody reads it", shown_to_strangers(first))
    check.equal("approve: phin was told, once", since(before, "submit-ham"), 1)
    check.equal("approve: and knows who said it", (len(labels()), last_label()), (known + 1, ("ham", "moderator", SITE)))
    check("approve: it is out of phin's queue", not waits_in_queue(first))
    check("approve: the history tells", "reported this comment as not spam" in admin.get(f"/wp-admin/comment.php?action=editcomment&c={wordpress.comment(first)['id']}").words())
    click(admin, wordpress, first, "unapprovecomment")
    click(admin, wordpress, first, "approvecomment")
    check.equal("approve: again says nothing new", since(before, "submit-ham"), 1)

    known, before = len(labels()), len(calls())
    bulk(admin, wordpress, "approve", both)
    check.equal("approve: two at once are published", [wordpress.status(text) for text in both], ["approved"] * 2)
    check.equal("approve: phin was told of both", (since(before, "submit-ham"), len(labels())), (2, known + 2))

    known, before = len(labels()), len(calls())
    found = wordpress.comment(quick)["id"]
    link = admin.get(f"{COMMENTS}?comment_status=moderated").link("action=approvecomment", f"c={found}&")
    nonce = re.search(r"_wpnonce=(\w+)", link)[1]
    admin.post("/wp-admin/admin-ajax.php", {"action": "dim-comment", "id": str(found), "dimClass": "unapproved", "_ajax_nonce": nonce, "new": "approved", "comment_status": "moderated"})
    check.equal("approve: as the page's script does it", (wordpress.status(quick), since(before, "submit-ham"), len(labels())), ("approved", 1, known + 1))

    before = len(calls())
    click(admin, wordpress, back, "spamcomment")
    click(admin, wordpress, back, "unspamcomment")
    if wordpress.status(back) == "unapproved":
        click(admin, wordpress, back, "approvecomment")
    check.equal("spam, not spam, approve: one report of each kind", (wordpress.status(back), since(before, "submit-spam"), since(before, "submit-ham")), ("approved", 1, 1))

    before = len(calls())
    wordpress.state(insert="A comment that phin never saw.")
    click(admin, wordpress, "A comment that phin never saw.", "approvecomment")
    check.equal("approve: of what phin never saw nothing is said", (wordpress.status("A comment that phin never saw."), calls()[before:]), ("approved", []))


def rest(text, author):
    """Writes a comment through WordPress's REST API."""
    fields = {"post": "1", "content": text, "author_name": author.name, "author_email": author.email}
    return author.browser.post("/index.php?rest_route=/wp/v2/comments", fields)


def away(wordpress, admin, stock):
    """phin is killed: nothing is published unseen, and nothing that moderators say is lost."""
    (wordpress.mu_plugins / "rest.php").write_text("<?php add_filter( 'rest_allow_anonymous_comments', '__return_true' );\n", encoding="utf-8")
    save(admin, phin_address=IMPOSTOR)
    Impostor.says(200, "false", **UNSURE)
    text = "A comment through REST that phin is unsure of."
    check.equal("REST: unsure waits for a moderator", (rest(text, Author()).status, wordpress.status(text)), (201, "unapproved"))
    Impostor.says(200, "false", X_akismet_guid="4" * 32, X_Spam_Verdict="ham", X_Spam_Probability=".1")
    text = "A comment through REST that phin takes for ham."
    check.equal("REST: ham is published", (rest(text, Author()).status, wordpress.status(text)), (201, "approved"))
    save(admin, phin_address=PHIN)

    held, (seen, wrong) = post(wordpress, stock, "unsure"), (post(wordpress, stock, "ham") for _ in range(2))
    pairs = {wanted: stock.take(wanted) for wanted in ("ham", "unsure", "spam")}
    by_rest, strict, decided = stock.take("ham"), stock.take("ham"), stock.take("ham")
    later = stock.take("ham")
    known = len(labels())
    kill_phin()
    for text, author in pairs.values():
        check.equal("away: the author is sent back as ever", author.write(wordpress, text).status, 302)
    check.equal("away: ham, unsure and spam wait", [wordpress.status(text) for text, _ in pairs.values()], ["unapproved"] * 3)
    check.equal("away: through REST too", (rest(*by_rest).status, wordpress.status(by_rest[0])), (201, "unapproved"))
    check("away: nobody reads them", not any(shown_to_strangers(text) for text, _ in (*pairs.values(), by_rest)))
    check("away: the column says so", "phin was away" in cell(admin, wordpress, pairs["ham"][0], "moderated"))
    check.equal("away: nothing is left to the other plugin", [text for text, _ in pairs.values() if wordpress.comment(text)["error"]], [])
    own = "The moderator's own comment, written while phin is away."
    admin.comment(own)
    check.equal("away: what a moderator writes is published", wordpress.status(own), "approved")
    decided[1].write(wordpress, decided[0])
    click(admin, wordpress, decided[0], "approvecomment")
    check.equal("away: a moderator need not wait", wordpress.status(decided[0]), "approved")
    wordpress.state(option="comment_moderation", value="1")
    strict[1].write(wordpress, strict[0])
    wordpress.state(option="comment_moderation", value="0")

    click(admin, wordpress, held, "approvecomment")
    click(admin, wordpress, wrong, "spamcomment")
    check("away: the column says that phin does not know yet", "not told to phin yet" in cell(admin, wordpress, held))
    words = admin.get(PAGE).words()
    check("away: the page counts what waits", "5 comments are held" in words and "2 decisions of moderators" in words, words[-700:])
    intervals = [wordpress.state()["retry_in"]]
    for _ in range(4):
        intervals.append(wordpress.state(cron=RETRY)["retry_in"])
    wanted = [300, 900, 3600, 10800, 21600]
    check("away: tried again after 5 and 15 minutes, 1, 3 and 6 hours", all(goal - 60 <= seen <= goal for seen, goal in zip(intervals, wanted)), intervals)
    check.equal("away: nothing was published meanwhile", [wordpress.status(text) for text, _ in (*pairs.values(), by_rest, strict)], ["unapproved"] * 5)

    start_phin()
    later[1].write(wordpress, later[0])
    check.equal("back: the next comment is published", wordpress.status(later[0]), "approved")
    check("back: and what waits is taken up at once", wordpress.state()["retry_in"] <= 0, wordpress.state()["retry_in"])
    wordpress.state(cron="akismet_schedule_cron_recheck")
    check.equal("back: the other plugin has touched nothing", [wordpress.status(text) for text, _ in pairs.values()], ["unapproved"] * 3)
    before = len(calls())
    wordpress.state(cron=RETRY)
    check.equal("back: ham is published, spam is in the folder", [wordpress.status(pairs[kind][0]) for kind in ("ham", "spam")], ["approved", "spam"])
    # What moderators said meanwhile may have made phin surer of it.
    found = wordpress.comment(pairs["unsure"][0])
    check("back: what was unsure is where phin's verdict says", found["status"] == {"ham": "approved", "unsure": "unapproved"}.get(found["phin"]["verdict"], "spam"), found)
    check.equal("back: what came through REST is published", wordpress.status(by_rest[0]), "approved")
    check.equal("back: what a moderator must see in any case still waits", wordpress.status(strict[0]), "unapproved")
    check.equal("back: one check for each", since(before, "comment-check"), 5)
    check("back: the column says why", "<details" in cell(admin, wordpress, pairs["spam"][0], "spam"))
    check.equal("back: phin knows both decisions", (len(labels()), sorted((l["label"], l["reporter"]) for l in labels()[known:])), (known + 2, [("ham", "moderator"), ("spam", "moderator")]))
    check("back: nothing waits any more", "Nothing: phin has judged every comment" in admin.get(PAGE).words())
    check.equal("back: nothing is scheduled", wordpress.state()["retry_in"], None)
    check.equal("back: what nobody touched stays", wordpress.status(seen), "approved")

    save(admin, phin_address=IMPOSTOR)
    texts = []
    for status, body in ((503, "false"), (502, "<html>Bad Gateway</html>"), (200, ""), (200, "invalid")):
        Impostor.says(status, body)
        texts.append(f"A comment that was answered with {status}, for the {len(texts) + 1}. time.")
        Author().write(wordpress, texts[-1])
        check.equal(f"away: {status} {body!r} is no verdict", wordpress.status(texts[-1]), "unapproved")
    Impostor.says(0, "")
    texts.append("A comment for which the line was cut.")
    Author().write(wordpress, texts[-1])
    check.equal("away: nobody waits for a third try", (wordpress.status(texts[-1]), Impostor.asked), ("unapproved", 2))
    Impostor.says(200, "Missing required field: user_ip.")
    wordpress.state(cron=RETRY)
    check("back: what phin can never judge is left to a person", not any("waiting" in wordpress.comment(text)["phin"] or wordpress.status(text) != "unapproved" for text in texts), wordpress.state()["comments"][-4:])
    Impostor.says(503, "")
    texts = [f"A comment for which phin was away, and then was {verdict}." for verdict in ("unsure", "sure")]
    letters = wordpress.mu_plugins / "letters.txt"
    letters.write_text("", encoding="utf-8")
    (wordpress.mu_plugins / "letters.php").write_text(LETTERS, encoding="utf-8")
    wordpress.state(option="moderation_notify", value="1")
    Author().write(wordpress, texts[0])
    wordpress.state(cron=RETRY)
    check.equal("away: the moderator gets no letter yet", letters.read_text(encoding="utf-8"), "")
    Impostor.says(200, "false", **UNSURE)
    test(admin)
    wordpress.state(cron=RETRY)
    check.equal("back: unsure still waits for a person", (wordpress.status(texts[0]), wordpress.comment(texts[0])["phin"]["verdict"]), ("unapproved", "unsure"))
    check.equal("back: and the person gets the letter, once", letters.read_text(encoding="utf-8").count("Please moderate"), 1)
    wordpress.state(option="moderation_notify", value="0")
    (wordpress.mu_plugins / "letters.php").unlink()
    check("back: and for phin no more", "waiting" not in wordpress.comment(texts[0])["phin"])
    save(admin, phin_address=PHIN)
    before = len(calls())
    click(admin, wordpress, texts[0], "approvecomment")
    check.equal("back: what is approved now is told", since(before, "submit-ham"), 1)
    kill_phin()
    Author().write(wordpress, texts[1])
    start_phin()
    test(admin)
    check("back: a test that succeeds takes up what waits", wordpress.state()["retry_in"] <= 0 and wordpress.state(cron=RETRY)["retry_in"] is None)
    check("back: and it is judged", "verdict" in wordpress.comment(texts[1])["phin"], wordpress.comment(texts[1]))
    (wordpress.mu_plugins / "rest.php").unlink()


def constants(wordpress, admin, stock):
    """What wp-config.php says wins, and the page says so."""
    save(admin, phin_address=NOBODY)
    wordpress.constants(PHIN_URL=PHIN, WPCOM_API_KEY=KEY)
    page = admin.get(PAGE)
    check("constants: the page says so", "Set by PHIN_URL in wp-config.php" in page.words() and "Set by WPCOM_API_KEY" in page.words(), page.words()[-900:])
    check("constants: and shows both, to be read only", len(re.findall(r"<input type=\"text\"[^>]*\breadonly>", page.text)) == 2)
    save(admin, phin_address=IMPOSTOR)
    check.equal("constants: nothing else is saved", wordpress.state()["address"], NOBODY)
    check("constants: the test goes there", f"phin answers at {PHIN}" in test(admin))
    text = post(wordpress, stock, "ham")
    check("constants: and so do comments", wordpress.status(text) == "approved" and wordpress.comment(text)["phin"]["verdict"] == "ham")
    wordpress.constants()
    save(admin, phin_address=PHIN)


def removed(wordpress, admin, stock):
    """Deactivated it is silent and can come back; deleted it leaves nothing but the key."""
    kill_phin()
    text = "A comment that waits while the plugin is away."
    Author().write(wordpress, text)
    check("deactivate: something is scheduled", wordpress.state()["retry_in"] is not None)
    admin.get("/wp-admin/" + admin.get("/wp-admin/plugins.php").link("action=deactivate", "phin-comment-filter"))
    check.equal("deactivate: nothing is scheduled any more", wordpress.state()["retry_in"], None)
    check("deactivate: no column any more", "column-phin" not in admin.get(COMMENTS).text)
    check.equal("deactivate: what waited stays unpublished", wordpress.status(text), "unapproved")
    start_phin()
    admin.get("/wp-admin/" + admin.get("/wp-admin/plugins.php").link("action=activate", "phin-comment-filter"))
    wordpress.state(cron=RETRY)
    check("activate again: what waited is judged", "verdict" in wordpress.comment(text)["phin"], wordpress.comment(text))
    admin.get("/wp-admin/" + admin.get("/wp-admin/plugins.php").link("action=deactivate", "phin-comment-filter"))
    check("delete: there was something to remove", wordpress.state()["ours"]["meta"] > 10 and wordpress.state()["ours"]["options"] > 0, wordpress.state()["ours"])
    link = "/wp-admin/" + admin.get("/wp-admin/plugins.php").link("action=delete-selected", "phin-comment-filter")
    question = admin.get(link)
    fields = next(fields for _, fields in question.forms if "verify-delete" in fields)
    fields["checked[]"] = "phin-comment-filter/phin-comment-filter.php"
    admin.post(link, fields)
    check("delete: the files are gone", not (wordpress.plugins / "phin-comment-filter").exists())
    check.equal("delete: nothing is left in the database", wordpress.state()["ours"], {"options": 0, "meta": 0})
    check.equal("delete: but the key, which is not ours", wordpress.state()["key"], KEY)


run([files, installed, settings, test_button, column, approvals, away, constants, removed])
