#!/usr/bin/env python3
"""A whole installation on one machine, to look at and to break: three PostgreSQL nodes under Patroni with etcd,
HAProxy in front of them, two payoutd that take requests and two that pay, and payout-operator-sim as the operators;
each in a network namespace of its own. Everything is in one folder; it ends with `down`, or when its first process is
killed, and leaves nothing behind. Needs the packages patroni, etcd-server, haproxy and postgresql-15, and no root.

  cluster.py up                        start it, and say how it is reached
  cluster.py status                    who runs, and who is the primary
  cluster.py kill-primary              the primary's machine loses its power
  cluster.py kill|start NODE           any machine loses it, and gets it back
  cluster.py crash NODE [PROGRAM]      kill -9 of its processes; they are started again
  cluster.py cut|heal NODE             its cable is pulled, and put back
  cluster.py pause|resume NODE [PROGRAM]   SIGSTOP and SIGCONT
  cluster.py enter [NODE] [COMMAND...] a shell there; without NODE on the bridge
  cluster.py down                      stop it; `up` goes on with what is in the folder"""
import argparse
import json
import os
import pathlib
import secrets
import socket
import string
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import machines
from machines import NETWORK, run, until

HERE = pathlib.Path(__file__).resolve().parent
POSTGRES_BIN = pathlib.Path("/usr/lib/postgresql/15/bin")
DATABASES = ("db1", "db2", "db3")
APIS = ("api1", "api2")
WORKERS = ("worker1", "worker2")
BALANCER = "balancer"
OPERATORS = "operators"
ADDRESSES = {name: f"10.77.0.{number}" for number, name in
             [(11, "db1"), (12, "db2"), (13, "db3"), (20, BALANCER), (31, "api1"), (32, "api2"),
              (41, "worker1"), (42, "worker2"), (50, OPERATORS)]}
ROLES = {**{name: "api" for name in APIS}, **{name: "worker" for name in WORKERS}}
# Channels to the simulated operators: connector, what it reaches, where, and settings of its own.
CHANNELS = {
    "wave-ci": {"connector": "wave", "number": 2, "operators": "WAVECI", "at": "wave"},
    "mtn-ci": {"connector": "mtn_momo", "number": 3, "operators": "MOMO", "at": "mtn", "environment": "mtnivorycoast"},
    "moov-ci": {"connector": "gsma", "number": 4, "operators": "FLOOZ", "at": "gsma", "environment": "/v1/oauth/accesstoken"},
}
START_S = 120
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(url, seconds=2, **more):
    """(status, text); None: nobody answers."""
    try:
        with OPENER.open(urllib.request.Request(url, **more), timeout=seconds) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return None


class Cluster:
    """Inside machines.within() only."""

    def __init__(self, folder, build, lease="60s", pace=100):
        self.folder, self.build = pathlib.Path(folder).resolve(), pathlib.Path(build).resolve()
        self.machines = machines.Machines(ADDRESSES, self.folder)
        self.simulator = self.build / "src/simulator/payout-operator-sim"
        self.payoutd = self.build / "src/daemon/payoutd"
        self.words = {"folder": self.folder, "network": NETWORK, "balancer": ADDRESSES[BALANCER], "operators": ADDRESSES[OPERATORS],
                      "postgres_bin": POSTGRES_BIN, "lease": lease, "pace": pace,
                      "etcd_hosts": ",".join(f"{ADDRESSES[name]}:2379" for name in DATABASES),
                      "databases": self.servers(DATABASES, 5432), "apis": self.servers(APIS, 8086)}

    @staticmethod
    def servers(names, port):
        return "\n".join(f"    server {name} {ADDRESSES[name]}:{port} check" for name in names)

    # --- What lies in the folder ---

    def write(self, path, text):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        return path

    def fill_in(self, name, **more):
        return string.Template((HERE / name).read_text()).substitute(self.words, **more)

    def certificates_make(self):
        """An authority, and one certificate of it for every machine."""
        tls = self.folder / "tls"
        if (tls / "both.pem").exists():
            return
        tls.mkdir(mode=0o700)
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "825")
        run("openssl", "req", "-x509", *key, "-subj", "/CN=payoutd cluster", "-keyout", tls / "ca.key", "-out", tls / "ca.pem")
        names = ",".join(f"IP:{address}" for address in ADDRESSES.values())
        run("openssl", "req", *key, "-subj", "/CN=payoutd cluster's machines", "-addext", f"subjectAltName={names}",
            "-keyout", tls / "server.key", "-out", tls / "server.csr")
        run("openssl", "x509", "-req", "-in", tls / "server.csr", "-CA", tls / "ca.pem", "-CAkey", tls / "ca.key", "-CAcreateserial",
            "-days", "825", "-copy_extensions", "copy", "-out", tls / "server.pem")
        self.write(tls / "both.pem", (tls / "server.pem").read_text() + (tls / "server.key").read_text())

    def passwords_make(self):
        path = self.folder / "keys/passwords"
        if not path.exists():
            self.write(path, json.dumps({f"password_{user}": secrets.token_urlsafe(24)
                                         for user in ("postgres", "replicator", "rewind", "payoutd")}))
        self.words |= json.loads(path.read_text())
        self.write(self.folder / "keys/pgpass", f"{self.words['balancer']}:5432:payoutd:payoutd:{self.words['password_payoutd']}\n")

    def channels_write(self):
        known = {line.split()[0]: line for line in run(self.simulator, "--credentials").splitlines()}
        columns = [known["operator"].index(word) for word in ("account", "secret", "second", "callback_secret")]
        for name, channel in CHANNELS.items():
            line = known[channel["at"]]
            account, secret, second = (line[start:end].strip() for start, end in zip(columns, columns[1:]))
            if channel["connector"] == "gsma":
                secret, account = f"{account}:{secret}", f"organisationid:{account}"
            lines = [f"{key} = {value}" for key, value in channel.items() if key != "at"]
            lines += [f"url = https://{ADDRESSES[BALANCER]}:8443/{channel['at']}", "timeout = 4s", "connect_timeout = 2s"]
            if account:
                lines.append(f"account = {account}")
            for setting, value in (("secret_file", secret), ("secret_second_file", second)):
                if value and (setting, channel["connector"]) != ("secret_second_file", "wave"):
                    lines.append(f"{setting} = {self.write(self.folder / f'keys/{name}.{setting}', value)}")
            self.write(self.folder / f"channels/{name}.conf", "[channel]\n" + "\n".join(lines) + "\n")

    # --- Start and stop ---

    def up(self):
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.certificates_make()
        self.passwords_make()
        self.channels_write()
        self.machines.make(self.folder / "tls/ca.pem")
        peers = ",".join(f"{name}=http://{ADDRESSES[name]}:2380" for name in DATABASES)
        for name in DATABASES:
            address = ADDRESSES[name]
            self.machines.serve(name, "etcd", "etcd", "--name", name, "--data-dir", self.folder / name / "etcd", "--logger", "zap",
                                "--log-level", "warn", "--enable-v2", "--listen-client-urls", f"http://{address}:2379",
                                "--advertise-client-urls", f"http://{address}:2379", "--listen-peer-urls", f"http://{address}:2380",
                                "--initial-advertise-peer-urls", f"http://{address}:2380", "--initial-cluster", peers,
                                "--heartbeat-interval", "200", "--election-timeout", "2000")
            file = self.write(self.folder / name / "patroni.yml", self.fill_in("patroni.yml", node=name, address=address))
            self.machines.serve(name, "patroni", "patroni", file)
        file = self.write(self.folder / BALANCER / "haproxy.cfg", self.fill_in("haproxy.cfg", address=ADDRESSES[BALANCER]))
        self.machines.serve(BALANCER, "haproxy", "haproxy", "-f", file)
        self.machines.serve(OPERATORS, "operators", self.simulator, "--address", ADDRESSES[OPERATORS], "--port", "8090")
        self.database_make(until(self.primary, "there is a primary", START_S))
        for name, role in ROLES.items():
            file = self.write(self.folder / name / "payoutd.conf", self.fill_in("payoutd.conf", role=role, address=ADDRESSES[name]))
            self.machines.serve(name, "payoutd", self.payoutd, "-c", file)
            if name == APIS[0]:  # The first one makes keys and tables; the others find them.
                self.until_ready(name)
        self.until_whole(START_S)

    def sql(self, node, statement, database="postgres"):
        """What the node's PostgreSQL says, as its superuser; rows of columns with | between them."""
        url = f"host={ADDRESSES[node]} dbname={database} user=postgres sslmode=verify-full sslrootcert={self.folder}/tls/ca.pem connect_timeout=5"
        return run(POSTGRES_BIN / "psql", url, "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement,
                   env={**os.environ, "PGPASSWORD": self.words["password_postgres"]})

    def database_make(self, primary):
        if self.sql(primary, "SELECT 1 FROM pg_roles WHERE rolname = 'payoutd'") == "":
            self.sql(primary, f"CREATE ROLE payoutd LOGIN PASSWORD '{self.words['password_payoutd']}'")
        if self.sql(primary, "SELECT 1 FROM pg_database WHERE datname = 'payoutd'") == "":
            self.sql(primary, "CREATE DATABASE payoutd OWNER payoutd ENCODING 'UTF8' TEMPLATE template0")

    def down(self):
        self.machines.stop("payoutd")
        self.machines.stop("operators", "haproxy")
        self.machines.stop("patroni", seconds=60)
        self.machines.stop("etcd")

    # --- What there is ---

    def members(self):
        """What Patroni knows of its nodes: name -> {role, state}, from whoever answers."""
        for name in DATABASES:
            reply = ask(f"http://{ADDRESSES[name]}:8008/cluster", 1)
            if reply is not None and reply[0] == 200:
                return {member["name"]: member for member in json.loads(reply[1])["members"]}
        return {}

    def primary(self):
        """The node that says that it is the primary; None: there is none."""
        for name in DATABASES:
            reply = ask(f"http://{ADDRESSES[name]}:8008/primary", 1)
            if reply is not None and reply[0] == 200:
                return name
        return None

    def ready(self, name):
        return (ask(f"http://{ADDRESSES[name]}:8086/readyz") or (0,))[0] == 200

    def until_ready(self, name, seconds=START_S):
        until(lambda: self.ready(name), f"{name} is ready", seconds)

    def role(self, name):
        """What a database node says that it is: "primary", "synchronous" or "replica"; None: none that works."""
        for role in ("primary", "synchronous", "replica"):
            reply = ask(f"http://{ADDRESSES[name]}:8008/{role}", 1)
            if reply is None:
                return None
            if reply[0] == 200:
                return role
        return None

    def whole(self):
        """Three nodes, one of them the primary and one its synchronous standby, and every payoutd is ready."""
        roles = sorted(str(self.role(name)) for name in DATABASES)
        timelines = {member.get("timeline") for member in self.members().values()}
        return roles == ["primary", "replica", "synchronous"] and len(timelines) == 1 and all(self.ready(name) for name in ROLES)

    def until_whole(self, seconds):
        try:
            until(self.whole, "the cluster is whole", seconds)
        except TimeoutError as error:
            raise TimeoutError(f"{error}: {json.dumps(self.status())}") from None

    def status(self):
        members = self.members()
        shown = {}
        for name, address in ADDRESSES.items():
            programs = sorted({(pathlib.Path("/proc") / str(pid) / "comm").read_text().strip() for pid in self.machines.processes(name)})
            shown[name] = {"address": address, "programs": programs}
            if name in members:
                shown[name] |= {key: members[name].get(key) for key in ("role", "state", "timeline", "lag")}
            if name in ROLES:
                shown[name] |= {"role": ROLES[name], "ready": self.ready(name)}
        return shown


# --- The command ---

def serve(cluster):
    """Does what the command line asks for, by a socket in the folder, until it asks for the end."""
    path = cluster.folder / "control"
    path.unlink(missing_ok=True)
    does = {name: getattr(cluster.machines, name) for name in ("crash", "pause", "resume", "kill", "start", "cut", "heal")}
    does |= {"status": cluster.status, "down": cluster.down, "kill-primary": lambda: cluster.machines.kill(cluster.primary())}
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        while True:
            with listener.accept()[0] as caller, caller.makefile("rw") as talk:
                verb, *words = json.loads(talk.readline())
                try:
                    answer = {"done": does[verb](*words)}
                except Exception as error:  # Whatever it is, the caller is told.
                    answer = {"error": f"{type(error).__name__}: {error}"}
                print(json.dumps(answer), file=talk, flush=True)
            if verb == "down":
                return


def tell(folder, *words):
    with socket.socket(socket.AF_UNIX) as caller:
        try:
            caller.connect(str(folder / "control"))
        except OSError:
            sys.exit(f"there is no cluster up in {folder}")
        with caller.makefile("rw") as talk:
            print(json.dumps(words), file=talk, flush=True)
            answer = json.loads(talk.readline() or '{"error": "it ended"}')
    if "error" in answer:
        sys.exit(answer["error"])
    return answer["done"]


def inner(folder):
    """The process that all namespaces can be entered by."""
    outer = int((folder / "pid").read_text())
    return pathlib.Path(f"/proc/{outer}/task/{outer}/children").read_text().split()[0]


def up(folder, build):
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "control").unlink(missing_ok=True)
    with open(folder / "log", "ab") as log:
        first = subprocess.Popen(machines.within([sys.executable, __file__, "--folder", folder, "--build", build, "supervise"]),
                                 stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    (folder / "pid").write_text(str(first.pid))
    while not (folder / "control").exists():
        if first.poll() is not None:
            sys.exit(f"it did not start:\n{(folder / 'log').read_text()[-3000:]}")
        time.sleep(0.1)
    api, admin = f"http://{ADDRESSES[BALANCER]}:8086", f"http://{ADDRESSES[APIS[0]]}:8086"
    print(f"up. `{sys.argv[0]} --folder {folder} enter` is a shell from where all of it is reached:\n"
          f"  the API            {api}\n  the admin API      {admin}, token in {folder}/keys/admin.token\n"
          f"  HAProxy's page     http://{ADDRESSES[BALANCER]}:8404/\n  the operators      http://{ADDRESSES[OPERATORS]}:8090/_sim/totals\n"
          f"  PostgreSQL         {ADDRESSES[BALANCER]}:5432, passwords in {folder}/keys/passwords")


def enter(folder, *words):
    """Becomes a command, or a shell, on the machine that the first word names, else on the bridge."""
    inside = ["nsenter", f"--net=/run/netns/{words[0]}"] if words and words[0] in ADDRESSES else []
    command = words[bool(inside):] or (os.environ.get("SHELL", "/bin/sh"),)
    whole = ["nsenter", "--target", inner(folder), "--user", "--preserve-credentials", "--mount", "--net", "--pid", "--", *inside, *command]
    os.execvp(whole[0], whole)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("payoutd-cluster"), help="holds all of it (./payoutd-cluster)")
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent.parent / "build", help="where payoutd was built")
    parser.add_argument("verb")
    parser.add_argument("words", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    folder = asked.folder.resolve()
    if asked.verb == "supervise":
        cluster = Cluster(folder, asked.build)
        cluster.up()
        serve(cluster)
    elif asked.verb == "up":
        up(folder, asked.build)
    elif asked.verb == "enter":
        enter(folder, *asked.words)
    else:
        print(json.dumps(tell(folder, asked.verb, *asked.words), indent=1))


if __name__ == "__main__":
    main()
