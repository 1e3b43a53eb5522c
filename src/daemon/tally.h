/* tally: tells in bounded memory whether two streams, in any order, say the same of each key: what
 * one adds the other takes away. Sums are kept by bucket; when a bucket does not come to zero, a
 * second reading keeps its keys, and tells those that are wrong. One thread. */
#ifndef PAYOUT_DAEMON_TALLY_H
#define PAYOUT_DAEMON_TALLY_H
#include <stdbool.h>
#include <stdint.h>

struct tally;
struct tally_key {
    int64_t parts[2];
};

struct tally *tally_open(void);
void tally_close(struct tally *tally);
/* Adds print, a number that stands for what was said of key; taken away as 0 - print. */
void tally_add(struct tally *tally, struct tally_key key, uint64_t print);
/* After the first reading. True when something is wrong. From now on only keys of wrong buckets are
 * looked at, and tally_again is true, whatever the answer. */
bool tally_begin_again(struct tally *tally);
bool tally_again(const struct tally *tally);
/* After the second reading: calls tell for each key that is wrong, some hundreds at most. */
void tally_tell(const struct tally *tally, void (*tell)(void *context, struct tally_key key),
                void *context);
#endif
