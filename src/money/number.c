#include "money/number.h"

#include <stdio.h>
#include <string.h>

#include "base/fault.h"

/* No number has more digits: 00, and E.164's fifteen. A text that cleans to more is refused. */
enum { DIGITS_MAX = 17, TEXT_BYTES_MAX = 300 };

/* --- Cleaning --- */

struct cleaned {
    char digits[DIGITS_MAX + 1];
    size_t length;
    bool international; /* A + or 00 stood in front; neither is among the digits. */
};

/* What people and spreadsheets put between digits, and text editors around them. */
static const char *const fillers[] = {
    " ",
    "\t",
    "\r",
    "\n",
    ".",
    "-",
    "(",
    ")", /* As typed. */
    "\xc2\xa0",
    "\xe2\x80\xaf", /* No-break spaces. */
    "\xe2\x80\x90",
    "\xe2\x80\x91",
    "\xe2\x80\x92",
    "\xe2\x80\x93",
    "\xe2\x80\x94", /* Hyphens. */
    "\xe2\x80\x8b",
    "\xe2\x80\x8e",
    "\xe2\x80\x8f", /* Zero-width space, writing directions ... */
    "\xe2\x80\xaa",
    "\xe2\x80\xab",
    "\xe2\x80\xac",
    "\xe2\x80\xad", /* ... as address books copy. */
};

static size_t filler_length(const char *text)
{
    for (size_t i = 0; i < sizeof fillers / sizeof *fillers; i++) {
        size_t length = strlen(fillers[i]);
        if (strncmp(text, fillers[i], length) == 0)
            return length;
    }
    return 0;
}

/* False when anything but digits, fillers and one + in front is there. */
static bool clean(const char *text, struct cleaned *cleaned)
{
    *cleaned = (struct cleaned){0};
    if (text == NULL || strnlen(text, TEXT_BYTES_MAX) == TEXT_BYTES_MAX)
        return false;
    while (text[0] != '\0') {
        if (text[0] >= '0' && text[0] <= '9') {
            if (cleaned->length == DIGITS_MAX)
                return false;
            cleaned->digits[cleaned->length++] = *text++;
        } else if (text[0] == '+' && cleaned->length == 0 && !cleaned->international) {
            cleaned->international = true;
            text++;
        } else {
            size_t length = filler_length(text);
            if (length == 0)
                return false;
            text += length;
        }
    }
    if (!cleaned->international && strncmp(cleaned->digits, "00", 2) == 0) {
        cleaned->international = true;
        cleaned->length -= 2;
        memmove(cleaned->digits, cleaned->digits + 2, cleaned->length + 1);
    }
    return cleaned->length > 0;
}

/* --- National plans --- */

/* Côte d'Ivoire, 2021-01-31: each number got two digits in front, by its first two. */
static const char *ivorian_carry(const char *old)
{
    static const struct {
        const char *front, *firsts; /* firsts: pairs of digits. */
    } carries[] = {
        {"01", "01 02 03 40 41 42 43 50 51 52 53 70 71 72 73"},
        {"05", "04 05 06 44 45 46 54 55 56 64 65 66 74 75 76 84 85 86 94 95 96"},
        {"07", "07 08 09 47 48 49 57 58 59 67 68 69 77 78 79 87 88 89 97 98 99"},
    };
    for (size_t i = 0; i < sizeof carries / sizeof *carries; i++)
        for (const char *pair = carries[i].firsts;; pair += 3) {
            if (pair[0] == old[0] && pair[1] == old[1])
                return carries[i].front;
            if (pair[2] == '\0')
                break;
        }
    return NULL; /* Not a mobile number: the rule has no word on it. */
}

/* Benin, 2024-11-30: each number got 01 in front. */
static const char *beninese_carry(const char *old)
{
    (void)old;
    return "01";
}

/* Countries of whose plan more is known than how long a number is. */
static const struct plan {
    const char *code;
    const char *firsts;                    /* What numbers begin with today. */
    const char *(*carry)(const char *old); /* What goes in front of an old number; NULL: nothing
                                              does, it is none. */
} plans[] = {
    {"CI", "02", ivorian_carry},
    {"BJ", "0", beninese_carry},
};

static const struct plan *plan_of(const struct country *country)
{
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
        if (strcmp(plans[i].code, country->code) == 0)
            return &plans[i];
    return NULL;
}

/* Reads length digits as a national number of today's plan or the one before: false when it is
 * neither. Which one it is, and whether a country's prefix stands in front, its length tells
 * without doubt: the lengths that a country knows differ by less than a prefix has digits. */
static bool national_read(const struct country *country, const char *digits, size_t length,
                          char national[NUMBER_TEXT_BYTES])
{
    const struct plan *plan = plan_of(country);
    const char *front = "";
    if (country->old_digits != 0 && length == (size_t)country->old_digits) {
        invariant(plan != NULL); /* A plan that changed is in the table above. */
        front = plan->carry(digits);
    } else if (length != (size_t)country->digits) {
        front = NULL;
    }
    if (front == NULL)
        return false;
    char whole[NUMBER_TEXT_BYTES];
    int written = snprintf(whole, sizeof whole, "%s%s", front, digits);
    invariant(written == country->digits);
    if (strncmp(whole, "00", 2) == 0) /* That leads abroad: no country's number begins so. */
        return false;
    if (plan != NULL && strchr(plan->firsts, whole[0]) == NULL)
        return false;
    memcpy(national, whole, sizeof whole);
    return true;
}

enum payout_code number_read(const char *prefix, const char *phone, struct number *number)
{
    struct cleaned place, cleaned;
    if (!clean(prefix, &place) || !clean(phone, &cleaned))
        return PAYOUT_INVALID_PHONE;
    const struct country *country = tariff_country(place.digits);
    if (country == NULL)
        return PAYOUT_INVALID_PHONE;

    size_t skip = strlen(country->prefix);
    bool prefixed = strncmp(cleaned.digits, country->prefix, skip) == 0;
    char national[NUMBER_TEXT_BYTES];
    /* A number that is whole by itself keeps digits that look like its country's prefix. */
    bool read =
        !cleaned.international && national_read(country, cleaned.digits, cleaned.length, national);
    if (!read && prefixed)
        read = national_read(country, cleaned.digits + skip, cleaned.length - skip, national);
    if (!read)
        return PAYOUT_INVALID_PHONE;

    number->country = country;
    memcpy(number->national, national, sizeof national);
    number->msisdn = 0;
    for (const char *digit = country->prefix; *digit != '\0'; digit++)
        number->msisdn = number->msisdn * 10 + (*digit - '0');
    for (const char *digit = national; *digit != '\0'; digit++)
        number->msisdn = number->msisdn * 10 + (*digit - '0');
    return PAYOUT_OK;
}

enum payout_code number_operator(const struct number *number, const char *payment_method,
                                 const struct operator_entry **entry)
{
    const struct operator_entry *by_number =
        tariff_operator_by_number(number->country, number->national);
    if (payment_method == NULL || payment_method[0] == '\0') {
        if (by_number == NULL)
            return PAYOUT_OPERATOR_NOT_AVAILABLE;
        *entry = by_number;
        return PAYOUT_OK;
    }
    const struct operator_entry *named = tariff_operator_by_method(number->country, payment_method);
    /* One without numbers of its own (a wallet over any network) serves all of them. */
    if (named == NULL || (named->prefixes[0] != NULL && named != by_number))
        return PAYOUT_INVALID_PAYMENT_METHOD;
    *entry = named;
    return PAYOUT_OK;
}

void number_e164_text(int64_t msisdn, char text[NUMBER_TEXT_BYTES])
{
    (void)snprintf(text, NUMBER_TEXT_BYTES, "+%lld", (long long)msisdn);
}
