#include "store/migration.h"

#include <string.h>

#include "store/backend.h"

enum fault_kind store_migrate(const char *url, const struct migration *migration,
                              struct fault *fault)
{
    const char *rest;
    const struct backend *backend = backend_of(url, &rest, fault);
    if (backend == NULL)
        return FAULT_FINAL;
    enum fault_kind kind = backend->migrate(rest, migration, fault);
    return kind == FAULT_NONE ? kind : fault_wrap(fault, "migrate the store");
}

void migration_what(const char *sql, char what[MIGRATION_WHAT_BYTES])
{
    size_t length = 0;
    while (strncmp(sql, "-- ", 3) == 0) {
        const char *line = sql + 3;
        size_t of_line = strcspn(line, "\n");
        if (length > 0 && length < MIGRATION_WHAT_BYTES - 1)
            what[length++] = ' ';
        for (size_t i = 0; i < of_line && length < MIGRATION_WHAT_BYTES - 1; i++)
            what[length++] = line[i];
        sql = line + of_line + (line[of_line] == '\n');
    }
    what[length] = '\0';
    char *sentence = strstr(what, ". ");
    if (sentence != NULL)
        sentence[1] = '\0';
}

enum fault_kind migration_compare(const struct migration *migration, const char *before,
                                  const char *after, struct fault *fault)
{
    if (strcmp(before, after) != 0)
        return fault_set(fault, FAULT_FINAL, "there were %s; afterwards there are %s", before,
                         after);
    migration->counted(migration->context, after);
    return FAULT_NONE;
}
