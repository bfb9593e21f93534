"""The afternoon's work: FastAPI, and a naive Bayes of scikit-learn over hashed words."""

import json
import os
import time

from comments import Row
from load import Run, drive, http, wrk, wrk_script
from peer import Peer
from server import Failed, Server, free_port

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class FastApi(Peer):
    def __init__(self, setting):
        super().__init__(
            setting,
            name="FastAPI + scikit-learn",
            unfair="It keeps no record of a check, has no keys and no sites, and a label is in memory alone when it is acknowledged. "
            "It learns with one worker, for two would know different things, and answers checks with two that read what the one wrote.",
        )

    def start(self) -> None:
        self.home = self.folder()
        self.serve(1)
        forms = [row.form().encode() for row in self.setting.split.load]
        self.script = wrk_script(self.home, "checks", "/check", FORM, forms)

    def serve(self, workers: int) -> None:
        self.stop()
        self.port = free_port()
        app = self.setting.python.parent / "uvicorn"
        command = [app, "app:app", "--app-dir", __file__.rsplit("/", 1)[0], "--host", "127.0.0.1", "--port", self.port]
        command += ["--workers", workers, "--log-level", "error", "--no-access-log"]
        # One thread each: two workers share two cores.
        environment = os.environ | {"NB_MODEL": str(self.home / "model"), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self.servers = [Server(command, self.home / f"log-{workers}", env=environment).wait_for(self.port)]
        # uvicorn listens before its workers can answer.
        time.sleep(2)

    def learn(self, rows: list[Row]) -> float | None:
        def take(_: int, answer) -> None:
            if " 200 " not in answer.status:
                raise Failed(f"a label was answered with {answer.status}")

        calls = [http("/label/spam" if row.spam else "/label/ham", FORM, row.form().encode()) for row in rows]
        run = drive(self.port, calls, self.setting.connections, take)
        drive(self.port, [http("/save", FORM, b"")], 1, take)
        self.serve(self.setting.workers)
        return run.per_second

    def scores(self, rows: list[Row]) -> list[float]:
        scores = [0.0] * len(rows)

        def take(at: int, answer) -> None:
            scores[at] = json.loads(answer.body)["log_odds"]

        drive(self.port, [http("/check", FORM, row.form().encode()) for row in rows], self.setting.connections, take)
        return scores

    def round(self, seconds: int) -> Run:
        return wrk(self.servers, self.port, self.script, self.setting.connections, seconds)
