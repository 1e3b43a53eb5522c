#include "lane/split.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

struct part {
    struct lane_job job;
    char *items;   /* Copies, one after the other. */
    size_t *whole; /* Which of the whole's each is. */
    size_t count;
};
struct split {
    struct lane_job *whole;
    atomic_int left; /* Parts that are under way. */
    int count;
    struct part parts[LANES_MAX];
};

static void split_free(struct split *split)
{
    for (int i = 0; i < split->count; i++) {
        free(split->parts[i].items);
        free(split->parts[i].whole);
    }
    free(split);
}

/* Puts what became of a part into the whole. */
static void part_merge(struct command *whole, const struct part *part)
{
    const struct command *command = &part->job.command;
    struct command_items items = command_items(whole);
    for (size_t i = 0; i < part->count; i++)
        memcpy((char *)items.first + part->whole[i] * items.size, part->items + i * items.size,
               items.size);
    if (whole->at_ms == 0 || command->at_ms < whole->at_ms)
        whole->at_ms = command->at_ms; /* What ends a while after it ends early, not late. */
    whole->code = command->code;
    if (whole->kind == COMMAND_REDELIVER)
        whole->redeliver.begun += command->redeliver.begun;
}

/* On the thread of the lane that ended last. */
static void split_end(struct split *split)
{
    struct lane_job *whole = split->whole;
    whole->command.at_ms = 0;
    if (whole->command.kind == COMMAND_REDELIVER)
        whole->command.redeliver.begun = 0;
    whole->fault = split->parts[0].job.fault;
    for (int i = 0; i < split->count; i++) {
        if (split->parts[i].job.fault != whole->fault)
            whole->fault = FAULT_UNKNOWN;
        part_merge(&whole->command, &split->parts[i]);
    }
    split_free(split);
    whole->done(whole);
}

static void part_done(struct lane_job *job)
{
    struct split *split = job->context;
    if (atomic_fetch_sub(&split->left, 1) == 1)
        split_end(split);
}

bool split_needed(const struct command *command, int lanes)
{
    struct command_items items = command_items(command);
    for (size_t i = 1; i < items.count; i++)
        if (share_lane_of(command_item_merchant(&items, i), lanes) !=
            share_lane_of(command_item_merchant(&items, 0), lanes))
            return true;
    return false;
}

/* The items of lane, when there are any, as one more part. */
static void split_add(struct split *split, int lane, int lanes)
{
    struct part *part = &split->parts[split->count];
    struct command_items items = command_items(&split->whole->command);
    size_t count = 0;
    for (size_t i = 0; i < items.count; i++)
        count += share_lane_of(command_item_merchant(&items, i), lanes) == lane;
    if (count == 0)
        return;
    part->items = calloc(count, items.size);
    part->whole = calloc(count, sizeof *part->whole);
    invariant(part->items != NULL && part->whole != NULL);
    for (size_t i = 0; i < items.count; i++) {
        if (share_lane_of(command_item_merchant(&items, i), lanes) != lane)
            continue;
        memcpy(part->items + part->count * items.size, (char *)items.first + i * items.size,
               items.size);
        part->whole[part->count++] = i;
    }
    part->job =
        (struct lane_job){.command = split->whole->command, .done = part_done, .context = split};
    command_items_set(&part->job.command, part->items, part->count);
    split->count++;
}

bool split_submit(struct strand *const *strands, int lanes, struct lane_job *whole)
{
    struct split *split = calloc(1, sizeof *split);
    struct strand *of[LANES_MAX];
    struct lane_job *jobs[LANES_MAX];
    invariant(split != NULL);
    split->whole = whole;
    for (int lane = 0; lane < lanes; lane++) {
        int before = split->count;
        split_add(split, lane, lanes);
        if (split->count > before) {
            of[before] = strands[lane];
            jobs[before] = &split->parts[before].job;
        }
    }
    atomic_init(&split->left, split->count);
    size_t count = (size_t)split->count; /* It may be gone once it is submitted. */
    if (strands_submit(of, jobs, count))
        return true;
    split_free(split);
    return false;
}
