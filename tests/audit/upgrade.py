#!/usr/bin/env python3
"""Puts what a payoutd has written into a store as an older one kept it, schema by schema, and demands that
today's payoutd brings it up to date: nothing is lost, and lots that waited are confirmed by one person.
TAP on standard output.
    upgrade.py BUILD"""
import re
import sqlite3
import tempfile
import urllib.error

from older import SCHEMAS, columns, downgrade
from running import Running, Tap, audit, phone

KEPT = ("merchant", "account", "contact", "lot", "transfer", "movement", "ledger_head")


def rows(path):
    """How many rows of what an older store has, too; and the sums of money."""
    store = sqlite3.connect(path)
    found = [store.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in KEPT]
    found += store.execute("SELECT group_concat(number || ' ' || balance_minor) FROM account").fetchone()
    store.close()
    return found


def refused(server, path, body):
    try:
        server.admin(path, body)
    except urllib.error.HTTPError as error:
        return error.code
    return 0


def make(folder):
    """People paid and rejected, and three lots that wait; the lots."""
    server = Running(folder)
    phones = [phone(number * 10000 + number, "9930" if number % 5 == 0 else None) for number in range(20)]
    server.know(phones)
    server.send("paid", phones)
    server.until_ended()
    server.admin(f"merchants/{server.merchant}", {"ip_list": ""})
    lots = [server.send(name, phones[1:4])[0]["lot"] for name in ("yes", "no", "later")]
    return server.stop(), lots


def check(tap, folder, store, lots, version):
    before = rows(store)
    downgrade(store, version)
    tap.tell(f"a_store_of_schema_{version}_has_all_that_it_can_hold", rows(store) == before)
    server = Running(folder)
    shown = server.admin(f"lots/{lots[0]}")
    tap.tell(f"a_lot_that_waited_in_schema_{version}_needs_one_person_and_has_no_hash",
             (shown["state"], shown["persons"], shown["hash"], shown["approvals"], shown["mails"], shown["sender"], shown["listed"]) ==
             ("WAITING", 1, None, [], [], "", False), shown)
    tap.tell(f"nobody_can_have_looked_at_its_hash_in_schema_{version}",
             refused(server, f"lots/{lots[0]}/confirm", {"person": "Awa", "hash": "ab" * 32}) == 409)
    said = [server.admin(f"lots/{lots[0]}/confirm", {"person": "Awa"})["state"],
            server.admin(f"lots/{lots[1]}/cancel", {"person": "Awa"})["state"]]
    held = server.admin(f"lots/{lots[2]}")["total"]["XOF"]
    server.until_held(held)
    tap.tell(f"it_is_decided_on_after_schema_{version}", said == ["CONFIRMED", "CANCELLED"], said)
    server.admin(f"merchants/{server.merchant}", {"approve_above": 1, "confirm_mail": "awa@shop.example"})
    fresh = server.send(f"new-{version}", [phone(10001)])[0]["lot"]
    shown = server.admin(f"lots/{fresh}")
    tap.tell(f"a_lot_sent_after_schema_{version}_needs_two_and_makes_its_mail",
             shown["persons"] == 2 and re.fullmatch("[0-9a-f]{64}", shown["hash"]) and len(shown["mails"]) == 1, shown)
    status, text = audit(server.stop())
    tap.tell(f"the_audit_finds_the_store_of_schema_{version}_right", status == 0 and "the ledger is right" in text, text)


def told(path):
    """Notifications, those that wait for another, tries to deliver."""
    store = sqlite3.connect(path)
    found = [store.execute(f"SELECT count(*) FROM {of}").fetchone()[0] for of in ("notification", "notification WHERE state = 1", "delivery")]
    store.close()
    return found


def check_told(tap, folder, store, version):
    """Nobody answers at these notify_urls: what was to be told waits, each behind the one before it."""
    before = told(store)
    downgrade(store, version)
    old = sqlite3.connect(store)
    new = "next_number" in columns(old, "notification")
    old.close()
    path = Running(folder).stop()
    after = told(path)
    tap.tell(f"what_was_to_be_told_in_schema_{version}_is_there", not new and before[1] > 0 and after[:2] == before[:2] and after[2] >= before[2], (before, after))
    store = sqlite3.connect(path)
    alone = store.execute("SELECT count(*) FROM notification AS n WHERE state = 1 AND NOT EXISTS (SELECT 1 FROM notification AS b"
                          " WHERE b.transfer = n.transfer AND b.endpoint = n.endpoint AND b.next_number = n.number AND b.state IN (1, 2))").fetchone()[0]
    queues = store.execute("SELECT count(*) FROM notification WHERE queue <> merchant OR endpoint <> 0").fetchone()[0]
    store.close()
    tap.tell(f"each_that_waits_in_schema_{version}_is_waited_for_by_one", (alone, queues) == (0, 0), (alone, queues))


def main():
    tap = Tap()
    before_endpoints = next(index for index, schema in enumerate(SCHEMAS) if "endpoint" in schema.name)
    with tempfile.TemporaryDirectory() as folder:
        store, _ = make(folder)
        check_told(tap, folder, store, before_endpoints)
    before_approvals = next(index for index, schema in enumerate(SCHEMAS) if "approval" in schema.name)
    for version in (6, before_approvals):
        with tempfile.TemporaryDirectory() as folder:
            store, lots = make(folder)
            check(tap, folder, store, lots, version)
    tap.end()


main()
