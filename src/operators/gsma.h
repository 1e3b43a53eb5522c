/* gsma: any operator that speaks the GSMA's Mobile Money API 1.1 or 1.2. */
#ifndef PAYOUT_OPERATORS_GSMA_H
#define PAYOUT_OPERATORS_GSMA_H
#include "operators/operator.h"

/* "gsma": with tokens by OAuth2. */
const struct operator_connector *gsma_connector(void);
/* "gsma_basic": the same, with a name and a password in each call. */
const struct operator_connector *gsma_basic_connector(void);

/* --- For gsma.c and gsma_answer.c only --- */

/* What a question is put to, by what the operator told last (its operator_reference). */
enum gsma_asked {
    GSMA_ASKED_RESPONSE,    /* responses/{our X-CorrelationID}: has it made anything of it? */
    GSMA_ASKED_STATE,       /* requeststates/{its serverCorrelationId}: how far is it? */
    GSMA_ASKED_TRANSACTION, /* transactions/{its transactionReference}: what does it look like? */
};
/* Which; *word is what follows the slash, or "" where nothing was told. */
enum gsma_asked gsma_asked(const struct operator_call *call, const char **word);
/* The reference of the transaction that is to be reversed, as the operator told it when it was
 * paid;
 * "": it never told one. */
const char *gsma_paid_reference(const struct operator_call *call);

void gsma_answer_read(const struct operator_call *call, const struct operator_reply *reply,
                      struct operator_result *result);
#endif
