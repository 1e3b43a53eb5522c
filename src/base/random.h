/* random: the one door through which chance comes in. Behind it stands libsodium's generator; the
 * simulator puts its own seeded one there. */
#ifndef PAYOUT_BASE_RANDOM_H
#define PAYOUT_BASE_RANDOM_H
#include <stddef.h>
#include <stdint.h>

/* Fills bytes with length random bytes, fit for keys. Any thread. */
void random_bytes(void *bytes, size_t length);
/* A number from 0 to limit - 1, each equally likely. limit > 0. Any thread. */
uint32_t random_below(uint32_t limit);
/* Fills text with length - 1 characters of a-z, A-Z, 0-9 and a NUL. Any thread. */
void random_text(char *text, size_t length);

/* Puts a source behind random_bytes; NULL puts libsodium back. Before any other thread runs. */
void random_source_set(void (*fill)(void *context, void *bytes, size_t length), void *context);
#endif
