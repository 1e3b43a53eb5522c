/* document: JSON text into jansson's values, within limits that are checked before anything is
 * allocated: deep nesting would eat the stack, and "[[],[],…" a hundred times its own size in
 * memory. The room's own. Pure; any thread. */
#ifndef PAYOUT_WIRE_DOCUMENT_H
#define PAYOUT_WIRE_DOCUMENT_H
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

enum {
    DOCUMENT_DEPTH_MAX = 32,
    DOCUMENT_CONTAINERS_MAX = 200000, /* Objects and arrays. */
    DOCUMENT_VALUES_MAX = 2000000,    /* All that commas divide. */
};

enum document_result {
    DOCUMENT_READ,
    DOCUMENT_UNREADABLE, /* Not JSON, not UTF-8, a NUL in a string, or past a limit. */
    DOCUMENT_NO_MEMORY,  /* Where it can be told: inside a string, jansson calls it unreadable. */
};
/* Reads text (a byte-order mark and blanks around are let pass) as one value of any type. *value is
 * the caller's (json_decref), and touched only when it is read. */
MUST_USE enum document_result document_read(const char *text, size_t length, json_t **value);
/* The length of the object, array or string that text begins with, brackets and quotes counted but
 * nothing else checked; 0 when text begins with none, or it does not end, or passes a limit. */
size_t document_extent(const char *text, size_t length);
/* How many bytes of blanks (and of a byte-order mark) text begins with. */
size_t document_blanks(const char *text, size_t length);
/* True when text, after blanks, begins as an object or array does. */
bool document_begins(const char *text, size_t length);

/* A number as text: an integer in decimal, another as JSON writes it; "" for any other value. */
enum { DOCUMENT_NUMBER_BYTES = 32 };
void document_number_text(const json_t *value, char text[DOCUMENT_NUMBER_BYTES]);
/* Digits after which a number that is no integer is rounded: what a double surely holds. */
enum { DOCUMENT_REAL_DIGITS = 15 };
#endif
