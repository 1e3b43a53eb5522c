/* items: JSON of any kind as items, and their echo: what is echoed is JSON again, and reads as what
 * it was. */
#include "fuzz.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "wire/form.h"
#include "wire/item.h"

static struct items *items_read(const char *bytes, size_t size)
{
    struct form *form;
    struct form_input input = {
        .content_type = "application/json", .body = bytes, .body_length = size};
    if (form_open(&input, &form) != FORM_READ)
        return NULL;
    struct items *items;
    enum form_data data = form_items(form, &items);
    invariant((data == FORM_DATA_READ) == (items != NULL));
    form_close(form);
    return items;
}

static void item_try(struct items *items, size_t index)
{
    static const char *const names[] = {"prefix", "phone", "amount", "notify_url", "name", "a"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = item_text(items, index, names[i]);
        invariant(text == NULL || item_has(items, index, names[i]));
        invariant(text == NULL || text[0] == '\0' ||
                  (text[0] != ' ' && text[strlen(text) - 1] != ' '));
    }
    struct item_member members[] = {{"code", NULL, -1}, {"status", "a\"\\\xff", 0}};
    struct buffer text;
    buffer_init(&text, (size_t)1 << 24);
    buffer_char(&text, '['); /* In a list, members' names are what they are; alone, fields'. */
    item_write(items, index, members, 2, &text);
    buffer_char(&text, ']');
    invariant(buffer_ok(&text));
    json_t *list = json_loadb(text.bytes, text.length, JSON_REJECT_DUPLICATES, NULL);
    const json_t *echo = json_array_get(list, 0);
    invariant(json_is_object(echo));
    invariant(json_integer_value(json_object_get(echo, "code")) == -1);
    invariant(strcmp(json_string_value(json_object_get(echo, "status")), "a\"\\\xef\xbf\xbd") == 0);
    /* What was sent stands in it: the same texts come out of it again. */
    struct items *again = items_read(text.bytes, text.length);
    invariant(again != NULL && items_count(again) == 1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *before = item_text(items, index, names[i]);
        const char *after = item_text(again, 0, names[i]);
        invariant((before == NULL) == (after == NULL));
        invariant(before == NULL || strcmp(before, after) == 0);
    }
    items_close(again);
    json_decref(list);
    buffer_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct items *items = items_read((const char *)bytes, size);
    if (items == NULL)
        return 0;
    for (size_t i = 0; i < items_count(items) && i < 16; i++)
        item_try(items, i);
    invariant(!items_failed(items));
    items_close(items);
    return 0;
}
