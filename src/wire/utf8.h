/* utf8: which bytes are UTF-8. Pure; any thread. */
#ifndef PAYOUT_WIRE_UTF8_H
#define PAYOUT_WIRE_UTF8_H
#include <stdbool.h>
#include <stddef.h>

/* The bytes of the one character that text (length > 0) begins with; 0 when it begins with none:
 * overlong forms, surrogates and what is past U+10FFFF are none. */
size_t utf8_length(const char *text, size_t length);
bool utf8_valid(const char *text, size_t length);
#endif
