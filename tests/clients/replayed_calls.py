"""Sends the requests of replays.json as they are written there, and compares the answers with those that each client needs.

Usage: replayed_calls.py REPLAYS ROWS. Speaks TAP; ROWS becomes the rows of the table, one a client, see counts.py.
"""

import json
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import urllib.parse

from checks import Checks

REPLAYS = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
FORM = "application/x-www-form-urlencoded"
# As old versions of curl write it, which send no body above 1 KiB before they are told to go on.
BOUNDARY = "----------------------------83ff53821b7c"
# Blatant spam, which every model knows: this test is about the form of requests, not about verdicts.
HAM, SPAM = os.environ["PHIN_HAM"], os.environ["PHIN_DISCARD"]

check = Checks()


class Answer:
    """Status, headers in small letters, and body, as a client finds them that reads all there is."""

    def __init__(self, status, headers, body):
        self.status, self.body = int(status), body
        self.headers = {name.lower(): value for name, value in headers}

    @classmethod
    def read(cls, raw):
        head, _, body = raw.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = [[part.strip() for part in line.split(":", 1)] for line in lines]
        return cls(status.split(" ")[1], headers, body.decode())

    def __repr__(self):
        return f"{self.status} {self.body!r} {self.headers}"


def body_of(how, fields):
    """The bytes of the fields, and their Content-Type."""
    if how == "rfc3986":
        return urllib.parse.urlencode(fields, quote_via=urllib.parse.quote, safe="~").encode(), FORM
    if how == "twice":
        return urllib.parse.urlencode([(name, urllib.parse.quote_plus(value)) for name, value in fields]).encode(), FORM
    if how == "multipart":
        parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields]
        return f"{''.join(parts)}--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}"
    return (urllib.parse.urlencode(fields) + "&" * (how == "ampersand")).encode(), FORM


def connect(client, host):
    """The client's own way to the host: in the clear, or over TLS with the certificate checked."""
    wire = socket.create_connection((host, 80 if client.get("clear") else 443), timeout=20)
    return wire if client.get("clear") else ssl.create_default_context().wrap_socket(wire, server_hostname=host)


def receive(wire):
    """All that comes until the answer is complete by its own word, or the other side is done."""
    raw = b""
    while data := wire.recv(65536):
        raw += data
        head, found, body = raw.partition(b"\r\n\r\n")
        lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        if found and lengths and len(body) >= int(lengths[0]):
            break
    return raw


def send(client, call, host, fields):
    """One request, on a connection of its own."""
    path = f"/1.1/{call}"
    if client["body"] == "php-curl":
        asked = {"url": f"http://{host}{path}", "agent": client["agent"], "fields": dict(fields)}
        script = pathlib.Path(__file__).with_name("replayed.php")
        said = subprocess.run(["php", script], input=json.dumps(asked), capture_output=True, text=True, check=True, timeout=60)
        return Answer(**json.loads(said.stdout))

    body, kind = body_of(client["body"], fields)
    headers = [("Host", host), *client["headers"], ("Content-Type", client.get("type", kind)), ("Content-Length", len(body))]
    line = f"POST {path}"
    if client["body"] == "query":
        line, headers, body = f"GET {path}?{body.decode()}", headers[:-2], b""
    waits = client["body"] == "multipart"
    if waits:
        headers.append(("Expect", "100-continue"))
    head = f"{line} HTTP/{client.get('http', '1.1')}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers) + "\r\n"
    with connect(client, host) as wire:
        if waits:
            wire.sendall(head.encode())
            if not (go_on := wire.recv(1024)).startswith(b"HTTP/1.1 100 "):
                return Answer.read(go_on)
            wire.sendall(body)
        else:
            wire.sendall(head.encode() + body)
        if client.get("http") == "1.0":
            # It reads until the connection is closed, and takes what it finds for the body.
            raw = b"".join(iter(lambda: wire.recv(65536), b""))
        else:
            raw = receive(wire)
    return Answer.read(raw)


def replay(client, number):
    """All calls of a client; those made are returned."""
    blog = f"http://client-{number}.test"

    def ask(call, content="", key=os.environ["KEY"]):
        form = client["calls"][call]
        fields = client["comment"] if form["fields"] == "comment" else form["fields"]

        def fill(text):
            return text.replace("{key}", key).replace("{blog}", blog).replace("{content}", content)

        return send(client, call, fill(form["host"]), [(name, fill(value)) for name, value in fields])

    def expect(name, wanted, *call):
        try:
            answer = ask(*call)
        except Exception as error:  # pylint: disable=broad-exception-caught
            check(f"{client['client']}: {name}", False, repr(error))
            return
        never = set(REPLAYS["never"]) & set(answer.headers) if wanted != "invalid" else set()
        plain = "transfer-encoding" not in answer.headers and "content-encoding" not in answer.headers
        holds = answer.status == 200 and answer.body == REPLAYS["answers"][wanted] and not never and plain
        check(f"{client['client']}: {name}", holds, f"{answer}, not {REPLAYS['answers'][wanted]!r}")

    if "verify-key" in client["calls"]:
        expect("verify-key knows a good key", "valid", "verify-key")
        expect("verify-key knows a bad key", "invalid", "verify-key", "", "invalid")
    expect("comment-check: ham", "ham", "comment-check", HAM)
    expect("comment-check: spam", "spam", "comment-check", SPAM)
    expect("comment-check refuses a bad key", "invalid", "comment-check", SPAM, "invalid")
    if "submit-spam" in client["calls"]:
        expect("submit-spam is thanked for", "thanks", "submit-spam", HAM)
        expect("and the next check knows", "spam", "comment-check", HAM)
        expect("submit-ham is thanked for", "thanks", "submit-ham", HAM)
        expect("and the next check knows that too", "ham", "comment-check", HAM)


def main():
    rows = []
    for number, client in enumerate(REPLAYS["clients"]):
        count, failed = check.count, check.failed
        replay(client, number)
        count, failed = check.count - count, check.failed - failed
        rows.append("\t".join([client["client"], client["version"], "replayed", ", ".join(client["calls"]), str(count - failed), str(failed), "0"]))
    pathlib.Path(sys.argv[2]).write_text("\n".join(rows) + "\n", encoding="utf-8")
    check.done()


main()
