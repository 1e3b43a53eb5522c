/* notebook: the notifications in hand, each once, found by its key. Bounded from birth; the memory
 * of one serves the next. One thread. */
#ifndef PAYOUT_DELIVERY_NOTEBOOK_H
#define PAYOUT_DELIVERY_NOTEBOOK_H
#include "delivery/target.h"

struct notebook;
struct notebook *notebook_open(size_t max);
void notebook_close(struct notebook *notebook); /* NULL is fine. */
size_t notebook_room(const struct notebook *notebook);
size_t notebook_count(const struct notebook *notebook);
/* NULL: it is not in hand. */
struct note *notebook_find(struct notebook *notebook, struct notification_key key);
/* Takes one in hand; it must not be there, and there must be room. */
struct note *notebook_take(struct notebook *notebook, const struct notification *notification);
void notebook_release(struct notebook *notebook, struct note *note);

/* The order of what is due: negative, 0 or positive. */
int notebook_compare(struct notification_cursor left, struct notification_cursor right);
/* A notification's place in it. */
struct notification_cursor notebook_place(const struct notification *notification);
#endif
