#include "daemon/backup.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/store.h"

int backup_run(const char *store_url, const char *path)
{
    struct fault fault;
    struct store *store = NULL;
    enum fault_kind kind = store_open_beside(store_url, &store, &fault);
    if (kind == FAULT_NONE)
        kind = store_backup(store, path, &fault);
    store_close(store);
    if (kind != FAULT_NONE) {
        fprintf(stderr, "payoutd backup: %s\n", fault.text);
        return EXIT_FAILURE;
    }
    printf("%s is a copy of %s; prove it: payoutd audit --store-url=sqlite:%s\n", path, store_url,
           path);
    return EXIT_SUCCESS;
}
