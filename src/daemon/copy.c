#include "daemon/copy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/audit.h"
#include "store/move.h"

/* What is told while it goes on. */
struct telling {
    const char *what; /* "copied", "compared". */
    bool terminal;    /* A line of it is written over the one before. */
    char table[64];   /* Of the line that is not ended yet; "": there is none. */
    int64_t rows, all_rows;
};

static void line_end(struct telling *telling)
{
    if (telling->table[0] == '\0')
        return;
    printf("%s%-16s %12lld rows %s\n", telling->terminal ? "\r" : "", telling->table,
           (long long)telling->rows, telling->what);
    (void)fflush(stdout);
    telling->all_rows += telling->rows;
    telling->table[0] = '\0';
}

static void rows_tell(void *context, const char *table, int64_t rows)
{
    struct telling *telling = context;
    if (strcmp(telling->table, table) != 0)
        line_end(telling);
    (void)snprintf(telling->table, sizeof telling->table, "%s", table);
    telling->rows = rows;
    if (telling->terminal) {
        printf("\r%-16s %12lld rows", table, (long long)rows);
        (void)fflush(stdout);
    }
}

/* One of the two walks over all rows. */
static enum fault_kind walk(struct move *move, const char *what,
                            enum fault_kind (*step)(struct move *, move_progress *, void *,
                                                    struct fault *),
                            struct fault *fault)
{
    struct telling telling = {.what = what, .terminal = isatty(STDOUT_FILENO) == 1};
    enum fault_kind kind = step(move, rows_tell, &telling, fault);
    line_end(&telling);
    if (kind == FAULT_NONE)
        printf("%lld rows %s\n", (long long)telling.all_rows, what);
    return kind;
}

/* Proves the destination; it is no store to anybody yet. */
static enum fault_kind prove(struct move *move, struct fault *fault)
{
    struct store *store;
    enum fault_kind kind = move_store(move, &store, fault);
    if (kind != FAULT_NONE)
        return kind;
    bool right = audit_store(store);
    store_close(store);
    return right ? FAULT_NONE
                 : fault_set(fault, FAULT_FINAL, "the audit finds the destination wrong");
}

static enum fault_kind copy_all(struct move *move, struct fault *fault)
{
    enum fault_kind kind = walk(move, "copied", move_rows, fault);
    if (kind == FAULT_NONE)
        kind = walk(move, "are the same in both", move_compare, fault);
    if (kind == FAULT_NONE)
        kind = prove(move, fault);
    return kind == FAULT_NONE ? move_finish(move, fault) : kind;
}

int copy_run(const char *from, const char *into, bool again)
{
    struct fault fault;
    struct move *move;
    enum fault_kind kind = move_open(from, into, again, &move, &fault);
    if (kind == FAULT_NONE) {
        kind = copy_all(move, &fault);
        if (kind != FAULT_NONE)
            (void)fprintf(stderr, "payoutd copy: the destination stays marked as unfinished, and "
                                  "is no store: --again begins anew\n");
        move_close(move);
    }
    if (kind != FAULT_NONE) {
        (void)fprintf(stderr, "payoutd copy: %s\n", fault.text);
        return EXIT_FAILURE;
    }
    printf("the copy is whole. Take along what is not in a store: the files of [token] key_file, "
           "[secrets] key_file (without it no sealed secret can be read), [admin] token_file and "
           "[operator] channels_dir with the secrets they name. Set [store] url to the copy, and "
           "never start payoutd on the old store again: both would pay.\n");
    return EXIT_SUCCESS;
}
