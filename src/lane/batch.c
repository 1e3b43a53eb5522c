#include "lane/batch.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "lane/effect.h"

/* A row of the book takes less than 2 KiB with its texts, and a command of weight 1 wants fewer
 * than ten rows; one LOT_DECIDE wants four for each of COMMAND_ITEMS_MAX transfers. A merchant with
 * endpoints has as many notifications more for each change as it has of them: ENDPOINTS_MAX small
 * rows (200 bytes) a transfer, and as many for each change before that. */
#define BATCH_ARENA_BYTES_MAX ((size_t)1 << 30)
/* A command's rows name rows in turn (an id, its transfer, that one's accounts): no deeper. */
enum { LOAD_ROUNDS_MAX = 5 };

struct batch {
    struct store *store;
    struct share share; /* Whose batches these are. */
    const struct lane_options *options;
    int64_t last_at_ms; /* The ledger's time never goes back. */
};

/* Whether the lane can be had: an empty batch. */
static enum fault_kind batch_probe(const struct batch *batch, struct fault *fault)
{
    AUTO(arena_closep) struct arena *arena = arena_open(BATCH_ARENA_BYTES_MAX);
    struct book book;
    book_open(&book, arena);
    book.share = batch->share;
    enum fault_kind kind = store_book_load(batch->store, &book, fault);
    store_book_reset(batch->store, batch->share.lane);
    return kind;
}

enum fault_kind batch_open(struct store *store, struct share share,
                           const struct lane_options *options, struct batch **batch,
                           struct fault *fault)
{
    struct batch *opened = calloc(1, sizeof *opened);
    invariant(opened != NULL);
    *opened = (struct batch){.store = store, .share = share, .options = options};
    enum fault_kind kind = batch_probe(opened, fault);
    if (kind != FAULT_NONE)
        free(opened);
    else
        *batch = opened;
    return kind;
}

void batch_close(struct batch *batch)
{
    free(batch);
}

/* Gives the jobs their time and their ids. The lane is this try's alone, and stands where the store
 * says: another process may have had it in between. */
static void batch_stamp(struct batch *batch, struct book *book, struct lane_job *jobs)
{
    int64_t now_ms = clock_now_ms();
    if (batch->last_at_ms < book->last_at_ms)
        batch->last_at_ms = book->last_at_ms;
    if (batch->last_at_ms < now_ms)
        batch->last_at_ms = now_ms;
    book->last_at_ms = batch->last_at_ms;
    for (struct lane_job *job = jobs; job != NULL; job = job->next)
        command_stamp(&job->command, book->last_at_ms, &book->share, &book->last_transfer,
                      random_below(UINT32_MAX));
}

/* Loads what the commands need, in as many rounds as their rows name further ones. */
static enum fault_kind batch_load(struct batch *batch, struct book *book, struct lane_job *jobs,
                                  struct fault *fault)
{
    for (int round = 0;; round++) {
        for (const struct lane_job *job = jobs; job != NULL; job = job->next)
            command_want(&job->command, book);
        if (round > 0 && !book_wants(book))
            return FAULT_NONE;
        invariant(round < LOAD_ROUNDS_MAX);
        enum fault_kind kind = store_book_load(batch->store, book, fault);
        if (kind != FAULT_NONE)
            return fault_wrap(fault, "load a batch");
        if (round == 0)
            batch_stamp(batch, book, jobs);
    }
}

/* True when anything is to be written. */
static bool batch_changes(const struct book *book)
{
    const struct book_table *const tables[] = {
        &book->merchants, &book->accounts,      &book->contacts,  &book->transfers, &book->lots,
        &book->fundings,  &book->notifications, &book->closings,  &book->usages,    &book->mails,
        &book->users,     &book->endpoints,     &book->callbacks, &book->reversals,
    };
    if (book->movements != NULL || book->deliveries != NULL || book->contradictions != NULL ||
        book->settled != NULL || book->acts != NULL || book->approved != NULL ||
        book->sessions != NULL || book->switches != NULL || book->channel_accounts != NULL)
        return true;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct book_row *row = tables[i]->first; row != NULL; row = row->next)
            if (row->state == ROW_NEW || row->state == ROW_CHANGED)
                return true;
    return false;
}

/* One try: everything is decided anew, from what the store holds now. */
static enum fault_kind batch_try(struct batch *batch, struct lane_job *jobs,
                                 const uint8_t key[STORE_BATCH_KEY_BYTES],
                                 struct batch_effect *effect, struct fault *fault)
{
    AUTO(arena_closep) struct arena *arena = arena_open(BATCH_ARENA_BYTES_MAX);
    struct book book;
    book_open(&book, arena);
    book.share = batch->share;
    book.screening = batch->options->screening;
    enum fault_kind kind = batch_load(batch, &book, jobs, fault);
    if (kind != FAULT_NONE)
        return kind;
    for (struct lane_job *job = jobs; job != NULL; job = job->next)
        command_decide(&job->command, &book);
    book_check(&book);
    *effect = (struct batch_effect){.at_ms = book.last_at_ms,
                                    .work = effect_work(&book),
                                    .notifications = effect_notifications(&book),
                                    .mails_made = book.mails_made};
    for (const struct contradiction_line *line = book.contradictions; line != NULL;
         line = line->next)
        effect->contradictions++;
    if (!batch_changes(&book)) { /* Refusals only: what they were decided on has to last. */
        kind = store_book_leave(batch->store, batch->share.lane, fault);
        return kind == FAULT_NONE ? kind : fault_wrap(fault, "leave a batch");
    }
    kind = store_book_save(batch->store, &book, key, fault);
    if (kind != FAULT_NONE)
        return fault_wrap(fault, "save a batch");
    if (batch->options->saved != NULL)
        batch->options->saved(batch->options->context, &book);
    return FAULT_NONE;
}

/* Tries until it is done, known to be done, or hopeless. Each try gives the jobs their ids and
 * their time anew: it begins only when no try before it was committed, and after one that was there
 * is no other. */
static enum fault_kind batch_persist(struct batch *batch, struct lane_job *jobs,
                                     struct batch_effect *effect, struct fault *fault)
{
    uint8_t key[STORE_BATCH_KEY_BYTES];
    random_bytes(key, sizeof key);
    enum fault_kind kind = FAULT_AGAIN;
    for (int tries = 0; tries < LANE_TRIES_MAX; tries++) {
        kind = batch_try(batch, jobs, key, effect, fault);
        if (kind == FAULT_NONE || kind == FAULT_FINAL)
            break;
        if (kind == FAULT_UNKNOWN) {
            bool known = false;
            enum fault_kind asked =
                store_batch_known(batch->store, batch->share.lane, key, &known, fault);
            if (asked == FAULT_NONE && known)
                return FAULT_NONE;
            if (asked != FAULT_NONE)
                break; /* It stays unknown: deciding again could do it twice. */
            kind = FAULT_AGAIN;
        }
        store_book_reset(batch->store, batch->share.lane);
    }
    if (kind != FAULT_NONE)
        store_book_reset(batch->store, batch->share.lane);
    return kind;
}

static void batch_log(enum fault_kind kind, const struct fault *fault)
{
    if (kind != FAULT_NONE)
        log_event(LOG_LEVEL_ERROR, "batch failed", LOG_TEXT("why", fault->text),
                  LOG_NUMBER("kind", (int64_t)kind));
}

struct batch_effect batch_commit(struct batch *batch, struct lane_job *jobs)
{
    struct batch_effect effect = {0};
    struct fault fault = {0};
    enum fault_kind kind = batch_persist(batch, jobs, &effect, &fault);
    batch_log(kind, &fault);
    if (kind != FAULT_FINAL || jobs->next == NULL) {
        for (struct lane_job *job = jobs; job != NULL; job = job->next)
            job->fault = kind;
        return effect;
    }
    effect = (struct batch_effect){.at_ms = INT64_MAX}; /* The first one's. */
    for (struct lane_job *job = jobs, *next; job != NULL; job = next) {
        struct batch_effect one = {0};
        next = job->next;
        job->next = NULL;
        job->fault = batch_persist(batch, job, &one, &fault);
        job->next = next;
        batch_log(job->fault, &fault);
        if (one.at_ms != 0 && one.at_ms < effect.at_ms)
            effect.at_ms = one.at_ms;
        effect.work |= one.work;
        effect.notifications |= one.notifications;
        effect.mails_made = effect.mails_made || one.mails_made;
        effect.contradictions += one.contradictions;
    }
    return effect;
}
