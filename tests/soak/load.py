#!/usr/bin/env python3
"""The load of the soak: comments are checked at a steady rate, and one answer in a hundred is followed by
a label. A process of its own, so that nothing else delays it.

In: one JSON object on standard input (see `Settings`). Out: one JSON object a second on standard output,
and one line for each acknowledged label in the file `acknowledged`: guid, label, site, key.

The load is open: a check is due at its time, whether or not earlier ones are answered, and its time runs
from when it was due. A server that stalls is thus seen by all checks that came meanwhile. Without a rate
each connection sends again as soon as it is answered: that finds the peak."""

import collections
import dataclasses
import json
import os
import random
import select
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "benches", "load"))
from loadlib.comments import Comments  # noqa: E402

THANKS = b"Thanks for making the web a better place."
# Sure verdicts: whoever gets these wrong answers somebody else's question.
SURE_EVERY = 500
# So long a label comes after its check, in seconds: a moderator reads first.
LABEL_AFTER = (0.2, 5.0)
# A request without an answer for so long has failed.
LONGEST_ANSWER = 30.0
# Checks that wait for a free connection at most, in seconds of the rate; more are not sent.
LONGEST_QUEUE = 5


@dataclasses.dataclass
class Settings:
    """What the parent asks for."""

    port: int
    seconds: float
    connections: int
    # A second; 0: as many as are answered.
    rate: float
    # Site N belongs to key N modulo their number.
    keys: list
    sites: int
    acknowledged: str
    label_every: int = 100
    seed: int = 1
    corpus: str | None = None


class Request:
    """What was sent and what must come back."""

    __slots__ = ("due", "sent", "data", "kind", "form", "label", "site", "guid", "is_to_label")

    def __init__(self, kind, due, form, label, site, guid=""):
        self.kind, self.due, self.form, self.label, self.site, self.guid = kind, due, form, label, site, guid
        self.sent = 0.0
        self.is_to_label = False
        call = kind if kind.startswith("submit") else "comment-check"
        self.data = (
            b"POST /1.1/%b HTTP/1.1\r\nHost: phin\r\nUser-Agent: WordPress/6.7 | Akismet/5.7\r\n"
            b"Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\nContent-Length: %d\r\n\r\n%b"
            % (call.encode(), len(form), form)
        )


class Connection:
    """One keep-alive connection; at most one request is under way."""

    def __init__(self, port):
        self.port = port
        self.open()

    def open(self):
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.buffer = b""
        self.request = None


def answer_of(buffer):
    """Status, head and body once all of it is there, else nothing."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = buffer[:end].lower()
    at = head.find(b"content-length: ")
    length = int(head[at + 16 : head.find(b"\r", at) if b"\r" in head[at:] else end]) if at >= 0 else 0
    if len(buffer) < end + 4 + length:
        return None
    return buffer[9:12], head, buffer[end + 4 : end + 4 + length]


def guid_of(head):
    """The id of a check, or nothing where the header is missing or no id."""
    at = head.find(b"x-akismet-guid: ")
    guid = head[at + 16 : at + 48] if at >= 0 else b""
    return guid.decode() if len(guid) == 32 and guid.isalnum() else None


class Load:
    """Sends, reads, counts."""

    def __init__(self, settings):
        self.settings = settings
        self.random = random.Random(settings.seed)
        self.comments = Comments(settings.seed, settings.corpus)
        self.epoll = select.epoll()
        self.connections = {}
        self.free = []
        self.waiting = collections.deque()
        self.labels = collections.deque()
        self.made = 0
        self.unsent = 0
        self.errors = collections.Counter()
        self.examples = []
        self.acknowledged = open(settings.acknowledged, "a", encoding="ascii", buffering=1)
        self.second = self.new_second()
        for _ in range(settings.connections):
            self.add(Connection(settings.port))

    @staticmethod
    def new_second():
        return {"checks": 0, "labels": 0, "ms": [], "label_ms": []}

    def add(self, connection):
        self.connections[connection.socket.fileno()] = connection
        self.epoll.register(connection.socket, select.EPOLLIN)
        self.free.append(connection)

    def make(self, due):
        """The next check."""
        self.made += 1
        site = self.random.randrange(self.settings.sites)
        form, label = self.comments.form(site, self.settings.keys[site % len(self.settings.keys)])
        if self.made % SURE_EVERY == 0:
            return Request("sure-spam", due, form + b"&comment_author=akismet-guaranteed-spam", label, site)
        if self.made % SURE_EVERY == SURE_EVERY // 2:
            return Request("sure-ham", due, form + b"&user_role=administrator", label, site)
        check = Request("check", due, form, label, site)
        check.is_to_label = self.made % self.settings.label_every == 1
        return check

    def send(self, request, now):
        connection = self.free.pop()
        request.sent = now
        connection.request = request
        try:
            if connection.socket.send(request.data) != len(request.data):
                self.fail(connection, "not taken at once")
        except OSError as error:
            self.fail(connection, f"send: {error.strerror}")

    def fail(self, connection, why):
        """The request is lost; the connection begins anew."""
        self.errors[why] += 1
        self.connections.pop(connection.socket.fileno(), None)
        connection.socket.close()
        try:
            connection.open()
        except OSError as error:
            # Without a server there is no load: the parent sees that it has ended.
            self.errors[f"connect: {error.strerror}"] += 1
            return
        self.add(connection)

    def wrong(self, request, status, head, body):
        self.errors[f"wrong answer to {request.kind}"] += 1
        if len(self.examples) < 5:
            self.examples.append(f"{request.kind}: {status!r} {body[:80]!r} {head[:300]!r}")

    def read(self, connection, now):
        request = connection.request
        try:
            data = connection.socket.recv(65536)
        except OSError as error:
            self.fail(connection, f"receive: {error.strerror}")
            return
        if not data:
            if request is None:
                # The server may close what is idle.
                self.free.remove(connection)
            self.fail(connection, "closed under a request" if request else "closed while idle")
            return
        connection.buffer += data
        answer = answer_of(connection.buffer)
        if answer is None:
            return
        connection.buffer, connection.request = b"", None
        self.free.append(connection)
        self.judge(request, *answer, now)

    def judge(self, request, status, head, body, now):
        took = (now - request.due) * 1000
        if request.kind.startswith("submit"):
            if status != b"200" or body != THANKS:
                self.wrong(request, status, head, body)
                return
            self.second["labels"] += 1
            self.second["label_ms"].append(took)
            key = request.site % len(self.settings.keys)
            self.acknowledged.write(f"{request.guid}\t{request.label}\t{request.site}\t{key}\n")
            return
        guid = guid_of(head)
        is_right = status == b"200" and body in (b"true", b"false") and guid
        if request.kind != "check" and body != (b"true" if request.kind == "sure-spam" else b"false"):
            is_right = False
        if not is_right:
            self.wrong(request, status, head, body)
            return
        self.second["checks"] += 1
        self.second["ms"].append(took)
        if request.is_to_label:
            # WordPress sends what it sent before; others name the check.
            form = request.form + (b"&guid=" + guid.encode() if self.random.random() < 0.5 else b"")
            form += b"&reporter=moderator%d" % self.random.randrange(3)
            due = now + self.random.uniform(*LABEL_AFTER)
            self.labels.append(Request(f"submit-{request.label}", due, form, request.label, request.site, guid))

    def take_due_labels(self, now):
        for _ in range(len(self.labels)):
            request = self.labels.popleft()
            if request.due <= now:
                self.waiting.append(request)
            else:
                self.labels.append(request)

    def run(self):
        settings = self.settings
        began = now = time.monotonic()
        end, told, looked = began + settings.seconds, began, began
        interval = 1 / settings.rate if settings.rate else 0
        next_due = began
        while now < end or len(self.free) < len(self.connections):
            if now < end and settings.rate:
                while next_due <= now:
                    if len(self.waiting) < LONGEST_QUEUE * settings.rate:
                        self.waiting.append(self.make(next_due))
                    else:
                        self.unsent += 1
                    next_due += interval
            if now - looked > 0.05:
                looked = now
                self.take_due_labels(now)
                for connection in list(self.connections.values()):
                    if connection.request and now - connection.request.sent > LONGEST_ANSWER:
                        self.fail(connection, "no answer")
            while self.free and now < end and (self.waiting or not settings.rate):
                self.send(self.waiting.popleft() if self.waiting else self.make(now), now)
            wait = min(max(next_due - now, 0), 0.05) if settings.rate else 0.05
            for descriptor, _ in self.epoll.poll(wait):
                connection = self.connections.get(descriptor)
                if connection:
                    self.read(connection, time.monotonic())
            now = time.monotonic()
            if now - told >= 1:
                self.tell(now - began)
                told = now
            if not self.connections or now > end + LONGEST_ANSWER:
                break
        self.tell(now - began)
        self.acknowledged.close()

    def tell(self, at):
        """What this second was like."""
        print(json.dumps({
            "at": at, **self.second, "waiting": len(self.waiting), "unsent": self.unsent,
            "errors": self.errors, "examples": self.examples,
        }), flush=True)
        self.second = self.new_second()


if __name__ == "__main__":
    Load(Settings(**json.load(sys.stdin))).run()
