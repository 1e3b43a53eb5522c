#include "delivery/reading.h"

#include "base/clock.h"

enum {
    TARGETS_MAX = 4096,
    QUEUES_MAX = 8192,
    PAGE_ROWS = 256,
    PAGE_QUEUES = 256,
    PAGES_A_TURN = 16, /* Then the exchange has its turn. */
    SWEEP_US = 60000000,
    SWEEP_AGAIN_US = 5000000, /* After a queue was forgotten. */
};
#define PAGE_ARENA_BYTES ((size_t)64 << 20)

enum fault_kind reading_open(struct reading *reading, struct store *store, struct shares *shares,
                             const struct vault *vault, struct sender *sender, size_t room,
                             struct fault *fault)
{
    if (store_reader_open(store, &reading->reader, fault) != FAULT_NONE)
        return fault->kind;
    reading->shares = shares;
    reading->vault = vault;
    reading->sender = sender;
    reading->notebook = notebook_open(room);
    reading->queues = queues_open(QUEUES_MAX);
    reading->targets = targets_open(TARGETS_MAX);
    /* What was left from before is found queue by queue; the rest falls due from now on. */
    reading->seen = (struct notification_cursor){.due_at_ms = clock_now_ms()};
    reading->sweeping = reading->look = true;
    reading->sweep_after = INT64_MIN;
    reading->look_at_ms = reading->behind_at_ms = INT64_MAX;
    return FAULT_NONE;
}

void reading_close(struct reading *reading)
{
    store_reader_close(reading->reader);
    notebook_close(reading->notebook);
    queues_close(reading->queues);
    targets_close(reading->targets);
    merchant_cache_close(&reading->merchants);
}

void reading_rewind(struct reading *reading, int64_t due_at_ms)
{
    struct notification_cursor from = {.due_at_ms = due_at_ms};
    if (notebook_compare(from, reading->seen) < 0)
        reading->seen = from;
}

void reading_expect(struct reading *reading, int64_t at_ms)
{
    if (at_ms < reading->look_at_ms)
        reading->look_at_ms = at_ms;
}

/* The place just before one. */
static struct notification_cursor place_before(struct notification_cursor place)
{
    place.key.number--;
    return place;
}

/* --- Whose queues --- */

static size_t *shard_in_hand(struct reading *reading, const struct queue *queue)
{
    return &reading->in_hand[__builtin_ctz(shard_of_queue(queue->number))];
}

/* What it did not have before was left by somebody else: it is found queue by queue. */
static void shares_look(struct reading *reading)
{
    uint32_t busy = 0;
    for (int shard = 0; shard < SHARDS; shard++)
        busy |= (uint32_t)(reading->in_hand[shard] > 0) << shard;
    uint32_t held = shares_use(reading->shares, DUTY_NOTIFICATIONS, busy);
    if ((held & ~reading->held) != 0) {
        reading->sweeping = reading->look = true;
        reading->sweep_after = INT64_MIN;
    }
    reading->held = held;
    store_reader_keep(reading->reader, held);
}

void reading_release(struct reading *reading, struct note *note, bool again)
{
    if (again)
        queue_fall_behind(note->queue, place_before(note->at));
    note->queue->held--;
    (*shard_in_hand(reading, note->queue))--;
    if (note->target != NULL) {
        note->queue->most = sender_hold_max(note->target, notebook_room(reading->notebook));
        note->target->held--;
    }
    notebook_release(reading->notebook, note);
}

int64_t reading_next_ms(const struct reading *reading)
{
    return reading->look_at_ms < reading->behind_at_ms ? reading->look_at_ms
                                                       : reading->behind_at_ms;
}

/* --- Taking in hand --- */

/* How many more of a queue may be in hand. */
static size_t queue_room(const struct reading *reading, const struct queue *queue)
{
    size_t room = notebook_room(reading->notebook);
    size_t most = sender_hold_max(NULL, room);
    if (queue->most > most)
        most = queue->most < room / 4 + 1 ? queue->most : room / 4 + 1;
    if (queue->held >= most || room == 0)
        return 0;
    return most - queue->held < room ? most - queue->held : room;
}

/* Where a notification goes to; *endpoint is NULL for a notify_url. NULL: nowhere, its endpoint is
 * not to be told anything. */
static const char *due_url(const struct hearers *hearers, const struct due_notification *due,
                           const struct endpoint **endpoint)
{
    *endpoint = NULL;
    if (due->notification.key.endpoint == 0)
        return due->transfer.notify_url;
    *endpoint = hearers_endpoint(hearers, due->notification.key.endpoint);
    return *endpoint != NULL && (*endpoint)->state == ENDPOINT_ON ? (*endpoint)->url : NULL;
}

/* Takes one in hand. *taken is false when its server finds no place. */
static enum fault_kind note_take(struct reading *reading, struct queue *queue,
                                 const struct due_notification *due, bool *taken,
                                 struct fault *fault)
{
    const struct endpoint *endpoint;
    const struct hearers *hearers = merchant_cache_get(
        &reading->merchants, reading->reader, reading->vault, due->notification.merchant, fault);
    *taken = true;
    if (hearers == NULL)
        return fault_wrap(fault, "read who is told");
    const char *url = due_url(hearers, due, &endpoint);
    struct target *target = NULL;
    if (url != NULL) {
        char key[HOST_KEY_BYTES];
        host_key(url, key);
        target = targets_get(reading->targets, key);
        *taken = target != NULL;
        if (target == NULL)
            return FAULT_NONE;
    }
    struct note *note = notebook_take(reading->notebook, &due->notification);
    note->queue = queue;
    queue->held++;
    (*shard_in_hand(reading, queue))++;
    if (target == NULL) {
        sender_skip(reading->sender, note);
        return FAULT_NONE;
    }
    letter_write(&note->letter, due, &hearers->merchant, endpoint);
    target->held++;
    sender_take(reading->sender, target, note);
    return FAULT_NONE;
}

/* --- What falls due, in the order of time --- */

/* Takes one, or leaves it to its queue. */
static enum fault_kind seen_one(struct reading *reading, const struct due_notification *due,
                                int64_t now_ms, struct fault *fault)
{
    struct notification_cursor place = notebook_place(&due->notification);
    bool forgotten = false, taken = true;
    if (notebook_find(reading->notebook, place.key) != NULL)
        return FAULT_NONE;
    struct queue *queue = queues_get(reading->queues, due->notification.queue, &forgotten);
    if (queue == NULL || forgotten) /* The next sweep finds it. */
        reading->swept_at_us = clock_monotonic_us() - SWEEP_US + SWEEP_AGAIN_US;
    if (queue == NULL)
        return FAULT_NONE;
    if (queue->behind || queue->rests_until_ms > now_ms || queue_room(reading, queue) == 0)
        taken = false;
    else if (note_take(reading, queue, due, &taken, fault) != FAULT_NONE)
        return fault->kind;
    if (!taken)
        queue_fall_behind(queue, place_before(place));
    return FAULT_NONE;
}

/* Goes through a page of what is due after `seen`. */
static enum fault_kind seen_page(struct reading *reading, int64_t now_ms, bool *last,
                                 struct fault *fault)
{
    AUTO(arena_closep) struct arena *arena = arena_open(PAGE_ARENA_BYTES);
    struct due_notification *due = NULL;
    size_t found = 0;
    if (store_read_due_notifications(reading->reader, arena, now_ms, reading->seen, PAGE_ROWS, &due,
                                     &found, fault) != FAULT_NONE)
        return fault_wrap(fault, "read what is to be told");
    *last = found < PAGE_ROWS;
    for (size_t i = 0; i < found; i++) {
        if (seen_one(reading, &due[i], now_ms, fault) != FAULT_NONE)
            return fault->kind;
        reading->seen = notebook_place(&due[i].notification);
    }
    return FAULT_NONE;
}

static enum fault_kind seen_look(struct reading *reading, int64_t now_ms, bool *more,
                                 struct fault *fault)
{
    struct next_due next = {0};
    bool last = false;
    for (int pages = 0; !last; pages++) {
        if (pages == PAGES_A_TURN) {
            *more = true;
            return FAULT_NONE;
        }
        if (seen_page(reading, now_ms, &last, fault) != FAULT_NONE)
            return fault->kind;
    }
    reading->look = false;
    if (store_read_next_due(reading->reader, now_ms, &next, fault) != FAULT_NONE)
        return fault_wrap(fault, "read what is to be told next");
    reading->look_at_ms = next.notification_at_ms == 0 ? INT64_MAX : next.notification_at_ms;
    return FAULT_NONE;
}

/* --- What was passed over, queue by queue --- */

/* Takes a page of one queue in hand. */
static enum fault_kind behind_page(struct reading *reading, struct queue *queue, int64_t now_ms,
                                   struct fault *fault)
{
    AUTO(arena_closep) struct arena *arena = arena_open(PAGE_ARENA_BYTES);
    struct due_notification *due = NULL;
    size_t found = 0, rows = queue_room(reading, queue) + queue->held; /* Those held come, too. */
    rows = rows < PAGE_ROWS ? rows : PAGE_ROWS;
    if (store_read_queue(reading->reader, arena, queue->number, now_ms, queue->behind_from, rows,
                         &due, &found, fault) != FAULT_NONE)
        return fault_wrap(fault, "read what is still to be told");
    queue->behind = found == rows;
    for (size_t i = 0; i < found; i++) {
        bool taken = true;
        if (notebook_find(reading->notebook, due[i].notification.key) == NULL) {
            if (queue->rests_until_ms > now_ms || queue_room(reading, queue) == 0)
                taken = false;
            else if (note_take(reading, queue, &due[i], &taken, fault) != FAULT_NONE)
                return fault->kind;
        }
        if (!taken) {
            queue->behind = true;
            return FAULT_NONE;
        }
        queue->behind_from = notebook_place(&due[i].notification);
    }
    return FAULT_NONE;
}

/* Brings on those that were passed over and are running dry, each in its turn. */
static enum fault_kind behind_look(struct reading *reading, int64_t now_ms, bool *more,
                                   struct fault *fault)
{
    size_t index = 0, count = 0, pages = 0;
    while (queues_next(reading->queues, &index) != NULL)
        count++;
    reading->behind_at_ms = INT64_MAX;
    for (size_t tried = 0; tried < count; tried++) {
        index = reading->turn = (reading->turn + 1) % count;
        struct queue *queue = queues_next(reading->queues, &index);
        if (!queue->behind || queue_room(reading, queue) <= queue->held)
            continue; /* More comes when what is in hand has ended. */
        if ((reading->held & shard_of_queue(queue->number)) == 0)
            continue;
        if (queue->rests_until_ms > now_ms) {
            if (queue->rests_until_ms < reading->behind_at_ms)
                reading->behind_at_ms = queue->rests_until_ms;
            continue;
        }
        if (pages++ == PAGES_A_TURN) {
            *more = true;
            return FAULT_NONE;
        }
        if (behind_page(reading, queue, now_ms, fault) != FAULT_NONE)
            return fault->kind;
    }
    return FAULT_NONE;
}

/* --- All queues, now and then --- */

/* Looks at some of the queues in which something waits: all of what is due there may have been
 * missed. */
static enum fault_kind sweep_page(struct reading *reading, int64_t now_ms, struct fault *fault)
{
    AUTO(arena_closep) struct arena *arena = arena_open(PAGE_ARENA_BYTES);
    struct due_queue *queues = NULL;
    size_t found = 0;
    if (store_read_queues(reading->reader, arena, reading->sweep_after, PAGE_QUEUES, &queues,
                          &found, fault) != FAULT_NONE)
        return fault_wrap(fault, "read who is to be told");
    for (size_t i = 0; i < found; i++) {
        bool forgotten = false;
        reading->sweep_after = queues[i].queue;
        if (queues[i].due_at_ms > now_ms)
            continue;
        struct queue *queue = queues_get(reading->queues, queues[i].queue, &forgotten);
        if (queue != NULL)
            queue_fall_behind(queue, (struct notification_cursor){0});
    }
    reading->sweeping = found == PAGE_QUEUES;
    return FAULT_NONE;
}

static void sweep_begin(struct reading *reading)
{
    int64_t now_us = clock_monotonic_us();
    if (reading->sweeping || now_us - reading->swept_at_us < SWEEP_US)
        return;
    reading->swept_at_us = now_us;
    reading->sweeping = true;
    reading->sweep_after = INT64_MIN;
}

enum fault_kind reading_turn(struct reading *reading, bool *more, struct fault *fault)
{
    int64_t now_ms = clock_now_ms();
    shares_look(reading);
    if (now_ms >= reading->look_at_ms) {
        reading->look = true;
        reading->look_at_ms = INT64_MAX;
    }
    sweep_begin(reading);
    if (reading->look && seen_look(reading, now_ms, more, fault) != FAULT_NONE)
        return fault->kind;
    if (reading->sweeping && sweep_page(reading, now_ms, fault) != FAULT_NONE)
        return fault->kind;
    *more = *more || reading->sweeping;
    return behind_look(reading, now_ms, more, fault);
}
