#include "store/sqlite/sqlite.h"

/* A row's texts live until the callback returns: walks of any length need one row's memory. An
 * arena frees nothing singly, so that each few rows have one of their own. */
enum { ROWS_PER_ARENA = 256, ARENA_BYTES_MAX = 64 * 1024 * 1024 };

struct walk {
    struct query query;
    struct arena *arena;
    unsigned rows;
};

static void walk_begin(struct walk *walk, struct connection *connection, enum statement_id id)
{
    *walk = (struct walk){.arena = arena_open(ARENA_BYTES_MAX)};
    query_begin(&walk->query, connection, id, walk->arena);
}

static bool walk_next(struct walk *walk)
{
    if (++walk->rows % ROWS_PER_ARENA == 0) {
        arena_close(walk->arena);
        walk->arena = arena_open(ARENA_BYTES_MAX);
        walk->query.arena = walk->arena;
    }
    return query_next(&walk->query) && !walk->query.implausible;
}

static enum fault_kind walk_end(struct walk *walk, struct fault *fault)
{
    enum fault_kind kind = query_end(&walk->query, fault);
    arena_close(walk->arena);
    return kind;
}

/* The next row, when there is one that makes sense. */
static bool walk_next_movement(struct walk *walk, struct movement *movement)
{
    *movement = (struct movement){0};
    if (!walk_next(walk))
        return false;
    row_get_movement(&walk->query, movement);
    return !walk->query.implausible;
}

static bool walk_next_head(struct walk *walk, struct ledger_head *head)
{
    *head = (struct ledger_head){0};
    if (!walk_next(walk))
        return false;
    row_get_head(&walk->query, head);
    return !walk->query.implausible;
}

/* Movements and heads, two walks as one: a head comes before the first movement that it does not
 * cover. *on becomes false when a callback wants no more. */
static enum fault_kind walk_ledger(struct connection *connection, const struct store_audit *audit,
                                   bool *on, struct fault *fault)
{
    struct walk movements, heads;
    struct movement movement;
    struct ledger_head head;
    walk_begin(&movements, connection, STATEMENT_AUDIT_MOVEMENTS);
    walk_begin(&heads, connection, STATEMENT_AUDIT_HEADS);
    bool more = walk_next_movement(&movements, &movement), headed = walk_next_head(&heads, &head);
    while (*on && (more || headed)) {
        if (headed && (!more || head.last_movement_id < movement.id)) {
            *on = audit->head == NULL || audit->head(audit->context, &head);
            headed = walk_next_head(&heads, &head);
        } else {
            *on = audit->movement == NULL || audit->movement(audit->context, &movement);
            more = walk_next_movement(&movements, &movement);
        }
    }
    enum fault_kind kind = walk_end(&movements, fault);
    struct fault other;
    enum fault_kind second = walk_end(&heads, &other);
    if (kind == FAULT_NONE && second != FAULT_NONE)
        *fault = other;
    return kind != FAULT_NONE ? kind : second;
}

/* Walks one table; as above. A row that makes no sense never gets to the callback. */
#define WALK(table, type, STATEMENT)                                                               \
    static enum fault_kind walk_##table##s(struct connection *connection,                          \
                                           const struct store_audit *audit, bool *on,              \
                                           struct fault *fault)                                    \
    {                                                                                              \
        struct walk walk;                                                                          \
        walk_begin(&walk, connection, STATEMENT);                                                  \
        while (*on && walk_next(&walk)) {                                                          \
            type row = {0};                                                                        \
            row_get_##table(&walk.query, &row);                                                    \
            if (!walk.query.implausible)                                                           \
                *on = audit->table(audit->context, &row);                                          \
        }                                                                                          \
        return walk_end(&walk, fault);                                                             \
    }
WALK(account, struct account_balance, STATEMENT_AUDIT_ACCOUNTS)
WALK(transfer, struct transfer, STATEMENT_AUDIT_TRANSFERS)
WALK(lot, struct lot, STATEMENT_AUDIT_LOTS)
WALK(approval, struct approval, STATEMENT_AUDIT_APPROVALS)
WALK(reversal, struct reversal, STATEMENT_AUDIT_REVERSALS)

static bool walk_next_act(struct walk *walk, struct act *act)
{
    *act = (struct act){0};
    if (!walk_next(walk))
        return false;
    row_get_act(&walk->query, act);
    return !walk->query.implausible;
}

static bool walk_next_act_head(struct walk *walk, struct act_head *head)
{
    *head = (struct act_head){0};
    if (!walk_next(walk))
        return false;
    row_get_act_head(&walk->query, head);
    return !walk->query.implausible;
}

/* As walk_ledger; both callbacks are there. */
static enum fault_kind walk_acts(struct connection *connection, const struct store_audit *audit,
                                 bool *on, struct fault *fault)
{
    struct walk acts, heads;
    struct act act;
    struct act_head head;
    struct fault other;
    walk_begin(&acts, connection, STATEMENT_AUDIT_ACTS);
    walk_begin(&heads, connection, STATEMENT_AUDIT_ACT_HEADS);
    bool more = walk_next_act(&acts, &act), headed = walk_next_act_head(&heads, &head);
    while (*on && (more || headed)) {
        if (headed && (!more || head.last_act_id < act.id)) {
            *on = audit->act_head(audit->context, &head);
            headed = walk_next_act_head(&heads, &head);
        } else {
            *on = audit->act(audit->context, &act);
            more = walk_next_act(&acts, &act);
        }
    }
    enum fault_kind kind = walk_end(&acts, fault);
    enum fault_kind second = walk_end(&heads, &other);
    if (kind == FAULT_NONE && second != FAULT_NONE)
        *fault = other;
    return kind != FAULT_NONE ? kind : second;
}

enum fault_kind sqlite_audit(struct store_reader *reader, const struct store_audit *audit,
                             struct fault *fault)
{
    struct connection *connection = &((struct sqlite_reader *)(void *)reader)->connection;
    bool on = true;
    enum fault_kind kind = connection_view_begin(connection, fault);
    if (kind != FAULT_NONE)
        return kind;
    if (audit->movement != NULL || audit->head != NULL)
        kind = walk_ledger(connection, audit, &on, fault);
    if (kind == FAULT_NONE && on && audit->account != NULL)
        kind = walk_accounts(connection, audit, &on, fault);
    if (kind == FAULT_NONE && on && audit->transfer != NULL)
        kind = walk_transfers(connection, audit, &on, fault);
    if (kind == FAULT_NONE && on && audit->lot != NULL)
        kind = walk_lots(connection, audit, &on, fault);
    if (kind == FAULT_NONE && on && audit->act != NULL)
        kind = walk_acts(connection, audit, &on, fault);
    if (kind == FAULT_NONE && on && audit->approval != NULL)
        kind = walk_approvals(connection, audit, &on, fault);
    if (kind == FAULT_NONE && on && audit->reversal != NULL)
        kind = walk_reversals(connection, audit, &on, fault);
    connection_view_end(connection);
    return kind;
}
