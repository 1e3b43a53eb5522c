#!/usr/bin/env python3
"""Machines fail while lots are sent and paid: deploy/cluster, three PostgreSQL nodes under Patroni and four payoutd,
in network namespaces; clients that resend what was not answered; payout-operator-sim, whose books say who was paid.
Each round one thing fails: the primary's PostgreSQL or its whole machine is killed, it is cut off the network, a
payoutd is killed, cut off or stopped for longer than any lease. At the end all books must agree.

  failover.py [BUILD] [--rounds N] [--seed N] [--hold SECONDS]      tells in TAP, and a table of the time without service
  failover.py ... --faults NAME,NAME                                these and no others, in this order"""
import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "deploy/cluster"))
import cluster as clusters  # noqa: E402
import machines  # noqa: E402
from books import Books  # noqa: E402
from traffic import Traffic, patiently  # noqa: E402

WHOLE_S = 180  # So long a cluster may take to be whole again.
END_S = 600    # So long all transfers may take to end.
CALM_S = 3     # Of undisturbed traffic before and after a fault.
# What operators do even on a good day: answers late or lost, errors although it was done.
OPERATORS = {"faults": {"late": 2, "silent_after": 1, "silent_before": 1, "error_after": 1, "cut_after": 1, "reject": 3, "callback_lost": 10},
             "late_ms": 3000, "pending_ms": 2000, "latency_ms": 100, "float": {name: 10**12 for name in ("wave", "mtn", "gsma")}}


class Faults:
    """Each begins, lasts for as long as it is held, and ends; begin returns where it struck."""

    def __init__(self, cluster, chance):
        self.cluster, self.machines, self.chance = cluster, cluster.machines, chance
        machine = self.machines
        # name: (where, begin, end, held). What is killed by kill -9 comes back by itself.
        self.known = {
            "kill the primary's PostgreSQL": (self.primary, lambda at: machine.crash(at, "postgres"), None, False),
            "cut the primary off": (self.primary, machine.cut, machine.heal, True),
            "kill a worker": (self.worker, machine.crash, None, False),
            "stop a worker": (self.worker, machine.pause, machine.resume, True),
            "kill the primary's machine": (self.primary, machine.kill, machine.start, True),
            "stop the primary's machine": (self.primary, machine.pause, machine.resume, True),
            "kill an api": (self.api, machine.crash, None, False),
            "stop an api": (self.api, machine.pause, machine.resume, True),
            "stop the primary's PostgreSQL": (self.primary, lambda at: machine.pause(at, "postgres"),
                                              lambda at: machine.resume(at, "postgres"), True),
            "cut a worker off": (self.worker, machine.cut, machine.heal, True),
        }

    def primary(self):
        return machines.until(self.cluster.primary, "there is a primary", WHOLE_S)

    def worker(self):
        return self.chance.choice([name for name, role in clusters.ROLES.items() if role != "api"])

    def api(self):
        return self.chance.choice([name for name, role in clusters.ROLES.items() if role != "worker"])

    def order(self, rounds):
        """Which strike: the first four are what has to be tried, then each once before any comes twice."""
        names, drawn = list(self.known), []
        drawn = names[:4]
        self.chance.shuffle(drawn)
        rest = names[4:]
        while len(drawn) < rounds:
            self.chance.shuffle(rest)
            drawn, rest = drawn + rest, list(names)
        return drawn[:rounds]

    def strike(self, name, hold_s):
        """(where, when it began, when it was over)"""
        where, begin, end, held = self.known[name]
        place, began = where(), time.monotonic()
        begin(place)
        if held:
            time.sleep(hold_s)
        if end is not None:
            end(place)
        return place, began, time.monotonic()


def longest_gap(moments, begin, end):
    """The longest time between two of moments, as far as it lies between begin and end."""
    within = [begin, *sorted(moment for moment in moments if begin < moment < end), end]
    return max(later - earlier for earlier, later in zip(within, within[1:]))


class Test:
    def __init__(self, asked, folder):
        self.asked, self.count, self.failed = asked, 0, 0
        self.cluster = clusters.Cluster(folder, asked.build, lease="10s", pace=10)
        self.faults = Faults(self.cluster, random.Random(asked.seed))
        self.table = []

    def tap(self, name, good, detail=""):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)
        if not good and str(detail):
            print("# " + str(detail)[:4000].replace("\n", "\n# "), flush=True)

    @staticmethod
    def note(text):
        print(f"# {text}", flush=True)

    def simulator(self, what, **more):
        return clusters.ask(f"http://{clusters.ADDRESSES[clusters.OPERATORS]}:8090/_sim/{what}", 30, **more)

    def admin(self, path, **change):
        token = (self.cluster.folder / "keys/admin.token").read_text().strip()
        address = clusters.ADDRESSES[self.apis()[0]]
        return patiently(lambda: clusters.ask(f"http://{address}:8086/admin/v1/{path}", 30, data=json.dumps(change).encode(),
                                              headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"}), path)

    @staticmethod
    def apis():
        return [name for name, role in clusters.ROLES.items() if role != "worker"]

    def run(self):
        self.cluster.up()
        begun = time.monotonic()
        status, _ = self.simulator("script", data=json.dumps(OPERATORS).encode())
        assert status == 200
        addresses = [clusters.ADDRESSES[name] for name in (clusters.BALANCER, *self.apis())]
        self.traffic = Traffic(addresses, self.admin, self.asked.seed, self.asked.clients, self.asked.merchants, self.asked.pause)
        self.traffic.start()
        names = self.asked.faults.split(",") if self.asked.faults else self.faults.order(self.asked.rounds)
        for number, name in enumerate(names, 1):
            self.round(number, name)
        late = self.traffic.stop(END_S)
        self.tap("every lot was answered in the end", late == 0, f"{late} clients still wait")
        self.end()
        self.note(f"{len(self.traffic.known)} transfers in {len(self.traffic.answered_at)} lots, {self.traffic.receiver.posts} notifications, "
                  f"{json.dumps(self.traffic.counts)}, in {time.monotonic() - begun:.0f} s")

    def round(self, number, name):
        sent, counts = len(self.traffic.answered_at), dict(self.traffic.counts)
        begin = time.monotonic()
        time.sleep(CALM_S)
        place, struck, over = self.faults.strike(name, self.asked.hold)
        self.cluster.until_whole(WHOLE_S)
        whole = time.monotonic()
        time.sleep(CALM_S)
        end = time.monotonic()
        more = {what: value - counts.get(what, 0) for what, value in self.traffic.counts.items() if value > counts.get(what, 0)}
        row = {"round": number, "fault": name, "at": place, "held": over - struck, "no_answer": longest_gap(self.traffic.answered_at, begin, end),
               "no_end": longest_gap(self.traffic.receiver.ends_at, begin, end), "whole": whole - struck,
               "lots": len(self.traffic.answered_at) - sent, "again": more.get("again", 0)}
        self.table.append(row)
        self.note(f"round {number}: {name} ({place}), held {row['held']:.0f} s: {row['no_answer']:.1f} s without an answered lot, "
                  f"{row['no_end']:.1f} s without an end, whole after {row['whole']:.0f} s; {row['lots']} lots, {more}")

    def figure(self, name):
        reply = clusters.ask(f"http://{clusters.ADDRESSES[self.apis()[0]]}:8086/metrics", 10)
        lines = (reply or (0, ""))[1].splitlines()
        return next((float(line.split()[1]) for line in lines if line.startswith(f"{name} ")), None)

    def end(self):
        figures = ("payoutd_transfers_due", "payoutd_notifications_waiting")
        try:
            machines.until(lambda: all(self.figure(name) == 0 for name in figures), "all ended and all was told", END_S)
            self.tap("all transfers ended and all notifications were delivered", True)
        except TimeoutError as error:
            self.tap("all transfers ended and all notifications were delivered", False, f"{error}: { {name: self.figure(name) for name in figures} }")
        Books(self.tap, self.cluster, self.traffic, self.simulator, clusters.ADDRESSES[self.apis()[0]]).compare()
        audit = subprocess.run([self.cluster.payoutd, "-c", self.cluster.folder / self.apis()[0] / "payoutd.conf", "audit"], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.tap("the audit finds nothing", audit.returncode == 0, audit.stdout)
        died = [name for name in clusters.ROLES if "invariant" in (self.cluster.folder / name / "payoutd.log").read_text(errors="replace")]
        self.tap("no payoutd stopped itself", not died, died)

    def table_print(self):
        self.note("| round | what failed | where | for | without an answer | without an end | whole after |")
        self.note("|---|---|---|---|---|---|---|")
        for row in self.table:
            self.note(f"| {row['round']} | {row['fault']} | {row['at']} | {row['held']:.0f} s | {row['no_answer']:.1f} s | {row['no_end']:.1f} s "
                      f"| {row['whole']:.0f} s |")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", nargs="?", type=pathlib.Path, default=ROOT / "build-check")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--hold", type=float, default=60, help="seconds that what is cut off or stopped stays so (60)")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--merchants", type=int, default=12)
    parser.add_argument("--pause", type=float, default=2, help="seconds between a client's lots (2)")
    parser.add_argument("--faults", help="names with commas between them")
    parser.add_argument("--keep", action="store_true", help="keep the folder, with all logs")
    return parser.parse_args()


def outside(asked):
    """Runs itself in namespaces of its own; all that it starts ends with it."""
    folder = tempfile.mkdtemp(prefix="payoutd-failover-")
    words = machines.within([sys.executable, __file__, *sys.argv[1:], "--seed", asked.seed])
    try:
        status = subprocess.run(words, env={**os.environ, "PAYOUTD_FAILOVER_FOLDER": folder}, check=False).returncode
    finally:
        if asked.keep:
            print(f"# kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(status)


def main():
    asked = arguments()
    folder = os.environ.get("PAYOUTD_FAILOVER_FOLDER")
    if folder is None:
        outside(asked)
    print(f"# seed {asked.seed}", flush=True)
    test = Test(asked, folder)
    try:
        test.run()
    except Exception as error:  # Whatever it is, it is told, with what there was.
        test.tap(f"{type(error).__name__}: {error}", False)
    test.table_print()
    print(f"1..{test.count}", flush=True)
    os._exit(test.failed > 0)  # Clients that still wait don't keep it.


main()
