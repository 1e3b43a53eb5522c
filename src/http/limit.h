/* limit: how often somebody may call in a minute, and how long somebody who guesses wrong must
 * wait. Bounded tables, keyed by any bytes (an apikey and an address, a merchant's id), whose
 * places are drawn by a key of this process: nobody can aim at another's. When a place is wanted
 * and there is none, what would be forgotten soonest goes; so a flood of new keys, which have used
 * little each, pushes out its own, and never who has used up all. Any thread. */
#ifndef PAYOUT_HTTP_LIMIT_H
#define PAYOUT_HTTP_LIMIT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limit;

enum { LIMIT_BUCKETS = 32768 }; /* Half a megabyte. */

struct limit_result {
    bool allowed;
    int remaining;               /* How many more may come now. */
    int64_t retry_after_seconds; /* When the next one may come; 0 when allowed. */
};

/* The caller owns it: limit_close. */
struct limit *limit_open(void);
void limit_close(struct limit *limit);
/* Takes one of the per_minute calls (> 0) that key (with kind, a letter that keeps keys of
 * different sorts apart) has; they come back one by one. now_us: clock_monotonic_us(). */
struct limit_result limit_take(struct limit *limit, char kind, const void *key, size_t length,
                               int per_minute, int64_t now_us);

/* Wrong guesses in a row at something (a password) cost a growing wait: after LIMIT_GUESSES_FREE of
 * them 1 s, 2 s, 4 s … LIMIT_GUESS_SECONDS_MAX. While it lasts nothing is tried; when it is over
 * one try is let through. They are forgotten LIMIT_GUESS_FORGOTTEN_SECONDS after the last wait's
 * end. */
enum {
    LIMIT_GUESSES_FREE = 3,
    LIMIT_GUESS_SECONDS_MAX = 300,
    LIMIT_GUESS_FORGOTTEN_SECONDS = 3600,
    LIMIT_GUESSERS = 16384,
};
/* Before a guess: 0 lets it through, and limit_guess_end must tell how it ended, or, where that was
 * never found out, be left alone; else how many seconds are left to wait. */
int64_t limit_guess_begin(struct limit *limit, char kind, const void *key, size_t length,
                          int64_t now_us);
/* A right guess forgets all wrong ones. */
void limit_guess_end(struct limit *limit, char kind, const void *key, size_t length, bool right,
                     int64_t now_us);
#endif
