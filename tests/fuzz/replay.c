/* replay: runs a fuzz target over the files of folders, and over each of their beginnings. For
 * machines without libFuzzer, and to keep what was once found from coming back. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

enum { FILE_BYTES_MAX = 1 << 20, BEGINNINGS_MAX = 2000 };

static void file_run(const char *path)
{
    FILE *file = fopen(path, "rb");
    invariant(file != NULL);
    uint8_t *bytes = malloc(FILE_BYTES_MAX);
    invariant(bytes != NULL);
    size_t size = fread(bytes, 1, FILE_BYTES_MAX, file);
    fclose(file);
    size_t step = size / BEGINNINGS_MAX + 1;
    for (size_t length = size % step; length <= size; length += step) {
        /* In memory of just its size: a read past it is seen by the sanitizer. */
        uint8_t *exact = malloc(length + (length == 0));
        invariant(exact != NULL);
        memcpy(exact, bytes, length);
        (void)LLVMFuzzerTestOneInput(exact, length);
        free(exact);
    }
    free(bytes);
}

static size_t folder_run(const char *folder)
{
    size_t count = 0;
    DIR *directory = opendir(folder);
    if (directory == NULL)
        return 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        char path[4096];
        invariant((size_t)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) <
                  sizeof path);
        file_run(path);
        count++;
    }
    closedir(directory);
    return count;
}

int main(int argc, char **argv)
{
    size_t count = 0;
    for (int i = 1; i < argc; i++)
        count += folder_run(argv[i]);
    printf("%zu inputs ran without a finding\n", count);
    return count > 0 ? 0 : 1; /* No corpus, no test. */
}
