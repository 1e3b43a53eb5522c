/* /admin/v1/merchants: merchants, their settings, keys and money. */
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "http/admin.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "http/worker.h"
#include "wire/reply.h"
#include "wire/signature.h"

enum {
    APIKEY_CHARACTERS = 32,
    PASSWORD_CHARACTERS = 24,
    CREATE_TRIES_MAX = 8,
    /* How long old ones hold on when nobody says: a password is replaced when it leaked, or else
     * that is said; whoever checks signatures is another than who replaces the secret. */
    OLD_PASSWORD_S = 0,
    OLD_SECRET_S = 24 * 3600,
    OLD_VALID_S_MAX = 30 * 24 * 3600,
};
_Static_assert((int)SIGNATURE_SECRET_BYTES <= (int)MERCHANT_KEY_BYTES, "a secret key fits");

/* --- Creating --- */

/* What is shown once, kept between the halves of a request. */
struct keys {
    struct merchant merchant; /* The one to be made, or changed. */
    char password[PASSWORD_CHARACTERS + 1];
    char secret[SIGNATURE_SECRET_BYTES];
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
    if (!admin_input_read(request, admin_setting_names, &input) ||
        !admin_settings_read(&input, merchant, &fields))
        return TURN_REPLY;
    if ((fields & MERCHANT_FIELD_NAME) == 0)
        return admin_refuse(request, PAYOUT_INVALID_PARAM, "name is missing");
    const char *currency = admin_input_text(&input, "currency");
    if (!currency_read(currency == NULL ? "XOF" : currency, &merchant->currency))
        return admin_refuse(request, PAYOUT_INVALID_PARAM, "currency must be XOF, XAF, GNF or CDF");
    random_text(merchant->apikey, APIKEY_CHARACTERS + 1);
    signature_secret_make(keys->secret);
    return password_make(request, keys);
}

/* The store keeps it sealed, for this merchant only. */
static void secret_seal(const struct request *request, struct keys *keys)
{
    vault_seal(request->http->vault, merchant_secret_place(keys->merchant.id), keys->secret,
               keys->merchant.secret_key, sizeof keys->merchant.secret_key);
}

static enum turn create_try(struct request *request)
{
    struct keys *keys = request->work;
    keys->merchant.id.value = MERCHANT_ID_MIN + (int64_t)random_below(UINT32_MAX);
    secret_seal(request, keys);
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
    reply_text_member(text, "secret_key", keys->secret);
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

/* What a merchant's owner may change of it. */
enum {
    FIELDS_OF_OWNER = MERCHANT_FIELD_NAME | MERCHANT_FIELD_LANG | MERCHANT_FIELD_TOKEN_QUERY_ONLY |
                      MERCHANT_FIELD_FLAT_REPLY | MERCHANT_FIELD_ALL_OR_NOTHING |
                      MERCHANT_FIELD_NOTIFY_URL | MERCHANT_FIELD_IP_LIST |
                      MERCHANT_FIELD_LOT_EXPIRY | MERCHANT_FIELD_TWO_PERSONS |
                      MERCHANT_FIELD_DOUBLE_WINDOW | MERCHANT_FIELD_CONFIRM_MAIL |
                      MERCHANT_FIELD_APPROVE_ABOVE | MERCHANT_FIELD_API_IP_LIST,
};

enum turn admin_merchant_change(struct request *request)
{
    struct admin_input input;
    struct merchant merchant = {0};
    unsigned fields = 0;
    if (!admin_path_merchant(request, &merchant.id) ||
        !admin_input_read(request, admin_setting_names, &input) ||
        !admin_settings_read(&input, &merchant, &fields))
        return TURN_REPLY;
    if (admin_input_text(&input, "currency") != NULL)
        return admin_refuse(request, PAYOUT_INVALID_PARAM, "A merchant's currency never changes");
    if (fields == 0)
        return admin_refuse(request, PAYOUT_INVALID_PARAM, "No setting was sent");
    if (request->user != NULL && request->user->role != USER_PLATFORM &&
        (fields & ~(unsigned)FIELDS_OF_OWNER) != 0)
        return admin_refuse(request, PAYOUT_NOT_ALLOWED,
                            "Limits, fees, the rate and the suspension are the platform's");
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

/* Until when the one that is replaced holds: old_valid_seconds of the body from now on. 0: not at
 * all. False: refused. */
static bool old_valid_read(struct request *request, int64_t otherwise_s, int64_t *until_ms)
{
    static const char *const names[] = {"old_valid_seconds", NULL};
    struct admin_input input;
    if (!admin_input_read(request, names, &input))
        return false;
    const char *text = admin_input_text(&input, names[0]);
    int64_t seconds = otherwise_s;
    if (text != NULL && !admin_number_read(text, 0, OLD_VALID_S_MAX, &seconds)) {
        (void)admin_refuse(request, PAYOUT_INVALID_PARAM,
                           "old_valid_seconds must be a whole number from 0 to 2592000");
        return false;
    }
    *until_ms = seconds == 0 ? 0 : clock_now_ms() + seconds * 1000;
    return true;
}

enum turn admin_merchant_password(struct request *request)
{
    struct keys *keys = arena_alloc(request->arena, 1, sizeof *keys);
    if (!admin_path_merchant(request, &keys->merchant.id) ||
        !old_valid_read(request, OLD_PASSWORD_S, &keys->merchant.password_before_until_ms))
        return TURN_REPLY;
    return password_make(request, keys);
}

enum turn admin_merchant_password_hashed(struct request *request)
{
    const struct keys *keys = request->work;
    password_take(request);
    return change_submit(request, &keys->merchant,
                         MERCHANT_FIELD_PASSWORD_HASH | MERCHANT_FIELD_PASSWORD_BEFORE);
}

enum turn admin_merchant_password_changed(struct request *request)
{
    const struct keys *keys = request->work;
    if (!change_done(request))
        return TURN_REPLY;
    struct buffer *text = admin_begin(request);
    reply_int_member(text, "id", keys->merchant.id.value);
    reply_text_member(text, "password", keys->password);
    admin_time_member(text, "old_valid_until", keys->merchant.password_before_until_ms);
    return admin_end(request);
}

enum turn admin_merchant_secret(struct request *request)
{
    struct keys *keys = arena_alloc(request->arena, 1, sizeof *keys);
    if (!admin_path_merchant(request, &keys->merchant.id) ||
        !old_valid_read(request, OLD_SECRET_S, &keys->merchant.secret_before_until_ms))
        return TURN_REPLY;
    signature_secret_make(keys->secret);
    secret_seal(request, keys);
    request->work = keys;
    return change_submit(request, &keys->merchant,
                         MERCHANT_FIELD_SECRET_KEY | MERCHANT_FIELD_SECRET_BEFORE);
}

enum turn admin_merchant_secret_changed(struct request *request)
{
    const struct keys *keys = request->work;
    if (!change_done(request))
        return TURN_REPLY;
    struct buffer *text = admin_begin(request);
    reply_int_member(text, "id", keys->merchant.id.value);
    reply_text_member(text, "secret_key", keys->secret);
    admin_time_member(text, "old_valid_until", keys->merchant.secret_before_until_ms);
    return admin_end(request);
}
