/* guest: the connections that are there: from where, doing what since when, and who must go. What
 * is sent a byte at a time, or read so, ends in time; when there is no place left those who do
 * nothing make room for newcomers; and nobody has more places than one may have, over all threads.
 * It must never know libmicrohttpd or HTTP: its caller says what a guest does.
 *
 * Each of the listener's threads has a room of its own: what is said of a guest and of a room is
 * for that room's thread alone (after the threads ended: for anybody). */
#ifndef PAYOUT_HTTP_GUEST_H
#define PAYOUT_HTTP_GUEST_H
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "net/address.h"

/* When all rooms are full, a guest who does nothing keeps its place so long, so that whoever came
 * in a crowd may say what it came for; one who sends or reads, which takes time, longer. */
enum { GUEST_REST_MS_MIN = 1000, GUEST_WORK_MS_MIN = 5000 };

enum guest_doing {
    GUEST_COMES, /* It has not said what it wants, nor ever has. */
    GUEST_RESTS, /* It had an answer, and may say more. */
    GUEST_SENDS, /* It has begun to say what it wants. */
    GUEST_READS, /* It is being answered. */
    GUEST_WAITS, /* For us: that takes as long as it takes. */
    GUEST_GOES,  /* It was shown out: its socket is shut down, and somebody will see that. */
};

struct guest_options {
    int rooms;                /* One a thread. */
    unsigned room_guests_max; /* In each. */
    unsigned per_address_max; /* In all rooms; of IPv6, per /64. 0: no limit. */
    int64_t request_ms;       /* How long a request may take to send, and an answer to read. */
    int64_t idle_ms;          /* How long whoever had an answer may say nothing. */
};
struct guest_figures { /* Guests shown out. Any thread. */
    atomic_uint_fast64_t slow, for_room, too_many;
};

struct guests;
struct guest;
/* The caller owns it: guests_close, once all guests have left. */
struct guests *guests_open(const struct guest_options *options);
void guests_close(struct guests *guests); /* NULL is fine. */
struct guest_figures *guests_figures(struct guests *guests);

/* A connection came. counted: it takes one of its address's places. When those are all taken it is
 * shown out at once. The room owns it until guest_leave. */
struct guest *guest_enter(struct guests *guests, int room, int socket,
                          const struct address *address, bool counted, int64_t now_us);
/* It does something else now. One who goes, goes. */
void guest_turn(struct guest *guest, enum guest_doing doing, int64_t now_us);
void guest_leave(struct guest *guest);

/* Shows out who must go; to be called whenever something happened, and when the time that it
 * returns is over: milliseconds, -1 when nobody has a time to keep. */
int guests_tend(struct guests *guests, int room, int64_t now_us);
#endif
