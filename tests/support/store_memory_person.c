/* What readers of the store in memory see of persons and what they did. */
#include <stdlib.h>
#include <string.h>

#include "support/store_memory.h"

static bool act_fits(const struct act *act, const struct act_filter *filter)
{
    return (filter->merchant.value == 0 || act->merchant.value == filter->merchant.value) &&
           (filter->person == NULL || strcmp(act->person, filter->person) == 0) &&
           act->at_ms >= filter->since_ms &&
           (filter->before_id == 0 || act->id < filter->before_id);
}

enum fault_kind store_read_acts(struct store_reader *reader, struct arena *arena,
                                const struct act_filter *filter, size_t limit, struct act **acts,
                                size_t *count, struct fault *fault)
{
    (void)fault;
    store_memory_lock(reader->store);
    const struct store_memory_tables *tables = store_memory_tables(reader->store);
    *acts = arena_alloc(arena, tables->act_count + 1, sizeof **acts);
    *count = 0;
    for (size_t i = tables->act_count; i-- > 0 && *count < limit;)
        if (act_fits(&tables->acts[i], filter))
            (*acts)[(*count)++] = tables->acts[i];
    store_memory_unlock(reader->store);
    return FAULT_NONE;
}

enum fault_kind store_read_user(struct store_reader *reader, struct arena *arena, const char *name,
                                struct user **user, struct fault *fault)
{
    (void)fault;
    store_memory_lock(reader->store);
    const struct store_memory_tables *tables = store_memory_tables(reader->store);
    *user = NULL;
    for (size_t i = 0; i < tables->user_count; i++) {
        if (strcmp(tables->users[i].name, name) != 0)
            continue;
        *user = arena_alloc(arena, 1, sizeof **user);
        **user = tables->users[i];
    }
    store_memory_unlock(reader->store);
    return FAULT_NONE;
}

static int user_compare(const void *a, const void *b)
{
    return strcmp(((const struct user *)a)->name, ((const struct user *)b)->name);
}

enum fault_kind store_read_users(struct store_reader *reader, struct arena *arena,
                                 struct merchant_id merchant, const char *after, size_t limit,
                                 struct user **users, size_t *count, struct fault *fault)
{
    (void)fault;
    store_memory_lock(reader->store);
    const struct store_memory_tables *tables = store_memory_tables(reader->store);
    *users = arena_alloc(arena, tables->user_count + 1, sizeof **users);
    *count = 0;
    for (size_t i = 0; i < tables->user_count; i++) {
        const struct user *user = &tables->users[i];
        if (strcmp(user->name, after) > 0 &&
            (merchant.value == 0 || user->merchant.value == merchant.value))
            (*users)[(*count)++] = *user;
    }
    store_memory_unlock(reader->store);
    qsort(*users, *count, sizeof **users, user_compare);
    *count = *count < limit ? *count : limit;
    return FAULT_NONE;
}

static int channel_switch_compare(const void *left, const void *right)
{
    return ((const struct channel_switch *)left)->channel -
           ((const struct channel_switch *)right)->channel;
}

enum fault_kind store_read_channel_switches(struct store_reader *reader, struct arena *arena,
                                            struct channel_switch **switches, size_t *count,
                                            struct fault *fault)
{
    (void)fault;
    store_memory_lock(reader->store);
    const struct store_memory_tables *tables = store_memory_tables(reader->store);
    *count = tables->channel_switch_count;
    *switches = arena_alloc(arena, *count + 1, sizeof **switches);
    for (size_t i = 0; i < *count; i++)
        (*switches)[i] = tables->channel_switchs[i];
    store_memory_unlock(reader->store);
    qsort(*switches, *count, sizeof **switches, channel_switch_compare);
    return FAULT_NONE;
}

static int channel_account_compare(const void *left, const void *right)
{
    return ((const struct channel_account *)left)->channel -
           ((const struct channel_account *)right)->channel;
}

enum fault_kind store_read_channel_accounts(struct store_reader *reader, struct arena *arena,
                                            struct channel_account **accounts, size_t *count,
                                            struct fault *fault)
{
    (void)fault;
    store_memory_lock(reader->store);
    const struct store_memory_tables *tables = store_memory_tables(reader->store);
    *count = tables->channel_account_count;
    *accounts = arena_alloc(arena, *count + 1, sizeof **accounts);
    for (size_t i = 0; i < *count; i++)
        (*accounts)[i] = tables->channel_accounts[i];
    store_memory_unlock(reader->store);
    qsort(*accounts, *count, sizeof **accounts, channel_account_compare);
    return FAULT_NONE;
}

enum fault_kind store_read_session(struct store_reader *reader, struct arena *arena,
                                   const uint8_t hash[SECRET_HASH_BYTES], struct session **session,
                                   struct user **user, struct fault *fault)
{
    store_memory_lock(reader->store);
    const struct store_memory_tables *tables = store_memory_tables(reader->store);
    *session = NULL;
    *user = NULL;
    for (size_t i = 0; i < tables->session_count; i++) {
        if (memcmp(tables->sessions[i].hash, hash, SECRET_HASH_BYTES) != 0)
            continue;
        *session = arena_alloc(arena, 1, sizeof **session);
        **session = tables->sessions[i];
    }
    store_memory_unlock(reader->store);
    return *session == NULL ? FAULT_NONE
                            : store_read_user(reader, arena, (*session)->user, user, fault);
}
