/* mail_address: which texts are mail addresses, and lists of them as merchants have them. Strict:
 * what is let through here stands in a mail's head and in an SMTP dialogue, so there are no quotes,
 * comments, controls or bytes above ASCII. Pure; any thread. */
#ifndef PAYOUT_MONEY_MAIL_ADDRESS_H
#define PAYOUT_MONEY_MAIL_ADDRESS_H
#include <stdbool.h>
#include <stddef.h>

enum { MAIL_ADDRESS_BYTES_MAX = 254 }; /* RFC 5321, 4.5.3.1.3, without the angle brackets. */

/* A dot-atom of RFC 5322 of at most 64 bytes, '@', a host name. */
bool mail_address_valid(const char *text, size_t length);

/* The first address of list, which is blank-separated; *length is 0 when there is none left. The
 * next one comes with what it returns + *length. */
const char *mail_list_next(const char *list, size_t *length);
/* "" or at most MERCHANT_MAILS_MAX valid addresses, none twice (whatever its case). */
bool mail_list_valid(const char *list);
#endif
