/* Months' tables, made ahead by schema/postgres/0009_months.sql's function, on a connection of
 * its own: the lane goes on meanwhile. */
#include "store/postgres/postgres.h"

enum { ARENA_BYTES = 1024 };

enum fault_kind postgres_make_months(struct store *store, int64_t now_ms, int64_t *homeless,
                                     struct fault *fault)
{
    const struct postgres_store *of = (const struct postgres_store *)(const void *)store;
    struct connection connection = {.who = WRITES};
    struct values values = {.count = 0};
    enum fault_kind kind = pg_connection_open(&connection, of->url, fault);
    if (kind != FAULT_NONE)
        return kind;
    connection.patience_ms = 0; /* Rows may have to move. */
    kind = pg_connection_script(&connection, "take the time it takes",
                                "SET statement_timeout = 0; SET enable_seqscan = on", fault);
    AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES);
    value_put_number(&values, arena, now_ms);
    if (kind == FAULT_NONE) {
        pipeline_send(&connection, STATEMENT_MONTHS_MAKE, &values);
        pipeline_end(&connection);
        PGresult *result = pipeline_next(&connection, STATEMENT_MONTHS_MAKE, fault);
        kind = result == NULL ? fault->kind : FAULT_NONE;
        if (kind == FAULT_NONE) {
            struct query query;
            pg_query_of_result(&query, result, 0, NULL);
            *homeless = pg_query_get(&query);
        }
        PQclear(result);
        (void)pipeline_done(&connection);
    }
    pg_connection_drop(&connection);
    return kind;
}
