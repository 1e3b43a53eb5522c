#include "conformance.h"
#include "support/store_memory.h"

struct store *conformance_open(void)
{
    return store_memory_open();
}

void conformance_close(struct store *store)
{
    store_close(store);
}
