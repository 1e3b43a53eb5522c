#!/usr/bin/env python3
"""Takes installations from SQLite into PostgreSQL and back while they have work to do, kills copies, damages
what they copy, and pays on from the copy. Runs under server.py; TAP on standard output.
    server.py copy.py BUILD"""
import json
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import urllib.error

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "audit"))
from place import Place  # noqa: E402
from running import PAYOUTD, Running, Tap, audit, audit_of, phone, run  # noqa: E402

PEOPLE, LOTS, LOT = 100, 2, 300
tap = Tap()


def copy(source, destination, *flags):
    return run(PAYOUTD, "copy", source, destination, *flags)


def head_lines(text):
    """What an audit said of how much there is, and of the heads of both chains."""
    return [line for line in text.splitlines() if "head" in line or "links" in line]


def make(folder):
    """An installation with people paid, rejected and waiting, endpoints, users, and money added."""
    server = Running(folder, "--operator-sandbox-percent=1", "--operator-lease=5s")
    phones = [phone(number * 10000 + number, "9930" if number % 5 == 0 else None) for number in range(PEOPLE)]
    server.know(phones)
    for lot in range(LOTS):
        server.send(f"lot-{lot}", [phones[index % PEOPLE] for index in range(LOT)], 200)
    server.admin(f"merchants/{server.merchant}/endpoints", {"url": "http://127.0.0.1:9/e"})
    server.admin(f"merchants/{server.merchant}/topup", {"amount": 5000, "currency": "XOF", "reference": "é’№1"})
    server.until_ended()
    server.admin(f"merchants/{server.merchant}", {"ip_list": ""})
    waiting = server.send("waits", phones[1:4])[0]["lot"]
    status, text = copy(f"sqlite:{server.store}", f"sqlite:{folder}/in-use.db")
    tap.tell("a_store_that_a_payoutd_writes_to_is_not_copied", status == 1 and "in use by another payoutd" in text, text)
    return server.stop(), waiting, phones


def copied(store, place):
    before = audit(store)
    status, text = copy(f"sqlite:{store}", place.url)
    tap.tell("an_installation_is_copied", status == 0 and "the copy is whole" in text and "secrets" in text, text)
    after = audit_of(place.url)
    tap.tell("the_audit_says_the_same_of_both", after[0] == before[0] == 0 and head_lines(after[1]) == head_lines(before[1]) != [],
             before[1] + after[1])
    with sqlite3.connect(store) as from_store:
        counts = {name: from_store.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
                  for (name,) in from_store.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'lane'"
                                                    " AND name NOT LIKE 'sqlite_%'")}
    from_store.close()
    there = {name: int(count) for name, count in place.run(" UNION ALL ".join(
        f"""SELECT '{name}', count(*) FROM "{'person' if name == 'user' else name}" """ for name in counts))}
    tap.tell("each_table_has_its_rows", there == counts and counts["delivery"] > 0 and counts["endpoint"] == 1, (there, counts))
    homeless = place.one("SELECT (SELECT count(*) FROM movement_else) + (SELECT count(*) FROM delivery_else)")
    tap.tell("rows_are_in_their_months_tables", homeless == "0" and len([name for name in place.tables() if name.startswith("movement_2")]) >= 3, homeless)
    for flags in ([], ["--again"]):
        status, text = copy(f"sqlite:{store}", place.url, *flags)
        tap.tell(f"what_is_a_store_already_is_left_alone{''.join(flags)}",
                 status == 1 and "something already" in text and audit_of(place.url) == after, text)


def pays_on(folder, place, waiting, phones):
    """payoutd on the copy: the same merchant, the same keys; what was sent is known, what waited is paid."""
    server = Running(folder, f"--store-url={place.url}", "--operator-sandbox-percent=1", "--operator-lease=5s")
    try:
        answer = server.send("lot-0", [phones[0]], 200)
    except urllib.error.HTTPError as error:
        answer = json.load(error)
    tap.tell("nobody_is_paid_twice_for_one_id", "805" in json.dumps(answer), answer)
    server.admin(f"lots/{waiting}/confirm", {"person": "Awa"})
    server.admin(f"merchants/{server.merchant}", {"ip_list": "127.0.0.0/8"})
    server.send("after", phones[1:11])
    balance = server.until_ended()
    status, text = copy(place.url, f"sqlite:{folder}/in-use.db")
    tap.tell("nor_is_a_store_in_postgresql_that_is_written_to", status == 1 and "another payoutd" in text, text)
    server.end()
    status, text = audit_of(place.url)
    tap.tell("payoutd_pays_on_from_the_copy", status == 0 and "the ledger is right" in text and balance["amount"] > 0, text)


def copied_back(folder, place):
    before = audit_of(place.url)
    path = folder / "payoutd-sandbox/back.db"
    status, text = copy(place.url, f"sqlite:{path}")
    after = audit(path)
    tap.tell("and_back_into_a_file", status == 0 and after[0] == 0 and head_lines(after[1]) == head_lines(before[1]) != [], text + after[1])
    server = Running(folder, f"--store-url=sqlite:{path}", "--operator-sandbox-percent=1", "--operator-lease=5s")
    server.send("back", [phone(10001)])
    server.until_ended()
    server.end()
    status, text = audit(path)
    tap.tell("it_pays_on_from_there", status == 0, text)
    status, text = copy(place.url, f"sqlite:{path}", "--again")
    tap.tell("a_file_that_is_a_store_is_left_alone", status == 1 and "something already" in text and audit(path)[0] == 0, text)


def refused(url):
    """Whether payoutd neither opens nor audits what is at url, and says how to begin anew."""
    status, text = audit_of(url)
    started = run(PAYOUTD, f"--store-url={url}", "--http-listen=127.0.0.1:0", "--token-key-file=", "--secrets-key-file=", "--admin-token-file=")
    return status == 1 and "--again" in text and started[0] != 0 and "--again" in started[1], text + started[1]


def interrupted(folder, store):
    """Killed while it copies and while it compares: what is left is no store; --again makes it whole."""
    for number, (kind, lines) in enumerate((kind, lines) for kind in ("postgresql", "sqlite") for lines in (2, 15, 40)):
        url = Place().url if kind == "postgresql" else f"sqlite:{folder}/cut-{number}.db"
        child = subprocess.Popen([PAYOUTD, "copy", f"sqlite:{store}", url], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for _ in range(lines):
            child.stdout.readline()
        child.kill()
        child.communicate()
        tap.tell(f"a_copy_into_{kind}_that_was_killed_after_{lines}_lines_is_no_store", *refused(url))
        status, text = copy(f"sqlite:{store}", url, "--again")
        tap.tell(f"it_may_be_begun_anew_{number}", status == 0 and audit_of(url)[0] == 0, text)


def damaged(folder, store):
    """What is wrong in the source is found, and what the server changes on its way."""
    broken, place = folder / "broken.db", Place()
    shutil.copy(store, broken)
    with sqlite3.connect(broken) as changed:
        changed.execute("UPDATE account SET balance_minor = balance_minor + 1 WHERE number = (SELECT max(number) FROM account)")
    changed.close()
    status, text = copy(f"sqlite:{broken}", place.url)
    tap.tell("a_source_whose_ledger_is_wrong_makes_no_store", status == 1 and "the audit finds" in text and "WRONG account" in text, text)
    tap.tell("and_stays_marked", *refused(place.url))
    status, text = copy(f"sqlite:{store}", place.url)
    tap.tell("a_marked_place_is_not_taken_for_empty", status == 1 and "--again" in text, text)
    status, text = copy(f"sqlite:{store}", place.url, "--again")
    tap.tell("but_may_be_begun_anew", status == 0, text)
    place = Place()
    place.run(f"CREATE FUNCTION public.dearer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.fee_minor := new.fee_minor + 1; RETURN new; END $$;"
              f" CREATE FUNCTION public.spoil() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN"
              f" IF to_regclass('{place.name}.transfer') IS NOT NULL AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'dearer') THEN"
              f" CREATE TRIGGER dearer BEFORE INSERT ON {place.name}.transfer FOR EACH ROW EXECUTE FUNCTION public.dearer(); END IF; END $$;"
              f" CREATE EVENT TRIGGER spoil ON ddl_command_end WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION public.spoil()")
    try:
        status, text = copy(f"sqlite:{store}", place.url)
    finally:
        place.run("DROP EVENT TRIGGER spoil; DROP FUNCTION public.spoil(); DROP FUNCTION public.dearer() CASCADE")
    tap.tell("rows_that_change_on_their_way_are_found", status == 1 and "transfer: its rows are not the same" in text, text)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder, place = pathlib.Path(name), Place()
        store, waiting, phones = make(folder)
        copied(store, place)
        pays_on(folder, place, waiting, phones)
        copied_back(folder, place)
        interrupted(folder, store)
        damaged(folder, store)
    tap.end()


main()
