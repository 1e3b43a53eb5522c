#include "daemon/upgrade.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/audit.h"
#include "store/migration.h"

static void begins_tell(void *context, int64_t from, int64_t to)
{
    bool *pending = context;
    *pending = from < to;
    if (from == to)
        printf("its schema has number %" PRId64 ", which is today's: there is nothing to do\n", to);
    else if (from == 0)
        printf("there is no store yet: it gets the schema of number %" PRId64 "\n", to);
    else
        printf("its schema has number %" PRId64 ", today's is %" PRId64 "\n", from, to);
}

static void step_tell(void *context, int64_t number, const char *what)
{
    (void)context;
    printf("%4" PRId64 "  %s\n", number, what);
    (void)fflush(stdout);
}

static void counted_tell(void *context, const char *what)
{
    (void)context;
    printf("before and after: %s\n", what);
}

int upgrade_run(const char *store_url, bool dry_run)
{
    struct fault fault;
    bool pending = false;
    const struct migration migration = {.dry_run = dry_run,
                                        .context = &pending,
                                        .begins = begins_tell,
                                        .step = step_tell,
                                        .counted = counted_tell};
    enum fault_kind kind = store_migrate(store_url, &migration, &fault);
    if (kind != FAULT_NONE) {
        (void)fflush(stdout);
        (void)fprintf(stderr, "payoutd migrate: %s%s\n", fault.text,
                      kind == FAULT_UNKNOWN ? "" : ": nothing was changed");
        return EXIT_FAILURE;
    }
    if (!pending)
        return EXIT_SUCCESS;
    if (dry_run) {
        printf("all of it can be done; nothing was changed\n");
        return EXIT_SUCCESS;
    }
    return audit_run(store_url);
}

enum fault_kind upgrade_store_open(const char *store_url, bool may_migrate, struct store **store,
                                   struct fault *fault)
{
    if (!may_migrate) { /* Who only reads refuses every other schema. */
        enum fault_kind kind = store_open_beside(store_url, store, fault);
        if (kind != FAULT_NONE)
            return kind;
        store_close(*store);
    }
    return store_open(store_url, NULL, store, fault);
}
