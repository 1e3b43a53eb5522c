/* memory: where what libpayout shares takes its memory from: malloc's family, unless the program
 * that uses libpayout gave another one. Running out of it is an answer, never the end of the
 * process. Any thread; memory_use before the first of the others. */
#ifndef PAYOUT_BASE_MEMORY_H
#define PAYOUT_BASE_MEMORY_H
#include <stddef.h>

#include "base/fault.h"

/* As malloc, realloc and free; none is NULL. */
struct memory_doors {
    void *(*take)(size_t size);
    void *(*resize)(void *memory, size_t size);
    void (*give)(void *memory);
};
/* Takes memory through these from now on. Nothing may have been taken before. */
void memory_use(const struct memory_doors *doors);

/* All three: NULL when there is none. */
MUST_USE void *memory_take(size_t size);
/* count things of size each, all zero. */
MUST_USE void *memory_take_zero(size_t count, size_t size);
MUST_USE void *memory_resize(void *memory, size_t size);
/* A copy; NULL for NULL, too. */
MUST_USE char *memory_text(const char *text);
void memory_give(void *memory); /* NULL is fine. */
#endif
