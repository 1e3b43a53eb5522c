#!/usr/bin/env python3
"""Measures `payoutd audit`: its time and its peak of memory over stores of two sizes, and whether its
time grows as the store does. A store that is in FOLDER from another run is used again.
    audit.py [--build FOLDER] [--transfers N,N] [FOLDER]"""
import argparse
import os
import pathlib
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
MEMORY_MAX_MB = 200
arguments = argparse.ArgumentParser()
arguments.add_argument("--build", default="build")
arguments.add_argument("--transfers", default="1000000,5000000")
arguments.add_argument("--rounds", type=int, default=3)
arguments.add_argument("folder", nargs="?")
options = arguments.parse_args()
BUILD = (ROOT / options.build).resolve()


def fill(path, transfers):
    if not path.exists():
        begun = time.monotonic()
        subprocess.run([BUILD / "bench/fill", "--transfers", str(transfers), path], check=True)
        print(f"{path.name} made in {time.monotonic() - begun:.0f} s", flush=True)


def audit(path):
    """(seconds, seconds of the processor, peak in MB, its first line) of the best of some rounds."""
    best = None
    for _ in range(options.rounds):
        begun = time.monotonic()
        child = subprocess.Popen([BUILD / "src/daemon/payoutd", "audit", f"--store-url=sqlite:{path}"],
                                 text=True, stdout=subprocess.PIPE)
        text = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            raise SystemExit(text)
        took = (time.monotonic() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text.splitlines()[0])
        best = took if best is None or took[0] < best[0] else best
    return best


def main(folder):
    print("| transfers | store | time | of the processor | transfers/s | peak of memory |\n|---:|---:|---:|---:|---:|---:|")
    results = []
    for transfers in map(int, options.transfers.split(",")):
        path = folder / f"{transfers}.db"
        fill(path, transfers)
        seconds, processor, peak, said = audit(path)
        results.append((transfers, seconds, peak))
        print(f"| {transfers:,} | {path.stat().st_size / 1e9:.2f} GB | {seconds:.1f} s | {processor:.1f} s "
              f"| {transfers / seconds:,.0f} | {peak:.0f} MB |", flush=True)
    (small, quick, _), (big, slow, peak) = results[0], results[-1]
    print(f"\n{big / small:.1f} times the transfers took {slow / quick:.1f} times the time; peak {peak:.0f} MB, "
          f"{MEMORY_MAX_MB} allowed")
    raise SystemExit(peak > MEMORY_MAX_MB or slow / quick > 1.5 * big / small)


if options.folder is None:
    with tempfile.TemporaryDirectory() as made:
        main(pathlib.Path(made))
else:
    main(pathlib.Path(options.folder))
