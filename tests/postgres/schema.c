#include "postgres/schema.h"

#include <libpq-fe.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { TRIES_MAX = 600, TRY_MS = 50 };

static PGconn *server_connect(const char *url)
{
    for (int tries = 0; tries < TRIES_MAX; tries++) {
        PGconn *connection = PQconnectdb(url);
        if (PQstatus(connection) == CONNECTION_OK)
            return connection;
        PQfinish(connection);
        (void)poll(NULL, 0, TRY_MS);
    }
    fail_msg("the server does not come back");
    return NULL;
}

static int64_t run(const char *url, const char *sql)
{
    PGconn *connection = server_connect(url);
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    int64_t number = 0;
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQresultErrorMessage(result));
    if (PQntuples(result) > 0)
        number = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    PQfinish(connection);
    return number;
}

static const char *server_url(void)
{
    const char *url = getenv("PAYOUT_TEST_POSTGRES");
    if (url == NULL)
        fail_msg("run it with tests/postgres/server.py");
    return url;
}

void schema_make(struct schema *schema)
{
    static unsigned made;
    char sql[128];
    (void)snprintf(schema->name, sizeof schema->name, "t%u_%d", ++made, (int)getpid());
    (void)snprintf(schema->url, sizeof schema->url, "%s&options=-csearch_path%%3D%s", server_url(),
                   schema->name);
    (void)snprintf(sql, sizeof sql, "CREATE SCHEMA %s", schema->name);
    (void)run(server_url(), sql);
}

void schema_remove(const struct schema *schema)
{
    char sql[128];
    (void)snprintf(sql, sizeof sql, "SET client_min_messages = error; DROP SCHEMA %s CASCADE",
                   schema->name);
    (void)run(server_url(), sql);
}

int64_t schema_run(const struct schema *schema, const char *sql)
{
    return run(schema->url, sql);
}
