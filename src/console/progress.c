#include "console/progress.h"

#include <string.h>

#include "base/clock.h"
#include "http/admin.h"
#include "http/route.h"
#include "http/stream.h"
#include "http/worker.h"
#include "wire/reply.h"

enum { SCRATCH_BYTES_MAX = 16 << 20 };

/* What the listener was told last. */
struct follower {
    const struct lot *lot;
    uint8_t told[SECRET_HASH_BYTES];
    bool any;
};

static bool lot_over(const struct lot *lot)
{
    return lot->state == LOT_CANCELLED || lot->state == LOT_EXPIRED;
}

bool progress_write(struct request *request, struct arena *arena, const struct lot *lot,
                    struct buffer *text, bool *done, struct fault *fault)
{
    struct store_reader *reader;
    struct transfer_count *counts;
    struct transfer_id seen;
    size_t count;
    if (worker_reader(request->http, &reader, fault) != FAULT_NONE ||
        store_read_transfer_counts(reader, arena, lot->merchant, lot->first,
                                   (struct transfer_id){lot->first.value + lot->count}, INT64_MAX,
                                   COMMAND_ITEMS_MAX, &counts, &count, &seen, fault) != FAULT_NONE)
        return false;
    int64_t sums[TRANSFER_STATE_END][CURRENCY_END][2] = {{{0}}};
    *done = true;
    for (size_t i = 0; i < count; i++) {
        sums[counts[i].state][counts[i].currency][0] += counts[i].count;
        sums[counts[i].state][counts[i].currency][1] += counts[i].amount_minor;
        *done = *done && transfer_state_final(counts[i].state);
    }
    *done = *done || lot_over(lot);
    reply_text_member(text, "lot", request->parameters[0]);
    reply_text_member(text, "state", lot_state_text(lot->state));
    reply_int_member(text, "count", lot->count);
    reply_bool_member(text, "done", *done);
    admin_open_member(text, "states", '[');
    for (enum transfer_state state = TRANSFER_NEW; state < TRANSFER_STATE_END; state++)
        for (enum currency currency = CURRENCY_XOF; currency < CURRENCY_END; currency++) {
            if (sums[state][currency][0] == 0)
                continue;
            admin_comma(text);
            buffer_char(text, '{');
            reply_text_member(text, "state", transfer_state_text(state));
            reply_text_member(text, "currency", currency_text(currency));
            reply_int_member(text, "count", sums[state][currency][0]);
            reply_int_member(text, "amount", sums[state][currency][1]);
            buffer_char(text, '}');
        }
    buffer_char(text, ']');
    return true;
}

/* False: the listener is not logged in any more, or nobody can tell. */
static bool still_open(struct request *request, struct store_reader *reader, struct arena *arena)
{
    uint8_t hash[SECRET_HASH_BYTES];
    struct session *session;
    struct user *user;
    struct fault fault;
    secret_sha256(request->session, strlen(request->session), hash);
    return store_read_session(reader, arena, hash, &session, &user, &fault) == FAULT_NONE &&
           session != NULL && session->ended_at_ms == 0 && !user->disabled;
}

static enum stream_turn progress_fill(struct request *request, struct buffer *text)
{
    struct follower *follower = request->work;
    AUTO(arena_closep) struct arena *scratch = arena_open(SCRATCH_BYTES_MAX);
    AUTO(buffer_free) struct buffer now;
    struct store_reader *reader;
    struct lot *lot;
    struct fault fault;
    uint8_t hash[SECRET_HASH_BYTES];
    bool done = false;
    buffer_init(&now, SCRATCH_BYTES_MAX);
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        !still_open(request, reader, scratch) ||
        store_read_lot(reader, scratch, follower->lot->merchant, follower->lot->code, &lot,
                       &fault) != FAULT_NONE ||
        lot == NULL)
        return STREAM_END; /* The browser asks again, and is told why then. */
    buffer_text_append(&now, "{\"ok\":true");
    if (!progress_write(request, scratch, lot, &now, &done, &fault))
        return STREAM_END;
    buffer_char(&now, '}');
    secret_sha256(now.bytes, now.length, hash);
    if (follower->any && memcmp(hash, follower->told, sizeof hash) == 0) {
        buffer_text_append(text, ": still here\n\n");
        return STREAM_WAIT;
    }
    memcpy(follower->told, hash, sizeof hash);
    follower->any = true;
    buffer_text_append(text, "event: progress\ndata: ");
    buffer_append(text, now.bytes, now.length);
    buffer_text_append(text, "\n\n");
    if (done)
        buffer_text_append(text, "event: end\ndata: {}\n\n");
    return done ? STREAM_END : STREAM_WAIT;
}

enum turn progress_follow(struct request *request, const struct lot *lot)
{
    struct follower *follower = arena_alloc(request->arena, 1, sizeof *follower);
    follower->lot = lot;
    request->work = follower;
    return stream_follow(
        request, progress_fill, "text/event-stream",
        &(struct stream_topic){
            .merchant = lot->merchant, .lot = lot->code, .first = lot->first, .count = lot->count});
}
