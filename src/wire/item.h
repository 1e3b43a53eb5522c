/* item: the items of `data`, as texts, and their echo in a reply. What they mean is not known here.
 * Not thread-safe: one owner at a time. */
#ifndef PAYOUT_WIRE_ITEM_H
#define PAYOUT_WIRE_ITEM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

struct items; /* From form_items. */
struct json_t;
/* For form.c: takes over an array of objects; NULL (and the array gone) when memory ran out. */
struct items *items_open(struct json_t *array);
void items_close(struct items *items); /* NULL is fine. */
void items_closep(struct items **items);
size_t items_count(const struct items *items);

/* Member name of the item at index as text, blanks around it cut off: a string as it is, an integer
 * in decimal, any other number as JSON writes it; NULL when it is absent, null, or of another type.
 * Valid until items_close. NULL and items_failed when memory ran out. */
const char *item_text(struct items *items, size_t index, const char *name);
/* True when the member is there at all, whatever its type (null counts as absent). */
bool item_has(const struct items *items, size_t index, const char *name);
/* True when memory ran out in any call so far. */
bool items_failed(const struct items *items);

/* What a reply adds to an item, or puts in place of a member that was sent. */
struct item_member {
    const char *name;
    const char *text; /* UTF-8; NULL: number is meant. */
    int64_t number;
};
/* Appends the item as sent, as a JSON object: its members in their order, without those that are
 * named in members, and then members. */
void item_write(const struct items *items, size_t index, const struct item_member *members,
                size_t count, struct buffer *text);
#endif
