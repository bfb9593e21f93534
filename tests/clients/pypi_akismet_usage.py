"""The account's figures, through the unmodified client where it can ask, and in plain HTTP where it forgets its key (`key_sites`)."""

import datetime

import akismet
import httpx

SITE = "usage.test"
KEY = akismet.SyncClient()._config.key  # pylint: disable=protected-access
# So blatant that every model agrees; which verdict a comment deserves is tested elsewhere.
SPAM = "FREE CASINO BONUS!!! Best online casino http://casino-bonus.xyz buy viagra http://cheap-viagra.top WhatsApp +1 202 555 0143"
URL = "https://rest.akismet.com/1.2/key-sites"


def test_usage_and_sites_count_checks_and_mistakes():
    client = akismet.SyncClient(config=akismet.Config(key=KEY, url=f"http://{SITE}"))
    before = client.usage_limit()
    assert before["limit"] == "none" and before["throttled"] is False

    comment = {"user_ip": "203.0.113.9", "comment_content": SPAM}
    assert client.comment_check(**comment)
    assert client.submit_ham(**comment)
    assert client.usage_limit()["usage"] == before["usage"] + 1

    month = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m")
    row = {
        "site": SITE,
        "api_calls": "1",
        "spam": "1",
        "ham": "0",
        "missed_spam": "0",
        "false_positives": "1",
        "is_revoked": False,
    }
    asked = {"api_key": KEY, "filter": SITE, "limit": 10}
    expected = {month: [row], "limit": 10, "offset": 0, "total": 1}
    assert httpx.get(URL, params=asked).json() == expected
    assert httpx.post(URL, data=asked).json() == expected

    text = httpx.get(URL, params={**asked, "format": "csv"}).text
    assert text.splitlines() == [
        f"Active sites for {KEY} during {month} (limit:10, offset: 0, total: 1)",
        "Site,Total API Calls,Spam,Ham,Missed Spam,False Positives,Is Revoked",
        f"{SITE},1,1,0,0,1,false",
    ]
    assert httpx.get(URL, params={"api_key": "unknown-key0"}).text == "invalid"
