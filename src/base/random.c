#include "base/random.h"

#include <sodium.h>

#include "base/fault.h"

static void (*source)(void *context, void *bytes, size_t length);
static void *source_context;

void random_source_set(void (*fill)(void *context, void *bytes, size_t length), void *context)
{
    source = fill;
    source_context = context;
}

void random_bytes(void *bytes, size_t length)
{
    if (source != NULL)
        source(source_context, bytes, length);
    else
        randombytes_buf(bytes, length);
}

uint32_t random_below(uint32_t limit)
{
    invariant(limit > 0);
    /* Draws below the largest multiple of limit, so that no number is likelier than another. */
    uint32_t skip = (uint32_t)(-limit) % limit;
    uint32_t drawn;
    do {
        random_bytes(&drawn, sizeof drawn);
    } while (drawn < skip);
    return drawn % limit;
}

void random_text(char *text, size_t length)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    invariant(length > 0);
    for (size_t i = 0; i + 1 < length; i++)
        text[i] = letters[random_below(sizeof letters - 1)];
    text[length - 1] = '\0';
}
