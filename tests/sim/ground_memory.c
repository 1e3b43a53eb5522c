#include <stdlib.h>

#include "sim/world.h"
#include "support/store_memory.h"

const char ground_name[] = "memory";
const int ground_steps = 250, ground_audit_every = 1;

void *ground_keep(size_t bytes)
{
    void *kept = calloc(1, bytes);
    invariant(kept != NULL);
    return kept;
}

void ground_let_go(void *kept, size_t bytes)
{
    (void)bytes;
    free(kept);
}

/* What the next commit does. */
static enum save_plan ground_save_plan(void *context)
{
    struct world *world = context;
    enum save_plan plan = SAVE_WELL;
    if (world_trouble(world, TROUBLE_STORE_AGAIN, 20))
        plan = SAVE_AGAIN;
    else if (world_trouble(world, TROUBLE_STORE_UNKNOWN, 20))
        plan = world_random(world, 2) == 0 ? SAVE_UNKNOWN_DONE : SAVE_UNKNOWN_NOT_DONE;
    else if (world_trouble(world, TROUBLE_STORE_FINAL, 60))
        plan = SAVE_FINAL;
    else if (world_trouble(world, TROUBLE_CRASH, 40))
        plan = world_random(world, 2) == 0 ? SAVE_CRASH_BEFORE : SAVE_CRASH_AFTER;
    if (plan != SAVE_WELL)
        world_say(world, "the store: plan %d", plan);
    return plan;
}

void ground_open(struct world *world)
{
    (void)world; /* The store begins empty. */
}

void ground_close(struct world *world)
{
    (void)world;
}

void ground_live(struct world *world, void (*life)(struct world *world))
{
    life(world); /* All deaths are in it: ground_died. */
}

void ground_boot(struct world *world)
{
    if (world->store == NULL) {
        world->store = store_memory_open();
        store_memory_plan(world->store, ground_save_plan, world);
    }
    store_memory_restart(world->store);
}

void ground_cannot_begin(struct world *world, const char *why)
{
    auditor_fail(world, "%s", why);
}

bool ground_died(struct world *world)
{
    if (!store_memory_crashed(world->store))
        return false;
    world_crashed(world);
    lane_close(world->lane);
    store_reader_close(world->reader);
    world_boot(world);
    return true;
}

void ground_work(struct world *world)
{
    (void)world; /* Nothing is to be done. */
}

const struct store_memory_tables *ground_tables(struct world *world)
{
    return store_memory_tables(world->store);
}
