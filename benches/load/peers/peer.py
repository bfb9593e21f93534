"""What every peer can do. One file each says how: `phin.py`, `rspamd.py`, `spamd.py`, `fastapi_nb.py`, `bogofilter.py`."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from comments import Row, Split
from load import Run
from server import Failed, Server, memory_mb


@dataclass
class Setting:
    """What all peers share in a run."""

    # Data, logs and settings of servers; a folder of its own for each peer.
    folder: Path
    split: Split
    connections: int
    workers: int
    phin: Path
    phin_model: str
    python: Path


@dataclass
class Peer:
    """Started once, taught, asked for the scores of the judged rows, then loaded in rounds."""

    setting: Setting
    name: str = ""
    # A sentence for the document: what the figures of this peer leave out.
    unfair: str = ""
    needs: tuple[str, ...] = ()
    # Whether it has a server to be loaded; else only its scores are wanted.
    is_loaded: bool = True
    servers: list[Server] = field(default_factory=list)

    def folder(self) -> Path:
        """An empty folder."""
        folder = self.setting.folder / self.name.replace(" ", "-").replace(",", "")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def check_needs(self) -> None:
        for program in self.needs:
            if not shutil.which(program, path=PATH):
                raise Failed(f"{program} is not installed")

    def start(self) -> None:
        raise NotImplementedError

    def learn(self, rows: list[Row]) -> float | None:
        """Learns all rows; how many in a second. Nothing if this peer is to learn nothing."""
        raise NotImplementedError

    def scores(self, rows: list[Row]) -> list[float]:
        """One number for each row; more is more like spam."""
        raise NotImplementedError

    def round(self, seconds: int) -> Run:
        raise NotImplementedError

    def memory(self) -> float:
        return memory_mb(self.servers)

    def stop(self) -> None:
        # A server that uses another was started after it.
        for server in reversed(self.servers):
            server.stop()
        self.servers.clear()


# Debian keeps servers where ordinary users do not look.
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def program(name: str) -> str:
    found = shutil.which(name, path=PATH) or shutil.which(name)
    if not found:
        raise Failed(f"{name} is not installed")
    return found
