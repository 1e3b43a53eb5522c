/* list: a list of people as the pages send it: numbers as people write them, with amounts and
 * names. It reads; what an item means is decided elsewhere. */
#ifndef PAYOUT_CONSOLE_LIST_H
#define PAYOUT_CONSOLE_LIST_H
#include "http/request.h"
#include "money/number.h"

enum { LIST_ITEMS_MAX = 5000, LIST_KEY_BYTES_MIN = 16, LIST_KEY_BYTES_MAX = 64 };

/* Texts are never NULL, "" when they were not sent. */
struct list_item {
    const char *phone, *amount, *operator_method, *name, *surname, *email; /* As sent. */
    enum payout_code refusal; /* Of its number; PAYOUT_OK: number is what it is. */
    struct number number;
};
struct list {
    struct list_item *items; /* 1 to LIST_ITEMS_MAX */
    size_t count;
    const char *key; /* "" or as the bounds above and [A-Za-z0-9_-] have it. */
    int64_t wait_ms; /* As struct lot_send has it. */
};
/* Reads the body. False: it is no such list; it was refused. */
MUST_USE bool list_read(struct request *request, struct list *list);

/* A phone number: with + or 00 in front that of any country, else one of the country with this
 * prefix. PAYOUT_OK or PAYOUT_INVALID_PHONE. */
enum payout_code list_number(const char *country, const char *phone, struct number *number);
/* Writes amount without the blanks, dots and commas between its thousands; as it is when they are
 * something else. text has room for it. */
void list_amount(const char *amount, char *text);
#endif
