#!/usr/bin/env python3
"""Measures what good clients notice while a hostile one is there: the same calls, idle and under each
attack of attack.py, all in one run. Prints one table; exit status 1 when a 99th percentile is ten times
that of the idle server or more, when a good call is not answered, or when memory has no bound.
    hostile.py [--seconds N] [--build FOLDER] [ATTACK...]"""
import argparse
import http.client
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.parse

from payoutd import Payoutd

ROOT = pathlib.Path(__file__).resolve().parent.parent
RATIO_MAX = 10
MEMORY_MB_MAX = 512
NICE = 10  # A real attacker has a machine of its own.
GOOD_EVERY_S = 0.004
NAMES = ["slow heads", "slow bodies", "10,000 silent connections", "connections opened and dropped",
         "connections reset in the middle", "malformed HTTP", "heads of 20 kB", "heads too long", "bodies too large",
         "bodies of 8 MB that never end",          "JSON 100,000 deep", "JSON of 9,000 empty items", "huge numbers", "NULs and invalid UTF-8", "forged tokens",
         "wrong passwords", "SQL in every field", "answers that are not read"]
arguments = argparse.ArgumentParser()
arguments.add_argument("--seconds", type=float, default=5)
arguments.add_argument("--build", default="build")
arguments.add_argument("attacks", nargs="*")
options = arguments.parse_args()
BUILD = (ROOT / options.build).resolve()


class Good:
    """A merchant's program: asks for the balance, sends, checks what it sent; on a connection that stays
    and on fresh ones."""

    def __init__(self, server):
        self.server = server
        self.count = 0
        self.token = server.token()
        self.kept = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)

    def call(self, connection, method, path, data=None):
        body = None if data is None else urllib.parse.urlencode({"data": json.dumps(data)})
        begun = time.perf_counter()
        connection.request(method, f"{path}?token={self.token}", body,
                           {"Content-Type": "application/x-www-form-urlencoded"} if body else {})
        reply = json.load(connection.getresponse())
        took = time.perf_counter() - begun
        if int(reply["code"]) != 0:
            raise SystemExit(f"a good call was refused: {reply}")
        return took

    def turn(self):
        self.count += 1
        item = {"prefix": "225", "phone": "0700010000", "amount": 500, "notify_url": "http://127.0.0.1:9/n",
                "client_transaction_id": f"good-{self.count}"}
        yield self.call(self.kept, "GET", "/v1/transfer/check/balance")
        yield self.call(self.kept, "POST", "/v1/transfer/money/send/contact", [item])
        fresh = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        yield self.call(fresh, "GET", "/v1/transfer/check/balance")
        fresh.close()

    def measure(self, seconds):
        end = time.monotonic() + seconds
        times = []
        while time.monotonic() < end:
            times.extend(self.turn())
            time.sleep(GOOD_EVERY_S)
        times.sort()
        return times[len(times) // 2] * 1000, times[len(times) * 99 // 100] * 1000, len(times)


def memory_mb(server, what):
    for line in open(f"/proc/{server.process.pid}/status"):
        if line.startswith(what + ":"):
            return int(line.split()[1]) / 1024
    raise SystemExit("no memory")


def attacked(server, name, good):
    with subprocess.Popen([sys.executable, ROOT / "bench/attack.py", name, str(server.port), good.token], text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=lambda: os.nice(NICE)) as attack:
        if attack.stdout.readline() != "ready\n":
            raise SystemExit(f"{name}: the attack did not come about")
        figures = good.measure(options.seconds)
        attack.stdin.close()
        return figures, attack.stdout.read().strip()


def main():
    bad = []
    with tempfile.TemporaryDirectory(dir=ROOT) as folder:
        server = Payoutd(BUILD, folder, "--http-connections-max=12000", "--notify-retry-first=1h")
        good = Good(server)
        good.call(good.kept, "POST", "/v1/transfer/contact",
                  [{"prefix": "225", "phone": "0700010000", "name": "Awa", "surname": "Koné"}])
        good.measure(1)
        print("| attack | what it did | p50 ms | p99 ms | of idle p99 | peak MB |\n|---|---|---:|---:|---:|---:|", flush=True)
        p50, idle, _ = good.measure(2 * options.seconds)
        print(f"| none | | {p50:.2f} | {idle:.2f} | 1 | {memory_mb(server, 'VmHWM'):.0f} |", flush=True)
        for name in options.attacks or NAMES:
            (p50, p99, _), did = attacked(server, name, good)
            peak = memory_mb(server, "VmHWM")
            print(f"| {name} | {did} | {p50:.2f} | {p99:.2f} | {p99 / idle:.1f} | {peak:.0f} |", flush=True)
            if p99 >= RATIO_MAX * idle or peak > MEMORY_MB_MAX:
                bad.append(name)
        server.stop()
    if bad:
        print("\nover the limits: " + ", ".join(bad))
    sys.exit(bool(bad))


main()
