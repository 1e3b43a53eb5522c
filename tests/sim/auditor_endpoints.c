/* Who is told: each endpoint of a merchant hears every change that it wants, in the commit of that
 * change, and nothing goes before what it waits for. */
#include <string.h>

#include "world.h"

enum { CHANGES_MAX = 16, HEARERS_MAX = 1 + ENDPOINTS_MAX };

unsigned auditor_events(int merchant, int32_t endpoint)
{
    /* None, one that hears all, and that with one that hears of ends. */
    if (endpoint < 1 || endpoint > merchant)
        return 0;
    return endpoint == 1 ? ENDPOINT_EVENTS_ALL
                         : ENDPOINT_EVENT(TRANSFER_VAL) | ENDPOINT_EVENT(TRANSFER_REJ);
}

static int merchant_index(const struct world *world, struct merchant_id id)
{
    int index = 0;
    while (index < WORLD_MERCHANTS && world->merchants[index].value != id.value)
        index++;
    return index;
}

/* All that was made of one transfer, by who is told and which change. */
struct told {
    const struct notification *of[HEARERS_MAX][CHANGES_MAX];
};

static void told_read(struct world *world, const struct store_memory_tables *tables,
                      const struct transfer *transfer, struct told *told)
{
    *told = (struct told){0};
    for (size_t i = 0; i < tables->notification_count; i++) {
        const struct notification *each = &tables->notifications[i];
        if (each->key.transfer.value != transfer->id.value)
            continue;
        audit(world, each->key.endpoint >= 0 && each->key.endpoint < HEARERS_MAX, "an endpoint");
        audit(world, each->key.number >= 1 && each->key.number < CHANGES_MAX, "a change's number");
        audit(world, told->of[each->key.endpoint][each->key.number] == NULL, "told twice");
        told->of[each->key.endpoint][each->key.number] = each;
    }
}

static bool open(const struct notification *notification)
{
    return notification != NULL &&
           (notification->state == NOTIFICATION_DUE || notification->state == NOTIFICATION_BLOCKED);
}

/* Those to one of them: whatever is blocked is waited for by one that is open and before it; and
 * unless a person had some sent again, one at a time is due. */
static void check_chain(struct world *world, const struct transfer *transfer,
                        const struct notification *const chain[CHANGES_MAX])
{
    int due = 0, opened = 0;
    bool again = false;
    for (int number = 1; number < CHANGES_MAX; number++) {
        const struct notification *each = chain[number];
        int before = 0;
        if (each == NULL)
            continue;
        again = again || each->redeliveries > 0;
        opened += open(each);
        due += each->state == NOTIFICATION_DUE;
        for (int other = 1; other < number; other++)
            before += open(chain[other]) && chain[other]->next_number == number;
        audit(world, before == (each->state == NOTIFICATION_BLOCKED),
              "notification %d of %lld to %d has %d before it", number,
              (long long)transfer->id.value, each->key.endpoint, before);
    }
    audit(world, again || (due <= 1 && (opened > 0) == (due == 1)), "%d of %lld are due at once",
          due, (long long)transfer->id.value);
}

void auditor_check_endpoints(struct world *world, const struct store_memory_tables *tables)
{
    for (size_t i = 0; i < tables->transfer_count; i++) {
        const struct transfer *transfer = &tables->transfers[i];
        int merchant = merchant_index(world, transfer->merchant);
        struct told told;
        told_read(world, tables, transfer, &told);
        for (int32_t endpoint = 0; endpoint < HEARERS_MAX; endpoint++) {
            check_chain(world, transfer, told.of[endpoint]);
            for (int number = 1; endpoint > 0 && number < CHANGES_MAX; number++) {
                const struct notification *change = told.of[0][number];
                bool wants = change != NULL && (auditor_events(merchant, endpoint) &
                                                ENDPOINT_EVENT(change->transfer_state)) != 0;
                const struct notification *heard = told.of[endpoint][number];
                audit(world, wants == (heard != NULL), "change %d of %lld to endpoint %d", number,
                      (long long)transfer->id.value, endpoint);
                audit(world, heard == NULL || heard->transfer_state == change->transfer_state,
                      "endpoint %d is told another change", endpoint);
            }
        }
    }
}
