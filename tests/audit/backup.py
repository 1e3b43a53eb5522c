#!/usr/bin/env python3
"""Copies a store while people are paid from it, holds each copy against the store that went on, and
restores it over every kind of place. TAP on standard output.
    backup.py BUILD"""
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import threading

from running import BUILD, PAYOUTD, Running, Tap, audit, phone, run

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEOPLE, BIG_LOT, SMALL_LOT, SENDERS = 400, 1500, 20, 2
tap = Tap()


def rows(path, sql):
    store = sqlite3.connect(path)
    try:
        return store.execute(sql).fetchall()
    finally:
        store.close()


class Load:
    """Senders that go on until they are told to end, and note what was answered when."""

    def __init__(self, server, phones):
        self.server, self.phones = server, phones
        self.sent, self.answered, self.over = [], [], threading.Event()
        self.threads = [threading.Thread(target=self.send, args=(index,)) for index in range(SENDERS)]
        for thread in self.threads:
            thread.start()

    def send(self, index):
        number = 0
        while not self.over.is_set():
            number += 1
            name = f"load-{index}-{number}"
            self.sent.append(name)
            items = self.server.send(name, self.phones[:SMALL_LOT])
            assert all(item["code"] == 0 for item in items)
            self.answered.append(name)

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join()


def backup(server, path):
    return run(PAYOUTD, "backup", path, f"--store-url=sqlite:{server.store}")


def lots_in(path):
    """name of the lot → how many of its transfers are there."""
    return dict(rows(path, "SELECT rtrim(rtrim(client_id, '0123456789'), '-'), count(*) FROM transfer GROUP BY 1"))


def copies_under_load(server, phones, folder):
    """Three copies, each beside running senders: (path, answered before it began, sent before it ended)."""
    for lot in range(5):
        server.send(f"big-{lot}", [phones[index % PEOPLE] for index in range(BIG_LOT)], 200)
    load, copies, during = Load(server, phones), [], 0
    for number in range(3):
        path = folder / f"copy-{number}.db"
        before = list(load.answered)
        status, text = backup(server, path)
        after = list(load.sent)
        during += len(after) - len(before)
        tap.tell(f"a_copy_is_made_while_people_are_paid_{number}", status == 0, text)
        copies.append((path, before, after))
    load.end()
    tap.tell("people_were_paid_while_it_was_copied", during > 3 * SENDERS, f"{during} lots")
    return copies


def copy_compare(original, path, before, after, number):
    status, text = audit(path)
    tap.tell(f"the_copy_is_right_{number}", status == 0 and "the ledger is right" in text, text)
    (last, head), = rows(path, "SELECT last_movement_id, hex(hash) FROM ledger_head ORDER BY 1 DESC LIMIT 1")
    tap.tell(f"its_chain_is_the_store_s_chain_of_one_moment_{number}",
             rows(original, f"SELECT hex(hash) FROM ledger_head WHERE last_movement_id = {last}") == [(head,)])
    tap.tell(f"its_movements_are_the_first_of_the_store_s_{number}",
             rows(path, "SELECT * FROM movement ORDER BY id") ==
             rows(original, f"SELECT * FROM movement WHERE id <= {last} ORDER BY id"))
    lots = lots_in(path)
    tap.tell(f"all_that_was_answered_before_is_in_it_{number}", all(lots.get(name) == SMALL_LOT for name in before),
             [name for name in before if lots.get(name) != SMALL_LOT])
    load = {name: count for name, count in lots.items() if name.startswith("load")}
    tap.tell(f"nothing_is_half_in_it_nor_from_later_{number}",
             set(load.values()) <= {SMALL_LOT} and set(load) <= set(after), load)


def place_of(path):
    """The names beside path that are the store's, with what is in them."""
    return {each.name: each.read_bytes() for each in sorted(path.parent.glob(path.name + "*"))
            if each.suffix != ".lock"}


def restore(path, source, *flags):
    return run(PAYOUTD, "restore", source, f"--store-url=sqlite:{path}", *flags)


def refuses(name, path, source, word, *flags):
    before = place_of(path)
    status, text = restore(path, source, *flags)
    tap.tell(name, status == 1 and word in text and place_of(path) == before, f"status {status}\n{text}")


def balances(path):
    return rows(path, "SELECT number, balance_minor FROM account ORDER BY number")


def restores_in_place(server, copy):
    """From a payoutd that was killed: what it committed last is in the log beside its database."""
    store = server.store
    status, text = restore(store, copy, "--force")
    tap.tell("a_store_that_a_payoutd_holds_is_left_alone",
             status == 1 and "in use by another payoutd" in text and server.balance()["amount"] > 0, text)
    server.kill()
    wal = pathlib.Path(f"{store}-wal")
    tap.tell("the_killed_store_has_a_log", wal.stat().st_size > 0)
    refuses("a_store_that_is_there_is_left_alone", store, copy, "--force keeps it")
    refuses("a_store_is_not_restored_from_itself", store, store, "the store itself", "--force")
    broken = copy.with_name("broken.db")
    shutil.copy(copy, broken)
    with sqlite3.connect(broken) as damaged:
        damaged.execute("UPDATE account SET balance_minor = balance_minor + 1 WHERE number = (SELECT max(number) FROM account)")
    damaged.close()
    refuses("a_copy_that_the_audit_finds_wrong_is_refused", store, broken, "nothing was changed", "--force")
    rubbish = copy.with_name("rubbish.db")
    rubbish.write_bytes(b"not a database" * 1000)
    refuses("a_file_that_is_no_database_is_refused", store, rubbish, "no SQLite database", "--force")
    other = copy.with_name("other.db")
    with sqlite3.connect(other) as foreign:
        foreign.execute("CREATE TABLE t (x)")
    foreign.close()
    refuses("another_program_s_database_is_refused", store, other, "not payoutd's", "--force")
    refuses("a_file_that_is_not_there_is_refused", store, copy.with_name("nowhere.db"), "nowhere.db", "--force")

    status, text = restore(store, copy, "--force")
    tap.tell("a_copy_is_put_in_place", status == 0 and "is restored" in text, text)
    tap.tell("no_log_stands_beside_it", not wal.exists() and not pathlib.Path(f"{store}.restore").exists())
    tap.tell("it_holds_the_copy_s_money", balances(store) == balances(copy))
    asides = [each for each in store.parent.glob(store.name + ".replaced-*Z")]
    tap.tell("the_old_store_has_a_dated_name", len(asides) == 1 and asides[0].name in text, asides)
    status, text = audit(asides[0])
    tap.tell("the_old_store_is_whole_with_its_log", status == 0, text)
    return asides[0]


def starts_from(server, folder, copy):
    """payoutd goes on where the copy stood."""
    again = Running(folder, "--operator-sandbox-percent=1", "--operator-lease=5s")
    balance = again.until_ended()
    available, held = (rows(copy, f"SELECT coalesce(sum(balance_minor), 0) FROM account WHERE number >> 16 = {server.merchant}"
                            f" AND (number >> 12 & 15) = {kind}")[0][0] for kind in (1, 2))
    paid = rows(again.store, "SELECT coalesce(sum(amount_minor), 0) FROM transfer WHERE state = 4")[0][0] - \
        rows(copy, "SELECT coalesce(sum(amount_minor), 0) FROM transfer WHERE state = 4")[0][0]
    tap.tell("payoutd_goes_on_from_the_copy", balance["amount"] == available + held - paid, balance)
    again.stop()
    status, text = audit(again.store)
    tap.tell("and_its_ledger_stays_right", status == 0, text)


def restores_elsewhere(folder, copy, old):
    fresh = folder / "fresh/payoutd.db"
    fresh.parent.mkdir()
    status, text = restore(fresh, copy)
    tap.tell("an_empty_place_is_filled", status == 0 and balances(fresh) == balances(copy) and "was there" not in text, text)
    # A restore that was killed left its copy, and the log of a database that is gone.
    torn = folder / "torn/payoutd.db"
    torn.parent.mkdir()
    pathlib.Path(f"{torn}.restore").write_bytes(b"half of a copy" * 10000)
    pathlib.Path(f"{torn}.restore-wal").write_bytes(b"and its log")
    shutil.copy(f"{old}-wal", f"{torn}-wal")
    refuses("a_log_alone_is_a_store_too", torn, copy, "--force keeps it")
    log = pathlib.Path(f"{old}-wal").read_bytes()
    status, text = restore(torn, copy, "--force")
    tap.tell("what_a_killed_restore_left_is_cleared_away",
             status == 0 and balances(torn) == balances(copy) and not pathlib.Path(f"{torn}.restore-wal").exists(), text)
    kept = list(torn.parent.glob("*.replaced-*Z-wal"))
    tap.tell("a_log_alone_is_kept", len(kept) == 1 and kept[0].read_bytes() == log, kept)
    # A store of the first schema, as an older payoutd left it.
    first = folder / "first.db"
    with sqlite3.connect(first) as store:
        store.executescript((ROOT / "src/store/schema/sqlite/0001_begin.sql").read_text())
        store.execute("PRAGMA user_version = 1")
    store.close()
    upgraded = folder / "upgraded/payoutd.db"
    upgraded.parent.mkdir()
    status, text = restore(upgraded, first)
    tap.tell("a_copy_of_an_older_payoutd_is_brought_up_to_date",
             status == 0 and rows(upgraded, "PRAGMA user_version") == rows(fresh, "PRAGMA user_version"), text)


def restores_killed(folder, copy):
    """Killed at any moment: the old store, or none and the old one under its dated name; then it works."""
    good = True
    for number in range(12):
        place = folder / f"killed-{number}/payoutd.db"
        place.parent.mkdir()
        shutil.copy(copy, place)
        child = subprocess.Popen([PAYOUTD, "restore", copy, f"--store-url=sqlite:{place}", "--force"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            child.wait(timeout=0.02 * number)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        whole = [each for each in place.parent.glob("payoutd.db*")
                 if each.name == "payoutd.db" or each.name.endswith("Z")]
        good = good and len(whole) > 0 and all(audit(each)[0] == 0 for each in whole)
        status, _ = restore(place, copy, "--force")
        good = good and status == 0 and balances(place) == balances(copy)
    tap.tell("a_restore_may_be_killed_at_any_moment", good)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        server = Running(folder, "--operator-sandbox-percent=1", "--operator-lease=5s")
        phones = [phone(number) for number in range(PEOPLE)]
        server.know(phones)
        copies = copies_under_load(server, phones, folder)
        live = folder / "live.db"
        status, text = backup(server, live)
        tap.tell("the_store_at_rest_is_copied_too", status == 0, text)
        status, text = backup(server, live)
        tap.tell("a_file_that_is_there_is_never_written_over", status == 1, text)
        for number, (path, before, after) in enumerate(copies):
            copy_compare(live, path, before, after, number)
        old = restores_in_place(server, copies[1][0])
        restores_elsewhere(folder, copies[1][0], old)
        starts_from(server, folder, copies[1][0])
        restores_killed(folder, copies[0][0])
    tap.end()


main()
