#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static struct memory_doors doors = {malloc, realloc, free};

void memory_use(const struct memory_doors *wanted)
{
    doors = *wanted;
}

void *memory_take(size_t size)
{
    return doors.take(size);
}

void *memory_take_zero(size_t count, size_t size)
{
    size_t whole;
    if (__builtin_mul_overflow(count, size, &whole))
        return NULL;
    void *memory = doors.take(whole);
    return memory == NULL ? NULL : memset(memory, 0, whole);
}

void *memory_resize(void *memory, size_t size)
{
    return doors.resize(memory, size);
}

char *memory_text(const char *text)
{
    if (text == NULL)
        return NULL;
    size_t size = strlen(text) + 1;
    char *copy = doors.take(size);
    return copy == NULL ? NULL : memcpy(copy, text, size);
}

void memory_give(void *memory)
{
    if (memory != NULL)
        doors.give(memory);
}
