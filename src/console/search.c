#include "console/search.h"

#include <string.h>

#include "console/list.h"
#include "http/worker.h"
#include "money/tariff.h"

enum {
    NUMBERS_MAX = 1000, /* That a name may mean. */
    CONTACTS_PAGE = 1000,
    CONTACTS_LOOKED_MAX = 20000,
    NUMBER_DIGITS_MIN = 6,
    NAME_BYTES_MAX = 1000,
};

static void folded(const char *text, char *to, size_t size)
{
    size_t length = 0;
    for (; *text != '\0' && length + 1 < size; text++)
        to[length++] = (char)(*text >= 'A' && *text <= 'Z' ? *text + ('a' - 'A') : *text);
    to[length] = '\0';
}

bool search_named(const struct contact *contact, const char *part)
{
    char name[NAME_BYTES_MAX], wanted[NAME_BYTES_MAX], whole[NAME_BYTES_MAX] = "";
    (void)strncat(whole, contact->surname, CONTACT_TEXT_BYTES_MAX);
    (void)strncat(whole, " ", 2);
    (void)strncat(whole, contact->name, CONTACT_TEXT_BYTES_MAX);
    (void)strncat(whole, " ", 2);
    (void)strncat(whole, contact->surname, CONTACT_TEXT_BYTES_MAX);
    folded(whole, name, sizeof name);
    folded(part, wanted, sizeof wanted);
    return strstr(name, wanted) != NULL;
}

/* The numbers that words are in some country; how many. */
static size_t numbers_of(const char *words, int64_t *numbers)
{
    size_t countries, count = 0, digits = 0;
    const struct country *all = tariff_countries(&countries);
    for (const char *at = words; *at != '\0'; at++) {
        if (*at >= '0' && *at <= '9')
            digits++;
        else if (strchr(" +-.()", *at) == NULL)
            return 0;
    }
    for (size_t i = 0; i < countries && digits >= NUMBER_DIGITS_MIN && count < NUMBERS_MAX; i++) {
        struct number number;
        if (list_number(all[i].prefix, words, &number) == PAYOUT_OK &&
            (count == 0 || numbers[count - 1] != number.msisdn))
            numbers[count++] = number.msisdn;
    }
    return count;
}

/* The numbers of contacts with such a name. */
static bool names_find(struct request *request, struct store_reader *reader,
                       struct merchant_id merchant, const char *part, int64_t *numbers,
                       size_t *count, struct fault *fault)
{
    int64_t after = 0;
    size_t found = CONTACTS_PAGE;
    *count = 0;
    for (size_t looked = 0; found == CONTACTS_PAGE && looked < CONTACTS_LOOKED_MAX;
         looked += found) {
        struct contact *contacts;
        if (store_read_contacts(reader, request->arena, merchant, after, CONTACTS_PAGE, &contacts,
                                &found, fault) != FAULT_NONE)
            return false;
        for (size_t i = 0; i < found && *count < NUMBERS_MAX; i++)
            if (search_named(&contacts[i], part))
                numbers[(*count)++] = contacts[i].msisdn;
        if (found > 0)
            after = contacts[found - 1].msisdn;
    }
    return true;
}

/* By the merchant's own id of it; NULL: it is none. */
static bool client_id_find(struct request *request, struct store_reader *reader,
                           struct merchant_id merchant, const char *words, struct transfer **one,
                           struct fault *fault)
{
    return strlen(words) > CLIENT_ID_BYTES_MAX ||
           store_read_transfer_by_client_id(reader, request->arena, merchant, words, one, fault) ==
               FAULT_NONE;
}

static bool of_merchant(struct merchant_id merchant, struct merchant_id owner)
{
    return merchant.value == 0 || merchant.value == owner.value;
}

static enum search_kind lot_search(struct request *request, struct store_reader *reader,
                                   struct merchant_id merchant, struct lot_code code,
                                   struct transfer_filter *filter, struct fault *fault)
{
    struct lot *lot = NULL;
    if (of_merchant(filter->merchant, merchant) &&
        store_read_lot(reader, request->arena, merchant, code, &lot, fault) != FAULT_NONE)
        return SEARCH_FAULT;
    if (lot == NULL)
        return SEARCH_ONE;
    int64_t end = lot->first.value + lot->count;
    filter->merchant = merchant;
    filter->from.value =
        filter->from.value > lot->first.value ? filter->from.value : lot->first.value;
    filter->before.value = filter->before.value < end ? filter->before.value : end;
    return SEARCH_FILTER;
}

enum search_kind search_words(struct request *request, const char *words,
                              struct transfer_filter *filter, struct transfer **one,
                              struct fault *fault)
{
    struct store_reader *reader;
    struct transfer_id id;
    struct merchant_id merchant;
    struct lot_code code;
    *one = NULL;
    if (words == NULL || words[strspn(words, " ")] == '\0')
        return SEARCH_FILTER;
    words += strspn(words, " ");
    if (worker_reader(request->http, &reader, fault) != FAULT_NONE)
        return SEARCH_FAULT;
    if (transfer_id_read(words, &id)) {
        if (store_read_transfer(reader, request->arena, id, one, fault) != FAULT_NONE)
            return SEARCH_FAULT;
        if (*one != NULL && !of_merchant(filter->merchant, (*one)->merchant))
            *one = NULL;
        return SEARCH_ONE;
    }
    if (lot_read(words, &merchant, &code))
        return lot_search(request, reader, merchant, code, filter, fault);
    if (filter->merchant.value != 0) {
        if (!client_id_find(request, reader, filter->merchant, words, one, fault))
            return SEARCH_FAULT;
        if (*one != NULL)
            return SEARCH_ONE;
    }
    int64_t *numbers = arena_alloc(request->arena, NUMBERS_MAX, sizeof *numbers);
    filter->msisdns = numbers;
    filter->msisdn_count = numbers_of(words, numbers);
    if (filter->msisdn_count == 0 && filter->merchant.value != 0 &&
        !names_find(request, reader, filter->merchant, words, numbers, &filter->msisdn_count,
                    fault))
        return SEARCH_FAULT;
    return filter->msisdn_count == 0 ? SEARCH_ONE : SEARCH_FILTER;
}
