#!/usr/bin/env python3
"""Builds payoutd in every way that the tests need, runs all tests, and ends with the line
`N passed, N failed`. `check.py NAME...` runs only those steps; `check.py --list` names them. Steps that reckon and
steps that wait for servers go on beside each other, in two rows."""
import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parent.parent
FUZZ_SECONDS = int(os.environ.get("CHECK_FUZZ_SECONDS", "60"))
COVERAGE_LEAST = 95.0
CCACHE = {"CCACHE_BASEDIR": str(ROOT), "CCACHE_NOHASHDIR": "1"}
passed = 0
failures = []
counting = threading.Lock()
failures_of = threading.local()  # How many failed in this row of steps.
fuzzing = None


def note(name, good, detail=""):
    global passed
    with counting:
        if good:
            passed += 1
            return
        failures.append(name)
        failures_of.count = failed_here() + 1
        print(f"FAILED {name}\n{detail[-6000:]}", flush=True)


def failed_here():
    return getattr(failures_of, "count", 0)


def run(*words, cwd=ROOT, env=None):
    done = subprocess.run([str(word) for word in words], cwd=cwd, text=True, errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, **CCACHE, **(env or {})})
    return done.returncode, done.stdout


def must(name, *words, **more):
    """One thing that has to end with 0: counts as one test."""
    status, text = run(*words, **more)
    note(name, status == 0, text)
    return status == 0


made = {}  # Folder: its lock, and, once it was tried, whether it was made.


def once(folder, make):
    """What make says, which is called for the first row that asks."""
    with counting:
        one = made.setdefault(folder, {"lock": threading.Lock()})
    with one["lock"]:
        if "good" not in one:
            one["good"] = make()
        return one["good"]


def build(folder, *options, cc="gcc", targets=()):
    """Configures and builds, once; a warning is an error. Counts as one test."""
    return once(folder, lambda: build_once(folder, *options, cc=cc, targets=targets))


def build_once(folder, *options, cc, targets):
    path = ROOT / folder
    if not (path / "build.ninja").exists():
        status, text = run("meson", "setup", path, *options, env={"CC": f"ccache {cc}", "LDFLAGS": "-fuse-ld=mold"})
        if status != 0:
            note(f"configure {folder}", False, text)
            return False
    return must(f"{folder} builds without a warning ({cc})", "ninja", "-C", path, *targets)


def tap(name, text):
    """Counts the lines of TAP; those of subtests (node's) by their leaves."""
    lines = re.findall(r"^(\s*)(not ok|ok) \d+(?: - (.*))?$", text, re.M)
    leaves = [line for line in lines if "# SKIP" not in (line[2] or "")]
    for _, verdict, what in leaves:
        note(f"{name}: {what}", verdict == "ok", text if verdict != "ok" else "")
    return len(leaves)


def tap_run(name, *words):
    """Runs a program that tells in TAP."""
    status, text = run(*words)
    before = failed_here()
    if tap(name, text) == 0 or (status != 0 and failed_here() == before):
        note(name, False, text)


def suites(folder, *names, wrap=()):
    """Runs meson's tests of these suites and counts what they say."""
    # Meson's 30 s a test are no assertion of ours, and too short under sanitizers on a busy machine.
    words = ["meson", "test", "-C", ROOT / folder, "--no-rebuild", "--print-errorlogs",
             "--timeout-multiplier", "10"]
    for name in names:
        words += ["--suite", name]
    words += ["--logbase", "-".join(names)]  # Two rows may test in one folder.
    log = ROOT / folder / "meson-logs" / ("-".join(names) + ".json")
    log.unlink(missing_ok=True)
    status, text = run(*words, *wrap)
    if not log.exists():
        note(f"{folder}: {' '.join(names)}", False, text)
        return
    for line in log.read_text().splitlines():
        test = json.loads(line)
        name = f"{folder}: {test['name']}"
        output = (test.get("stdout") or "") + "\n" + (test.get("stderr") or "")
        good = test["result"] in ("OK", "EXPECTEDFAIL")
        before = failed_here()
        counted = tap(name, test.get("stdout") or "")
        if counted == 0 or (not good and failed_here() == before):
            note(name, good, output)


# --- The steps, in order ---

def step_lint():
    must("arrows and lengths", "tools/arrows.py", ROOT)
    must("lint", "python3", "tools/lint.py")


def step_build():
    build("build-check")
    build("build-clang", "-Doptimization=0", cc="clang")  # For its warnings, and for clang-tidy.


def step_tidy():
    must("clang-tidy and cppcheck", "python3", "tools/lint.py", "--deep", "build-clang")


def step_asan():
    if build("build-asan", "-Db_sanitize=address,undefined", "-Db_lundef=false"):
        # Not the model, which reckons for minutes under them: the mutants' step has it.
        suites("build-asan", "unit", "connector", "conformance", "sim", "fuzz")


def step_sim():
    # Under the sanitizers above it has fewer seeds (tests/sim/meson.build).
    if build("build-check"):
        suites("build-check", "sim")


def step_postgres():
    # Real servers, each of its test's own.
    if build("build-asan", "-Db_sanitize=address,undefined", "-Db_lundef=false"):
        suites("build-asan", "postgres")
    if build("build-check") and npm("tests/api"):
        server = ROOT / "tests/postgres/server.py"
        node("postgres api", "tests/api", "send.test.js", "idempotence.test.js", "money.test.js",
             env={"BUILD": str(ROOT / "build-check")}, wrap=(server,))
        must("payoutd and PostgreSQL killed in turn in the middle of a send of 10,000", server, "node",
             "tests/crash/kill.js", "build-check", "2")
        # Two that answer and two that work, on one store: 40 s.
        node("postgres processes", "tests/postgres", "processes.test.mjs",
             env={"BUILD": str(ROOT / "build-check")}, wrap=(server,))
        # 15 s and 8 s on a quiet machine.
        for name in ("copy", "migrate"):
            tap_run(f"postgres {name}", server, "python3", f"tests/postgres/{name}.py", "build-check")


def step_tsan():
    if build("build-tsan", "-Db_sanitize=thread", "-Db_lundef=false"):
        suites("build-tsan", "race", "unit")


def step_mutants():
    if build("build-check"):
        suites("build-check", "mutants")


def step_coverage():
    options = ("-Db_coverage=true", "--buildtype=debug", "-Doptimization=1")
    if not build("build-coverage", *options):
        return
    for data in (ROOT / "build-coverage").rglob("*.gcda"):
        data.unlink()
    suites("build-coverage", "unit", "conformance")
    # Commands of several lanes are there with PostgreSQL only.
    must("several lanes, for coverage", "meson", "test", "-C", ROOT / "build-coverage", "--no-rebuild",
         "--timeout-multiplier", "10", "--logbase", "lanes", "conformance-postgres-lanes")
    for room in ("money", "lane"):
        status, text = run("gcovr", "-r", ROOT, "--object-directory", "build-coverage", "-f", f"src/{room}/",
                           "--exclude-lines-by-pattern", r".*invariant\(!.*", "-s")
        found = re.search(r"^lines: ([0-9.]+)%", text, re.M)
        share = float(found[1]) if found else 0.0
        print(f"line coverage of src/{room}: {share} %", flush=True)
        note(f"line coverage of src/{room} is at least {COVERAGE_LEAST} %", share >= COVERAGE_LEAST, text)


def step_fuzz():
    """Begins to fuzz. It goes on at the lowest priority beside the steps that follow, most of which wait
    for servers and disks more than they reckon; fuzz_end has the verdict."""
    global fuzzing
    if build("build-fuzz", "-Dfuzz=true", "-Db_sanitize=address,undefined", "-Db_lundef=false", cc="clang"):
        fuzzing = subprocess.Popen(["nice", "-n", "19", "tests/fuzz/run.sh", "build-fuzz", str(FUZZ_SECONDS)],
                                   cwd=ROOT, text=True, errors="replace",
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def fuzz_end():
    if fuzzing is not None:
        text = fuzzing.communicate()[0]
        note(f"fuzzing, {FUZZ_SECONDS} s a target", fuzzing.returncode == 0, text)


def npm(folder):
    return once(folder, lambda: must(f"npm ci in {folder}", "npm", "ci", "--silent", "--no-fund", "--no-audit",
                                     cwd=ROOT / folder))


def node(name, folder, *files, env=None, wrap=()):
    node_run(name, *wrap, "node", "--test", "--test-reporter=tap", *files, cwd=ROOT / folder, env=env)


def node_run(name, *words, **more):
    status, text = run(*words, **more)
    before = failed_here()
    # Leaves only: a suite's own line repeats what its tests said.
    lines = re.findall(r"^( *)(not ok|ok) \d+ - (.*)$", text, re.M)
    deepest = [line for index, line in enumerate(lines)
               if index == 0 or len(lines[index - 1][0]) <= len(line[0])]
    for _, verdict, what in deepest:
        # What went wrong stands below the test's own line, wherever that is in the whole output.
        told = "" if verdict == "ok" else text[text.find(f" - {what}\n"):][:4000]
        note(f"{name}: {what}", verdict == "ok", told)
    if not deepest or (status != 0 and failed_here() == before):
        note(name, False, text)


def step_api():
    if build("build-check") and npm("tests/api"):
        files = sorted(path.name for path in (ROOT / "tests/api").glob("*.test.js"))
        node("api", "tests/api", *files, env={"BUILD": str(ROOT / "build-check")})


def step_console_api():
    # What the console's pages call, without a browser (60 s).
    if build("build-check") and npm("tests/api"):
        files = sorted(path.name for path in (ROOT / "tests/console").glob("*.test.js")
                       if not path.name.endswith(".browser.test.js") and path.name != "build.test.js")
        node("console api", "tests/console", *files, env={"BUILD": str(ROOT / "build-check")})


def step_ssrf():
    # In a network of its own, where every address can be had.
    if build("build-check") and npm("tests/api"):
        node("ssrf", "tests/ssrf", "ssrf.test.js", env={"BUILD": str(ROOT / "build-check")},
             wrap=("unshare", "-r", "-n", "-m"))


def step_mail():
    if build("build-check") and npm("tests/api"):
        files = sorted(path.name for path in (ROOT / "tests/mail").glob("*.test.js"))
        node("mail", "tests/mail", *files, env={"BUILD": str(ROOT / "build-check")})


def step_browser():
    if build("build-check") and npm("tests/api") and npm("tests/browser"):
        files = sorted(path.name for path in (ROOT / "tests/browser").glob("*.test.js"))
        node("browser", "tests/browser", *files, env={"BUILD": str(ROOT / "build-check")})


def step_console():
    # The console's browser part: types, lint, the pure parts (20 s).
    # Under the lock of web/embed.py, since a build beside it installs there too.
    if must("npm ci in web", "flock", "package.json", "npm", "ci", "--silent", cwd=ROOT / "web"):
        must("the console's types and lint", "npm", "run", "--silent", "check", cwd=ROOT / "web")
        node_run("the console's rules", "node", "test.mjs", "--test-reporter=tap", cwd=ROOT / "web")
        node("the console's bundle", "tests/console", "build.test.js")


def step_operators():
    if build("build-check") and npm("tests/api") and npm("tests/operators"):
        files = sorted(path.name for path in (ROOT / "tests/operators").glob("*.test.js"))
        node("operators", "tests/operators", *files, env={"BUILD": str(ROOT / "build-check")})


def step_crash():
    if build("build-check"):
        must("killed 50 times in the middle of a send of 10,000", "node", "tests/crash/kill.js",
             "build-check", "50")


def step_docs():
    # Every command line of the documents, each document in a network of its own (60 s).
    if build("build-check"):
        tap_run("docs", "python3", "tests/docs/run.py", "build-check")


def step_client():
    # About 20 s.
    if build("build-check") and npm("tests/api"):
        node("client", "tests/client", "library.test.js", env={"BUILD": str(ROOT / "build-check")})


def step_send_kill():
    # About 40 s.
    if build("build-check"):
        must("payout send of 5,000 killed 100 times and resumed: everyone paid once", "node",
             "tests/crash/send_kill.js", "build-check", "100")


def step_deploy():
    if build("build-check") and npm("tests/deploy"):
        tap_run("deploy", "python3", "tests/deploy/deploy.py", "build-check")


def step_failover():
    # Three PostgreSQL nodes and four payoutd: 3 minutes, most of them waits for those who take over.
    if build("build-check"):
        tap_run("failover", "python3", "tests/failover/failover.py", "build-check", "--rounds", "3", "--hold", "15")


def step_audit():
    if build("build-check"):
        for name in ("corrupt", "backup", "export", "reconcile", "upgrade"):
            tap_run(f"audit {name}", "python3", f"tests/audit/{name}.py", "build-check")


STEPS = {name[5:]: value for name, value in list(globals().items()) if name.startswith("step_")}
FIRST = ("lint", "build")
# Fuzzing goes on beside those after it.
RECKONING = ("asan", "fuzz", "tsan", "mutants", "sim", "coverage", "tidy")
# These wait for servers, disks and browsers more than they reckon.
WAITING = ("api", "client", "ssrf", "mail", "browser", "console", "console_api", "crash", "send_kill", "deploy",
           "failover", "docs", "audit", "operators", "postgres")


def row(names):
    for name in names:
        at = time.monotonic()
        try:
            STEPS[name]()
        except Exception:  # A step that breaks has failed; the others go on.
            note(f"step {name}", False, traceback.format_exc())
        print(f"-- {name}: {time.monotonic() - at:.0f} s, {passed} passed, {len(failures)} failed so far", flush=True)


def main():
    wanted = sys.argv[1:] or list(STEPS)
    if wanted == ["--list"]:
        print("\n".join(STEPS))
        return
    begun = time.monotonic()
    assert set(STEPS) == {*FIRST, *RECKONING, *WAITING} and set(wanted) <= set(STEPS)
    row([name for name in FIRST if name in wanted])
    waiting = threading.Thread(target=row, args=([name for name in WAITING if name in wanted],))
    waiting.start()
    row([name for name in RECKONING if name in wanted])
    waiting.join()
    at = time.monotonic()
    fuzz_end()
    print(f"-- fuzz's end: {time.monotonic() - at:.0f} s, {passed} passed, {len(failures)} failed so far", flush=True)
    for failure in failures:
        print(f"FAILED {failure}")
    print(f"in {time.monotonic() - begun:.0f} s")
    print(f"{passed} passed, {len(failures)} failed")
    sys.exit(bool(failures))


main()
