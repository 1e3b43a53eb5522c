/* /admin/v1/acts: what persons did, the newest first. */
#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "http/admin.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "http/worker.h"
#include "wire/reply.h"

/* A stored JSON object as it is; as a text, should somebody have damaged it. */
static void object_member(struct buffer *text, const char *name, const char *object)
{
    json_t *read = json_loads(object, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(read)) {
        admin_comma(text);
        reply_text(text, name);
        buffer_char(text, ':');
        buffer_text_append(text, object);
    } else {
        reply_text_member(text, name, object);
    }
    json_decref(read);
}

static void act_members_write(struct buffer *text, const struct act *act)
{
    reply_int_member(text, "id", act->id);
    admin_time_member(text, "at", act->at_ms);
    reply_text_member(text, "what", act_kind_text(act->kind));
    reply_text_member(text, "person", act->person);
    reply_text_member(text, "from", act->from);
    reply_int_member(text, "merchant", act->merchant.value);
    reply_text_member(text, "subject", act->subject);
    object_member(text, "before", act->before);
    object_member(text, "after", act->after);
    reply_text_member(text, "request", act->request);
}

/* since is a time as ours are written, or a number of milliseconds since 1970. */
static bool since_read(struct request *request, int64_t *since_ms)
{
    const char *text = form_query(request->form, "since");
    *since_ms = 0;
    if (text == NULL || admin_number_read(text, 0, INT64_MAX, since_ms) ||
        clock_text_read(text, since_ms))
        return true;
    (void)admin_refuse(request, PAYOUT_INVALID_PARAM,
                       "since must be a time like 2018-10-25T11:25:07");
    return false;
}

enum turn admin_acts(struct request *request)
{
    struct act_filter filter = {.person = form_query(request->form, "person")};
    struct store_reader *reader;
    struct act *acts;
    size_t count;
    struct fault fault;
    int64_t limit;
    if (!since_read(request, &filter.since_ms) ||
        !admin_query_number(request, "merchant", 0, 0, MERCHANT_ID_MAX, &filter.merchant.value) ||
        !admin_query_number(request, "before", 0, 0, INT64_MAX, &filter.before_id) ||
        !admin_query_number(request, "limit", ADMIN_PAGE_DEFAULT, 1, ADMIN_PAGE_MAX, &limit))
        return TURN_REPLY;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_acts(reader, request->arena, &filter, (size_t)limit, &acts, &count, &fault) !=
            FAULT_NONE)
        return route_fault(request, &fault);
    struct buffer *text = admin_begin(request);
    admin_open_member(text, "acts", '[');
    for (size_t i = 0; i < count; i++) {
        admin_comma(text);
        buffer_char(text, '{');
        act_members_write(text, &acts[i]);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
    if (count == (size_t)limit) /* There may be more: ask with before. */
        reply_int_member(text, "next_before", acts[count - 1].id);
    return admin_end(request);
}
