"""phin: checks and labels as WordPress sends them; the judged rows through `/v1/check`, which shows all digits. A label is on disk before it is acknowledged."""

import json
import os
import re
import time

from comments import KEY, Row
from load import Run, drive, http, wrk, wrk_script
from peer import Peer
from server import Failed, Server

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Phin(Peer):
    def __init__(self, setting, name: str, model: str, taught: bool, is_loaded: bool, unfair: str, one_site: bool = False):
        super().__init__(setting, name=name, unfair=unfair, is_loaded=is_loaded)
        self.model, self.taught, self.one_site = model, taught, one_site

    def start(self) -> None:
        folder = self.folder()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PHIN_")}
        environment["PHIN_BOOTSTRAP_KEY"] = KEY
        command = [self.setting.phin, "serve", "--listen", "127.0.0.1:0", "--data-dir", folder / "data", "--model", self.model]
        server = Server(command, folder / "log", env=environment)
        self.servers = [server]
        # It says which free port it took.
        until = time.monotonic() + 60
        while time.monotonic() < until and server.process.poll() is None:
            said = re.search(r"http://127\.0\.0\.1:(\d+)", server.log.read_text(errors="replace"))
            if said:
                self.port = int(said[1])
                server.wait_for(self.port)
                break
            time.sleep(0.1)
        else:
            said = server.log.read_text(errors="replace").strip()[-600:]
            server.stop()
            raise Failed(f"phin does not start: {said}")
        forms = [row.form().encode() for row in self.setting.split.load]
        self.script = wrk_script(folder, "checks", "/1.1/comment-check", FORM, forms)

    def learn(self, rows: list[Row]) -> float | None:
        if not self.taught:
            return None

        def take(_: int, answer) -> None:
            if not answer.body.startswith(b"Thanks"):
                raise Failed(f"a label was answered with {answer.body[:80]!r}")

        calls = [http(f"/1.1/submit-{'spam' if row.spam else 'ham'}", FORM, row.form(one_site=self.one_site).encode()) for row in rows]
        return drive(self.port, calls, self.setting.connections, take).per_second

    def scores(self, rows: list[Row]) -> list[float]:
        scores = [0.0] * len(rows)

        def take(at: int, answer) -> None:
            scores[at] = json.loads(answer.body)["probability"]

        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        calls = [http("/v1/check", headers, row.test(self.one_site).encode()) for row in rows]
        drive(self.port, calls, self.setting.connections, take)
        return scores

    def round(self, seconds: int) -> Run:
        return wrk(self.servers, self.port, self.script, self.setting.connections, seconds)
