#include "support/platform.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

static void platform_wake(void *context, uint32_t shards)
{
    (void)shards;
    struct platform *platform = context;
    invariant(pthread_mutex_lock(&platform->mutex) == 0);
    if (platform->wake != NULL)
        platform->wake(platform->worker);
    invariant(pthread_mutex_unlock(&platform->mutex) == 0);
}

static void platform_tell(void *context, uint32_t shards, int64_t from_ms)
{
    (void)shards;
    struct platform *platform = context;
    invariant(pthread_mutex_lock(&platform->mutex) == 0);
    if (platform->tell != NULL)
        platform->tell(platform->teller, from_ms);
    invariant(pthread_mutex_unlock(&platform->mutex) == 0);
}

void platform_tells(struct platform *platform, void (*tell)(void *teller, int64_t from_ms),
                    void *teller)
{
    invariant(pthread_mutex_lock(&platform->mutex) == 0);
    platform->tell = tell;
    platform->teller = teller;
    invariant(pthread_mutex_unlock(&platform->mutex) == 0);
}

void platform_wakes(struct platform *platform, void (*wake)(void *worker), void *worker)
{
    invariant(pthread_mutex_lock(&platform->mutex) == 0);
    platform->wake = wake;
    platform->worker = worker;
    invariant(pthread_mutex_unlock(&platform->mutex) == 0);
}

static void platform_do(struct platform *platform, struct lane_job *job)
{
    invariant(lane_call(platform->lane, job) == FAULT_NONE);
    invariant(job->command.code == PAYOUT_OK);
}

void platform_open(struct platform *platform, size_t queue_weight_max)
{
    struct fault fault;
    *platform = (struct platform){.merchant = {MERCHANT_ID_MIN}};
    invariant(pthread_mutex_init(&platform->mutex, NULL) == 0);
    platform->store = store_memory_open();
    struct lane_options options = {.queue_weight_max = queue_weight_max,
                                   .work_made = platform_wake,
                                   .notifications_made = platform_tell,
                                   .context = platform};
    invariant(lane_open(platform->store, &options, &platform->lane, &fault) == FAULT_NONE);
    struct lane_job create = {
        .command = {.kind = COMMAND_MERCHANT_CREATE,
                    .merchant_create.merchant = {.id = platform->merchant,
                                                 .name = "Test",
                                                 .apikey = "key",
                                                 .secret_key = "whsec_c2VjcmV0IG9mIHRoZSB0ZXN0",
                                                 .currency = CURRENCY_XOF,
                                                 .lang = MERCHANT_LANG_EN,
                                                 .lot_expiry_ms = 3600000}}};
    platform_do(platform, &create);
    struct lane_job fund = {.command = {.kind = COMMAND_FUND,
                                        .fund = {.merchant = platform->merchant,
                                                 .kind = MOVEMENT_TOP_UP,
                                                 .amount = {INT64_C(1000000000), CURRENCY_XOF},
                                                 .reference = "F1"}}};
    platform_do(platform, &fund);
}

void platform_start(struct platform *platform)
{
    lane_start(platform->lane);
}

void platform_close(struct platform *platform)
{
    lane_stop(platform->lane);
    lane_close(platform->lane);
    store_close(platform->store);
    invariant(pthread_mutex_destroy(&platform->mutex) == 0);
}

struct transfer_id platform_send(struct platform *platform, int64_t first_msisdn, int64_t step,
                                 size_t count, int64_t amount_minor, const char *notify_url)
{
    struct contact_item *contacts = calloc(count, sizeof *contacts);
    struct send_item *items = calloc(count, sizeof *items);
    invariant(contacts != NULL && items != NULL);
    for (size_t i = 0; i < count; i++) {
        int64_t msisdn = first_msisdn + step * (int64_t)i;
        contacts[i] = (struct contact_item){.prefix = "225",
                                            .phone = "07895086",
                                            .msisdn = msisdn,
                                            .name = "",
                                            .surname = "",
                                            .email = ""};
        items[i] = (struct send_item){
            .notify_url = notify_url,
            .prefix = "225",
            .phone = "07895086",
            .msisdn = msisdn,
            .operator_number = platform->operator_number == 0 ? 1 : platform->operator_number,
            .amount = {amount_minor, CURRENCY_XOF}};
    }
    struct lane_job add = {
        .command = {
            .kind = COMMAND_CONTACT_ADD,
            .contact_add = {.merchant = platform->merchant, .items = contacts, .count = count}}};
    platform_do(platform, &add);
    struct lane_job send = {.command = {.kind = COMMAND_LOT_SEND,
                                        .lot_send = {.merchant = platform->merchant,
                                                     .items = items,
                                                     .count = count,
                                                     .source = "test",
                                                     .listed = !platform->confirms_later}}};
    platform_do(platform, &send);
    struct lane_job decide = {.command = {.kind = COMMAND_LOT_DECIDE,
                                          .lot_decide = {.merchant = platform->merchant,
                                                         .lot = send.command.lot_send.lot,
                                                         .to = LOT_CONFIRMED,
                                                         .person = "Awa"}}};
    if (platform->confirms_later)
        platform_do(platform, &decide);
    struct transfer_id first = items[0].transfer;
    invariant(items[count - 1].transfer.value == first.value + (int64_t)count - 1);
    free(contacts);
    free(items);
    return first;
}

struct transfer platform_transfer(struct platform *platform, struct transfer_id id)
{
    struct transfer found = {0};
    store_memory_lock(platform->store);
    const struct store_memory_tables *tables = store_memory_tables(platform->store);
    for (size_t i = 0; i < tables->transfer_count; i++)
        if (tables->transfers[i].id.value == id.value)
            found = tables->transfers[i];
    store_memory_unlock(platform->store);
    invariant(found.id.value == id.value);
    return found;
}

size_t platform_count(struct platform *platform, enum transfer_state state)
{
    size_t count = 0;
    store_memory_lock(platform->store);
    const struct store_memory_tables *tables = store_memory_tables(platform->store);
    for (size_t i = 0; i < tables->transfer_count; i++)
        count += tables->transfers[i].state == state;
    store_memory_unlock(platform->store);
    return count;
}

void platform_wait(bool (*condition)(void *context), void *context)
{
    int64_t until_us = clock_monotonic_us() + INT64_C(1000) * PLATFORM_PATIENCE_MS;
    while (!condition(context)) {
        if (clock_monotonic_us() > until_us) {
            (void)fprintf(stderr, "what was waited for did not come\n");
            abort();
        }
        (void)sched_yield();
    }
}

struct state_count {
    struct platform *platform;
    enum transfer_state state;
    size_t count;
};

static bool state_reached(void *context)
{
    const struct state_count *wanted = context;
    return platform_count(wanted->platform, wanted->state) == wanted->count;
}

void platform_wait_state(struct platform *platform, enum transfer_state state, size_t count)
{
    struct state_count wanted = {.platform = platform, .state = state, .count = count};
    platform_wait(state_reached, &wanted);
}
