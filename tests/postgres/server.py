#!/usr/bin/env python3
"""Runs a command with a PostgreSQL server of its own: server.py COMMAND...

The server is a real one, in a temporary folder, on a socket in that folder, with nobody else's
settings. PostgreSQL refuses to be run by root, so that root runs it as the user postgres, or nobody.
Whenever it ends while the command runs it is started again, as an operator's service manager would:
a test may kill it. It ends with the command, whatever becomes of that, and with this script.

The command finds in its environment
    PAYOUT_TEST_POSTGRES       a URL of its empty database
    PAYOUT_TEST_POSTGRES_PID   the file whose first line is the server's process"""
import ctypes
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

BINARIES = [pathlib.Path("/usr/lib/postgresql/15/bin")]
SETTINGS = {"listen_addresses": "", "max_connections": "200", "shared_buffers": "64MB", "max_wal_size": "256MB",
            "wal_level": "replica", "max_wal_senders": "2", "autovacuum_naptime": "10s", "log_min_messages": "warning", "log_min_error_statement": "panic",
            "log_line_prefix": "%p ", "max_prepared_transactions": "0", "lc_messages": "C"}
READY_SECONDS = 60
PR_SET_PDEATHSIG = 1


def binary(name):
    for folder in BINARIES:
        if (folder / name).exists():
            return str(folder / name)
    found = shutil.which(name)
    if found is None:
        sys.exit(f"there is no {name}: tools/install.sh check installs PostgreSQL 15")
    return found


def owner():
    """Whose processes the server's are: (uid, gid); None: ours."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
        except KeyError:
            continue
    sys.exit("there is neither a user postgres nor nobody")


def become(user):
    """For preexec_fn: changes the user, then asks to be ended with our parent."""
    libc = ctypes.CDLL(None)

    def change():
        os.setpgid(0, 0)  # A terminal's interrupt is ours to pass on.
        if user is not None:
            os.setgroups([])
            os.setgid(user[1])
            os.setuid(user[0])
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGQUIT, 0, 0, 0)
    return change


class Server:
    def __init__(self, folder):
        self.folder, self.user = pathlib.Path(folder), owner()
        self.data = self.folder / "data"
        self.stopping = False
        self.ready = threading.Event()
        self.lock = threading.Lock()
        self.process = None
        self.lines = []

    def make(self):
        if self.user is not None:
            os.chown(self.folder, *self.user)
        made = subprocess.run([binary("initdb"), "--no-sync", "--auth=trust", "--username=payoutd", "--encoding=UTF8",
                               "--locale=C.UTF-8", f"--pgdata={self.data}"], cwd="/", text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=become(self.user))
        if made.returncode != 0:
            sys.exit(f"initdb failed:\n{made.stdout}")

    def start(self):
        words = [binary("postgres"), "-D", str(self.data), "-k", str(self.folder)]
        for name, value in SETTINGS.items():
            words += ["-c", f"{name}={value}"]
        with self.lock:
            if self.stopping:
                return None
            # Its standard output is not the test's: a session that ends in a commit's wait writes a prompt there.
            self.process = subprocess.Popen(words, cwd="/", text=True, errors="replace", stdin=subprocess.DEVNULL,
                                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                            preexec_fn=become(self.user))
            return self.process

    def watch(self):
        """Keeps it running until it is stopped; the parent of the server is this thread."""
        while True:
            process = self.start()
            if process is None:
                return
            for line in process.stderr:
                self.lines = self.lines[-200:] + [line]
                if "ready to accept connections" in line:
                    self.ready.set()
            process.wait()

    def run(self):
        self.make()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        if not self.ready.wait(READY_SECONDS):
            sys.exit("PostgreSQL does not start:\n" + "".join(self.lines))
        subprocess.run([binary("createdb"), "-h", str(self.folder), "-U", "payoutd", "payoutd"], check=True)

    def stop(self):
        with self.lock:
            self.stopping = True
            if self.process is not None and self.process.poll() is None:
                self.process.send_signal(signal.SIGQUIT)
        if self.process is not None:
            self.thread.join()


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    folder = tempfile.mkdtemp(prefix="payoutd-postgres-")
    server, status = Server(folder), 1
    try:
        server.run()
        environment = {**os.environ, "PAYOUT_TEST_POSTGRES": f"postgresql:///payoutd?host={folder}&user=payoutd",
                       "PAYOUT_TEST_POSTGRES_PID": str(server.data / "postmaster.pid")}
        command = subprocess.Popen(sys.argv[1:], env=environment)
        try:
            status = command.wait()
        finally:
            if command.poll() is None:
                command.kill()
                command.wait()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    if status != 0 and os.environ.get("PAYOUT_TEST_POSTGRES_LOG"):
        sys.stderr.write("".join(server.lines))
    sys.exit(status if status >= 0 else 128 - status)


main()
