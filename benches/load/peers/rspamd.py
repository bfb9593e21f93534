"""rspamd with nothing but its Bayes classifier, and a Redis of its own."""

import json
import os

from comments import Row
from load import Run, drive, http, wrk, wrk_script
from peer import Peer, program
from server import Failed, Server, free_port

# No modules, no filters, no DNS. Comments are short: min_tokens is 11 by default, and would leave many without a score.
# A busy machine must not cut a look into Redis short: the check would be quick and without a score.
# The weights are large so that the score shows more digits of the probability.
SETTINGS = """
options {
    filters = "";
    pidfile = "%(folder)s/rspamd.pid";
    cache_file = "%(folder)s/symbols.cache";
    history_file = "%(folder)s/history";
    stats_file = "%(folder)s/stats.ucl";
    hs_cache_dir = "%(cache)s/";
    control_socket = "%(folder)s/control.sock mode=0600";
    url_tld = "/usr/share/rspamd/effective_tld_names.dat";
    dns { nameserver = ["127.0.0.1"]; }
    explicit_modules = [];
}
logging { type = "console"; level = "error"; }
lang_detection { languages = "/usr/share/rspamd/languages"; }
worker "normal" { bind_socket = "127.0.0.1:%(port)d"; count = %(workers)d; }
worker "controller" { bind_socket = "127.0.0.1:%(controller)d"; count = 1; secure_ip = "127.0.0.1"; password = "q1"; }
classifier "bayes" {
    tokenizer { name = "osb"; }
    cache { }
    new_schema = true;
    min_tokens = 1;
    min_learns = 1;
    backend = "redis";
    servers = "127.0.0.1:%(redis)d";
    timeout = 10s;
    statfile { symbol = "BAYES_HAM"; spam = false; }
    statfile { symbol = "BAYES_SPAM"; spam = true; }
}
actions { reject = 1000000000; }
group "bayes" {
    symbols {
        "BAYES_SPAM" { weight = 1000000; }
        "BAYES_HAM" { weight = -1000000; }
    }
}
"""


class Rspamd(Peer):
    def __init__(self, setting):
        super().__init__(
            setting,
            name="rspamd",
            needs=("rspamd", "redis-server"),
            unfair="rspamd reads mails, and Redis keeps its tokens in memory: nothing is on disk when a label is acknowledged. "
            "It closes each connection after its answer, so every check pays for a new one. Its rules, fuzzy hashes and reputation are off.",
        )

    def start(self) -> None:
        folder = self.folder()
        redis, self.port, self.controller = free_port(), free_port(), free_port()
        command = [program("redis-server"), "--port", redis, "--bind", "127.0.0.1", "--save", "", "--dir", folder, "--appendonly", "no"]
        self.servers = [Server(command, folder / "redis.log").wait_for(redis)]
        settings = folder / "rspamd.conf"
        # The first start compiles the list of public suffixes, for a minute or more; later ones read it from here.
        cache = self.setting.folder.parent / "rspamd-cache"
        cache.mkdir(exist_ok=True)
        values = {"folder": folder, "cache": cache, "port": self.port, "controller": self.controller, "redis": redis, "workers": self.setting.workers}
        settings.write_text(SETTINGS % values)
        command = [program("rspamd"), "--no-fork", "--config", settings]
        if os.getuid() == 0:
            # Root must say that it means it.
            command.append("--insecure")
        server = Server(command, folder / "rspamd.log")
        self.servers.append(server)
        server.wait_for(self.port, 400).wait_for(self.controller)
        mails = [row.mail() for row in self.setting.split.load]
        self.script = wrk_script(folder, "checks", "/checkv2", {"Pass": "all"}, mails)

    def learn(self, rows: list[Row]) -> float | None:
        refused = []

        def take(_: int, answer) -> None:
            if " 200 " not in answer.status:
                refused.append(answer.status + answer.body.decode(errors="replace"))

        calls = [http("/learnspam" if row.spam else "/learnham", {"Learn-Type": "bulk"}, row.mail()) for row in rows]
        run = drive(self.controller, calls, self.setting.connections, take, servers=self.servers)
        # A mail without a single token is refused.
        if len(refused) * 50 > len(rows):
            raise Failed(f"{len(refused)} of {len(rows)} labels were refused: {refused[0][:200]}")
        return run.per_second

    def scores(self, rows: list[Row]) -> list[float]:
        scores = [0.0] * len(rows)

        def take(at: int, answer) -> None:
            # Neither symbol: it cannot tell. The option is a percentage with two digits; the score orders what is equal there.
            for name, symbol in json.loads(answer.body)["symbols"].items():
                percent = float(symbol["options"][0].rstrip("%"))
                scores[at] = (-percent if name == "BAYES_HAM" else percent) + symbol["score"] / 1e9

        drive(self.port, [http("/checkv2", {"Pass": "all"}, row.mail()) for row in rows], self.setting.connections, take)
        return scores

    def round(self, seconds: int) -> Run:
        return wrk(self.servers, self.port, self.script, self.setting.connections, seconds)
