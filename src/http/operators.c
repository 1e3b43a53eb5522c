/* GET /v1/operators: whether what is sent to each operator leaves now. Ours, beside the five
 * endpoints of the Payout API. */
#include "base/clock.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "money/tariff.h"
#include "wire/reply.h"

static const char *status_text(enum http_operator_status status)
{
    static const char *const texts[] = {"available", "down", "off"};
    return texts[status];
}

static struct http_operator operator_look(const struct request *request, int number)
{
    const struct http_channels *channels = &request->http->channels;
    struct http_operator answer = {.status = HTTP_OPERATOR_AVAILABLE};
    if ((request->settings->operators_off >> number & 1) != 0)
        answer.status = HTTP_OPERATOR_OFF;
    else if (channels->operator_look != NULL)
        channels->operator_look(channels->context, request->merchant_id, number, &answer);
    return answer;
}

static void operator_write(struct buffer *text, const struct request *request,
                           const struct country *country, const struct operator_entry *entry)
{
    struct http_operator look = operator_look(request, entry->number);
    bool down = look.status == HTTP_OPERATOR_DOWN;
    char since[CLOCK_TEXT_BYTES];
    if (look.since_ms > 0)
        clock_text(look.since_ms, since);
    buffer_char(text, '{');
    reply_text_member(text, "country", country->code);
    reply_text_member(text, "prefix", country->prefix);
    reply_text_member(text, "currency", currency_text(country->currency));
    reply_text_member(text, "payment_method", entry->payment_method);
    reply_text_member(text, "operator", entry->name);
    reply_text_member(text, "status", status_text(look.status));
    reply_text_member(text, "since", look.since_ms > 0 ? since : NULL);
    /* As of a transfer that waits, in check/money. */
    reply_text_member(text, "comment",
                      down ? transfer_reason_text(TRANSFER_REASON_OPERATOR_DOWN, request->lang)
                           : NULL);
    buffer_char(text, '}');
}

enum turn operators_begin(struct request *request)
{
    size_t count;
    const struct country *countries = tariff_countries(&count);
    struct buffer *text = request_data_begin(request);
    const char *comma = "";
    buffer_char(text, '[');
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < countries[i].operator_count; j++) {
            buffer_text_append(text, comma);
            comma = ",";
            operator_write(text, request, &countries[i], &countries[i].operators[j]);
        }
    buffer_char(text, ']');
    return request_data_end(request);
}
