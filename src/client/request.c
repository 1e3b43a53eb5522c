#include "client/request.h"

#include <stdio.h>

#include "wire/reply.h"

/* A member that was not given is left out: a server may take "" for a value. */
static void member_write(struct buffer *json, const char *name, const char *value)
{
    if (value != NULL)
        reply_text_member(json, name, value);
}

/* Puts the JSON into *body as the field data and frees it. */
static void body_finish(struct buffer *json, struct buffer *body)
{
    buffer_init(body, REQUEST_BYTES_MAX);
    transport_field(body, "data", buffer_text(json));
    if (!buffer_ok(json))
        body->failed = true;
    buffer_free(json);
}

void request_contacts_write(const struct payout_contact *contacts, size_t count,
                            struct buffer *body)
{
    struct buffer json;
    buffer_init(&json, REQUEST_BYTES_MAX);
    for (size_t i = 0; i < count; i++) {
        buffer_text_append(&json, i == 0 ? "[{" : ",{");
        member_write(&json, "prefix", contacts[i].prefix);
        member_write(&json, "phone", contacts[i].phone);
        member_write(&json, "name", contacts[i].name);
        member_write(&json, "surname", contacts[i].surname);
        member_write(&json, "email", contacts[i].email);
        buffer_char(&json, '}');
    }
    buffer_char(&json, ']');
    body_finish(&json, body);
}

void request_transfers_write(const struct payout_transfer *transfers, size_t count,
                             struct buffer *body)
{
    struct buffer json;
    buffer_init(&json, REQUEST_BYTES_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct payout_transfer *transfer = &transfers[i];
        char amount[24];
        /* As a text, like the original collection's: servers exist that want it so. */
        (void)snprintf(amount, sizeof amount, "%lld", (long long)transfer->amount);
        buffer_text_append(&json, i == 0 ? "[{" : ",{");
        member_write(&json, "prefix", transfer->prefix);
        member_write(&json, "phone", transfer->phone);
        member_write(&json, "amount", amount);
        member_write(&json, "notify_url", transfer->notify_url);
        member_write(&json, "client_transaction_id", transfer->client_transaction_id);
        member_write(&json, "payment_method", transfer->payment_method);
        buffer_char(&json, '}');
    }
    buffer_char(&json, ']');
    body_finish(&json, body);
}
