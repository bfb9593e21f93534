"""Every call of `akismet-async`."""

import asyncio
import os

from akismet import Akismet, Comment, SpamStatus
from akismet.exceptions import AkismetServerError
from checks import Checks

KEY = os.environ["KEY"]
BLOG = "http://akismet-async.test"


def comment(text):
    return Comment(comment_content=text, user_ip="203.0.113.9", user_agent="Mozilla/5.0", referrer="unknown", comment_author="An Nguyen")


async def main(check):
    client, stranger = Akismet(KEY, BLOG, "tests/1"), Akismet("invalid", BLOG, "tests/1")
    ham, spam = comment(os.environ["PHIN_HAM"]), comment(os.environ["PHIN_SPAM"])

    check.equal("verify_key knows a good key", await client.verify_key(), True)
    check.equal("verify_key knows a bad key", await stranger.verify_key(), False)
    check.equal("check: ham", await client.check(ham), SpamStatus.HAM)
    check.equal("check: spam", await client.check(spam), SpamStatus.PROBABLE_SPAM)
    check.equal("check: blatant spam", await client.check(comment(os.environ["PHIN_DISCARD"])), SpamStatus.DEFINITE_SPAM)
    check.equal("check: unsure is let through", await client.check(comment(os.environ["PHIN_UNSURE"])), SpamStatus.HAM)
    check.equal("check: the documented author is always spam", await client.check({**ham.to_dict(), "comment_author": "viagra-test-123"}), SpamStatus.PROBABLE_SPAM)

    # A word that is no JSON is what this client stumbles over, with a bad key of the hosted service too.
    for name, call, error in (
        ("check", stranger.check, ValueError),
        ("submit_spam", stranger.submit_spam, AkismetServerError),
        ("submit_ham", stranger.submit_ham, AkismetServerError),
    ):
        try:
            seen = await call(ham)
            check(f"{name} refuses a bad key", False, repr(seen))
        except error:
            check(f"{name} refuses a bad key", True)

    check.equal("submit_spam is thanked for", await client.submit_spam(ham), None)
    check("and the next check knows", await client.check(ham) in (SpamStatus.PROBABLE_SPAM, SpamStatus.DEFINITE_SPAM))
    check.equal("submit_ham is thanked for", await client.submit_ham(ham), None)
    check.equal("and the next check knows that too", await client.check(ham), SpamStatus.HAM)


CHECKS = Checks()
asyncio.run(main(CHECKS))
CHECKS.done()
