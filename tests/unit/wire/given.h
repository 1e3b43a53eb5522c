/* given: a request as a client sends it, for the tests of this room. */
#ifndef PAYOUT_TESTS_WIRE_GIVEN_H
#define PAYOUT_TESTS_WIRE_GIVEN_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "wire/form.h"
#include "wire/item.h"

#define TYPE_FORM "application/x-www-form-urlencoded"
#define TYPE_JSON "application/json"

static inline struct form *given(const char *query, const char *content_type, const char *body)
{
    struct form *form = NULL;
    enum form_result result =
        form_open(&(struct form_input){.query = query,
                                       .query_length = query == NULL ? 0 : strlen(query),
                                       .content_type = content_type,
                                       .body = body,
                                       .body_length = body == NULL ? 0 : strlen(body)},
                  &form);
    assert_int_equal(result, FORM_READ);
    assert_non_null(form);
    return form;
}

/* What form_items says of such a request; *items is the caller's. */
static inline enum form_data given_items(const char *query, const char *content_type,
                                         const char *body, struct items **items)
{
    struct form *form = given(query, content_type, body);
    enum form_data data = form_items(form, items);
    form_close(form); /* Items stand without their form. */
    if (data != FORM_DATA_READ)
        assert_null(*items);
    return data;
}

/* States that the request is count items, and that the first one's member has this text. */
static inline void given_reads(const char *query, const char *content_type, const char *body,
                               size_t count, const char *member, const char *text)
{
    struct items *items;
    enum form_data data = given_items(query, content_type, body, &items);
    if (data != FORM_DATA_READ)
        fail_msg("not read (%d): %s", data, body == NULL ? query : body);
    assert_int_equal(items_count(items), count);
    const char *read = item_text(items, 0, member);
    if (read == NULL || strcmp(read, text) != 0)
        fail_msg("%s of %s is %s, not %s", member, body == NULL ? query : body, read, text);
    items_close(items);
}

static inline void given_refuses(const char *query, const char *content_type, const char *body,
                                 enum form_data expected)
{
    struct items *items;
    enum form_data data = given_items(query, content_type, body, &items);
    items_close(items);
    if (data != expected)
        fail_msg("%d, not %d: %s", data, expected, body == NULL ? query : body);
}
#endif
