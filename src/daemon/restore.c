#include "daemon/restore.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/audit.h"
#include "store/store.h"

static int restore_fail(const struct fault *fault)
{
    fprintf(stderr, "payoutd restore: %s\n", fault->text);
    return EXIT_FAILURE;
}

int restore_run(const char *store_url, const char *path, bool force)
{
    struct fault fault;
    struct store_restore *restore;
    char aside[STORE_ASIDE_BYTES];
    if (store_restore_begin(store_url, path, force, &restore, &fault) != FAULT_NONE)
        return restore_fail(&fault);
    bool right = audit_run(store_restore_url(restore)) == EXIT_SUCCESS;
    if (store_restore_end(restore, right, aside, &fault) != FAULT_NONE)
        return restore_fail(&fault);
    if (!right) {
        fprintf(stderr, "payoutd restore: %s is not right: nothing was changed\n", path);
        return EXIT_FAILURE;
    }
    if (aside[0] != '\0')
        printf("the store that was there is %s\n", aside);
    printf("%s is restored from %s\n"
           "What was sent after that copy was made is not in it. Before merchants can send again, "
           "hold it against the operators' statements: payout reconcile\n",
           store_url, path);
    return EXIT_SUCCESS;
}
