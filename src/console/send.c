/* POST /console/v1/send/check and /console/v1/send: a list of people is checked, then sent as a
 * lot, by the command by which programs send. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "console/list.h"
#include "console/page.h"
#include "console/whose.h"
#include "http/admin.h"
#include "http/route.h"
#include "http/send.h"
#include "http/worker.h"
#include "money/tariff.h"
#include "wire/reply.h"

enum { CLIENT_ID_BYTES = LIST_KEY_BYTES_MAX + 8, RECENT_SCAN_MAX = 20000 };
#define RECENT_SECONDS ((int64_t)7 * 24 * 3600)

/* Kept between the halves of a request. */
struct sending {
    struct list list;
    struct send_item *items;
    int64_t *msisdns; /* Of those whose number is one, sorted, each once. */
    size_t msisdn_count;
    struct contact *contacts; /* Those that are known, in the order of their numbers. */
    size_t contact_count;
    struct contact_item *made; /* To be made contacts. */
    size_t made_count;
};

static int number_compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static int contact_compare(const void *a, const void *b)
{
    int64_t msisdn = *(const int64_t *)a, of = ((const struct contact *)b)->msisdn;
    return (msisdn > of) - (msisdn < of);
}

static const struct contact *contact_of(const struct sending *sending, int64_t msisdn)
{
    return sending->contact_count == 0 ? NULL
                                       : bsearch(&msisdn, sending->contacts, sending->contact_count,
                                                 sizeof *sending->contacts, contact_compare);
}

static void numbers_collect(struct request *request, struct sending *sending)
{
    const struct list *list = &sending->list;
    sending->msisdns = arena_alloc(request->arena, list->count, sizeof *sending->msisdns);
    size_t count = 0, kept = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].refusal == PAYOUT_OK)
            sending->msisdns[count++] = list->items[i].number.msisdn;
    qsort(sending->msisdns, count, sizeof *sending->msisdns, number_compare);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || sending->msisdns[kept - 1] != sending->msisdns[i])
            sending->msisdns[kept++] = sending->msisdns[i];
    sending->msisdn_count = kept;
}

/* The item as the command has it, checked by itself. */
static void item_make(struct request *request, const struct sending *sending, size_t index,
                      const struct fee_table *fees, struct send_item *item)
{
    const struct list_item *from = &sending->list.items[index];
    char *id = arena_alloc(request->arena, CLIENT_ID_BYTES, 1);
    char *amount = arena_alloc(request->arena, strlen(from->amount) + 1, 1);
    (void)snprintf(id, CLIENT_ID_BYTES, "%s-%04zu", sending->list.key, index + 1);
    list_amount(from->amount, amount);
    *item = (struct send_item){.client_id = id, .notify_url = "", .refusal = from->refusal};
    if (from->refusal != PAYOUT_OK)
        return;
    char *phone = arena_alloc(request->arena, NUMBER_TEXT_BYTES, 1);
    memcpy(phone, from->number.national, NUMBER_TEXT_BYTES);
    item->prefix = from->number.country->prefix;
    item->phone = phone;
    send_item_check(item, amount, from->operator_method[0] == '\0' ? NULL : from->operator_method,
                    request->settings->operators_off);
    if (item->refusal == PAYOUT_OK)
        item->refusal = send_way_check(request, item, fees);
}

/* Reads the list, and what is known of the people on it. False: refused. */
static bool sending_begin(struct request *request, struct store_reader **reader,
                          struct fee_table *fees)
{
    struct fault fault;
    struct sending *sending = arena_alloc(request->arena, 1, sizeof *sending);
    request->work = sending;
    if (!whose_merchant(request) || !list_read(request, &sending->list))
        return false;
    numbers_collect(request, sending);
    if (worker_reader(request->http, reader, &fault) != FAULT_NONE ||
        store_read_contacts_of(*reader, request->arena, request->merchant_id, sending->msisdns,
                               sending->msisdn_count, &sending->contacts, &sending->contact_count,
                               &fault) != FAULT_NONE) {
        (void)route_fault(request, &fault);
        return false;
    }
    send_fees(request, fees);
    sending->items = arena_alloc(request->arena, sending->list.count, sizeof *sending->items);
    for (size_t i = 0; i < sending->list.count; i++) {
        struct send_item *item = &sending->items[i];
        const struct list_item *from = &sending->list.items[i];
        item_make(request, sending, i, fees, item);
        bool named = from->name[0] != '\0' || from->surname[0] != '\0';
        if (item->refusal == PAYOUT_OK && !named && contact_of(sending, item->msisdn) == NULL)
            item->refusal = PAYOUT_NOT_MY_CONTACT;
    }
    return true;
}

/* --- A dry run --- */

struct total {
    int64_t count, amount_minor, fee_minor, held_minor, available_minor;
};

static void code_members(const struct request *request, struct buffer *text, enum payout_code code)
{
    reply_int_member(text, "code", code);
    reply_text_member(text, "word", payout_code_word(code));
    reply_text_member(text, "message",
                      code == PAYOUT_OK ? NULL : payout_code_text(code, request->lang));
}

static void recent_write(struct buffer *text, const struct transfer *recent)
{
    char id[TRANSFER_ID_TEXT_BYTES];
    if (recent == NULL) {
        reply_text_member(text, "recent", NULL);
        return;
    }
    transfer_id_text(recent->id, id);
    admin_open_member(text, "recent", '{');
    reply_text_member(text, "transaction_id", id);
    reply_text_member(text, "state", transfer_state_text(recent->state));
    admin_time_member(text, "created_at", recent->created_at_ms);
    buffer_char(text, '}');
}

static void known_write(struct buffer *text, const struct contact *known)
{
    if (known == NULL) {
        reply_text_member(text, "known", NULL);
        return;
    }
    admin_open_member(text, "known", '{');
    reply_text_member(text, "name", known->name);
    reply_text_member(text, "surname", known->surname);
    buffer_char(text, '}');
}

/* What is good of the item, as members; its fee into totals. */
static void good_write(struct buffer *text, const struct send_item *item,
                       const struct fee_table *fees, struct total *totals)
{
    const struct operator_entry *entry = tariff_operator(item->operator_number, NULL);
    struct fee fee = fee_of(fees, item->operator_number, item->amount.minor);
    struct total *total = &totals[item->amount.currency];
    total->count++;
    total->amount_minor += item->amount.minor;
    total->fee_minor += fee.minor;
    total->held_minor += item->amount.minor + (fee.payer == FEE_PAYER_MERCHANT ? fee.minor : 0);
    reply_text_member(text, "operator", entry->name);
    reply_text_member(text, "payment_method", entry->payment_method);
    reply_int_member(text, "amount", item->amount.minor);
    reply_text_member(text, "currency", currency_text(item->amount.currency));
    reply_int_member(text, "fee", fee.minor);
    reply_text_member(text, "fee_payer", fee_payer_text(fee.payer));
}

static void bad_write(struct buffer *text)
{
    static const char *const nulls[] = {"operator", "payment_method", "amount", "currency"};
    for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++)
        reply_text_member(text, nulls[i], NULL);
    reply_int_member(text, "fee", 0);
    reply_text_member(text, "fee_payer", NULL);
}

static const struct transfer *recent_of(const struct transfer *recent, size_t count,
                                        const struct send_item *item)
{
    for (size_t i = 0; i < count; i++)
        if (recent[i].msisdn == item->msisdn && recent[i].amount.minor == item->amount.minor &&
            recent[i].state != TRANSFER_REJ)
            return &recent[i];
    return NULL;
}

/* first: by its place among the sorted numbers, the first item with that number, + 1. */
static void item_check_write(const struct request *request, struct buffer *text, size_t index,
                             const struct fee_table *fees, const struct transfer *recent,
                             size_t recent_count, size_t *first, struct total *totals)
{
    const struct sending *sending = request->work;
    const struct list_item *from = &sending->list.items[index];
    const struct send_item *item = &sending->items[index];
    char e164[NUMBER_TEXT_BYTES];
    bool numbered = from->refusal == PAYOUT_OK, good = item->refusal == PAYOUT_OK;
    admin_comma(text);
    buffer_char(text, '{');
    code_members(request, text, item->refusal);
    if (numbered)
        number_e164_text(from->number.msisdn, e164);
    reply_text_member(text, "phone", numbered ? e164 : NULL);
    if (good)
        good_write(text, item, fees, totals);
    else
        bad_write(text);
    known_write(text, numbered ? contact_of(sending, from->number.msisdn) : NULL);
    size_t same = 0;
    if (numbered) {
        const int64_t *at = bsearch(&from->number.msisdn, sending->msisdns, sending->msisdn_count,
                                    sizeof *sending->msisdns, number_compare);
        size_t place = (size_t)(at - sending->msisdns);
        same = first[place];
        first[place] = same == 0 ? index + 1 : same;
    }
    if (same == 0)
        reply_text_member(text, "same_as", NULL);
    else
        reply_int_member(text, "same_as", (int64_t)same - 1);
    recent_write(text, good ? recent_of(recent, recent_count, item) : NULL);
    buffer_char(text, '}');
}

static void totals_write(struct buffer *text, const struct total *totals)
{
    admin_open_member(text, "totals", '[');
    for (enum currency currency = CURRENCY_XOF; currency < CURRENCY_END; currency++) {
        const struct total *total = &totals[currency];
        if (total->count == 0)
            continue;
        admin_comma(text);
        buffer_char(text, '{');
        reply_text_member(text, "currency", currency_text(currency));
        reply_int_member(text, "count", total->count);
        reply_int_member(text, "amount", total->amount_minor);
        reply_int_member(text, "fees", total->fee_minor);
        reply_int_member(text, "held", total->held_minor);
        reply_int_member(text, "available", total->available_minor);
        reply_bool_member(text, "enough", total->available_minor >= total->held_minor);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
}

enum turn console_send_check(struct request *request)
{
    struct store_reader *reader;
    struct fee_table fees;
    struct transfer *recent = NULL;
    struct transfer_id next;
    struct account_balance *accounts;
    size_t recent_count = 0, account_count, good = 0;
    struct total totals[CURRENCY_END] = {{0}};
    struct fault fault;
    if (!sending_begin(request, &reader, &fees))
        return TURN_REPLY;
    const struct sending *sending = request->work;
    struct transfer_filter filter = {
        .merchant = request->merchant_id,
        .from = {(clock_now_ms() / 1000 - RECENT_SECONDS) * TRANSFER_IDS_PER_SECOND},
        .before = {INT64_MAX},
        .msisdns = sending->msisdns,
        .msisdn_count = sending->msisdn_count};
    if (sending->msisdn_count > 0 &&
        store_read_transfers_found(reader, request->arena, &filter, RECENT_SCAN_MAX, LIST_ITEMS_MAX,
                                   &recent, &recent_count, &next, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    if (store_read_accounts(reader, request->arena, request->merchant_id, &accounts, &account_count,
                            &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    for (size_t i = 0; i < account_count; i++)
        if (accounts[i].key.kind == ACCOUNT_AVAILABLE)
            totals[accounts[i].key.currency].available_minor = accounts[i].balance_minor;
    size_t *first = arena_alloc(request->arena, sending->msisdn_count + 1, sizeof *first);
    struct buffer *text = admin_begin(request);
    admin_open_member(text, "items", '[');
    for (size_t i = 0; i < sending->list.count; i++) {
        good += sending->items[i].refusal == PAYOUT_OK;
        item_check_write(request, text, i, &fees, recent, recent_count, first, totals);
    }
    buffer_char(text, ']');
    reply_int_member(text, "count", (int64_t)sending->list.count);
    reply_int_member(text, "good", (int64_t)good);
    totals_write(text, totals);
    return admin_end(request);
}

/* --- Sending --- */

static enum turn lot_submit(struct request *request)
{
    const struct sending *sending = request->work;
    request->job.command = (struct command){.kind = COMMAND_LOT_SEND};
    request->job.command.lot_send = (struct lot_send){.merchant = request->merchant_id,
                                                      .items = sending->items,
                                                      .count = sending->list.count,
                                                      .source = request->client_text,
                                                      .sender = request->user->name,
                                                      .wait_ms = sending->list.wait_ms};
    return TURN_LANE;
}

/* People who are good, named and not known become contacts first. */
static void contacts_collect(struct request *request, struct sending *sending)
{
    sending->made = arena_alloc(request->arena, sending->list.count, sizeof *sending->made);
    for (size_t i = 0; i < sending->list.count; i++) {
        const struct send_item *item = &sending->items[i];
        if (item->refusal != PAYOUT_OK || contact_of(sending, item->msisdn) != NULL)
            continue;
        const struct list_item *from = &sending->list.items[i];
        sending->made[sending->made_count++] = (struct contact_item){.prefix = item->prefix,
                                                                     .phone = item->phone,
                                                                     .msisdn = item->msisdn,
                                                                     .name = from->name,
                                                                     .surname = from->surname,
                                                                     .email = from->email};
    }
}

enum turn console_send(struct request *request)
{
    struct store_reader *reader;
    struct fee_table fees;
    if (!sending_begin(request, &reader, &fees))
        return TURN_REPLY;
    struct sending *sending = request->work;
    size_t bad = 0;
    while (bad < sending->list.count && sending->items[bad].refusal != PAYOUT_OK)
        bad++;
    if (sending->list.key[0] == '\0')
        return request_refuse_as(request, PAYOUT_DATA_NOT_VALID, 0, "key manque", "key is missing");
    if (bad == sending->list.count)
        return request_refuse(request, sending->items[0].refusal);
    contacts_collect(request, sending);
    if (sending->made_count == 0)
        return lot_submit(request);
    request->job.command.kind = COMMAND_CONTACT_ADD;
    request->job.command.contact_add = (struct contact_add){
        .merchant = request->merchant_id, .items = sending->made, .count = sending->made_count};
    return TURN_LANE;
}

static void result_write(const struct request *request, struct buffer *text,
                         const struct send_item *item, enum payout_code whole)
{
    char id[TRANSFER_ID_TEXT_BYTES];
    enum payout_code code = item->code == PAYOUT_OK ? whole : item->code;
    bool made = item->transfer.value > 0 && (whole == PAYOUT_OK || item->code != PAYOUT_OK);
    admin_comma(text);
    buffer_char(text, '{');
    code_members(request, text, code);
    if (made)
        transfer_id_text(item->transfer, id);
    reply_text_member(text, "transaction_id", made ? id : NULL);
    reply_text_member(text, "client_transaction_id", item->client_id);
    buffer_char(text, '}');
}

enum turn console_sent(struct request *request)
{
    const struct command *command = &request->job.command;
    if (command->kind == COMMAND_CONTACT_ADD)
        return command->code == PAYOUT_OK ? lot_submit(request)
                                          : request_refuse(request, command->code);
    const struct lot_send *send = &command->lot_send;
    const struct send_item *known = NULL;
    size_t accepted = 0, again = 0;
    for (size_t i = 0; i < send->count; i++) {
        bool before =
            send->items[i].code == PAYOUT_CLIENT_ID_EXISTS && send->items[i].transfer.value > 0;
        accepted += send->items[i].code == PAYOUT_OK && command->code == PAYOUT_OK;
        again += before;
        if (before && known == NULL)
            known = &send->items[i];
    }
    if (accepted == 0 && known == NULL)
        return request_refuse(request, command->code);
    char lot[LOT_TEXT_BYTES];
    lot_text(request->merchant_id, accepted > 0 ? send->lot : known->lot, lot);
    struct buffer *text = admin_begin(request);
    reply_bool_member(text, "again", accepted == 0);
    reply_text_member(text, "lot", lot);
    reply_text_member(text, "state", accepted > 0 ? lot_state_text(LOT_WAITING) : NULL);
    reply_int_member(text, "accepted", (int64_t)(accepted > 0 ? accepted : again));
    admin_open_member(text, "items", '[');
    for (size_t i = 0; i < send->count; i++)
        result_write(request, text, &send->items[i], accepted > 0 ? PAYOUT_OK : command->code);
    buffer_char(text, ']');
    return admin_end(request);
}
