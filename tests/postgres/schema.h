/* schema: a place of its own for each test in the server that tests/postgres/server.py runs: one
 * schema of its database, which a URL names. */
#ifndef PAYOUT_TESTS_POSTGRES_SCHEMA_H
#define PAYOUT_TESTS_POSTGRES_SCHEMA_H
#include <stdint.h>

struct schema {
    char name[32];
    char url[512]; /* A store's. */
};
/* An empty schema. */
void schema_make(struct schema *schema);
/* It goes with all that is in it, whoever still has a session there. */
void schema_remove(const struct schema *schema);
/* Runs sql there, on a connection of its own, until it works: a server that is being started again
 * is waited for. Returns the first column of the first row as a number, 0 when there is none. */
int64_t schema_run(const struct schema *schema, const char *sql);
#endif
