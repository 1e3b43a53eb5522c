/* watch: the list of names that is in force. Its file is looked at now and then; a new one is read
 * when it has stopped changing, and takes the old one's place whole. One that is broken is said so
 * in the log, once, and the old list stays. It must never decide what a match means. Any thread. */
#ifndef PAYOUT_SCREENING_WATCH_H
#define PAYOUT_SCREENING_WATCH_H
#include "base/buffer.h"
#include "money/screening.h"
#include "screening/list.h"

struct watch;

/* Reads path's list if it can. The caller owns it: watch_close. */
struct watch *watch_open(const char *path);
void watch_close(struct watch *watch); /* NULL is fine. */
/* Looks at the file. True when another list is in force now. One thread. */
bool watch_look(struct watch *watch);

struct watch_answer {
    int score; /* 0 to 100. */
    char version[NAME_LIST_VERSION_BYTES];
    char entry[SCREENING_ENTRY_BYTES_MAX + 1]; /* "S1 Mamadou Diallo (as Modi Diallo, GN, 1961)" */
};
/* What the list says of somebody; what can't be compared (no name, too many words) is 100. False:
 * there is no list. */
MUST_USE bool watch_ask(struct watch *watch, const char *name, const char *surname,
                        struct watch_answer *answer);
/* Appends its metrics. */
void watch_metrics(struct watch *watch, struct buffer *text);
#endif
