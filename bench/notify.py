#!/usr/bin/env python3
"""Measures how long merchants' healthy servers wait for their notifications without and with ten servers that are
dead in four ways (silent, refusing, slow, answering 500), each with WAITING notifications, in one run of one payoutd.
Prints a table and the ratio of the 99th percentiles; status 1 when it is 2 or more.
notify.py [--build FOLDER] [--waiting N] [--seconds N]"""
import argparse
import asyncio
import glob
import json
import multiprocessing
import pathlib
import socket
import sqlite3
import sys
import tempfile
import time
import urllib.parse
import urllib.request

from payoutd import Payoutd

ROOT = pathlib.Path(__file__).resolve().parent.parent
arguments = argparse.ArgumentParser()
arguments.add_argument("--build", default="build")
arguments.add_argument("--waiting", type=int, default=10000)
arguments.add_argument("--seconds", type=int, default=20)
options = arguments.parse_args()
HEALTHY, DEAD, PER_SECOND, SLOW_S = 5, 10, 50, 5
RATIO_MAX = 2


async def answer(reader, writer, status, after_s):
    """HTTP/1.1 with keep-alive: each request whole, then the status."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            at = head.find(b"content-length:")
            if at >= 0:
                await reader.readexactly(int(head[at + 15:].split(b"\r\n")[0]))
            if after_s:
                await asyncio.sleep(after_s)
            writer.write(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % (200 if head.startswith(b"get") else status))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def serve(pipe, count, status, after_s):
    """count servers in a process of their own; their ports go through the pipe."""
    async def run():
        servers = [await asyncio.start_server(lambda r, w: answer(r, w, status, after_s), "127.0.0.1", 0, backlog=512)
                   for _ in range(count)]
        pipe.send([each.sockets[0].getsockname()[1] for each in servers])
        await asyncio.Event().wait()
    asyncio.run(run())


def servers(count, status=200, after_s=0):
    ours, theirs = multiprocessing.Pipe()
    multiprocessing.Process(target=serve, args=(theirs, count, status, after_s), daemon=True).start()
    return ours.recv()


def closed(count, listening):
    """Ports where nobody answers: the system takes the connection, or refuses it."""
    held = [socket.socket() for _ in range(count)]
    for each in held:
        each.bind(("127.0.0.1", 0))
        if listening:
            each.listen(512)
    return held, [each.getsockname()[1] for each in held]


token = {"at": -1e9, "text": ""}


def post(server, path, items):
    if time.monotonic() - token["at"] > 120:
        token.update(at=time.monotonic(), text=server.token())
    body = urllib.parse.urlencode({"data": json.dumps(items)}).encode()
    reply = json.load(urllib.request.urlopen(f"{server.who['url']}/v1/{path}?token={token['text']}", body))
    assert reply["code"] == 0, reply


def item(port, number):
    return {"prefix": "225", "phone": "0700000000", "amount": 500 + 5 * (number % 1000), "notify_url": f"http://127.0.0.1:{port}/n"}


def settle(server):
    """Until nothing is to be paid any more."""
    while server.metric("payoutd_transfers_due") > 0:
        time.sleep(0.2)


def round_run(server, ports):
    """Sends to the healthy ones, evenly, for some seconds; the delays of their notifications, in ms."""
    begun_ms = int(time.time() * 1000)
    until, number = time.monotonic() + options.seconds, 0
    while time.monotonic() < until:
        due = time.monotonic() + len(ports) / PER_SECOND
        post(server, "transfer/money/send/contact", [item(port, number) for port in ports])
        number += len(ports)
        time.sleep(max(0, due - time.monotonic()))
    settle(server)
    store = sqlite3.connect(f"file:{glob.glob(server.folder + '/**/*.db', recursive=True)[0]}?mode=ro", uri=True)
    urls = ",".join(f"'http://127.0.0.1:{port}/n'" for port in ports)
    wanted = f"FROM notification AS n JOIN transfer AS t ON t.id = n.transfer WHERE t.created_at_ms >= {begun_ms} AND t.notify_url IN ({urls})"
    end = time.monotonic() + 120
    while store.execute(f"SELECT count(*) {wanted} AND n.state <> 3").fetchone()[0] > 0 and time.monotonic() < end:
        time.sleep(0.2)
    delays = sorted(row[0] for row in store.execute(f"SELECT CASE n.state WHEN 3 THEN n.ended_at_ms ELSE {begun_ms + 10**7} END - n.created_at_ms {wanted}"))
    store.close()
    return delays


def percentile(delays, share):
    return delays[min(len(delays) - 1, int(len(delays) * share))]


def main():
    with tempfile.TemporaryDirectory() as folder:
        server = Payoutd((ROOT / options.build).resolve(), folder, "--operator-sandbox-percent=1")
        healthy = servers(HEALTHY)
        silent, silent_ports = closed(3, True)
        refusing, refusing_ports = closed(3, False)
        dead = silent_ports + refusing_ports + servers(2, after_s=SLOW_S) + servers(2, 500)
        post(server, "transfer/contact", [{"prefix": "225", "phone": "0700000000", "name": "A", "surname": "B", "email": ""}])
        for port in healthy * (len(dead) // len(healthy)):  # As large a store, delivered: only who waits differs.
            post(server, "transfer/money/send/contact", [item(port, number) for number in range(options.waiting)])
        settle(server)
        while server.metric("payoutd_notifications_waiting") > 0:
            time.sleep(0.2)
        rows = [("without", round_run(server, healthy), server.metric("payoutd_notifications_waiting"))]
        for port in dead:
            post(server, "transfer/money/send/contact", [item(port, number) for number in range(options.waiting)])
        settle(server)
        waiting = server.metric("payoutd_notifications_waiting")
        rows.append((f"with {len(dead)} dead", round_run(server, healthy), waiting))
        print("| healthy servers | dead ones' waiting | notifications | p50 | p99 | max |\n|---|---:|---:|---:|---:|---:|")
        for name, delays, there in rows:
            print(f"| {name} | {int(there):,} | {len(delays):,} | {percentile(delays, .5)} ms | {percentile(delays, .99)} ms | {delays[-1]} ms |")
        ratio = percentile(rows[1][1], .99) / max(percentile(rows[0][1], .99), 1)
        print(f"\nratio of p99: {ratio:.2f} (limit {RATIO_MAX})")
        server.stop()
        for each in silent + refusing:
            each.close()
        return ratio >= RATIO_MAX


sys.exit(main())
