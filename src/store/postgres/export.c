#include "store/postgres/postgres.h"

enum { FUNDINGS_BYTES_MAX = 1 << 30, ENTRY_BYTES_MAX = 64 * 1024 * 1024 };

/* One statement in the making. */
struct walk {
    struct reader *reader;
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
    money.available_minor = pg_query_get(query);
    money.held_minor = pg_query_get(query);
    return money;
}

static enum fault_kind sums_read(struct walk *walk, struct statement_sums *sums,
                                 struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, walk->reader, STATEMENT_EXPORT_SUMS, walk->arena);
    pg_query_put(&query, walk->statement->merchant.value);
    pg_query_put(&query, walk->statement->currency);
    pg_query_put(&query, walk->available);
    pg_query_put(&query, walk->held);
    pg_query_put(&query, walk->statement->from_ms);
    pg_query_put(&query, walk->statement->to_ms);
    if (pg_query_next(&query)) { /* What is NULL, since there is no such row, is 0. */
        sums->opening = money_get(&query);
        sums->closing = money_get(&query);
        sums->now = money_get(&query);
        sums->kept = money_get(&query);
        sums->count = pg_query_get(&query);
        walk->first = pg_query_get(&query);
        walk->last = pg_query_get(&query);
    }
    return pg_query_end(&query, fault);
}

/* --- What moved it --- */

static enum fault_kind fundings_read(struct walk *walk, struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, walk->reader, STATEMENT_EXPORT_FUNDINGS, walk->arena);
    pg_query_put(&query, walk->statement->merchant.value);
    pg_query_put(&query, walk->statement->currency);
    pg_query_put(&query, walk->statement->from_ms);
    pg_query_put(&query, walk->statement->to_ms);
    return pg_query_list(&query, TABLE_FUNDING, sizeof(struct funding), &walk->fundings,
                         &walk->funding_count, fault);
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
    pg_query_begin(&query, walk->reader, STATEMENT_TRANSFER_OF, arena);
    pg_query_put(&query, movement->reference);
    if (pg_query_next(&query)) {
        struct transfer *found = arena_alloc(arena, 1, sizeof *found);
        row_get(&query, TABLE_TRANSFER, found);
        *transfer = found;
    }
    return pg_query_end(&query, fault);
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

/* Opens the cursor that entries_fetch reads. */
static enum fault_kind cursor_open(const struct walk *walk, struct arena *arena,
                                   struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, walk->reader, STATEMENT_EXPORT_MOVEMENTS, arena);
    pg_query_put(&query, walk->statement->merchant.value);
    pg_query_put(&query, walk->statement->currency);
    pg_query_put(&query, walk->first);
    pg_query_put(&query, walk->last);
    pg_query_put(&query, walk->statement->from_ms);
    pg_query_put(&query, walk->statement->to_ms);
    return pg_query_run(&query, fault);
}

/* Tells of what the cursor gives at once, in an arena of its own: a statement of any length needs
 * that much memory. *more becomes false after the last. */
static enum fault_kind entries_fetch(struct walk *walk, struct merchant_money *balance, bool *more,
                                     struct fault *fault)
{
    AUTO(arena_closep) struct arena *arena = arena_open(ENTRY_BYTES_MAX);
    struct query query;
    struct movement movement;
    struct fault last;
    enum fault_kind kind = FAULT_NONE;
    bool on = true, any = false;
    pg_query_begin(&query, walk->reader, STATEMENT_FETCH_MOVEMENTS, arena);
    while (kind == FAULT_NONE && on && pg_query_next(&query)) {
        any = true;
        row_get(&query, TABLE_MOVEMENT, &movement);
        if (query.implausible)
            break;
        kind = entry_tell(walk, &movement, balance, arena, &on, fault);
    }
    *more = on && any;
    enum fault_kind ended = pg_query_end(&query, &last);
    if (kind == FAULT_NONE && ended != FAULT_NONE)
        *fault = last;
    return kind != FAULT_NONE ? kind : ended;
}

static enum fault_kind entries_walk(struct walk *walk, struct merchant_money balance,
                                    struct fault *fault)
{
    bool more = true;
    enum fault_kind kind = cursor_open(walk, walk->arena, fault);
    while (kind == FAULT_NONE && more)
        kind = entries_fetch(walk, &balance, &more, fault);
    return kind;
}

enum fault_kind postgres_statement(struct store_reader *reader,
                                   const struct store_statement *statement, struct fault *fault)
{
    struct walk walk = {.reader = (struct reader *)(void *)reader,
                        .statement = statement,
                        .available = account_of(statement, ACCOUNT_AVAILABLE),
                        .held = account_of(statement, ACCOUNT_HELD)};
    struct statement_sums sums = {0};
    enum fault_kind kind = view_begin(walk.reader, true, fault);
    if (kind != FAULT_NONE)
        return kind;
    walk.arena = arena_open(FUNDINGS_BYTES_MAX);
    kind = sums_read(&walk, &sums, fault);
    if (kind == FAULT_NONE)
        kind = fundings_read(&walk, fault);
    if (kind == FAULT_NONE && statement->sums(statement->context, &sums) && sums.count > 0)
        kind = entries_walk(&walk, sums.opening, fault);
    arena_close(walk.arena);
    view_end(walk.reader);
    return kind;
}
