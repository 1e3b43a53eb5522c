"""Machines that are network namespaces on one bridge: made, cut off, and their processes started, paused and
killed. Works in namespaces of its own only (within() makes them): whatever becomes of us, the kernel takes all of
it away, processes, interfaces and mounts. Needs no root, but a kernel where anybody may make user namespaces."""
import os
import pathlib
import pwd
import signal
import subprocess
import sys
import threading
import time

NETWORK = "10.77.0.0/24"
HUB = "10.77.0.1"  # The bridge's own address: who is not on a machine calls from here.
RESTART_S = 1
INSIDE = "PAYOUTD_CLUSTER_INSIDE"


def within(words):
    """The words that run words in namespaces of their own, as their root, which end with this process's child."""
    return ["unshare", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
            # A first process that takes in orphans; what it runs has to know who it is not.
            "sh", "-c", 'exec 3>&-; "$@"; exit $?', "sh", "env", f"{INSIDE}=yes", *[str(word) for word in words]]


def run(*words, **more):
    done = subprocess.run([str(word) for word in words], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **more)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(str(word) for word in words)}: {done.stdout.strip()}")
    return done.stdout


def until(check, what, seconds):
    """check()'s value, as soon as it is one."""
    end = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > end:
            raise TimeoutError(f"not in {seconds} s: {what}")
        time.sleep(0.1)


class Machines:
    """Threads: any, but make()."""

    def __init__(self, addresses, folder):
        self.addresses, self.folder = addresses, pathlib.Path(folder)
        self.services = []
        self.lock = threading.RLock()
        self.ending = threading.Event()

    # --- The network ---

    def make(self, authority):
        """Once, inside within(). authority: a certificate that all of the cluster believes."""
        if os.environ.get(INSIDE) != "yes":
            sys.exit("this may only run in namespaces of its own")
        run("mount", "-t", "tmpfs", "tmpfs", "/run")
        bundle = self.folder / "tls/bundle.pem"
        system = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
        bundle.write_text(authority.read_text() + system.read_text())
        run("mount", "--bind", bundle, system)
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "hub", "type", "bridge")
        run("ip", "address", "add", f"{HUB}/24", "dev", "hub")
        run("ip", "link", "set", "hub", "up")
        for name, address in self.addresses.items():
            run("ip", "netns", "add", name)
            run("ip", "link", "add", f"to-{name}", "type", "veth", "peer", "name", "eth0", "netns", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
            run("ip", "-n", name, "address", "add", f"{address}/24", "dev", "eth0")
            run("ip", "-n", name, "link", "set", "eth0", "up")
            run("ip", "link", "set", f"to-{name}", "master", "hub", "up")
        threading.Thread(target=self.watch, daemon=True).start()

    def cut(self, name):
        """Pulls its cable."""
        run("ip", "link", "set", f"to-{name}", "down")

    def heal(self, name):
        run("ip", "link", "set", f"to-{name}", "up")

    # --- Processes ---

    def serve(self, machine, name, *words):
        """Starts a service there, as a user who is nobody to the rest; it is started again when it ends."""
        user = pwd.getpwnam("postgres")  # PostgreSQL wants a user who has a name.
        service = {"machine": machine, "name": name, "process": None, "ended_at": 0.0, "wanted": True,
                   "words": ["nsenter", f"--net=/run/netns/{machine}", "unshare", "--user", f"--map-user={user.pw_uid}",
                             f"--map-group={user.pw_gid}", "--", *[str(word) for word in words]]}
        with self.lock:
            self.services.append(service)
            self.begin(service)

    def begin(self, service):
        place = self.folder / service["machine"]
        place.mkdir(mode=0o700, exist_ok=True)
        with open(place / f"{service['name']}.log", "ab") as log:
            service["process"] = subprocess.Popen(service["words"], cwd=place, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                  start_new_session=True)

    def watch(self):
        """As a service manager: what has ended is started again a second later."""
        while not self.ending.wait(0.1):
            with self.lock:
                for service in self.services:
                    if service["process"] is not None and service["process"].poll() is not None:
                        service["process"], service["ended_at"] = None, time.monotonic()
                    elif service["process"] is None and service["wanted"] and time.monotonic() > service["ended_at"] + RESTART_S:
                        self.begin(service)

    def processes(self, machine, program=None):
        """The ids of those that run there; of one program only."""
        place, found = os.stat(f"/run/netns/{machine}").st_ino, []
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and os.stat(entry / "ns/net").st_ino == place \
                        and program in (None, (entry / "comm").read_text().strip()):
                    found.append(int(entry.name))
            except OSError:
                continue  # It has ended.
        return found

    def signal(self, machine, number, program=None):
        """To all at once, as far as that can be: again until there is nobody new."""
        reached = set()
        while True:
            new = set(self.processes(machine, program)) - reached
            if not new:
                return len(reached)
            for process in new:
                try:
                    os.kill(process, number)
                except ProcessLookupError:
                    pass
            reached |= new

    def crash(self, machine, program=None):
        """kill -9; whoever manages it starts it again."""
        return self.signal(machine, signal.SIGKILL, program)

    def pause(self, machine, program=None):
        return self.signal(machine, signal.SIGSTOP, program)

    def resume(self, machine, program=None):
        return self.signal(machine, signal.SIGCONT, program)

    def kill(self, machine):
        """The power of that machine goes, until start()."""
        with self.lock:
            for service in self.services:
                if service["machine"] == machine:
                    service["wanted"] = False
        return self.signal(machine, signal.SIGKILL)

    def start(self, machine):
        with self.lock:
            for service in self.services:
                if service["machine"] == machine:
                    service["wanted"] = True

    def stop(self, *names, seconds=30):
        """Ends services of these names in good order; what does not end is killed."""
        with self.lock:
            going = [service for service in self.services if service["name"] in names]
            for service in going:
                service["wanted"] = False
                if service["process"] is not None:
                    service["process"].terminate()
        end = time.monotonic() + seconds
        while any(service["process"] is not None for service in going) and time.monotonic() < end:
            time.sleep(0.1)
        for service in going:
            if service["process"] is not None:
                service["process"].kill()
