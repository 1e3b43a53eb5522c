/* /admin/v1/summary: the platform as a whole: every account's money by kind, which must sum to
 * zero, and what is under way. */
#include "base/clock.h"
#include "http/admin.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "http/worker.h"
#include "wire/reply.h"

struct sums {
    int64_t balance_minor[CURRENCY_END][ACCOUNT_KIND_END];
    int64_t accounts[CURRENCY_END][ACCOUNT_KIND_END];
};

static bool account_add(void *context, const struct account_balance *account)
{
    struct sums *sums = context;
    sums->balance_minor[account->key.currency][account->key.kind] += account->balance_minor;
    sums->accounts[account->key.currency][account->key.kind]++;
    return true;
}

static void currency_write(struct buffer *text, const struct sums *sums, enum currency currency)
{
    int64_t total_minor = 0, accounts = 0;
    for (enum account_kind kind = ACCOUNT_AVAILABLE; kind < ACCOUNT_KIND_END; kind++)
        accounts += sums->accounts[currency][kind];
    if (accounts == 0)
        return;
    admin_comma(text);
    buffer_char(text, '{');
    reply_text_member(text, "currency", currency_text(currency));
    for (enum account_kind kind = ACCOUNT_AVAILABLE; kind < ACCOUNT_KIND_END; kind++) {
        reply_int_member(text, account_kind_text(kind), sums->balance_minor[currency][kind]);
        total_minor += sums->balance_minor[currency][kind];
    }
    reply_int_member(text, "total", total_minor);
    buffer_char(text, '}');
}

static void figures_write(struct buffer *text, const struct store_figures *figures)
{
    admin_time_member(text, "oldest_unfinished_at", figures->oldest_unfinished_at_ms);
    reply_int_member(text, "transfers_due", figures->transfers_due);
    reply_int_member(text, "notifications_waiting", figures->notifications_waiting);
    reply_int_member(text, "notifications_dead", figures->notifications_dead);
    reply_int_member(text, "contradictions", figures->contradictions);
    reply_int_member(text, "database_bytes", figures->database_bytes);
}

enum turn admin_summary(struct request *request)
{
    struct store_reader *reader;
    struct store_figures figures;
    struct sums *sums = arena_alloc(request->arena, 1, sizeof *sums);
    struct fault fault;
    /* One consistent view: read one by one, money on its way between two would be missed. */
    const struct store_audit accounts = {.context = sums, .account = account_add};
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_audit(reader, &accounts, &fault) != FAULT_NONE ||
        store_read_figures(reader, &figures, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    struct buffer *text = admin_begin(request);
    admin_time_member(text, "at", clock_now_ms());
    admin_open_member(text, "currencies", '[');
    for (enum currency currency = CURRENCY_XOF; currency < CURRENCY_END; currency++)
        currency_write(text, sums, currency);
    buffer_char(text, ']');
    figures_write(text, &figures);
    return admin_end(request);
}
