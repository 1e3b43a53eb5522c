#!/usr/bin/env python3
"""The files in deploy/ are right: systemd, nginx, Caddy, Prometheus and Docker's tools take them, payoutd works behind
both proxies, and does nothing that the unit forbids. deploy.py BUILD; tells in TAP. Needs no root, and starts no
service."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(sys.argv[1]).resolve()
PAYOUTD = BUILD / "src/daemon/payoutd"
DEPLOY = ROOT / "deploy"
PATIENCE_S = 30
NOBODY = 65534
EXPOSURE_MOST = 1.5  # systemd calls up to 2.0 "OK"; a daemon without any of this has 9.2.
tests = []


def test(function):
    tests.append(function)
    return function


def run(*words, status=0, **more):
    done = subprocess.run([str(word) for word in words], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)
    assert done.returncode == status, f"{words[0]} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


def until(check, what):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        found = check()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"not in {PATIENCE_S} s: {what}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def program(*words, **more):
    child = subprocess.Popen([str(word) for word in words], **more)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
        child.wait(PATIENCE_S)


@contextlib.contextmanager
def payoutd(folder, *flags, wrap=()):
    """A payoutd that is ready: {port, log, child}."""
    log = folder / "log"
    for file in (PAYOUTD, DEPLOY / "payoutd.conf"):  # Whoever runs it may not see the tree.
        shutil.copy(file, folder)
    words = [*wrap, folder / "payoutd", "-c", folder / "payoutd.conf", f"--store-url=sqlite:{folder}/payoutd.db",
             f"--token-key-file={folder}/token.key", f"--admin-token-file={folder}/admin.token",
             "--http-listen=127.0.0.1:0", "--log-format=json", *flags]
    # What the later parts of payoutd want to have a place for, too: keys are made beside the store.
    shown = run(PAYOUTD, "--show-config")
    for section, name in (("secrets", "key_file"),):
        if re.search(rf"^\[{section}\]", shown, re.M) and re.search(rf"^;?\s*{name}\s*=", shown, re.M):
            words.append(f"--{section}-{name.replace('_', '-')}={folder}/{section}.key")

    def events():
        return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]

    with open(log, "w") as file, program(*words, stderr=file, stdout=file) as child:
        def ready():
            assert child.poll() is None, log.read_text()
            return next((event for event in events() if event["event"] == "ready"), None)
        yield {"port": until(ready, "payoutd is ready")["port"], "events": events, "child": child}


def get(url, headers=None, body=None, context=None):
    """(status, headers, text)"""
    request = urllib.request.Request(url, data=body, headers=headers or {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(request, timeout=PATIENCE_S) as reply:
            return reply.status, reply.headers, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def certificate_make(folder):
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=payout.example", "-addext", "subjectAltName=DNS:payout.example,DNS:localhost,IP:127.0.0.1",
        "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem")


# --- systemd ---

UNIT = (DEPLOY / "payoutd.service").read_text()


def settings(name):
    return re.findall(rf"^{name}=(.*)$", UNIT, re.M)


@test
def the_unit_is_one_that_systemd_takes(folder):
    unit = re.sub(r"^Documentation=.*\n", "", UNIT, flags=re.M).replace("/usr/local/sbin/payoutd", str(PAYOUTD))
    (folder / "payoutd.service").write_text(unit)
    said = run("systemd-analyze", "verify", "--man=no", folder / "payoutd.service")
    assert "payoutd" not in said, said


@test
def the_unit_leaves_little_open_and_the_document_says_how_little(_):
    said = run("systemd-analyze", "security", "--offline=true", "--no-pager",
               f"--threshold={int(EXPOSURE_MOST * 10)}", DEPLOY / "payoutd.service")
    score = re.search(r"Overall exposure level for payoutd.service: ([0-9.]+)", said)[1]
    assert f"exposure {score}" in (ROOT / "docs/operations.md").read_text(), f"docs/operations.md does not say exposure {score}"


def calls_allowed():
    """The system calls that the unit's SystemCallFilter lines allow, in their order."""
    sets, current = {}, None
    for line in run("systemd-analyze", "syscall-filter", "--no-pager").splitlines():
        if re.match(r"@\S+$", line):
            current = sets.setdefault(line, [])
        elif current is not None and re.match(r"\s+[-@a-z_0-9]+$", line):
            current.append(line.strip())

    def members(word):
        if not word.startswith("@"):
            return {word}
        return set().union(*(members(each) for each in sets[word]))

    allowed = members("@default")
    for line in settings("SystemCallFilter"):
        named = set().union(*(members(word) for word in line.removeprefix("~").split()))
        allowed = allowed - named if line.startswith("~") else allowed | named
    return allowed


@test
def it_makes_no_system_call_that_the_unit_forbids(folder):
    trace = folder / "trace"
    wrap = ("strace", "-f", "-qq", "-e", "signal=none", "-o", trace)
    if os.geteuid() == 0:  # The unit's payoutd is not root either: SQLite does other things then.
        os.chown(folder, NOBODY, NOBODY)
        wrap = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *wrap)
    with payoutd(folder, wrap=wrap) as server:
        url = f"http://127.0.0.1:{server['port']}"
        token = (folder / "admin.token").read_text().strip()
        admin = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        made = json.loads(get(f"{url}/admin/v1/merchants", admin, b'{"name":"Trace","ip_list":"127.0.0.1"}')[2])
        get(f"{url}/admin/v1/merchants/{made['id']}/topup", admin, b'{"amount":100000,"currency":"XOF","reference":"r"}')
        fields = urllib.parse.urlencode({"apikey": made["apikey"], "password": made["password"]}).encode()
        merchant = json.loads(get(f"{url}/v1/auth/login", body=fields)[2])["data"]["token"]
        person = {"prefix": "225", "phone": "0707895086", "name": "Awa", "surname": "K", "email": "a@example.com"}
        pay = {"prefix": "225", "phone": "0707895086", "amount": 500, "notify_url": "http://localhost:9/n"}
        for path, item in (("contact", person), ("money/send/contact", pay)):
            data = urllib.parse.urlencode({"data": json.dumps([item])}).encode()
            reply = json.loads(get(f"{url}/v1/transfer/{path}?token={merchant}&lang=en", body=data)[2])
            assert reply["code"] == 0, reply
        until(lambda: re.search(r"^payoutd_notification_tries_total\S* [1-9]|^payoutd_notif\S+ [1-9]", get(f"{url}/metrics")[2], re.M),
              "a notification was tried")
        child = int(pathlib.Path(f"/proc/{server['child'].pid}/task/{server['child'].pid}/children").read_text().split()[0])
        os.kill(child, signal.SIGHUP)
        until(lambda: any(event["event"] == "reloaded" for event in server["events"]()), "it was reloaded")
        os.kill(child, signal.SIGTERM)
        server["child"].wait(PATIENCE_S)
    made = set(re.findall(r"^\d+ +(?:<\.\.\. )?([a-z_0-9]+)(?:\(| resumed)", trace.read_text(), re.M))
    made -= {"execve", "arch_prctl", "strace"}  # systemd's own, to start it; every filter has them.
    assert {"fdatasync", "epoll_wait", "accept4", "mlock"} <= made, sorted(made)
    assert made <= calls_allowed(), f"forbidden, but made: {sorted(made - calls_allowed())}"
    families = set(re.findall(r"socket\((AF_[A-Z0-9]+)", trace.read_text()))
    # glibc asks the kernel which addresses there are, and goes on without an answer.
    assert families - {"AF_NETLINK"} <= set(settings("RestrictAddressFamilies")[0].split()), families
    assert not re.search(r"mmap\([^)]*PROT_WRITE\|PROT_EXEC|mprotect\([^)]*PROT_EXEC[^)]*\) = 0.*heap", trace.read_text())


# --- Alerts, figures, images ---

MONITORING = DEPLOY / "monitoring"
RULES = MONITORING / "payoutd.rules.yml"


def metrics_all(folder):
    """The names of all that a payoutd tells that has everything switched on: a channel, TLS, mail, screening."""
    certificate_make(folder)
    (folder / "channels").mkdir()
    (folder / "wave.key").write_text("a-secret-of-enough-letters")
    (folder / "wave.key").chmod(0o600)
    (folder / "channels/wave.conf").write_text(f"[channel]\nconnector = wave\nnumber = 2\noperators = WAVECI\n"
                                               f"url = http://127.0.0.1:9/wave\nsecret_file = {folder}/wave.key\n")
    (folder / "list.csv").write_text("name\nSomebody Else\n")
    flags = (f"--operator-channels-dir={folder}/channels", f"--http-tls-certificate-file={folder}/fullchain.pem",
             f"--http-tls-key-file={folder}/privkey.pem", "--mail-url=smtp://127.0.0.1:9", "--mail-from=a@example.com",
             "--mail-public-url=https://pay.example.com", f"--screening-list-file={folder}/list.csv")
    with payoutd(folder, *flags) as server:
        trusted = ssl.create_default_context(cafile=folder / "fullchain.pem")
        url = f"https://localhost:{server['port']}/metrics"
        get(url, context=trusted)  # So that there was a request to tell of.
        text = get(url, context=trusted)[2]
    run("promtool", "check", "metrics", input=text)
    return {name + part for name, kind in re.findall(r"^# TYPE (\w+) (\w+)$", text, re.M)
            for part in (("_bucket", "_sum", "_count") if kind == "histogram" else ("",))}


def metrics_named(expressions):
    return set(re.findall(r"\bpayoutd_\w+", "\n".join(expressions)))


@test
def the_alerts_and_the_dashboard_ask_for_what_payoutd_tells(folder):
    told = metrics_all(folder)
    dashboard = json.loads((MONITORING / "grafana.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    alerts = re.findall(r"^ +expr: (.*)$", RULES.read_text(), re.M)
    assert len(asked) > 20 and len(alerts) > 20
    for what, expressions in (("alerts", alerts), ("dashboard", asked)):
        unknown = metrics_named(expressions) - told
        assert not unknown, f"the {what} ask for what is not told: {sorted(unknown)}"


@test
def prometheus_takes_the_alerts_and_they_are_raised_when_they_should_be(_):
    run("promtool", "check", "config", MONITORING / "prometheus.yml")
    run("promtool", "test", "rules", MONITORING / "payoutd.rules.test.yml")


@test
def prometheus_takes_what_the_dashboard_asks_for(folder):
    dashboard = json.loads((MONITORING / "grafana.json").read_text())
    rules = [{"record": "asked", "expr": target["expr"]} for panel in dashboard["panels"] for target in panel.get("targets", ())]
    (folder / "asked.json").write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))  # JSON is YAML.
    run("promtool", "check", "rules", "--lint=none", folder / "asked.json")
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    places = [(panel["gridPos"]["y"], panel["gridPos"]["x"]) for panel in dashboard["panels"]]
    assert len(places) == len(set(places)) and all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in dashboard["panels"])


@test
def each_alert_says_what_to_do_in_commands_that_there_are(_):
    text, page = RULES.read_text(), (ROOT / "docs/operations.md").read_text()
    names = re.findall(r"^ +- alert: (\w+)$", text, re.M)
    runbooks = re.findall(r'^ +runbook: "(.*)"$', text, re.M)
    assert len(names) == len(runbooks) == len(set(names))
    known = run(BUILD / "src/cli/payout", "--help")
    for name, runbook in zip(names, runbooks):
        assert f"docs/operations.md#{name.lower()}" in runbook, name
        assert f"\n#### {name}\n" in page, f"docs/operations.md says nothing of {name}"
        for command in re.findall(r"\bpayout ([a-z]+ [a-z]+)", runbook):
            assert f"\n  {command} " in known, f"{name}: there is no payout {command}"


@test
def the_image_is_one_that_docker_takes_and_has_every_library(folder):
    dockerfile = DEPLOY / "docker/Dockerfile"
    (folder / "package.json").write_text("{}")
    run("node", ROOT / "tests/deploy/node_modules/dockerfile-utils/bin/dockerfile-utils", "lint", dockerfile)
    text = dockerfile.read_text().split("\nFROM ")[-1]
    packages = set(re.search(r"--no-install-recommends \\\n([^&]*?)\\\n", text)[1].split())
    for program in (PAYOUTD, BUILD / "src/cli/payout"):
        for library in re.findall(r"NEEDED.*\[(.*)\]", run("readelf", "-d", program)):
            path = re.search(rf"{re.escape(library)} => (\S+)", run("ldd", program))
            owner = run("dpkg", "-S", f"*{library}").split(":")[0] if path else "libc6"
            assert owner in packages | {"libc6"}, f"the image has no {owner}"


@test
def the_compose_file_is_one_that_compose_takes(folder):
    said = run("docker-compose", "-f", DEPLOY / "docker/compose.yaml", "config", env={**os.environ, "POSTGRES_PASSWORD": "x", "HOME": str(folder)})
    known = run(PAYOUTD, "--show-config")
    settings = {f"PAYOUTD_{section}_{name}".upper() for section, body in re.findall(r"^\[(\w+)\]\n(.*?)(?=^\[|\Z)", known, re.M | re.S)
                for name in re.findall(r"^;?(\w+) =", body, re.M)}
    named = set(re.findall(r"PAYOUTD_[A-Z_]+", said))
    assert named and named <= settings, named - settings
    for path in re.findall(r"- (/\S+?):/\S+:ro", said):
        assert pathlib.Path(path).exists() or path.endswith("/channels"), path


# --- payoutd's own, and the proxies ---

@test
def the_configuration_is_right(_):
    assert "the settings are right" in run(PAYOUTD, "-c", DEPLOY / "payoutd.conf", "--check-config")


@test
def the_channels_are_right_and_each_connector_has_one(folder):
    """With secrets of their own where the samples say that they lie, all of them are taken."""
    channels, secrets = folder / "channels", folder / "secrets"
    channels.mkdir()
    secrets.mkdir(mode=0o700)
    used = set()
    for sample in sorted((DEPLOY / "channels").glob("*.conf")):
        text = sample.read_text().replace("/var/lib/payoutd/channels", str(secrets))
        (channels / sample.name).write_text(text)
        used.add(re.search(r"^connector = (\w+)$", text, re.M)[1])
        for path in re.findall(r"^\w+_file = (\S+)$", text, re.M):
            secret = "name:password" if "gsma" in text and path.endswith(".key") else "a-secret-of-enough-letters"
            pathlib.Path(path).write_text(secret)
            pathlib.Path(path).chmod(0o600)
    words = [PAYOUTD, f"--operator-channels-dir={channels}", "--operator-public-url=https://pay.example.com"]
    assert "the settings are right" in run(*words, "--check-config")
    (channels / "none.conf").write_text("[channel]\nconnector = none\n")
    known = re.search(r'"none" is none of: (.*)', run(*words, "--check-config", status=2))[1].split()
    assert set(known) - used == {"sandbox", "gsma_basic"}, (known, used)


def proxy_shown_right(server, port, context):
    """What a merchant sees behind a proxy, and what payoutd sees of the merchant."""
    url = f"https://localhost:{port}"
    def answers():
        try:
            return get(f"{url}/healthz", context=context)[0] == 200
        except (urllib.error.URLError, OSError):
            return False
    until(answers, "the proxy answers")
    lies = {"X-Forwarded-For": "198.51.100.7", "X-Real-IP": "198.51.100.8", "Forwarded": "for=198.51.100.9"}
    status, headers, text = get(f"{url}/v1/auth/login?lang=en", lies, b"apikey=a&password=b", context)
    assert status in (401, 422) or '"code":"7' in text, (status, text)
    assert len(headers.get_all("Strict-Transport-Security")) == 1, headers
    seen = until(lambda: [event for event in server["events"]() if event.get("route") == "login"], "the login was logged")[0]
    assert seen["from"] in ("127.0.0.1", "::1"), seen
    for path in ("/metrics", "/admin/v1/merchants"):
        assert get(f"{url}{path}", context=context)[0] == 404, path
    try:
        status = get(f"{url}/v1/auth/login", body=b"x" * (9 << 20), context=context)[0]
        assert status == 413, f"{status} to a body that is too large"
    except (urllib.error.URLError, OSError):
        pass  # It closed the connection before all of it was sent.


@test
def payoutd_works_behind_nginx(folder):
    certificate_make(folder)
    port = free_port()
    with payoutd(folder) as server:
        sample = (DEPLOY / "nginx.conf").read_text()
        for found, meant in ((r"/etc/letsencrypt/live/payout.example/", f"{folder}/"), (r"127\.0\.0\.1:8086", f"127.0.0.1:{server['port']}"),
                             (r"listen 443 ssl", f"listen 127.0.0.1:{port} ssl"), (r"listen 80;", f"listen 127.0.0.1:{free_port()};"),
                             (r" *listen \[::\].*\n", "")):
            sample, count = re.subn(found, meant, sample)
            assert count > 0, found
        temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (folder / "nginx.conf").write_text(f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log stderr warn;\n"
                                           f"events {{}}\nhttp {{\n{temporary}{sample}}}\n")
        nginx = ("/usr/sbin/nginx", "-p", folder, "-e", "stderr", "-c", folder / "nginx.conf")
        said = run(*nginx, "-t")
        assert "warn" not in said, said
        with program(*nginx, stderr=subprocess.DEVNULL):
            proxy_shown_right(server, port, ssl.create_default_context(cafile=folder / "fullchain.pem"))


@test
def payoutd_works_behind_caddy(folder):
    certificate_make(folder)
    port = free_port()
    home = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    run("caddy", "validate", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile", env=home)
    assert run("caddy", "fmt", DEPLOY / "Caddyfile", env=home).rstrip() == (DEPLOY / "Caddyfile").read_text().rstrip()
    with payoutd(folder) as server:
        sample = (DEPLOY / "Caddyfile").read_text()
        sample, count = re.subn(r"^payout\.example \{", f"https://localhost:{port} {{\n\tbind 127.0.0.1\n\ttls {folder}/fullchain.pem {folder}/privkey.pem",
                                sample, flags=re.M)
        assert count == 1
        sample = sample.replace("127.0.0.1:8086", f"127.0.0.1:{server['port']}")
        (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + sample)
        with program("caddy", "run", "--adapter", "caddyfile", "--config", folder / "Caddyfile", env=home,
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
            proxy_shown_right(server, port, ssl.create_default_context(cafile=folder / "fullchain.pem"))


def main():
    wrong = 0
    print(f"1..{len(tests)}")
    for number, function in enumerate(tests, 1):
        with tempfile.TemporaryDirectory(prefix="payoutd-deploy-") as name:
            try:
                function(pathlib.Path(name))
                print(f"ok {number} - {function.__name__}", flush=True)
            except Exception as error:  # A test that fails in whatever way is told of.
                wrong += 1
                print(f"not ok {number} - {function.__name__}\n# " + f"{type(error).__name__}: {error}".replace("\n", "\n# "), flush=True)
    sys.exit(wrong > 0)


main()
