#!/usr/bin/env python3
"""make demo: starts payoutd with its sandbox, pays a thousand people through the HTTP API, waits until
everybody's end is known and every notification has arrived, and proves it by the ledger. Leaves
payoutd running; `python3 tools/demo.py stop` ends it."""
import base64
import configparser
import hashlib
import hmac
import http.client
import http.server
import json
import os
import pathlib
import shutil
import signal
import socketserver
import subprocess
import sys
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "demo"
PAYOUTD = ROOT / "build/src/daemon/payoutd"
PAYOUT = ROOT / "build/src/cli/payout"
PEOPLE = 1000
LOT = 100
DEADLINE_SECONDS = 120
SIGNED = ["transaction_id", "client_transaction_id", "lot", "amount", "receiver", "operator", "treatment_status",
          "sending_status", "comment", "operator_transaction_id", "validated_at"]
# Every twentieth receiver ends in four digits that tell the sandbox what shall become of it.
ENDINGS = ["9930", "9935", "9940", "9945", "9950", "9905", "9910", "9965", "9970", "9980"]


class Receiver:
    """A merchant's server: takes notifications, checks both signatures, keeps what it heard."""

    def __init__(self, secret):
        receiver = self
        self.lock = threading.Lock()
        self.posts = self.pings = self.forged = 0
        self.ends = {}
        self.heard = {}

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def answer(self):
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self):
                with receiver.lock:
                    receiver.pings += 1
                self.answer()

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.take(body, self.headers, secret)
                self.answer()

            def log_message(self, *_):
                pass

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True
            request_queue_size = 128

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/notify"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, body, headers, secret):
        fields = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
        values = "".join(fields.get(name, "") for name in SIGNED)
        token = hmac.new(secret.encode(), values.encode(), hashlib.sha256).hexdigest()
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(secret.removeprefix("whsec_"))
        webhook = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        good = token == headers["x-token"] and webhook in headers["webhook-signature"].split()
        with self.lock:
            self.posts += 1
            self.forged += not good
            self.heard[headers["webhook-id"]] = fields["treatment_status"]
            if fields["treatment_status"] in ("VAL", "REJ"):
                self.ends[fields["transaction_id"]] = fields["treatment_status"]


class Api:
    def __init__(self, url):
        self.host = urllib.parse.urlparse(url).netloc
        self.connection = http.client.HTTPConnection(self.host, timeout=30)

    def call(self, path, **fields):
        body = urllib.parse.urlencode(fields)
        self.connection.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = self.connection.getresponse()
        reply = json.loads(answer.read())
        if reply.get("code") != 0:
            sys.exit(f"{path}: HTTP {answer.status}: {reply}")
        return reply["data"]

    def get(self, path, headers=None):
        self.connection.request("GET", path, headers=headers or {})
        return self.connection.getresponse().read().decode()


def people():
    """A thousand receivers in Côte d'Ivoire; the same ones every time."""
    rows = []
    for number in range(PEOPLE):
        ending = ENDINGS[number // 20 % len(ENDINGS)] if number % 20 == 19 else f"{number:04d}"
        operator = ("07", "05", "01")[number % 3]
        rows.append({"prefix": "225", "phone": f"{operator}{number // 100:02d}{number % 100:02d}{ending}",
                     "name": f"Nom{number}", "surname": f"Prénom {number}", "email": f"p{number}@example.com",
                     "amount": 500 + number % 7 * 500})
    return rows


def bar(done, label):
    share = done * 40 // PEOPLE
    line = f"  [{'#' * share}{'.' * (40 - share)}] {done:4d}/{PEOPLE} {label}"
    if sys.stdout.isatty():
        print("\r" + line.ljust(78), end="", flush=True)
    elif done == PEOPLE:
        print(line, flush=True)


def stop():
    """Ends the payoutd that an earlier demo left running."""
    try:
        pid = int((FOLDER / "payoutd.pid").read_text())
        name = pathlib.Path(f"/proc/{pid}/exe").resolve()
    except (OSError, ValueError):
        return
    if name.name.startswith("payoutd"):
        os.kill(pid, signal.SIGTERM)
        for _ in range(300):
            if not pathlib.Path(f"/proc/{pid}/stat").exists() or " Z " in pathlib.Path(f"/proc/{pid}/stat").read_text():
                break
            time.sleep(0.1)
    (FOLDER / "payoutd.pid").unlink(missing_ok=True)


def start():
    stop()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(mode=0o700)
    log = open(FOLDER / "payoutd.log", "wb")
    server = None
    for listen in ("127.0.0.1:8086", "127.0.0.1:0"):  # Any port when the usual one is taken.
        server = subprocess.Popen([PAYOUTD, "--sandbox", f"--http-listen={listen}", "--http-access-log=no"],
                                  cwd=FOLDER, stdin=subprocess.DEVNULL, stdout=open(FOLDER / "welcome.txt", "wb"),
                                  stderr=log, start_new_session=True)
        for _ in range(300):
            if server.poll() is not None or "curl" in (FOLDER / "welcome.txt").read_text():
                break
            time.sleep(0.05)
        if server.poll() is None:
            (FOLDER / "payoutd.pid").write_text(str(server.pid))
            return server
    sys.exit("payoutd does not start:\n" + (FOLDER / "payoutd.log").read_text())


def credentials():
    parser = configparser.ConfigParser(comment_prefixes=(";",), interpolation=None)
    parser.read(FOLDER / "payoutd-sandbox/payout.conf")
    return parser["default"]


def pay(api, who, receiver):
    """Adds the contacts and sends the lots. Returns the transfers' ids by merchant's id, and the lots."""
    token = api.call("/v1/auth/login", apikey=who["apikey"], password=who["password"])["token"]
    rows, ids, lots = people(), {}, []
    for at in range(0, PEOPLE, LOT):
        items = [{name: row[name] for name in ("prefix", "phone", "name", "surname", "email")}
                 for row in rows[at:at + LOT]]
        api.call(f"/v1/transfer/contact?lang=en&token={token}", data=json.dumps(items))
        bar(at + LOT, "contacts added")
    print()
    for at in range(0, PEOPLE, LOT):
        items = [{"prefix": row["prefix"], "phone": row["phone"], "amount": row["amount"],
                  "notify_url": receiver.url, "client_transaction_id": f"salary-{at + index}"}
                 for index, row in enumerate(rows[at:at + LOT])]
        answer = api.call(f"/v1/transfer/money/send/contact?lang=en&token={token}", data=json.dumps(items))
        for item in answer[0]:
            if item["code"] != 0:
                sys.exit(f"refused: {item}")
            ids[item["client_transaction_id"]] = item["transaction_id"]
        lots.append(answer[0][0]["lot"])
        bar(at + LOT, "accepted, money held")
    print()
    return token, ids, lots


def wait(receiver, metric):
    """Until everybody's end was told and nothing waits any more."""
    end = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < end:
        with receiver.lock:
            done = len(receiver.ends)
        bar(done, "ended: the merchant was told")
        if done == PEOPLE and metric("payoutd_notifications_waiting") == 0:
            print()
            return
        time.sleep(0.1)
    sys.exit(f"\nonly {done} of {PEOPLE} ended within {DEADLINE_SECONDS} s")


def main():
    if sys.argv[1:] == ["stop"]:
        stop()
        return
    start()
    who = credentials()
    api = Api(who["url"])
    receiver = Receiver(who["secret"])

    def metric(name):
        for line in api.get("/metrics").splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        return None

    print(f"payoutd is up at {who['url']} (SQLite, sandbox operator). Paying {PEOPLE} people in lots of {LOT}:\n")
    begun = time.monotonic()
    token, ids, lots = pay(api, who, receiver)
    wait(receiver, metric)
    took = time.monotonic() - begun
    states = {}
    for lot in lots:  # As the merchant can check it.
        for transfer in json.loads(api.get(f"/v1/transfer/check/money?token={token}&lot={lot}"))["data"]:
            states[transfer["transaction_id"]] = (transfer["treatment_status"], int(transfer["amount"]))
    paid = sum(state == "VAL" for state, _ in states.values())
    rejected = sum(state == "REJ" for state, _ in states.values())
    paid_sum = sum(amount for state, amount in states.values() if state == "VAL")
    balance = json.loads(api.get(f"/v1/transfer/check/balance?token={token}"))["data"]
    audit = subprocess.run([PAYOUTD, "audit", "--sandbox"], cwd=FOLDER, text=True, capture_output=True, check=False)
    summary = json.loads(api.get("/admin/v1/summary", {"Authorization": "Bearer " + who["admin_token"]}))
    delivered = int(metric("payoutd_notifications_delivered_total"))
    told = sum(1 for transfer in states if receiver.ends.get(transfer) == states[transfer][0])
    print(f"""
What happened, in {took:.1f} s:
  people               {len(states)}
  paid                 {paid}   ({paid_sum:,} XOF)
  rejected             {rejected}   (their money came back)
  paid + rejected      {paid + rejected}
  balance              {balance['amount']:,} XOF, of which held {balance['inUsing']:,}
  ledger               sum {sum(each['total'] for each in summary['currencies'])}; {audit.stdout.strip().splitlines()[-1] if audit.stdout else audit.stderr}
  notifications        {delivered} delivered, {receiver.posts} received, {receiver.forged} with a wrong signature, 0 waiting,
                       {told} of {PEOPLE} merchants' books agree with the ledger
""")
    good = (len(states) == PEOPLE and paid + rejected == PEOPLE and told == PEOPLE and receiver.forged == 0
            and delivered <= receiver.posts and audit.returncode == 0 and balance["inUsing"] == 0)
    one = next(iter(ids.values()))
    print(f"""Go on with it (payoutd keeps running, `make stop` ends it; its data and log are in demo/):
  curl "{who['url']}/v1/transfer/check/balance?lang=en&token={token}"
  curl "{who['url']}/v1/transfer/check/money?lang=en&token={token}&transaction_id={one}"
  {PAYOUT.relative_to(ROOT)} --config demo/payoutd-sandbox/payout.conf balance
  {PAYOUT.relative_to(ROOT)} --config demo/payoutd-sandbox/payout.conf summary
The console is at {who['url']}/console: user demo, password in demo/payoutd-sandbox/console.password.
Figures for programs: {who['url']}/admin/v1/summary (Authorization: Bearer, the admin_token of
demo/payoutd-sandbox/payout.conf) and {who['url']}/metrics.
More in demo/welcome.txt.""")
    sys.exit(not good)


main()
