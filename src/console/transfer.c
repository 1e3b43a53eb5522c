/* /console/v1/transfers: found by what a person knows of them, as a page or as a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "console/csv.h"
#include "console/list.h"
#include "console/name.h"
#include "console/page.h"
#include "console/search.h"
#include "console/whose.h"
#include "http/admin.h"
#include "http/route.h"
#include "http/stream.h"
#include "http/worker.h"
#include "money/tariff.h"
#include "wire/reply.h"

enum { SCAN_MAX = 20000, CSV_PAGE = 500, SCRATCH_BYTES_MAX = 32 << 20 };

static bool states_read(struct request *request, unsigned *states)
{
    const char *text = form_query(request->form, "state");
    *states = 0;
    while (text != NULL && *text != '\0') {
        size_t length = strcspn(text, ",");
        enum transfer_state state = TRANSFER_NEW;
        while (state < TRANSFER_STATE_END &&
               (strncmp(transfer_state_text(state), text, length) != 0 || length != 3))
            state++;
        if (state == TRANSFER_STATE_END) {
            (void)request_refuse_as(request, PAYOUT_INVALID_PARAM, 0,
                                    "state : NEW, REC, NOS, VAL ou REJ, avec des virgules",
                                    "state: some of NEW, REC, NOS, VAL and REJ, with commas");
            return false;
        }
        *states |= 1u << state;
        text += length + (text[length] == ',' ? 1 : 0);
    }
    return true;
}

static bool filter_read(struct request *request, struct transfer_filter *filter)
{
    const char *method = form_query(request->form, "operator");
    const char *before = form_query(request->form, "before");
    struct transfer_id page;
    *filter = (struct transfer_filter){0};
    if (!whose_any(request, &filter->merchant) ||
        !admin_query_time(request, "from", (struct transfer_id){0}, &filter->from) ||
        !admin_query_time(request, "to", (struct transfer_id){INT64_MAX}, &filter->before) ||
        !states_read(request, &filter->states))
        return false;
    if (before != NULL && before[0] != '\0') {
        if (!transfer_id_read(before, &page)) {
            (void)request_refuse(request, PAYOUT_INVALID_PARAM);
            return false;
        }
        if (page.value < filter->before.value)
            filter->before = page;
    }
    if (method == NULL || method[0] == '\0')
        return true;
    const struct operator_entry *entry = tariff_operator_named(method);
    if (entry == NULL) {
        (void)request_refuse(request, PAYOUT_INVALID_PAYMENT_METHOD);
        return false;
    }
    filter->operator_number = entry->number;
    return true;
}

enum turn search_answer(struct request *request, struct buffer *text,
                        const struct transfer *transfers, size_t count, struct transfer_id next)
{
    char id[TRANSFER_ID_TEXT_BYTES];
    struct names names;
    struct fault fault;
    if (!names_read(request, request->arena, transfers, count, &names, &fault))
        return route_fault(request, &fault);
    admin_open_member(text, "transfers", '[');
    for (size_t i = 0; i < count; i++) {
        const struct contact *contact = names_of(&names, &transfers[i]);
        admin_comma(text);
        buffer_char(text, '{');
        admin_transfer_write(text, &transfers[i]);
        reply_text_member(text, "name", contact == NULL ? NULL : contact->name);
        reply_text_member(text, "surname", contact == NULL ? NULL : contact->surname);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
    if (next.value != 0)
        transfer_id_text(next, id);
    reply_text_member(text, "next", next.value == 0 ? NULL : id);
    admin_time_member(text, "seen_from", next.value / TRANSFER_IDS_PER_SECOND * 1000);
    return admin_end(request);
}

enum turn search_page(struct request *request, struct buffer *text,
                      const struct transfer_filter *filter)
{
    struct store_reader *reader;
    struct transfer *transfers;
    struct transfer_id next;
    size_t count;
    struct fault fault;
    int64_t limit;
    if (!admin_query_number(request, "limit", ADMIN_PAGE_DEFAULT, 1, ADMIN_PAGE_MAX, &limit))
        return TURN_REPLY;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_transfers_found(reader, request->arena, filter, SCAN_MAX, (size_t)limit,
                                   &transfers, &count, &next, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    return search_answer(request, text, transfers, count, next);
}

static enum turn one_answer(struct request *request, const struct transfer *transfer)
{
    static const struct transfer none; /* Counted as no one. */
    bool found = transfer != NULL;
    return search_answer(request, admin_begin(request), found ? transfer : &none, found ? 1 : 0,
                         (struct transfer_id){0});
}

enum turn console_transfers(struct request *request)
{
    struct transfer_filter filter;
    struct transfer *one = NULL;
    struct fault fault;
    if (!filter_read(request, &filter))
        return TURN_REPLY;
    switch (search_words(request, form_query(request->form, "q"), &filter, &one, &fault)) {
    case SEARCH_FILTER:
        return search_page(request, admin_begin(request), &filter);
    case SEARCH_ONE:
        return one_answer(request, one);
    case SEARCH_FAULT:
        break;
    }
    return route_fault(request, &fault);
}

enum turn console_unknown(struct request *request)
{
    struct transfer_filter filter;
    if (!filter_read(request, &filter))
        return TURN_REPLY;
    filter.states = 1u << TRANSFER_NOS;
    return search_page(request, admin_begin(request), &filter);
}

/* --- As a file --- */

struct file {
    struct transfer_filter filter;
    bool begun;
};

static enum stream_turn file_fill(struct request *request, struct buffer *text)
{
    struct file *file = request->work;
    AUTO(arena_closep) struct arena *scratch = arena_open(SCRATCH_BYTES_MAX);
    struct store_reader *reader;
    struct transfer *transfers;
    struct transfer_id next;
    size_t count;
    struct fault fault;
    if (!file->begun)
        csv_transfers_head(text);
    file->begun = true;
    do { /* A stretch without any says nothing: it goes on. */
        if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
            store_read_transfers_found(reader, scratch, &file->filter, SCAN_MAX, CSV_PAGE,
                                       &transfers, &count, &next, &fault) != FAULT_NONE ||
            !csv_transfers(request, scratch, transfers, count, text, &fault))
            return STREAM_CUT;
        file->filter.before = next;
    } while (text->length == 0 && next.value != 0);
    return next.value == 0 ? STREAM_END : STREAM_MORE;
}

enum turn console_transfers_file(struct request *request)
{
    struct file *file = arena_alloc(request->arena, 1, sizeof *file);
    struct transfer *one = NULL;
    struct fault fault;
    if (!filter_read(request, &file->filter))
        return TURN_REPLY;
    enum search_kind kind =
        search_words(request, form_query(request->form, "q"), &file->filter, &one, &fault);
    if (kind == SEARCH_FAULT)
        return route_fault(request, &fault);
    if (kind == SEARCH_ONE) {
        file->filter.from.value = one == NULL ? 1 : one->id.value;
        file->filter.before = (struct transfer_id){one == NULL ? 1 : one->id.value + 1};
    }
    request->work = file;
    request->answer.file_name = "transfers.csv";
    return stream_begin(request, file_fill, "text/csv; charset=utf-8");
}
