/* form: a request of any bytes, in any encoding. The first line is the content type, the second
 * the query, the rest the body. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "wire/form.h"
#include "wire/item.h"

/* Cuts the first line off; it is the caller's (free), NUL-terminated. */
static char *line_cut(const uint8_t **bytes, size_t *size)
{
    const uint8_t *end = *size == 0 ? NULL : memchr(*bytes, '\n', *size);
    size_t length = end == NULL ? *size : (size_t)(end - *bytes);
    char *line = calloc(length + 1, 1);
    invariant(line != NULL);
    if (length > 0)
        memcpy(line, *bytes, length);
    size_t cut = end == NULL ? length : length + 1;
    *bytes += cut;
    *size -= cut;
    return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *content_type = line_cut(&bytes, &size), *query = line_cut(&bytes, &size);
    char *body = malloc(size + 1); /* Of just its size, and not NUL-terminated. */
    invariant(body != NULL);
    if (size > 0)
        memcpy(body, bytes, size);
    struct form_input input = {.query = query,
                               .query_length = strlen(query),
                               .content_type = content_type[0] == '\0' ? NULL : content_type,
                               .body = body,
                               .body_length = size};
    struct form *form;
    enum form_result opened = form_open(&input, &form);
    free(body);
    free(query);
    free(content_type);
    invariant((opened == FORM_READ) == (form != NULL));
    invariant(opened != FORM_NO_MEMORY);
    if (opened != FORM_READ)
        return 0;
    static const char *const names[] = {"token", "lang", "apikey", "data", "lot", ""};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *from_query = form_query(form, names[i]), *from_body = form_body(form, names[i]);
        const char *value = form_field(form, names[i]);
        invariant(value == (from_body == NULL ? from_query : from_body));
        invariant(value == NULL || strlen(value) <= size + sizeof names * 4096);
    }
    struct items *items;
    enum form_data data = form_items(form, &items);
    invariant((data == FORM_DATA_READ) == (items != NULL));
    invariant(items == NULL || items_count(items) > 0);
    items_close(items);
    form_close(form);
    return 0;
}
