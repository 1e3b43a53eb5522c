#!/usr/bin/env python3
"""Bundles the console and writes it into C: embed.py NODE OUTPUT.c OUTPUT.h DEPFILE, both in tools/embed.py's form, as
`console_assets`. One build of a folder at a time: the lock is package.json, since they share node_modules."""
import fcntl
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def main():
    node, source, header, depfile = sys.argv[1:]
    dist = pathlib.Path(source).parent / "console-dist"
    with open(HERE / "package.json", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([node, HERE / "build.mjs", dist, depfile, source], check=True)
    files = sorted(path for path in dist.rglob("*") if path.is_file() and path.name != "manifest.json")
    subprocess.run([sys.executable, HERE.parent / "tools/embed.py", "--root", dist, "console_assets", source, header,
                    *files], check=True)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as problem:
        sys.exit(problem.returncode)
