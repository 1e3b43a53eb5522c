#include <stdio.h>
#include <string.h>

#include "client/client_own.h"

enum { PART_ITEMS = 500 };

/* True when the request was refused for who sent it, how often or what it costs, so that the next
 * one would be too. */
static bool sender_refused(const struct payout_result *result)
{
    return result->http_status == 429 || result->code == PAYOUT_INSUFFICIENT_BALANCE ||
           (result->code >= PAYOUT_INVALID_CREDENTIALS && result->code <= PAYOUT_NOT_ALLOWED);
}

/* Notes what came of a request; true when the next one may go. */
static bool part_end(const struct payout_result *result, enum payout_client_fault fault,
                     const char *what, struct payout_bulk_end *end)
{
    *end = (struct payout_bulk_end){
        .done = end->done, .fault = fault, .code = PAYOUT_UNEXPECTED_ERROR, .stopped = true};
    if (result == NULL) {
        (void)snprintf(end->text, sizeof end->text, "%s: out of memory", what);
        return false;
    }
    end->code = result->code;
    end->stopped = fault != PAYOUT_CLIENT_DONE || sender_refused(result);
    if (!end->stopped)
        return true;
    const char *reason = result->text[0] != '\0'          ? result->text
                         : result->description[0] != '\0' ? result->description
                                                          : result->message;
    if (fault == PAYOUT_CLIENT_DONE)
        (void)snprintf(end->text, sizeof end->text, "%s: %d %s", what, (int)end->code, reason);
    else
        (void)snprintf(end->text, sizeof end->text, "%s: %s", what, reason);
    return false;
}

static bool tell(const struct payout_bulk_options *options, const struct payout_bulk_part *part,
                 struct payout_bulk_end *end)
{
    if (options->tell == NULL || options->tell(options->context, part))
        return true;
    end->stopped = true;
    return false;
}

/* Adds the people of a part. That some are refused is no reason to stop: their transfers will be
 * refused too, and say so. */
static bool part_contacts(struct payout_client *client, const struct payout_bulk_options *options,
                          size_t first, size_t count, struct payout_bulk_end *end)
{
    struct payout_bulk_part part = {.first = first, .count = count, .contacts = true};
    struct payout_result *result = NULL;
    if (!tell(options, &part, end))
        return false;
    enum payout_client_fault fault =
        payout_contact_add(client, options->contacts + first, count, &result);
    bool on = part_end(result, fault, "adding contacts", end);
    part.result = result;
    on = (result == NULL || tell(options, &part, end)) && on;
    payout_result_free(result);
    return on;
}

static bool part_send(struct payout_client *client, const struct payout_transfer *transfers,
                      const struct payout_bulk_options *options, size_t first, size_t count,
                      struct payout_bulk_end *end)
{
    struct payout_bulk_part part = {.first = first, .count = count};
    struct payout_result *result = NULL;
    const struct payout_send_options send = {
        .size = sizeof send,
        .ask_first =
            options->sent_before != NULL && options->sent_before(options->context, first, count),
    };
    if (!tell(options, &part, end))
        return false;
    enum payout_client_fault fault = payout_send(client, transfers + first, count, &send, &result);
    bool on = part_end(result, fault, "sending", end);
    part.result = result;
    if (result != NULL)
        end->done = first + count;
    on = (result == NULL || tell(options, &part, end)) && on;
    payout_result_free(result);
    return on;
}

enum payout_client_fault payout_bulk(struct payout_client *client,
                                     const struct payout_transfer *transfers, size_t count,
                                     const struct payout_bulk_options *options,
                                     struct payout_bulk_end *end)
{
    struct payout_bulk_options known = {0};
    *end = (struct payout_bulk_end){.fault = PAYOUT_CLIENT_BAD_ARGUMENT, .stopped = true};
    if (options != NULL)
        memcpy(&known, options, options->size < sizeof known ? options->size : sizeof known);
    size_t part_items = known.part_items == 0 ? PART_ITEMS : known.part_items;
    if (transfers == NULL || count == 0 || part_items > PAYOUT_ITEMS_MAX)
        return end->fault;
    for (size_t i = 0; i < count; i++) {
        const char *id = transfers[i].client_transaction_id;
        if (transfers[i].amount <= 0 || id == NULL || *id == '\0')
            return end->fault;
    }
    *end = (struct payout_bulk_end){.fault = PAYOUT_CLIENT_DONE, .code = PAYOUT_OK};
    bool on = true;
    for (size_t first = 0; on && first < count; first += part_items) {
        size_t rest = count - first, items = rest < part_items ? rest : part_items;
        on = (known.contacts == NULL || part_contacts(client, &known, first, items, end)) &&
             part_send(client, transfers, &known, first, items, end);
    }
    return end->fault;
}
