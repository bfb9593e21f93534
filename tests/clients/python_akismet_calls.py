"""Every call of `python-akismet`; it has none to verify a key."""

import datetime
import os

from akismet import Akismet, SpamStatus
from akismet.exceptions import AkismetServerError
from checks import Checks

BLOG = "http://python-akismet.test"
AUTHOR = ("203.0.113.9", "Mozilla/5.0")
HAM = os.environ["PHIN_HAM"]

check = Checks()
client, stranger = Akismet(os.environ["KEY"], BLOG, "tests/1", timeout=15), Akismet("invalid", BLOG, "tests/1", timeout=15)


class Clear(Akismet):
    protocol = "http"


def status(text, **more):
    return client.check(*AUTHOR, comment_content=text, **more)


check.equal("check: ham", lambda: status(HAM), SpamStatus.Ham)
check.equal("check: spam", lambda: status(os.environ["PHIN_SPAM"]), SpamStatus.ProbableSpam)
check.equal("check: blatant spam", lambda: status(os.environ["PHIN_DISCARD"]), SpamStatus.DefiniteSpam)
check.equal("check: unsure is let through", lambda: status(os.environ["PHIN_UNSURE"]), SpamStatus.Ham)
check.equal("check: an administrator is never spam", lambda: status(os.environ["PHIN_SPAM"], user_role="administrator"), SpamStatus.Ham)
check.equal("check: dates are taken as they come", lambda: status(HAM, comment_date=datetime.datetime(2026, 4, 16, 15, 12, 5)), SpamStatus.Ham)
check.equal("check: in the clear", lambda: Clear(os.environ["KEY"], BLOG).check(*AUTHOR, comment_content=HAM), SpamStatus.Ham)
check.raises("check refuses a bad key", AkismetServerError, lambda: stranger.check(*AUTHOR, comment_content=HAM))
check.raises("submit_spam refuses a bad key", AkismetServerError, lambda: stranger.submit_spam(*AUTHOR, comment_content=HAM))
check.raises("submit_ham refuses a bad key", AkismetServerError, lambda: stranger.submit_ham(*AUTHOR, comment_content=HAM))
check.equal("submit_spam of a test is thanked for", lambda: client.submit_spam(*AUTHOR, comment_content=HAM, is_test=True), None)
check.equal("and teaches nothing", lambda: status(HAM), SpamStatus.Ham)
check.equal("submit_spam is thanked for", lambda: client.submit_spam(*AUTHOR, comment_content=HAM), None)
check("and the next check knows", lambda: status(HAM) in (SpamStatus.ProbableSpam, SpamStatus.DefiniteSpam))
check.equal("submit_ham is thanked for", lambda: client.submit_ham(*AUTHOR, comment_content=HAM), None)
check.equal("and the next check knows that too", lambda: status(HAM), SpamStatus.Ham)
check.done()
