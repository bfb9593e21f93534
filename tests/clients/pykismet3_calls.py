"""Every call of `pykismet3`; it has none to verify a key, and does not hear of blatant spam."""

import os

from checks import Checks
from pykismet3 import Akismet, AkismetServerError

BLOG = "http://pykismet3.test"

check = Checks()
client, stranger = Akismet(os.environ["KEY"], BLOG, "tests/1"), Akismet("invalid", BLOG, "tests/1")


def comment(verdict):
    return {"comment_content": os.environ[f"PHIN_{verdict}"], "user_ip": "203.0.113.9", "user_agent": "Mozilla/5.0", "referrer": "unknown"}


check.equal("check: ham", lambda: client.check(comment("HAM")), False)
check.equal("check: spam", lambda: client.check(comment("SPAM")), True)
check.equal("check: blatant spam", lambda: client.check(comment("DISCARD")), True)
check.equal("check: unsure is let through", lambda: client.check(comment("UNSURE")), False)
check.raises("check refuses a bad key", AkismetServerError, lambda: stranger.check(comment("HAM")))
check.raises("submit_spam refuses a bad key", AkismetServerError, lambda: stranger.submit_spam(comment("HAM")))
check.raises("submit_ham refuses a bad key", AkismetServerError, lambda: stranger.submit_ham(comment("HAM")))
check.equal("submit_spam is thanked for", lambda: client.submit_spam(comment("HAM")), None)
check.equal("and the next check knows", lambda: client.check(comment("HAM")), True)
check.equal("submit_ham is thanked for", lambda: client.submit_ham(comment("HAM")), None)
check.equal("and the next check knows that too", lambda: client.check(comment("HAM")), False)
check.done()
