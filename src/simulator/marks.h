/* marks: numbers kept under texts: which order a reference is, how often a call came, until when a
 * token is good. The room's own. One thread. */
#ifndef PAYOUT_SIMULATOR_MARKS_H
#define PAYOUT_SIMULATOR_MARKS_H
#include <stdint.h>

struct mark {
    uint64_t hash;
    int64_t value;
    int64_t next; /* Of its bucket; -1: the last. */
};
struct marks {
    struct mark *marks;
    int64_t count, size;
    int64_t *buckets; /* As many as size. */
};

/* A hash of a text; not for secrets. */
uint64_t mark_hash(uint64_t seed, const char *text);
/* NULL: there is none of that kind under that text. Valid until the next mark_put. */
int64_t *mark_find(const struct marks *marks, int kind, const char *text);
/* The same, made with the value 0 when there is none. */
int64_t *mark_put(struct marks *marks, int kind, const char *text);
void marks_free(struct marks *marks);
#endif
