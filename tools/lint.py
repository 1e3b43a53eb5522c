#!/usr/bin/env python3
"""Lint: format, forbidden words, man pages; with --deep BUILD also clang-tidy and cppcheck."""
import concurrent.futures
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# What may not be called, and where it may all the same: HOUSE's rules (docs/architecture.md).
FORBIDDEN = [
    (r"\b(sprintf|vsprintf|strcpy|strcat|strtok|gets|atoi|atol|rand|srand|localtime|gmtime|alloca)\s*\(", ()),
    (r"\b(time|clock_gettime|gettimeofday)\s*\(", ("src/base/clock.c",)),
    (r"\bgetrandom\s*\(|\brandombytes_", ("src/base/random.c", "src/base/secret.c")),
    (r"\b(sleep|usleep|nanosleep)\s*\(", ()),
]
ONLY_IN = [
    (r"\b(float|double)\b", "src/money"),
    (r"\bTODO\b|\bFIXME\b|\bXXX\b", "src"),
]
bad = []


def code_of(text):
    """The text without comments and strings, lines kept."""
    return re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"', lambda hit: "\n" * hit[0].count("\n"), text, flags=re.S)


def words(path):
    text = path.read_text()
    name = str(path.relative_to(ROOT))
    code = code_of(text)
    for pattern, allowed in FORBIDDEN:
        if name not in allowed:
            for hit in re.finditer(pattern, code):
                bad.append(f"{name}:{code[:hit.start()].count(chr(10)) + 1}: {hit[0].strip()} is forbidden")
    for pattern, room in ONLY_IN:
        if name.startswith(room):
            for hit in re.finditer(pattern, code if "float" in pattern else text):
                bad.append(f"{name}: {hit[0]} is forbidden in {room}")


def call(*command):
    done = subprocess.run([str(word) for word in command], cwd=ROOT, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def shallow():
    files = sorted(path for folder in ("src", "include", "tests", "bench", "examples")
                   for path in (ROOT / folder).rglob("*.[ch]") if "node_modules" not in path.parts)
    for path in files:
        words(path)
    status, text = call("clang-format", "--dry-run", "-Werror", *files)
    if status != 0:
        bad.append("clang-format:\n" + text[:3000])
    for page in sorted((ROOT / "docs/man").glob("*.[1-8]")):
        status, text = call("mandoc", "-Tlint", "-Wwarning", page)
        if status != 0:
            bad.append(text)


def documents():
    """What the documents repeat of the source must be what the source says."""
    rows = re.findall(r'ROW\((\d+),[^"]*"([^"]*)"\)', (ROOT / "include/payout/sandbox.def").read_text())
    readme = (ROOT / "README.md").read_text()
    for ending, happens in rows:
        if f"| {ending} | {happens} |" not in readme:
            bad.append(f"README.md: the sandbox's row {ending} is not there as sandbox.def has it")
    code = r'CODE\(\w+,\s*(-?\d+),\s*"(\w+)",\s*(\d+),\s*"[^"]*",\s*"([^"]*)"\)'
    troubles = (ROOT / "docs/troubleshooting.md").read_text()
    for number, word, status, text in re.findall(code, (ROOT / "include/payout/code.def").read_text()):
        if not re.search(re.escape(f"| {number} | {word}, {status} | {text} | ") + r"\S", troubles):
            bad.append(f"docs/troubleshooting.md: code {number} is not there as code.def has it")
    table = (ROOT / "src/daemon/configuration.c").read_text()
    page = (ROOT / "docs/man/payoutd.conf.5").read_text()
    for section, name in re.findall(r'(?:TEXT|S)\(\w+, "(\w+)", "(\w+)"', table):
        if f".It Cm {name}" not in page:
            bad.append(f"docs/man/payoutd.conf.5: [{section}] {name} is missing")
    table = (ROOT / "src/daemon/channel_file.c").read_text()
    for name in re.findall(r'(?:TEXT|LIST|S)\([\w\[\]]+, "(\w+)"', table):
        if f".It Cm {name}" not in page[page.index(".Sh CHANNELS"):]:
            bad.append(f"docs/man/payoutd.conf.5: a channel's {name} is missing")


def french():
    """What `payout` says must be there in French, and say.def must hold nothing that nobody says."""
    text = (ROOT / "src/cli/say.def").read_text()
    known = re.findall(r'^SAY\(("(?:[^"\\]|\\.)*"), ', text, re.M)
    sources = "\n".join(path.read_text() for path in sorted((ROOT / "src/cli").glob("*.c")))
    joined = re.sub(r'"\s*\n\s*"', "", sources)
    said = re.findall(r'print_problem\(\s*("(?:[^"\\]|\\.)*[a-z]{3}(?:[^"\\]|\\.)*")[,)]', joined)
    said += re.findall(r'^    {(?:NULL|"\w+"), "\w+", command_\w+,\s*("(?:[^"\\]|\\.)*")},', joined, re.M)
    for each in said:
        if each not in known:
            bad.append(f"src/cli/say.def: no French for {each}")
    for each in known:
        if each not in joined and '">' + each[1:] not in joined:
            bad.append(f"src/cli/say.def: nobody says {each}")


def tidy(build, path):
    status, text = call("clang-tidy", "-quiet", "-p", build, path)
    return "" if status == 0 else text


def deep(build):
    files = sorted((ROOT / "src").rglob("*.c"))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        bad.extend(text for text in pool.map(lambda path: tidy(build, path), files) if text)
    status, text = call("cppcheck", "--quiet", "--error-exitcode=1", "--std=c11", "-j2", "--inline-suppr",
                        "--enable=warning,performance,portability", "--suppressions-list=tools/cppcheck.txt",
                        "--library=posix", "-Isrc", "-Iinclude", "src")
    if status != 0:
        bad.append(text)


if "--deep" in sys.argv:
    deep(sys.argv[sys.argv.index("--deep") + 1])
else:
    shallow()
    documents()
    french()
print("\n".join(bad))
sys.exit(bool(bad))
