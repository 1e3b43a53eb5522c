/* The auditor: knows the promises, not the code. It reads what is committed and what the operator
 * and the merchants saw, and holds them against each other. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/world.h"

void auditor_fail(struct world *world, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fwrite(world->history, 1, world->history_length, stdout);
    printf("VIOLATION seed %llu step %d: ", (unsigned long long)world->seed, world->step);
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    fflush(stdout);
    _exit(1); /* Without looking for what a life has left in memory. */
}

static int64_t balance_of(const struct store_memory_tables *tables, struct account_key key)
{
    for (size_t i = 0; i < tables->account_count; i++)
        if (account_number(tables->accounts[i].key) == account_number(key))
            return tables->accounts[i].balance_minor;
    return 0;
}

/* Balances are what the movements say, and sum to zero. */
static void check_ledger(struct world *world, const struct store_memory_tables *tables)
{
    int64_t sum = 0;
    for (size_t i = 0; i < tables->account_count; i++) {
        const struct account_balance *account = &tables->accounts[i];
        int64_t rebuilt = 0;
        for (size_t j = 0; j < tables->movement_count; j++) {
            const struct movement *movement = &tables->movements[j];
            if (account_number(movement->to) == account_number(account->key))
                rebuilt += movement->amount.minor;
            if (account_number(movement->from) == account_number(account->key))
                rebuilt -= movement->amount.minor;
        }
        audit(world, rebuilt == account->balance_minor, "account %lld",
              (long long)account_number(account->key));
        sum += account->balance_minor;
    }
    audit(world, sum == 0, "the ledger's sum");
    for (size_t j = 0; j < tables->movement_count; j++)
        audit(world, tables->movements[j].id == (int64_t)j + 1, "a gap in the movements");
}

/* What each merchant has, told from its fundings and its transfers alone. */
static void check_merchants(struct world *world, const struct store_memory_tables *tables)
{
    for (int i = 0; i < WORLD_MERCHANTS; i++) {
        int64_t owned = 0, held = 0;
        for (size_t j = 0; j < tables->funding_count; j++) {
            const struct funding *funding = &tables->fundings[j];
            if (funding->merchant.value == world->merchants[i].value)
                owned += funding->kind == MOVEMENT_TOP_UP ? funding->amount.minor
                                                          : -funding->amount.minor;
        }
        for (size_t j = 0; j < tables->transfer_count; j++) {
            const struct transfer *transfer = &tables->transfers[j];
            if (transfer->merchant.value != world->merchants[i].value)
                continue;
            if (transfer->state == TRANSFER_VAL)
                owned -= transfer->amount.minor + auditor_fee_on_top(transfer);
            else if (transfer->state != TRANSFER_REJ)
                held += transfer->amount.minor + auditor_fee_on_top(transfer);
        }
        struct account_key key = {world->merchants[i], ACCOUNT_AVAILABLE, CURRENCY_XOF, 0};
        int64_t available_now = balance_of(tables, key);
        key.kind = ACCOUNT_HELD;
        audit(world, balance_of(tables, key) == held, "held money of m%d", i);
        audit(world, available_now == owned - held, "available money of m%d", i);
        audit(world, available_now >= 0, "m%d spent what it does not have", i);
    }
}

/* A final transfer's money moved once, another's not at all. */
static void check_movements(struct world *world, const struct store_memory_tables *tables,
                            const struct transfer *transfer)
{
    int paid = 0, released = 0;
    for (size_t j = 0; j < tables->movement_count; j++) {
        if (tables->movements[j].reference != transfer->id.value)
            continue;
        int64_t minor = tables->movements[j].amount.minor;
        if (tables->movements[j].kind == MOVEMENT_PAY) {
            paid++;
            audit(world, minor == auditor_delivered(transfer), "%lld paid for %lld",
                  (long long)minor, (long long)transfer->id.value);
        } else if (tables->movements[j].kind == MOVEMENT_RELEASE) {
            released++;
            audit(world, minor == transfer->amount.minor + auditor_fee_on_top(transfer),
                  "%lld released for %lld", (long long)minor, (long long)transfer->id.value);
        }
    }
    audit(world, paid == (transfer->state == TRANSFER_VAL), "payments of %lld",
          (long long)transfer->id.value);
    audit(world, released == (transfer->state == TRANSFER_REJ), "releases of %lld",
          (long long)transfer->id.value);
}

static bool contradicted(const struct store_memory_tables *tables, int64_t transfer)
{
    for (size_t i = 0; i < tables->contradiction_count; i++)
        if (tables->contradictions[i].transfer.value == transfer)
            return true;
    return false;
}

/* Our books against the operator's. */
static void check_operator(struct world *world, const struct store_memory_tables *tables,
                           const struct transfer *transfer)
{
    const struct operator_order *order = operator_fake_order(world, transfer->id.value);
    bool sent = transfer->state != TRANSFER_NEW && transfer->submitted_at_ms > 0;
    audit(world, order == NULL || sent, "%lld was given out before it was REC",
          (long long)transfer->id.value);
    audit(world, order == NULL || order->amount_minor == auditor_delivered(transfer),
          "the operator was told to pay another amount for %lld", (long long)transfer->id.value);
    if ((order != NULL && order->lied) || auditor_settled(tables, transfer))
        return; /* Somebody said what is not so, or may have. */
    audit(world, transfer->state != TRANSFER_VAL || (order != NULL && order->state == ORDER_PAID),
          "%lld is VAL and was not paid", (long long)transfer->id.value);
    audit(world, transfer->state != TRANSFER_REJ || order == NULL || order->state != ORDER_PAID,
          "%lld was paid and is REJ", (long long)transfer->id.value);
    audit(world, !contradicted(tables, transfer->id.value), "a contradiction nobody made");
}

/* Every change was notified, in the same commit: the last notification tells today's state. */
static void check_notifications(struct world *world, const struct store_memory_tables *tables,
                                const struct transfer *transfer)
{
    int32_t count = 0;
    const struct notification *last = NULL;
    for (size_t j = 0; j < tables->notification_count; j++) {
        const struct notification *each = &tables->notifications[j];
        if (each->key.transfer.value != transfer->id.value || each->key.endpoint != 0)
            continue;
        count++;
        if (last == NULL || each->key.number > last->key.number)
            last = each;
    }
    audit(world, count == transfer->notifications, "notifications of %lld",
          (long long)transfer->id.value);
    audit(world, count > 0 || transfer->state == TRANSFER_NEW, "a change nobody is told of");
    if (last != NULL)
        audit(world,
              last->transfer_state == transfer->state &&
                  last->confirmed == (transfer->confirmed && !transfer->suspected),
              "the last notification of %lld is stale", (long long)transfer->id.value);
}

static void check_orders(struct world *world, const struct store_memory_tables *tables)
{
    for (int i = 0; i < world->order_count; i++) {
        const struct order *order = &world->orders[i];
        const struct transfer *found = NULL;
        int count = 0, paid = 0;
        for (size_t j = 0; j < tables->transfer_count; j++) {
            const struct transfer *transfer = &tables->transfers[j];
            if (transfer->merchant.value != world->merchants[order->merchant].value ||
                strcmp(transfer->client_id, order->client_id) != 0)
                continue;
            const struct operator_order *at_operator =
                operator_fake_order(world, transfer->id.value);
            paid += at_operator != NULL && at_operator->state == ORDER_PAID;
            found = transfer;
            count++;
        }
        audit(world, count <= 1, "order %s is there %d times", order->client_id, count);
        audit(world, paid <= 1, "order %s was paid %d times", order->client_id, paid);
        if (!order->answered)
            continue;
        audit(world, found != NULL && found->id.value == order->known.value,
              "order %s was accepted and is not there", order->client_id);
        audit(world, found->amount.minor == order->amount_minor, "another amount");
    }
}

static void check_lots(struct world *world, const struct store_memory_tables *tables)
{
    for (size_t i = 0; i < tables->lot_count; i++) {
        const struct lot *lot = &tables->lots[i];
        int64_t count = 0, total = 0;
        for (size_t j = 0; j < tables->transfer_count; j++) {
            const struct transfer *transfer = &tables->transfers[j];
            bool in_range = transfer->id.value >= lot->first.value &&
                            transfer->id.value < lot->first.value + lot->count;
            bool belongs = transfer->merchant.value == lot->merchant.value &&
                           transfer->lot.value == lot->code.value;
            audit(world, in_range == belongs, "a lot's transfers are its range of ids");
            count += belongs;
            total += belongs ? transfer->amount.minor : 0;
            if (belongs)
                audit(world, transfer->confirmed == (lot->state == LOT_CONFIRMED),
                      "a transfer of a lot that is %s", lot_state_text(lot->state));
        }
        audit(world, count == lot->count && total == lot->total_minor[CURRENCY_XOF],
              "lot %lld's totals", (long long)lot->code.value);
    }
}

void auditor_check_answer(struct world *world, enum transfer_state before,
                          const struct outcome_item *item)
{
    const struct store_memory_tables *tables = ground_tables(world);
    bool against = (before == TRANSFER_VAL && item->verdict == VERDICT_REJECTED) ||
                   (before == TRANSFER_REJ && item->verdict == VERDICT_PAID);
    if (!against)
        return;
    audit(world, item->effect == OUTCOME_CONTRADICTED, "a lie about %lld was not seen",
          (long long)item->transfer.value);
    audit(world, contradicted(tables, item->transfer.value),
          "a lie about %lld that nobody wrote down", (long long)item->transfer.value);
}

/* --- Promises --- */

enum { PROMISES_FRESH = 64, PROMISES_ALL_EVERY = 16 };

void auditor_promised(struct world *world, const struct promise *promise)
{
    invariant(world->promise_count < WORLD_PROMISES_MAX);
    world->promises[world->promise_count++] = *promise;
}

static bool contact_kept(const struct store_memory_tables *tables, const struct promise *promise)
{
    for (size_t i = 0; i < tables->contact_count; i++)
        if (tables->contacts[i].merchant.value == promise->merchant &&
            tables->contacts[i].msisdn == promise->number)
            return true;
    return false;
}

static bool funding_kept(const struct store_memory_tables *tables, const struct promise *promise)
{
    char reference[16];
    (void)snprintf(reference, sizeof reference, "F%lld", (long long)promise->number);
    for (size_t i = 0; i < tables->funding_count; i++) {
        const struct funding *funding = &tables->fundings[i];
        if (funding->merchant.value == promise->merchant &&
            strcmp(funding->reference, reference) == 0)
            return (int)funding->kind == promise->state &&
                   funding->amount.minor == promise->amount_minor;
    }
    return false;
}

static bool lot_kept(const struct store_memory_tables *tables, const struct promise *promise)
{
    for (size_t i = 0; i < tables->lot_count; i++)
        if (tables->lots[i].merchant.value == promise->merchant &&
            tables->lots[i].code.value == promise->number)
            return promise->kind == PROMISE_LOT_SENT ||
                   (int)tables->lots[i].state == promise->state;
    return false;
}

static bool transfer_kept(const struct store_memory_tables *tables, const struct promise *promise)
{
    for (size_t i = 0; i < tables->transfer_count; i++)
        if (tables->transfers[i].id.value == promise->number)
            return (int)tables->transfers[i].state == promise->state;
    return false;
}

static bool delivery_kept(const struct store_memory_tables *tables, const struct promise *promise)
{
    for (size_t i = 0; i < tables->notification_count; i++)
        if (tables->notifications[i].key.transfer.value == promise->number &&
            tables->notifications[i].key.endpoint == promise->amount_minor &&
            tables->notifications[i].key.number == promise->state)
            return tables->notifications[i].state == NOTIFICATION_DELIVERED ||
                   tables->notifications[i].redeliveries > 0;
    return false;
}

static bool mail_kept(const struct store_memory_tables *tables, const struct promise *promise)
{
    for (size_t i = 0; i < tables->mail_count; i++)
        if (tables->mails[i].merchant.value == promise->merchant &&
            tables->mails[i].lot.value == promise->number &&
            tables->mails[i].number == promise->amount_minor)
            return (int)tables->mails[i].state == promise->state;
    return false;
}

static bool promise_kept(const struct store_memory_tables *tables, const struct promise *promise)
{
    switch (promise->kind) {
    case PROMISE_FUNDING:
        return funding_kept(tables, promise);
    case PROMISE_LOT_SENT:
    case PROMISE_LOT:
        return lot_kept(tables, promise);
    case PROMISE_CONTACT:
        return contact_kept(tables, promise);
    case PROMISE_MAIL:
        return mail_kept(tables, promise);
    case PROMISE_TRANSFER:
        return transfer_kept(tables, promise);
    case PROMISE_DELIVERY:
        break;
    }
    return delivery_kept(tables, promise);
}

/* All that was answered is so; of the older ones only now and then, and at the end. */
static void check_promises(struct world *world, const struct store_memory_tables *tables, bool all)
{
    int first =
        all || world->promise_count < PROMISES_FRESH ? 0 : world->promise_count - PROMISES_FRESH;
    for (int i = first; i < world->promise_count; i++) {
        const struct promise *promise = &world->promises[i];
        audit(world, promise_kept(tables, promise),
              "promise %d: kind %d, merchant %lld, number %lld, state %d", i, (int)promise->kind,
              (long long)promise->merchant, (long long)promise->number, promise->state);
    }
}

void auditor_check(struct world *world)
{
    const struct store_memory_tables *tables = ground_tables(world);
    check_ledger(world, tables);
    check_merchants(world, tables);
    for (size_t i = 0; i < tables->transfer_count; i++) {
        check_movements(world, tables, &tables->transfers[i]);
        check_operator(world, tables, &tables->transfers[i]);
        check_notifications(world, tables, &tables->transfers[i]);
    }
    check_orders(world, tables);
    check_lots(world, tables);
    auditor_check_persons(world, tables);
    auditor_check_lots(world, tables);
    auditor_check_terms(world, tables);
    auditor_check_screening(world, tables);
    auditor_check_endpoints(world, tables);
    check_promises(world, tables, world->calm || world->step % PROMISES_ALL_EVERY == 0);
}

/* The chain of heads leads from nothing to the last movement. */
static void check_chain(struct world *world, const struct store_memory_tables *tables)
{
    struct ledger_head head = {0};
    size_t next = 0;
    for (size_t i = 0; i < tables->head_count; i++) {
        struct ledger_link link;
        ledger_link_begin(&link, &head);
        while (next < tables->movement_count &&
               tables->movements[next].id <= tables->heads[i].last_movement_id)
            ledger_link_add(&link, &tables->movements[next++]);
        ledger_link_end(&link, &head);
        audit(world, memcmp(&head, &tables->heads[i], sizeof head) == 0, "link %zu of the chain",
              i);
    }
    audit(world, next == tables->movement_count, "movements outside the chain");
}

void auditor_check_end(struct world *world)
{
    const struct store_memory_tables *tables = ground_tables(world);
    auditor_check(world);
    check_chain(world, tables);
    for (size_t i = 0; i < tables->transfer_count; i++) {
        const struct transfer *transfer = &tables->transfers[i];
        audit(world, transfer_state_final(transfer->state), "%lld never ended: %s",
              (long long)transfer->id.value, transfer_state_text(transfer->state));
    }
    for (size_t i = 0; i < tables->lot_count; i++)
        audit(world, tables->lots[i].state != LOT_WAITING, "a lot waits for ever");
    for (size_t i = 0; i < tables->notification_count; i++)
        audit(world, tables->notifications[i].state == NOTIFICATION_DELIVERED,
              "a notification never arrived");
    for (size_t i = 0; i < world->heard_count; i++) {
        const struct heard *heard = &world->heard[i];
        for (size_t j = 0; j < tables->transfer_count; j++)
            audit(world,
                  tables->transfers[j].id.value != heard->transfer.value || heard->endpoint != 0 ||
                      tables->transfers[j].state == heard->state,
                  "a merchant believes something else of %lld", (long long)heard->transfer.value);
    }
}
