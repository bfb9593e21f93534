"""Each front with the settings of docs/AKISMET.md between curl and phin. Usage: fronts_calls.py NGINX CADDY, the programs.

Paths are all that is changed in the settings. The fronts themselves write down what passed.
"""

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

from checks import Checks

KEY = os.environ["KEY"]
WIRE = pathlib.Path(os.environ["WIRE"])
GUIDE = (pathlib.Path(os.environ["ROOT"]) / "docs" / "AKISMET.md").read_text(encoding="utf-8")
NGINX = """
daemon off;
master_process off;
user root;
pid FOLDER/nginx.pid;
error_log FOLDER/nginx.log;
events {}
http {
    log_format calls '$request_method $uri $status';
    access_log WIRE calls;
    client_body_temp_path FOLDER/body;
    proxy_temp_path FOLDER/proxy;
    fastcgi_temp_path FOLDER/fastcgi;
    uwsgi_temp_path FOLDER/uwsgi;
    scgi_temp_path FOLDER/scgi;
SNIPPET
}
"""

check = Checks()


def guide(language):
    """The block of the guide in this language."""
    return re.search(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)[1]


def curl(url, *arguments):
    """The body and the headers of an answer; only the authority made by the guide is trusted."""
    command = ["curl", "--silent", "--show-error", "--include", "--max-time", "20", "--cacert", "phin-ca.pem", url, *arguments]
    done = subprocess.run(command, capture_output=True, check=False)
    head, _, body = done.stdout.decode().replace("\r\n", "\n").rpartition("\n\n")
    return body, head.lower() + done.stderr.decode()


def comment(text, *more):
    return ("--data", f"blog=http://fronts.test&user_ip=203.0.113.9{''.join(more)}", "--data-urlencode", f"comment_content={text}")


def calls(name):
    """What a client may send through a front."""
    host, clear = "https://rest.akismet.com/1.1", "http://rest.akismet.com/1.1"
    below = f"https://{KEY}.rest.akismet.com/1.1"
    body, head = curl(f"{host}/verify-key", "--data", f"key={KEY}&blog=http://fronts.test")
    check.equal(f"{name}: verify-key over TLS", body, "valid")
    check.equal(f"{name}: verify-key of a bad key", curl(f"{host}/verify-key", "--data", "key=wrong&blog=http://fronts.test")[0], "invalid")
    check.equal(f"{name}: verify-key in the clear", curl(f"{clear}/verify-key", "--data", f"key={KEY}&blog=http://fronts.test")[0], "valid")
    body, head = curl(f"{below}/comment-check", *comment(os.environ["PHIN_SPAM"]))
    check.equal(f"{name}: the key as a name below the host: spam", body, "true")
    check(f"{name}: the guid arrives", "x-akismet-guid: " in head, head)
    check.equal(f"{name}: the key as a name, in the clear: ham", curl(f"{below.replace('https', 'http')}/comment-check", *comment(os.environ["PHIN_HAM"]))[0], "false")
    body, head = curl(f"{host}/comment-check", *comment(os.environ["PHIN_DISCARD"], f"&api_key={KEY}"))
    check(f"{name}: blatant spam is said to be", "x-akismet-pro-tip: discard" in head, head)
    body, head = curl(f"{host}/comment-check", *comment(os.environ["PHIN_UNSURE"], f"&api_key={KEY}"))
    check(f"{name}: the hold arrives", body == "false" and "x-akismet-error: " in head, head)
    body, head = curl(f"{host}/submit-spam", *comment(os.environ["PHIN_HAM"], f"&api_key={KEY}"))
    check.equal(f"{name}: submit-spam", body, "Thanks for making the web a better place.")
    check.equal(f"{name}: and the next check knows", curl(f"{host}/comment-check", *comment(os.environ["PHIN_HAM"], f"&api_key={KEY}"))[0], "true")
    body, head = curl(f"{host}/submit-ham", *comment(os.environ["PHIN_HAM"], f"&api_key={KEY}"))
    check.equal(f"{name}: submit-ham", body, "Thanks for making the web a better place.")
    pathlib.Path("long").write_text("word " * 600_000, encoding="ascii")
    body, head = curl(f"{host}/comment-check", "--data-urlencode", "comment_content@long", "--data", f"blog=http://fronts.test&user_ip=203.0.113.9&api_key={KEY}")
    check(f"{name}: a comment of three megabytes is judged", body in ("true", "false"), head)
    check.equal(f"{name}: usage-limit by GET", json.loads(curl(f"https://rest.akismet.com/1.2/usage-limit?api_key={KEY}")[0])["limit"], "none")


@contextlib.contextmanager
def running(command):
    """A front, until the end of the block."""
    with open("front.log", "ab") as log, subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "HOME": os.getcwd()}) as front:
        for _ in range(200):
            if curl("https://rest.akismet.com/healthz")[0].strip():
                break
            time.sleep(0.1)
        try:
            yield
        finally:
            front.terminate()


def through_a_restart(name):
    """phin is killed and is back two seconds later; somebody asks in between."""
    os.kill(int(pathlib.Path(os.environ["PHIN_PID_FILE"]).read_text(encoding="ascii")), signal.SIGKILL)
    # It stays; the namespace ends it.
    subprocess.Popen(["sh", "-c", f"sleep 2; exec '{os.environ['PHIN_SERVE']}'"])  # pylint: disable=consider-using-with
    body, head = curl("https://rest.akismet.com/1.1/comment-check", *comment(os.environ["PHIN_SPAM"], f"&api_key={KEY}"))
    check(f"{name}: who asks while phin restarts is answered all the same", body == "true", head)


def main():
    nginx, caddy = sys.argv[1:]
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    made = subprocess.run(["bash", "-euc", guide("sh certificate")], capture_output=True, check=False)
    check("the guide's commands make a certificate", made.returncode == 0 and pathlib.Path("rest.akismet.com.pem").exists(), made.stderr.decode())
    here = lambda text: text.replace("/etc/phin/", f"{folder}/")

    settings = NGINX.replace("SNIPPET", here(guide("nginx"))).replace("FOLDER", folder).replace("WIRE", str(WIRE))
    pathlib.Path("nginx.conf").write_text(settings, encoding="utf-8")
    with running([nginx, "-p", folder, "-c", f"{folder}/nginx.conf"]):
        calls("nginx")
    log = pathlib.Path("nginx.log").read_text(encoding="utf-8")
    check("nginx has nothing to complain of", "[warn]" not in log and "[error]" not in log and "[emerg]" not in log, log)

    pathlib.Path("Caddyfile").write_text(here(guide("caddyfile")), encoding="utf-8")
    with running([caddy, "run", "--config", f"{folder}/Caddyfile", "--adapter", "caddyfile"]):
        calls("Caddy")
        through_a_restart("Caddy")
    check.done()


main()
