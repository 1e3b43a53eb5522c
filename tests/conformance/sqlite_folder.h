/* sqlite_folder: a folder of its own for a test over files, gone afterwards. */
#ifndef PAYOUT_TESTS_SQLITE_FOLDER_H
#define PAYOUT_TESTS_SQLITE_FOLDER_H
#include "store/store.h"

enum { FOLDER_TEXT_BYTES = 256 };

struct folder {
    char path[FOLDER_TEXT_BYTES]; /* Of the folder. */
    char file[FOLDER_TEXT_BYTES]; /* payoutd.db in it. */
    char url[FOLDER_TEXT_BYTES];  /* That file's, as a store. */
};

void folder_make(struct folder *folder);
/* Removes it with every file in it. */
void folder_remove(struct folder *folder);
/* Opens the folder's store, which must succeed. */
struct store *folder_open(const struct folder *folder);
#endif
