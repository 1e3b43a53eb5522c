#!/usr/bin/env python3
"""Makes a store by really paying people, then damages copies of it, one way each, and demands that
`payoutd audit` finds every one, says what it is, and ends with status 1. TAP on standard output.
    corrupt.py BUILD"""
import pathlib
import shutil
import sqlite3
import tempfile

from running import Operators, Running, Tap, audit, phone

PEOPLE = 60

# (name of the test, what is done to the copy, a word that the audit must say)
PAID = "(SELECT id FROM transfer WHERE state = 4 ORDER BY id LIMIT 1)"
LESS = "(SELECT id FROM transfer WHERE state = 4 AND fee_payer = 1 ORDER BY id LIMIT 1)"
REJECTED = "(SELECT id FROM transfer WHERE state = 5 AND confirmed = 1 ORDER BY id LIMIT 1)"
LIVE = "(SELECT id FROM transfer WHERE state = 1 ORDER BY id LIMIT 1)"
TWO = "code = (SELECT code FROM lot WHERE persons = 2 AND state = 2)"
ONE_OF_TWO = "code = (SELECT code FROM lot WHERE persons = 2 AND state = 1)"
TAKEN = "(SELECT transfer FROM reversal WHERE state = 5)"
A_PAY = "(SELECT id FROM movement WHERE kind = 2 ORDER BY id LIMIT 1)"
A_HOLD = "(SELECT id FROM movement WHERE kind = 1 ORDER BY id LIMIT 1)"
DAMAGE = [
    ("a_balance_that_grew", "UPDATE account SET balance_minor = balance_minor + 1 WHERE number = (SELECT to_account FROM movement WHERE kind = 4)", "its movements say"),
    ("money_moved_between_balances_without_a_movement",
     "UPDATE account SET balance_minor = balance_minor + 5 WHERE number = (SELECT from_account FROM movement WHERE kind = 1);"
     "UPDATE account SET balance_minor = balance_minor - 5 WHERE number = (SELECT to_account FROM movement WHERE kind = 1)", "its movements say"),
    ("an_account_that_is_gone", "DELETE FROM account WHERE number = (SELECT to_account FROM movement WHERE kind = 2)", "kept 0"),
    ("an_account_from_nowhere", "INSERT INTO account VALUES ((SELECT max(number) + 4096 * 64 * 16 FROM account), 7)", "sums to 7"),
    ("a_movement_missing_in_the_middle", f"DELETE FROM movement WHERE id = {A_PAY}", "missing"),
    ("the_last_movement_missing", "DELETE FROM movement WHERE id = (SELECT max(id) FROM movement)", "head"),
    ("a_movement_of_another_amount", f"UPDATE movement SET amount_minor = amount_minor + 5 WHERE id = {A_PAY}", "chain breaks"),
    ("a_movement_at_another_time", f"UPDATE movement SET at_ms = at_ms + 1 WHERE id = {A_PAY}", "chain breaks"),
    ("a_movement_for_another_transfer", f"UPDATE movement SET reference = {REJECTED} WHERE id = {A_PAY}", "did not move as its state says"),
    ("a_second_payment_with_its_balances_in_order",
     "INSERT INTO movement SELECT (SELECT max(id) + 1 FROM movement), kind, from_account, to_account, amount_minor, currency, merchant, reference, at_ms "
     f"FROM movement WHERE id = {A_PAY};"
     f"UPDATE account SET balance_minor = balance_minor - (SELECT amount_minor FROM movement WHERE id = {A_PAY}) WHERE number = (SELECT from_account FROM movement WHERE id = {A_PAY});"
     f"UPDATE account SET balance_minor = balance_minor + (SELECT amount_minor FROM movement WHERE id = {A_PAY}) WHERE number = (SELECT to_account FROM movement WHERE id = {A_PAY})",
     "outside the chain"),
    ("a_lot_held_twice",
     "INSERT INTO movement SELECT (SELECT max(id) + 1 FROM movement), kind, from_account, to_account, amount_minor, currency, merchant, reference, at_ms "
     f"FROM movement WHERE id = {A_HOLD}", "not held once"),
    ("a_payment_from_the_wrong_account", f"UPDATE movement SET from_account = to_account, to_account = from_account WHERE id = {A_PAY}", "no movement of its kind"),
    ("a_forged_head", "UPDATE ledger_head SET hash = zeroblob(32) WHERE last_movement_id = (SELECT max(last_movement_id) FROM ledger_head)", "chain breaks"),
    ("a_head_that_is_gone", "DELETE FROM ledger_head WHERE last_movement_id = (SELECT min(last_movement_id) FROM ledger_head)", "chain breaks"),
    ("a_paid_transfer_called_rejected", f"UPDATE transfer SET state = 5 WHERE id = {PAID}", "did not move as its state says"),
    ("a_rejected_transfer_called_paid", f"UPDATE transfer SET state = 4 WHERE id = {REJECTED}", "did not move as its state says"),
    ("a_paid_transfer_brought_back", f"UPDATE transfer SET state = 2 WHERE id = {PAID}", "live transfers need"),
    ("a_paid_transfer_that_would_be_paid_again", f"UPDATE transfer SET step = 1, due_at_ms = 1 WHERE id = {PAID}", "done next"),
    ("a_live_transfer_that_nobody_will_touch", f"UPDATE transfer SET step = 0, due_at_ms = 0, confirmed = 1 WHERE id = {LIVE}", "done next"),
    ("a_transfer_that_is_gone", f"DELETE FROM transfer WHERE id = {PAID}", "did not move as its state says"),
    ("a_transfer_of_another_amount", f"UPDATE transfer SET amount_minor = amount_minor + 5 WHERE id = {PAID}", "not what it says"),
    ("a_transfer_paid_by_another_operator", f"UPDATE transfer SET operator_number = operator_number + 1 WHERE id = {PAID}", "did not move as its state says"),
    ("a_transfer_in_another_lot", f"UPDATE transfer SET lot = lot + 1 WHERE id = {PAID}", "not what it says"),
    ("a_transfer_that_changed_hands", f"UPDATE transfer SET merchant = merchant + 1 WHERE id = {LIVE}", "live transfers need"),
    ("a_transfer_without_an_id", f"UPDATE transfer SET id = -7 WHERE id = {LIVE}", "this is no id"),
    ("a_transfer_of_nobody", f"UPDATE transfer SET merchant = -1 WHERE id = {LIVE}", "no merchant"),
    ("transfers_of_more_than_there_is", f"UPDATE transfer SET amount_minor = {2 ** 62} WHERE state = 1", "overflows"),
    ("balances_of_more_than_there_is", f"UPDATE account SET balance_minor = {2 ** 62}", "overflows"),
    ("a_lot_of_another_sum", "UPDATE lot SET total_xof_minor = total_xof_minor + 5 WHERE code = (SELECT min(code) FROM lot)", "not held once"),
    ("a_lot_of_another_count", "UPDATE lot SET count = count + 1 WHERE code = (SELECT min(code) FROM lot)", "not what it says"),
    ("a_lot_confirmed_by_nobody", "UPDATE lot SET state = 2 WHERE state = 1", "not what it says"),
    ("a_fee_that_was_not_booked", f"UPDATE transfer SET fee_minor = fee_minor + 5 WHERE id = {PAID}", "did not move as its state says"),
    ("a_fee_that_was_forgotten", f"UPDATE transfer SET fee_minor = 0 WHERE id = {PAID}", "did not move as its state says"),
    ("a_fee_kept_of_a_rejected_transfer", f"UPDATE transfer SET fee_minor = 0, amount_minor = amount_minor WHERE id = {REJECTED}", "did not move as its state says"),
    ("a_fee_of_a_live_transfer_that_is_not_held", f"UPDATE transfer SET fee_minor = fee_minor + 5 WHERE id = {LIVE}", "live transfers need"),
    ("an_amount_called_a_fee", f"UPDATE transfer SET fee_minor = fee_minor + 5, amount_minor = amount_minor - 5 WHERE id = {LIVE}", "not what it says"),
    ("a_fee_booked_to_another_transfer", f"UPDATE movement SET reference = {REJECTED} WHERE id = (SELECT min(id) FROM movement WHERE kind = 6)", "did not move as its state says"),
    ("a_lot_of_other_fees", "UPDATE lot SET fee_xof_minor = fee_xof_minor + 5 WHERE code = (SELECT min(code) FROM lot)", "not held once"),
    ("a_fee_that_the_receiver_paid_said_to_be_the_merchant_s", f"UPDATE transfer SET fee_payer = 0 WHERE id = {LESS}", "did not move as its state says"),
    ("a_fee_that_the_merchant_paid_said_to_be_the_receiver_s", f"UPDATE transfer SET fee_payer = 1 WHERE id = {PAID}", "did not move as its state says"),
    ("a_live_fee_said_to_be_the_receiver_s", f"UPDATE transfer SET fee_payer = 1 WHERE id = {LIVE}", "live transfers need"),
    ("a_receiver_who_pays_all_he_gets", f"UPDATE transfer SET fee_minor = amount_minor WHERE id = {LESS}", "its receiver pays"),
    ("a_receiver_who_pays_more_than_he_paid", f"UPDATE transfer SET fee_minor = fee_minor + 5 WHERE id = {LESS}", "did not move as its state says"),
    ("a_receiver_s_fee_that_was_forgotten", f"UPDATE transfer SET fee_minor = 0, fee_payer = 0 WHERE id = {LESS}", "did not move as its state says"),
    ("a_paid_transfer_said_to_wait_for_a_look_at_its_name", f"UPDATE transfer SET screening = 2, screenings = 1 WHERE id = {PAID}", "receiver's name"),
    ("a_screening_that_nobody_answered", f"UPDATE transfer SET screening = 1 WHERE id = {PAID}", "after 0 answers"),
    ("a_paid_transfer_said_to_wait_as_a_double", f"UPDATE transfer SET suspected = 1, twin_of = 7 WHERE id = {PAID}", "possible double"),
    ("a_paid_transfer_that_went_through_no_channel", f"UPDATE transfer SET channel = 0, channel_attempt = 0 WHERE id = {PAID}", "the channel that it goes through"),
    ("a_live_transfer_that_waits_through_a_channel", f"UPDATE transfer SET channel = 1, channel_attempt = 1 WHERE id = {LIVE}", "the channel that it goes through"),
    ("a_channel_chosen_for_an_attempt_that_was_not", f"UPDATE transfer SET channel_attempt = attempts + 1 WHERE id = {PAID}", "the channel that it goes through"),
    ("a_paid_transfer_that_a_worker_has_in_hand", f"UPDATE transfer SET in_hand = 1 WHERE id = {PAID}", "the channel that it goes through"),
    ("an_act_that_says_another_person", "UPDATE act SET person = 'nobody' WHERE id = 2", "not those that were written"),
    ("an_act_with_other_values", "UPDATE act SET after = '{}' WHERE id = (SELECT max(id) FROM act)", "not those that were written"),
    ("an_act_missing_in_the_middle", "DELETE FROM act WHERE id = 2", "acts 2 to 2 are missing"),
    ("the_last_act_missing", "DELETE FROM act WHERE id = (SELECT max(id) FROM act)", "the head of the acts"),
    ("an_act_that_came_later", "INSERT INTO act SELECT max(id) + 1, kind, merchant, person, source, request, subject, before, after, at_ms FROM act", "outside their chain"),
    ("a_receiver_of_a_confirmed_lot_that_is_another_one", f"UPDATE transfer SET msisdn = msisdn + 1 WHERE id = (SELECT first FROM lot WHERE {TWO})", "hash is not that of its transfers"),
    ("a_receiver_of_a_waiting_lot_that_is_another_one", f"UPDATE transfer SET msisdn = msisdn + 1 WHERE id = (SELECT first FROM lot WHERE {ONE_OF_TWO})", "hash is not that of its transfers"),
    ("a_lot_of_another_hash", f"UPDATE lot SET hash = randomblob(32) WHERE {TWO}", "hash is not that of its transfers"),
    ("a_lot_that_needs_fewer_persons", f"UPDATE lot SET persons = 1 WHERE {ONE_OF_TWO}", "hash is not that of its transfers"),
    ("a_lot_that_another_person_sent", f"UPDATE lot SET sender = 'Nobody' WHERE {TWO}", "hash is not that of its transfers"),
    ("a_lot_that_one_person_confirmed_twice", "UPDATE approval SET person = 'Awa'", "not decided on by those who had to"),
    ("a_second_word_that_is_gone", "DELETE FROM approval WHERE number = 2", "not decided on by those who had to"),
    ("all_words_about_a_confirmed_lot_gone", "DELETE FROM approval", "not decided on by those who had to"),
    ("a_first_word_that_was_the_last", "UPDATE approval SET act = 2", "not decided on by those who had to"),
    ("a_lot_without_a_hash_that_needs_two", f"UPDATE lot SET hash = zeroblob(32) WHERE {TWO}; DELETE FROM approval", "not decided on by those who had to"),
    ("a_lot_said_to_be_listed", f"UPDATE lot SET persons = 0, listed = 1 WHERE {TWO}", "nothing to decide"),
    ("a_word_about_no_lot", "INSERT INTO approval VALUES (1, 1, 1, 2, 'Awa', '', 1)", "nothing to decide"),
    ("a_transfer_taken_back_though_nobody_asked", "DELETE FROM reversal", "did not move as its state says"),
    ("a_transfer_taken_back_twice",
     "DROP INDEX reversal_one;"
     "INSERT INTO reversal SELECT transfer, number + 1, state, person, evidence, second, operator_reference, step, in_hand, due_at_ms, attempts, asked_at_ms, changed_at_ms, ended_at_ms FROM reversal;"
     f"UPDATE transfer SET reversals = 2 WHERE id = {TAKEN}", "did not move as its state says"),
    ("a_reversal_that_was_done_said_to_be_refused", "UPDATE reversal SET state = 6", "did not move as its state says"),
    ("a_reversal_of_another_transfer", f"UPDATE reversal SET transfer = {PAID}", "did not move as its state says"),
    ("a_transfer_that_was_taken_back_said_to_be_paid", f"UPDATE transfer SET reason = 0 WHERE id = {TAKEN}", "did not move as its state says"),
    ("a_paid_transfer_said_to_be_taken_back", f"UPDATE transfer SET reason = 19 WHERE id = {PAID}", "did not move as its state says"),
    ("money_taken_back_from_another_operator", f"UPDATE transfer SET operator_number = operator_number + 1 WHERE id = {TAKEN}", "did not move as its state says"),
    ("a_lot_that_is_gone", "DELETE FROM lot WHERE code = (SELECT min(code) FROM lot)", "not held once"),
]


def newest(server):
    return server.admin("lots")["lots"][0]["lot"]


def take_back(server):
    """One more is paid, by the simulated Wave, and taken back."""
    sent = server.send("back", [phone(10001)], payment_method="WAVECI")[0]["transaction_id"]
    server.until_ended()
    server.admin(f"transfers/{sent}/reverse", {"evidence": "the wrong number", "person": "Awa"})
    server.until(lambda: server.admin(f"transfers/{sent}")["reversals"][0]["state"] == "DONE", "nothing comes back")


def make_store(folder, operators):
    """Sixty people paid or rejected, one who was paid what was taken back, a lot that waits, one that two persons confirmed and one that waits for the second; then payoutd ends."""
    server = Running(folder, *operators.channels(folder))
    phones = [phone(number * 10000 + number, "9930" if number % 5 == 0 else None) for number in range(PEOPLE)]
    server.know(phones)
    server.admin(f"merchants/{server.merchant}", {"fees": "*:0:10:15:0:0"})
    server.send("first", phones)
    server.send("second", phones[:PEOPLE // 2])
    server.until_ended()
    take_back(server)
    server.admin(f"merchants/{server.merchant}", {"fees": "*:0:10:15:0:40:receiver"})
    server.send("less", phones[:PEOPLE // 3])
    server.until_ended()
    server.admin(f"merchants/{server.merchant}", {"fees": "*:0:10:15:0:0", "approve_above": 1})
    server.send("two", phones[:5])
    two = newest(server)
    for person in ("Awa", "Kofi"):
        server.admin(f"lots/{two}/confirm", {"person": person})
    server.until_ended()
    server.send("one-of-two", phones[:5])
    server.admin(f"lots/{newest(server)}/confirm", {"person": "Awa"})
    server.admin(f"merchants/{server.merchant}", {"ip_list": "", "approve_above": 0})
    server.send("waits", phones[:10])
    return server.stop()


def damaged(original, folder, sql):
    copy = pathlib.Path(folder) / "copy.db"
    for suffix in ("", "-wal", "-shm", ".lock"):
        pathlib.Path(str(copy) + suffix).unlink(missing_ok=True)
    shutil.copy(original, copy)
    store = sqlite3.connect(copy)
    store.execute("PRAGMA ignore_check_constraints = ON")
    # Who changes the past would begin with what forbids it.
    for (trigger,) in store.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        store.execute(f"DROP TRIGGER {trigger}")
    store.commit()
    before = store.total_changes
    store.executescript(sql)
    changed = store.total_changes - before
    store.commit()
    store.close()
    return copy, changed


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder, Operators() as operators:
        original = make_store(folder, operators)
        status, text = audit(original)
        tap.tell("a_store_that_nobody_touched_is_right", status == 0 and "the ledger is right" in text, text)
        for name, sql, word in DAMAGE:
            copy, changed = damaged(original, folder, sql)
            status, text = audit(copy)
            tap.tell(name, changed > 0 and status == 1 and word in text and "WRONG" in text,
                     f"{changed} rows changed, status {status}\n{text}")
        size = original.stat().st_size
        copy, _ = damaged(original, folder, "")
        with open(copy, "r+b") as file:
            file.truncate(size // 2)
        status, text = audit(copy)
        tap.tell("a_file_cut_in_half", status == 1 and "WRONG" in text, text)
        copy, _ = damaged(original, folder, "")
        with open(copy, "r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * (size - 4096))
        status, text = audit(copy)
        tap.tell("a_file_overwritten_with_rubbish", status == 1 and "WRONG" in text, text)
    tap.end()


main()
