/* reply: the envelopes of every answer, and JSON by hand where a whole document would be built only
 * to be written. Pure; any thread. */
#ifndef PAYOUT_WIRE_REPLY_H
#define PAYOUT_WIRE_REPLY_H
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "payout/code.h"

/* {"code":0,"message":"OPERATION_SUCCES","data": … what the caller appends … } */
void reply_begin(struct buffer *text);
void reply_end(struct buffer *text);
/* {"code":"701","message":"INVALID_CREDENTIALS","description":"…","data": … }: code is a string.
 * Between begin and end the caller appends data; reply_error appends []. code is not PAYOUT_OK. */
void reply_error_begin(struct buffer *text, enum payout_code code, enum payout_lang lang);
void reply_error(struct buffer *text, enum payout_code code, enum payout_lang lang);
/* Appends value as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. NULL
 * becomes null. */
void reply_text(struct buffer *text, const char *value);
/* Appends `"name":` and the value; with a comma in front unless the last byte is { or [. */
void reply_text_member(struct buffer *text, const char *name, const char *value);
void reply_int_member(struct buffer *text, const char *name, int64_t value);
void reply_bool_member(struct buffer *text, const char *name, bool value);
#endif
