/* What a merchant can be set to, read from what an admin sent: strictly, one sentence an error. */
#include <string.h>

#include "http/admin.h"
#include "http/url.h"
#include "money/command.h"
#include "money/fee.h"
#include "money/mail_address.h"

enum {
    EXPIRY_SECONDS_MIN = 60,
    EXPIRY_SECONDS_MAX = 365 * 24 * 3600,
    WINDOW_SECONDS_MAX = 30 * 24 * 3600,
    CALLS_PER_MINUTE_MAX = 1000000,
};
_Static_assert((int)NOTIFY_URL_BYTES_MAX < (int)MERCHANT_URL_BYTES, "a URL fits");

#define LIMIT_MAX INT64_C(1000000000000000)

const char *const admin_setting_names[] = {
    "name",
    "lang",
    "suspended",
    "token_query_only",
    "flat_reply",
    "notify_url",
    "all_or_nothing",
    "ip_list",
    "lot_expiry_seconds",
    "currency",
    "two_persons",
    "double_window_seconds",
    "operator_wait_seconds",
    "fees",
    "limit_day",
    "limit_month",
    "receiver_day",
    "receiver_month",
    "receiver_hour_count",
    "reserve",
    "confirm_mail",
    "approve_above",
    "api_ip_list",
    "calls_per_minute",
    NULL,
};

/* Copies a member's text into one of the merchant's; false when it does not fit. */
static bool text_set(char *to, size_t size, const char *text)
{
    size_t length = strlen(text);
    if (length >= size)
        return false;
    memset(to, 0, size);
    memcpy(to, text, length);
    return true;
}

static bool addresses_set(char to[MERCHANT_IP_LIST_BYTES], const char *text)
{
    struct address_list *list = NULL;
    struct fault fault;
    bool good = text[0] == '\0' || address_list_read(text, &list, &fault) == FAULT_NONE;
    address_list_close(list);
    return good && text_set(to, MERCHANT_IP_LIST_BYTES, text);
}

/* Why the texts that were sent are not right; NULL when they are. *fields and *merchant take them.
 */
static const char *texts_read(const struct admin_input *input, struct merchant *merchant,
                              unsigned *fields)
{
    const char *name = admin_input_text(input, "name");
    const char *url = admin_input_text(input, "notify_url");
    const char *ip_list = admin_input_text(input, "ip_list");
    const char *lang = admin_input_text(input, "lang");
    if (name != NULL) {
        if (name[0] == '\0' || !text_set(merchant->name, sizeof merchant->name, name))
            return "name must have 1 to 127 bytes";
        *fields |= MERCHANT_FIELD_NAME;
    }
    if (url != NULL) {
        if ((url[0] != '\0' && !url_valid(url)) ||
            !text_set(merchant->notify_url, sizeof merchant->notify_url, url))
            return "notify_url must be an http or https URL of at most 1000 bytes, or empty";
        *fields |= MERCHANT_FIELD_NOTIFY_URL;
    }
    if (ip_list != NULL) {
        if (!addresses_set(merchant->ip_list, ip_list))
            return "ip_list must be addresses or networks with blanks between, or empty";
        *fields |= MERCHANT_FIELD_IP_LIST;
    }
    if (lang != NULL) {
        if (strcmp(lang, "fr") != 0 && strcmp(lang, "en") != 0)
            return "lang must be fr or en";
        merchant->lang = strcmp(lang, "en") == 0 ? MERCHANT_LANG_EN : MERCHANT_LANG_FR;
        *fields |= MERCHANT_FIELD_LANG;
    }
    return NULL;
}

/* The limits that were sent. Why they are not right; NULL when they are. */
static const char *limits_read(const struct admin_input *input, struct limits *limits,
                               unsigned *fields)
{
    const struct {
        const char *name;
        int64_t *value;
        unsigned field;
    } numbers[] = {
        {"limit_day", &limits->day_minor, MERCHANT_FIELD_DAY},
        {"limit_month", &limits->month_minor, MERCHANT_FIELD_MONTH},
        {"receiver_day", &limits->receiver_day_minor, MERCHANT_FIELD_RECEIVER_DAY},
        {"receiver_month", &limits->receiver_month_minor, MERCHANT_FIELD_RECEIVER_MONTH},
        {"receiver_hour_count", &limits->receiver_hour_count, MERCHANT_FIELD_RECEIVER_HOUR},
        {"reserve", &limits->reserve_minor, MERCHANT_FIELD_RESERVE},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const char *text = admin_input_text(input, numbers[i].name);
        if (text == NULL)
            continue;
        if (!admin_number_read(text, 0, LIMIT_MAX, numbers[i].value))
            return "A limit must be a whole number, 0 for none";
        *fields |= numbers[i].field;
    }
    return NULL;
}

/* What keeps the merchant's doors. Why it is not right; NULL when it is. */
static const char *doors_read(const struct admin_input *input, struct merchant *merchant,
                              unsigned *fields)
{
    const char *mail = admin_input_text(input, "confirm_mail");
    const char *api_ip_list = admin_input_text(input, "api_ip_list");
    const char *above = admin_input_text(input, "approve_above");
    const char *calls = admin_input_text(input, "calls_per_minute");
    if (mail != NULL) {
        if (!mail_list_valid(mail) ||
            !text_set(merchant->confirm_mail, sizeof merchant->confirm_mail, mail))
            return "confirm_mail must be at most 8 mail addresses with blanks between, none twice, "
                   "or empty";
        *fields |= MERCHANT_FIELD_CONFIRM_MAIL;
    }
    if (api_ip_list != NULL) {
        if (!addresses_set(merchant->api_ip_list, api_ip_list))
            return "api_ip_list must be addresses or networks with blanks between, or empty";
        *fields |= MERCHANT_FIELD_API_IP_LIST;
    }
    if (above != NULL) {
        if (!admin_number_read(above, 0, LIMIT_MAX, &merchant->approve_above_minor))
            return "approve_above must be a whole number, 0 for never";
        *fields |= MERCHANT_FIELD_APPROVE_ABOVE;
    }
    if (calls != NULL) {
        if (!admin_number_read(calls, 0, CALLS_PER_MINUTE_MAX, &merchant->calls_per_minute))
            return "calls_per_minute must be a number from 0 to 1000000";
        *fields |= MERCHANT_FIELD_CALLS_PER_MINUTE;
    }
    return NULL;
}

static const char *fees_read(const struct admin_input *input, struct merchant *merchant,
                             unsigned *fields)
{
    const char *fees = admin_input_text(input, "fees");
    struct fee_table table;
    if (fees == NULL)
        return NULL;
    if (!fee_table_read(fees, &table) || !text_set(merchant->fees, sizeof merchant->fees, fees))
        return "fees must be rules METHOD:FROM:FIXED:PER_MILLE:MIN:MAX[:PAYER] with blanks "
               "between, none "
               "twice, or empty";
    *fields |= MERCHANT_FIELD_FEES;
    return NULL;
}

/* How long things may take. Why it is not right; NULL when it is. */
static const char *times_read(const struct admin_input *input, struct merchant *merchant,
                              unsigned *fields)
{
    const struct {
        const char *name, *why;
        int64_t least, most; /* Seconds. */
        int64_t *value_ms;
        unsigned field;
    } times[] = {
        {"lot_expiry_seconds", "lot_expiry_seconds must be a number from 60 to 31536000",
         EXPIRY_SECONDS_MIN, EXPIRY_SECONDS_MAX, &merchant->lot_expiry_ms,
         MERCHANT_FIELD_LOT_EXPIRY},
        {"double_window_seconds", "double_window_seconds must be a number from 0 to 2592000", 0,
         WINDOW_SECONDS_MAX, &merchant->double_window_ms, MERCHANT_FIELD_DOUBLE_WINDOW},
        {"operator_wait_seconds", "operator_wait_seconds must be a number from 0 to 2592000", 0,
         LOT_WAIT_SECONDS_MAX, &merchant->operator_wait_ms, MERCHANT_FIELD_OPERATOR_WAIT},
    };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        const char *text = admin_input_text(input, times[i].name);
        int64_t seconds;
        if (text == NULL)
            continue;
        if (!admin_number_read(text, times[i].least, times[i].most, &seconds))
            return times[i].why;
        *times[i].value_ms = seconds * 1000;
        *fields |= times[i].field;
    }
    return NULL;
}

bool admin_settings_read(const struct admin_input *input, struct merchant *merchant,
                         unsigned *fields)
{
    const struct {
        const char *name;
        bool *value;
        unsigned field;
    } flags[] = {
        {"suspended", &merchant->suspended, MERCHANT_FIELD_SUSPENDED},
        {"token_query_only", &merchant->token_query_only, MERCHANT_FIELD_TOKEN_QUERY_ONLY},
        {"flat_reply", &merchant->flat_reply, MERCHANT_FIELD_FLAT_REPLY},
        {"all_or_nothing", &merchant->all_or_nothing, MERCHANT_FIELD_ALL_OR_NOTHING},
        {"two_persons", &merchant->two_persons, MERCHANT_FIELD_TWO_PERSONS},
    };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        bool sent;
        if (!admin_input_flag(input, flags[i].name, &sent, flags[i].value))
            return false;
        *fields |= sent ? flags[i].field : 0;
    }
    const char *why = texts_read(input, merchant, fields);
    if (why == NULL)
        why = times_read(input, merchant, fields);
    if (why == NULL)
        why = limits_read(input, &merchant->limits, fields);
    if (why == NULL)
        why = fees_read(input, merchant, fields);
    if (why == NULL)
        why = doors_read(input, merchant, fields);
    if (why != NULL)
        (void)admin_refuse(input->request, PAYOUT_INVALID_PARAM, why);
    return why == NULL;
}
