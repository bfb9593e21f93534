"""What people do with a WordPress that has Akismet: they connect it, write comments, moderate, look at the figures, pull plugs.

Usage: flow.py PROGRAM, the unpacked WordPress. Prints TAP. Every comment is chosen by asking phin at run time what it thinks of it.
"""

import json
import re
import urllib.parse
import urllib.request

import blog
from people import (
    COMMENTS, HELD, HOSTS, KEY, SETTINGS, SITE,
    Author, called, calls, check, click, export, kill_phin, labels, last_label, like, run, shown_to_strangers, start_phin, strict, teach, verdict,
)  # fmt: skip


def connect(wordpress, admin):
    """The key is entered where the plugin asks for it."""

    def enter(key):
        form = admin.get(SETTINGS + "&view=start").form("akismet-key-config", key=True)
        return admin.post(SETTINGS, form | {"key": key}).text

    check("a wrong key is refused on the setup page", lambda: "The key you entered is invalid" in enter("abcdef000000"))
    check("and is not kept", wordpress.state()["key"] != "abcdef000000")
    page = enter(KEY)
    check("the right key is welcomed on the setup page", "Akismet is now protecting your site" in page, blog.Page(200, None, page).words()[-1500:])
    if not check.equal("and is kept", wordpress.state()["key"], KEY):
        # All that follows needs it; an operator would write it into wp-config.php.
        wordpress.state(key=KEY)


def comments_find_their_place(wordpress, admin, stock):
    """Ham, unsure, spam, blatant spam; strictness; roles; trackbacks."""
    ham, author = stock.take("ham")
    before = len(calls())
    check.equal("ham: the author is sent back to the post", author.write(wordpress, ham).status, 302)
    check("ham: phin was asked", called("comment-check", before), calls()[before:])
    check.equal("ham: is published", wordpress.status(ham), "approved")
    check("ham: everybody reads it", shown_to_strangers(ham))
    check.equal("ham: the plugin has kept the answer", wordpress.comment(ham)["result"], "false")

    spam, author = stock.take("spam")
    check.equal("spam: the author is sent back all the same", author.write(wordpress, spam).status, 302)
    check.equal("spam: is in the spam folder", wordpress.status(spam), "spam")
    check("spam: nobody reads it", not shown_to_strangers(spam))
    check("spam: the moderator finds it in the folder", author.name in admin.get(COMMENTS + "?comment_status=spam").words())
    check.equal("spam: the plugin has kept the answer", wordpress.comment(spam)["result"], "true")

    unsure, author = stock.take("unsure")
    author.write(wordpress, unsure)
    check.equal("unsure: waits for a moderator", wordpress.status(unsure), "unapproved")
    check("unsure: nobody reads it yet", not shown_to_strangers(unsure))
    check("unsure: the moderator finds it among the pending", author.name in admin.get(COMMENTS + "?comment_status=moderated").words())

    strict(admin, "0")
    check.equal("strictness off: is saved", wordpress.state()["strictness"], "0")
    blatant, author = stock.take("discard")
    author.write(wordpress, blatant)
    check.equal("strictness off: blatant spam is in the spam folder", wordpress.status(blatant), "spam")

    strict(admin, "1")
    check.equal("strictness on: is saved", wordpress.state()["strictness"], "1")
    blatant, author = stock.take("discard")
    before = len(wordpress.state()["comments"])
    check.equal("strictness on: the author is sent back all the same", author.write(wordpress, blatant).status, 302)
    check.equal("strictness on: blatant spam is gone", wordpress.status(blatant), "gone")
    check.equal("strictness on: and left nothing", len(wordpress.state()["comments"]), before)
    spam, author = stock.take("spam")
    author.write(wordpress, spam)
    check.equal("strictness on: spam that is not blatant is still in the folder", wordpress.status(spam), "spam")

    spam, _ = stock.take("spam")
    check.equal("administrator: what he writes", admin.comment(spam).status, 302)
    check.equal("administrator: is published, whatever it is", wordpress.status(spam), "approved")

    author = Author()
    author.name = "viagra-test-123"
    ham, _ = stock.take("ham")
    author.write(wordpress, ham)
    check.equal("test value: the documented author is in the spam folder", wordpress.status(ham), "spam")

    spam, _ = stock.take("discard")
    link = {"title": "Casino", "excerpt": spam, "url": "http://casino-bonus.example/", "blog_name": "Casino bonus"}
    before, known = len(calls()), len(wordpress.state()["comments"])
    answer = blog.Browser().post("/wp-trackback.php?p=1", link)
    check("trackback: phin was asked", called("comment-check", before), answer.text)
    new = wordpress.state()["comments"][known:]
    check("trackback: spam is not published", all(c["status"] == "spam" for c in new), new)

    kept = [json.dumps(line, ensure_ascii=False) for line in export()]
    check("what phin has kept is what was written, letter for letter", any(unsure in line for line in kept), kept[-3:])


def moderators_teach(wordpress, admin, stock):
    """Spam and not spam, one by one, taken back, and many at once."""
    # First of all, for whatever is taught may make phin surer of them.
    waiting = [stock.take("unsure") for _ in range(3)]
    for text, author in waiting:
        author.write(wordpress, text)
    check.equal("three unsure comments wait", [wordpress.status(text) for text, _ in waiting], ["unapproved"] * 3)

    ham, author = stock.take("ham")
    author.write(wordpress, ham)
    check.equal("mark as spam: was published", wordpress.status(ham), "approved")
    second = like(ham)
    check.equal("mark as spam: the next like it would be published", verdict(second), "ham")
    known, before = len(labels()), len(calls())
    click(admin, wordpress, ham, "spamcomment")
    check.equal("mark as spam: is in the spam folder", wordpress.status(ham), "spam")
    check("mark as spam: submit-spam was thanked for", called("submit-spam", before), calls()[before:])
    check.equal("mark as spam: phin has one label more", len(labels()), known + 1)
    check.equal("mark as spam: which says who said what where", last_label(), ("spam", "moderator", SITE))
    Author().write(wordpress, second)
    # One label about honest words holds what is like it; it need not make spam of it.
    check("mark as spam: the next like it is not published", wordpress.status(second) in HELD, wordpress.status(second))

    before = len(calls())
    click(admin, wordpress, ham, "unspamcomment")
    check("not spam after all: is out of the folder", wordpress.status(ham) in ("approved", "unapproved"))
    check("not spam after all: submit-ham was thanked for", called("submit-ham", before), calls()[before:])
    check.equal("not spam after all: phin knows", last_label(), ("ham", "moderator", SITE))
    third = like(second)
    Author().write(wordpress, third)
    check.equal("not spam after all: the next like it is published", wordpress.status(third), "approved")

    spam, author = stock.take("spam")
    second = like(spam)
    author.write(wordpress, spam)
    check.equal("not spam: was in the spam folder", wordpress.status(spam), "spam")
    check("not spam: the next like it would not be published", verdict(second) != "ham", verdict(second))
    known, before = len(labels()), len(calls())
    click(admin, wordpress, spam, "unspamcomment")
    check("not spam: is out of the folder", wordpress.status(spam) in ("approved", "unapproved"), wordpress.status(spam))
    check("not spam: submit-ham was thanked for", called("submit-ham", before), calls()[before:])
    check.equal("not spam: phin has one label more", len(labels()), known + 1)
    check.equal("not spam: which says who said what where", last_label(), ("ham", "moderator", SITE))
    Author().write(wordpress, second)
    check.equal("not spam: the next like it is published", wordpress.status(second), "approved")

    text, author = stock.take("unsure")
    author.write(wordpress, text)
    known, before = len(labels()), len(calls())
    click(admin, wordpress, text, "approvecomment")
    check.equal("approve: the plugin by itself says nothing", (wordpress.status(text), len(labels()), calls()[before:]), ("approved", known, []))

    both = waiting[:2]
    known, before = len(labels()), len(calls())
    form = admin.get(COMMENTS + "?comment_status=moderated").form("", _wpnonce=True)
    ids = [("delete_comments[]", str(wordpress.comment(text)["id"])) for text, _ in both]
    question = [("comment_status", "moderated"), ("_wpnonce", form["_wpnonce"]), ("action", "spam"), ("action2", "-1"), *ids]
    admin.get(COMMENTS + "?" + urllib.parse.urlencode(question))
    check.equal("two at once: both are in the spam folder", [wordpress.status(text) for text, _ in both], ["spam", "spam"])
    check.equal("two at once: phin has two labels more", len(labels()), known + 2)
    check.equal("two at once: there were two calls", sum(path.endswith("/submit-spam") for _, path, _ in calls()[before:]), 2)

    text, _ = waiting[2]
    check.equal("check for spam: waits", wordpress.status(text), "unapproved")
    # Somebody marks the like of it as spam; the one that waits is asked about again.
    teach(like(text), "spam")
    page = admin.get(COMMENTS + "?comment_status=moderated")
    nonce = re.search(r'data-nonce="(\w+)"', page.text)
    check("check for spam: there is the button", nonce)
    answer = admin.post("/wp-admin/admin-ajax.php", {"action": "akismet_recheck_queue", "offset": "0", "limit": "20", "nonce": nonce[1]})
    check("check for spam: finds it", lambda: json.loads(answer.text)["counts"]["spam"] >= 1, answer.text)
    check("check for spam: without an error", lambda: json.loads(answer.text)["counts"]["error"] == 0, answer.text)
    check.equal("check for spam: it is in the spam folder", wordpress.status(text), "spam")


def settings_page(wordpress, admin):
    """What the owner sees of the account: alive, connected, with figures that are true."""
    before = len(calls())
    page = admin.get(SETTINGS)
    words = page.words()
    check.equal("settings page: opens", page.status, 200)
    check("settings page: the connection was tested", called("test", before), calls()[before:])
    check("settings page: can connect", "connect to the Akismet servers" not in words)
    check("settings page: asked for the subscription", called("get-subscription", before), calls()[before:])
    check("settings page: the key is good", "API key is no longer valid" not in words and "Enter your API key" not in page.text)
    check("settings page: shows no alarm", "akismet-critical" not in page.text)
    check("settings page: shows the settings", "akismet_strictness" in page.text)
    check("settings page: the key field is there and green", re.search(rf'value="{KEY}" class="[^"]*\bactive\b', page.text))
    account = re.search(r"Account Subscription Type (.*?) ?Status (\w+)(.*)", words, re.IGNORECASE)
    check.equal("settings page: the account is active", account and account[2], "Active")
    check("settings page: the subscription has a name", account and account[1], words[-600:])
    check("settings page: no bill is due", account and "Next Billing Date" not in account[3], words[-600:])
    check("settings page: asked for the figures", called("get-stats", before), calls()[before:])

    site = json.load(urllib.request.urlopen(f"http://127.0.0.1:8080/1.2/key-sites?api_key={KEY}&filter={SITE}", timeout=10))
    row = next((row for rows in site.values() if isinstance(rows, list) for row in rows if row["site"] == SITE), None)
    check("figures: phin has counted this blog", row and int(row["spam"]) > 5, site)
    figure = lambda text: int(text.replace(",", ""))
    found = re.search(r"Past six months ([\d,]+) Spam blocked All time ([\d,]+) Spam blocked Accuracy ([\d.]+)% ([\d,]+) missed spam(?: \||,) ([\d,]+) false positive", words)
    if check("figures: are on the page", found, words[:800]):
        check.equal("figures: spam of six months", figure(found[1]), figure(row["spam"]))
        check.equal("figures: spam of all time", figure(found[2]), figure(row["spam"]))
        check.equal("figures: missed spam", figure(found[4]), figure(row["missed_spam"]))
        check.equal("figures: false positives", figure(found[5]), figure(row["false_positives"]))
        checks, wrong = figure(row["api_calls"]), figure(row["missed_spam"]) + figure(row["false_positives"])
        check("figures: the accuracy is that of these", abs(float(found[3]) - 100 * (checks - wrong) / checks) < 1.5, (found[3], checks, wrong))
        check("figures: there were mistakes to count", wrong > 0)
    dashboard = admin.get("/wp-admin/index.php").words()
    check("figures: the dashboard tells them too", re.search(r"protected your site from [\d,]+ spam comment", dashboard), dashboard[:500])


def plug_is_pulled(wordpress, admin, stock):
    """phin is killed without warning and comes back. What the Akismet plugin makes of it by itself; plugin.py has what ours adds."""
    ham, ham_author = stock.take("ham")
    unsure, unsure_author = stock.take("unsure")
    spam, spam_author = stock.take("spam")
    published, author = stock.take("ham")
    author.write(wordpress, published)
    caught = like(published)
    click(admin, wordpress, published, "spamcomment")
    check.equal("killed: was taught just before", last_label(), ("spam", "moderator", SITE))
    kill_phin()

    check.equal("while it is away: the author of ham is sent back as ever", ham_author.write(wordpress, ham).status, 302)
    check.equal("while it is away: the author of spam too", spam_author.write(wordpress, spam).status, 302)
    unsure_author.write(wordpress, unsure)
    place = "approved" if wordpress.new_akismet else "unapproved"
    check.equal(f"while it is away: ham, spam and unsure are {place}", [wordpress.status(text) for text in (ham, spam, unsure)], [place] * 3)
    check.equal("while it is away: the plugin remembers to ask again", wordpress.state()["recheck_due"], True)
    check.equal("while it is away: the blog is read as ever", blog.Browser().get("/?p=1").status, 200)
    check.equal("while it is away: so is the moderator's list", admin.get(COMMENTS).status, 200)
    check.equal("while it is away: so is the settings page", admin.get(SETTINGS).status, 200)

    start_phin()
    check.equal("back again: knows the last label", last_label(), ("spam", "moderator", SITE))
    Author().write(wordpress, caught)
    check("back again: and what it taught", wordpress.status(caught) in HELD, wordpress.status(caught))
    wordpress.state(cron="akismet_schedule_cron_recheck")
    check.equal("asked again: ham is published", wordpress.status(ham), "approved")
    check.equal("asked again: spam is in the spam folder, if it is asked about", wordpress.status(spam), "approved" if wordpress.new_akismet else "spam")
    check.equal("asked again: unsure is published all the same", (verdict(unsure, unsure_author), wordpress.status(unsure)), ("unsure", "approved"))
    check.equal("asked again: nothing is left to ask", [c["id"] for c in wordpress.state()["comments"] if c["error"]], [])
    check("TLS was not given up", not wordpress.state()["ssl_disabled"], wordpress.state()["ssl_disabled"])


def without_the_name(wordpress, stock):
    """rest.akismet.com is no longer us: our plugin finds us without, here as a must-use plugin and with all settings in wp-config.php."""
    # An address where nobody listens.
    HOSTS.write_text("127.0.0.1 localhost\n127.0.0.9 rest.akismet.com\n", encoding="ascii")
    lost, author = stock.take("ham")
    author.write(wordpress, lost)
    check.equal("name without a server: the comment waits, or does not", wordpress.status(lost), "approved" if wordpress.new_akismet else "unapproved")

    wordpress.constants(PHIN_URL="http://127.0.0.1:8080")
    wordpress.must_use_plugin()
    before = len(calls())
    ham, author = stock.take("ham")
    author.write(wordpress, ham)
    check.equal("mu-plugin: ham is published", wordpress.status(ham), "approved")
    spam, author = stock.take("spam")
    author.write(wordpress, spam)
    check.equal("mu-plugin: spam is in the spam folder", wordpress.status(spam), "spam")
    admin = blog.Browser().log_in()
    known = len(labels())
    click(admin, wordpress, ham, "spamcomment")
    check.equal("mu-plugin: labels arrive", len(labels()), known + 1)
    check.equal("mu-plugin: the name was not asked for", calls()[before:], [])
    wordpress.state(cron="akismet_schedule_cron_recheck")
    check.equal("mu-plugin: the comment from before is published", wordpress.status(lost), "approved")
    page = admin.get(SETTINGS)
    check("mu-plugin: the settings page can connect", page.status == 200 and "connect to the Akismet servers" not in page.words())
    check("mu-plugin: so can our own", "Set by PHIN_URL" in admin.get("/wp-admin/options-general.php?page=phin-comment-filter").words())
    wordpress.constants()


def switched_off(wordpress, admin):
    """The plugin is deactivated, and says so."""
    (wordpress.mu_plugins / "phin.php").unlink()
    HOSTS.write_text("127.0.0.1 localhost\n127.0.0.1 rest.akismet.com\n", encoding="ascii")
    before = len(calls())
    link = admin.get("/wp-admin/plugins.php").link("action=deactivate", "akismet")
    check.equal("deactivated: in wp-admin", admin.get("/wp-admin/" + link).status, 200)
    check("deactivated: phin was told", called("deactivate", before), calls()[before:])
    before = len(calls())
    Author().write(wordpress, "Nobody looks at this one any more.")
    check.equal("deactivated: comments are no longer asked about", calls()[before:], [])


run([connect, comments_find_their_place, moderators_teach, settings_page, plug_is_pulled, without_the_name, switched_off])
