/* Persons, their sessions, and what they did, as readers see them. */
#include "store/postgres/postgres.h"

static struct reader *reader_of(struct store_reader *reader)
{
    return (struct reader *)(void *)reader;
}

enum fault_kind postgres_read_acts(struct store_reader *reader, struct arena *arena,
                                   const struct act_filter *filter, size_t limit, struct act **acts,
                                   size_t *count, struct fault *fault)
{
    struct query query;
    bool of_merchant = filter->merchant.value != 0, of_person = filter->person != NULL;
    pg_query_begin(&query, reader_of(reader),
                   of_merchant && of_person ? STATEMENT_ACTS_OF_BOTH
                   : of_merchant            ? STATEMENT_ACTS_OF_MERCHANT
                   : of_person              ? STATEMENT_ACTS_OF_PERSON
                                            : STATEMENT_ACTS,
                   arena);
    pg_query_put(&query, filter->before_id > 0 ? filter->before_id : INT64_MAX);
    pg_query_put(&query, filter->since_ms);
    pg_query_put_limit(&query, limit);
    if (of_merchant)
        pg_query_put(&query, filter->merchant.value);
    if (of_person)
        pg_query_put_text(&query, filter->person);
    return pg_query_list(&query, TABLE_ACT, sizeof(struct act), acts, count, fault);
}

enum fault_kind postgres_read_user(struct store_reader *reader, struct arena *arena,
                                   const char *name, struct user **user, struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_PERSON_OF, arena);
    pg_query_put_text(&query, name);
    return pg_query_find(&query, TABLE_PERSON, sizeof(struct user), user, fault);
}

enum fault_kind postgres_read_users(struct store_reader *reader, struct arena *arena,
                                    struct merchant_id merchant, const char *after, size_t limit,
                                    struct user **users, size_t *count, struct fault *fault)
{
    struct query query;
    bool all = merchant.value == 0;
    pg_query_begin(&query, reader_of(reader), all ? STATEMENT_PERSONS : STATEMENT_PERSONS_OF,
                   arena);
    pg_query_put_text(&query, after);
    pg_query_put_limit(&query, limit);
    if (!all)
        pg_query_put(&query, merchant.value);
    return pg_query_list(&query, TABLE_PERSON, sizeof(struct user), users, count, fault);
}

enum fault_kind postgres_read_channel_switches(struct store_reader *reader, struct arena *arena,
                                               struct channel_switch **switches, size_t *count,
                                               struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_CHANNEL_SWITCHES, arena);
    return pg_query_list(&query, TABLE_CHANNEL_SWITCH, sizeof(struct channel_switch), switches,
                         count, fault);
}

enum fault_kind postgres_read_channel_accounts(struct store_reader *reader, struct arena *arena,
                                               struct channel_account **accounts, size_t *count,
                                               struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_CHANNEL_ACCOUNTS, arena);
    return pg_query_list(&query, TABLE_CHANNEL_ACCOUNT, sizeof(struct channel_account), accounts,
                         count, fault);
}

enum fault_kind postgres_read_session(struct store_reader *reader, struct arena *arena,
                                      const uint8_t hash[SECRET_HASH_BYTES],
                                      struct session **session, struct user **user,
                                      struct fault *fault)
{
    struct query query;
    *session = NULL;
    *user = NULL;
    pg_query_begin(&query, reader_of(reader), STATEMENT_SESSION_FIND, arena);
    pg_query_put_bytes(&query, hash, SECRET_HASH_BYTES);
    if (pg_query_next(&query)) {
        *session = arena_alloc(arena, 1, sizeof **session);
        row_get(&query, TABLE_SESSION, *session);
        *user = arena_alloc(arena, 1, sizeof **user);
        row_get(&query, TABLE_PERSON, *user);
    }
    return pg_query_end(&query, fault);
}

enum fault_kind postgres_read_callbacks(struct store_reader *reader, struct arena *arena,
                                        int64_t before, size_t limit, struct callback **callbacks,
                                        size_t *count, struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_CALLBACKS, arena);
    pg_query_put(&query, before > 0 ? before : INT64_MAX);
    pg_query_put_limit(&query, limit);
    return pg_query_list(&query, TABLE_CALLBACK, sizeof(struct callback), callbacks, count, fault);
}
