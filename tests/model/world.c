#include "model/world.h"

#include <stdio.h>
#include <string.h>

/* --- Between the numbers and what money/ works on --- */

#define MERCHANT     MERCHANT_ID_MIN
#define NOW_MS       INT64_C(1700000000000)
#define TICK_MS      INT64_C(30000)
#define FIRST_ID     INT64_C(44000000000000000)
#define LOT_CODE     INT64_C(1700000000000000)
#define AMOUNT_MINOR INT64_C(1000)

/* Of attempts only that matters: which is the last. */
enum { LOT_TICKS = 1, WAIT_TICKS = 1, DUE_TICKS_MAX = 2, ARENA_BYTES = 1 << 20, LAST_ATTEMPT = 9 };

/* Who decides on lots; the first of them sent it. */
enum { PEOPLE = 3, SENDER = 1 };
static const char *const people[PEOPLE] = {"Awa", "Kofi", "Mariam"};

#define promise(condition, what) ((condition) ? (void)0 : world_broken(what))

int world_count(const struct world *world)
{
    return world->transfers[1].state == 0 ? 1 : 2;
}

void world_begin(struct world *world, int count, int persons, const uint8_t troubles[TROUBLE_COUNT])
{
    *world = (struct world){.lot = LOT_WAITING,
                            .lot_expires = LOT_TICKS,
                            .persons = (uint8_t)persons,
                            .held = (uint8_t)count};
    memcpy(world->troubles, troubles, TROUBLE_COUNT);
    for (int i = 0; i < count; i++)
        world->transfers[i] = (struct world_transfer){
            .state = TRANSFER_NEW, .due = WORLD_DUE_NEVER, .wait = WORLD_DUE_NEVER};
}

static int64_t due_ms(uint8_t due)
{
    return due == WORLD_DUE_NEVER ? 0 : NOW_MS + due * TICK_MS;
}

static uint8_t due_ticks(int64_t at_ms)
{
    if (at_ms == 0)
        return WORLD_DUE_NEVER;
    int64_t ticks = at_ms <= NOW_MS ? 0 : (at_ms - NOW_MS) / TICK_MS;
    invariant(ticks <= DUE_TICKS_MAX);
    return (uint8_t)ticks;
}

static void transfer_load(const struct world *world, int number, struct transfer *transfer)
{
    const struct world_transfer *from = &world->transfers[number];
    *transfer = (struct transfer){.id = {FIRST_ID + number},
                                  .merchant = {MERCHANT},
                                  .lot = {LOT_CODE},
                                  .prefix = "225",
                                  .phone = "07",
                                  .msisdn = INT64_C(2250700000000) + number,
                                  .operator_number = 1,
                                  .amount = {AMOUNT_MINOR, CURRENCY_XOF},
                                  .notify_url = "http://m/",
                                  .confirmed = from->confirmed != 0,
                                  .state = (enum transfer_state)from->state,
                                  .operator_reference = "",
                                  .step = (enum transfer_step)from->step,
                                  .due_at_ms = due_ms(from->due),
                                  .attempts = from->submitted != 0 ? LAST_ATTEMPT : 0,
                                  .channel = from->channel,
                                  .channel_attempt = from->channel == 0 ? 0
                                                     : from->first != 0 ? LAST_ATTEMPT
                                                                        : LAST_ATTEMPT - 1,
                                  .in_hand = (enum transfer_step)from->in_hand,
                                  .called_back = from->called_back != 0,
                                  .wait_ms = WAIT_TICKS * TICK_MS,
                                  .wait_until_ms = due_ms(from->wait),
                                  .notifications = from->notifications,
                                  .created_at_ms = NOW_MS,
                                  .changed_at_ms = NOW_MS,
                                  .submitted_at_ms = from->submitted != 0 ? NOW_MS : 0,
                                  .validated_at_ms = from->state == TRANSFER_VAL ? NOW_MS : 0};
}

static uint8_t *balance_of(struct world *world, enum account_kind kind)
{
    invariant(kind == ACCOUNT_AVAILABLE || kind == ACCOUNT_HELD || kind == ACCOUNT_FLOAT);
    if (kind == ACCOUNT_FLOAT)
        return &world->paid_out;
    return kind == ACCOUNT_HELD ? &world->held : &world->available;
}

/* Walks what a table of the book wants, as a pointer to the row's own struct. */
#define EACH(book, table, begin, type, each)                                                       \
    for (struct type *each = (struct type *)(void *)(book)->table.begin; each != NULL;             \
         each = (struct type *)(void *)each->row.next)

/* Gives the book what it wants, out of the world. */
static void book_fill(struct world *world, struct book *book)
{
    EACH(book, merchants, wanted, merchant_row, each)
    each->row.state = ROW_STORED;
    EACH(book, accounts, wanted, account_row, each)
    {
        each->row.state = ROW_STORED;
        each->balance_minor = *balance_of(world, each->key.kind) * AMOUNT_MINOR;
        each->loaded_minor = each->balance_minor;
    }
    EACH(book, transfers, wanted, transfer_row, each)
    {
        int64_t number = each->transfer.id.value - FIRST_ID;
        invariant(number >= 0 && number < world_count(world));
        each->row.state = ROW_STORED;
        transfer_load(world, (int)number, &each->transfer);
    }
    EACH(book, lots, wanted, lot_row, each)
    {
        each->row.state = ROW_STORED;
        each->lot.state = (enum lot_state)world->lot;
        each->lot.first.value = FIRST_ID;
        each->lot.count = world_count(world);
        each->lot.total_minor[CURRENCY_XOF] = world_count(world) * AMOUNT_MINOR;
        each->lot.expires_at_ms =
            world->lot == LOT_WAITING ? NOW_MS + world->lot_expires * TICK_MS : 0;
        each->lot.source = "";
        each->lot.sender = people[SENDER - 1];
        each->lot.persons = world->persons;
    }
    EACH(book, notifications, wanted, notification_row, each)
    {
        each->row.state = ROW_STORED;
        each->notification.state =
            each->notification.key.number == 1 ? NOTIFICATION_DUE : NOTIFICATION_BLOCKED;
        each->notification.operator_reference = "";
    }
    EACH(book, endpoints, wanted, endpoints_row, each)
    each->row.state = ROW_STORED; /* None: who is told moves nothing. */
    EACH(book, approvals, wanted, approval_row, each)
    {
        each->row.state = world->given == 0 ? ROW_ABSENT : ROW_STORED;
        if (world->given == 0)
            continue;
        each->approval.number = 1;
        each->approval.act = APPROVAL_GIVEN;
        each->approval.person = people[world->given - 1];
        each->approval.from = "";
    }
    EACH(book, settlements, wanted, settlement_row, each)
    each->row.state = ROW_ABSENT;
    EACH(book, callbacks, wanted, callback_row, each)
    each->row.state = ROW_ABSENT; /* What is parked is nobody's. */
    book_loaded(book);            /* Stops when it wanted anything else. */
}

/* Takes back what the book has changed. */
static void book_take(struct world *world, const struct book *book)
{
    EACH(book, accounts, first, account_row, each)
    {
        invariant(each->balance_minor % AMOUNT_MINOR == 0);
        *balance_of(world, each->key.kind) = (uint8_t)(each->balance_minor / AMOUNT_MINOR);
    }
    EACH(book, lots, first, lot_row, each)
    world->lot = (uint8_t)each->lot.state;
    for (const struct approval_line *line = book->approved; line != NULL; line = line->next) {
        uint8_t who = 0;
        while (who < PEOPLE && strcmp(people[who], line->approval.person) != 0)
            who++;
        if (line->approval.act == APPROVAL_GIVEN)
            world->given = (uint8_t)(who + 1);
        else
            world->last = (uint8_t)(who + 1);
    }
    for (const struct movement_line *line = book->movements; line != NULL; line = line->next) {
        struct world_transfer *of = &world->transfers[line->movement.reference - FIRST_ID];
        if (line->movement.kind == MOVEMENT_PAY)
            of->pays++;
        else if (line->movement.kind == MOVEMENT_RELEASE)
            of->releases++;
    }
    EACH(book, transfers, first, transfer_row, each)
    {
        int number = (int)(each->transfer.id.value - FIRST_ID);
        struct world_transfer *to = &world->transfers[number];
        bool due_changed = due_ms(to->due) != each->transfer.due_at_ms;
        for (int i = 0; i < WORLD_WORKERS && due_changed; i++)
            if (world->workers[i].transfer == number)
                world->workers[i].current = 0;
        /* A claim: whoever had it before has it no more. */
        for (int i = 0; i < WORLD_WORKERS && each->transfer.attempts > LAST_ATTEMPT; i++)
            if (world->workers[i].transfer == number)
                world->workers[i].last = 0;
        to->channel = (uint8_t)each->transfer.channel;
        to->first = to->channel != 0 && each->transfer.channel_attempt == each->transfer.attempts;
        to->in_hand = (uint8_t)each->transfer.in_hand;
        to->called_back = each->transfer.called_back;
        to->wait = due_ticks(each->transfer.wait_until_ms);
        to->state = (uint8_t)each->transfer.state;
        to->confirmed = each->transfer.confirmed;
        to->step = (uint8_t)each->transfer.step;
        to->due = due_ticks(each->transfer.due_at_ms);
        to->submitted = each->transfer.submitted_at_ms != 0;
        to->notifications = (uint8_t)each->transfer.notifications;
    }
}

/* One commit. */
static void decide(struct world *world, struct command *command)
{
    struct arena *arena = arena_open(ARENA_BYTES);
    struct book book;
    book_open(&book, arena);
    command->at_ms = NOW_MS;
    for (command_want(command, &book); book_wants(&book); command_want(command, &book))
        book_fill(world, &book);
    command_decide(command, &book);
    book_check(&book);
    book_take(world, &book);
    arena_close(arena);
}

/* --- Promises --- */

/* The tables of states are what the code has; the model has no other. */
static void check_move(const struct world *before, const struct world *after)
{
    promise(before->lot == after->lot ||
                lot_state_may((enum lot_state)before->lot, (enum lot_state)after->lot),
            "a lot went where no lot may go");
    for (int i = 0; i < world_count(after); i++) {
        enum transfer_state from = (enum transfer_state)before->transfers[i].state;
        enum transfer_state to = (enum transfer_state)after->transfers[i].state;
        promise(from == to || transfer_state_may(from, to), "a transfer went where none may go");
        promise(from == to || !transfer_state_final(from), "a final state led on");
        promise(after->transfers[i].notifications >=
                    before->transfers[i].notifications + (from != to),
                "a change nobody is told of");
    }
}

/* Two persons who are not one, neither of whom sent it; or one, whoever that is. */
static void check_persons(const struct world *before, const struct world *after)
{
    if (before->lot == after->lot) {
        promise(before->given == after->given || before->given == 0, "a word was taken back");
        promise(after->given != SENDER, "who sent the lot confirmed it");
        return;
    }
    if (after->lot != LOT_CONFIRMED)
        return;
    promise(after->last != 0, "nobody confirmed the lot");
    promise(after->persons == 1 || (after->given != 0 && after->given != after->last),
            "one person confirmed the lot");
    promise(after->persons == 1 || (after->given != SENDER && after->last != SENDER),
            "who sent the lot confirmed it");
}

/* No two operators ever have it, or may come to. */
static void check_sides(const struct world_transfer *transfer)
{
    int had_by = 0;
    for (int i = 0; i < WORLD_CHANNELS; i++) {
        const struct world_side *side = &transfer->sides[i];
        bool has = side->seen != 0 || side->submits != 0;
        had_by += has;
        promise(!has || transfer->channel == i + 1, "it went through another channel than its own");
        promise(side->seen == 0 || transfer->submitted != 0, "it left before it was REC");
    }
    promise(had_by <= 1, "two operators have it");
}

/* How it ended at an operator; 0: it did not. */
static uint8_t ended_as(const struct world_transfer *transfer)
{
    for (int i = 0; i < WORLD_CHANNELS; i++)
        if (transfer->sides[i].ended != 0)
            return transfer->sides[i].ended;
    return 0;
}

static bool has_left(const struct world_transfer *transfer)
{
    for (int i = 0; i < WORLD_CHANNELS; i++)
        if (transfer->sides[i].seen != 0 || transfer->sides[i].submits != 0)
            return true;
    return false;
}

static void check_transfer(const struct world *world, const struct world_transfer *transfer)
{
    enum transfer_state state = (enum transfer_state)transfer->state;
    bool final = transfer_state_final(state);
    promise(transfer->pays == (state == TRANSFER_VAL),
            "its money was paid out otherwise than once");
    promise(transfer->releases == (state == TRANSFER_REJ),
            "its money was given back otherwise than once");
    promise(transfer->unexcused <= 1, "it was to be submitted again though it may have arrived");
    promise((transfer->confirmed != 0) == (world->lot == LOT_CONFIRMED),
            "it is confirmed and its lot is not, or the other way round");
    promise(final || transfer->confirmed == 0 || transfer->step != STEP_NONE,
            "nobody would ever look at it again");
    promise(transfer->step != STEP_ASK || transfer->channel != 0, "there is nobody to ask");
    check_sides(transfer);
    uint8_t ended = ended_as(transfer);
    if (transfer->lied != 0 || transfer->by_person != 0)
        return;
    promise(state != TRANSFER_VAL || ended == VERDICT_PAID, "it is VAL and was not paid");
    promise(state != TRANSFER_REJ || ended != VERDICT_PAID, "it is REJ and was paid");
    promise(state != TRANSFER_REJ || ended != 0 || !has_left(transfer),
            "it is REJ and may still be paid");
}

static void check(const struct world *before, const struct world *after)
{
    check_move(before, after);
    check_persons(before, after);
    int live = 0, paid = 0;
    for (int i = 0; i < world_count(after); i++) {
        check_transfer(after, &after->transfers[i]);
        enum transfer_state state = (enum transfer_state)after->transfers[i].state;
        live += !transfer_state_final(state);
        paid += state == TRANSFER_VAL;
    }
    promise(after->held == live, "held money without a live transfer, or the other way round");
    promise(after->paid_out == paid, "the operator is owed something else");
    promise(after->available + after->held + after->paid_out == world_count(after),
            "money came or went");
}

/* --- Actions: each returns false when it can't happen now --- */

static bool lot_decided(struct world *world, enum lot_state to, int person)
{
    struct command command = {
        .kind = COMMAND_LOT_DECIDE,
        .lot_decide = {
            .merchant = {MERCHANT}, .lot = {LOT_CODE}, .to = to, .person = people[person]}};
    decide(world, &command);
    return true;
}

static bool act_confirm(struct world *world, int number)
{
    return number < PEOPLE && lot_decided(world, LOT_CONFIRMED, number);
}

static bool act_cancel(struct world *world, int number)
{
    return number == 0 && lot_decided(world, LOT_CANCELLED, 0);
}

static bool act_expire(struct world *world, int number)
{
    return number == 0 && lot_decided(world, LOT_EXPIRED, 0);
}

static bool act_tick(struct world *world, int number)
{
    if (number != 0)
        return false;
    if (world->lot_expires > 0)
        world->lot_expires--;
    for (int i = 0; i < world_count(world); i++) {
        uint8_t *times[] = {&world->transfers[i].due, &world->transfers[i].wait};
        for (int each = 0; each < 2; each++)
            if (*times[each] != WORLD_DUE_NEVER && *times[each] > 0)
                --*times[each];
    }
    return true;
}

/* number: the worker's and the transfer's. */
static bool act_read(struct world *world, int number)
{
    struct world_worker *worker = &world->workers[number % WORLD_WORKERS];
    int transfer = number / WORLD_WORKERS;
    if (transfer >= world_count(world) || worker->phase != WORKER_IDLE ||
        world->transfers[transfer].due != 0)
        return false;
    *worker = (struct world_worker){
        .phase = WORKER_HAS_READ, .transfer = (uint8_t)transfer, .current = 1};
    return true;
}

/* number: the worker's and the channel's. */
static bool act_claim(struct world *world, int number)
{
    int channel = number / WORLD_WORKERS + 1;
    number %= WORLD_WORKERS;
    if (channel > WORLD_CHANNELS || world->workers[number].phase != WORKER_HAS_READ)
        return false;
    struct world_worker *worker = &world->workers[number];
    const struct world_transfer *transfer = &world->transfers[worker->transfer];
    /* What it read, or what can't be anybody's any more. */
    struct claim_item item = {.transfer = {FIRST_ID + worker->transfer},
                              .due_at_ms =
                                  worker->current != 0 ? due_ms(transfer->due) : NOW_MS - 1,
                              .channel = channel};
    struct command command = {.kind = COMMAND_TRANSFER_CLAIM,
                              .transfer_claim = {&item, 1, TICK_MS}};
    decide(world, &command);
    if (item.claimed && item.step == STEP_SUBMIT)
        world->transfers[worker->transfer].unexcused++;
    const uint8_t of = worker->transfer;
    *worker = (struct world_worker){.phase = WORKER_IDLE};
    if (item.claimed)
        *worker = (struct world_worker){.phase = WORKER_HAS_CLAIMED,
                                        .transfer = of,
                                        .step = (uint8_t)item.step,
                                        .channel = (uint8_t)channel,
                                        .last = 1};
    return true;
}

static struct world_side *worker_side(struct world *world, const struct world_worker *worker)
{
    return &world->transfers[worker->transfer].sides[worker->channel - 1];
}

static bool act_call(struct world *world, int number)
{
    if (number >= WORLD_WORKERS || world->workers[number].phase != WORKER_HAS_CLAIMED)
        return false;
    struct world_worker *worker = &world->workers[number];
    struct world_side *side = worker_side(world, worker);
    bool submits = worker->step == STEP_SUBMIT;
    uint8_t *on_way = submits ? &side->submits : &side->asks;
    if (*on_way == (submits ? WORLD_SUBMITS_MAX : WORLD_ASKS_MAX))
        return false;
    ++*on_way;
    worker->phase = WORKER_WAITS;
    return true;
}

static void outcome(struct world *world, int number, int32_t attempt, enum verdict verdict,
                    int next_ticks)
{
    struct outcome_item item = {.transfer = {FIRST_ID + number},
                                .attempt = attempt,
                                .verdict = verdict,
                                .reason = verdict == VERDICT_NOT_SENT
                                              ? TRANSFER_REASON_OPERATOR_DOWN
                                              : TRANSFER_REASON_NONE,
                                .operator_reference = "",
                                .next_at_ms = NOW_MS + next_ticks * TICK_MS};
    struct command command = {.kind = COMMAND_TRANSFER_OUTCOME,
                              .transfer_outcome = {.items = &item, .count = 1}};
    enum transfer_state before = (enum transfer_state)world->transfers[number].state;
    decide(world, &command);
    bool against = (before == TRANSFER_VAL && verdict == VERDICT_REJECTED) ||
                   (before == TRANSFER_REJ && verdict == VERDICT_PAID);
    promise(!against || item.effect == OUTCOME_CONTRADICTED, "a contradiction was not seen");
    if (verdict == VERDICT_NEVER_SEEN && item.effect == OUTCOME_APPLIED)
        world->transfers[number].unexcused = 0;
}

static int32_t worker_attempt(const struct world_worker *worker)
{
    return worker->last != 0 ? LAST_ATTEMPT : LAST_ATTEMPT - 1;
}

/* It has waited long enough, and says so. */
static bool act_time_out(struct world *world, int number)
{
    if (number >= WORLD_WORKERS || world->workers[number].phase != WORKER_WAITS)
        return false;
    const struct world_worker worker = world->workers[number];
    world->workers[number] = (struct world_worker){.phase = WORKER_IDLE};
    outcome(world, worker.transfer, worker_attempt(&worker), VERDICT_UNKNOWN, 1);
    return true;
}

/* It could not reach its operator: nothing left, and it says so, however late. */
static bool act_no_way(struct world *world, int number)
{
    if (number >= WORLD_WORKERS || world->workers[number].phase != WORKER_HAS_CLAIMED)
        return false;
    const struct world_worker worker = world->workers[number];
    world->workers[number] = (struct world_worker){.phase = WORKER_IDLE};
    struct world_transfer *transfer = &world->transfers[worker.transfer];
    /* Its claim to submit is as if it had not been. */
    if (worker.step == STEP_SUBMIT && transfer->unexcused > 0)
        transfer->unexcused--;
    outcome(world, worker.transfer, worker_attempt(&worker), VERDICT_NOT_SENT, 1);
    return true;
}

static bool answer_send(struct world_side *side, enum verdict verdict)
{
    if (side->answers[verdict] == WORLD_ANSWERS_MAX)
        return false;
    side->answers[verdict]++;
    return true;
}

static enum verdict operator_verdict(const struct world_side *side)
{
    if (side->seen == 0)
        return VERDICT_NEVER_SEEN;
    return side->ended == 0 ? VERDICT_PENDING : (enum verdict)side->ended;
}

/* number: the transfer's and the side's; *rest: what else it says. NULL: there is none. */
static struct world_side *side_of(struct world *world, int number, int *rest)
{
    int of = number % WORLD_TRANSFERS_MAX;
    int side = number / WORLD_TRANSFERS_MAX % WORLD_CHANNELS;
    *rest = number / (WORLD_TRANSFERS_MAX * WORLD_CHANNELS);
    return of < world_count(world) ? &world->transfers[of].sides[side] : NULL;
}

static bool act_submit_arrives(struct world *world, int number)
{
    int rest;
    struct world_side *side = side_of(world, number, &rest);
    if (side == NULL || rest != 0 || side->submits == 0)
        return false;
    side->submits--;
    side->seen = 1; /* The same reference again is the same order. */
    return answer_send(side, operator_verdict(side));
}

static bool act_ask_arrives(struct world *world, int number)
{
    int rest;
    struct world_side *side = side_of(world, number, &rest);
    if (side == NULL || rest != 0 || side->asks == 0)
        return false;
    side->asks--;
    return answer_send(side, operator_verdict(side));
}

/* number: the side's, and whether it pays. */
static bool act_operator_ends(struct world *world, int number)
{
    int rest;
    struct world_side *side = side_of(world, number, &rest);
    if (side == NULL || rest > 1 || side->seen == 0 || side->ended != 0)
        return false;
    side->ended = rest == 0 ? VERDICT_PAID : VERDICT_REJECTED;
    return true;
}

/* number: the side's and the verdict. Whoever waits for it stops to; when nobody does, it is told
 * unasked. */
static bool act_answer(struct world *world, int number)
{
    int verdict, of = number % WORLD_TRANSFERS_MAX;
    struct world_side *side = side_of(world, number, &verdict);
    if (side == NULL || verdict < VERDICT_PAID || verdict > VERDICT_NOT_SENT ||
        side->answers[verdict] == 0)
        return false;
    side->answers[verdict]--;
    int32_t attempt = 0;
    for (int i = 0; i < WORLD_WORKERS; i++) {
        struct world_worker *worker = &world->workers[i];
        if (worker->phase != WORKER_WAITS || worker_side(world, worker) != side)
            continue;
        attempt = worker_attempt(worker);
        *worker = (struct world_worker){.phase = WORKER_IDLE};
        break;
    }
    /* Asked again soon; what it never saw is sent again at once. */
    outcome(world, of, attempt, (enum verdict)verdict, verdict == VERDICT_NEVER_SEEN ? 0 : 1);
    return true;
}

/* A worker knows of all operators that they are down, and puts off what is to be submitted. */
static bool act_put_off(struct world *world, int number)
{
    if (number >= world_count(world) || world->transfers[number].due != 0)
        return false;
    const struct world_transfer *transfer = &world->transfers[number];
    if (transfer->step != STEP_SUBMIT)
        return false;
    outcome(world, number, transfer->submitted != 0 ? LAST_ATTEMPT : 0, VERDICT_NOT_SENT, 1);
    return true;
}

static bool act_crash(struct world *world, int number)
{
    if (number >= WORLD_WORKERS || world->workers[number].phase == WORKER_IDLE)
        return false;
    world->workers[number] = (struct world_worker){.phase = WORKER_IDLE};
    return true;
}

/* number: the side's, and what is lost. */
static bool act_loss(struct world *world, int number)
{
    int what;
    struct world_side *side = side_of(world, number, &what);
    if (side == NULL || what > VERDICT_NOT_SENT + 1)
        return false;
    uint8_t *on_way = what == 0                      ? &side->submits
                      : what == VERDICT_NOT_SENT + 1 ? &side->asks
                                                     : &side->answers[what];
    if (*on_way == 0)
        return false;
    --*on_way;
    return true;
}

/* It tells of itself, once more. */
static bool act_double(struct world *world, int number)
{
    int rest;
    struct world_side *side = side_of(world, number, &rest);
    if (side == NULL || rest != 0 || side->seen == 0)
        return false;
    return answer_send(side, operator_verdict(side));
}

/* It calls us, and is believed that it does; true or not. */
static bool call_back(struct world *world, int number)
{
    struct command command = {
        .kind = COMMAND_CALLBACK,
        .callback = {.channel = number / WORLD_TRANSFERS_MAX % WORLD_CHANNELS + 1,
                     .transfer = {FIRST_ID + number % WORLD_TRANSFERS_MAX},
                     .reference = "",
                     .body = "",
                     .why = ""}};
    decide(world, &command);
    const struct world_transfer *transfer = &world->transfers[number % WORLD_TRANSFERS_MAX];
    bool asked = transfer->step == STEP_ASK && (transfer->in_hand != 0 || transfer->due == 0);
    promise(command.callback.effect != CALLBACK_HASTENED || asked, "a call hastened nothing");
    return command.callback.effect == CALLBACK_HASTENED;
}

/* number: the side's. */
static bool act_call_back(struct world *world, int number)
{
    int rest;
    return side_of(world, number, &rest) != NULL && rest == 0 && call_back(world, number);
}

static bool act_lie(struct world *world, int number)
{
    int rest;
    struct world_side *side = side_of(world, number, &rest);
    if (side == NULL || rest != 0 || side->ended == 0)
        return false;
    world->transfers[number % WORLD_TRANSFERS_MAX].lied = 1;
    return answer_send(side, side->ended == VERDICT_PAID ? VERDICT_REJECTED : VERDICT_PAID);
}

/* number: the transfer's, and what the person says. */
static bool act_person(struct world *world, int number)
{
    int of = number / 2;
    if (of >= world_count(world) || world->transfers[of].state != TRANSFER_NOS)
        return false;
    struct command command = {
        .kind = COMMAND_TRANSFER_SETTLE,
        .transfer_settle = {.transfer = {FIRST_ID + of},
                            .outcome = number % 2 == 0 ? TRANSFER_VAL : TRANSFER_REJ,
                            .person = "ada",
                            .evidence = "a letter"}};
    decide(world, &command);
    promise(command.code == PAYOUT_OK, "a person could not settle an unknown outcome");
    world->transfers[of].by_person = 1;
    return true;
}

/* --- The table of all that can happen --- */

enum { NO_TROUBLE = -1, NUMBERS_MAX = 32 };

static const struct {
    const char *text;
    bool (*act)(struct world *world, int number);
    int trouble;
} actions[] = {
    {"the lot is confirmed", act_confirm, NO_TROUBLE},
    {"the lot is cancelled", act_cancel, NO_TROUBLE},
    {"the lot is found expired", act_expire, NO_TROUBLE},
    {"time passes", act_tick, NO_TROUBLE},
    {"a worker reads what is due", act_read, NO_TROUBLE},
    {"a worker claims", act_claim, NO_TROUBLE},
    {"a worker calls", act_call, NO_TROUBLE},
    {"a worker has waited long enough", act_time_out, NO_TROUBLE},
    {"a submit arrives", act_submit_arrives, NO_TROUBLE},
    {"a question arrives", act_ask_arrives, NO_TROUBLE},
    {"the operator ends it", act_operator_ends, NO_TROUBLE},
    {"an answer arrives", act_answer, NO_TROUBLE},
    {"it is put off", act_put_off, TROUBLE_LOSS},
    {"a worker can't reach the operator", act_no_way, TROUBLE_LOSS},
    {"a worker dies", act_crash, TROUBLE_CRASH},
    {"a message is lost", act_loss, TROUBLE_LOSS},
    {"the operator tells again", act_double, TROUBLE_DOUBLE},
    {"somebody calls back in the operator's name", act_call_back, TROUBLE_CALL},
    {"the operator lies", act_lie, TROUBLE_LIE},
    {"a person settles", act_person, TROUBLE_PERSON},
};

int world_actions(void)
{
    return (int)(sizeof actions / sizeof *actions) * NUMBERS_MAX;
}

void world_action_text(int action, char *text, size_t size)
{
    (void)snprintf(text, size, "%s (%d)", actions[action / NUMBERS_MAX].text, action % NUMBERS_MAX);
}

/* One channel is like the other: states that differ in which is which are one. */
static void sides_sort(struct world_transfer *transfer, struct world_worker *workers, int number)
{
    const struct world_side first = transfer->sides[0];
    int order = memcmp(&transfer->sides[0], &transfer->sides[1], sizeof first);
    if (order > 0 || (order == 0 && transfer->channel != 2))
        return;
    transfer->sides[0] = transfer->sides[1];
    transfer->sides[1] = first;
    if (transfer->channel != 0)
        transfer->channel = (uint8_t)(WORLD_CHANNELS + 1 - transfer->channel);
    for (int i = 0; i < WORLD_WORKERS; i++)
        if (workers[i].transfer == number && workers[i].channel != 0)
            workers[i].channel = (uint8_t)(WORLD_CHANNELS + 1 - workers[i].channel);
}

/* One worker is like the other: states that differ in who is who are one. */
static void workers_sort(struct world *world)
{
    struct world_worker *workers = world->workers;
    if (memcmp(&workers[0], &workers[1], sizeof *workers) <= 0)
        return;
    const struct world_worker first = workers[0];
    workers[0] = workers[1];
    workers[1] = first;
}

bool world_act(struct world *world, int action, bool *trouble)
{
    const struct world before = *world;
    int kind = actions[action / NUMBERS_MAX].trouble;
    *trouble = kind != NO_TROUBLE;
    if (*trouble && world->troubles[kind] == 0)
        return false;
    if (!actions[action / NUMBERS_MAX].act(world, action % NUMBERS_MAX)) {
        *world = before;
        return false;
    }
    if (*trouble)
        world->troubles[kind]--;
    check(&before, world);
    for (int i = 0; i < world_count(world); i++)
        sides_sort(&world->transfers[i], world->workers, i);
    workers_sort(world);
    if (world->lot != LOT_WAITING) /* Who it was makes no difference any more. */
        world->given = world->last = 0;
    return true;
}

bool world_ended(const struct world *world)
{
    for (int i = 0; i < world_count(world); i++)
        if (!transfer_state_final((enum transfer_state)world->transfers[i].state))
            return false;
    return world->lot != LOT_WAITING;
}
