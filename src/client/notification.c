#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "client/result.h"
#include "wire/form.h"
#include "wire/signature.h"

enum { AGE_S_MAX = 300, BODY_BYTES_MAX = 64 * 1024 };

/* What payout_notification_free frees. */
struct letter {
    struct payout_notification seen; /* First: the two are one address. */
    struct form *form;               /* Of a form. */
    json_t *root;                    /* Of JSON. Texts in seen point into one of them. */
};

/* Where each field of the body is in struct payout_notification. */
static const struct {
    const char *name;
    size_t at, signed_at;
} fields[] = {
#define AT(member, shown)                                                                          \
    {                                                                                              \
#member, offsetof(struct payout_notification, shown), offsetof(struct notice, member)      \
    }
    AT(transaction_id, transaction_id),
    AT(client_transaction_id, client_transaction_id),
    AT(lot, lot),
    AT(amount, amount),
    AT(receiver, receiver),
    AT(operator, operator_name),
    AT(treatment_status, treatment_status),
    AT(sending_status, sending_status),
    AT(comment, comment),
    AT(operator_transaction_id, operator_transaction_id),
    AT(validated_at, validated_at),
#undef AT
};
enum { FIELD_COUNT = sizeof fields / sizeof *fields };

static const char **text_at(void *where, size_t offset)
{
    return (const char **)(void *)((char *)where + offset);
}

static const char *field_text(const struct letter *letter, const char *name)
{
    const char *text =
        letter->form != NULL
            ? form_body(letter->form, name)
            : json_string_value(json_object_get(json_object_get(letter->root, "data"), name));
    return text == NULL ? "" : text;
}

/* DONE, NO_MEMORY or UNREADABLE. */
static enum payout_client_fault body_read(const struct payout_notification_input *input,
                                          struct letter *letter)
{
    const struct form_input form = {
        .content_type = input->content_type,
        .body = input->body,
        .body_length = input->body_length,
    };
    bool is_json = input->body_length > 0 && input->body[0] == '{';
    if (input->body == NULL || input->body_length > BODY_BYTES_MAX)
        return PAYOUT_CLIENT_UNREADABLE;
    if (!is_json) {
        enum form_result read = form_open(&form, &letter->form);
        return read == FORM_READ        ? PAYOUT_CLIENT_DONE
               : read == FORM_NO_MEMORY ? PAYOUT_CLIENT_NO_MEMORY
                                        : PAYOUT_CLIENT_UNREADABLE;
    }
    return result_json(input->body, input->body_length, &letter->root);
}

static enum payout_proof proof_of(const char *secret, const char *shown, bool right)
{
    return shown == NULL    ? PAYOUT_PROOF_NONE
           : secret == NULL ? PAYOUT_PROOF_UNVERIFIED
           : right          ? PAYOUT_PROOF_RIGHT
                            : PAYOUT_PROOF_WRONG;
}

/* One that has only the old secret key finds its proof beside the new one's. */
static bool token_right(const struct payout_notification_input *input, const struct notice *notice)
{
    return signature_token_matches(notice, input->secret, input->x_token) ||
           (input->x_token_before != NULL &&
            signature_token_matches(notice, input->secret, input->x_token_before));
}

static bool webhook_right(const struct payout_notification_input *input)
{
    char *end;
    if (input->webhook_id == NULL || input->webhook_timestamp == NULL)
        return false;
    int64_t timestamp_s = strtoll(input->webhook_timestamp, &end, 10);
    int64_t now_s = input->now_s != 0 ? input->now_s : clock_now_ms() / 1000;
    int64_t age_s_max = input->age_s_max > 0 ? input->age_s_max : AGE_S_MAX;
    return *end == '\0' && timestamp_s >= now_s - age_s_max && timestamp_s <= now_s + age_s_max &&
           signature_webhook_matches(input->secret, input->webhook_id, timestamp_s, input->body,
                                     input->body_length, input->webhook_signature);
}

static void prove(const struct payout_notification_input *input, const struct notice *notice,
                  struct payout_notification *seen)
{
    bool secret = input->secret != NULL;
    seen->token = proof_of(input->secret, input->x_token,
                           secret && input->x_token != NULL && token_right(input, notice));
    seen->webhook = proof_of(input->secret, input->webhook_signature,
                             secret && input->webhook_signature != NULL && webhook_right(input));
    seen->authentic = (seen->token == PAYOUT_PROOF_RIGHT || seen->webhook == PAYOUT_PROOF_RIGHT) &&
                      seen->token != PAYOUT_PROOF_WRONG && seen->webhook != PAYOUT_PROOF_WRONG;
}

enum payout_client_fault payout_notification_read(const struct payout_notification_input *input,
                                                  struct payout_notification **notification)
{
    struct payout_notification_input known = {0};
    struct notice notice = {0};
    *notification = NULL;
    if (input == NULL || input->size < offsetof(struct payout_notification_input, content_type))
        return PAYOUT_CLIENT_BAD_ARGUMENT;
    memcpy(&known, input, input->size < sizeof known ? input->size : sizeof known);
    struct letter *letter = memory_take_zero(1, sizeof *letter);
    if (letter == NULL)
        return PAYOUT_CLIENT_NO_MEMORY;
    enum payout_client_fault fault = body_read(&known, letter);
    if (fault != PAYOUT_CLIENT_DONE) {
        payout_notification_free(&letter->seen);
        return fault;
    }
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        const char *text = field_text(letter, fields[i].name);
        *text_at(&letter->seen, fields[i].at) = text;
        *text_at(&notice, fields[i].signed_at) = text;
    }
    letter->seen.treatment = result_treatment(letter->seen.treatment_status);
    if (!result_integer_text(letter->seen.amount, &letter->seen.amount_minor))
        letter->seen.amount_minor = -1;
    prove(&known, &notice, &letter->seen);
    *notification = &letter->seen;
    return PAYOUT_CLIENT_DONE;
}

void payout_notification_free(struct payout_notification *notification)
{
    if (notification == NULL)
        return;
    struct letter *letter = (struct letter *)(void *)notification;
    form_close(letter->form);
    json_decref(letter->root);
    memory_give(letter);
}
