"""A payoutd with a sandbox of its own, for the programs that measure it."""
import configparser
import json
import os
import signal
import subprocess
import time
import urllib.parse
import urllib.request


class Payoutd:
    """Runs in folder; flags are payoutd's. stop() ends it."""

    def __init__(self, build, folder, *flags):
        self.folder = folder
        self.log = open(f"{folder}/log", "wb")
        self.process = subprocess.Popen(
            [build / "src/daemon/payoutd", "--sandbox", "--http-listen=127.0.0.1:0", "--http-access-log=no", *flags],
            cwd=folder, stdout=open(f"{folder}/welcome", "wb"), stderr=self.log)
        while b"curl" not in open(f"{folder}/welcome", "rb").read():
            if self.process.poll() is not None:
                raise SystemExit(open(f"{folder}/log").read())
            time.sleep(0.05)
        parser = configparser.ConfigParser(comment_prefixes=(";",), interpolation=None)
        parser.read(f"{folder}/payoutd-sandbox/payout.conf")
        self.who = parser["default"]
        self.port = int(urllib.parse.urlparse(self.who["url"]).port)
        self.merchant = self.admin("merchants")["merchants"][0]["id"]
        self.admin(f"merchants/{self.merchant}/topup", amount=10**12, currency="XOF", reference="bench")

    def admin(self, path, **change):
        request = urllib.request.Request(f"{self.who['url']}/admin/v1/{path}",
                                         json.dumps(change).encode() if change else None,
                                         {"Authorization": "Bearer " + self.who["admin_token"],
                                          "Content-Type": "application/json"})
        return json.load(urllib.request.urlopen(request))

    def token(self):
        body = urllib.parse.urlencode({"apikey": self.who["apikey"], "password": self.who["password"]}).encode()
        return json.load(urllib.request.urlopen(f"{self.who['url']}/v1/auth/login", body))["data"]["token"]

    def metric(self, name):
        for line in urllib.request.urlopen(f"{self.who['url']}/metrics").read().decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        return 0.0

    def cpu(self):
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
