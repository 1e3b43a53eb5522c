/* /admin/v1/screening: transfers whose receiver's name is like one of a list wait for a person's
 * word; /admin/v1/screening/check: what the list says of a name. */
#include "http/admin.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "http/worker.h"
#include "wire/reply.h"

enum { NAME_BYTES_MAX = 1000 };

static void screening_members_write(struct buffer *text, const struct screening *screening)
{
    reply_text_member(text, "result", screening_state_text(screening->verdict));
    reply_text_member(text, "source", screening->source);
    reply_text_member(text, "version", screening->version);
    reply_text_member(text, "entry", screening->entry);
    reply_int_member(text, "score", screening->score);
    admin_time_member(text, "at", screening->at_ms);
}

void admin_screenings_write(struct buffer *text, const struct screening *screenings, size_t count)
{
    admin_open_member(text, "screenings", '[');
    for (size_t i = 0; i < count; i++) {
        admin_comma(text);
        buffer_char(text, '{');
        screening_members_write(text, &screenings[i]);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
}

enum turn admin_screening(struct request *request)
{
    struct store_reader *reader;
    struct matched_transfer *matched;
    size_t count;
    struct fault fault;
    int64_t merchant, limit;
    if (!admin_query_number(request, "merchant", 0, MERCHANT_ID_MIN, MERCHANT_ID_MAX, &merchant) ||
        !admin_query_number(request, "limit", ADMIN_PAGE_DEFAULT, 1, ADMIN_PAGE_MAX, &limit))
        return TURN_REPLY;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_matched(reader, request->arena, (struct merchant_id){merchant}, (size_t)limit,
                           &matched, &count, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    struct buffer *text = admin_begin(request);
    admin_open_member(text, "matches", '[');
    for (size_t i = 0; i < count; i++) {
        admin_comma(text);
        buffer_char(text, '{');
        reply_text_member(text, "name", matched[i].name);
        reply_text_member(text, "surname", matched[i].surname);
        reply_text_member(text, "entry", matched[i].screening.entry);
        reply_int_member(text, "score", matched[i].screening.score);
        reply_text_member(text, "source", matched[i].screening.source);
        reply_text_member(text, "version", matched[i].screening.version);
        admin_time_member(text, "screened_at", matched[i].screening.at_ms);
        admin_transfer_write(text, &matched[i].transfer);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
    return admin_end(request);
}

static enum turn screening_submit(struct request *request, bool release)
{
    return admin_word_submit(request, COMMAND_SCREENING_DECIDE,
                             &request->job.command.screening_decide, release);
}

enum turn admin_screening_release(struct request *request)
{
    return screening_submit(request, true);
}

enum turn admin_screening_refuse(struct request *request)
{
    return screening_submit(request, false);
}

enum turn admin_screening_decided(struct request *request)
{
    return admin_word_decided(request, &request->job.command.screening_decide,
                              "It does not wait for a word on its receiver's name");
}

enum turn admin_screening_check(struct request *request)
{
    static const char *const names[] = {"name", NULL};
    const struct http *http = request->http;
    struct admin_input input;
    struct http_screening answer = {.score = 0};
    if (!admin_input_read(request, names, &input))
        return TURN_REPLY;
    const char *name = admin_input_words(&input, "name", NAME_BYTES_MAX,
                                         "name must be a name, in 1 to 1000 bytes");
    if (name == NULL)
        return TURN_REPLY;
    if (http->screening_ask == NULL || !http->screening_ask(http->screening_context, name, &answer))
        return request_refuse_as(request, PAYOUT_NOT_ALLOWED, 409, NULL,
                                 "There is no list of names in force");
    struct buffer *text = admin_begin(request);
    reply_text_member(text, "result", answer.match ? "match" : "clear");
    reply_int_member(text, "score", answer.score);
    reply_text_member(text, "entry", answer.entry);
    reply_text_member(text, "version", answer.version);
    return admin_end(request);
}
