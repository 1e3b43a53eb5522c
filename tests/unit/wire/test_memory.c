/* libpayout must never stop its host: with the first, the second … the n-th allocation failing, a
 * request is read, or it is said that memory ran out; never half, never a crash, never a leak (the
 * sanitizer counts). This program is linked with malloc and its like wrapped. */
#include <jansson.h>
#include <stdlib.h>

#include "given.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static int allocations_left = -1; /* -1: as many as wanted. */

static bool allocation_fails(void)
{
    if (allocations_left < 0)
        return false;
    if (allocations_left == 0)
        return true;
    allocations_left--;
    return false;
}

void *__wrap_malloc(size_t size)
{
    return allocation_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return allocation_fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return allocation_fails() ? NULL : __real_realloc(memory, size);
}

/* Reads and echoes; true when memory sufficed. */
static bool run(const char *query, const char *content_type, const char *body)
{
    struct form_input input = {.query = query,
                               .query_length = strlen(query),
                               .content_type = content_type,
                               .body = body,
                               .body_length = strlen(body)};
    struct form *form;
    enum form_result opened = form_open(&input, &form);
    if (opened != FORM_READ) {
        assert_int_equal(opened, FORM_NO_MEMORY);
        assert_null(form);
        return false;
    }
    struct items *items;
    enum form_data data = form_items(form, &items);
    form_close(form);
    if (data != FORM_DATA_READ) {
        /* jansson can't always say which of the two it was. */
        assert_true(data == FORM_DATA_NO_MEMORY || data == FORM_DATA_UNREADABLE);
        assert_null(items);
        return false;
    }
    const char *phone = item_text(items, 0, "phone"), *amount = item_text(items, 0, "amount");
    struct buffer text;
    buffer_init(&text, 1000);
    item_write(items, 0, &(struct item_member){"lot", "1", 0}, 1, &text);
    bool whole = !items_failed(items) && buffer_ok(&text);
    if (!items_failed(items)) {
        assert_string_equal(phone, "07");
        assert_string_equal(amount, "500");
    }
    if (buffer_ok(&text))
        assert_string_equal(buffer_text(&text) + text.length - 10, "\"lot\":\"1\"}");
    buffer_free(&text);
    items_close(items);
    return whole;
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    static const char *const requests[][3] = {
        {"token=t", TYPE_FORM,
         "data=[{\"phone\":\"07 \",\"amount\":500,\"u\":\"?a&b\",\"n\":[[1.5]]}]&lang=fr"},
        {"token=t", TYPE_FORM, "data={\"phone\":\"07 \",\"amount\":500,\"n\":\"%41\"}"},
        {"token=t", TYPE_JSON, "{\"data\":\"[{\\\"phone\\\":\\\"07 \\\",\\\"amount\\\":500}]\"}"},
        {"token=t", TYPE_JSON, "{\"data\":{\"phone\":\"07 \",\"amount\":500}}"},
        {"token=t", TYPE_JSON, "[{\"phone\":\"07 \",\"amount\":500}]"},
        {"token=t", TYPE_FORM, "prefix=225&phone=07+&amount=500"},
        {"token=t", "multipart/form-data; boundary=b",
         "--b\r\nContent-Disposition: form-data; name=data\r\n\r\n[{\"phone\":\"07 "
         "\",\"amount\":500}]\r\n--b--"},
        {"data=\"{\\\"phone\\\":\\\"07 \\\",\\\"amount\\\":500}\"", TYPE_JSON, ""},
    };
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        int count = 0;
        for (bool done = false; !done; count++) {
            allocations_left = count;
            done = run(requests[i][0], requests[i][1], requests[i][2]);
            allocations_left = -1;
            assert_true(count < 1000);
        }
        assert_true(count > 5); /* Some did fail. */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_allocation_may_fail)};
    json_set_alloc_funcs(__wrap_malloc, free);
    return cmocka_run_group_tests_name("wire/memory", tests, NULL, NULL);
}
