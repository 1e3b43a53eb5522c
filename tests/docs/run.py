#!/usr/bin/env python3
"""The command lines of the documents are run, and say what the documents say. TAP on standard output; run.py BUILD.

In README.md and docs/**/*.md a block marked ```console holds commands behind "$ " (going on after a backslash, or until
a here-document's end) and what they say; ```sh holds commands alone. Those of one file are run in their order by one
shell, in an empty folder, in a network of their own where every port is free, with `payout` and `payoutd` in the path.
A command must end with 0. In what it says … stands for anything in a line, and alone for any lines.
A comment before a block may say otherwise:
    <!-- runs on -->         its one command is left running until the file's end; it says at least these lines
    <!-- not run: REASON --> it can't be run here; its payout and payoutd are still read for what they would do
Every other line that begins with `payout ` or `payoutd ` and is indented as code must be one that they understand."""
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATIENCE_S = 60
UNDERSTOOD_S = 10
MARK = "\x01"
BLOCK = re.compile(r"(?:<!-- (?P<note>[^>]*?) -->\n)?^```(?P<kind>console|sh)\n(?P<text>.*?)^```$", re.M | re.S)
UNDERSTOOD = re.compile(r"^ {4}(?:\$ )?(?P<words>(?:payout|payoutd) [a-z-].*?)(?: {2,}#.*)?$", re.M)
NO_USE = 2  # payout's and payoutd's exit status for words that mean nothing.


def documents():
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


# --- Reading ---

def commands(kind, text):
    """[(command, [lines of what it says])] of a block."""
    found, lines = [], text.splitlines()
    while lines:
        line = lines.pop(0)
        if kind == "console" and not line.startswith("$ "):
            found[-1][1].append(line)
            continue
        command = line.removeprefix("$ ") if kind == "console" else line
        end = re.search(r"<<'?(\w+)'?", command)
        while lines and (command.endswith("\\") or (end and command.splitlines()[-1] != end[1])):
            command += "\n" + lines.pop(0).removeprefix("> ")
        found.append((command, []))
    return [each for each in found if each[0].strip() and not each[0].startswith("#")]


def pattern(said, whole):
    """What a command must say, as a pattern."""
    lines = ["(?:.*\n)*?" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + "\n" for line in said]
    return re.compile("".join(lines) if whole else "^" + "".join(lines), re.M)


# --- Running ---

class Shell:
    """One shell in an empty folder, for one document."""

    def __init__(self, build):
        self.folder = tempfile.TemporaryDirectory(prefix="payoutd-docs-")
        path = pathlib.Path(self.folder.name)
        (path / "bin").mkdir()
        (path / "work").mkdir()
        for program in ("daemon/payoutd", "cli/payout", "simulator/payout-operator-sim"):
            (path / "bin" / program.split("/")[1]).symlink_to(build / "src" / program)
        self.cwd = path / "work"
        self.environment = {"PATH": f"{path}/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(path), "LC_ALL": "C.UTF-8", "PS1": ""}
        self.shell = self.start("bash", "--norc", stdin=subprocess.PIPE)
        self.others = []

    def start(self, *words, **more):
        return subprocess.Popen(words, cwd=self.cwd, env=self.environment, text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, start_new_session=True, **more)

    def run(self, command):
        """(status, what it said)"""
        # What goes on behind a command in the documents waits for what it needs: so may we, for the shell's end of it.
        self.shell.stdin.write(f"{command}\nprintf '\\n{MARK}%d\\n' $?\n")
        self.shell.stdin.flush()
        said = ""
        for line in self.shell.stdout:
            if line.startswith(MARK):
                return int(line[1:]), said.removesuffix("\n")
            said += line
        raise AssertionError(f"the shell ended in: {command}\n{said}")

    def run_on(self, command, wanted):
        log = self.cwd.parent / f"log{len(self.others)}"
        with open(log, "w") as out:
            child = subprocess.Popen(["bash", "-c", f"exec {command}"], cwd=self.cwd, env=self.environment, stdout=out,
                                     stderr=subprocess.STDOUT, start_new_session=True)
        self.others.append(child)
        end = time.monotonic() + PATIENCE_S
        while not wanted.search(log.read_text()):
            assert child.poll() is None and time.monotonic() < end, f"{command}\nsays\n{log.read_text()}"
            time.sleep(0.02)

    def end(self):
        for child in [*reversed(self.others), self.shell]:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGTERM)
            if child is self.shell:
                child.stdin.close()
            child.wait(PATIENCE_S)
        self.folder.cleanup()


def block_run(shell, note, kind, text):
    for command, said in commands(kind, text):
        wanted = pattern(said, note != "runs on" and kind == "console")
        if note == "runs on":
            shell.run_on(command, wanted)
            continue
        status, heard = shell.run(command)
        assert status == 0, f"$ {command}\nended with {status}:\n{heard}"
        heard = heard + "\n" if heard and not heard.endswith("\n") else heard
        assert kind == "sh" or wanted.fullmatch(heard), f"$ {command}\nsaid\n{heard}\nwhere the document says\n" + "\n".join(said)


def understood(build, words):
    """payout says nothing of a usage it does not know, payoutd reads its line before it helps."""
    try:
        split = shlex.split(words, comments=True)
    except ValueError:
        return
    for mark in ("|", "&&", ">", "<", ";", "&"):
        split = split[:split.index(mark)] if mark in split else split
    if "..." in split or any("[" in word for word in split):
        return  # A synopsis.
    program = {"payout": build / "src/cli/payout", "payoutd": build / "src/daemon/payoutd"}[split[0]]
    more = ["--help"] if split[0] == "payoutd" else []
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run([program, *split[1:], *more], cwd=folder, text=True, stdin=subprocess.DEVNULL, check=False,
                                  timeout=UNDERSTOOD_S, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={
                                      "PATH": "/usr/bin:/bin", "HOME": folder, "PAYOUT_URL": "http://127.0.0.1:9",
                                      "PAYOUT_APIKEY": "a", "PAYOUT_PASSWORD": "b", "PAYOUT_ADMIN_TOKEN": "c"})
        except subprocess.TimeoutExpired:
            return  # It waits for something: it knows for what.
    # Of files that are the document's, not ours, they may complain.
    mistaken = re.search(r"unrecognized option|unknown command|is no (command|task|setting)|requires an argument", done.stdout)
    assert done.returncode != NO_USE or not mistaken, f"{words}\nsays\n{done.stdout[:600]}"


def document_tests(build, path):
    """[(name, function)]: each block, then each other command."""
    text = path.read_text()
    shell = []
    blocks = list(BLOCK.finditer(text))

    def block(found):
        if not shell:
            shell.append(Shell(build))
        block_run(shell[0], found["note"], found["kind"], found["text"])

    name = path.relative_to(ROOT)
    for found in blocks:
        line = text[:found.start("kind")].count("\n") + 1
        note = found["note"] or ""
        assert note in ("", "runs on") or re.fullmatch("not run: .{10,}", note), f"{name}:{line}: {note}"
        if not note.startswith("not run"):
            yield f"{name}, line {line}", (lambda found=found: block(found))
    rest = BLOCK.sub(lambda found: "" if not (found["note"] or "").startswith("not run")
                     else re.sub("^(\\$ )?", "    ", found["text"], flags=re.M), text)
    for found in UNDERSTOOD.finditer(rest):
        yield f"{name}: {found['words'][:70]}", (lambda words=found["words"]: understood(build, words))
    if shell:
        shell[0].end()


def main():
    if "--inside" not in sys.argv:  # A network of our own.
        inner = f"ip link set lo up && exec {shlex.quote(sys.executable)} {shlex.quote(__file__)} {shlex.quote(sys.argv[1])} --inside"
        os.execvp("unshare", ["unshare", "-r", "-n", "sh", "-c", inner])
    build = pathlib.Path(sys.argv[1]).resolve()
    count = failed = 0
    for path in documents():
        for name, function in document_tests(build, path):
            count += 1
            try:
                function()
                print(f"ok {count} - {name}", flush=True)
            except (AssertionError, subprocess.TimeoutExpired) as error:
                failed += 1
                print(f"not ok {count} - {name}\n" + re.sub("^", "# ", str(error), flags=re.M), flush=True)
    print(f"1..{count}")
    sys.exit(failed > 0 or count == 0)


if __name__ == "__main__":
    main()
