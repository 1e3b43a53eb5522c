/* transfer: money on its way to one person: its states, what moves it between them and what that
 * does to the ledger. The whole rule of states is one table; nothing else may decide it. */
#ifndef PAYOUT_MONEY_TRANSFER_H
#define PAYOUT_MONEY_TRANSFER_H
#include <stdbool.h>
#include <stdint.h>

#include "money/amount.h"
#include "money/fee.h"
#include "money/id.h"
#include "money/screening.h"
#include "payout/code.h"

/* STATE(name, stored number, may lead to, meaning) */
#define TRANSFER_STATES(STATE)                                                                     \
    STATE(NEW, 1, TO(REC) | TO(REJ), "accepted, not yet given to an operator")                     \
    STATE(REC, 2, TO(NOS) | TO(VAL) | TO(REJ), "given to an operator, outcome awaited")            \
    STATE(NOS, 3, TO(VAL) | TO(REJ), "may have been paid: the operator is being asked")            \
    STATE(VAL, 4, 0, "paid: final")                                                                \
    STATE(REJ, 5, 0, "not paid, money given back: final")

enum transfer_state {
#define STATE(name, number, to, meaning) TRANSFER_##name = (number),
    TRANSFER_STATES(STATE)
#undef STATE
        TRANSFER_STATE_END
};
bool transfer_state_may(enum transfer_state from, enum transfer_state to);
bool transfer_state_final(enum transfer_state state);
const char *transfer_state_text(enum transfer_state state); /* "NEW" */

/* Why a transfer is where it is: REASON(name, stored number, fr, en). check/money's comment. */
#define TRANSFER_REASONS(REASON)                                                                   \
    REASON(NONE, 0, "", "")                                                                        \
    REASON(RECEIVER_UNKNOWN, 1, "Le destinataire n'a pas de compte chez l'opérateur",              \
           "The receiver has no account with the operator")                                        \
    REASON(RECEIVER_LIMIT, 2, "Le plafond du compte du destinataire est atteint",                  \
           "The receiver's account has reached its limit")                                         \
    REASON(RECEIVER_BLOCKED, 3, "Le compte du destinataire est bloqué",                            \
           "The receiver's account is blocked")                                                    \
    REASON(RECEIVER_NAME, 4, "Le nom du destinataire ne correspond pas",                           \
           "The receiver's name does not match")                                                   \
    REASON(OPERATOR_REFUSED, 5, "L'opérateur a refusé le transfert",                               \
           "The operator refused the transfer")                                                    \
    REASON(OPERATOR_FLOAT, 6, "Le solde de la plateforme chez l'opérateur est insuffisant",        \
           "The platform's float with the operator is insufficient")                               \
    REASON(OPERATOR_DOWN, 7, "L'opérateur est indisponible : le transfert partira dès son retour", \
           "The operator is down: the transfer leaves as soon as it is back")                      \
    REASON(OUTCOME_UNKNOWN, 8, "Résultat inconnu : l'opérateur est interrogé",                     \
           "Outcome unknown: the operator is being asked")                                         \
    REASON(LOT_CANCELLED, 9, "Le lot a été annulé", "The lot was cancelled")                       \
    REASON(LOT_EXPIRED, 10, "Le lot n'a pas été confirmé à temps",                                 \
           "The lot was not confirmed in time")                                                    \
    REASON(PENDING_AT_OPERATOR, 11, "En cours chez l'opérateur", "In progress at the operator")    \
    REASON(DECIDED_BY_PERSON, 12, "Décidé par une personne autorisée",                             \
           "Decided by an authorised person")                                                      \
    REASON(SUSPECTED_DOUBLE, 13, "Doublon possible : une personne doit décider",                   \
           "Possibly a double: a person has to decide")                                            \
    REASON(DOUBLE, 14, "Refusé comme doublon", "Refused as a double")                              \
    REASON(NAME_MATCHED, 15, "Vérification du destinataire : une personne doit décider",           \
           "The receiver is being checked: a person has to decide")                                \
    REASON(NAME_REFUSED, 16, "Refusé après vérification du destinataire",                          \
           "Refused after a check of the receiver")                                                \
    REASON(SCREENING_DOWN, 17, "Vérification du destinataire en attente : le transfert suivra",    \
           "The receiver is still to be checked: the transfer follows")                            \
    REASON(WAITED_TOO_LONG, 18, "L'opérateur est resté indisponible trop longtemps : remboursé",   \
           "The operator was down for too long: refunded")                                         \
    REASON(REVERSED, 19, "Annulé chez l'opérateur", "Reversed at the operator")

enum transfer_reason {
#define REASON(name, number, fr, en) TRANSFER_REASON_##name = (number),
    TRANSFER_REASONS(REASON)
#undef REASON
        TRANSFER_REASON_END
};
/* "" for NONE. Never NULL. */
const char *transfer_reason_text(enum transfer_reason reason, enum payout_lang lang);
/* "RECEIVER_UNKNOWN" */
const char *transfer_reason_word(enum transfer_reason reason);

/* What has to be done with a transfer when it is due. The numbers are stored. */
enum transfer_step {
    STEP_NONE = 0,   /* Nothing: it waits for its lot, or is final. */
    STEP_SUBMIT = 1, /* Give it to the operator: the first time when NEW; again, under the same
                        reference, when the operator said that it never saw it. */
    STEP_ASK = 2,    /* Ask the operator what became of it. */
    STEP_SCREEN = 3, /* Find out about the receiver's name, before all else. NEW only. */
};

enum { TRANSFER_CHANNEL_MAX = 255 }; /* Channels are numbered from 1 (operators/channel.h). */

struct transfer {
    struct transfer_id id;
    struct merchant_id merchant;
    struct lot_code lot;
    const char
        *client_id; /* The merchant's own id, unique with the merchant; NULL: none was sent. */
    const char *prefix, *phone; /* As sent. */
    int64_t msisdn;
    int operator_number;    /* money/tariff.h */
    struct amount amount;   /* What the merchant sent; the receiver gets transfer_delivered. */
    int64_t fee_minor;      /* What it costs: earned when it is VAL. */
    enum fee_payer payer;   /* Who pays that; RECEIVER: it is more than 0, and less than amount. */
    const char *notify_url; /* Never NULL, nor are the other texts but client_id. */
    bool confirmed;         /* Its lot is. */
    bool watched;           /* Its merchant wanted doubles to be found. */
    bool suspected;         /* It looks like a double, and waits for a person's word. NEW only. */
    struct transfer_id twin_of;     /* What it looked like; 0: it looked like none. */
    enum screening_state screening; /* MATCH: it waits for a person's word. NEW only. */
    int32_t screenings;             /* Lines of screening: the last one's number. */
    enum transfer_state state;
    enum transfer_reason reason;
    const char *operator_reference; /* The operator's own id; "" until known. */
    enum transfer_step step;
    int64_t due_at_ms; /* When step is due: also the end of a worker's lease. 0 with STEP_NONE. */
    int32_t attempts;  /* How often a worker took it: submits and asks together. */
    /* Through which of the platform's channels to its operator it goes; 0: none was chosen yet.
     * Chosen by the claim that is to submit it, and free again only when that very attempt is known
     * to have sent nothing: from its first byte on it is this channel's alone. NEVER_SEEN frees
     * nothing: a request that is late may still arrive there. */
    int channel;
    int32_t channel_attempt;    /* The attempt that it was chosen for; 0 without. */
    enum transfer_step in_hand; /* What a worker has claimed it for, of whom no word has come yet;
                                   STEP_NONE: nobody has it in hand. */
    bool called_back;           /* Its operator called back since it was claimed last. */
    /* How long it may wait for an operator that is down, as its lot wants it, and until when: from
     * the moment when it was first due to be submitted. 0: as long as it takes. The first NOT_SENT
     * with a reason at that time or after it, of one of which nothing has ever left, ends it: REJ,
     * refunded. It is then due for that word. Until the word is said it may still be claimed and
     * sent, however late: the limit is there for operators that are down, and it is not they who
     * kept it waiting when nobody looked. */
    int64_t wait_ms, wait_until_ms;
    int32_t notifications; /* How many were made: the last one's number. */
    int32_t reversals;     /* How often it was to be taken back (money/reversal.h): the last one's
                              number. */
    int64_t created_at_ms, changed_at_ms;
    int64_t submitted_at_ms; /* When it first went to REC; 0 before. */
    int64_t validated_at_ms; /* When it went to VAL; 0 otherwise. */
};

/* sending_status: CONFIRM, else PENDING: its lot is confirmed, and nothing else is waited for. */
bool transfer_confirmed(const struct transfer *transfer);

/* What is held for it as long as it lives: the amount, with its fee when the merchant pays that. */
int64_t transfer_held_minor(const struct transfer *transfer);
/* What the operator is to pay and the receiver gets: the amount, less its fee when the receiver
 * pays that. With the fee it is what is held. */
struct amount transfer_delivered(const struct transfer *transfer);

/* What an operator said of a transfer, or what silence means. The numbers are stored. */
enum verdict {
    VERDICT_PAID = 1,
    VERDICT_REJECTED = 2,
    VERDICT_PENDING = 3,    /* It has it, and has not decided. */
    VERDICT_UNKNOWN = 4,    /* It may have it: no answer, or one that says nothing. */
    VERDICT_NEVER_SEEN = 5, /* Asked, it said that it never saw the reference, and it takes the same
                               reference only once: only then may a transfer be submitted again. */
    /* Nothing was sent, for sure. Of a NEW one, which stays so: attempt 0. Of one that was claimed
     * to be submitted, by that attempt: nothing left in it. If it was the first through its
     * channel, it may be given to another one now. With nobody having it in hand, and the number of
     * its last attempt, it puts off what is to be submitted. Without a reason that was not its
     * operator's doing. */
    VERDICT_NOT_SENT = 6,
};
const char *verdict_text(enum verdict verdict); /* "PAID" */
#endif
