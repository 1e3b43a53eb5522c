#include "conformance.h"
#include "sqlite_folder.h"

static struct folder folder; /* cmocka runs one test at a time. */

struct store *conformance_open(void)
{
    folder_make(&folder);
    return folder_open(&folder);
}

void conformance_close(struct store *store)
{
    store_close(store);
    folder_remove(&folder);
}
