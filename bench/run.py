#!/usr/bin/env python3
"""Measures payoutd's HTTP API against two floors, all in one run on one machine, the loader included:
  bare  the same requests to libmicrohttpd with a handler that only reads them
  sync  write + fdatasync of as many bytes, one after the other
Prints one table with ratios, medians of ROUNDS rounds that take turns, so that a slow minute of the
machine hits all alike. run.py [--seconds N] [--rounds N] [--build FOLDER]"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

from payoutd import Payoutd

ROOT = pathlib.Path(__file__).resolve().parent.parent
arguments = argparse.ArgumentParser()
arguments.add_argument("--seconds", type=int, default=5)
arguments.add_argument("--rounds", type=int, default=3)
arguments.add_argument("--build", default="build")
options = arguments.parse_args()
BUILD = (ROOT / options.build).resolve()
CASES = [("single sends, 64 connections", 1, 64), ("single sends, 512 connections", 1, 512),
         ("lots of 10, 64 connections", 10, 64), ("lots of 100, 64 connections", 100, 64)]
BARE_PORT = 18086


def load(port, path, *more):
    done = subprocess.run([BUILD / "bench/load", "--port", str(port), "--path", path, *more],
                          text=True, capture_output=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stdout + done.stderr)
    return json.loads(done.stdout)


def acceptance(folder):
    """Lots that wait for a confirmation: checked, held and durable, nothing paid meanwhile."""
    server = Payoutd(BUILD, folder)
    server.admin(f"merchants/{server.merchant}", ip_list="")
    load(server.port, f"/v1/transfer/contact?token={server.token()}", "--contacts")
    bare = subprocess.Popen([BUILD / "bench/bare", str(BARE_PORT), "2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    bare.stdout.readline()
    results = {case: {"payoutd": [], "bare": [], "sync": [], "batch": []} for case in CASES}
    for _ in range(options.rounds):
        for case in CASES:
            _, items, connections = case
            more = ["--items", str(items), "--connections", str(connections), "--seconds", str(options.seconds)]
            path = f"/v1/transfer/money/send/contact?token={server.token()}"
            batches = server.metric("payoutd_lane_batches_total")
            used = server.cpu()
            result = load(server.port, path, *more)
            result["cpu_share"] = (server.cpu() - used) / options.seconds
            results[case]["payoutd"].append(result)
            commits = max(server.metric("payoutd_lane_batches_total") - batches, 1)
            results[case]["batch"].append(result["answered"] * items / commits)
            results[case]["bare"].append(load(BARE_PORT, path, *more))
            sync = subprocess.run([BUILD / "bench/sync", f"{folder}/sync", str(300 * items), "2"],
                                  text=True, capture_output=True, check=True)
            results[case]["sync"].append(float(sync.stdout))
    bare.stdin.close()
    bare.wait()
    server.stop()
    return results


def pipeline(folder):
    """From the first POST to the last transfer's end: accepted, claimed, paid by the sandbox, recorded.
    The notifications wait for a server that refuses connections."""
    server = Payoutd(BUILD, folder, "--notify-retry-first=1h")
    load(server.port, f"/v1/transfer/contact?token={server.token()}", "--contacts")
    path = f"/v1/transfer/money/send/contact?token={server.token()}"
    begun = time.monotonic()
    result = load(server.port, path, "--items", "100", "--connections", "16", "--requests", "500")
    while server.metric("payoutd_transfers_due") > 0:
        time.sleep(0.05)
    took = time.monotonic() - begun
    server.stop()
    return result["answered"] * 100 / took


def middle(values):
    return statistics.median(values)


def main():
    with tempfile.TemporaryDirectory(dir=ROOT) as folder:
        results = acceptance(folder)
    print("| load | transfers/s | p50 ms | p99 ms | CPU of 2 | transfers a commit | of bare MHD | of write+fdatasync alone |")
    print("|---|---|---|---|---|---|---|---|")
    for case in CASES:
        mine, bare, sync = results[case]["payoutd"], results[case]["bare"], results[case]["sync"]
        rate = middle([one["items_per_second"] for one in mine])
        print(f"| {case[0]} | {rate:,.0f} | {middle([one['p50_ms'] for one in mine]):.1f} | "
              f"{middle([one['p99_ms'] for one in mine]):.1f} | {middle([one['cpu_share'] for one in mine]):.2f} | "
              f"{middle(results[case]['batch']):.0f} | "
              f"{rate / middle([one['items_per_second'] for one in bare]):.2f} | "
              f"{middle([one['requests_per_second'] for one in mine]) / middle(sync):.2f} |")
    with tempfile.TemporaryDirectory(dir=ROOT) as folder:
        print(f"\nwhole pipeline, lots of 100 until every transfer has ended: {pipeline(folder):,.0f} transfers/s")


main()
