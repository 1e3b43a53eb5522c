/* What each route of the Payout API says of itself. */
#include <string.h>

#include "http/spec.h"

#define TRANSACTION_PATTERN "^EA[0-9]{6}\\.[0-9]{6}\\.[A-Z][0-9]{6}$"
#define LOT_PATTERN         "^00[0-9]+$"
#define TIME_PATTERN        "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$"
#define DIGITS_PATTERN      "^[0-9]+$"

#define CODE_ABOUT "What became of this item: 0, or a code that says why nothing did."

/* --- Login --- */

static const struct spec_member login_parameters[] = {
    {"apikey", SPEC_TEXT, .about = "The merchant's key.", .example = "5b1f7a1c2d3e4"},
    {"password", SPEC_TEXT, .about = "The merchant's API password.", .example = "aUpAFkCUBV7Ck6D8"},
    {0}};
static const struct spec_member login_members[] = {
    {"token", SPEC_TEXT, .pattern = "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$",
     .about = "Shown with every other call, for five minutes unless the server says otherwise."},
    {0}};
const struct spec spec_login = {
    .summary = "Log in",
    .about = "Gives a token for the merchant's apikey and API password.",
    .posts = true,
    .parameters = login_parameters,
    .members = login_members,
    .codes = {PAYOUT_INVALID_CREDENTIALS, PAYOUT_INVALID_USER},
};

/* --- Balance --- */

static const struct spec_member balance_of_currency[] = {
    {"currency", SPEC_TEXT, SPEC_CURRENCIES, .about = "ISO 4217.", .example = "XOF"},
    {"amount", SPEC_INTEGER, .about = "All of the merchant's money.", .example = "663"},
    {"inUsing", SPEC_INTEGER, .about = "Held by transfers that are not final.", .example = "0"},
    {"available", SPEC_INTEGER, .about = "amount less inUsing.", .example = "663"},
    {0}};
static const struct spec_member balance_members[] = {
    {"amount", SPEC_INTEGER, .about = "All of the merchant's money, in its home currency.",
     .example = "663"},
    {"inUsing", SPEC_INTEGER, .about = "Held by transfers that are not final.", .example = "0"},
    {"available", SPEC_INTEGER, .about = "amount less inUsing.", .example = "663"},
    {"balances", SPEC_LIST, .about = "The same for each currency that it has money in.",
     .members = balance_of_currency},
    {0}};
const struct spec spec_balance = {
    .summary = "See the balance",
    .about = "What the merchant has, holds and may send.",
    .members = balance_members,
};

/* --- Contacts --- */

static const struct spec_member contact_item[] = {
    {"prefix", SPEC_DIGITS, .about = "The country's calling code.", .example = "225"},
    {"phone", SPEC_DIGITS, .about = "National; a prefix, blanks, dots and dashes are cleaned.",
     .example = "0707895086"},
    {"name", SPEC_TEXT, .optional = true, .about = "The person's name ...", .example = "Awa"},
    {"surname", SPEC_TEXT, .optional = true, .about = "... and surname.", .example = "Koné"},
    {"email", SPEC_TEXT, .optional = true, .about = "Kept as sent.", .example = "awa@example.com"},
    {0}};
static const struct spec_member contact_parameters[] = {
    {"data", SPEC_ITEMS, .about = "The people to add.", .members = contact_item}, {0}};
static const struct spec_member contact_members[] = {
    {"code", SPEC_INTEGER, .about = CODE_ABOUT},
    {"status", SPEC_TEXT, .about = "`success`, or the code's word."},
    {"lot", SPEC_TEXT, .pattern = LOT_PATTERN, .about = "Where the contact was first added."},
    {0}};
const struct spec spec_contact = {
    .summary = "Add contacts",
    .about = "People whom the merchant may send money to. Bad items get a code each; the others "
             "are stored. When none is stored or known, the whole reply is the first item's code.",
    .posts = true,
    .parameters = contact_parameters,
    .data = SPEC_DATA_RESULTS,
    .members = contact_members,
    .codes = {PAYOUT_JSON_PARSE_ERROR},
    .item_codes = {PAYOUT_DATA_NOT_VALID, PAYOUT_INVALID_PHONE},
    .known_codes = {PAYOUT_ALREADY_MY_CONTACT},
};

/* --- Send --- */

static const struct spec_member send_item[] = {
    {"prefix", SPEC_DIGITS, .about = "The country's calling code.", .example = "225"},
    {"phone", SPEC_DIGITS, .about = "A contact's number.", .example = "0707895086"},
    {"amount", SPEC_DIGITS,
     .about = "Positive; within the country's tranche, and a multiple of 5 "
              "where its currency asks for that.",
     .example = "500"},
    {"notify_url", SPEC_TEXT, .optional = true,
     .about = "http or https. May be left out when the merchant has a URL of its own.",
     .example = "https://shop.example/notify"},
    {"client_transaction_id", SPEC_TEXT, .optional = true,
     .about = "The merchant's own id: nothing is sent twice under one.", .example = "pay-1"},
    {"payment_method", SPEC_TEXT, SPEC_METHODS, .optional = true,
     .about = "The operator; it must serve the number.", .example = "OM"},
    {0}};
static const struct spec_member send_parameters[] = {
    {"data", SPEC_ITEMS, .about = "The transfers of one lot.", .members = send_item},
    {"operator_wait", SPEC_DIGITS, .optional = true, .pattern = DIGITS_PATTERN,
     .about = "Seconds that the lot's transfers may wait for an operator that is down; 0: for "
              "ever. payoutd's own.",
     .example = "3600"},
    {0}};
static const struct spec_member send_members[] = {
    {"code", SPEC_INTEGER, .about = CODE_ABOUT},
    {"status", SPEC_TEXT, .about = "`success`, or the code's word."},
    {"treatment_status", SPEC_TEXT, SPEC_STATES,
     .about = "NEW; with 805 what the first transfer under that id has become."},
    {"transaction_id", SPEC_TEXT, .pattern = TRANSACTION_PATTERN, .about = "The transfer's."},
    {"lot", SPEC_TEXT, .pattern = LOT_PATTERN, .about = "The same for all of one request."},
    {0}};
const struct spec spec_send = {
    .summary = "Send money",
    .about = "One lot of transfers to contacts. Bad items get a code each; the others are sent. "
             "When none is, or the balance does not cover them, the whole reply is an error. "
             "After a time-out ask with check, or send again under the same "
             "client_transaction_id: nobody is paid twice.",
    .posts = true,
    .parameters = send_parameters,
    .data = SPEC_DATA_RESULTS,
    .members = send_members,
    .codes = {PAYOUT_JSON_PARSE_ERROR},
    .item_codes = {PAYOUT_INSUFFICIENT_BALANCE, PAYOUT_DATA_NOT_VALID, PAYOUT_AMOUNT_TOO_SMALL,
                   PAYOUT_AMOUNT_TOO_LARGE, PAYOUT_OPERATOR_NOT_AVAILABLE, PAYOUT_NOT_MY_CONTACT,
                   PAYOUT_MISSING_NOTIFY_URL, PAYOUT_INVALID_AMOUNT, PAYOUT_INVALID_PHONE,
                   PAYOUT_OPERATOR_UNAVAILABLE, PAYOUT_CLIENT_ID_EXISTS,
                   PAYOUT_INVALID_PAYMENT_METHOD},
};

/* --- Check --- */

static const struct spec_member check_parameters[] = {
    {"transaction_id", SPEC_TEXT, .optional = true,
     .about = "The transfer's id. One of the three "
              "has to be there.",
     .example = "EA181025.112233.X123456"},
    {"client_transaction_id", SPEC_TEXT, .optional = true, .about = "The merchant's own id.",
     .example = "pay-1"},
    {"lot", SPEC_TEXT, .optional = true, .about = "All transfers of a lot.",
     .example = "00445576412015397869981"},
    {0}};
static const struct spec_member check_members[] = {
    {"transaction_id", SPEC_TEXT, .pattern = TRANSACTION_PATTERN, .about = "The transfer's id."},
    {"client_transaction_id", SPEC_TEXT_OR_NULL, .about = "The merchant's own id."},
    {"lot", SPEC_TEXT, .pattern = LOT_PATTERN, .about = "The lot that it was sent in."},
    {"amount", SPEC_TEXT, .pattern = DIGITS_PATTERN, .about = "As sent."},
    {"receiver", SPEC_TEXT, .about = "Prefix and phone, as sent."},
    {"receiver_e164", SPEC_TEXT, .pattern = "^\\+[0-9]+$", .about = "Cleaned, in today's plan."},
    {"operator", SPEC_TEXT, SPEC_OPERATORS, .about = "Who pays."},
    {"sending_status", SPEC_TEXT, SPEC_SENDING, .about = "PENDING until its lot is confirmed."},
    {"transfer_valid", SPEC_TEXT, SPEC_YES_NO, .about = "Y once it is paid."},
    {"treatment_status", SPEC_TEXT, SPEC_STATES,
     .about = "NEW waits; REC is in process; NOS: the operator's answer is unknown; VAL is paid "
              "and REJ refunded, both final."},
    {"comment", SPEC_TEXT_OR_NULL, .about = "Why it is where it is, in `lang`."},
    {"validated_at", SPEC_TEXT_OR_NULL, .pattern = TIME_PATTERN, .about = "When it was paid, UTC."},
    {"operator_transaction_id", SPEC_TEXT_OR_NULL, .about = "The operator's own id."},
    {0}};
const struct spec spec_check = {
    .summary = "Check transfers",
    .about = "What became of a transfer, or of all of a lot.",
    .parameters = check_parameters,
    .data = SPEC_DATA_LIST,
    .members = check_members,
    .codes = {PAYOUT_NOT_FOUND},
};

/* --- Operators --- */

static const struct spec_member operators_members[] = {
    {"country", SPEC_TEXT, SPEC_COUNTRIES, .about = "ISO 3166."},
    {"prefix", SPEC_TEXT, SPEC_PREFIXES, .about = "The country's calling code."},
    {"currency", SPEC_TEXT, SPEC_CURRENCIES, .about = "ISO 4217."},
    {"payment_method", SPEC_TEXT, SPEC_METHODS, .about = "As in send; unique."},
    {"operator", SPEC_TEXT, SPEC_OPERATORS, .about = "As in check."},
    {"status", SPEC_TEXT, SPEC_DOORS,
     .about = "down: what is sent waits. off: it is refused with 804."},
    {"since", SPEC_TEXT_OR_NULL, .pattern = TIME_PATTERN, .about = "Since when, UTC."},
    {"comment", SPEC_TEXT_OR_NULL, .about = "What it means, in `lang`."},
    {0}};
const struct spec spec_operators = {
    .summary = "See the operators",
    .about = "Whether what is sent to each operator leaves now. payoutd's own, beside the five "
             "endpoints of the Payout API.",
    .data = SPEC_DATA_LIST,
    .members = operators_members,
};

/* --- Notifications --- */

const struct spec_member *spec_notice_field(const char *name)
{
    static const struct spec_member more[] = {
        {"comment", SPEC_TEXT, .about = "Why it is where it is; empty for no reason."},
        {"operator_transaction_id", SPEC_TEXT, .about = "The operator's own id, or empty."},
        {"validated_at", SPEC_TEXT, .about = "When it was paid, UTC, or empty.",
         .pattern = "^([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})?$"},
        {"client_transaction_id", SPEC_TEXT, .about = "The merchant's own id, or empty."},
        {0}};
    for (const struct spec_member *member = more; member->name != NULL; member++)
        if (strcmp(member->name, name) == 0)
            return member;
    for (const struct spec_member *member = check_members; member->name != NULL; member++)
        if (strcmp(member->name, name) == 0)
            return member;
    return NULL;
}
