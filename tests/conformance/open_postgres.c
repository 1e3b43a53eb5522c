#include "conformance.h"
#include "postgres/schema.h"

static struct schema schema; /* cmocka runs one test at a time. */

struct store *conformance_open(void)
{
    struct store *store;
    struct fault fault;
    schema_make(&schema);
    if (store_open(schema.url, &(struct store_options){.lanes = 1}, &store, &fault) != FAULT_NONE)
        fail_msg("%s", fault.text);
    return store;
}

void conformance_close(struct store *store)
{
    store_close(store);
    schema_remove(&schema);
}
