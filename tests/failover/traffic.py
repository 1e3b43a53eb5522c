"""What a platform's merchants do while its machines fail: clients that send lots, and send a lot again, with the same
ids, until they have an answer; and a server that hears what became of each transfer."""
import http.client
import http.server
import json
import random
import threading
import time
import urllib.parse

ANSWER_S = 8  # So long a client waits for an answer before it sends the lot again.
AGAIN_S = 0.25
LOT_MOST = 12
PEOPLE = 60
TOKEN_S = 120
MONEY = 10**12
# Each payment method has numbers that begin as its operator's do.
METHODS = (("WAVECI", "07"), ("MOMO", "05"), ("FLOOZ", "01"))
ENDS = ("VAL", "REJ")


class Receiver(http.server.ThreadingHTTPServer):
    """The merchants' server: notes what it is told, by transaction_id."""
    request_queue_size = 256
    daemon_threads = True

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.command == "POST":
                self.server.hear(dict(urllib.parse.parse_qsl(body.decode())))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = do_HEAD = answer

        def log_message(self, *_):
            pass

    def __init__(self, host):
        super().__init__((host, 0), self.Handler)
        self.url = f"http://{host}:{self.server_address[1]}/n"
        self.heard, self.ends_at, self.posts = {}, [], 0
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def hear(self, told):
        with self.lock:
            self.posts += 1
            before = self.heard.setdefault(told["transaction_id"], set())
            if told["treatment_status"] in ENDS and not before & set(ENDS):
                self.ends_at.append(time.monotonic())
            before.add(told["treatment_status"])

    def told(self):
        """What each transfer was told to be, until now."""
        with self.lock:
            return {name: set(states) for name, states in self.heard.items()}

    def handle_error(self, *_):
        pass  # Whoever called was killed.


def call(address, method, target, body=None, headers=None, seconds=ANSWER_S):
    """(status, text); None: there was no whole answer."""
    connection = http.client.HTTPConnection(address, 8086, timeout=seconds)
    try:
        connection.request(method, target, body, headers or {})
        reply = connection.getresponse()
        return reply.status, reply.read().decode()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def post(address, target, **fields):
    return call(address, "POST", target, urllib.parse.urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})


def patiently(attempt, what, seconds=120):
    """attempt() until it is a good answer; its JSON."""
    end = time.monotonic() + seconds
    while True:
        reply = attempt()
        if reply is not None and reply[0] < 500:
            return json.loads(reply[1])
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: {reply}")
        time.sleep(AGAIN_S)


class Merchant:
    def __init__(self, admin, made):
        self.made, self.tokens, self.lock = made, None, threading.Lock()
        admin(f"merchants/{made['id']}/topup", amount=MONEY, currency="XOF", reference="test")

    def token(self, address):
        """None: it was not to be had."""
        with self.lock:
            if self.tokens is None or time.monotonic() > self.tokens[1]:
                reply = post(address, "/v1/auth/login", apikey=self.made["apikey"], password=self.made["password"])
                if reply is None or reply[0] != 200:
                    return None
                self.tokens = json.loads(reply[1])["data"]["token"], time.monotonic() + TOKEN_S
            return self.tokens[0]

    def know(self, address):
        people = [{"prefix": "225", "phone": phone(digits, person), "name": "N", "surname": "S", "email": ""}
                  for _, digits in METHODS for person in range(PEOPLE)]
        reply = patiently(lambda: post(address, f"/v1/transfer/contact?token={self.token(address)}", data=json.dumps(people)), "contacts")
        assert reply["code"] == 0, reply


def phone(digits, person):
    return f"{digits}1000{person:04d}"


class Client(threading.Thread):
    """One lot after the other, each until it is answered."""

    def __init__(self, number, traffic, seed):
        super().__init__(daemon=True)
        self.number, self.traffic, self.random = number, traffic, random.Random(f"{seed} {number}")
        self.turn = number

    def address(self):
        """Another one at each try."""
        self.turn += 1
        return self.traffic.addresses[self.turn % len(self.traffic.addresses)]

    def items(self, lot):
        made = []
        for index in range(self.random.randint(1, LOT_MOST)):
            method, digits = self.random.choice(METHODS)
            made.append({"prefix": "225", "phone": phone(digits, self.random.randrange(PEOPLE)), "payment_method": method,
                         "amount": 200 + 5 * self.random.randrange(100), "notify_url": self.traffic.receiver.url,
                         "client_transaction_id": f"c{self.number}-l{lot}-i{index}"})
        return made

    def run(self):
        lot = 0
        while not self.traffic.ending.wait(self.traffic.pause_s):
            lot += 1
            merchant, items = self.random.choice(self.traffic.merchants), self.items(lot)
            tries = 0
            while not self.send(merchant, items, tries):
                tries += 1
                if self.traffic.given_up.wait(AGAIN_S):
                    return

    def send(self, merchant, items, tries):
        """True: it was answered."""
        address = self.address()
        token = merchant.token(address)
        if token is None:
            self.traffic.count("no_login")
            return False
        reply = post(address, f"/v1/transfer/money/send/contact?token={token}", data=json.dumps(items))
        if reply is None or reply[0] in (429, 500, 502, 503, 504):
            self.traffic.count("no_answer" if reply is None else f"status_{reply[0]}")
            return False
        self.traffic.answered(merchant, items, json.loads(reply[1]), tries)
        return True


class Traffic:
    def __init__(self, addresses, admin, seed, clients, merchants, pause_s):
        self.addresses, self.receiver, self.pause_s = addresses, Receiver("10.77.0.1"), pause_s
        self.ending, self.given_up, self.lock = threading.Event(), threading.Event(), threading.Lock()
        self.known = {}  # (merchant, client_transaction_id) -> (transaction_id, lot, amount), as answered.
        self.answered_at, self.counts, self.wrong = [], {}, []
        self.merchants = [Merchant(admin, admin("merchants", name=f"Merchant {number}", ip_list="10.77.0.1")) for number in range(merchants)]
        for merchant in self.merchants:
            merchant.know(addresses[0])
        self.clients = [Client(number, self, seed) for number in range(clients)]

    def start(self):
        for client in self.clients:
            client.start()

    def stop(self, seconds):
        """The lots under way are sent until they are answered."""
        self.ending.set()
        end = time.monotonic() + seconds
        for client in self.clients:
            client.join(max(0.0, end - time.monotonic()))
        late = sum(client.is_alive() for client in self.clients)
        self.given_up.set()
        return late

    def count(self, what):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1

    def answered(self, merchant, items, reply, tries):
        """An id that was sent before is answered with the transfer that it made (805)."""
        said = {item.get("client_transaction_id"): item for group in reply.get("data") or [] for item in group}
        with self.lock:
            for item in items:
                answer = said.get(item["client_transaction_id"], {})
                fine = answer.get("code") == 0 or (answer.get("code") == 805 and tries > 0)
                if not fine or not answer.get("transaction_id"):
                    self.wrong.append(f"{item['client_transaction_id']} at try {tries}: {json.dumps(answer or reply)[:300]}")
                    continue
                self.known[merchant.made["id"], item["client_transaction_id"]] = (answer["transaction_id"], answer["lot"], item["amount"])
            self.answered_at.append(time.monotonic())
            self.counts["again"] = self.counts.get("again", 0) + tries
