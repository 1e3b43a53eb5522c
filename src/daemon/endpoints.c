#include "daemon/endpoints.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "money/mail_address.h"

enum { PAGE_ROWS = 256, ARENA_BYTES = 4 << 20, USERS_MAX = 256 };

/* Addresses with blanks between, none twice. */
struct addresses {
    char list[MERCHANT_MAIL_BYTES];
    size_t count;
};

/* One more, when there is room and it is not there yet. */
static void address_add(struct addresses *to, const char *address)
{
    struct addresses longer = *to;
    size_t length = strlen(to->list), more = strlen(address);
    if (more == 0 || to->count == MERCHANT_MAILS_MAX || length + 1 + more >= sizeof longer.list)
        return;
    if (length > 0)
        longer.list[length++] = ' ';
    memcpy(longer.list + length, address, more + 1);
    if (!mail_list_valid(longer.list))
        return; /* It is there, in another case perhaps. */
    longer.count++;
    *to = longer;
}

/* Who is told: those who confirm the merchant's lots, and its owners. */
static enum fault_kind addresses_read(struct store_reader *reader, struct arena *arena,
                                      struct merchant_id id, struct addresses *to,
                                      struct fault *fault)
{
    struct merchant *merchant = NULL;
    struct user *users;
    size_t count;
    *to = (struct addresses){.count = 0};
    if (store_read_merchant(reader, arena, id, &merchant, fault) != FAULT_NONE ||
        store_read_users(reader, arena, id, "", USERS_MAX, &users, &count, fault) != FAULT_NONE)
        return fault_wrap(fault, "read whom to tell of an endpoint");
    if (merchant != NULL && merchant->confirm_mail[0] != '\0') {
        memcpy(to->list, merchant->confirm_mail, sizeof to->list);
        size_t length;
        for (const char *at = mail_list_next(to->list, &length); length > 0;
             at = mail_list_next(at + length, &length))
            to->count++;
    }
    for (size_t i = 0; i < count; i++)
        if (users[i].role == USER_OWNER && !users[i].disabled)
            address_add(to, users[i].mail);
    return FAULT_NONE;
}

static enum fault_kind endpoint_fail(struct store_reader *reader, struct lane *lane,
                                     struct arena *arena, const struct endpoint *endpoint,
                                     struct fault *fault)
{
    struct addresses to;
    enum fault_kind kind = addresses_read(reader, arena, endpoint->merchant, &to, fault);
    if (kind != FAULT_NONE)
        return kind;
    struct lane_job job = {.command = {.kind = COMMAND_ENDPOINT_FAIL,
                                       .endpoint_fail = {.merchant = endpoint->merchant,
                                                         .number = endpoint->number,
                                                         .to = to.list}}};
    if (lane_call(lane, &job) == FAULT_NONE && job.command.code == PAYOUT_OK)
        log_event(LOG_LEVEL_WARNING, "endpoint switched off: it failed for long",
                  LOG_NUMBER("merchant", endpoint->merchant.value),
                  LOG_NUMBER("endpoint", endpoint->number),
                  LOG_NUMBER("failures", endpoint->failures),
                  LOG_NUMBER("mails", (int64_t)to.count));
    return FAULT_NONE;
}

enum fault_kind endpoints_fail(struct store_reader *reader, struct lane *lane, struct fault *fault)
{
    struct merchant_id merchant = {0};
    int32_t number = 0;
    size_t count = PAGE_ROWS;
    while (count == PAGE_ROWS) {
        AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES);
        struct endpoint *failing = NULL;
        enum fault_kind kind = store_read_endpoints_after(reader, arena, merchant, number, true,
                                                          PAGE_ROWS, &failing, &count, fault);
        for (size_t i = 0; kind == FAULT_NONE && i < count; i++) {
            merchant = failing[i].merchant;
            number = failing[i].number;
            if (endpoint_failed(&failing[i], clock_now_ms()))
                kind = endpoint_fail(reader, lane, arena, &failing[i], fault);
        }
        if (kind != FAULT_NONE)
            return kind;
    }
    return FAULT_NONE;
}

enum fault_kind endpoints_wipe(struct store_reader *reader, struct lane *lane, struct fault *fault)
{
    struct merchant_id merchant = {0};
    int32_t number = 0;
    size_t count = PAGE_ROWS;
    while (count == PAGE_ROWS) {
        AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES);
        struct endpoint *all = NULL;
        enum fault_kind kind = store_read_endpoints_after(reader, arena, merchant, number, false,
                                                          PAGE_ROWS, &all, &count, fault);
        if (kind != FAULT_NONE)
            return kind;
        for (size_t i = 0; i < count; i++) {
            merchant = all[i].merchant;
            number = all[i].number;
            if (all[i].secret_before[0] == '\0' || all[i].secret_before_until_ms > clock_now_ms())
                continue;
            /* A change of nothing does it. */
            struct lane_job job = {
                .command = {
                    .kind = COMMAND_ENDPOINT_CHANGE,
                    .endpoint_change = {.endpoint = {.merchant = merchant, .number = number}}}};
            if (lane_call(lane, &job) != FAULT_NONE)
                return FAULT_NONE; /* The next look finds it again. */
        }
    }
    return FAULT_NONE;
}
