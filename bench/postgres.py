#!/usr/bin/env python3
"""Measures payoutd on PostgreSQL against pgbench's TPC-B-like transactions, on the same server, with as
many clients, in turns, in one run; the loaders included. Run by tests/postgres/server.py:
  tests/postgres/server.py python3 bench/postgres.py [--seconds N] [--rounds N] [--build FOLDER]
Prints medians and their ratios: lots of 100 and single sends of MERCHANTS merchants, over all lanes."""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

from payoutd import Payoutd

ROOT = pathlib.Path(__file__).resolve().parent.parent
arguments = argparse.ArgumentParser()
arguments.add_argument("--seconds", type=int, default=5)
arguments.add_argument("--rounds", type=int, default=3)
arguments.add_argument("--build", default="build")
options = arguments.parse_args()
BUILD = (ROOT / options.build).resolve()
URL = os.environ["PAYOUT_TEST_POSTGRES"]
MERCHANTS, CLIENTS = 4, 32
PGBENCH = shutil.which("pgbench") or "/usr/lib/postgresql/15/bin/pgbench"


def pgbench(*flags):
    done = subprocess.run([PGBENCH, *flags, URL], text=True, capture_output=True, check=True)
    return done.stdout


def tpcb():
    said = pgbench("-n", "-c", str(CLIENTS), "-j", "2", "-T", str(options.seconds))
    if "tps = " not in said:
        sys.exit(said)
    return float(said.split("tps = ")[1].split()[0])


class Merchant:
    """One that the platform made, with money and contacts."""

    def __init__(self, server, number):
        made = server.admin("merchants", name=f"Merchant {number}")
        server.admin(f"merchants/{made['id']}/topup", amount=10**12, currency="XOF", reference="bench")
        body = urllib.parse.urlencode({"apikey": made["apikey"], "password": made["password"]}).encode()
        url = f"{server.who['url']}/v1/auth/login"
        self.token = json.load(urllib.request.urlopen(url, body))["data"]["token"]
        load(server, [self], "contact", "--contacts")


def load(server, merchants, what, *more):
    """All merchants at once; transfers a second, together."""
    running = [subprocess.Popen([BUILD / "bench/load", "--port", str(server.port), "--path",
                                 f"/v1/transfer/{what}?token={one.token}", *more],
                                text=True, stdout=subprocess.PIPE) for one in merchants]
    said = [process.communicate()[0] for process in running]
    if any(process.returncode for process in running):
        sys.exit("the load failed")
    return sum(json.loads(line)["items_per_second"] for line in said if "--contacts" not in more)


def sends(server, merchants, items):
    return load(server, merchants, "money/send/contact", "--items", str(items), "--connections",
                str(CLIENTS // MERCHANTS), "--seconds", str(options.seconds))


def main():
    pgbench("-q", "-i", "-s", "10")
    rates = {"pgbench": [], "lots": [], "singles": []}
    with tempfile.TemporaryDirectory() as folder:
        server = Payoutd(BUILD, folder, f"--store-url={URL}")
        merchants = [Merchant(server, number) for number in range(MERCHANTS)]
        for _ in range(options.rounds):
            rates["pgbench"].append(tpcb())
            rates["lots"].append(sends(server, merchants, 100))
            rates["singles"].append(sends(server, merchants, 1))
        server.stop()
    tps = statistics.median(rates["pgbench"])
    print(f"pgbench, TPC-B-like, {CLIENTS} clients: {tps:.0f} transactions/s")
    for what, name in (("lots", "lots of 100"), ("singles", "single sends")):
        rate = statistics.median(rates[what])
        print(f"{name}, {MERCHANTS} merchants, {CLIENTS} connections: {rate:.0f} transfers/s, {rate / tps:.1f} times pgbench")


main()
