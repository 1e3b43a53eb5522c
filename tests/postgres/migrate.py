#!/usr/bin/env python3
"""Brings older stores of both kinds up to date by hand: dry, for good, with what must stop it. Runs under
server.py; TAP on standard output.
    server.py migrate.py BUILD"""
import pathlib
import re
import shutil
import sqlite3
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/audit"))
from older import SCHEMAS, downgrade  # noqa: E402
from place import Place  # noqa: E402
from running import PAYOUTD, Running, Tap, audit_of, phone, run  # noqa: E402

tap = Tap()


def steps(kind):
    """Number and file of each, in order."""
    return [(int(each.name[:4]), each) for each in sorted((ROOT / f"src/store/schema/{kind}").glob("*.sql"))]


def migrate(url, *flags):
    return run(PAYOUTD, "migrate", f"--store-url={url}", *flags)


def told(text, kind, after):
    """Whether each step after that number was told of, in order, with what it is for."""
    said = [(int(number), what) for number, what in re.findall(r"^ +(\d+)  (.+)$", text, re.M)]
    return [number for number, _ in said] == [number for number, _ in steps(kind) if number > after] and all(len(what) > 10 for _, what in said)


class File:
    """A store in SQLite, as text, to be compared."""
    kind = "sqlite"

    def __init__(self, folder, name):
        self.path = folder / name
        self.url = f"sqlite:{self.path}"

    def dump(self):
        with sqlite3.connect(self.path) as store:
            text = list(store.iterdump()) + store.execute("PRAGMA user_version").fetchall()
        store.close()
        return text

    def version(self):
        return self.dump()[-1][0]

    def run(self, sql):
        with sqlite3.connect(self.path) as store:
            store.executescript(sql)
        store.close()

    def older(self, version):
        """Becomes an empty store of that number."""
        for number, each in steps(self.kind):
            if number <= version:
                self.run(each.read_text())
        self.run(f"PRAGMA user_version = {version}")


class Schema(Place):
    """The same in PostgreSQL."""
    kind = "postgres"

    def dump(self):
        return sorted(self.run("SELECT table_name, column_name, data_type FROM information_schema.columns"
                               f" WHERE table_schema = '{self.name}'")) + self.run(
                                   f"SELECT replace(indexdef, '{self.name}.', '') FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1")

    def version(self):
        return int(self.one("SELECT max(version) FROM schema_version"))

    def older(self, version):
        self.run("CREATE TABLE schema_version (version bigint PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())")
        for number, each in steps(self.kind):
            if number <= version:
                self.run(f"BEGIN; {each.read_text()}; INSERT INTO schema_version (version) VALUES ({number}); COMMIT")




def older(store, fresh, version):
    """From an old schema to today's: dry it changes nothing, then it is what a new store is."""
    name = store.kind
    store.older(version)
    before = store.dump()
    status, text = migrate(store.url, "--dry-run")
    tap.tell(f"a_dry_run_says_all_and_changes_nothing_{name}",
             status == 0 and told(text, name, version) and "nothing was changed" in text and store.dump() == before, text)
    refused = run(PAYOUTD, f"--store-url={store.url}", "--store-migrate=no", "--http-listen=127.0.0.1:0", "--token-key-file=",
                  "--secrets-key-file=", "--admin-token-file=")
    tap.tell(f"payoutd_may_be_told_to_refuse_an_older_schema_{name}",
             refused[0] == 1 and "payoutd migrate" in refused[1] and store.dump() == before, refused[1])
    status, text = migrate(store.url)
    tap.tell(f"each_step_is_told_of_and_the_audit_has_the_last_word_{name}",
             status == 0 and told(text, name, version) and "before and after: 0 merchants" in text and "the ledger is right" in text, text)
    status, text = migrate(fresh.url)
    tap.tell(f"a_store_is_made_where_there_is_none_{name}", status == 0 and "there is no store yet" in text and told(text, name, 0), text)
    if name == "postgres":  # SQLite keeps the words of each statement: they differ.
        tap.tell("an_older_store_becomes_what_a_new_one_is", store.dump() == fresh.dump())
    status, text = migrate(store.url)
    tap.tell(f"today_s_schema_is_left_alone_{name}", status == 0 and "nothing to do" in text, text)


def newer(store):
    """One step more than this payoutd knows."""
    name, today = store.kind, steps(store.kind)[-1][0]
    more = f"PRAGMA user_version = {today + 1}" if name == "sqlite" else f"INSERT INTO schema_version (version) VALUES ({today + 1})"
    store.run(more)
    before = store.dump()
    status, text = migrate(store.url)
    tap.tell(f"a_newer_schema_is_refused_{name}", status == 1 and "newer" in text and store.dump() == before, text)


def broken(store, version, spoil):
    """A step that can't be done leaves all as it was, those before it too."""
    name = store.kind
    store.older(version)
    store.run(spoil)
    before = store.dump()
    status, text = migrate(store.url)
    tap.tell(f"a_step_that_fails_takes_back_those_before_it_{name}",
             status == 1 and "nothing was changed" in text and store.dump() == before and store.version() == version, text)


def with_rows(folder):
    """A store that people were paid from, put back to an older schema by hand."""
    server = Running(folder, "--operator-sandbox-percent=1")
    server.know([phone(1)])
    server.send("a", [phone(1)])
    server.until_ended()
    status, text = migrate(f"sqlite:{server.store}")
    tap.tell("a_store_in_use_is_left_alone", status == 1 and "in use by another payoutd" in text, text)
    store = File(folder, server.stop().relative_to(folder))
    version = len(SCHEMAS) - 2
    downgrade(store.path, version)
    status, text = migrate(store.url)
    tap.tell("what_was_there_is_counted_before_and_after",
             status == 0 and re.search(r"before and after: 1 merchants, 1 lots, 1 transfers, \d+ movements, \d+ on accounts", text) and audit_of(store.url)[0] == 0, text)
    damaged = File(folder, "damaged.db")
    shutil.copy(store.path, damaged.path)
    downgrade(damaged.path, version)
    size = damaged.path.stat().st_size
    with open(damaged.path, "r+b") as file:  # Whatever page that is: its header makes no sense.
        for page in range(2, size // 4096):
            file.seek(page * 4096)
            file.write(b"\xff" * 8)
    status, text = migrate(damaged.url)
    tap.tell("a_damaged_file_is_left_alone", status == 1 and "damaged" in text, text)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        old_file, old_schema = File(folder, "old.db"), Schema()
        older(old_file, File(folder, "fresh.db"), 3)
        older(old_schema, Schema(), 1)
        newer(old_file)
        newer(old_schema)
        broken(File(folder, "broken.db"), 15, "CREATE TABLE channel_account (x)")
        broken(Schema(), 1, "CREATE TABLE channel_account (x int)")
        with_rows(folder)
    tap.end()


main()
