/* /admin/v1: what merchants have and are, as the platform's people see it; money in and out. */
#include <string.h>

#include "http/admin.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "http/worker.h"
#include "money/command.h"
#include "money/tariff.h"
#include "wire/reply.h"

/* --- Showing --- */

static void merchant_members_write(struct buffer *text, const struct merchant *merchant)
{
    reply_int_member(text, "id", merchant->id.value);
    reply_text_member(text, "name", merchant->name);
    reply_text_member(text, "currency", currency_text(merchant->currency));
    reply_text_member(text, "lang", merchant->lang == MERCHANT_LANG_EN ? "en" : "fr");
    reply_bool_member(text, "suspended", merchant->suspended);
    reply_bool_member(text, "token_query_only", merchant->token_query_only);
    reply_bool_member(text, "flat_reply", merchant->flat_reply);
    reply_bool_member(text, "all_or_nothing", merchant->all_or_nothing);
    reply_bool_member(text, "two_persons", merchant->two_persons);
    reply_text_member(text, "notify_url", merchant->notify_url);
    reply_text_member(text, "ip_list", merchant->ip_list);
    reply_int_member(text, "lot_expiry_seconds", merchant->lot_expiry_ms / 1000);
    reply_int_member(text, "double_window_seconds", merchant->double_window_ms / 1000);
    reply_int_member(text, "operator_wait_seconds", merchant->operator_wait_ms / 1000);
    reply_text_member(text, "fees", merchant->fees);
    reply_int_member(text, "limit_day", merchant->limits.day_minor);
    reply_int_member(text, "limit_month", merchant->limits.month_minor);
    reply_int_member(text, "receiver_day", merchant->limits.receiver_day_minor);
    reply_int_member(text, "receiver_month", merchant->limits.receiver_month_minor);
    reply_int_member(text, "receiver_hour_count", merchant->limits.receiver_hour_count);
    reply_int_member(text, "reserve", merchant->limits.reserve_minor);
    reply_text_member(text, "confirm_mail", merchant->confirm_mail);
    reply_int_member(text, "approve_above", merchant->approve_above_minor);
    reply_text_member(text, "api_ip_list", merchant->api_ip_list);
    reply_int_member(text, "calls_per_minute", merchant->calls_per_minute);
    admin_time_member(text, "password_before_until", merchant->password_before_until_ms);
    admin_time_member(text, "secret_before_until", merchant->secret_before_until_ms);
    admin_time_member(text, "created_at", merchant->created_at_ms);
}

enum turn admin_merchants(struct request *request)
{
    struct store_reader *reader;
    struct merchant *merchants;
    size_t count;
    struct fault fault;
    int64_t after, limit;
    if (!admin_query_number(request, "after", 0, 0, MERCHANT_ID_MAX, &after) ||
        !admin_query_number(request, "limit", ADMIN_PAGE_DEFAULT, 1, ADMIN_PAGE_MAX, &limit))
        return TURN_REPLY;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_merchants(reader, request->arena, (struct merchant_id){after}, (size_t)limit,
                             &merchants, &count, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    struct buffer *text = admin_begin(request);
    admin_open_member(text, "merchants", '[');
    for (size_t i = 0; i < count; i++) {
        admin_comma(text);
        buffer_char(text, '{');
        merchant_members_write(text, &merchants[i]);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
    if (count == (size_t)limit) /* There may be more: ask with after. */
        reply_int_member(text, "next_after", merchants[count - 1].id.value);
    return admin_end(request);
}

static void account_write(struct buffer *text, const struct account_balance *account)
{
    admin_comma(text);
    buffer_char(text, '{');
    reply_text_member(text, "account", account_kind_text(account->key.kind));
    reply_text_member(text, "currency", currency_text(account->key.currency));
    if (account->key.operator_number != 0) {
        const struct operator_entry *entry = tariff_operator(account->key.operator_number, NULL);
        reply_text_member(text, "operator", entry == NULL ? NULL : entry->name);
        reply_int_member(text, "operator_number", account->key.operator_number);
    }
    reply_int_member(text, "balance", account->balance_minor);
    buffer_char(text, '}');
}

enum turn admin_merchant_show(struct request *request)
{
    struct merchant_id id;
    struct store_reader *reader;
    struct merchant *merchant;
    struct account_balance *accounts;
    size_t count;
    struct fault fault;
    if (!admin_path_merchant(request, &id))
        return TURN_REPLY;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_merchant(reader, request->arena, id, &merchant, &fault) != FAULT_NONE ||
        store_read_accounts(reader, request->arena, id, &accounts, &count, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    if (merchant == NULL)
        return admin_refuse(request, PAYOUT_NOT_FOUND, "There is no such merchant");
    struct buffer *text = admin_begin(request);
    merchant_members_write(text, merchant);
    reply_text_member(text, "apikey", merchant->apikey); /* Of no use without the password. */
    admin_open_member(text, "balances", '[');
    for (size_t i = 0; i < count; i++)
        account_write(text, &accounts[i]);
    buffer_char(text, ']');
    return admin_end(request);
}

/* --- Money in and out --- */

static enum turn fund_submit(struct request *request, enum movement_kind kind)
{
    static const char *const names[] = {"amount", "currency", "reference", NULL};
    struct admin_input input;
    struct fund *fund = &request->job.command.fund;
    if (!admin_path_merchant(request, &fund->merchant) || !admin_input_read(request, names, &input))
        return TURN_REPLY;
    const char *amount = admin_input_text(&input, "amount");
    const char *currency = admin_input_text(&input, "currency");
    const char *reference = admin_input_text(&input, "reference");
    if (amount == NULL || !admin_number_read(amount, 1, INT64_MAX, &fund->amount.minor))
        return admin_refuse(request, PAYOUT_INVALID_AMOUNT,
                            "amount must be a positive whole number");
    if (currency == NULL || !currency_read(currency, &fund->amount.currency))
        return admin_refuse(request, PAYOUT_INVALID_PARAM, "currency must be XOF, XAF, GNF or CDF");
    if (reference == NULL || reference[0] == '\0' || strlen(reference) > CLIENT_ID_BYTES_MAX)
        return admin_refuse(request, PAYOUT_INVALID_PARAM,
                            "reference must have 1 to 128 bytes: the same one moves money once");
    fund->kind = kind;
    fund->reference = reference;
    request->job.command.kind = COMMAND_FUND;
    return TURN_LANE;
}

enum turn admin_merchant_topup(struct request *request)
{
    return fund_submit(request, MOVEMENT_TOP_UP);
}

enum turn admin_merchant_withdraw(struct request *request)
{
    return fund_submit(request, MOVEMENT_WITHDRAW);
}

enum turn admin_merchant_funded(struct request *request)
{
    const struct command *command = &request->job.command;
    const struct fund *fund = &command->fund;
    if (command->code == PAYOUT_NOT_FOUND)
        return admin_refuse(request, command->code, "There is no such merchant");
    if (command->code == PAYOUT_CLIENT_ID_EXISTS)
        return admin_refuse(request, command->code,
                            "This reference stands for another movement of money already");
    if (command->code == PAYOUT_INSUFFICIENT_BALANCE)
        return request_refuse_as(request, command->code, 409, NULL,
                                 "The merchant's available balance does not cover this");
    if (command->code != PAYOUT_OK)
        return request_refuse(request, command->code);
    struct buffer *text = admin_begin(request);
    reply_int_member(text, "id", fund->merchant.value);
    reply_text_member(text, "movement", movement_kind_text(fund->kind));
    reply_int_member(text, "amount", fund->amount.minor);
    reply_text_member(text, "currency", currency_text(fund->amount.currency));
    reply_text_member(text, "reference", fund->reference);
    reply_bool_member(text, "again", fund->again); /* True: it was known; nothing moved now. */
    return admin_end(request);
}
