/* /console/v1/contacts: whom a merchant pays: listed, added, corrected, and what they were paid. */
#include <stdio.h>
#include <string.h>

#include "console/list.h"
#include "console/page.h"
#include "console/search.h"
#include "console/whose.h"
#include "http/admin.h"
#include "http/route.h"
#include "http/worker.h"
#include "money/command.h"
#include "wire/reply.h"

enum { PAGE = 1000, LOOKED_MAX = 20000, PHONE_DIGITS_MAX = 15 };

static void phone_member(struct buffer *text, const char *name, int64_t msisdn)
{
    char e164[NUMBER_TEXT_BYTES];
    if (msisdn != 0)
        number_e164_text(msisdn, e164);
    reply_text_member(text, name, msisdn == 0 ? NULL : e164);
}

static void contact_members(struct buffer *text, const struct contact *contact)
{
    phone_member(text, "phone", contact->msisdn);
    reply_text_member(text, "name", contact->name);
    reply_text_member(text, "surname", contact->surname);
    reply_text_member(text, "email", contact->email);
    phone_member(text, "listed_under", contact->listed_under);
    admin_time_member(text, "created_at", contact->created_at_ms);
}

/* Whether words are part of the contact's name, or the first digits of its number. */
static bool contact_fits(const struct contact *contact, const char *words)
{
    char e164[NUMBER_TEXT_BYTES];
    if (words == NULL || words[0] == '\0')
        return true;
    number_e164_text(contact->msisdn, e164);
    const char *digits = words[0] == '+' ? words + 1 : words;
    return strncmp(e164 + 1, digits, strlen(digits)) == 0 || search_named(contact, words);
}

enum turn console_contacts(struct request *request)
{
    const char *words = form_query(request->form, "q");
    struct store_reader *reader;
    struct fault fault;
    int64_t after, limit, shown = 0;
    size_t found = PAGE, looked = 0;
    if (!whose_merchant(request) ||
        !admin_query_number(request, "after", 0, 0, INT64_MAX, &after) ||
        !admin_query_number(request, "limit", ADMIN_PAGE_DEFAULT, 1, ADMIN_PAGE_MAX, &limit))
        return TURN_REPLY;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    struct buffer *text = admin_begin(request);
    admin_open_member(text, "contacts", '[');
    while (found == PAGE && looked < LOOKED_MAX && shown < limit) {
        struct contact *contacts;
        if (store_read_contacts(reader, request->arena, request->merchant_id, after, PAGE,
                                &contacts, &found, &fault) != FAULT_NONE)
            return route_fault(request, &fault);
        size_t i = 0;
        for (; i < found && shown < limit; i++) {
            after = contacts[i].msisdn;
            if (!contact_fits(&contacts[i], words))
                continue;
            shown++;
            admin_comma(text);
            buffer_char(text, '{');
            contact_members(text, &contacts[i]);
            buffer_char(text, '}');
        }
        looked += found;
        found = i < found ? PAGE : found;
    }
    buffer_char(text, ']');
    if (found == PAGE)
        reply_int_member(text, "next_after", after);
    else
        reply_text_member(text, "next_after", NULL);
    return admin_end(request);
}

/* --- Adding --- */

enum turn console_contacts_add(struct request *request)
{
    struct list list;
    if (!whose_merchant(request) || !list_read(request, &list))
        return TURN_REPLY;
    struct contact_item *items = arena_alloc(request->arena, list.count, sizeof *items);
    for (size_t i = 0; i < list.count; i++) {
        const struct list_item *from = &list.items[i];
        items[i] = (struct contact_item){.refusal = from->refusal,
                                         .name = from->name,
                                         .surname = from->surname,
                                         .email = from->email};
        if (from->refusal != PAYOUT_OK)
            continue;
        items[i].prefix = from->number.country->prefix;
        items[i].phone = from->number.national;
        items[i].msisdn = from->number.msisdn;
    }
    request->job.command.kind = COMMAND_CONTACT_ADD;
    request->job.command.contact_add =
        (struct contact_add){.merchant = request->merchant_id, .items = items, .count = list.count};
    return TURN_LANE;
}

enum turn console_contacts_added(struct request *request)
{
    const struct contact_add *add = &request->job.command.contact_add;
    int64_t added = 0;
    if (request->job.command.code == PAYOUT_INVALID_USER)
        return request_refuse(request, request->job.command.code);
    struct buffer *text = admin_begin(request);
    admin_open_member(text, "items", '[');
    for (size_t i = 0; i < add->count; i++) {
        const struct contact_item *item = &add->items[i];
        added += item->code == PAYOUT_OK;
        admin_comma(text);
        buffer_char(text, '{');
        reply_int_member(text, "code", item->code);
        reply_text_member(text, "word", payout_code_word(item->code));
        reply_text_member(text, "message",
                          item->code == PAYOUT_OK ? NULL
                                                  : payout_code_text(item->code, request->lang));
        phone_member(text, "phone", item->msisdn);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
    reply_int_member(text, "added", added);
    return admin_end(request);
}

/* --- One --- */

/* The number that the path names: digits with its country's, with or without a plus. */
static bool phone_read(const char *text, int64_t *msisdn)
{
    text += text[0] == '+' ? 1 : 0;
    return strlen(text) <= PHONE_DIGITS_MAX && admin_number_read(text, 1, INT64_MAX, msisdn);
}

enum turn console_contact(struct request *request)
{
    struct store_reader *reader;
    struct contact *contact = NULL;
    struct fault fault;
    int64_t msisdn;
    if (!whose_merchant(request))
        return TURN_REPLY;
    bool named = phone_read(request->parameters[0], &msisdn);
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        (named && store_read_contact(reader, request->arena, request->merchant_id, msisdn, &contact,
                                     &fault) != FAULT_NONE))
        return route_fault(request, &fault);
    if (contact == NULL)
        return request_refuse(request, PAYOUT_NOT_FOUND);
    /* Its own number, and the one that it is listed under. */
    int64_t *numbers = arena_alloc(request->arena, 2, sizeof *numbers);
    numbers[0] = contact->msisdn;
    numbers[1] = contact->listed_under;
    struct transfer_filter filter = {.merchant = request->merchant_id,
                                     .before = {INT64_MAX},
                                     .msisdns = numbers,
                                     .msisdn_count = contact->listed_under == 0 ? 1 : 2};
    const char *before = form_query(request->form, "before");
    if (before != NULL && before[0] != '\0' && !transfer_id_read(before, &filter.before))
        return request_refuse(request, PAYOUT_INVALID_PARAM);
    struct buffer *text = admin_begin(request);
    contact_members(text, contact);
    return search_page(request, text, &filter);
}

enum turn console_contact_change(struct request *request)
{
    static const char *const names[] = {"name", "surname", "email", "listed_under", NULL};
    struct contact_change *change = &request->job.command.contact_change;
    struct contact *contact = &change->contact;
    struct admin_input input;
    if (!whose_merchant(request) || !admin_input_read(request, names, &input))
        return TURN_REPLY;
    contact->merchant = request->merchant_id;
    if (!phone_read(request->parameters[0], &contact->msisdn))
        return request_refuse(request, PAYOUT_NOT_FOUND);
    const char **const texts[] = {&contact->name, &contact->surname, &contact->email};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        *texts[i] = admin_input_text(&input, names[i]);
        if (*texts[i] == NULL)
            continue;
        if (strlen(*texts[i]) > CONTACT_TEXT_BYTES_MAX)
            return request_refuse(request, PAYOUT_DATA_NOT_VALID);
        change->fields |= (unsigned)CONTACT_FIELD_NAME << i;
    }
    const char *under = admin_input_text(&input, "listed_under");
    if (under != NULL) {
        change->fields |= CONTACT_FIELD_LISTED_UNDER;
        if (under[0] != '\0' && !phone_read(under, &contact->listed_under))
            return request_refuse(request, PAYOUT_INVALID_PHONE);
    }
    if (change->fields == 0)
        return request_refuse(request, PAYOUT_INVALID_PARAM);
    request->job.command.kind = COMMAND_CONTACT_CHANGE;
    return TURN_LANE;
}

enum turn console_contact_changed(struct request *request)
{
    const struct command *command = &request->job.command;
    if (command->code == PAYOUT_NOT_ALLOWED)
        return request_refuse_as(request, command->code, 409,
                                 "Ce numéro ne peut pas être réuni à celui-là",
                                 "This number can't be listed under that one");
    if (command->code != PAYOUT_OK)
        return request_refuse(request, command->code);
    struct buffer *text = admin_begin(request);
    contact_members(text, &command->contact_change.contact);
    return admin_end(request);
}
