/* rules: what command.c's table points at: for each kind of command, which rows it needs and what
 * it decides. The room's own; others call command_want and command_decide. */
#ifndef PAYOUT_MONEY_RULES_H
#define PAYOUT_MONEY_RULES_H
#include "money/command.h"

void merchant_create_want(const struct command *command, struct book *book);
void merchant_create_decide(struct command *command, struct book *book);
void merchant_change_want(const struct command *command, struct book *book);
void merchant_change_decide(struct command *command, struct book *book);
void fund_want(const struct command *command, struct book *book);
void fund_decide(struct command *command, struct book *book);
void contact_change_want(const struct command *command, struct book *book);
void contact_change_decide(struct command *command, struct book *book);
void contact_add_want(const struct command *command, struct book *book);
void contact_add_decide(struct command *command, struct book *book);
void lot_send_want(const struct command *command, struct book *book);
void lot_send_decide(struct command *command, struct book *book);
void lot_decide_want(const struct command *command, struct book *book);
void lot_decide_decide(struct command *command, struct book *book);
void transfer_claim_want(const struct command *command, struct book *book);
void transfer_claim_decide(struct command *command, struct book *book);
void transfer_outcome_want(const struct command *command, struct book *book);
void transfer_outcome_decide(struct command *command, struct book *book);
void reversal_ask_want(const struct command *command, struct book *book);
void reversal_ask_decide(struct command *command, struct book *book);
void reversal_claim_want(const struct command *command, struct book *book);
void reversal_claim_decide(struct command *command, struct book *book);
void reversal_outcome_want(const struct command *command, struct book *book);
void reversal_outcome_decide(struct command *command, struct book *book);
void callback_want(const struct command *command, struct book *book);
void callback_decide(struct command *command, struct book *book);
void delivery_want(const struct command *command, struct book *book);
void delivery_decide(struct command *command, struct book *book);
void transfer_settle_want(const struct command *command, struct book *book);
void transfer_settle_decide(struct command *command, struct book *book);
void contradiction_close_want(const struct command *command, struct book *book);
void contradiction_close_decide(struct command *command, struct book *book);
void twin_decide_want(const struct command *command, struct book *book);
void twin_decide_decide(struct command *command, struct book *book);
void transfer_screened_want(const struct command *command, struct book *book);
void transfer_screened_decide(struct command *command, struct book *book);
void screening_decide_want(const struct command *command, struct book *book);
void screening_decide_decide(struct command *command, struct book *book);
void mail_outcome_want(const struct command *command, struct book *book);
void mail_outcome_decide(struct command *command, struct book *book);
void user_create_want(const struct command *command, struct book *book);
void user_create_decide(struct command *command, struct book *book);
void user_change_want(const struct command *command, struct book *book);
void user_change_decide(struct command *command, struct book *book);
void user_login_want(const struct command *command, struct book *book);
void user_login_decide(struct command *command, struct book *book);
void channel_switch_want(const struct command *command, struct book *book);
void channel_switch_decide(struct command *command, struct book *book);
void channel_account_want(const struct command *command, struct book *book);
void channel_account_decide(struct command *command, struct book *book);
void endpoint_add_want(const struct command *command, struct book *book);
void endpoint_add_decide(struct command *command, struct book *book);
void endpoint_change_want(const struct command *command, struct book *book);
void endpoint_change_decide(struct command *command, struct book *book);
void endpoint_fail_want(const struct command *command, struct book *book);
void endpoint_fail_decide(struct command *command, struct book *book);
void redeliver_want(const struct command *command, struct book *book);
void redeliver_decide(struct command *command, struct book *book);
void session_mark_want(const struct command *command, struct book *book);
void session_mark_decide(struct command *command, struct book *book);

/* The accounts that a merchant's money in one currency stands on. */
struct account_key account_available(struct merchant_id merchant, enum currency currency);
struct account_key account_fees(const struct book *book, enum currency currency);
struct account_key account_float(const struct book *book, const struct transfer *transfer);
struct account_key account_held(struct merchant_id merchant, enum currency currency);

/* --- book_check.c --- */

/* Whose balance never goes below zero: what belongs to a merchant. */
bool book_account_has_floor(enum account_kind kind);

/* --- book_share.c --- */

/* Stops when a batch writes what is another lane's. */
void book_share_check(struct book *book);

/* --- transfer.c and outcome.c: the only functions that change a transfer --- */

/* Wants it and, when it is loaded, the rows that a move of it needs. */
void transfer_want(struct book *book, struct transfer_id id);
/* Wants the rows that a move of the transfer needs: call when it is loaded. */
void transfer_rows_want(struct book *book, const struct transfer *transfer);
/* Says what is to be done next with it, and when. */
void transfer_plan(struct transfer *transfer, enum transfer_step step, int64_t due_at_ms);
/* The one place where a transfer changes its state: held money moves when it ends, once, and the
 * merchant is told of every change. */
void transfer_move(struct book *book, struct transfer_row *row, enum transfer_state to,
                   enum transfer_reason reason, int64_t at_ms);
/* The transfer's lot was confirmed: its first step is due at at_ms. It must be waiting. */
void transfer_confirm(struct book *book, struct transfer_row *row, int64_t at_ms);
/* What is done first with one that waits for nothing any more: with screening on, and nothing known
 * of its receiver's name, that is found out. */
enum transfer_step transfer_first_step(const struct book *book, const struct transfer *transfer);
/* Plans that step, due at at_ms. It is NEW, and waits for nothing any more. */
void transfer_plan_first(const struct book *book, struct transfer *transfer, int64_t at_ms);
/* An answer about its name, CLEAR, MATCH or SKIPPED, which it must wait for. */
void transfer_screen(struct book *book, struct transfer_row *row, enum screening_state verdict,
                     int64_t at_ms);
/* There was no answer: the next try is due at next_at_ms. */
void transfer_screen_later(struct book *book, struct transfer_row *row, int64_t next_at_ms,
                           int64_t at_ms);
/* A person's word on a match, which it must wait for. */
void transfer_screen_decide(struct book *book, struct transfer_row *row, bool release,
                            int64_t at_ms);
/* It is no double: its first step is due at at_ms. It must wait for that word only. */
void transfer_release(struct book *book, struct transfer_row *row, int64_t at_ms);
/* The operator of its channel called about it, and may have more to say than it had when it was
 * asked: it is asked about at once; in hand, when that is over. What was to be submitted again is
 * asked about first. False: nothing is changed, it is final or the same was said before. */
bool transfer_called_back(struct book *book, struct transfer_row *row, int64_t at_ms);
/* Ends it, in VAL or REJ: its money moves. It must not be final, and be where that leads to. */
void transfer_end(struct book *book, struct transfer_row *row, enum transfer_state to,
                  enum transfer_reason reason, int64_t at_ms);
/* Rejects it for good: its money goes back. It must not be final. */
void transfer_reject(struct book *book, struct transfer_row *row, enum transfer_reason reason,
                     int64_t at_ms);

/* --- settlement.c --- */

/* Writes down one more act; its texts live as long as the book or longer. */
void settlement_add(struct book *book, struct settlement_row *row, enum settlement_act act,
                    enum transfer_state outcome, const char *person, const char *evidence,
                    int64_t at_ms);

/* Wants what an outcome of the transfer, as it was loaded, needs to know of persons' proposals. */
void settlement_outcome_want(struct book *book, const struct transfer *transfer, int64_t at_ms);
/* The operator has ended the transfer: an open proposal of it is written down as overtaken. */
void settlement_overtake(struct book *book, const struct transfer *transfer, int64_t at_ms);

/* --- usage.c --- */

/* Wants what was sent lately, where there are limits. */
void usage_want(const struct lot_send *send, const struct limits *limits, struct book *book);
/* Whether one more item keeps the limits of its receiver: OK, and it counts with the lot; or why
 * not. */
enum payout_code usage_item_check(struct book *book, const struct merchant *merchant,
                                  const struct send_item *item, int64_t at_ms);
/* Whether the lot keeps the merchant's own limits. */
MUST_USE bool usage_lot_check(struct book *book, const struct merchant *merchant,
                              const int64_t total_minor[CURRENCY_END], int64_t at_ms);
/* After the items were checked, always: the lot was accepted, and counts from now on, or not. */
void usage_lot_end(struct book *book, const struct lot_send *send, const struct merchant *merchant,
                   const int64_t total_minor[CURRENCY_END], bool accepted);

/* --- twin.c --- */

/* Wants what tells whether the lot's items were sent before; merchant is as it was loaded. */
void twin_want(const struct lot_send *send, const struct merchant *merchant, struct book *book,
               int64_t at_ms);
/* The transfer was just made: when it looks like an earlier one, it waits for a person. */
void twin_check(struct book *book, const struct merchant *merchant, struct transfer *transfer);

/* --- mail.c --- */

/* The lot was just made, and waits: one mail for each address of the list, which is valid. */
void mail_lot_waits(struct book *book, struct lot *lot, const char *list);
/* Wants a lot's mails. */
void mail_lot_want(struct book *book, const struct lot *lot);
/* The lot was decided: those that have not left need not. */
void mail_lot_overtake(struct book *book, const struct lot *lot, int64_t at_ms);
/* The endpoint was just switched off, since it failed: one mail for each address of the list, which
 * is valid. */
void mail_endpoint_failed(struct book *book, struct endpoint *endpoint, const char *list,
                          int64_t at_ms);

/* --- notification.c --- */

/* Wants what notification_make needs of the transfer, as it was loaded. */
void notification_want(struct book *book, const struct transfer *transfer);

/* Writes down what a merchant is told of the transfer as it is now, one for its notify_url and one
 * for each endpoint that wants it; due at once, or when the one before it has ended. */
void notification_make(struct book *book, struct transfer *transfer, int64_t at_ms);
#endif
