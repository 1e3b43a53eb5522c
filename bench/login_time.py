#!/usr/bin/env python3
"""Measures whether the time of a refused login tells if its apikey is there: wrong passwords of a merchant's
apikey and of apikeys that are nobody's take turns. Prints medians and how often a guess by time alone would be
right (0.5: it tells nothing); exit status 1 when that differs from a half by more than chance may.
    login_time.py [--pairs N] [--build FOLDER]"""
import argparse
import http.client
import math
import pathlib
import random
import statistics
import sys
import tempfile
import time
import urllib.parse

from payoutd import Payoutd

ROOT = pathlib.Path(__file__).resolve().parent.parent
SIGMAS_MAX = 4  # Once in 16,000 runs by chance.
arguments = argparse.ArgumentParser()
arguments.add_argument("--pairs", type=int, default=400)
arguments.add_argument("--build", default="build")
options = arguments.parse_args()


def login(connection, apikey):
    body = urllib.parse.urlencode({"apikey": apikey, "password": "wrong" + str(random.random())})
    begun = time.perf_counter()
    connection.request("POST", "/v1/auth/login", body, {"Content-Type": "application/x-www-form-urlencoded"})
    reply = connection.getresponse()
    reply.read()
    if reply.status != 401:
        raise SystemExit(f"not refused as it should be: {reply.status}")
    return time.perf_counter() - begun


def share_greater(first, second):
    """How often one of first is greater than one of second: the probability, and its deviation by chance."""
    above = sum((a > b) + 0.5 * (a == b) for a in first for b in second)
    count = len(first) * len(second)
    return above / count, math.sqrt((len(first) + len(second) + 1) / (12 * count))


def main():
    with tempfile.TemporaryDirectory(dir=ROOT) as folder:
        server = Payoutd((ROOT / options.build).resolve(), folder, "--http-logins-per-minute=-1",
                         "--http-address-logins-per-minute=-1")
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        apikey = server.who["apikey"]
        times = {"known": [], "unknown": []}
        for pair in range(options.pairs + 10):
            order = ["known", "unknown"]
            random.shuffle(order)
            for which in order:
                key = apikey if which == "known" else "".join(random.choices(apikey, k=len(apikey)))
                took = login(connection, key)
                if pair >= 10:
                    times[which].append(took)
        server.stop()
    share, deviation = share_greater(times["known"], times["unknown"])
    for which, taken in times.items():
        print(f"{which} apikey, wrong password: median {statistics.median(taken) * 1000:.2f} ms of {len(taken)}")
    print(f"a guess by time is right in {share:.3f} of cases; 0.5 is chance, which differs by {deviation:.3f}")
    sys.exit(abs(share - 0.5) > SIGMAS_MAX * deviation)


main()
