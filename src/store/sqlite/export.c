#include <stdlib.h>
#include <string.h>

#include "store/sqlite/sqlite.h"

enum { ENTRIES_PER_ARENA = 256, FUNDINGS_BYTES_MAX = 1 << 30, ENTRY_BYTES_MAX = 64 * 1024 * 1024 };

/* One statement in the making. */
struct walk {
    struct connection *connection;
    const struct store_statement *statement;
    int64_t available, held; /* The numbers of the merchant's two accounts. */
    int64_t first, last;     /* Ids of the period's movements; both 0: there is none. */
    struct arena *arena;     /* Of the fundings. */
    struct funding *fundings;
    size_t funding_count;
};

static int64_t account_of(const struct store_statement *statement, enum account_kind kind)
{
    return account_number((struct account_key){
        .merchant = statement->merchant, .kind = kind, .currency = statement->currency});
}

/* --- What it sums to --- */

static struct merchant_money money_get(struct query *query)
{
    struct merchant_money money;
    money.available_minor = query_get(query);
    money.held_minor = query_get(query);
    return money;
}

static enum fault_kind sums_read(struct walk *walk, struct statement_sums *sums,
                                 struct fault *fault)
{
    struct query query;
    query_begin(&query, walk->connection, STATEMENT_EXPORT_SUMS, NULL);
    query_put(&query, walk->statement->merchant.value);
    query_put(&query, walk->statement->currency);
    query_put(&query, walk->available);
    query_put(&query, walk->held);
    query_put(&query, walk->statement->from_ms);
    query_put(&query, walk->statement->to_ms);
    if (query_next(&query)) { /* What is NULL, since there is no such row, is 0. */
        sums->opening = money_get(&query);
        sums->closing = money_get(&query);
        sums->now = money_get(&query);
        sums->kept = money_get(&query);
        sums->count = query_get(&query);
        walk->first = query_get(&query);
        walk->last = query_get(&query);
    }
    return query_end(&query, fault);
}

/* --- What moved it --- */

static enum fault_kind fundings_read(struct walk *walk, struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = walk->arena, .size = sizeof(struct funding)};
    query_begin(&query, walk->connection, STATEMENT_EXPORT_FUNDINGS, walk->arena);
    query_put(&query, walk->statement->merchant.value);
    query_put(&query, walk->statement->currency);
    query_put(&query, walk->statement->from_ms);
    query_put(&query, walk->statement->to_ms);
    while (query_next(&query))
        row_get_funding(&query, row_list_add(&list));
    walk->fundings = list.rows;
    walk->funding_count = list.count;
    return query_end(&query, fault);
}

/* The reference of the funding that made the movement: the same command made both, so they are of
 * one time. Two alike of one time can't be told apart, and each is given once. */
static const char *funding_take(struct walk *walk, const struct movement *movement)
{
    size_t low = 0, high = walk->funding_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (walk->fundings[middle].at_ms < movement->at_ms)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < walk->funding_count && walk->fundings[low].at_ms == movement->at_ms; low++) {
        struct funding *funding = &walk->fundings[low];
        if (funding->kind == movement->kind && funding->amount.minor == movement->amount.minor) {
            funding->amount.minor = 0; /* Taken. */
            return funding->reference;
        }
    }
    return "";
}

static enum fault_kind transfer_find(struct walk *walk, const struct movement *movement,
                                     struct arena *arena, const struct transfer **transfer,
                                     struct fault *fault)
{
    struct query query;
    *transfer = NULL;
    if (movement->kind != MOVEMENT_PAY && movement->kind != MOVEMENT_RELEASE &&
        movement->kind != MOVEMENT_FEE && movement->kind != MOVEMENT_REVERSE)
        return FAULT_NONE;
    query_begin(&query, walk->connection, STATEMENT_TRANSFER_FIND, arena);
    query_put(&query, movement->reference);
    if (query_next(&query)) {
        struct transfer *found = arena_alloc(arena, 1, sizeof *found);
        row_get_transfer(&query, found);
        *transfer = found;
    }
    return query_end(&query, fault);
}

/* How much the movement gives to an account, or takes from it. */
static int64_t change_of(const struct movement *movement, int64_t account)
{
    int64_t to = account_number(movement->to) == account ? movement->amount.minor : 0;
    return account_number(movement->from) == account ? to - movement->amount.minor : to;
}

/* False: it does not fit. */
static bool money_move(struct merchant_money *money, const struct walk *walk,
                       const struct movement *movement)
{
    return !__builtin_add_overflow(money->available_minor, change_of(movement, walk->available),
                                   &money->available_minor) &&
           !__builtin_add_overflow(money->held_minor, change_of(movement, walk->held),
                                   &money->held_minor);
}

static enum fault_kind entry_tell(struct walk *walk, const struct movement *movement,
                                  struct merchant_money *balance, struct arena *arena, bool *on,
                                  struct fault *fault)
{
    struct statement_entry entry = {
        .movement = *movement, .balance = balance, .reference = funding_take(walk, movement)};
    enum fault_kind kind = transfer_find(walk, movement, arena, &entry.transfer, fault);
    if (kind != FAULT_NONE)
        return kind;
    if (!money_move(balance, walk, movement))
        return fault_set(fault, FAULT_FINAL, "movement %lld: the balance does not fit",
                         (long long)movement->id);
    *on = walk->statement->entry(walk->statement->context, &entry);
    return FAULT_NONE;
}

/* Each few entries have an arena of their own: a statement of any length needs their memory. */
static enum fault_kind entries_walk(struct walk *walk, struct merchant_money balance,
                                    struct fault *fault)
{
    struct query query;
    struct movement movement;
    struct arena *arena = arena_open(ENTRY_BYTES_MAX);
    enum fault_kind kind = FAULT_NONE;
    bool on = true;
    query_begin(&query, walk->connection, STATEMENT_EXPORT_MOVEMENTS, NULL);
    query_put(&query, walk->statement->merchant.value);
    query_put(&query, walk->statement->currency);
    query_put(&query, walk->first);
    query_put(&query, walk->last);
    query_put(&query, walk->statement->from_ms);
    query_put(&query, walk->statement->to_ms);
    for (int count = 1; kind == FAULT_NONE && on && query_next(&query); count++) {
        row_get_movement(&query, &movement);
        if (query.implausible)
            break;
        if (count % ENTRIES_PER_ARENA == 0) {
            arena_close(arena);
            arena = arena_open(ENTRY_BYTES_MAX);
        }
        kind = entry_tell(walk, &movement, &balance, arena, &on, fault);
    }
    struct fault last;
    enum fault_kind ended = query_end(&query, &last);
    arena_close(arena);
    if (kind == FAULT_NONE && ended != FAULT_NONE)
        *fault = last;
    return kind != FAULT_NONE ? kind : ended;
}

enum fault_kind sqlite_statement(struct store_reader *reader,
                                 const struct store_statement *statement, struct fault *fault)
{
    struct walk walk = {.connection = &((struct sqlite_reader *)(void *)reader)->connection,
                        .statement = statement,
                        .available = account_of(statement, ACCOUNT_AVAILABLE),
                        .held = account_of(statement, ACCOUNT_HELD)};
    struct statement_sums sums = {0};
    enum fault_kind kind = connection_view_begin(walk.connection, fault);
    if (kind != FAULT_NONE)
        return kind;
    walk.arena = arena_open(FUNDINGS_BYTES_MAX);
    kind = sums_read(&walk, &sums, fault);
    if (kind == FAULT_NONE)
        kind = fundings_read(&walk, fault);
    if (kind == FAULT_NONE && statement->sums(statement->context, &sums) && sums.count > 0)
        kind = entries_walk(&walk, sums.opening, fault);
    arena_close(walk.arena);
    connection_view_end(walk.connection);
    return kind;
}
