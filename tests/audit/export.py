#!/usr/bin/env python3
"""Exports a merchant's statement from a store in use and adds it up again. TAP on standard output.
    export.py BUILD"""
import csv
import io
import json
import shutil
import sqlite3
import subprocess
import tempfile
import threading

from running import PAYOUTD, Running, Tap, phone

tap = Tap()
COLUMNS = ("amount", "available_change", "held_change", "available", "held", "balance")
CURRENCIES = ("XOF", "XAF")


def export(server, *flags, store=None):
    """(status, standard output, standard error)"""
    done = subprocess.run([PAYOUTD, "export", f"--store-url=sqlite:{store or server.store}", *map(str, flags)], text=True,
                          capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr


def statement(server, *flags, store=None):
    """{currency: its rows}, from the opening to the closing, numbers read."""
    status, text, errors = export(server, "--merchant", server.merchant, *flags, store=store)
    assert status == 0, errors
    found = {}
    for row in csv.DictReader(io.StringIO(text)):
        found.setdefault(row["currency"], []).append(
            {**row, **{name: int(row[name]) for name in COLUMNS if row[name] != ""}})
    return found


def adds_up(rows):
    """Every balance is the one before and what the row says changed it."""
    for before, row in zip(rows, rows[1:-1]):
        if (row["available"] != before["available"] + row["available_change"] or row["held"] != before["held"] + row["held_change"]
                or max(abs(row["available_change"]), abs(row["held_change"])) != row["amount"]):
            return False
    return (all(row["balance"] == row["available"] + row["held"] for row in rows)
            and [rows[0]["kind"], rows[-1]["kind"]] == ["opening", "closing"]
            and all(rows[-1][name] == rows[-2][name] for name in ("available", "held")))


def shown(server):
    """check/balance by currency, in a statement's words."""
    return {each["currency"]: (each["available"], each["inUsing"], each["amount"]) for each in server.balance()["balances"]}


def last(rows):
    return rows[-1]["available"], rows[-1]["held"], rows[-1]["balance"]


def fill(server):
    """Money in two currencies, people paid and rejected, a lot cancelled, one that waits, money taken out."""
    phones = [phone(number * 10000 + number, "9930" if number % 4 == 0 else None) for number in range(40)]
    server.know(phones)
    fund = f"merchants/{server.merchant}"
    server.admin(f"{fund}/topup", {"amount": 70000, "currency": "XAF", "reference": 'bank, "4711"; virement'})
    server.admin(f"{fund}/topup", {"amount": 50000, "currency": "XOF", "reference": "bank-1"})
    server.admin(f"{fund}/topup", {"amount": 50000, "currency": "XOF", "reference": "bank-2"})
    server.send("first", phones)
    server.until_ended()
    server.admin(fund, {"fees": "*:0:25:0:0:0"})
    server.send("costs", phones[:5])
    server.until_ended()
    server.admin(fund, {"fees": "*:0:25:0:0:0:receiver"})
    server.send("less", phones[:5])
    server.until_ended()
    server.admin(fund, {"fees": ""})
    server.admin(f"{fund}/withdraw", {"amount": 12345, "currency": "XOF", "reference": "out-1"})
    server.admin(fund, {"ip_list": ""})
    server.send("cancelled", phones[:7])
    lot = server.admin("lots")["lots"][0]["lot"]
    server.admin(f"lots/{lot}/cancel", {"person": "Awa"})
    server.send("waits", phones[:5])
    return phones, lot


def whole(server, phones, cancelled):
    found = statement(server)
    tap.tell("every_balance_is_the_one_before_and_the_change", all(adds_up(rows) for rows in found.values()))
    tap.tell("it_ends_with_what_check_balance_says", {currency: last(rows) for currency, rows in found.items()} == shown(server),
             (found, shown(server)))
    xof, xaf = found["XOF"][1:-1], found["XAF"][1:-1]
    tap.tell("each_currency_is_by_itself", sorted(found) == sorted(CURRENCIES) and len(xaf) == 1 and xaf[0]["reference"] == 'bank, "4711"; virement', xaf)
    tap.tell("fundings_have_the_references_that_people_gave",
             [row["reference"] for row in xof if row["kind"] in ("top-up", "withdraw")] == ["sandbox", "bank-1", "bank-2", "out-1"], xof)
    tap.tell("holds_are_a_lot_s_and_the_rest_a_transfer_s",
             all(row["reference"].startswith("00" if row["kind"] == "hold" else "EA") for row in xof if row["kind"] in ("hold", "pay", "release")))
    paid = [row for row in xof if row["kind"] == "pay"]
    fees = [(row["reference"], row["amount"], row["held_change"], row["client_transaction_id"]) for row in xof if row["kind"] == "fee"]
    tap.tell("a_fee_is_told_with_its_transfer", fees == [(row["reference"], 25, -25, row["client_transaction_id"]) for row in paid
                                                         if row["client_transaction_id"].startswith(("costs", "less"))] and len(fees) == 6, fees)
    less = [(row["amount"], row["held_change"]) for row in paid if row["client_transaction_id"].startswith("less")]
    tap.tell("a_receiver_that_pays_the_fee_is_paid_so_much_less", less == [(500 + 5 * index - 25, 25 - 500 - 5 * index) for index in (1, 2, 3)], less)
    tap.tell("who_was_paid_is_told", len(paid) == 30 + len(fees) and {row["receiver"] for row in paid} ==
             {f"+225{each}" for each in phones if not each.endswith("9930")} and all(row["operator_reference"] for row in paid), paid)
    released = [row["client_transaction_id"] for row in xof if row["kind"] == "release"]
    tap.tell("what_came_back_is_told", sorted(released) ==
             sorted([f"first-{index}" for index in range(0, 40, 4)] + ["costs-0", "costs-4", "less-0", "less-4"] + [f"cancelled-{index}" for index in range(7)]), released)
    tap.tell("the_cancelled_lot_was_held_once", [row["reference"] for row in xof if row["kind"] == "hold"].count(cancelled) == 1)
    return found


def periods(server, found):
    """Cut at any movement, two periods are the whole."""
    rows = found["XOF"]
    entries, good = rows[1:-1], True
    for cut in range(0, len(entries), 9):
        at = entries[cut]["at"]
        before, after = statement(server, f"--to={at}")["XOF"], statement(server, f"--from={at}")["XOF"]
        good = good and adds_up(before) if len(before) > 2 else good
        good = good and before[1:-1] + after[1:-1] == entries and last(before)[:3] == (
            after[0]["available"], after[0]["held"], after[0]["balance"]) and last(after) == last(rows)
    tap.tell("a_period_begins_where_the_one_before_ended", good)
    early = statement(server, "--from=2001-01-01", "--to=2001-02-01")["XOF"]
    tap.tell("before_the_first_movement_there_is_nothing", [last(early), len(early)] == [(0, 0, 0), 2], early)
    later = statement(server, "--from=2099-01-01", "--to=2099-02-01")["XOF"]
    tap.tell("a_period_without_movements_has_one_balance", len(later) == 2 and last(later) == last(rows), later)


def as_json(server, found, length):
    status, text, errors = export(server, "--merchant", server.merchant, "--format=json")
    document = json.loads(text)["BkToCstmrStmt"]
    tap.tell(f"json_is_json_{length}", status == 0 and document["GrpHdr"]["MsgId"].startswith(str(server.merchant)), errors)
    good = {each["Acct"]["Ccy"] for each in document["Stmt"]} == set(CURRENCIES)
    for each in document["Stmt"]:
        rows = found[each["Acct"]["Ccy"]]
        sign = {"CRDT": 1, "DBIT": -1}
        balance = {each["Tp"]["CdOrPrtry"]["Cd"]: each["Amt"]["Amt"] * sign[each["CdtDbtInd"]] for each in each["Bal"]}
        booked = [entry["Amt"]["Amt"] * sign[entry["CdtDbtInd"]] for entry in each["Ntry"] if entry["Sts"]["Cd"] == "BOOK"]
        good = good and balance["CLBD"] == balance["OPBD"] + sum(booked) == rows[-1]["balance"]
        good = good and balance["CLAV"] == rows[-1]["available"] and each["TxsSummry"]["TtlNtries"]["NbOfNtries"] == len(rows) - 2
        good = good and [(entry["AcctSvcrRef"], entry["Balance"]["amount"], entry["Balance"]["inUsing"]) for entry in each["Ntry"]] == [
            (row["reference"], row["balance"], row["held"]) for row in rows[1:-1]]
    tap.tell(f"json_says_what_csv_says_{length}", good, text)
    return len(text)


def under_load(server, phones):
    over, sent = threading.Event(), []

    def send():
        while not over.is_set():
            sent.append(server.send(f"load-{len(sent)}", phones))

    server.admin(f"merchants/{server.merchant}", {"ip_list": "127.0.0.0/8"})
    for lot in range(20):
        server.send(f"many-{lot}", phones)
    thread = threading.Thread(target=send)
    thread.start()
    counts, good = [], True
    while len(counts) < 10:
        rows = statement(server)["XOF"]
        good = good and adds_up(rows)
        counts.append(len(rows))
    over.set()
    thread.join()
    tap.tell("a_statement_beside_a_running_payoutd_adds_up", good and counts == sorted(counts) and counts[0] < counts[-1], counts)


def refused(server, folder):
    for name, word, *flags in (
            ("no_merchant_named", "ten digits"), ("a_merchant_that_is_none", "ten digits", "--merchant=x1"),
            ("a_merchant_that_is_not_there", "no merchant 1999999999", "--merchant=1999999999"),
            ("a_day_that_no_month_has", "--from", "--merchant", server.merchant, "--from=2026-02-30"),
            ("an_end_before_the_beginning", "after --from", "--merchant", server.merchant, "--from=2026-02-02", "--to=2026-02-02"),
            ("a_format_that_is_none", "csv or json", "--merchant", server.merchant, "--format=xml")):
        status, text, errors = export(server, *flags)
        tap.tell(f"refused__{name}", status == (1 if "not_there" in name else 2) and word in errors and text == "", errors)
    server.stop()
    copy = folder / "copy.db"
    shutil.copy(server.store, copy)
    with sqlite3.connect(copy) as store:
        store.execute(f"UPDATE account SET balance_minor = balance_minor + 1 WHERE number >> 16 = {server.merchant}")
    store.close()
    status, text, errors = export(server, "--merchant", server.merchant, store=copy)
    tap.tell("a_balance_that_its_movements_do_not_make_is_told", status == 1 and "payoutd audit" in errors and text == "", errors)


def main():
    with tempfile.TemporaryDirectory() as name:
        server = Running(name, "--operator-sandbox-percent=1")
        phones, cancelled = fill(server)
        found = whole(server, phones, cancelled)
        periods(server, found)
        as_json(server, found, "short")
        under_load(server, phones)
        server.admin(f"merchants/{server.merchant}", {"ip_list": ""})
        server.until_held(held=sum(500 + 5 * index for index in range(5)))
        tap.tell("a_long_one_is_whole_too", as_json(server, statement(server), "long") > 600000)
        refused(server, server.folder)
    tap.end()


main()
