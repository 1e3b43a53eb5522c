#include "sqlite_folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conformance.h"

void folder_make(struct folder *folder)
{
    const char *where = getenv("TMPDIR");
    (void)snprintf(folder->path, sizeof folder->path, "%s/conformance.XXXXXX",
                   where == NULL ? "/tmp" : where);
    assert_non_null(mkdtemp(folder->path));
    (void)snprintf(folder->file, sizeof folder->file, "%s/payoutd.db", folder->path);
    (void)snprintf(folder->url, sizeof folder->url, "sqlite://%s", folder->file);
}

void folder_remove(struct folder *folder)
{
    DIR *directory = opendir(folder->path);
    assert_non_null(directory);
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
        (void)unlinkat(dirfd(directory), entry->d_name, 0); /* "." and ".." refuse. */
    assert_int_equal(closedir(directory), 0);
    assert_int_equal(rmdir(folder->path), 0);
}

struct store *folder_open(const struct folder *folder)
{
    struct store *store;
    struct fault fault = {.text = ""};
    if (store_open(folder->url, NULL, &store, &fault) != FAULT_NONE)
        fail_msg("%s", fault.text);
    return store;
}
