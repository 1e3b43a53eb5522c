"""A payoutd in its sandbox, for the tests that look at its store: started in a folder, asked over HTTP,
ended, audited. Each test file takes the build's folder as its first argument and tells in TAP."""
import configparser
import json
import pathlib
import signal
import sqlite3
import subprocess
import sys
import threading
import urllib.parse
import urllib.request

BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build-check").resolve()
PAYOUTD = BUILD / "src/daemon/payoutd"
PAYOUT = BUILD / "src/cli/payout"
SIMULATOR = BUILD / "src/simulator/payout-operator-sim"


def call(url, data=None, headers=None):
    body = None if data is None else data if isinstance(data, bytes) else urllib.parse.urlencode(data).encode()
    return json.load(urllib.request.urlopen(urllib.request.Request(url, body, headers or {})))


def run(*words, **more):
    """(status, all that it said) of a program that ends by itself."""
    done = subprocess.run([str(word) for word in words], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False, **more)
    return done.returncode, done.stdout


def audit_of(url):
    return run(PAYOUTD, "audit", f"--store-url={url}")


def audit(path):
    return audit_of(f"sqlite:{path}")


def phone(number, ending=None):
    return f"07{number // 10000 % 10000:04d}{ending or f'{number % 10000:04d}'}"


class Operators:
    """The simulated operators, as long as the block."""

    def __enter__(self):
        self.process = subprocess.Popen([SIMULATOR, "--port", "0"], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]
        return self

    def __exit__(self, *why):
        self.process.kill()
        self.process.communicate()

    def channels(self, folder):
        """Flags for a payoutd in folder that pays WAVECI by the simulated Wave, and all else as the sandbox does."""
        known = run(SIMULATOR, "--credentials")[1].splitlines()
        (secret,) = [line.split()[1] for line in known if line.startswith("wave ")]
        folder = pathlib.Path(folder)
        (folder / "channels").mkdir()
        (folder / "wave.secret").write_text(secret)
        (folder / "wave.secret").chmod(0o600)
        (folder / "channels/sandbox.conf").write_text("[channel]\nconnector = sandbox\nnumber = 1\noperators = OM FLOOZ MOMO\n")
        (folder / "channels/wave.conf").write_text(
            f"[channel]\nconnector = wave\nnumber = 2\noperators = WAVECI\nurl = {self.url}/wave\n"
            f"secret_file = {folder}/wave.secret\n")
        return (f"--operator-channels-dir={folder}/channels",)


class Running:
    """`payoutd --sandbox` in folder, with the sandbox's one merchant."""

    def __init__(self, folder, *flags):
        self.folder = pathlib.Path(folder)
        self.store = self.folder / "payoutd-sandbox/payoutd.db"
        self.log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(
            [PAYOUTD, "--sandbox", "--http-listen=127.0.0.1:0", "--notify-retry-first=1h", *flags],
            cwd=folder, stdout=subprocess.PIPE, stderr=self.log)
        # The welcome's last lines are example calls: when they came, all that is needed was printed.
        for line in self.process.stdout:
            if b"curl" in line:
                break
        else:
            sys.exit((self.folder / "log").read_text())
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        parser = configparser.ConfigParser(comment_prefixes=(";",), interpolation=None)
        parser.read(self.folder / "payoutd-sandbox/payout.conf")
        self.who = parser["default"]
        self.url = self.who["url"]
        self.token = call(f"{self.url}/v1/auth/login",
                          {"apikey": self.who["apikey"], "password": self.who["password"]})["data"]["token"]
        self.merchant = self.admin("merchants")["merchants"][0]["id"]

    def admin(self, path, body=None):
        headers = {"Authorization": "Bearer " + self.who["admin_token"], "Content-Type": "application/json"}
        return call(f"{self.url}/admin/v1/{path}", None if body is None else json.dumps(body).encode(), headers)

    def know(self, phones):
        people = [{"prefix": "225", "phone": each, "name": "N", "surname": "S", "email": ""} for each in phones]
        call(f"{self.url}/v1/transfer/contact?token={self.token}", {"data": json.dumps(people)})

    def send(self, name, phones, amount=500, **more):
        """Sends to each of phones, 5 more to each than to the one before; what was answered, item by item. more: fields of each."""
        items = [{"prefix": "225", "phone": each, "amount": amount + 5 * index, "notify_url": "http://127.0.0.1:9/n",
                  "client_transaction_id": f"{name}-{index}", **more} for index, each in enumerate(phones)]
        reply = call(f"{self.url}/v1/transfer/money/send/contact?token={self.token}", {"data": json.dumps(items)})
        return [item for group in reply["data"] for item in group]

    def balance(self):
        return call(f"{self.url}/v1/transfer/check/balance?token={self.token}")["data"]

    def until_ended(self):
        """Waits until nothing is held any more."""
        return self.until_held(0)

    def until_held(self, held):
        self.until(lambda: self.balance()["inUsing"] == held, "some transfers don't end")
        return self.balance()

    @staticmethod
    def until(check, what):
        for _ in range(1000):
            if check():
                return
            threading.Event().wait(0.02)
        sys.exit(what)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait() != 0:
            sys.exit((self.folder / "log").read_text())

    def stop(self):
        self.end()
        # A reader that was open when payoutd ended leaves an empty log behind.
        with sqlite3.connect(self.store) as store:
            store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        store.close()
        return self.store

    def kill(self):
        self.process.kill()
        self.process.wait()


class Tap:
    """Counts and tells; end() ends the process."""

    def __init__(self):
        self.count = self.failed = 0

    def tell(self, name, good, text=""):
        self.count += 1
        self.failed += not good
        print("ok" if good else "not ok", self.count, "-", name, flush=True)
        for line in str(text).strip().splitlines()[:12] if not good else []:
            print("#", line, flush=True)

    def end(self):
        print(f"1..{self.count}", flush=True)
        sys.exit(self.failed != 0)
