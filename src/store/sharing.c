/* Passes every call on to the store's kind. */
#include "store/sharing.h"

#include "store/backend.h"

bool store_is_shared(const struct store *store)
{
    return store->backend->sharing_open != NULL;
}

enum fault_kind store_sharing_open(struct store *store, const struct sharing_self *self,
                                   struct store_sharing **sharing, struct fault *fault)
{
    invariant(store_is_shared(store));
    return store->backend->sharing_open(store, self, sharing, fault);
}

void store_sharing_close(struct store_sharing *sharing)
{
    if (sharing != NULL)
        sharing->backend->sharing_close(sharing);
}

enum fault_kind store_sharing_beat(struct store_sharing *sharing, const uint32_t given[DUTY_END],
                                   struct sharing_beat *beat, struct fault *fault)
{
    return sharing->backend->sharing_beat(sharing, given, beat, fault);
}

enum fault_kind store_sharing_take(struct store_sharing *sharing, enum duty duty, int64_t most,
                                   uint32_t *taken, struct fault *fault)
{
    return sharing->backend->sharing_take(sharing, duty, most, taken, fault);
}

enum fault_kind store_sharing_leave(struct store_sharing *sharing, struct fault *fault)
{
    return sharing->backend->sharing_leave(sharing, fault);
}

enum fault_kind store_sharing_tell(struct store_sharing *sharing, const char *text,
                                   struct fault *fault)
{
    return sharing->backend->sharing_tell(sharing, text, fault);
}

bool store_sharing_wait(struct store_sharing *sharing, int descriptor, int64_t wait_ms)
{
    return sharing->backend->sharing_wait(sharing, descriptor, wait_ms);
}

bool store_sharing_heard(struct store_sharing *sharing, char text[SHARING_TEXT_BYTES])
{
    return sharing->backend->sharing_heard(sharing, text);
}
