#include "store/postgres/postgres.h"

/* A row's texts live until the callback returns: a walk of any length needs the memory of what its
 * cursor gives at once. */
enum { ARENA_BYTES_MAX = 256 * 1024 * 1024 };

/* One cursor over a whole table, in the order of its key. */
struct walk {
    struct reader *reader;
    enum statement_id fetch;
    enum table_id table;
    struct arena *arena;
    struct query query;
    bool fetched; /* query holds rows. */
    enum fault_kind kind;
    struct fault fault;
};

static void walk_begin(struct walk *walk, struct reader *reader, enum statement_id declare,
                       enum statement_id fetch, enum table_id table)
{
    *walk = (struct walk){
        .reader = reader, .fetch = fetch, .table = table, .arena = arena_open(ARENA_BYTES_MAX)};
    walk->kind = pipeline_run(&reader->connection, declare, &walk->fault);
}

/* What the cursor gives next; the rows before it are forgotten. */
static bool walk_fetch(struct walk *walk)
{
    if (walk->fetched)
        walk->kind = pg_query_end(&walk->query, &walk->fault);
    walk->fetched = false;
    if (walk->kind != FAULT_NONE)
        return false;
    arena_close(walk->arena);
    walk->arena = arena_open(ARENA_BYTES_MAX);
    pg_query_begin(&walk->query, walk->reader, walk->fetch, walk->arena);
    walk->fetched = true;
    return pg_query_next(&walk->query);
}

/* The next row, when there is one that makes sense. */
static bool walk_next(struct walk *walk, void *row)
{
    if (walk->kind != FAULT_NONE)
        return false;
    if (!(walk->fetched && pg_query_next(&walk->query)) && !walk_fetch(walk))
        return false;
    row_get(&walk->query, walk->table, row);
    return !walk->query.implausible;
}

static enum fault_kind walk_end(struct walk *walk, struct fault *fault)
{
    if (walk->fetched)
        walk->kind = pg_query_end(&walk->query, &walk->fault);
    arena_close(walk->arena);
    if (walk->kind != FAULT_NONE)
        *fault = walk->fault;
    return walk->kind;
}

static enum fault_kind walks_end(struct walk *walk, struct walk *second, struct fault *fault)
{
    struct fault other;
    enum fault_kind kind = walk_end(walk, fault);
    enum fault_kind kind_second = walk_end(second, &other);
    if (kind == FAULT_NONE && kind_second != FAULT_NONE)
        *fault = other;
    return kind != FAULT_NONE ? kind : kind_second;
}

/* Movements and heads, two walks as one: a head comes before the first movement that it does not
 * cover. *on becomes false when a callback wants no more. */
static enum fault_kind walk_ledger(struct reader *reader, const struct store_audit *audit, bool *on,
                                   struct fault *fault)
{
    struct walk movements, heads;
    struct movement movement = {0};
    struct ledger_head head = {0};
    walk_begin(&movements, reader, STATEMENT_AUDIT_MOVEMENTS, STATEMENT_FETCH_MOVEMENTS,
               TABLE_MOVEMENT);
    walk_begin(&heads, reader, STATEMENT_AUDIT_HEADS, STATEMENT_FETCH_HEADS, TABLE_LEDGER_HEAD);
    bool more = walk_next(&movements, &movement), headed = walk_next(&heads, &head);
    while (*on && (more || headed)) {
        if (headed && (!more || head.last_movement_id < movement.id)) {
            *on = audit->head == NULL || audit->head(audit->context, &head);
            headed = walk_next(&heads, &head);
        } else {
            *on = audit->movement == NULL || audit->movement(audit->context, &movement);
            more = walk_next(&movements, &movement);
        }
    }
    return walks_end(&movements, &heads, fault);
}

/* As walk_ledger; both callbacks are there. */
static enum fault_kind walk_acts(struct reader *reader, const struct store_audit *audit, bool *on,
                                 struct fault *fault)
{
    struct walk acts, heads;
    struct act act = {0};
    struct act_head head = {0};
    walk_begin(&acts, reader, STATEMENT_AUDIT_ACTS, STATEMENT_FETCH_ACTS, TABLE_ACT);
    walk_begin(&heads, reader, STATEMENT_AUDIT_ACT_HEADS, STATEMENT_FETCH_ACT_HEADS,
               TABLE_ACT_HEAD);
    bool more = walk_next(&acts, &act), headed = walk_next(&heads, &head);
    while (*on && (more || headed)) {
        if (headed && (!more || head.last_act_id < act.id)) {
            *on = audit->act_head(audit->context, &head);
            headed = walk_next(&heads, &head);
        } else {
            *on = audit->act(audit->context, &act);
            more = walk_next(&acts, &act);
        }
    }
    return walks_end(&acts, &heads, fault);
}

/* Walks one table; as above. A row that makes no sense never gets to the callback. */
#define WALK(what, type, TABLE, NAME)                                                              \
    static enum fault_kind walk_##what##s(struct reader *reader, const struct store_audit *audit,  \
                                          bool *on, struct fault *fault)                           \
    {                                                                                              \
        struct walk walk;                                                                          \
        type row = {0};                                                                            \
        walk_begin(&walk, reader, STATEMENT_AUDIT_##NAME, STATEMENT_FETCH_##NAME, TABLE);          \
        while (*on && walk_next(&walk, &row))                                                      \
            *on = audit->what(audit->context, &row);                                               \
        return walk_end(&walk, fault);                                                             \
    }
WALK(account, struct account_balance, TABLE_BALANCE, ACCOUNTS)
WALK(transfer, struct transfer, TABLE_TRANSFER, TRANSFERS)
WALK(lot, struct lot, TABLE_LOT, LOTS)
WALK(approval, struct approval, TABLE_APPROVAL, APPROVALS)
WALK(reversal, struct reversal, TABLE_REVERSAL, REVERSALS)

enum fault_kind postgres_audit(struct store_reader *reader, const struct store_audit *audit,
                               struct fault *fault)
{
    struct reader *of = (struct reader *)(void *)reader;
    bool on = true;
    enum fault_kind kind = view_begin(of, true, fault);
    if (kind != FAULT_NONE)
        return kind;
    if (audit->movement != NULL || audit->head != NULL)
        kind = walk_ledger(of, audit, &on, fault);
    if (kind == FAULT_NONE && on && audit->account != NULL)
        kind = walk_accounts(of, audit, &on, fault);
    if (kind == FAULT_NONE && on && audit->transfer != NULL)
        kind = walk_transfers(of, audit, &on, fault);
    if (kind == FAULT_NONE && on && audit->lot != NULL)
        kind = walk_lots(of, audit, &on, fault);
    if (kind == FAULT_NONE && on && audit->act != NULL)
        kind = walk_acts(of, audit, &on, fault);
    if (kind == FAULT_NONE && on && audit->approval != NULL)
        kind = walk_approvals(of, audit, &on, fault);
    if (kind == FAULT_NONE && on && audit->reversal != NULL)
        kind = walk_reversals(of, audit, &on, fault);
    view_end(of);
    return kind;
}
