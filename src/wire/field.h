/* field: the named texts of a query or a body: urlencoded, multipart, or a JSON object's members.
 * The room's own. Pure; any thread. */
#ifndef PAYOUT_WIRE_FIELD_H
#define PAYOUT_WIRE_FIELD_H
#include <jansson.h>

#include "wire/form.h"

struct field {
    const char *name;  /* Decoded, trimmed; NULL: no name that a client could mean. */
    const char *value; /* Decoded, NUL-terminated; NULL: no text (a NUL inside; JSON of another
                          type). */
    size_t length;     /* Of value. */
    const char *raw;   /* As it came, where a JSON text may have come unencoded; else NULL. */
    size_t raw_length;
    json_t *json; /* The member's value, borrowed, when it came as JSON; else NULL. */
};

/* All texts stand in pool or in the JSON document that was given. */
struct field_list {
    struct field fields[FORM_FIELDS_MAX];
    size_t count;
    bool too_many;
    char *pool; /* Decoded texts. */
    size_t used, size;
    char *raw; /* What raw points to. */
};

/* Each fills an empty list (all zero) from text, which need not be valid in any way, nor outlive
 * the call; false when memory ran out. fields_free in any case. */
MUST_USE bool fields_urlencoded(struct field_list *list, const char *text, size_t length);
/* content_type names the boundary; where it does not, the body's first line does. */
MUST_USE bool fields_multipart(struct field_list *list, const char *content_type, const char *text,
                               size_t length);
/* object must outlive the list. */
MUST_USE bool fields_json(struct field_list *list, json_t *object);
void fields_free(struct field_list *list);

/* The first of that name; NULL when there is none. */
const struct field *field_find(const struct field_list *list, const char *name);
#endif
