#include "money/endpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "money/command.h"
#include "money/rules.h"

_Static_assert((int)ENDPOINT_URL_BYTES == (int)NOTIFY_URL_BYTES_MAX + 1, "an URL is an URL");

const char *endpoint_state_text(enum endpoint_state state)
{
    switch (state) {
#define STATE(name, number, meaning)                                                               \
    case ENDPOINT_##name:                                                                          \
        return #name;
        ENDPOINT_STATES(STATE)
#undef STATE
    case ENDPOINT_STATE_END:
        break;
    }
    invariant(!"an endpoint's state");
}

const char *endpoint_format_text(enum endpoint_format format)
{
    switch (format) {
    case ENDPOINT_FORM:
        return "form";
    case ENDPOINT_JSON:
        return "json";
    case ENDPOINT_FORMAT_END:
        break;
    }
    invariant(!"an endpoint's format");
}

bool endpoint_format_read(const char *text, enum endpoint_format *format)
{
    for (int each = ENDPOINT_FORM; each < ENDPOINT_FORMAT_END; each++) {
        if (strcmp(endpoint_format_text((enum endpoint_format)each), text) != 0)
            continue;
        *format = (enum endpoint_format)each;
        return true;
    }
    return false;
}

/* --- Events --- */

void endpoint_events_text(unsigned events, char text[ENDPOINT_EVENTS_BYTES])
{
    size_t length = 0;
    for (int state = TRANSFER_NEW; state < TRANSFER_STATE_END; state++) {
        if ((events & ENDPOINT_EVENT(state)) == 0)
            continue;
        const char *word = transfer_state_text((enum transfer_state)state);
        size_t word_length = strlen(word);
        invariant(length + 1 + word_length < ENDPOINT_EVENTS_BYTES);
        if (length > 0)
            text[length++] = ' ';
        memcpy(text + length, word, word_length);
        length += word_length;
    }
    text[length] = '\0';
}

/* The event of a word; 0: it is none. */
static unsigned event_read(const char *word, size_t length)
{
    if (length == strlen("CONFIRM") && strncmp(word, "CONFIRM", length) == 0)
        return ENDPOINT_EVENT(TRANSFER_NEW);
    for (int state = TRANSFER_NEW; state < TRANSFER_STATE_END; state++) {
        const char *text = transfer_state_text((enum transfer_state)state);
        if (strlen(text) == length && strncmp(word, text, length) == 0)
            return ENDPOINT_EVENT(state);
    }
    return 0;
}

bool endpoint_events_read(const char *text, unsigned *events)
{
    static const char between[] = " ,\t\r\n";
    unsigned read = 0;
    for (text += strspn(text, between); *text != '\0'; text += strspn(text, between)) {
        size_t length = strcspn(text, between);
        unsigned event = event_read(text, length);
        if (event == 0)
            return false;
        read |= event;
        text += length;
    }
    *events = read;
    return read != 0;
}

/* --- How it does --- */

void endpoint_secret_change(struct endpoint *endpoint, const char *secret_key, int64_t until_ms)
{
    size_t length = strlen(secret_key);
    invariant(length < sizeof endpoint->secret_key);
    _Static_assert(sizeof endpoint->secret_before == sizeof endpoint->secret_key, "they are alike");
    memset(endpoint->secret_before, 0, sizeof endpoint->secret_before);
    if (until_ms != 0)
        memcpy(endpoint->secret_before, endpoint->secret_key, sizeof endpoint->secret_before);
    endpoint->secret_before_until_ms = until_ms;
    memset(endpoint->secret_key, 0, sizeof endpoint->secret_key);
    memcpy(endpoint->secret_key, secret_key, length);
}

/* Another day has begun: the last one is judged. */
static void day_turn(struct endpoint *endpoint, int64_t day)
{
    bool bad = endpoint->day_tries >= ENDPOINT_DAY_TRIES_MIN &&
               (int64_t)endpoint->day_failures * 100 >=
                   (int64_t)endpoint->day_tries * ENDPOINT_DAY_FAILED_PER_CENT;
    endpoint->bad_day = bad ? endpoint->day : 0;
    endpoint->day = day;
    endpoint->day_tries = endpoint->day_failures = 0;
}

void endpoint_tried(struct endpoint *endpoint, bool delivered, int64_t at_ms)
{
    int64_t day = at_ms / ENDPOINT_DAY_MS;
    if (day > endpoint->day)
        day_turn(endpoint, day);
    if (endpoint->day_tries < INT32_MAX)
        endpoint->day_tries++;
    if (delivered) {
        endpoint->failures = 0;
        endpoint->failing_since_ms = 0;
        return;
    }
    if (endpoint->day_failures < INT32_MAX)
        endpoint->day_failures++;
    if (endpoint->failures < INT32_MAX)
        endpoint->failures++;
    if (endpoint->failing_since_ms == 0)
        endpoint->failing_since_ms = at_ms;
}

bool endpoint_failed(const struct endpoint *endpoint, int64_t now_ms)
{
    if (endpoint->state != ENDPOINT_ON || endpoint->failing_since_ms == 0)
        return false;
    if (endpoint->failures >= ENDPOINT_FAILURES_MIN &&
        now_ms - endpoint->failing_since_ms >= ENDPOINT_FAILING_MS)
        return true;
    int64_t today = now_ms / ENDPOINT_DAY_MS;
    return endpoint->bad_day != 0 && endpoint->bad_day == today - 1 && endpoint->day == today;
}

/* --- Commands --- */

void endpoint_add_want(const struct command *command, struct book *book)
{
    (void)book_merchant(book, command->endpoint_add.endpoint.merchant);
    (void)book_endpoints(book, command->endpoint_add.endpoint.merchant);
}

static size_t endpoints_count(const struct endpoints_row *row)
{
    size_t count = 0;
    for (const struct endpoint_line *line = row->first; line != NULL; line = line->next)
        count += line->endpoint.state != ENDPOINT_REMOVED;
    return count;
}

/* Writes down what a person made of an endpoint. before: NULL, there was none. */
static void endpoint_act(const struct command *command, struct book *book,
                         const struct endpoint *before, const struct endpoint *after)
{
    static const struct endpoint nothing = {
        .state = ENDPOINT_OFF, .format = ENDPOINT_FORM, .events = 0};
    const struct endpoint *was = before == NULL ? &nothing : before;
    char events_was[ENDPOINT_EVENTS_BYTES], events_is[ENDPOINT_EVENTS_BYTES], subject[16];
    struct act_changes changes;
    if (command->actor.person == NULL)
        return;
    endpoint_events_text(was->events, events_was);
    endpoint_events_text(after->events, events_is);
    (void)snprintf(subject, sizeof subject, "%" PRId32, after->number);
    act_changes_begin(&changes, before == NULL);
    act_change_text(&changes, "url", was->url, after->url);
    act_change_text(&changes, "events", events_was, events_is);
    act_change_text(&changes, "format", endpoint_format_text(was->format),
                    endpoint_format_text(after->format));
    act_change_text(&changes, "state", endpoint_state_text(was->state),
                    endpoint_state_text(after->state));
    act_change_number(&changes, "secret_before_until_ms", was->secret_before_until_ms,
                      after->secret_before_until_ms);
    act_change_secret(&changes, "secret_key", was->secret_key, after->secret_key);
    act_write(book, command, before == NULL ? ACT_ENDPOINT_ADD : ACT_ENDPOINT_CHANGE,
              after->merchant, subject, &changes);
}

void endpoint_add_decide(struct command *command, struct book *book)
{
    struct endpoint *added = &command->endpoint_add.endpoint;
    invariant(added->state == ENDPOINT_ON || added->state == ENDPOINT_OFF);
    invariant(added->events != 0 && added->url[0] != '\0' && added->secret_key[0] != '\0');
    if (!book_row_exists(&book_merchant(book, added->merchant)->row)) {
        command->code = PAYOUT_NOT_FOUND;
        return;
    }
    struct endpoints_row *row = book_endpoints(book, added->merchant);
    if (endpoints_count(row) >= ENDPOINTS_MAX || row->last_number >= ENDPOINT_NUMBER_MAX) {
        command->code = PAYOUT_NOT_ALLOWED;
        return;
    }
    added->number = ++row->last_number;
    added->created_at_ms = added->changed_at_ms = command->at_ms;
    struct endpoint_line *line = book_endpoint_line(book, row);
    line->endpoint = *added;
    line->state = ROW_NEW;
    book_row_change(&row->row);
    endpoint_act(command, book, NULL, added);
    command->code = PAYOUT_OK;
}

void endpoint_change_want(const struct command *command, struct book *book)
{
    (void)book_endpoints(book, command->endpoint_change.endpoint.merchant);
}

/* The line of an endpoint that is not removed; NULL: there is none. */
static struct endpoint_line *endpoint_here(struct book *book, struct merchant_id merchant,
                                           int32_t number)
{
    struct endpoint_line *line = book_endpoint(book, merchant, number);
    return line != NULL && line->endpoint.state != ENDPOINT_REMOVED ? line : NULL;
}

/* Its state is another one now; what it did before counts no more. */
static void state_change(struct endpoint *endpoint, enum endpoint_state state, int64_t at_ms)
{
    invariant(endpoint->state != ENDPOINT_REMOVED);
    if (endpoint->state == state)
        return;
    endpoint->state = state;
    endpoint->changed_at_ms = at_ms;
    if (state != ENDPOINT_ON)
        return;
    endpoint->failures = 0;
    endpoint->failing_since_ms = 0;
    endpoint->bad_day = 0;
    endpoint->day_tries = endpoint->day_failures = 0;
}

/* Takes its secret over, and what is to be had of the one of before. */
static void secrets_change(struct endpoint *to, const struct endpoint *from, unsigned fields,
                           int64_t at_ms)
{
    if (fields & ENDPOINT_FIELD_SECRET)
        endpoint_secret_change(to, from->secret_key, from->secret_before_until_ms);
    if (fields & ENDPOINT_FIELD_SEALED) {
        memcpy(to->secret_key, from->secret_key, sizeof to->secret_key);
        memcpy(to->secret_before, from->secret_before, sizeof to->secret_before);
    }
    if (to->secret_before_until_ms > at_ms)
        return;
    memset(to->secret_before, 0, sizeof to->secret_before);
    to->secret_before_until_ms = 0;
}

void endpoint_change_decide(struct command *command, struct book *book)
{
    const struct endpoint *from = &command->endpoint_change.endpoint;
    unsigned fields = command->endpoint_change.fields;
    struct endpoint_line *line = endpoint_here(book, from->merchant, from->number);
    if (line == NULL) {
        command->code = PAYOUT_NOT_FOUND;
        return;
    }
    struct endpoint *to = &line->endpoint;
    const struct endpoint before = *to;
    if (fields & ENDPOINT_FIELD_URL)
        memcpy(to->url, from->url, sizeof to->url);
    if (fields & ENDPOINT_FIELD_EVENTS)
        to->events = from->events;
    if (fields & ENDPOINT_FIELD_FORMAT)
        to->format = from->format;
    if (fields & ENDPOINT_FIELD_STATE) {
        invariant(from->state != ENDPOINT_FAILED);
        state_change(to, from->state, command->at_ms);
    }
    secrets_change(to, from, fields, command->at_ms);
    book_endpoint_change(book, line);
    endpoint_act(command, book, &before, to);
    command->code = PAYOUT_OK;
}

void endpoint_fail_want(const struct command *command, struct book *book)
{
    (void)book_endpoints(book, command->endpoint_fail.merchant);
}

void endpoint_fail_decide(struct command *command, struct book *book)
{
    const struct endpoint_fail *fail = &command->endpoint_fail;
    struct endpoint_line *line = endpoint_here(book, fail->merchant, fail->number);
    command->code = PAYOUT_NOT_FOUND;
    if (line == NULL)
        return;
    command->code = PAYOUT_NOT_ALLOWED;
    if (!endpoint_failed(&line->endpoint, command->at_ms))
        return; /* One that arrived came in between, or somebody was faster. */
    state_change(&line->endpoint, ENDPOINT_FAILED, command->at_ms);
    mail_endpoint_failed(book, &line->endpoint, fail->to, command->at_ms);
    book_endpoint_change(book, line);
    command->code = PAYOUT_OK;
}
