/* phone: any two lines as prefix and phone. What is read reads the same again, in each spelling. */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>

#include "base/fault.h"
#include "money/number.h"

static void number_try(const char *prefix, const char *phone)
{
    struct number number = {.msisdn = -1}, again;
    if (number_read(prefix, phone, &number) != PAYOUT_OK) {
        invariant(number.msisdn == -1);
        return;
    }
    invariant(strlen(number.national) == (size_t)number.country->digits);
    invariant(strspn(number.national, "0123456789") == (size_t)number.country->digits);
    char e164[NUMBER_TEXT_BYTES];
    number_e164_text(number.msisdn, e164);
    const char *const spellings[] = {number.national, e164, e164 + 1};
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        invariant(number_read(number.country->prefix, spellings[i], &again) == PAYOUT_OK);
        invariant(again.country == number.country && again.msisdn == number.msisdn);
        invariant(strcmp(again.national, number.national) == 0);
    }
    const struct operator_entry *entry = NULL;
    enum payout_code code = number_operator(&number, NULL, &entry);
    invariant((code == PAYOUT_OK) == (entry != NULL));
    const struct country *country = NULL;
    if (entry == NULL)
        return;
    invariant(tariff_operator(entry->number, &country) == entry && country == number.country);
    invariant(number_operator(&number, entry->payment_method, &entry) == PAYOUT_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char text[600] = "";
    if (size >= sizeof text)
        return 0;
    if (size > 0)
        memcpy(text, bytes, size);
    char *phone = strchr(text, '\n');
    if (phone == NULL) {
        number_try("225", text);
        return 0;
    }
    *phone = '\0';
    number_try(text, phone + 1);
    return 0;
}
