#!/usr/bin/env python3
"""One hostile client, on one thread: attack.py NAME PORT TOKEN. Prints "ready" when its connections are
there, goes on until its input ends, then prints one line: what it sent and what became of it."""
import errno
import random
import resource
import selectors
import socket
import string
import sys
import time

random.seed(4)
READ_BYTES = 65536
LOGIN = "/v1/auth/login"
BALANCE = "/v1/transfer/check/balance"
SEND = "/v1/transfer/money/send/contact"
CONTACT = "/v1/transfer/contact"


def post(path, body, kind="application/x-www-form-urlencoded", more=""):
    body = body if isinstance(body, bytes) else body.encode()
    return (f"POST {path} HTTP/1.1\r\nHost: payoutd\r\nContent-Type: {kind}\r\n"
            f"{more}Content-Length: {len(body)}\r\n\r\n").encode() + body


def get(path, more=""):
    return f"GET {path} HTTP/1.1\r\nHost: payoutd\r\n{more}\r\n".encode()


def noise(length):
    return "".join(random.choices(string.ascii_letters + string.digits, k=length))


def forged(token):
    head, payload, mark = token.split(".")
    return random.choice([
        f"{head}.{payload}.{noise(len(mark))}", f"eyJhbGciOiJub25lIn0.{payload}.", f"{head}.{noise(len(payload))}.{mark}",
        token[:-1], token + "A", noise(400), f"{head}.{payload}"])


def items_of(value, count=1):
    return "data=[" + ",".join(['{"prefix":"225","phone":"0700000000","amount":%s}' % value] * count) + "]"


def malformed():
    return random.choice([
        b"\r\n\r\n\r\n", b"GET\r\n\r\n", b"\x00" * 200, b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" + b"x" * 100,
        b"GET /" + b"\xff\xfe" * 50 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nX\x00Y: z\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", post(CONTACT, b"data=%zz%\xff\x00\xc0\xaf")])


# name: (connections, what each connection is, what it sends). Slow ones trickle, floods wait for each answer.
def attacks(token):
    deep = post(f"{SEND}?token={token}", "data=" + "[" * 100000 + "]" * 100000)
    wide = post(f"{SEND}?token={token}", "data=[" + ",".join(["{}"] * 9000) + "]")
    return {
        "slow heads": (1000, "slow", lambda: b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"y" * 4000),
        "slow bodies": (1000, "slow", lambda: post(LOGIN, "x" * 4000)),
        "10,000 silent connections": (10000, "silent", lambda: b""),
        "connections opened and dropped": (64, "drop", lambda: b""),
        "connections reset in the middle": (64, "reset", lambda: post(LOGIN, "x" * 4000)[:300]),
        "malformed HTTP": (32, "flood", malformed),
        "heads of 20 kB": (32, "flood", lambda: get(BALANCE, "".join(f"X-{i}: {'z' * 90}\r\n" for i in range(200)))),
        "heads too long": (32, "flood", lambda: get("/" + "a" * 70000)),
        "bodies too large": (16, "flood", lambda: post(LOGIN, b"x" * (9 << 20))),
        "bodies of 8 MB that never end": (400, "flood", lambda: post(LOGIN, b"x" * (8 << 20))[:-1]),
        "JSON 100,000 deep": (16, "flood", lambda: deep),
        "JSON of 9,000 empty items": (16, "flood", lambda: wide),
        "huge numbers": (32, "flood", lambda: post(f"{SEND}?token={token}", items_of("9" * 5000))),
        "NULs and invalid UTF-8": (32, "flood", lambda: post(f"{CONTACT}?token={token}", b'data=[{"prefix":"225","phone":"07\x00","name":"\xff\xc0\xaf"}]')),
        "forged tokens": (32, "flood", lambda: get(f"{BALANCE}?token={forged(token)}")),
        "wrong passwords": (32, "flood", lambda: post(LOGIN, f"apikey={noise(20)}&password={noise(20)}")),
        "SQL in every field": (32, "flood", lambda: post(f"{LOGIN}?lang=' OR 1=1 --", "apikey=' OR '1'='1&password='; DROP TABLE merchant; --")),
        "answers that are not read": (64, "deaf", lambda: wide),
    }


class Attack:
    def __init__(self, port, count, kind, give):
        self.port, self.count, self.kind, self.give = port, count, kind, give
        self.selector = selectors.DefaultSelector()
        self.figures = {"connections": 0, "requests": 0, "closed by payoutd": 0, "not let in": 0}
        self.source = 0

    def open(self):
        made = socket.socket()
        made.setblocking(False)
        if self.kind == "deaf":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        # More ports than one address has.
        self.source += 1
        made.bind((f"127.0.0.{2 + self.source % 4}", 0))
        status = made.connect_ex(("127.0.0.1", self.port))
        if status not in (0, errno.EINPROGRESS):
            made.close()
            self.figures["not let in"] += 1
            return
        self.figures["connections"] += 1
        state = {"left": self.give(), "slow_at": 0.0, "connected": False}
        self.selector.register(made, selectors.EVENT_WRITE if self.kind != "silent" else selectors.EVENT_READ, state)

    def close(self, made):
        if self.kind == "reset":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.selector.unregister(made)
        made.close()

    def write(self, made, state, now):
        if self.kind == "drop":
            self.close(made)
            return
        if self.kind == "slow":
            if now < state["slow_at"]:
                return
            state["slow_at"] = now + 0.5
            piece = state["left"][:1] if state["connected"] else state["left"][:60]
            state["connected"] = True
        else:
            piece = state["left"]
        state["left"] = state["left"][made.send(piece):]
        if state["left"]:
            return
        self.figures["requests"] += 1
        if self.kind == "reset":
            self.close(made)
        elif self.kind == "deaf":
            state["left"] = self.give()
        else:
            self.selector.modify(made, selectors.EVENT_READ, state)

    def read(self, made, state):
        if not made.recv(READ_BYTES):
            raise ConnectionResetError
        if self.kind == "flood" and not state["left"]:
            state["left"] = self.give()
            self.selector.modify(made, selectors.EVENT_READ | selectors.EVENT_WRITE, state)

    def step(self, now):
        for key, events in self.selector.select(0.05):
            made, state = key.fileobj, key.data
            if made is sys.stdin:
                return False
            try:
                if events & selectors.EVENT_WRITE:
                    self.write(made, state, now)
                elif events & selectors.EVENT_READ:
                    self.read(made, state)
            except BlockingIOError:
                pass
            except OSError:
                self.figures["closed by payoutd"] += 1
                self.close(made)
        if self.kind == "slow":
            time.sleep(0.02)  # Its sockets can always be written to.
        return True

    def fill(self, most):
        for _ in range(min(most, self.count - (len(self.selector.get_map()) - 1))):
            self.open()

    def run(self):
        self.selector.register(sys.stdin, selectors.EVENT_READ)
        end = time.monotonic() + 30
        while len(self.selector.get_map()) <= self.count * 9 // 10 and self.kind in ("silent", "slow") and time.monotonic() < end:
            self.fill(500)
            self.step(time.monotonic())
        print("ready", flush=True)
        while self.step(time.monotonic()):
            self.fill(200)
        print(", ".join(f"{count:,} {what}" for what, count in self.figures.items() if count), flush=True)


def main():
    _, name, port, token = sys.argv
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    Attack(int(port), *attacks(token)[name]).run()


main()
