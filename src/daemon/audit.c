#include "daemon/audit.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "daemon/audit_act.h"
#include "daemon/audit_channel.h"
#include "daemon/audit_ledger.h"
#include "daemon/audit_lot.h"
#include "daemon/tally.h"
#include "store/store.h"

enum { FINDINGS_SHOWN = 50, ACCOUNTS_FIRST = 256 };

struct audited_account {
    int64_t number; /* account_number; 0: the place is free. */
    bool stored;
    int64_t stored_minor;  /* What the store keeps. */
    int64_t rebuilt_minor; /* What the movements say. */
    int64_t live_minor;    /* HELD only: what live transfers need. */
};

struct audit {
    struct audited_account *accounts; /* Open addressing; account_room is a power of two. */
    size_t account_count, account_room;
    int64_t transfers, lots, live, findings;
    int64_t last_transfer_id;
    struct audit_ledger ledger;
    struct tally *ends, *lots_tally, *holds;
    struct audit_act acts;
    struct audit_lot confirmed;
};

static void found(struct audit *audit, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void found(struct audit *audit, const char *format, ...)
{
    audit->findings++;
    if (audit->findings > FINDINGS_SHOWN)
        return;
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("WRONG ", stdout);
    (void)vprintf(format, arguments);
    (void)fputs("\n", stdout);
    va_end(arguments);
}

/* "AVAILABLE of 1000000001 in XOF, operator 0" */
static void account_describe(int64_t number, char *text, size_t size)
{
    struct account_key key = account_key_of(number);
    (void)snprintf(text, size, "%s of %" PRId64 " in %s, operator %d", account_kind_text(key.kind),
                   key.merchant.value, currency_text(key.currency), key.operator_number);
}

static struct audited_account *account_place(struct audited_account *accounts, size_t room,
                                             int64_t number)
{
    size_t at = (size_t)secret_table_hash(&number, sizeof number) & (room - 1);
    while (accounts[at].number != 0 && accounts[at].number != number)
        at = (at + 1) & (room - 1);
    return &accounts[at];
}

static void accounts_grow(struct audit *audit)
{
    size_t room = audit->account_room == 0 ? ACCOUNTS_FIRST : audit->account_room * 2;
    struct audited_account *grown = calloc(room, sizeof *grown);
    invariant(grown != NULL);
    for (size_t i = 0; i < audit->account_room; i++)
        if (audit->accounts[i].number != 0)
            *account_place(grown, room, audit->accounts[i].number) = audit->accounts[i];
    free(audit->accounts);
    audit->accounts = grown;
    audit->account_room = room;
}

static struct audited_account *account_of(struct audit *audit, int64_t number)
{
    if (audit->account_count * 2 >= audit->account_room)
        accounts_grow(audit);
    struct audited_account *account = account_place(audit->accounts, audit->account_room, number);
    if (account->number == 0) {
        account->number = number;
        audit->account_count++;
    }
    return account;
}

/* --- The ledger --- */

/* True when the movement takes from and gives to what its kind says. */
static bool movement_shaped(const struct movement *movement)
{
    static const struct {
        enum account_kind from, to;
    } shapes[MOVEMENT_KIND_END] = {
        [MOVEMENT_HOLD] = {ACCOUNT_AVAILABLE, ACCOUNT_HELD},
        [MOVEMENT_PAY] = {ACCOUNT_HELD, ACCOUNT_FLOAT},
        [MOVEMENT_RELEASE] = {ACCOUNT_HELD, ACCOUNT_AVAILABLE},
        [MOVEMENT_TOP_UP] = {ACCOUNT_OUTSIDE, ACCOUNT_AVAILABLE},
        [MOVEMENT_WITHDRAW] = {ACCOUNT_AVAILABLE, ACCOUNT_OUTSIDE},
        [MOVEMENT_FEE] = {ACCOUNT_HELD, ACCOUNT_FEES},
        [MOVEMENT_REVERSE] = {ACCOUNT_FLOAT, ACCOUNT_AVAILABLE},
    };
    if (movement->kind < MOVEMENT_HOLD || movement->kind >= MOVEMENT_KIND_END)
        return false;
    const struct account_key *ends[2] = {&movement->from, &movement->to};
    for (int i = 0; i < 2; i++) {
        bool theirs = ends[i]->kind == ACCOUNT_AVAILABLE || ends[i]->kind == ACCOUNT_HELD;
        if (ends[i]->currency != movement->amount.currency ||
            (theirs ? ends[i]->merchant.value != movement->merchant.value
                    : ends[i]->merchant.value >= LANES_MAX)) /* Each lane has its own. */
            return false;
    }
    return movement->from.kind == shapes[movement->kind].from &&
           movement->to.kind == shapes[movement->kind].to && movement->amount.minor > 0;
}

/* What a movement that ends a transfer is, as one number: the same is made of the transfer. */
static uint64_t end_print(enum movement_kind kind, int64_t transfer, struct merchant_id merchant,
                          struct amount amount, int operator_number)
{
    int64_t parts[6] = {
        (int64_t)kind,  transfer, merchant.value, amount.minor, (int64_t)amount.currency,
        operator_number};
    return secret_table_hash(parts, sizeof parts);
}

static uint64_t hold_print(struct merchant_id merchant, int64_t lot, enum currency currency,
                           int64_t minor)
{
    int64_t parts[4] = {merchant.value, lot, (int64_t)currency, minor};
    return secret_table_hash(parts, sizeof parts);
}

static struct tally_key lot_key(struct merchant_id merchant, int64_t lot)
{
    return (struct tally_key){{merchant.value, lot}};
}

static void movement_tally(struct audit *audit, const struct movement *movement)
{
    if (movement->kind == MOVEMENT_PAY || movement->kind == MOVEMENT_RELEASE ||
        movement->kind == MOVEMENT_FEE) {
        tally_add(audit->ends, (struct tally_key){{movement->reference, 0}},
                  end_print(movement->kind, movement->reference, movement->merchant,
                            movement->amount, movement->to.operator_number));
    } else if (movement->kind == MOVEMENT_REVERSE) {
        tally_add(audit->ends, (struct tally_key){{movement->reference, 0}},
                  end_print(movement->kind, movement->reference, movement->merchant,
                            movement->amount, movement->from.operator_number));
    } else if (movement->kind == MOVEMENT_HOLD) {
        tally_add(audit->holds, lot_key(movement->merchant, movement->reference),
                  hold_print(movement->merchant, movement->reference, movement->amount.currency,
                             movement->amount.minor));
    }
}

static bool movement_take(void *context, const struct movement *movement)
{
    struct audit *audit = context;
    if (tally_again(audit->ends)) {
        movement_tally(audit, movement);
        return true;
    }
    audit_ledger_take(&audit->ledger, movement);
    if (!movement_shaped(movement)) {
        found(audit, "movement %" PRId64 ": no movement of its kind looks so", movement->id);
        return true;
    }
    int64_t minor = movement->amount.minor;
    struct audited_account *from = account_of(audit, account_number(movement->from));
    bool fits = !__builtin_sub_overflow(from->rebuilt_minor, minor, &from->rebuilt_minor);
    struct audited_account *to = account_of(audit, account_number(movement->to));
    fits = !__builtin_add_overflow(to->rebuilt_minor, minor, &to->rebuilt_minor) && fits;
    if (!fits)
        found(audit, "movement %" PRId64 ": a balance overflows", movement->id);
    movement_tally(audit, movement);
    return true;
}

static bool head_take(void *context, const struct ledger_head *head)
{
    struct audit *audit = context;
    if (!tally_again(audit->ends))
        audit_ledger_head(&audit->ledger, head);
    return true;
}

static bool account_take(void *context, const struct account_balance *balance)
{
    struct audit *audit = context;
    if (tally_again(audit->ends))
        return true;
    struct audited_account *account = account_of(audit, account_number(balance->key));
    char name[128];
    account_describe(account->number, name, sizeof name);
    if (account->stored)
        found(audit, "account %s is there twice", name);
    account->stored = true;
    account->stored_minor = balance->balance_minor;
    bool theirs = balance->key.kind == ACCOUNT_AVAILABLE || balance->key.kind == ACCOUNT_HELD;
    if (theirs && balance->balance_minor < 0)
        found(audit, "account %s is negative: %" PRId64, name, balance->balance_minor);
    return true;
}

/* --- Transfers and lots --- */

/* Fills name and returns it: "?" for what is no id. Only for what is wrong: it costs time. */
static const char *transfer_name(struct transfer_id id, char name[TRANSFER_ID_TEXT_BYTES])
{
    if (id.value <= 0)
        return "?";
    transfer_id_text(id, name);
    return name;
}

/* Fees weigh otherwise than amounts, so that neither passes for the other. */
static uint64_t fee_weight(const int64_t key[4])
{
    int64_t other[5] = {key[0], key[1], key[2], key[3], MOVEMENT_FEE};
    return secret_table_hash(other, sizeof other);
}

/* What a lot's transfers are together, as one number. Each transfer gives its share. */
static uint64_t share_print(const struct transfer *transfer)
{
    int64_t key[4] = {transfer->merchant.value, transfer->lot.value,
                      (int64_t)transfer->amount.currency, transfer->confirmed ? 1 : 0};
    uint64_t weight = secret_table_hash(key, sizeof key);
    int64_t lot[2] = {transfer->merchant.value, transfer->lot.value};
    uint64_t order = secret_table_hash(lot, sizeof lot);
    uint64_t share = weight * (uint64_t)transfer->amount.minor;
    if (transfer->fee_minor != 0 && transfer->payer == FEE_PAYER_MERCHANT)
        share += fee_weight(key) * (uint64_t)transfer->fee_minor;
    return share + order * (uint64_t)transfer->id.value;
}

static uint64_t whole_print(const struct lot *lot)
{
    uint64_t whole = 0;
    for (enum currency currency = CURRENCY_XOF; currency < CURRENCY_END; currency++) {
        int64_t key[4] = {lot->merchant.value, lot->code.value, (int64_t)currency,
                          lot->state == LOT_CONFIRMED ? 1 : 0};
        whole += secret_table_hash(key, sizeof key) * (uint64_t)lot->total_minor[currency];
        if (lot->fee_minor[currency] != 0)
            whole += fee_weight(key) * (uint64_t)lot->fee_minor[currency];
    }
    int64_t pair[2] = {lot->merchant.value, lot->code.value};
    uint64_t count = (uint64_t)lot->count, first = (uint64_t)lot->first.value;
    uint64_t ids =
        count * first + (count % 2 == 0 ? count / 2 * (count - 1) : (count - 1) / 2 * count);
    return whole + secret_table_hash(pair, sizeof pair) * ids;
}

/* That it was taken back, which its reversal says, too. */
static uint64_t reversal_print(struct transfer_id transfer)
{
    int64_t parts[2] = {MOVEMENT_REVERSE, transfer.value};
    return secret_table_hash(parts, sizeof parts);
}

static bool reversal_take(void *context, const struct reversal *reversal)
{
    struct audit *audit = context;
    if (reversal->state == REVERSAL_DONE)
        tally_add(audit->ends, (struct tally_key){{reversal->transfer.value, 0}},
                  reversal_print(reversal->transfer));
    return true;
}

static void transfer_tally(struct audit *audit, const struct transfer *transfer)
{
    if (transfer_state_final(transfer->state)) {
        struct tally_key key = {{transfer->id.value, 0}};
        bool paid = transfer->state == TRANSFER_VAL;
        bool of_receiver = transfer->payer == FEE_PAYER_RECEIVER;
        struct amount amount = transfer->amount, fee = transfer->amount;
        fee.minor = transfer->fee_minor;
        if (paid && of_receiver) /* The fee is a part of the amount. */
            amount.minor = (int64_t)((uint64_t)amount.minor - (uint64_t)fee.minor);
        else if (!paid && !of_receiver) /* Both come back together. */
            amount.minor = (int64_t)((uint64_t)amount.minor + (uint64_t)fee.minor);
        tally_add(audit->ends, key,
                  0 - end_print(paid ? MOVEMENT_PAY : MOVEMENT_RELEASE, transfer->id.value,
                                transfer->merchant, amount, paid ? transfer->operator_number : 0));
        if (paid && transfer->reason == TRANSFER_REASON_REVERSED) {
            tally_add(audit->ends, key,
                      0 - end_print(MOVEMENT_REVERSE, transfer->id.value, transfer->merchant,
                                    amount, transfer->operator_number));
            tally_add(audit->ends, key, 0 - reversal_print(transfer->id));
        }
        if (paid && fee.minor != 0)
            tally_add(audit->ends, key,
                      0 - end_print(MOVEMENT_FEE, transfer->id.value, transfer->merchant, fee, 0));
    }
    tally_add(audit->lots_tally, lot_key(transfer->merchant, transfer->lot.value),
              share_print(transfer));
}

/* Money is held for it. */
static void transfer_live(struct audit *audit, const struct transfer *transfer)
{
    char name[TRANSFER_ID_TEXT_BYTES];
    audit->live++;
    if (transfer->merchant.value < MERCHANT_ID_MIN || transfer->merchant.value > MERCHANT_ID_MAX) {
        found(audit, "transfer %s is of %" PRId64 ", which is no merchant",
              transfer_name(transfer->id, name), transfer->merchant.value);
        return;
    }
    struct account_key key = {transfer->merchant, ACCOUNT_HELD, transfer->amount.currency, 0};
    int64_t *live_minor = &account_of(audit, account_number(key))->live_minor;
    int64_t on_top_minor = transfer->payer == FEE_PAYER_MERCHANT ? transfer->fee_minor : 0;
    if (__builtin_add_overflow(*live_minor, transfer->amount.minor, live_minor) ||
        __builtin_add_overflow(*live_minor, on_top_minor, live_minor))
        found(audit, "transfer %s: what is live overflows", transfer_name(transfer->id, name));
}

static bool transfer_take(void *context, const struct transfer *transfer)
{
    struct audit *audit = context;
    if (tally_again(audit->ends)) {
        transfer_tally(audit, transfer);
        return true;
    }
    audit->transfers++;
    char name[TRANSFER_ID_TEXT_BYTES];
    audit->last_transfer_id = transfer->id.value;
    if (transfer->id.value <= 0)
        found(audit, "transfer %" PRId64 ": this is no id", transfer->id.value);
    if (transfer->amount.minor <= 0)
        found(audit, "transfer %s: amount %" PRId64, transfer_name(transfer->id, name),
              transfer->amount.minor);
    if (transfer->fee_minor < 0)
        found(audit, "transfer %s: fee %" PRId64, transfer_name(transfer->id, name),
              transfer->fee_minor);
    if (transfer->payer == FEE_PAYER_RECEIVER &&
        (transfer->fee_minor <= 0 || transfer->fee_minor >= transfer->amount.minor))
        found(audit, "transfer %s: its receiver pays %" PRId64 " of %" PRId64,
              transfer_name(transfer->id, name), transfer->fee_minor, transfer->amount.minor);
    bool final = transfer_state_final(transfer->state);
    bool matched = transfer->screening == SCREENING_MATCH;
    bool works = transfer_confirmed(transfer) && !final && !matched;
    if ((transfer->step != STEP_NONE) != works)
        found(audit,
              "transfer %s is %s, and what is to be done next with it is not what it "
              "should be",
              transfer_name(transfer->id, name), transfer_state_text(transfer->state));
    if (transfer->suspected && (transfer->state != TRANSFER_NEW || transfer->twin_of.value == 0))
        found(audit, "transfer %s is %s, and said to wait as a possible double",
              transfer_name(transfer->id, name), transfer_state_text(transfer->state));
    if ((matched || transfer->step == STEP_SCREEN) && transfer->state != TRANSFER_NEW)
        found(audit, "transfer %s is %s, and its receiver's name is said to be looked at",
              transfer_name(transfer->id, name), transfer_state_text(transfer->state));
    if ((transfer->screening != SCREENING_NONE) != (transfer->screenings > 0))
        found(audit, "transfer %s: its screening is %s after %d answers",
              transfer_name(transfer->id, name), screening_state_text(transfer->screening),
              (int)transfer->screenings);
    if (transfer->state != TRANSFER_NEW && transfer->state != TRANSFER_REJ &&
        (transfer->submitted_at_ms == 0 || !transfer->confirmed))
        found(audit, "transfer %s is %s and was never given to an operator",
              transfer_name(transfer->id, name), transfer_state_text(transfer->state));
    if (!audit_channel_fits(transfer))
        found(audit,
              "transfer %s is %s after %d attempts, and the channel that it goes through, %d since "
              "attempt %d, is not what it should be",
              transfer_name(transfer->id, name), transfer_state_text(transfer->state),
              (int)transfer->attempts, transfer->channel, (int)transfer->channel_attempt);
    if (!final)
        transfer_live(audit, transfer);
    audit_lot_transfer(&audit->confirmed, transfer);
    transfer_tally(audit, transfer);
    return true;
}

static bool lot_take(void *context, const struct lot *lot)
{
    struct audit *audit = context;
    if (!tally_again(audit->ends)) {
        audit->lots++;
        audit_lot_last(&audit->confirmed);
    }
    tally_add(audit->lots_tally, lot_key(lot->merchant, lot->code.value), 0 - whole_print(lot));
    for (enum currency currency = CURRENCY_XOF; currency < CURRENCY_END; currency++)
        if (lot->total_minor[currency] != 0) {
            uint64_t held =
                (uint64_t)lot->total_minor[currency] + (uint64_t)lot->fee_minor[currency];
            tally_add(audit->holds, lot_key(lot->merchant, lot->code.value),
                      0 - hold_print(lot->merchant, lot->code.value, currency, (int64_t)held));
        }
    return true;
}

/* --- What persons did --- */

static void more_found(void *context, const char *what)
{
    found(context, "%s", what);
}

static bool approval_take(void *context, const struct approval *approval)
{
    struct audit *audit = context;
    if (!tally_again(audit->ends))
        audit_lot_approval(&audit->confirmed, approval);
    return true;
}

static bool act_take(void *context, const struct act *act)
{
    struct audit *audit = context;
    if (!tally_again(audit->ends))
        audit_act_take(&audit->acts, act);
    return true;
}

static bool act_head_take(void *context, const struct act_head *head)
{
    struct audit *audit = context;
    if (!tally_again(audit->ends))
        audit_act_head(&audit->acts, head);
    return true;
}

/* --- The end --- */

static void accounts_compare(struct audit *audit, int64_t sums[CURRENCY_END])
{
    for (size_t i = 0; i < audit->account_room; i++) {
        const struct audited_account *account = &audit->accounts[i];
        if (account->number == 0)
            continue;
        char name[128];
        account_describe(account->number, name, sizeof name);
        if (account->stored_minor != account->rebuilt_minor)
            found(audit, "account %s: kept %" PRId64 ", its movements say %" PRId64, name,
                  account->stored_minor, account->rebuilt_minor);
        struct account_key key = account_key_of(account->number);
        if (key.kind == ACCOUNT_HELD && account->stored_minor != account->live_minor)
            found(audit, "account %s: holds %" PRId64 ", live transfers need %" PRId64, name,
                  account->stored_minor, account->live_minor);
        if (__builtin_add_overflow(sums[key.currency], account->stored_minor, &sums[key.currency]))
            found(audit, "the ledger in %s overflows", currency_text(key.currency));
    }
    for (enum currency currency = CURRENCY_XOF; currency < CURRENCY_END; currency++)
        if (sums[currency] != 0)
            found(audit, "the ledger in %s sums to %" PRId64 ", not to zero",
                  currency_text(currency), sums[currency]);
}

static void end_found(void *context, struct tally_key key)
{
    char name[TRANSFER_ID_TEXT_BYTES];
    found(context, "transfer %s: its money did not move as its state says",
          transfer_name((struct transfer_id){key.parts[0]}, name));
}

static void lot_found(void *context, struct tally_key key)
{
    found(context,
          "lot %" PRId64 " of %" PRId64 ": its transfers are not what it says (ids, sums or "
          "confirmation)",
          key.parts[1], key.parts[0]);
}

static void hold_found(void *context, struct tally_key key)
{
    found(context, "lot %" PRId64 " of %" PRId64 ": its money was not held once, as a whole",
          key.parts[1], key.parts[0]);
}

static void report_head(int lane, const char *what, int64_t last_id,
                        const uint8_t hash[SECRET_HASH_BYTES])
{
    char text[2 * SECRET_HASH_BYTES + 1];
    if (lane > 0 && last_id == 0)
        return; /* There is no such lane, or nothing in it. */
    secret_hex(hash, SECRET_HASH_BYTES, text);
    printf("%s %" PRId64 " %s\n", what, last_id, text);
}

static void report(const struct audit *audit)
{
    printf("%" PRId64 " movements in %" PRId64 " links, %zu accounts, %" PRId64
           " transfers (%" PRId64 " live) in %" PRId64 " lots\n",
           audit->ledger.movements, audit->ledger.heads, audit->account_count, audit->transfers,
           audit->live, audit->lots);
    for (int lane = 0; lane < LANES_MAX; lane++)
        report_head(lane, "head of the chain: movement",
                    audit->ledger.chains[lane].head.last_movement_id,
                    audit->ledger.chains[lane].head.hash);
    printf("%" PRId64 " words of persons about lots, %" PRId64 " acts\n",
           audit->confirmed.approvals, audit->acts.acts);
    for (int lane = 0; lane < LANES_MAX; lane++)
        report_head(lane, "head of their chain: act", audit->acts.chains[lane].head.last_act_id,
                    audit->acts.chains[lane].head.hash);
    if (audit->findings == 0)
        printf("the ledger is right: every account is what its movements say, all sum to zero\n");
    else
        printf("%" PRId64 " things are wrong\n", audit->findings);
}

static enum fault_kind audit_read(struct audit *audit, struct store_reader *reader,
                                  struct fault *fault)
{
    const struct store_audit callbacks = {.context = audit,
                                          .movement = movement_take,
                                          .head = head_take,
                                          .account = account_take,
                                          .transfer = transfer_take,
                                          .lot = lot_take,
                                          .approval = approval_take,
                                          .reversal = reversal_take,
                                          .act = act_take,
                                          .act_head = act_head_take};
    audit_ledger_begin(&audit->ledger, more_found, audit);
    audit_act_begin(&audit->acts, more_found, audit);
    audit_lot_begin(&audit->confirmed, reader, more_found, audit);
    enum fault_kind kind = store_audit(reader, &callbacks, fault);
    if (kind != FAULT_NONE)
        return kind;
    audit_ledger_end(&audit->ledger);
    audit_act_end(&audit->acts);
    int64_t sums[CURRENCY_END] = {0};
    accounts_compare(audit, sums);
    bool again = tally_begin_again(audit->ends);
    again = tally_begin_again(audit->lots_tally) || again;
    again = tally_begin_again(audit->holds) || again;
    if (!again)
        return FAULT_NONE;
    /* Something does not add up: read once more, and keep what falls into the buckets that are
     * wrong, to say exactly what it is. */
    kind = store_audit(reader, &callbacks, fault);
    tally_tell(audit->ends, end_found, audit);
    tally_tell(audit->lots_tally, lot_found, audit);
    tally_tell(audit->holds, hold_found, audit);
    return kind;
}

static void unreadable(const struct fault *fault)
{
    printf("WRONG the store can't be read: %s\n", fault->text);
}

bool audit_store(struct store *store)
{
    struct fault fault;
    struct store_reader *reader = NULL;
    struct audit audit = {.ends = tally_open(), .lots_tally = tally_open(), .holds = tally_open()};
    enum fault_kind kind = store_reader_open(store, &reader, &fault);
    if (kind == FAULT_NONE)
        kind = audit_read(&audit, reader, &fault);
    if (kind == FAULT_NONE)
        report(&audit);
    else
        unreadable(&fault);
    store_reader_close(reader);
    tally_close(audit.ends);
    tally_close(audit.lots_tally);
    tally_close(audit.holds);
    free(audit.accounts);
    return kind == FAULT_NONE && audit.findings == 0;
}

int audit_run(const char *store_url)
{
    struct fault fault;
    struct store *store = NULL;
    if (store_open_beside(store_url, &store, &fault) != FAULT_NONE) {
        unreadable(&fault);
        return EXIT_FAILURE;
    }
    bool right = audit_store(store);
    store_close(store);
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
