/* ground: what a world's payoutd stands on: the store in memory, which fails as planned and whose
 * process only seems to die; or the true store on SQLite over a faulty disk, in processes that do
 * die. One of the two is linked. */
#ifndef PAYOUT_TESTS_SIM_GROUND_H
#define PAYOUT_TESTS_SIM_GROUND_H
#include <stdbool.h>
#include <stddef.h>

struct world;
struct ground;

/* What --store says. */
extern const char ground_name[];
/* A world's steps when none are ordered, and after how many of them the auditor comes. */
extern const int ground_steps, ground_audit_every;

/* Memory, zeroed, that outlives processes. */
void *ground_keep(size_t bytes);
void ground_let_go(void *kept, size_t bytes);

/* Makes world->ground, once a world. */
void ground_open(struct world *world);
void ground_close(struct world *world);
/* Runs life until it has come to its end, over as many deaths as there are. */
void ground_live(struct world *world, void (*life)(struct world *world));
/* Opens world->store. */
void ground_boot(struct world *world);
/* The life could not begin. */
void ground_cannot_begin(struct world *world, const char *why);
/* After every command: did the process die of it? The next one is up then. */
bool ground_died(struct world *world);
/* What the store does beside the lane, now and then. */
void ground_work(struct world *world);
/* Everything that is committed; valid until the next command. */
const struct store_memory_tables *ground_tables(struct world *world);
#endif
