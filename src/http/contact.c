/* POST /v1/transfer/contact: people whom a merchant may send money to. */
#include <string.h>

#include "http/endpoint.h"
#include "http/route.h"
#include "wire/reply.h"

/* A name, which may be missing; NULL when it is too long or no text. */
static const char *name_read(struct items *items, size_t index, const char *member)
{
    const char *text = item_text(items, index, member);
    if (text == NULL)
        return item_has(items, index, member) ? NULL : "";
    return strlen(text) <= CONTACT_TEXT_BYTES_MAX ? text : NULL;
}

static void contact_item_read(struct items *items, size_t index, struct contact_item *item)
{
    item->prefix = item_text(items, index, "prefix");
    item->phone = item_text(items, index, "phone");
    item->name = name_read(items, index, "name");
    item->surname = name_read(items, index, "surname");
    item->email = name_read(items, index, "email");
    if (item->prefix == NULL || item->phone == NULL || item->name == NULL ||
        item->surname == NULL || item->email == NULL)
        item->refusal = PAYOUT_DATA_NOT_VALID;
    else
        contact_item_check(item);
}

enum turn contact_begin(struct request *request)
{
    if (!request_items(request))
        return TURN_REPLY;
    size_t count = items_count(request->items);
    struct contact_item *items = arena_alloc(request->arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++)
        contact_item_read(request->items, i, &items[i]);
    invariant(!items_failed(request->items));
    request->job.command.kind = COMMAND_CONTACT_ADD;
    request->job.command.contact_add =
        (struct contact_add){.merchant = request->merchant_id, .items = items, .count = count};
    return TURN_LANE;
}

static void contact_item_write(const struct request *request, size_t index,
                               const struct contact_item *item, struct buffer *text)
{
    bool known = item->code == PAYOUT_OK || item->code == PAYOUT_ALREADY_MY_CONTACT;
    char lot[LOT_TEXT_BYTES];
    struct item_member members[3] = {
        {"code", NULL, item->code},
        {"status", item->code == PAYOUT_OK ? "success" : payout_code_word(item->code), 0},
    };
    size_t count = 2;
    if (known) {
        lot_text(request->merchant_id, item->lot, lot);
        members[count++] = (struct item_member){"lot", lot, 0};
    }
    item_write(request->items, index, members, count, text);
}

enum turn contact_decided(struct request *request)
{
    const struct contact_add *add = &request->job.command.contact_add;
    if (request->job.command.code != PAYOUT_OK)
        return request_refuse(request, request->job.command.code);
    struct buffer *text = request_data_begin(request);
    request_results_begin(request, text);
    for (size_t i = 0; i < add->count; i++) {
        if (i > 0)
            buffer_char(text, ',');
        contact_item_write(request, i, &add->items[i], text);
    }
    request_results_end(request, text);
    return request_data_end(request);
}
