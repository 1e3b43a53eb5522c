/* /admin/v1/merchants: merchants, their settings, keys and money. */
#include <string.h>

#include "base/random.h"
#include "http/admin.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "http/url.h"
#include "http/worker.h"
#include "money/fee.h"
#include "wire/reply.h"
#include "wire/signature.h"

enum {
    APIKEY_CHARACTERS = 32,
    PASSWORD_CHARACTERS = 24,
    CREATE_TRIES_MAX = 8,
    EXPIRY_SECONDS_MIN = 60,
    EXPIRY_SECONDS_MAX = 365 * 24 * 3600,
    WINDOW_SECONDS_MAX = 30 * 24 * 3600,
};
_Static_assert((int)SIGNATURE_SECRET_BYTES <= (int)MERCHANT_KEY_BYTES, "a secret key fits");
_Static_assert((int)NOTIFY_URL_BYTES_MAX < (int)MERCHANT_URL_BYTES, "a URL fits");

#define LIMIT_MAX INT64_C(1000000000000000)

/* --- Settings --- */

static const char *const setting_names[] = {
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
    "fees",
    "limit_day",
    "limit_month",
    "receiver_day",
    "receiver_month",
    "receiver_hour_count",
    "reserve",
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
        struct address_list *list = NULL;
        struct fault fault;
        bool good = ip_list[0] == '\0' || address_list_read(ip_list, &list, &fault) == FAULT_NONE;
        address_list_close(list);
        if (!good || !text_set(merchant->ip_list, sizeof merchant->ip_list, ip_list))
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

/* Reads all settings that were sent into *merchant and *fields. False: refused. */
static bool settings_read(const struct admin_input *input, struct merchant *merchant,
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
    const char *expiry = admin_input_text(input, "lot_expiry_seconds");
    int64_t seconds = 0;
    if (why == NULL && expiry != NULL) {
        if (!admin_number_read(expiry, EXPIRY_SECONDS_MIN, EXPIRY_SECONDS_MAX, &seconds))
            why = "lot_expiry_seconds must be a number from 60 to 31536000";
        merchant->lot_expiry_ms = seconds * 1000;
        *fields |= MERCHANT_FIELD_LOT_EXPIRY;
    }
    const char *window = admin_input_text(input, "double_window_seconds");
    if (why == NULL && window != NULL) {
        if (!admin_number_read(window, 0, WINDOW_SECONDS_MAX, &seconds))
            why = "double_window_seconds must be a number from 0 to 2592000";
        merchant->double_window_ms = seconds * 1000;
        *fields |= MERCHANT_FIELD_DOUBLE_WINDOW;
    }
    if (why == NULL)
        why = limits_read(input, &merchant->limits, fields);
    if (why == NULL)
        why = fees_read(input, merchant, fields);
    if (why != NULL)
        (void)admin_refuse(input->request, PAYOUT_INVALID_PARAM, why);
    return why == NULL;
}

/* --- Creating --- */

/* What is shown once, kept between the halves of a request. */
struct keys {
    struct merchant merchant; /* The one to be made, or changed. */
    char password[PASSWORD_CHARACTERS + 1];
    int tries;
};

/* Asks for the hash of a fresh password. */
static enum turn password_make(struct request *request, struct keys *keys)
{
    random_text(keys->password, sizeof keys->password);
    request->work = keys;
    request->hash = (struct hasher_job){
        .make = true, .password = keys->password, .password_length = PASSWORD_CHARACTERS};
    return TURN_HASH;
}

static void password_take(struct request *request)
{
    struct keys *keys = request->work;
    _Static_assert(sizeof keys->merchant.password_hash == sizeof request->hash.made, "a hash fits");
    memcpy(keys->merchant.password_hash, request->hash.made, sizeof request->hash.made);
}

enum turn admin_merchant_create(struct request *request)
{
    struct admin_input input;
    struct keys *keys = arena_alloc(request->arena, 1, sizeof *keys);
    struct merchant *merchant = &keys->merchant;
    unsigned fields = 0;
    merchant->lot_expiry_ms = MERCHANT_LOT_EXPIRY_MS_DEFAULT;
    if (!admin_input_read(request, setting_names, &input) ||
        !settings_read(&input, merchant, &fields))
        return TURN_REPLY;
    if ((fields & MERCHANT_FIELD_NAME) == 0)
        return admin_refuse(request, PAYOUT_INVALID_PARAM, "name is missing");
    const char *currency = admin_input_text(&input, "currency");
    if (!currency_read(currency == NULL ? "XOF" : currency, &merchant->currency))
        return admin_refuse(request, PAYOUT_INVALID_PARAM, "currency must be XOF, XAF, GNF or CDF");
    random_text(merchant->apikey, APIKEY_CHARACTERS + 1);
    signature_secret_make(merchant->secret_key);
    return password_make(request, keys);
}

static enum turn create_try(struct request *request)
{
    struct keys *keys = request->work;
    keys->merchant.id.value = MERCHANT_ID_MIN + (int64_t)random_below(UINT32_MAX);
    request->job.command.kind = COMMAND_MERCHANT_CREATE;
    request->job.command.merchant_create.merchant = keys->merchant;
    return TURN_LANE;
}

enum turn admin_merchant_create_hashed(struct request *request)
{
    password_take(request);
    return create_try(request);
}

enum turn admin_merchant_created(struct request *request)
{
    struct keys *keys = request->work;
    /* The number is taken: draw another. */
    if (request->job.command.code == PAYOUT_DATA_NOT_VALID && ++keys->tries < CREATE_TRIES_MAX)
        return create_try(request);
    if (request->job.command.code != PAYOUT_OK)
        return request_refuse(request, request->job.command.code);
    struct buffer *text = admin_begin(request);
    reply_int_member(text, "id", keys->merchant.id.value);
    reply_text_member(text, "name", keys->merchant.name);
    reply_text_member(text, "apikey", keys->merchant.apikey);
    reply_text_member(text, "password", keys->password);
    reply_text_member(text, "secret_key", keys->merchant.secret_key);
    return admin_end(request);
}

/* --- Changing --- */

static enum turn change_submit(struct request *request, const struct merchant *merchant,
                               unsigned fields)
{
    request->job.command.kind = COMMAND_MERCHANT_CHANGE;
    request->job.command.merchant_change.fields = fields;
    request->job.command.merchant_change.merchant = *merchant;
    return TURN_LANE;
}

/* True when it was done; every thread reads the merchant anew then. False: refused. */
static bool change_done(struct request *request)
{
    if (request->job.command.code != PAYOUT_OK) {
        (void)admin_refuse(request, request->job.command.code, "There is no such merchant");
        return false;
    }
    (void)atomic_fetch_add(&request->http->merchants_changed, 1);
    return true;
}

enum turn admin_merchant_change(struct request *request)
{
    struct admin_input input;
    struct merchant merchant = {0};
    unsigned fields = 0;
    if (!admin_path_merchant(request, &merchant.id) ||
        !admin_input_read(request, setting_names, &input) ||
        !settings_read(&input, &merchant, &fields))
        return TURN_REPLY;
    if (admin_input_text(&input, "currency") != NULL)
        return admin_refuse(request, PAYOUT_INVALID_PARAM, "A merchant's currency never changes");
    if (fields == 0)
        return admin_refuse(request, PAYOUT_INVALID_PARAM, "No setting was sent");
    return change_submit(request, &merchant, fields);
}

enum turn admin_merchant_changed(struct request *request)
{
    if (!change_done(request))
        return TURN_REPLY;
    struct buffer *text = admin_begin(request);
    reply_int_member(text, "id", request->job.command.merchant_change.merchant.id.value);
    return admin_end(request);
}

enum turn admin_merchant_password(struct request *request)
{
    struct keys *keys = arena_alloc(request->arena, 1, sizeof *keys);
    if (!admin_path_merchant(request, &keys->merchant.id))
        return TURN_REPLY;
    return password_make(request, keys);
}

enum turn admin_merchant_password_hashed(struct request *request)
{
    const struct keys *keys = request->work;
    password_take(request);
    return change_submit(request, &keys->merchant, MERCHANT_FIELD_PASSWORD_HASH);
}

enum turn admin_merchant_password_changed(struct request *request)
{
    const struct keys *keys = request->work;
    if (!change_done(request))
        return TURN_REPLY;
    struct buffer *text = admin_begin(request);
    reply_int_member(text, "id", keys->merchant.id.value);
    reply_text_member(text, "password", keys->password);
    return admin_end(request);
}

enum turn admin_merchant_secret(struct request *request)
{
    struct merchant merchant = {0};
    if (!admin_path_merchant(request, &merchant.id))
        return TURN_REPLY;
    signature_secret_make(merchant.secret_key);
    return change_submit(request, &merchant, MERCHANT_FIELD_SECRET_KEY);
}

enum turn admin_merchant_secret_changed(struct request *request)
{
    const struct merchant *merchant = &request->job.command.merchant_change.merchant;
    if (!change_done(request))
        return TURN_REPLY;
    struct buffer *text = admin_begin(request);
    reply_int_member(text, "id", merchant->id.value);
    reply_text_member(text, "secret_key", merchant->secret_key);
    return admin_end(request);
}
