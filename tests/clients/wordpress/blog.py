"""A WordPress of its own, with a MariaDB of its own, and browsers to look at it with. All of it ends with the namespace."""

import html.parser
import http.client
import http.cookies
import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess
import time
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).parent
PLUGIN = HERE.parent.parent.parent / "integrations" / "wordpress" / "phin-comment-filter"
PORT, STATE_PORT = 8088, 8089
URL = f"http://127.0.0.1:{PORT}"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
# Without a mailer WordPress would complain about every letter.
PHP = ["php", "-d", "sendmail_path=/bin/true", "-d", "opcache.enable_cli=1", "-d", "display_errors=0", "-d", "log_errors=1", "-d", "opcache.revalidate_freq=0"]


class Blog:
    """Started when made: `program` is the unpacked WordPress, `folder` an empty one for all that it writes."""

    def __init__(self, program, folder):
        self.program, self.folder = program, pathlib.Path(folder)
        self.mu_plugins, self.plugins = self.folder / "mu-plugins", self.folder / "plugins"
        self.mu_plugins.mkdir()
        # From 5.3.7 on the Akismet plugin publishes what could not be judged, and shows its account otherwise.
        version = (pathlib.Path(program) / "wp-content" / "plugins" / "akismet" / "akismet.php").read_text(encoding="utf-8")
        self.new_akismet = tuple(map(int, re.search(r"^Version: ([\d.]+)$", version, re.MULTILINE)[1].split("."))) >= (5, 3, 7)
        # Copies, for plugins are removed too.
        shutil.copytree(pathlib.Path(program) / "wp-content" / "plugins" / "akismet", self.plugins / "akismet")
        self.constants()
        socket = self.folder / "db.sock"
        self.environment = {**os.environ, "BLOG_SOCKET": str(socket), "BLOG_URL": URL, "BLOG_FOLDER": str(self.folder), "BLOG_PROGRAM": program, "PHP_CLI_SERVER_WORKERS": "3"}
        self._database(socket)
        setup = [*PHP, str(HERE / "setup.php"), program]
        subprocess.run(setup, env=self.environment, check=True)
        self.log = open(self.folder / "php.log", "ab")
        # The second only looks into the database; a server, for starting PHP anew each time takes longer than all else here.
        for port, root in ((PORT, program), (STATE_PORT, HERE)):
            subprocess.Popen([*PHP, "-S", f"127.0.0.1:{port}", "-t", str(root)], env=self.environment, stdout=self.log, stderr=self.log)
        wait(lambda: Browser().get("/").status == 200, "WordPress")

    def _database(self, socket):
        data, log = f"--datadir={self.folder / 'db'}", self.folder / "db.log"
        # In /usr/sbin, where not every PATH looks.
        environment = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"}
        # Users by their mere name: nobody else can reach the socket.
        install = ["mariadb-install-db", "--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db", "--user=root"]
        server = ["mariadbd", "--no-defaults", data, f"--socket={socket}", f"--pid-file={self.folder / 'db.pid'}", "--skip-networking", "--user=root"]
        lazily = ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M", "--skip-name-resolve"]
        with open(log, "ab") as output:
            if subprocess.run(install, stdout=output, stderr=output, env=environment, check=False).returncode:
                raise SystemExit(f"MariaDB cannot be set up: {log.read_text(errors='replace')}")
            subprocess.Popen(server + lazily, stdout=output, stderr=output, env=environment)
        wait(socket.exists, "MariaDB")

    def constants(self, **values):
        """What wp-config.php defines beside the rest, from the next page on."""
        lines = [f"define( '{name}', '{value}' );\n" for name, value in values.items()]
        (self.folder / "constants.php").write_text("<?php\n" + "".join(lines), encoding="utf-8")

    def install_plugin(self):
        """Puts our plugin beside the others, as a copy of its folder."""
        shutil.copytree(PLUGIN, self.plugins / PLUGIN.name)

    def must_use_plugin(self):
        """The same among the must-use plugins, where WordPress looks for single files only."""
        shutil.copytree(PLUGIN, self.mu_plugins / PLUGIN.name)
        loader = f"<?php require __DIR__ . '/{PLUGIN.name}/{PLUGIN.name}.php';\n"
        (self.mu_plugins / "phin.php").write_text(loader, encoding="utf-8")

    @staticmethod
    def state(**wish):
        """What is in the database; see state.php."""
        with urllib.request.urlopen(f"http://127.0.0.1:{STATE_PORT}/state.php?{urllib.parse.urlencode(wish)}", timeout=90) as answer:
            return json.load(answer)

    def comment(self, text):
        """The stored comment with this text, if there is one."""
        found = [comment for comment in self.state()["comments"] if comment["text"] == text]
        return found[0] if found else None

    def status(self, text):
        """`approved`, `unapproved`, `spam`, or `gone`."""
        found = self.comment(text)
        return found["status"] if found else "gone"


def wait(ready, what):
    """Until it is ready; a minute at most."""
    for _ in range(600):
        try:
            if ready():
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit(f"{what} does not answer")


class Page:
    """An answer: its status, where it sends to, and what is on it."""

    def __init__(self, status, location, body):
        self.status, self.location, self.text = status, location, body
        self.links, self.forms = [], []
        if "<" in body:
            Reader(self).feed(body)

    def form(self, part_of_action, **having):
        """The fields of the first form whose action contains this and that has these fields, as a browser would send them."""
        for action, fields in self.forms:
            if part_of_action in action and all(name in fields for name in having or {}):
                return fields
        raise LookupError(f"no form with {part_of_action!r} among {[action for action, _ in self.forms]}")

    def link(self, *parts):
        """The first link that contains all of these."""
        for link in self.links:
            if all(part in link for part in parts):
                return link
        raise LookupError(f"no link with {parts!r}")

    def words(self):
        """The text that a person sees, spaces made one."""
        return self.shown


class Reader(html.parser.HTMLParser):
    """Gathers links, forms and the visible text."""

    def __init__(self, page):
        super().__init__()
        self.page, self.hidden, self.pieces, self.area = page, 0, [], None
        page.shown = ""

    def handle_starttag(self, tag, attrs):
        attrs = {name: value or "" for name, value in attrs}
        if tag in ("script", "style"):
            self.hidden += 1
        elif tag == "a" and "href" in attrs:
            self.page.links.append(attrs["href"])
        elif tag == "form":
            self.page.forms.append((attrs.get("action", ""), {}))
        elif tag in ("input", "textarea") and self.page.forms and "name" in attrs:
            ticked = attrs.get("type") not in ("radio", "checkbox") or "checked" in attrs
            if ticked and attrs.get("type") != "submit":
                self.page.forms[-1][1][attrs["name"]] = attrs.get("value", "")

    def handle_endtag(self, tag):
        if tag in ("script", "style"):
            self.hidden -= 1

    def handle_data(self, data):
        if not self.hidden:
            self.page.shown = f"{self.page.shown} {' '.join(data.split())}".strip() if data.strip() else self.page.shown


class Browser:
    """Somebody with cookies and an address of their own, for WordPress lets nobody comment twice within a quarter of a minute."""

    addresses = itertools.count(2)

    def __init__(self):
        number = next(self.addresses)
        self.address = f"127.0.{number // 250}.{number % 250 + 1}"
        self.cookies = {}

    def get(self, path):
        """A page; redirections are followed."""
        return self._call("GET", path, None)

    def post(self, path, fields):
        """Sends a form; the answer itself, for where it sends to tells what happened."""
        return self._call("POST", path, urllib.parse.urlencode(fields))

    def _call(self, method, path, body, hops=0):
        parts = urllib.parse.urlsplit(urllib.parse.urljoin(URL + "/", path))
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=90, source_address=(self.address, 0))
        headers = {"User-Agent": AGENT, "Accept-Language": "en-GB,en;q=0.7", "Referer": URL + "/", "Host": f"127.0.0.1:{PORT}"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, urllib.parse.urlunsplit(("", "", parts.path, parts.query, "")), body, headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for header in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in http.cookies.SimpleCookie(header).items():
                self.cookies[name] = morsel.value
        connection.close()
        location = answer.headers.get("Location")
        if method == "GET" and location and hops < 5:
            return self._call("GET", location, None, hops + 1)
        return Page(answer.status, location, text)

    def log_in(self, name="moderator"):
        """As the moderator, or as somebody else with the same password."""
        self.get("/wp-login.php")
        answer = self.post("/wp-login.php", {"log": name, "pwd": "the password", "testcookie": "1", "wp-submit": "Log In"})
        assert answer.status == 302, answer.text
        return self

    def comment(self, text, author="", email="", post=1, **more):
        """Fills in the form below a post, as its scripts would, and sends it."""
        form = self.get(f"/?p={post}").form("wp-comments-post.php")
        if author:
            form |= {"author": author, "email": email, "url": ""}
        form |= {"comment": text, "ak_js": str(int(time.time() * 1000)), **more}
        return self.post("/wp-comments-post.php", form)
