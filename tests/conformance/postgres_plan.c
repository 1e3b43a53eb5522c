#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "conformance.h"
#include "postgres/schema.h"
#include "store/postgres/postgres.h"

/* How the server means to run each statement, in sessions as the store's own are: by an index, over
 * an empty store as over a full one. */

struct bench {
    struct schema schema;
    struct store *store; /* Makes the schema. */
};

static int bench_begin(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct fault fault;
    assert_non_null(bench);
    schema_make(&bench->schema);
    if (store_open(bench->schema.url, NULL, &bench->store, &fault) != FAULT_NONE)
        fail_msg("%s", fault.text);
    *state = bench;
    return 0;
}

static int bench_end(void **state)
{
    struct bench *bench = *state;
    store_close(bench->store);
    schema_remove(&bench->schema);
    free(bench);
    return 0;
}

static bool one_of(const char *const *names, const char *name)
{
    while (*names != NULL && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

/* An index that may be walked as a whole: it holds work only, or a few rows. */
static bool index_may_be_walked(const char *name)
{
    static const char *const small[] = {
        "transfer_due",       "transfer_screen",     "transfer_suspected",
        "transfer_matched",   "notification_due",    "notification_dead",
        "contradiction_open", "settlement_proposed", "lot_waiting",
        "lot_waiting_all",    "lot_expiry",          "mail_due",
        "mail_dead",          "channel_switch_pkey", "channel_account_pkey",
        "endpoint_failing",   "notification_queue",  NULL};
    return one_of(small, name);
}

/* What reads whole tables, and says so. */
static bool statement_may_walk(enum statement_id id)
{
    switch ((int)id) {
    case STATEMENT_EXPORT_SUMS:
        return true;
    default:
        return false;
    }
}

/* All others find what they want in its order. */
static bool statement_may_sort(enum statement_id id)
{
    return id == STATEMENT_EXPORT_FUNDINGS || id == STATEMENT_ACCOUNTS_PLATFORM ||
           id == STATEMENT_COUNTS || id == STATEMENT_COUNTS_OF;
}

/* The name that follows "using " in a line of a plan. */
static void index_name(const char *line, char name[64])
{
    const char *at = strstr(line, " using ");
    assert_non_null(at);
    at += strlen(" using ");
    (void)snprintf(name, 64, "%.*s", (int)strcspn(at, " "), at);
}

/* A merge of what comes in order has a key, too, and sorts nothing. */
static bool line_sorts(const char *line)
{
    return strstr(line, "Sort") != NULL && strstr(line, "Sort Key:") == NULL;
}

static void plan_check(enum statement_id id, const PGresult *plan)
{
    int rows = PQntuples(plan);
    for (int i = 0; i < rows; i++) {
        const char *line = PQgetvalue(plan, i, 0);
        if (strstr(line, "Seq Scan on") != NULL && !statement_may_walk(id))
            fail_msg("%s: %s", statement_what(id), line);
        if (strstr(line, "Hash Join") != NULL || strstr(line, "Merge Join") != NULL)
            fail_msg("%s: %s", statement_what(id), line);
        if (line_sorts(line) && !statement_may_sort(id))
            fail_msg("%s: %s", statement_what(id), line);
        if (strstr(line, " using ") == NULL || strstr(line, "Index") == NULL)
            continue;
        bool bounded = false;
        for (int j = i + 1; j < rows && strstr(PQgetvalue(plan, j, 0), "->") == NULL; j++)
            bounded = bounded || strstr(PQgetvalue(plan, j, 0), "Index Cond:") != NULL;
        char name[64];
        index_name(line, name);
        if (!bounded && !index_may_be_walked(name) && !statement_may_walk(id))
            fail_msg("%s walks %s: %s", statement_what(id), name, line);
    }
}

/* How many parameters it has. */
static int parameters_of(const char *sql)
{
    int most = 0;
    for (const char *at = strchr(sql, '$'); at != NULL; at = strchr(at + 1, '$'))
        if (strtol(at + 1, NULL, 10) > most)
            most = (int)strtol(at + 1, NULL, 10);
    return most;
}

static void statement_check(PGconn *pg, enum statement_id id, const char *sql)
{
    char explain[512], name[STATEMENT_NAME_BYTES];
    statement_name(id, name);
    int length = snprintf(explain, sizeof explain, "EXPLAIN (COSTS off) EXECUTE %s", name);
    for (int i = parameters_of(sql), first = 1; i > 0; i--, first = 0)
        length += snprintf(explain + length, sizeof explain - (size_t)length, "%sNULL%s",
                           first ? "(" : ", ", i == 1 ? ")" : "");
    PGresult *plan = PQexec(pg, explain);
    if (PQresultStatus(plan) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", explain, PQresultErrorMessage(plan));
    plan_check(id, plan);
    PQclear(plan);
}

/* All statements of one kind of connection. Returns how many were looked at. */
static int statements_check(const char *url, unsigned of)
{
    struct connection connection = {.who = of};
    struct fault fault;
    int checked = 0;
    if (pg_connection_open(&connection, url, &fault) != FAULT_NONE ||
        pg_connection_prepare(&connection, &fault) != FAULT_NONE)
        fail_msg("%s", fault.text);
    assert_int_equal(PQexitPipelineMode(connection.pg), 1);
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        unsigned who;
        const char *sql = statement_sql((enum statement_id)i, &who);
        static const char *const commands[] = {"BEGIN", "COMMIT", "ROLLBACK"};
        bool command = false;
        for (size_t j = 0; j < 3; j++)
            command = command || strncmp(sql, commands[j], strlen(commands[j])) == 0;
        if ((who & of) == 0 || (who & ONCE) != 0 || command)
            continue;
        statement_check(connection.pg, (enum statement_id)i, sql);
        checked++;
    }
    pg_connection_drop(&connection);
    return checked;
}

static void every_statement_of_an_empty_store_has_its_index(void **state)
{
    struct bench *bench = *state;
    assert_true(statements_check(bench->schema.url, WRITES) > 40);
    assert_true(statements_check(bench->schema.url, READS) > 40);
    assert_true(statements_check(bench->schema.url, SHARES) > 8);
}

/* Three years of months, with a few rows in each: what is 0 to 35 months before now. */
#define MONTHS 36
static void months_fill(const struct bench *bench)
{
    (void)schema_run(&bench->schema,
                     "INSERT INTO movement (id, from_account, to_account, amount_minor, merchant,"
                     " reference, at_ms, kind, currency) SELECT n, 1, 2, 500, 1 + n % 20, n,"
                     " extract(epoch FROM now() - n % 36 * interval '1 month')::bigint * 1000, 2, 1"
                     " FROM generate_series(1, 36000) AS n");
    (void)schema_run(
        &bench->schema,
        "INSERT INTO delivery (transfer, at_ms, duration_ms, endpoint, number, attempt,"
        " http_status, error) SELECT extract(epoch FROM now() - n % 36 * interval"
        " '1 month')::bigint * 26000000 + n, 1, 1, 0, 1, 1, 200, ''"
        " FROM generate_series(1, 36000) AS n");
    assert_int_equal(
        schema_run(&bench->schema, "SELECT months_make(extract(epoch FROM now())::bigint * 1000)"),
        2 * 35000); /* This month's were at home already. */
    (void)schema_run(&bench->schema, "ANALYZE movement, delivery");
}

/* The lines of a plan that was run which hold word. */
static int lines_with(const PGresult *plan, const char *word)
{
    int count = 0;
    for (int i = 0; i < PQntuples(plan); i++)
        count += strstr(PQgetvalue(plan, i, 0), word) != NULL;
    return count;
}

/* Runs a statement of a reader with these values, and looks at how that went: of all months' tables
 * it touches one. */
static void touches_one_month(PGconn *pg, enum statement_id id, const char *values)
{
    char explain[512], name[STATEMENT_NAME_BYTES];
    statement_name(id, name);
    (void)snprintf(explain, sizeof explain, "EXPLAIN (ANALYZE, COSTS off, TIMING off) EXECUTE %s%s",
                   name, values);
    PGresult *plan = PQexec(pg, explain);
    if (PQresultStatus(plan) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", explain, PQresultErrorMessage(plan));
    int touched = lines_with(plan, " on delivery_") - lines_with(plan, "(never executed)");
    if (touched != 1)
        fail_msg("%s touches %d months", statement_what(id), touched);
    PQclear(plan);
}

static void of_three_years_a_transfer_s_deliveries_touch_one_month(void **state)
{
    struct bench *bench = *state;
    struct connection connection = {.who = READS};
    struct fault fault;
    char values[64];
    months_fill(bench);
    assert_int_equal(schema_run(&bench->schema, "SELECT count(*) FROM movement_else"), 0);
    assert_int_equal(schema_run(&bench->schema, "SELECT count(*) FROM movement"), 36000);
    assert_true(schema_run(&bench->schema, "SELECT count(*) FROM pg_inherits WHERE inhparent ="
                                           " 'delivery'::regclass") >= MONTHS + 3);
    int64_t transfer =
        schema_run(&bench->schema, "SELECT transfer FROM delivery WHERE transfer % 26000000 = 3");
    if (pg_connection_open(&connection, bench->schema.url, &fault) != FAULT_NONE ||
        pg_connection_prepare(&connection, &fault) != FAULT_NONE)
        fail_msg("%s", fault.text);
    assert_int_equal(PQexitPipelineMode(connection.pg), 1);
    (void)snprintf(values, sizeof values, "(%lld)", (long long)transfer);
    touches_one_month(connection.pg, STATEMENT_DELIVERIES, values);
    pg_connection_drop(&connection);
}

/* A million transfers, ten thousand of them due, and what came with them. */
static void every_statement_of_a_million_transfers_has_its_index(void **state)
{
    struct bench *bench = *state;
    (void)schema_run(
        &bench->schema,
        "INSERT INTO transfer (id, merchant, lot, msisdn, amount_minor, fee_minor, due_at_ms,"
        " created_at_ms, changed_at_ms, submitted_at_ms, validated_at_ms, twin_of, wait_ms,"
        " wait_until_ms, attempts, channel_attempt, notifications, screenings, operator_number,"
        " channel, in_hand, called_back, currency, confirmed, state, reason, step, watched,"
        " suspected, fee_payer, screening, client_id, prefix, phone, notify_url,"
        " operator_reference) SELECT n, 1 + n % 20, n / 100, 22507000000 + n % 5000, 500, 0,"
        " CASE WHEN n % 100 = 0 THEN n ELSE 0 END, n, n, 0, 0, 0, 0, 0, 1, 1, 2, 0, 3, 1, 0, 0, 1,"
        " 1, 4, 0, CASE WHEN n % 100 = 0 THEN 1 ELSE 0 END, 0, 0, 0, 0, 'c' || n, '225', '07', '',"
        " '' FROM generate_series(1, 1000000) AS n");
    (void)schema_run(
        &bench->schema,
        "INSERT INTO movement (id, from_account, to_account, amount_minor, merchant,"
        " reference, at_ms, kind, currency) SELECT n, 1, 2, 500, 1 + n % 20, n, n, 2, 1"
        " FROM generate_series(1, 1000000) AS n");
    (void)schema_run(
        &bench->schema,
        "INSERT INTO notification (transfer, merchant, queue, due_at_ms, created_at_ms,"
        " ended_at_ms, validated_at_ms, redelivered_at_ms, endpoint, number, next_number,"
        " attempts, redeliveries, attempts_before, state, transfer_state, confirmed, reason,"
        " operator_reference) SELECT n, 1 + n % 20, 1 + n % 20, CASE WHEN n % 100 = 0 THEN n ELSE 0"
        " END, n, 0, 0, 0, 0, 1, 0, 1, 0, 0, CASE WHEN n % 100 = 0 THEN 2 ELSE 3 END, 4, 1, 0, ''"
        " FROM generate_series(1, 1000000) AS n");
    (void)schema_run(&bench->schema, "ANALYZE transfer, movement, notification");
    assert_true(statements_check(bench->schema.url, WRITES) > 40);
    assert_true(statements_check(bench->schema.url, READS) > 40);
    assert_true(statements_check(bench->schema.url, SHARES) > 8);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_begin, bench_end)
        CASE(every_statement_of_an_empty_store_has_its_index),
        CASE(of_three_years_a_transfer_s_deliveries_touch_one_month),
        CASE(every_statement_of_a_million_transfers_has_its_index),
    };
    secret_init();
    log_configure(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT, false);
    return cmocka_run_group_tests_name("postgres-plan", cases, NULL, NULL);
}
