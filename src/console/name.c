#include "console/name.h"

#include <stdlib.h>
#include <string.h>

#include "http/worker.h"

static int contact_compare(const void *a, const void *b)
{
    const struct contact *left = a, *right = b;
    if (left->merchant.value != right->merchant.value)
        return left->merchant.value < right->merchant.value ? -1 : 1;
    return (left->msisdn > right->msisdn) - (left->msisdn < right->msisdn);
}

/* Appends the contacts of those transfers that are of the merchant of the first one not done. */
static bool merchant_read(struct store_reader *reader, struct arena *arena,
                          const struct transfer *transfers, size_t count, bool *done, size_t first,
                          struct names *names, struct fault *fault)
{
    int64_t *msisdns = arena_alloc(arena, count, sizeof *msisdns);
    struct contact *found;
    size_t wanted = 0, found_count;
    for (size_t i = first; i < count; i++)
        if (transfers[i].merchant.value == transfers[first].merchant.value) {
            msisdns[wanted++] = transfers[i].msisdn;
            done[i] = true;
        }
    if (store_read_contacts_of(reader, arena, transfers[first].merchant, msisdns, wanted, &found,
                               &found_count, fault) != FAULT_NONE)
        return false;
    if (found_count > 0)
        memcpy(names->contacts + names->count, found, found_count * sizeof *found);
    names->count += found_count;
    return true;
}

bool names_read(struct request *request, struct arena *arena, const struct transfer *transfers,
                size_t count, struct names *names, struct fault *fault)
{
    struct store_reader *reader;
    bool *done = arena_alloc(arena, count + 1, sizeof *done);
    *names = (struct names){.contacts = arena_alloc(arena, count + 1, sizeof *names->contacts)};
    if (worker_reader(request->http, &reader, fault) != FAULT_NONE)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!done[i] && !merchant_read(reader, arena, transfers, count, done, i, names, fault))
            return false;
    qsort(names->contacts, names->count, sizeof *names->contacts, contact_compare);
    return true;
}

const struct contact *names_of(const struct names *names, const struct transfer *transfer)
{
    const struct contact key = {.merchant = transfer->merchant, .msisdn = transfer->msisdn};
    return names->count == 0 ? NULL
                             : bsearch(&key, names->contacts, names->count, sizeof *names->contacts,
                                       contact_compare);
}
