#include "store/postgres/postgres.h"

static struct reader *reader_of(struct store_reader *reader)
{
    return (struct reader *)(void *)reader;
}

/* --- One row --- */

enum fault_kind postgres_read_merchant(struct store_reader *reader, struct arena *arena,
                                       struct merchant_id id, struct merchant **merchant,
                                       struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_MERCHANT_OF, arena);
    pg_query_put(&query, id.value);
    return pg_query_find(&query, TABLE_MERCHANT, sizeof(struct merchant), merchant, fault);
}

enum fault_kind postgres_read_merchant_by_apikey(struct store_reader *reader, struct arena *arena,
                                                 const char *apikey, struct merchant **merchant,
                                                 struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_MERCHANT_BY_APIKEY, arena);
    pg_query_put_text(&query, apikey);
    return pg_query_find(&query, TABLE_MERCHANT, sizeof(struct merchant), merchant, fault);
}

enum fault_kind postgres_read_transfer(struct store_reader *reader, struct arena *arena,
                                       struct transfer_id id, struct transfer **transfer,
                                       struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_TRANSFER_OF, arena);
    pg_query_put(&query, id.value);
    return pg_query_find(&query, TABLE_TRANSFER, sizeof(struct transfer), transfer, fault);
}

enum fault_kind postgres_read_transfer_by_client_id(struct store_reader *reader,
                                                    struct arena *arena,
                                                    struct merchant_id merchant,
                                                    const char *client_id,
                                                    struct transfer **transfer, struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_TRANSFER_BY_CLIENT, arena);
    pg_query_put(&query, merchant.value);
    pg_query_put_text(&query, client_id);
    return pg_query_find(&query, TABLE_TRANSFER, sizeof(struct transfer), transfer, fault);
}

enum fault_kind postgres_read_contact(struct store_reader *reader, struct arena *arena,
                                      struct merchant_id merchant, int64_t msisdn,
                                      struct contact **contact, struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_CONTACT_OF, arena);
    pg_query_put(&query, merchant.value);
    pg_query_put(&query, msisdn);
    return pg_query_find(&query, TABLE_CONTACT, sizeof(struct contact), contact, fault);
}

enum fault_kind postgres_read_lot(struct store_reader *reader, struct arena *arena,
                                  struct merchant_id merchant, struct lot_code code,
                                  struct lot **lot, struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_LOT_OF, arena);
    pg_query_put(&query, merchant.value);
    pg_query_put(&query, code.value);
    return pg_query_find(&query, TABLE_LOT, sizeof(struct lot), lot, fault);
}

enum fault_kind postgres_read_alive(struct store_reader *reader, struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_ALIVE, NULL);
    return pg_query_run(&query, fault);
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

enum fault_kind postgres_read_merchants(struct store_reader *reader, struct arena *arena,
                                        struct merchant_id after, size_t limit,
                                        struct merchant **merchants, size_t *count,
                                        struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_MERCHANTS, arena);
    pg_query_put(&query, after.value);
    pg_query_put_limit(&query, limit);
    return pg_query_list(&query, TABLE_MERCHANT, sizeof(struct merchant), merchants, count, fault);
}

enum fault_kind postgres_read_accounts(struct store_reader *reader, struct arena *arena,
                                       struct merchant_id merchant,
                                       struct account_balance **accounts, size_t *count,
                                       struct fault *fault)
{
    struct query query;
    bool platform = merchant.value == 0;
    pg_query_begin(&query, reader_of(reader),
                   platform ? STATEMENT_ACCOUNTS_PLATFORM : STATEMENT_ACCOUNTS, arena);
    pg_query_put(&query, account_range_first(merchant.value));
    pg_query_put(&query, account_range_first(merchant.value + (platform ? LANES_MAX : 1)));
    return pg_query_list(&query, TABLE_BALANCE, sizeof(struct account_balance), accounts, count,
                         fault);
}

enum fault_kind postgres_read_transfers(struct store_reader *reader, struct arena *arena,
                                        struct transfer_id first, int64_t count,
                                        struct transfer **transfers, size_t *found,
                                        struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_TRANSFERS, arena);
    pg_query_put(&query, first.value);
    pg_query_put(&query, count);
    return pg_query_list(&query, TABLE_TRANSFER, sizeof(struct transfer), transfers, found, fault);
}

enum fault_kind postgres_read_transfers_after(struct store_reader *reader, struct arena *arena,
                                              struct transfer_id after, struct transfer_id before,
                                              size_t limit, struct transfer **transfers,
                                              size_t *count, struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_TRANSFERS_AFTER, arena);
    pg_query_put(&query, after.value);
    pg_query_put(&query, before.value);
    pg_query_put_limit(&query, limit);
    return pg_query_list(&query, TABLE_TRANSFER, sizeof(struct transfer), transfers, count, fault);
}

enum fault_kind postgres_read_suspected(struct store_reader *reader, struct arena *arena,
                                        struct merchant_id merchant, size_t limit,
                                        struct transfer **transfers, size_t *count,
                                        struct fault *fault)
{
    struct query query;
    bool all = merchant.value == 0;
    pg_query_begin(&query, reader_of(reader), all ? STATEMENT_SUSPECTED : STATEMENT_SUSPECTED_OF,
                   arena);
    if (!all)
        pg_query_put(&query, merchant.value);
    pg_query_put_limit(&query, limit);
    return pg_query_list(&query, TABLE_TRANSFER, sizeof(struct transfer), transfers, count, fault);
}

enum fault_kind postgres_read_waiting_lots(struct store_reader *reader, struct arena *arena,
                                           struct merchant_id merchant, size_t limit,
                                           struct lot **lots, size_t *count, struct fault *fault)
{
    struct query query;
    bool all = merchant.value == 0;
    pg_query_begin(&query, reader_of(reader),
                   all ? STATEMENT_LOTS_WAITING : STATEMENT_LOTS_WAITING_OF, arena);
    if (!all)
        pg_query_put(&query, merchant.value);
    pg_query_put_limit(&query, limit);
    return pg_query_list(&query, TABLE_LOT, sizeof(struct lot), lots, count, fault);
}

enum fault_kind postgres_read_expired_lots(struct store_reader *reader, struct arena *arena,
                                           int64_t now_ms, size_t limit, struct lot **lots,
                                           size_t *count, struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_LOTS_EXPIRED, arena);
    pg_query_put(&query, now_ms);
    pg_query_put_limit(&query, limit);
    return pg_query_list(&query, TABLE_LOT, sizeof(struct lot), lots, count, fault);
}

enum fault_kind postgres_read_mails(struct store_reader *reader, struct arena *arena,
                                    struct merchant_id merchant, struct lot_code lot,
                                    struct mail **mails, size_t *count, struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_MAILS, arena);
    pg_query_put(&query, merchant.value);
    pg_query_put(&query, lot.value);
    return pg_query_list(&query, TABLE_MAIL, sizeof(struct mail), mails, count, fault);
}

enum fault_kind postgres_read_approvals(struct store_reader *reader, struct arena *arena,
                                        struct merchant_id merchant, struct lot_code lot,
                                        struct approval **approvals, size_t *count,
                                        struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_APPROVALS, arena);
    pg_query_put(&query, merchant.value);
    pg_query_put(&query, lot.value);
    return pg_query_list(&query, TABLE_APPROVAL, sizeof(struct approval), approvals, count, fault);
}

enum fault_kind postgres_read_settlements(struct store_reader *reader, struct arena *arena,
                                          struct transfer_id transfer,
                                          struct settlement **settlements, size_t *count,
                                          struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_SETTLEMENTS, arena);
    pg_query_put(&query, transfer.value);
    return pg_query_list(&query, TABLE_SETTLEMENT, sizeof(struct settlement), settlements, count,
                         fault);
}

enum fault_kind postgres_read_proposals(struct store_reader *reader, struct arena *arena,
                                        size_t limit, struct settlement **settlements,
                                        size_t *count, struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_PROPOSALS, arena);
    pg_query_put_limit(&query, limit);
    return pg_query_list(&query, TABLE_SETTLEMENT, sizeof(struct settlement), settlements, count,
                         fault);
}

enum fault_kind postgres_read_contradictions(struct store_reader *reader, struct arena *arena,
                                             struct transfer_id transfer,
                                             struct contradiction **contradictions, size_t *count,
                                             struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_CONTRADICTIONS, arena);
    pg_query_put(&query, transfer.value);
    return pg_query_list(&query, TABLE_CONTRADICTION, sizeof(struct contradiction), contradictions,
                         count, fault);
}

enum fault_kind postgres_read_screenings(struct store_reader *reader, struct arena *arena,
                                         struct transfer_id transfer, struct screening **screenings,
                                         size_t *count, struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_SCREENINGS, arena);
    pg_query_put(&query, transfer.value);
    return pg_query_list(&query, TABLE_SCREENING, sizeof(struct screening), screenings, count,
                         fault);
}

enum fault_kind postgres_read_open_contradictions(struct store_reader *reader, struct arena *arena,
                                                  int64_t after, size_t limit,
                                                  struct open_contradiction **open, size_t *count,
                                                  struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct open_contradiction)};
    pg_query_begin(&query, reader_of(reader), STATEMENT_CONTRADICTIONS_OPEN, arena);
    pg_query_put(&query, after);
    pg_query_put_limit(&query, limit);
    while (pg_query_next(&query)) {
        struct open_contradiction *row = pg_row_list_add(&list);
        row_get(&query, TABLE_CONTRADICTION, &row->contradiction);
        row_get(&query, TABLE_TRANSFER, &row->transfer);
    }
    *open = list.rows;
    *count = list.count;
    return pg_query_end(&query, fault);
}

enum fault_kind postgres_read_matched(struct store_reader *reader, struct arena *arena,
                                      struct merchant_id merchant, size_t limit,
                                      struct matched_transfer **matched, size_t *count,
                                      struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct matched_transfer)};
    bool all = merchant.value == 0;
    pg_query_begin(&query, reader_of(reader), all ? STATEMENT_MATCHED : STATEMENT_MATCHED_OF,
                   arena);
    if (!all)
        pg_query_put(&query, merchant.value);
    pg_query_put_limit(&query, limit);
    while (pg_query_next(&query)) {
        struct matched_transfer *row = pg_row_list_add(&list);
        row_get(&query, TABLE_SCREENING, &row->screening);
        row_get(&query, TABLE_TRANSFER, &row->transfer);
        row->name = pg_query_get_text(&query);
        row->surname = pg_query_get_text(&query);
    }
    *matched = list.rows;
    *count = list.count;
    return pg_query_end(&query, fault);
}
