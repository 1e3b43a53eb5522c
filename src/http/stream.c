#include "http/stream.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "http/guest.h"
#include "http/pool.h"
#include "http/route.h"
#include "http/wait.h"

enum { TEXT_BYTES_MAX = 16 << 20, MS_US = 1000 };

struct stream {
    stream_fill *fill;
    struct buffer text;
    size_t sent; /* Of text. */
    bool follows, waits, ends, cuts;
    struct request *request;
    struct stream_topic topic;
    int64_t said_at_us; /* When it last said something. */
    /* Under the streams' lock: */
    bool asleep, changed;
};

struct streams {
    pthread_mutex_t lock;
    atomic_size_t count; /* Of those below; to look without the lock whether there are any. */
    struct stream *list[STREAM_LISTENERS_MAX];
};

struct streams *streams_open(void)
{
    struct streams *streams = calloc(1, sizeof *streams);
    invariant(streams != NULL);
    invariant(pthread_mutex_init(&streams->lock, NULL) == 0);
    return streams;
}

void streams_close(struct streams *streams)
{
    if (streams == NULL)
        return;
    invariant(atomic_load(&streams->count) == 0);
    invariant(pthread_mutex_destroy(&streams->lock) == 0);
    free(streams);
}

static void lock(struct streams *streams)
{
    invariant(pthread_mutex_lock(&streams->lock) == 0);
}

static void unlock(struct streams *streams)
{
    invariant(pthread_mutex_unlock(&streams->lock) == 0);
}

/* --- For handlers --- */

enum turn stream_begin(struct request *request, stream_fill *fill, const char *content_type)
{
    struct stream *stream = arena_alloc(request->arena, 1, sizeof *stream);
    *stream = (struct stream){.fill = fill, .request = request};
    buffer_init(&stream->text, TEXT_BYTES_MAX);
    request->stream = stream;
    return request_plain(request, 200, content_type);
}

enum turn stream_follow(struct request *request, stream_fill *fill, const char *content_type,
                        const struct stream_topic *topic)
{
    struct streams *streams = request->http->streams;
    size_t place = 0;
    (void)stream_begin(request, fill, content_type);
    struct stream *stream = request->stream;
    stream->topic = *topic;
    lock(streams);
    while (place < STREAM_LISTENERS_MAX && streams->list[place] != NULL)
        place++;
    stream->follows = place < STREAM_LISTENERS_MAX;
    if (stream->follows) {
        streams->list[place] = stream;
        (void)atomic_fetch_add(&streams->count, 1);
    }
    unlock(streams);
    if (stream->follows)
        return TURN_REPLY;
    request->stream = NULL;
    return route_busy(request);
}

void stream_end(struct request *request)
{
    struct stream *stream = request->stream;
    struct streams *streams = request->http->streams;
    if (stream == NULL)
        return;
    if (stream->follows) {
        lock(streams);
        for (size_t i = 0; i < STREAM_LISTENERS_MAX; i++)
            if (streams->list[i] == stream) {
                streams->list[i] = NULL;
                (void)atomic_fetch_sub(&streams->count, 1);
            }
        unlock(streams);
    }
    buffer_free(&stream->text);
}

/* --- Changes --- */

static bool topic_changed(const struct stream_topic *topic, const struct book *book)
{
    for (const struct book_row *row = book->lots.first; row != NULL; row = row->next) {
        const struct lot *lot = &((const struct lot_row *)(const void *)row)->lot;
        if (row->state == ROW_CHANGED && lot->merchant.value == topic->merchant.value &&
            lot->code.value == topic->lot.value)
            return true;
    }
    for (const struct book_row *row = book->transfers.first; row != NULL; row = row->next) {
        int64_t id = ((const struct transfer_row *)(const void *)row)->transfer.id.value;
        if (row->state == ROW_CHANGED && id >= topic->first.value &&
            id < topic->first.value + topic->count)
            return true;
    }
    return false;
}

/* book NULL: everything did. */
static void wake(struct streams *streams, const struct book *book)
{
    if (atomic_load(&streams->count) == 0)
        return;
    lock(streams);
    for (size_t i = 0; i < STREAM_LISTENERS_MAX; i++) {
        struct stream *stream = streams->list[i];
        if (stream == NULL || stream->changed ||
            (book != NULL && !topic_changed(&stream->topic, book)))
            continue;
        stream->changed = true;
        looper_wake(stream->request->looper);
    }
    unlock(streams);
}

void streams_changed(struct streams *streams, const struct book *book)
{
    wake(streams, book);
}

void streams_wake(struct streams *streams)
{
    wake(streams, NULL);
}

/* --- Saying --- */

/* Suspends the connection. False: the server is ending. */
static bool stream_sleep(struct stream *stream)
{
    struct request *request = stream->request;
    if (atomic_load(&request->http->quiesced) || !wait_pause(request))
        return false;
    lock(request->http->streams);
    stream->asleep = true;
    unlock(request->http->streams);
    return true;
}

long stream_read(struct request *request, char *bytes, size_t most)
{
    struct stream *stream = request->stream;
    if (stream->sent == stream->text.length) {
        if (stream->cuts)
            return MHD_CONTENT_READER_END_WITH_ERROR;
        if (stream->ends)
            return MHD_CONTENT_READER_END_OF_STREAM;
        if (stream->waits) {
            stream->waits = false;
            return stream_sleep(stream) ? 0 : MHD_CONTENT_READER_END_OF_STREAM;
        }
        buffer_clear(&stream->text);
        stream->sent = 0;
        stream->said_at_us = clock_monotonic_us();
        guest_turn(request->guest, GUEST_READS, stream->said_at_us);
        if (stream->follows) {
            lock(request->http->streams);
            stream->changed = false;
            unlock(request->http->streams);
        }
        enum stream_turn turn = stream->fill(request, &stream->text);
        stream->ends = turn == STREAM_END;
        stream->waits = turn == STREAM_WAIT;
        stream->cuts = turn == STREAM_CUT || !buffer_ok(&stream->text);
        if (stream->text.length == 0 || stream->cuts)
            return stream->ends ? MHD_CONTENT_READER_END_OF_STREAM
                                : MHD_CONTENT_READER_END_WITH_ERROR;
    }
    size_t size = stream->text.length - stream->sent;
    size = size < most ? size : most;
    memcpy(bytes, stream->text.bytes + stream->sent, size);
    stream->sent += size;
    return (long)size;
}

int streams_tend(struct http *http, const struct looper *looper)
{
    struct streams *streams = http->streams;
    int64_t now_us = clock_monotonic_us(), next_us = INT64_MAX;
    if (atomic_load(&streams->count) == 0)
        return -1;
    bool over = atomic_load(&http->quiesced);
    lock(streams);
    for (size_t i = 0; i < STREAM_LISTENERS_MAX; i++) {
        struct stream *stream = streams->list[i];
        if (stream == NULL || !stream->asleep || stream->request->looper != looper)
            continue;
        int64_t wait_ms = over ? 0 : stream->changed ? STREAM_EVERY_MS : STREAM_BEAT_MS;
        int64_t due_us = stream->said_at_us + wait_ms * MS_US;
        if (due_us > now_us) {
            next_us = due_us < next_us ? due_us : next_us;
            continue;
        }
        stream->asleep = false;
        stream->ends = stream->ends || over;
        wait_unpause(stream->request);
        next_us = now_us;
    }
    unlock(streams);
    return next_us == INT64_MAX ? -1 : (int)((next_us - now_us + MS_US - 1) / MS_US);
}
