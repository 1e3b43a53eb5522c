#include "store/sqlite/sqlite.h"

static struct connection *connection_of(struct store_reader *reader)
{
    return &((struct sqlite_reader *)(void *)reader)->connection;
}

/* --- One row --- */

/* Runs a lookup whose key was put: NULL, or the row. */
static enum fault_kind merchant_find(struct query *query, struct merchant **merchant,
                                     struct fault *fault)
{
    *merchant = NULL;
    if (query_next(query)) {
        *merchant = arena_alloc(query->arena, 1, sizeof **merchant);
        row_get_merchant(query, *merchant);
    }
    return query_end(query, fault);
}

enum fault_kind sqlite_read_merchant(struct store_reader *reader, struct arena *arena,
                                     struct merchant_id id, struct merchant **merchant,
                                     struct fault *fault)
{
    struct query query;
    query_begin(&query, connection_of(reader), STATEMENT_MERCHANT_FIND, arena);
    query_put(&query, id.value);
    return merchant_find(&query, merchant, fault);
}

enum fault_kind sqlite_read_merchant_by_apikey(struct store_reader *reader, struct arena *arena,
                                               const char *apikey, struct merchant **merchant,
                                               struct fault *fault)
{
    struct query query;
    query_begin(&query, connection_of(reader), STATEMENT_MERCHANT_BY_APIKEY, arena);
    query_put_text(&query, apikey);
    return merchant_find(&query, merchant, fault);
}

static enum fault_kind transfer_find(struct query *query, struct transfer **transfer,
                                     struct fault *fault)
{
    *transfer = NULL;
    if (query_next(query)) {
        *transfer = arena_alloc(query->arena, 1, sizeof **transfer);
        row_get_transfer(query, *transfer);
    }
    return query_end(query, fault);
}

enum fault_kind sqlite_read_transfer(struct store_reader *reader, struct arena *arena,
                                     struct transfer_id id, struct transfer **transfer,
                                     struct fault *fault)
{
    struct query query;
    query_begin(&query, connection_of(reader), STATEMENT_TRANSFER_FIND, arena);
    query_put(&query, id.value);
    return transfer_find(&query, transfer, fault);
}

enum fault_kind sqlite_read_transfer_by_client_id(struct store_reader *reader, struct arena *arena,
                                                  struct merchant_id merchant,
                                                  const char *client_id, struct transfer **transfer,
                                                  struct fault *fault)
{
    struct query query;
    query_begin(&query, connection_of(reader), STATEMENT_TRANSFER_BY_CLIENT, arena);
    query_put(&query, merchant.value);
    query_put_text(&query, client_id);
    return transfer_find(&query, transfer, fault);
}

enum fault_kind sqlite_read_contact(struct store_reader *reader, struct arena *arena,
                                    struct merchant_id merchant, int64_t msisdn,
                                    struct contact **contact, struct fault *fault)
{
    struct query query;
    query_begin(&query, connection_of(reader), STATEMENT_CONTACT_FIND, arena);
    query_put(&query, merchant.value);
    query_put(&query, msisdn);
    *contact = NULL;
    if (query_next(&query)) {
        *contact = arena_alloc(arena, 1, sizeof **contact);
        row_get_contact(&query, *contact);
    }
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_lot(struct store_reader *reader, struct arena *arena,
                                struct merchant_id merchant, struct lot_code code, struct lot **lot,
                                struct fault *fault)
{
    struct query query;
    query_begin(&query, connection_of(reader), STATEMENT_LOT_FIND, arena);
    query_put(&query, merchant.value);
    query_put(&query, code.value);
    *lot = NULL;
    if (query_next(&query)) {
        *lot = arena_alloc(arena, 1, sizeof **lot);
        row_get_lot(&query, *lot);
    }
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_alive(struct store_reader *reader, struct fault *fault)
{
    struct query query;
    query_begin(&query, connection_of(reader), STATEMENT_ALIVE, NULL);
    return query_run(&query, fault);
}

/* --- Many --- */

/* The least account number that a merchant could have: account_number keeps it in the high bits, so
 * that one owner's accounts are a range. */
static int64_t account_range_first(int64_t merchant)
{
    int64_t least =
        account_number((struct account_key){.kind = ACCOUNT_AVAILABLE, .currency = CURRENCY_XOF});
    int64_t step =
        account_number((struct account_key){
            .merchant = {.value = 1}, .kind = ACCOUNT_AVAILABLE, .currency = CURRENCY_XOF}) -
        least;
    return merchant * step;
}

enum fault_kind sqlite_read_merchants(struct store_reader *reader, struct arena *arena,
                                      struct merchant_id after, size_t limit,
                                      struct merchant **merchants, size_t *count,
                                      struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct merchant)};
    query_begin(&query, connection_of(reader), STATEMENT_MERCHANTS, arena);
    query_put(&query, after.value);
    query_put_limit(&query, limit);
    while (query_next(&query))
        row_get_merchant(&query, row_list_add(&list));
    *merchants = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_accounts(struct store_reader *reader, struct arena *arena,
                                     struct merchant_id merchant, struct account_balance **accounts,
                                     size_t *count, struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct account_balance)};
    bool platform = merchant.value == 0;
    query_begin(&query, connection_of(reader),
                platform ? STATEMENT_ACCOUNTS_PLATFORM : STATEMENT_ACCOUNTS, arena);
    query_put(&query, account_range_first(merchant.value));
    query_put(&query, account_range_first(merchant.value + (platform ? LANES_MAX : 1)));
    while (query_next(&query))
        row_get_account(&query, row_list_add(&list));
    *accounts = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_transfers(struct store_reader *reader, struct arena *arena,
                                      struct transfer_id first, int64_t count,
                                      struct transfer **transfers, size_t *found,
                                      struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct transfer)};
    query_begin(&query, connection_of(reader), STATEMENT_TRANSFERS, arena);
    query_put(&query, first.value);
    query_put(&query, count);
    while (query_next(&query))
        row_get_transfer(&query, row_list_add(&list));
    *transfers = list.rows;
    *found = list.count;
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_suspected(struct store_reader *reader, struct arena *arena,
                                      struct merchant_id merchant, size_t limit,
                                      struct transfer **transfers, size_t *count,
                                      struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct transfer)};
    bool all = merchant.value == 0;
    query_begin(&query, connection_of(reader), all ? STATEMENT_SUSPECTED : STATEMENT_SUSPECTED_OF,
                arena);
    if (!all)
        query_put(&query, merchant.value);
    query_put_limit(&query, limit);
    while (query_next(&query))
        row_get_transfer(&query, row_list_add(&list));
    *transfers = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_transfers_after(struct store_reader *reader, struct arena *arena,
                                            struct transfer_id after, struct transfer_id before,
                                            size_t limit, struct transfer **transfers,
                                            size_t *count, struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct transfer)};
    query_begin(&query, connection_of(reader), STATEMENT_TRANSFERS_AFTER, arena);
    query_put(&query, after.value);
    query_put(&query, before.value);
    query_put_limit(&query, limit);
    while (query_next(&query))
        row_get_transfer(&query, row_list_add(&list));
    *transfers = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

/* Runs a list of lots whose parameters were put. */
static enum fault_kind lots_list(struct query *query, struct lot **lots, size_t *count,
                                 struct fault *fault)
{
    struct row_list list = {.arena = query->arena, .size = sizeof(struct lot)};
    while (query_next(query))
        row_get_lot(query, row_list_add(&list));
    *lots = list.rows;
    *count = list.count;
    return query_end(query, fault);
}

enum fault_kind sqlite_read_waiting_lots(struct store_reader *reader, struct arena *arena,
                                         struct merchant_id merchant, size_t limit,
                                         struct lot **lots, size_t *count, struct fault *fault)
{
    struct query query;
    bool all = merchant.value == 0;
    query_begin(&query, connection_of(reader),
                all ? STATEMENT_LOTS_WAITING : STATEMENT_LOTS_WAITING_OF, arena);
    if (!all)
        query_put(&query, merchant.value);
    query_put_limit(&query, limit);
    return lots_list(&query, lots, count, fault);
}

enum fault_kind sqlite_read_expired_lots(struct store_reader *reader, struct arena *arena,
                                         int64_t now_ms, size_t limit, struct lot **lots,
                                         size_t *count, struct fault *fault)
{
    struct query query;
    query_begin(&query, connection_of(reader), STATEMENT_LOTS_EXPIRED, arena);
    query_put(&query, now_ms);
    query_put_limit(&query, limit);
    return lots_list(&query, lots, count, fault);
}

/* Runs a list of settlements whose parameters were put. */
static enum fault_kind settlements_list(struct query *query, struct settlement **settlements,
                                        size_t *count, struct fault *fault)
{
    struct row_list list = {.arena = query->arena, .size = sizeof(struct settlement)};
    while (query_next(query))
        row_get_settlement(query, row_list_add(&list));
    *settlements = list.rows;
    *count = list.count;
    return query_end(query, fault);
}

enum fault_kind sqlite_read_approvals(struct store_reader *reader, struct arena *arena,
                                      struct merchant_id merchant, struct lot_code lot,
                                      struct approval **approvals, size_t *count,
                                      struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct approval)};
    query_begin(&query, connection_of(reader), STATEMENT_APPROVALS, arena);
    query_put(&query, merchant.value);
    query_put(&query, lot.value);
    while (query_next(&query))
        row_get_approval(&query, row_list_add(&list));
    *approvals = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_settlements(struct store_reader *reader, struct arena *arena,
                                        struct transfer_id transfer,
                                        struct settlement **settlements, size_t *count,
                                        struct fault *fault)
{
    struct query query;
    query_begin(&query, connection_of(reader), STATEMENT_SETTLEMENTS, arena);
    query_put(&query, transfer.value);
    return settlements_list(&query, settlements, count, fault);
}

enum fault_kind sqlite_read_contradictions(struct store_reader *reader, struct arena *arena,
                                           struct transfer_id transfer,
                                           struct contradiction **contradictions, size_t *count,
                                           struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct contradiction)};
    query_begin(&query, connection_of(reader), STATEMENT_CONTRADICTIONS, arena);
    query_put(&query, transfer.value);
    while (query_next(&query))
        row_get_contradiction(&query, row_list_add(&list));
    *contradictions = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_open_contradictions(struct store_reader *reader, struct arena *arena,
                                                int64_t after, size_t limit,
                                                struct open_contradiction **open, size_t *count,
                                                struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct open_contradiction)};
    query_begin(&query, connection_of(reader), STATEMENT_CONTRADICTIONS_OPEN, arena);
    query_put(&query, after);
    query_put_limit(&query, limit);
    while (query_next(&query)) {
        struct open_contradiction *row = row_list_add(&list);
        row_get_contradiction(&query, &row->contradiction);
        row_get_transfer(&query, &row->transfer);
    }
    *open = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_proposals(struct store_reader *reader, struct arena *arena,
                                      size_t limit, struct settlement **settlements, size_t *count,
                                      struct fault *fault)
{
    struct query query;
    query_begin(&query, connection_of(reader), STATEMENT_PROPOSALS, arena);
    query_put_limit(&query, limit);
    return settlements_list(&query, settlements, count, fault);
}
