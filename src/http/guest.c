#include "http/guest.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fault.h"
#include "base/random.h"

/* Who does something that has a time to keep stands in the list of that, longest first: all in a
 * list have equally long, so only its first need be looked at. */
enum { LISTS = GUEST_READS + 1, MS_US = 1000, FREE_PART = 8 };
_Static_assert((int)LISTS == (int)GUEST_WAITS, "who waits for us stands in no list");

struct guest {
    struct guests *guests;
    struct room *room;
    struct guest *next, *before;
    int64_t since_us;
    struct address house; /* Its address, of IPv6 the /64. */
    int socket;
    enum guest_doing doing;
    bool counted;
};

struct list {
    struct guest *first, *last;
};

struct room {
    struct list lists[LISTS];
    unsigned count; /* But those who go. */
};

/* How many guests have come from a house. One with none is an empty place. */
struct house {
    struct address address;
    unsigned guests;
};

struct guests {
    struct guest_options options;
    struct guest_figures figures;
    atomic_uint count;    /* Of all rooms' guests. */
    pthread_mutex_t lock; /* Guards the houses. */
    unsigned char hash_key[crypto_shorthash_KEYBYTES];
    size_t house_count; /* A power of two, twice the guests there can be: always one is empty. */
    struct house *houses;
    struct room rooms[];
};

/* --- Houses: linear probing --- */

static size_t house_home(const struct guests *guests, const struct address *address)
{
    unsigned char bytes[crypto_shorthash_BYTES];
    uint64_t hash;
    _Static_assert(sizeof hash == sizeof bytes, "a hash is 64 bits");
    (void)crypto_shorthash(bytes, address->ip.s6_addr, sizeof address->ip.s6_addr,
                           guests->hash_key);
    memcpy(&hash, bytes, sizeof hash);
    return (size_t)hash & (guests->house_count - 1);
}

/* The house's place, or the empty one where it would be. */
static size_t house_find(const struct guests *guests, const struct address *address)
{
    size_t at = house_home(guests, address);
    while (guests->houses[at].guests > 0 &&
           memcmp(&guests->houses[at].address, address, sizeof *address) != 0)
        at = (at + 1) & (guests->house_count - 1);
    return at;
}

/* Empties a place, and moves up what would not be found past it. */
static void house_empty(struct guests *guests, size_t empty)
{
    size_t mask = guests->house_count - 1;
    guests->houses[empty].guests = 0;
    for (size_t at = (empty + 1) & mask; guests->houses[at].guests > 0; at = (at + 1) & mask) {
        size_t home = house_home(guests, &guests->houses[at].address);
        if (((at - home) & mask) < ((at - empty) & mask))
            continue;
        guests->houses[empty] = guests->houses[at];
        guests->houses[at].guests = 0;
        empty = at;
    }
}

/* False when the house has all that it may have; it is one more all the same. */
static bool house_enter(struct guests *guests, const struct address *address)
{
    invariant(pthread_mutex_lock(&guests->lock) == 0);
    struct house *house = &guests->houses[house_find(guests, address)];
    house->address = *address;
    bool room = ++house->guests <= guests->options.per_address_max;
    invariant(pthread_mutex_unlock(&guests->lock) == 0);
    return room;
}

static void house_leave(struct guests *guests, const struct address *address)
{
    invariant(pthread_mutex_lock(&guests->lock) == 0);
    size_t at = house_find(guests, address);
    invariant(guests->houses[at].guests > 0);
    if (--guests->houses[at].guests == 0)
        house_empty(guests, at);
    invariant(pthread_mutex_unlock(&guests->lock) == 0);
}

/* --- Guests --- */

struct guests *guests_open(const struct guest_options *options)
{
    invariant(options->rooms > 0 && options->room_guests_max > 0);
    struct guests *guests =
        calloc(1, sizeof *guests + (size_t)options->rooms * sizeof *guests->rooms);
    invariant(guests != NULL);
    guests->options = *options;
    /* libmicrohttpd lets in one or two more at times. */
    size_t most = ((size_t)options->room_guests_max + 16) * (size_t)options->rooms;
    for (guests->house_count = 64; guests->house_count < 2 * most; guests->house_count *= 2)
        continue;
    guests->houses = calloc(guests->house_count, sizeof *guests->houses);
    invariant(guests->houses != NULL);
    random_bytes(guests->hash_key, sizeof guests->hash_key);
    invariant(pthread_mutex_init(&guests->lock, NULL) == 0);
    return guests;
}

void guests_close(struct guests *guests)
{
    if (guests == NULL)
        return;
    for (int i = 0; i < guests->options.rooms; i++)
        invariant(guests->rooms[i].count == 0);
    invariant(pthread_mutex_destroy(&guests->lock) == 0);
    free(guests->houses);
    free(guests);
}

struct guest_figures *guests_figures(struct guests *guests)
{
    return &guests->figures;
}

static void list_add(struct guest *guest)
{
    if ((int)guest->doing >= (int)LISTS)
        return;
    struct list *list = &guest->room->lists[guest->doing];
    guest->before = list->last;
    guest->next = NULL;
    if (list->last == NULL)
        list->first = guest;
    else
        list->last->next = guest;
    list->last = guest;
}

static void list_remove(struct guest *guest)
{
    if ((int)guest->doing >= (int)LISTS)
        return;
    struct list *list = &guest->room->lists[guest->doing];
    if (guest->before == NULL)
        list->first = guest->next;
    else
        guest->before->next = guest->next;
    if (guest->next == NULL)
        list->last = guest->before;
    else
        guest->next->before = guest->before;
}

static void room_count(const struct guest *guest, int by)
{
    guest->room->count += (unsigned)by;
    (void)atomic_fetch_add_explicit(&guest->guests->count, (unsigned)by, memory_order_relaxed);
}

static void guest_show_out(struct guest *guest, atomic_uint_fast64_t *counter)
{
    (void)atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
    list_remove(guest);
    guest->doing = GUEST_GOES;
    room_count(guest, -1);
    (void)shutdown(guest->socket, SHUT_RDWR); /* Who has gone by itself is as well. */
}

struct guest *guest_enter(struct guests *guests, int room, int socket,
                          const struct address *address, bool counted, int64_t now_us)
{
    struct guest *guest = calloc(1, sizeof *guest);
    invariant(guest != NULL && room >= 0 && room < guests->options.rooms);
    *guest = (struct guest){.guests = guests,
                            .room = &guests->rooms[room],
                            .since_us = now_us,
                            .house = address_house(address),
                            .socket = socket,
                            .doing = GUEST_COMES,
                            .counted = counted && guests->options.per_address_max > 0};
    room_count(guest, 1);
    list_add(guest);
    if (guest->counted && !house_enter(guests, &guest->house))
        guest_show_out(guest, &guests->figures.too_many);
    return guest;
}

void guest_turn(struct guest *guest, enum guest_doing doing, int64_t now_us)
{
    if (guest->doing == GUEST_GOES)
        return;
    list_remove(guest);
    guest->doing = doing;
    guest->since_us = now_us;
    list_add(guest);
}

void guest_leave(struct guest *guest)
{
    if (guest->counted)
        house_leave(guest->guests, &guest->house);
    list_remove(guest);
    if (guest->doing != GUEST_GOES)
        room_count(guest, -1);
    free(guest);
}

/* --- Who must go --- */

/* How long one may do what those in the list do. */
static int64_t list_time_us(const struct guests *guests, int list)
{
    int64_t ms = guests->options.request_ms;
    /* Whoever begins at the last moment of its rest has its time, too. */
    return (list == GUEST_RESTS ? ms + guests->options.idle_ms : ms) * MS_US;
}

/* Who should make room first: of those who do nothing the one who has done so the longest; nobody
 * new is better than somebody who was answered, or all would ask for something once. Then who
 * sends, then who reads. NULL: all wait for us. */
static struct guest *guest_least_busy(const struct room *room)
{
    struct guest *comes = room->lists[GUEST_COMES].first, *rests = room->lists[GUEST_RESTS].first;
    if (comes != NULL && (rests == NULL || comes->since_us < rests->since_us))
        return comes;
    if (rests != NULL)
        return rests;
    struct guest *sends = room->lists[GUEST_SENDS].first;
    return sends != NULL ? sends : room->lists[GUEST_READS].first;
}

/* When that one may be asked to make room. */
static int64_t guest_spared_until_us(const struct guest *guest)
{
    bool works = guest->doing == GUEST_SENDS || guest->doing == GUEST_READS;
    return guest->since_us + (works ? GUEST_WORK_MS_MIN : GUEST_REST_MS_MIN) * (int64_t)MS_US;
}

int guests_tend(struct guests *guests, int room_index, int64_t now_us)
{
    struct room *room = &guests->rooms[room_index];
    int64_t next_us = INT64_MAX;
    for (int i = 0; i < LISTS; i++) {
        int64_t time_us = list_time_us(guests, i);
        struct guest *first;
        while ((first = room->lists[i].first) != NULL && first->since_us + time_us <= now_us)
            guest_show_out(first, &guests->figures.slow);
        if (first != NULL && first->since_us + time_us < next_us)
            next_us = first->since_us + time_us;
    }
    unsigned most = guests->options.room_guests_max;
    struct guest *least = NULL;
    /* While another room has places those who come go there. */
    if (room->count >= most && atomic_load_explicit(&guests->count, memory_order_relaxed) / most >=
                                   (unsigned)guests->options.rooms) {
        unsigned enough = most - most / FREE_PART - 1;
        while (room->count > enough && (least = guest_least_busy(room)) != NULL &&
               guest_spared_until_us(least) <= now_us)
            guest_show_out(least, &guests->figures.for_room);
    }
    if (room->count >= most && least != NULL && guest_spared_until_us(least) < next_us)
        next_us = guest_spared_until_us(least);
    if (next_us == INT64_MAX)
        return -1;
    int64_t wait_ms = (next_us - now_us + MS_US - 1) / MS_US;
    return wait_ms < 1 ? 1 : wait_ms > 60000 ? 60000 : (int)wait_ms;
}
