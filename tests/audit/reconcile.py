#!/usr/bin/env python3
"""Holds an operator's file, with every mistake planted in it, against what payoutd did, and runs the
commands that it proposes. TAP on standard output.
    reconcile.py BUILD"""
import csv
import datetime
import json
import os
import pathlib
import sqlite3
import subprocess
import tempfile
import time

from running import PAYOUT, Running, Tap, phone, run

tap = Tap()
MAPPING = """\
; Orange's monthly file
[file]
separator = semicolon
skip_lines = 2
[columns]
reference = référence partenaire
operator_reference = ID transaction
amount = Montant
status = Etat
date = Date
[status]
paid = Succès, Réussi
rejected = Echec
pending = En cours
ignored = Frais
[format]
decimal = comma
negative = yes
date = %d/%m/%Y %H:%M:%S
utc_offset = +00:00
[match]
operator = OM
"""
FEE_ON_TOP = 40
HEADER = ["Relevé marchand;;;;", "Compte 12345;;;;", "Date;Référence partenaire;ID transaction;Montant;Etat"]


def amount(number):
    return f"-{number:,}".replace(",", "\u00a0") + ",00 XOF"


class File:
    """An operator's file in the making."""

    def __init__(self):
        self.lines = list(HEADER)

    def row(self, transfer, state, *, reference=None, operator_reference=None, money=None):
        at = datetime.datetime.now(datetime.timezone.utc).strftime("%d/%m/%Y %H:%M:%S")
        text = f"Paiement {transfer['transaction_id']} Abidjan" if reference is None else reference
        own = transfer["operator_reference"] if operator_reference is None else operator_reference
        fields = [at, text, own, amount(transfer["delivered"] if money is None else money), state]
        self.lines.append(";".join(f'"{each}"' if '"' in each or ";" in each else each for each in fields))
        return len(self.lines)

    def write(self, path):
        path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(self.lines).encode() + b"\r\n")


def transfers_of(server, name, phones):
    """Sends, waits until nothing moves, and shows what became of them."""
    sent = server.send(name, phones, 1500)
    assert all(item["code"] == 0 for item in sent), sent
    return [item["transaction_id"] for item in sent]


def until_settled(server, ids, states):
    for _ in range(500):
        shown = [server.admin(f"transfers/{each}") for each in ids]
        if all(each["state"] in states for each in shown):
            return shown
        time.sleep(0.02)
    raise SystemExit(f"not {states}: {shown}")


class Command:
    def __init__(self, server, folder):
        self.folder = folder
        self.env = {"PATH": f"{PAYOUT.parent}:{os.environ['PATH']}", "HOME": str(folder), "PAYOUT_URL": server.url,
                    "PAYOUT_ADMIN_TOKEN": server.who["admin_token"], "USER": "awa"}

    def reconcile(self, *words):
        return run(PAYOUT, "reconcile", *words, env=self.env, cwd=self.folder)

    def json(self, *words):
        status, text = self.reconcile(*words, "--json")
        assert text.startswith("{"), text
        return status, json.loads(text)

    def shell(self, line):
        return subprocess.run(["sh", "-c", line], env=self.env, cwd=self.folder, text=True, capture_output=True, check=False)


def fill(server):
    """(paid, rejected, unknown, under way, another operator's)"""
    endings = [(10, None), (4, "9930"), (4, "9975"), (1, "9920")]
    groups, number = [], 1
    for count, ending in endings:
        groups.append([phone((number + index) * 10000 + number + index, ending) for index in range(count)])
        number += count
    groups.append(["0100000001"])
    server.know([each for group in groups for each in group])
    ids = []
    for index, group in enumerate(groups):
        # The operator's books know what it was told to pay: less than was sent where the receiver pays the fee.
        server.admin(f"merchants/{server.merchant}", {"fees": f"*:0:{FEE_ON_TOP}:0:0:0" if index == 1 else "*:0:25:0:0:0:receiver"})
        ids.append(transfers_of(server, f"group-{index}", group))
    return [until_settled(server, each, states)
            for each, states in zip(ids, (("VAL",), ("REJ",), ("NOS",), ("REC",), ("VAL",)))]


def plant(path, paid, rejected, unknown, under_way, other):
    """Writes the file; what must be found: {(finding, transaction_id or line): part of the command}."""
    file, wanted = File(), {}
    for each in paid[:4]:
        file.row(each, "Succès")
    file.row(paid[4], "Succès", money=paid[4]["delivered"] + 5)
    wanted["amount differs", paid[4]["transaction_id"]] = ""
    file.row(paid[5], "Echec")
    wanted["status differs", paid[5]["transaction_id"]] = \
        f"merchant topup {paid[5]['merchant']} --amount {paid[5]['amount']} --currency XOF --reference never-paid-{paid[5]['transaction_id']}"
    file.row(paid[6], "Réussi")
    file.row(paid[6], "Succès", operator_reference="second")
    wanted["twice there", paid[6]["transaction_id"]] = ""
    wanted["missing there", paid[7]["transaction_id"]] = ""
    file.row(paid[8], "Succès", reference="Paiement sans référence")
    file.row(paid[9], "Echec")
    file.row(paid[9], "succès ")
    file.row(rejected[1], "Echec", operator_reference="")
    file.row(rejected[2], "Succès", operator_reference="paid-after-all")
    wanted["status differs", rejected[2]["transaction_id"]] = \
        f"merchant withdraw {rejected[2]['merchant']} --amount {rejected[2]['amount'] + FEE_ON_TOP} --currency XOF --reference paid-after-all-{rejected[2]['transaction_id']}"
    file.row(unknown[0], "Succès", operator_reference="x'; touch PWNED; $(touch PWNED) `touch PWNED` '")
    wanted["status differs", unknown[0]["transaction_id"]] = f"transfer settle {unknown[0]['transaction_id']} --paid --evidence '"
    file.row(unknown[1], "Echec", operator_reference="")
    wanted["status differs", unknown[1]["transaction_id"]] = f"transfer settle {unknown[1]['transaction_id']} --rejected --evidence '"
    wanted["missing there", unknown[2]["transaction_id"]] = f"transfer settle {unknown[2]['transaction_id']} --rejected --evidence '"
    file.row(unknown[3], "En cours", operator_reference="")
    file.row(under_way[0], "En cours", operator_reference="")
    file.row(other[0], "Succès")
    wanted["other operator", other[0]["transaction_id"]] = ""
    file.row({"transaction_id": "EA260101.000000.A000001", "delivered": 500}, "Succès", operator_reference="u1")
    wanted["missing here", "EA260101.000000.A000001"] = ""
    wanted["missing here", file.row({"transaction_id": "", "delivered": 500}, "Succès", operator_reference="u2")] = ""
    wanted["unreadable", file.row(paid[0], "Bizarre")] = ""
    file.lines.append(f"01/01/2026 00:00:00;{paid[0]['transaction_id']};u3;12,50;Succès")
    wanted["unreadable", len(file.lines)] = ""
    file.lines.append(f"01/01/2026 00:00:00;{paid[0]['transaction_id']};u3\"x;12,00;Succès")
    wanted["unreadable", len(file.lines)] = ""
    file.lines.append("01/01/2026 00:00:00;;u4;1,00;Frais")
    file.write(path)
    return wanted


def found_of(differences):
    return {(each["finding"], each.get("transaction_id", each.get("line"))): each.get("command", "") for each in differences}


def compare(command, file, wanted):
    status, report = command.json(file.name, "--mapping", "orange.ini", "--csv", "differences.csv")
    found = found_of(report["differences"])
    tap.tell("every_planted_difference_is_found", set(found) == set(wanted),
             f"missing: {set(wanted) - set(found)}\ntoo many: {set(found) - set(wanted)}")
    for key in sorted(wanted, key=str):
        good = key in found and wanted[key] in found[key] and (wanted[key] == "") == (found[key] == "")
        tap.tell(f"{key[0]} of {key[1]}".replace(" ", "_"), good, found.get(key))
    # 4 plain, by the operator's reference, rejected then paid, the first of two, rejected, two pending
    tap.tell("what_agrees_is_counted", report["summary"]["matched"]["transfers"] == 10 and report["ignored"] == 1, report["summary"])
    tap.tell("differences_end_with_status_1", status == 1)
    rows = list(csv.DictReader(open(command.folder / "differences.csv", encoding="utf-8")))
    tap.tell("the_csv_has_every_difference", [(row["finding"], row["command"]) for row in rows] ==
             [(each["finding"], each.get("command", "")) for each in report["differences"]], rows)
    status, text = command.reconcile(file.name, "--mapping", "orange.ini")
    tap.tell("a_person_is_shown_the_same", status == 1 and all(word in text for word in
             ("Nothing was changed", "missing there", "amount differs", *(each for each in found.values() if each))), text)
    return report


def apply(command, server, report, unknown, file):
    """A person runs what is proposed; what they did is gone from the next report."""
    balance = server.balance()["amount"]
    changed = 0
    for each in report["differences"]:
        line = each.get("command")
        if line is None:
            continue
        done = command.shell(line)
        again = command.shell(line)
        tap.tell("_".join(["runs", *line.split()[1:3], each["finding"].replace(" ", "_")]), done.returncode == 0 and again.returncode == 0,
                 f"{line}\n{done.stdout}{done.stderr}{again.stdout}{again.stderr}")
        words = line.split()
        if words[2] in ("topup", "withdraw"):
            shown = server.admin(f"transfers/{each['transaction_id']}")
            changed += {"topup": 1, "withdraw": -1}[words[2]] * (shown["delivered"] + shown["fee"])
    tap.tell("no_command_is_read_otherwise_by_a_shell", not list(command.folder.glob("PWNED*")))
    paid = server.admin(f"transfers/{unknown[0]['transaction_id']}")
    tap.tell("the_settled_are_settled", [server.admin(f"transfers/{each['transaction_id']}")["state"] for each in unknown[:3]] ==
             ["VAL", "REJ", "REJ"] and paid["state"] == "VAL")
    tap.tell("money_moved_as_said", server.balance()["amount"] == balance + changed - unknown[0]["amount"])
    _, after = command.json(file.name, "--mapping", "orange.ini")
    gone = set(found_of(report["differences"])) - set(found_of(after["differences"]))
    tap.tell("what_was_settled_agrees_now", gone == {("status differs", unknown[0]["transaction_id"]), ("status differs", unknown[1]["transaction_id"]),
                                                     ("missing there", unknown[2]["transaction_id"])}, gone)


def clean(command, server, folder):
    """A file that says what we say, half of it by the operator's own references."""
    file, said = File(), {2: "En cours", 3: "En cours", 4: "Succès", 5: "Echec"}
    with sqlite3.connect(f"file:{server.store}?mode=ro", uri=True) as store:
        ours = store.execute("SELECT operator_reference, amount_minor - fee_minor * fee_payer, state FROM transfer WHERE operator_number = 1 ORDER BY id").fetchall()
    store.close()
    shown = server.admin("transfers?operator=OM")["transfers"]
    for index, ((reference, money, state), transfer) in enumerate(zip(ours, shown)):
        by_reference = reference != "" and index % 2 == 0
        file.row({**transfer, "delivered": money}, said[state], reference="sans" if by_reference else None, operator_reference=reference)
    file.write(folder / "clean.csv")
    status, report = command.json("clean.csv", "--mapping", "orange.ini")
    tap.tell("a_file_that_says_the_same_ends_with_status_0",
             status == 0 and report["differences"] == [] and report["summary"]["matched"]["transfers"] == len(ours) > 15, report)
    status, text = command.reconcile("clean.csv", "--mapping", "orange.ini")
    tap.tell("and_a_person_is_shown_that_it_matches", status == 0 and "matched" in text and "Nothing was changed" not in text, text)
    # What is named by its id is known from any period; what is not is of this one or none.
    for name, wanted in (("by_id", "matched"), ("by_reference", "missing here")):
        file = File()
        for (reference, money, state), transfer in zip(ours, shown):
            if reference != "":
                file.row({**transfer, "delivered": money}, said[state], reference="sans" if name == "by_reference" else None,
                         operator_reference=reference if name == "by_reference" else "")
        file.write(folder / "other.csv")
        _, report = command.json("other.csv", "--mapping", "orange.ini", "--from", "2001-01-01", "--to", "2001-01-02", "--reach=0")
        counts = {each: of["transfers"] for each, of in report["summary"].items() if of["transfers"] > 0}
        tap.tell(f"in_another_period_what_is_named_{name}_is_{wanted.replace(' ', '_')}",
                 counts == {wanted: len(file.lines) - len(HEADER)}, report["summary"])


def refused(command, folder):
    (folder / "plain.csv").write_text("ref,amount\nEA261101.000000.A000000,500\n")
    for name, word, mapping, *more in (
            ("a_mapping_without_an_amount", "amount: it is missing", "[columns]\nreference = ref\n"),
            ("a_mapping_without_a_reference", "needs reference", "[columns]\namount = amount\n"),
            ("a_column_that_is_not_there", 'no column "montant"', "[columns]\nreference = ref\namount = montant\n[match]\noperator = OM\n"),
            ("a_setting_that_is_none", "no such setting", "[columns]\nreference = ref\namount = amount\n[file]\nfoo = 1\n"),
            ("words_without_a_column", "status: it is missing", "[columns]\nreference = ref\namount = amount\n[status]\npaid = ok\n"),
            ("nobody_s_file", "whose file", "[columns]\nreference = ref\namount = amount\n"),
            ("an_operator_that_is_none", "payment_method", "[columns]\nreference = ref\namount = amount\n[match]\noperator = NOBODY\n")):
        (folder / "bad.ini").write_text(mapping)
        status, text = command.reconcile("plain.csv", "--mapping", "bad.ini", *more)
        tap.tell(f"refused__{name}", status == (4 if name == "an_operator_that_is_none" else 2) and word in text, f"{status} {text}")
    status, text = command.reconcile("nowhere.csv", "--mapping", "orange.ini")
    tap.tell("refused__a_file_that_is_not_there", status == 2 and "nowhere.csv" in text, text)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        server = Running(folder)
        command = Command(server, folder)
        (folder / "orange.ini").write_text(MAPPING)
        paid, rejected, unknown, under_way, other = fill(server)
        wanted = plant(folder / "november.csv", paid, rejected, unknown, under_way, other)
        report = compare(command, folder / "november.csv", wanted)
        apply(command, server, report, unknown, folder / "november.csv")
        clean(command, server, folder)
        refused(command, folder)
        server.stop()
    tap.end()


main()
