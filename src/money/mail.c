#include "money/mail.h"

#include "money/mail_address.h"
#include "money/rules.h"

const char *mail_kind_text(enum mail_kind kind)
{
    switch (kind) {
#define KIND(name, number, meaning)                                                                \
    case MAIL_##name:                                                                              \
        return #name;
        MAIL_KINDS(KIND)
#undef KIND
    case MAIL_KIND_END:
        break;
    }
    invariant(!"a mail's kind");
}

const char *mail_state_text(enum mail_state state)
{
    switch (state) {
#define STATE(name, number, meaning)                                                               \
    case MAIL_##name:                                                                              \
        return #name;
        MAIL_STATES(STATE)
#undef STATE
    case MAIL_STATE_END:
        break;
    }
    invariant(!"a mail's state");
}

/* --- A lot's mails --- */

void mail_lot_waits(struct book *book, struct lot *lot, const char *list)
{
    size_t length;
    bool valid = mail_list_valid(list);
    invariant(valid); /* It was read before it was kept. */
    invariant(lot->mails == 0);
    for (const char *at = mail_list_next(list, &length); length > 0;
         at = mail_list_next(at + length, &length)) {
        struct mail_row *row = book_mail(book, lot->merchant, lot->code, ++lot->mails);
        row->mail = (struct mail){
            .merchant = lot->merchant,
            .lot = lot->code,
            .number = lot->mails,
            .kind = MAIL_LOT_WAITING,
            .state = MAIL_WAITING,
            .to = book_text(book, at, length),
            .due_at_ms = lot->created_at_ms,
            .created_at_ms = lot->created_at_ms,
            .error = "",
        };
        book_row_create(&book->mails, &row->row);
        book->mails_made = true;
    }
}

void mail_lot_want(struct book *book, const struct lot *lot)
{
    for (int32_t number = 1; number <= lot->mails; number++)
        (void)book_mail(book, lot->merchant, lot->code, number);
}

static void mail_end(struct mail_row *row, enum mail_state state, int64_t at_ms)
{
    invariant(row->mail.state == MAIL_WAITING && state != MAIL_WAITING);
    row->mail.state = state;
    row->mail.due_at_ms = 0;
    row->mail.ended_at_ms = at_ms;
}

void mail_lot_overtake(struct book *book, const struct lot *lot, int64_t at_ms)
{
    for (int32_t number = 1; number <= lot->mails; number++) {
        struct mail_row *row = book_mail(book, lot->merchant, lot->code, number);
        invariant(book_row_exists(&row->row));
        if (row->mail.state != MAIL_WAITING)
            continue;
        mail_end(row, MAIL_OVERTAKEN, at_ms);
        book_row_change(&row->row);
    }
}

/* --- An endpoint's --- */

struct lot_code mail_endpoint_subject(int32_t endpoint)
{
    invariant(endpoint > 0);
    return (struct lot_code){-endpoint};
}

int32_t mail_endpoint(const struct mail *mail)
{
    invariant((mail->lot.value < 0) == (mail->kind == MAIL_ENDPOINT_FAILED));
    return mail->lot.value < 0 ? (int32_t)-mail->lot.value : 0;
}

void mail_endpoint_failed(struct book *book, struct endpoint *endpoint, const char *list,
                          int64_t at_ms)
{
    size_t length;
    bool valid = mail_list_valid(list);
    invariant(valid); /* It was looked at before. */
    for (const char *at = mail_list_next(list, &length); length > 0;
         at = mail_list_next(at + length, &length)) {
        struct lot_code subject = mail_endpoint_subject(endpoint->number);
        struct mail_row *row = book_mail(book, endpoint->merchant, subject, ++endpoint->mails);
        row->mail = (struct mail){
            .merchant = endpoint->merchant,
            .lot = subject,
            .number = endpoint->mails,
            .kind = MAIL_ENDPOINT_FAILED,
            .state = MAIL_WAITING,
            .to = book_text(book, at, length),
            .due_at_ms = at_ms,
            .created_at_ms = at_ms,
            .error = "",
        };
        book_row_create(&book->mails, &row->row);
        book->mails_made = true;
    }
}

/* --- What became of one --- */

void mail_outcome_want(const struct command *command, struct book *book)
{
    const struct mail_outcome *outcome = &command->mail_outcome;
    (void)book_mail(book, outcome->merchant, outcome->lot, outcome->number);
}

void mail_outcome_decide(struct command *command, struct book *book)
{
    struct mail_outcome *outcome = &command->mail_outcome;
    invariant(outcome->attempt > 0);
    struct mail_row *row = book_mail(book, outcome->merchant, outcome->lot, outcome->number);
    if (!book_row_exists(&row->row)) {
        command->code = PAYOUT_NOT_FOUND;
        return;
    }
    struct mail *mail = &row->mail;
    command->code = PAYOUT_OK;
    /* Told twice, or by two processes: the first one's word on a try stands, but a mail that left
     * has left. */
    bool known = mail->tries >= outcome->attempt && !outcome->sent;
    if (mail->state == MAIL_WAITING && !known) {
        mail->tries = outcome->attempt > mail->tries ? outcome->attempt : mail->tries;
        mail->error = outcome->sent ? "" : outcome->error;
        if (outcome->sent)
            mail_end(row, MAIL_SENT, command->at_ms);
        else if (outcome->next_at_ms == 0)
            mail_end(row, MAIL_DEAD, command->at_ms);
        else
            mail->due_at_ms = outcome->next_at_ms;
        book_row_change(&row->row);
    }
    outcome->state = mail->state;
}
