#include "money/command.h"

#include <string.h>

#include "base/fault.h"
#include "money/rules.h"

/* What command_want and command_decide know of each kind. */
static const struct rule {
    const char *text;
    void (*want)(const struct command *command, struct book *book);
    void (*decide)(struct command *command, struct book *book);
} rules[COMMAND_KIND_COUNT] = {
    [COMMAND_MERCHANT_CREATE] = {"MERCHANT_CREATE", merchant_create_want, merchant_create_decide},
    [COMMAND_MERCHANT_CHANGE] = {"MERCHANT_CHANGE", merchant_change_want, merchant_change_decide},
    [COMMAND_FUND] = {"FUND", fund_want, fund_decide},
    [COMMAND_CONTACT_CHANGE] = {"CONTACT_CHANGE", contact_change_want, contact_change_decide},
    [COMMAND_CONTACT_ADD] = {"CONTACT_ADD", contact_add_want, contact_add_decide},
    [COMMAND_LOT_SEND] = {"LOT_SEND", lot_send_want, lot_send_decide},
    [COMMAND_LOT_DECIDE] = {"LOT_DECIDE", lot_decide_want, lot_decide_decide},
    [COMMAND_TRANSFER_CLAIM] = {"TRANSFER_CLAIM", transfer_claim_want, transfer_claim_decide},
    [COMMAND_TRANSFER_OUTCOME] = {"TRANSFER_OUTCOME", transfer_outcome_want,
                                  transfer_outcome_decide},
    [COMMAND_REVERSAL_ASK] = {"REVERSAL_ASK", reversal_ask_want, reversal_ask_decide},
    [COMMAND_REVERSAL_CLAIM] = {"REVERSAL_CLAIM", reversal_claim_want, reversal_claim_decide},
    [COMMAND_REVERSAL_OUTCOME] = {"REVERSAL_OUTCOME", reversal_outcome_want,
                                  reversal_outcome_decide},
    [COMMAND_CALLBACK] = {"CALLBACK", callback_want, callback_decide},
    [COMMAND_DELIVERY] = {"DELIVERY", delivery_want, delivery_decide},
    [COMMAND_TRANSFER_SETTLE] = {"TRANSFER_SETTLE", transfer_settle_want, transfer_settle_decide},
    [COMMAND_CONTRADICTION_CLOSE] = {"CONTRADICTION_CLOSE", contradiction_close_want,
                                     contradiction_close_decide},
    [COMMAND_TWIN_DECIDE] = {"TWIN_DECIDE", twin_decide_want, twin_decide_decide},
    [COMMAND_TRANSFER_SCREENED] = {"TRANSFER_SCREENED", transfer_screened_want,
                                   transfer_screened_decide},
    [COMMAND_SCREENING_DECIDE] = {"SCREENING_DECIDE", screening_decide_want,
                                  screening_decide_decide},
    [COMMAND_MAIL_OUTCOME] = {"MAIL_OUTCOME", mail_outcome_want, mail_outcome_decide},
    [COMMAND_USER_CREATE] = {"USER_CREATE", user_create_want, user_create_decide},
    [COMMAND_USER_CHANGE] = {"USER_CHANGE", user_change_want, user_change_decide},
    [COMMAND_USER_LOGIN] = {"USER_LOGIN", user_login_want, user_login_decide},
    [COMMAND_SESSION_MARK] = {"SESSION_MARK", session_mark_want, session_mark_decide},
    [COMMAND_SWITCH_CHANNEL] = {"SWITCH_CHANNEL", channel_switch_want, channel_switch_decide},
    [COMMAND_CHANNEL_ACCOUNT] = {"CHANNEL_ACCOUNT", channel_account_want, channel_account_decide},
    [COMMAND_ENDPOINT_ADD] = {"ENDPOINT_ADD", endpoint_add_want, endpoint_add_decide},
    [COMMAND_ENDPOINT_CHANGE] = {"ENDPOINT_CHANGE", endpoint_change_want, endpoint_change_decide},
    [COMMAND_ENDPOINT_FAIL] = {"ENDPOINT_FAIL", endpoint_fail_want, endpoint_fail_decide},
    [COMMAND_REDELIVER] = {"REDELIVER", redeliver_want, redeliver_decide},
};

const char *command_kind_text(enum command_kind kind)
{
    invariant((unsigned)kind < COMMAND_KIND_COUNT);
    return rules[kind].text;
}

size_t command_weight(const struct command *command)
{
    switch (command->kind) {
    case COMMAND_CONTACT_ADD:
        return command->contact_add.count;
    case COMMAND_LOT_SEND:
        return command->lot_send.count;
    case COMMAND_LOT_DECIDE:
        return COMMAND_ITEMS_MAX; /* How many it has is known when it is loaded. */
    case COMMAND_TRANSFER_CLAIM:
        return command->transfer_claim.count;
    case COMMAND_TRANSFER_OUTCOME:
        return command->transfer_outcome.count;
    case COMMAND_TRANSFER_SCREENED:
        return command->transfer_screened.count;
    case COMMAND_REVERSAL_CLAIM:
        return command->reversal_claim.count;
    case COMMAND_REVERSAL_OUTCOME:
        return command->reversal_outcome.count;
    case COMMAND_DELIVERY:
        return command->delivery.count;
    case COMMAND_REDELIVER:
        return 2 * command->redeliver.count + 1;
    case COMMAND_MERCHANT_CREATE:
    case COMMAND_MERCHANT_CHANGE:
    case COMMAND_CONTACT_CHANGE:
    case COMMAND_FUND:
    case COMMAND_CALLBACK:
    case COMMAND_REVERSAL_ASK:
    case COMMAND_TRANSFER_SETTLE:
    case COMMAND_CONTRADICTION_CLOSE:
    case COMMAND_TWIN_DECIDE:
    case COMMAND_SCREENING_DECIDE:
    case COMMAND_MAIL_OUTCOME:
    case COMMAND_USER_CREATE:
    case COMMAND_USER_CHANGE:
    case COMMAND_USER_LOGIN:
    case COMMAND_SESSION_MARK:
    case COMMAND_SWITCH_CHANNEL:
    case COMMAND_CHANNEL_ACCOUNT:
    case COMMAND_ENDPOINT_ADD:
    case COMMAND_ENDPOINT_CHANGE:
    case COMMAND_ENDPOINT_FAIL:
    case COMMAND_KIND_COUNT:
        break;
    }
    return 1;
}

/* Whose rows it changes; 0: the platform's. */
static struct merchant_id command_merchant(const struct command *command)
{
    switch (command->kind) {
    case COMMAND_MERCHANT_CREATE:
        return command->merchant_create.merchant.id;
    case COMMAND_MERCHANT_CHANGE:
        return command->merchant_change.merchant.id;
    case COMMAND_FUND:
        return command->fund.merchant;
    case COMMAND_CONTACT_ADD:
        return command->contact_add.merchant;
    case COMMAND_CONTACT_CHANGE:
        return command->contact_change.contact.merchant;
    case COMMAND_LOT_SEND:
        return command->lot_send.merchant;
    case COMMAND_LOT_DECIDE:
        return command->lot_decide.merchant;
    case COMMAND_MAIL_OUTCOME:
        return command->mail_outcome.merchant;
    case COMMAND_ENDPOINT_ADD:
        return command->endpoint_add.endpoint.merchant;
    case COMMAND_ENDPOINT_CHANGE:
        return command->endpoint_change.endpoint.merchant;
    case COMMAND_ENDPOINT_FAIL:
        return command->endpoint_fail.merchant;
    case COMMAND_REVERSAL_ASK:
    case COMMAND_CALLBACK:
    case COMMAND_TRANSFER_SETTLE:
    case COMMAND_TWIN_DECIDE:
    case COMMAND_SCREENING_DECIDE:
        return command->merchant;
    case COMMAND_CONTRADICTION_CLOSE: /* Its transfer's lane only ever adds one. */
    case COMMAND_USER_CREATE:
    case COMMAND_USER_CHANGE:
    case COMMAND_USER_LOGIN:
    case COMMAND_SESSION_MARK:
    case COMMAND_SWITCH_CHANNEL:
    case COMMAND_CHANNEL_ACCOUNT:
    case COMMAND_TRANSFER_CLAIM: /* Their items say it. */
    case COMMAND_TRANSFER_OUTCOME:
    case COMMAND_TRANSFER_SCREENED:
    case COMMAND_REVERSAL_CLAIM:
    case COMMAND_REVERSAL_OUTCOME:
    case COMMAND_DELIVERY:
    case COMMAND_REDELIVER:
    case COMMAND_KIND_COUNT:
        break;
    }
    return (struct merchant_id){0};
}

/* Where items stand in a command; size 0: it has none that may be of several merchants. */
struct items_place {
    size_t first, count, size, merchant;
};
static struct items_place items_place(enum command_kind kind)
{
#define ITEMS(KIND, member, type)                                                                  \
    [COMMAND_##KIND] = {                                                                           \
        offsetof(struct command, member.items),                                                    \
        offsetof(struct command, member.count),                                                    \
        sizeof(struct type),                                                                       \
        offsetof(struct type, merchant)                                                            \
    }
    static const struct items_place places[COMMAND_KIND_COUNT] = {
        ITEMS(TRANSFER_CLAIM, transfer_claim, claim_item),
        ITEMS(TRANSFER_OUTCOME, transfer_outcome, outcome_item),
        ITEMS(TRANSFER_SCREENED, transfer_screened, screened_item),
        ITEMS(REVERSAL_CLAIM, reversal_claim, reversal_claim_item),
        ITEMS(REVERSAL_OUTCOME, reversal_outcome, reversal_outcome_item),
        ITEMS(DELIVERY, delivery, delivery_item),
        ITEMS(REDELIVER, redeliver, redeliver_item),
    };
#undef ITEMS
    invariant((unsigned)kind < COMMAND_KIND_COUNT);
    return places[kind];
}

struct command_items command_items(const struct command *command)
{
    struct items_place place = items_place(command->kind);
    struct command_items items = {.size = place.size, .merchant = place.merchant};
    if (place.size == 0)
        return items;
    memcpy(&items.first, (const char *)command + place.first, sizeof items.first);
    memcpy(&items.count, (const char *)command + place.count, sizeof items.count);
    return items;
}

struct merchant_id command_item_merchant(const struct command_items *items, size_t i)
{
    struct merchant_id merchant;
    invariant(i < items->count);
    memcpy(&merchant, (const char *)items->first + i * items->size + items->merchant,
           sizeof merchant);
    return merchant;
}

void command_items_set(struct command *command, void *first, size_t count)
{
    struct items_place place = items_place(command->kind);
    invariant(place.size > 0);
    memcpy((char *)command + place.first, &first, sizeof first);
    memcpy((char *)command + place.count, &count, sizeof count);
}

int command_lane(const struct command *command, int lanes)
{
    struct command_items items = command_items(command);
    return share_lane_of(
        items.count > 0 ? command_item_merchant(&items, 0) : command_merchant(command), lanes);
}

void command_stamp(struct command *command, int64_t at_ms, const struct share *share,
                   struct transfer_id *last_transfer, uint32_t spread)
{
    command->at_ms = at_ms;
    if (command->kind != COMMAND_LOT_SEND)
        return;
    int64_t count = (int64_t)command->lot_send.count;
    invariant(count > 0 && count <= COMMAND_ITEMS_MAX);
    command->lot_send.first = share_transfer_id(share, *last_transfer, at_ms, count, spread);
    last_transfer->value = command->lot_send.first.value + count - 1;
}

void command_want(const struct command *command, struct book *book)
{
    invariant((unsigned)command->kind < COMMAND_KIND_COUNT);
    if (command->actor.person != NULL)
        book->acts_wanted = true;
    rules[command->kind].want(command, book);
}

void command_decide(struct command *command, struct book *book)
{
    invariant((unsigned)command->kind < COMMAND_KIND_COUNT);
    invariant(command->at_ms > 0);
    rules[command->kind].decide(command, book);
}
