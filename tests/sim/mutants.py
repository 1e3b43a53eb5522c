#!/usr/bin/env python3
"""mutants.py ROOT [sim|operators|sqlite|model]: plants each bug of a folder in a copy of the source and demands
that the simulator, over the store in memory, over connectors or over SQLite, finds it within 1000 seeds, or the
model at all; and that the copy without a bug passes. TAP on standard output."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

# What finds the bugs of which folder.
FINDERS = {
    "sim": ["tests/sim/mutants", "tests/sim/sim"],
    "operators": ["tests/sim/mutants_operators", "tests/sim/sim_operators", "--operators", "mtn_momo"],
    "sqlite": ["tests/sim/mutants_sqlite", "tests/sim/sim_sqlite"],
    "model": ["tests/model/mutants", "tests/model/model"],
}
SEEDS_MAX = "1000"
CLEAN_SEEDS = "100"  # That more of them find nothing is the suite sim's to show.


def run(*words, cwd):
    # The copies' files are the same but for the bug, wherever they are.
    env = {**os.environ, "CCACHE_BASEDIR": str(cwd), "CCACHE_NOHASHDIR": "1"}
    if shutil.which("ccache"):
        env["CC"] = "ccache gcc"
    return subprocess.run(words, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def find(copy, finder, seeds):
    _, program, *options = FINDERS[finder]
    within = [] if finder == "model" else ["--seeds", "1", seeds]
    return run(f"build/{program}", *options, *within, cwd=copy)


def build(copy, program):
    made = run("ninja", "-C", "build", program, cwd=copy)
    if made.returncode != 0:
        sys.exit("a mutant does not compile:\n" + made.stdout[-2000:])


def apply(copy, patch, *options):
    applied = run("patch", "-p1", *options, "-i", str(patch), cwd=copy)
    if applied.returncode != 0:
        sys.exit(f"{patch.name} does not apply any more:\n{applied.stdout}")


def main():
    root = pathlib.Path(sys.argv[1])
    finder = sys.argv[2] if len(sys.argv) > 2 else "sim"
    folder, program, *_ = FINDERS[finder]
    patches = sorted((root / folder).glob("*.patch"))
    print(f"1..{len(patches) + 1}", flush=True)
    failed = 0
    with tempfile.TemporaryDirectory() as temporary:
        copy = pathlib.Path(temporary) / "copy"
        skip = shutil.ignore_patterns("build", "build-*", ".git", "node_modules", "demo")
        shutil.copytree(root, copy, ignore=skip)
        setup = run("meson", "setup", "build", "-Dwerror=false", "-Doptimization=2", cwd=copy)
        if setup.returncode != 0:
            sys.exit(setup.stdout[-2000:])
        build(copy, program)
        clean = find(copy, finder, CLEAN_SEEDS)
        failed += clean.returncode != 0
        print("ok" if clean.returncode == 0 else "not ok", 1, f"- without_a_bug_the_{finder}_finds_nothing", flush=True)
        for number, patch in enumerate(patches, 2):
            apply(copy, patch)
            build(copy, program)
            found = find(copy, finder, SEEDS_MAX)
            apply(copy, patch, "-R")
            said = "VIOLATION" in found.stdout or "invariant does not hold" in found.stdout
            caught = found.returncode != 0 and said
            failed += not caught
            print("ok" if caught else "not ok", number, f"- the_{finder}_finds_{patch.stem}", flush=True)
            print("#", (found.stdout.strip().splitlines() or [""])[-1][:200], flush=True)
    sys.exit(failed != 0)


main()
