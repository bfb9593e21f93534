"""SpamAssassin's spamd with nothing but its Bayes classifier, in files of Berkeley DB. Its own protocol, without spamc."""

import os
import shutil
import time

from comments import Row
from load import Run, drive
from peer import Peer, program
from server import Failed, Server, free_port, run

PLUGINS = "loadplugin Mail::SpamAssassin::Plugin::Check\nloadplugin Mail::SpamAssassin::Plugin::Bayes\n"
# One rule asks for the probability. A header shows it with four digits.
RULES = """
required_score 5
use_bayes 1
use_bayes_rules 1
bayes_auto_learn 0
bayes_auto_expire 0
bayes_min_ham_num 1
bayes_min_spam_num 1
bayes_path %(folder)s/bayes/bayes
bayes_file_mode 0666
body BAYES_ANY eval:check_bayes('0.00', '1.00')
tflags BAYES_ANY learn
score BAYES_ANY 1
clear_headers
add_header all Bayes _BAYES_
"""


class Spamd(Peer):
    # Labels one by one, as spamc -L gives them, for so many seconds; the rest in bulk, by sa-learn.
    ONE_BY_ONE = 8

    def __init__(self, setting):
        super().__init__(
            setting,
            name="spamd",
            needs=("spamd", "sa-learn"),
            unfair="SpamAssassin is a set of rules of which Bayes is one: all others are off. It reads mails. Its client here is written in Python "
            "and takes some of the processor; each check is a new connection, as with spamc. Its probability has four digits.",
        )

    def start(self) -> None:
        folder = self.folder()
        rules = folder / "rules"
        rules.mkdir()
        (folder / "bayes").mkdir()
        (rules / "init.pre").write_text(PLUGINS)
        (rules / "bayes.cf").write_text(RULES % {"folder": folder})
        self.common = ["--configpath", rules, "--siteconfigpath", rules]
        self.port = free_port()
        self.user = []
        if os.getuid() == 0:
            # spamd never works as root.
            self.user = ["--username", "nobody"]
            shutil.chown(folder / "bayes", "nobody")
        options = ["--local", "--nouser-config", "--allow-tell", "--syslog", "stderr", "--listen", f"127.0.0.1:{self.port}"]
        options += ["--max-children", self.setting.workers, "--min-children", self.setting.workers, "--helper-home-dir", folder / "bayes"]
        options += ["--pidfile", folder / "bayes" / "pid"]
        self.command = [program("spamd"), *self.common, *options, *self.user]
        self.log = folder / "log"
        self.servers = [Server(self.command, self.log).wait_for(self.port)]

    def learn(self, rows: list[Row]) -> float | None:
        refused = []

        def take(_: int, answer) -> None:
            if " 0 EX_OK" not in answer.status:
                refused.append(answer.status)

        calls = [request("TELL", row.mail(), f"Message-class: {'spam' if row.spam else 'ham'}\r\nSet: local\r\n") for row in rows]
        one_by_one = drive(self.port, calls[: len(calls) // 2], self.setting.connections, take, seconds=self.ONE_BY_ONE, keep_open=False)
        if refused:
            raise Failed(f"a label was answered with {refused[0]}")
        # What was learnt already is passed over.
        for spam in (True, False):
            box = self.folder_of("spam" if spam else "ham", [row for row in rows if row.spam == spam])
            command = [program("sa-learn"), *self.common, "--local", "--spam" if spam else "--ham", "--dir", box, "--no-sync"]
            began = time.monotonic()
            run(command)
            self.bulk = sum(row.spam == spam for row in rows) / (time.monotonic() - began)
        run([program("sa-learn"), *self.common, "--local", "--sync"])
        for file in (self.setting.folder / self.name / "bayes").iterdir():
            file.chmod(0o666)
        return one_by_one.per_second

    def folder_of(self, name: str, rows: list[Row]):
        folder = self.setting.folder / self.name / name
        folder.mkdir()
        for at, row in enumerate(rows):
            (folder / str(at)).write_bytes(row.mail())
        return folder

    def scores(self, rows: list[Row]) -> list[float]:
        scores = [0.5] * len(rows)

        def take(at: int, answer) -> None:
            head = answer.body.decode(errors="replace").split("\n\n", 1)[0].replace("\r", "")
            lines = [line for line in head.split("\n") if line.startswith("X-Spam-Bayes:")]
            if not lines:
                raise Failed("an answer has no X-Spam-Bayes")
            scores[at] = float(lines[0].split(":")[1])

        drive(self.port, [request("HEADERS", row.mail()) for row in rows], self.setting.connections, take, keep_open=False)
        return scores

    def round(self, seconds: int) -> Run:
        calls = [request("CHECK", row.mail()) for row in self.setting.split.load]
        return drive(self.port, calls, self.setting.connections, lambda _at, _answer: None, seconds, keep_open=False, servers=self.servers)


def request(call: str, mail: bytes, headers: str = "") -> bytes:
    return f"{call} SPAMC/1.5\r\n{headers}Content-length: {len(mail)}\r\n\r\n".encode() + mail
