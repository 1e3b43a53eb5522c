/* What a store keeps of persons: who they are, their sessions, what they did. */
#include <string.h>

#include "conformance.h"

static struct command fund_by(int n, int64_t minor, const char *reference, const char *person)
{
    struct command fund = fixture_fund(n, minor, reference);
    fund.actor = (struct actor){.person = person, .from = "192.0.2.7", .request = "r-1"};
    return fund;
}

static size_t acts_read(struct fixture *fixture, const struct act_filter *filter, size_t limit,
                        struct act **acts)
{
    size_t count;
    struct fault fault;
    assert_int_equal(
        store_read_acts(fixture->reader, fixture->arena, filter, limit, acts, &count, &fault),
        FAULT_NONE);
    return count;
}

static void acts_are_read_as_they_were_written_newest_first(void **state)
{
    struct fixture *fixture = *state;
    struct act *acts;
    fixture_prepare(fixture, 0, 1000);
    fixture_prepare(fixture, 1, 1000);
    assert_int_equal(acts_read(fixture, &(struct act_filter){0}, 10, &acts), 0);
    const char *const persons[] = {"awa", "kofi", "awa"};
    for (int i = 0; i < 3; i++) {
        const char *references[] = {"a", "b", "c"};
        struct command fund = fund_by(i / 2, 10, references[i], persons[i]);
        fixture->now_ms += 1000;
        assert_int_equal(fixture_commit(fixture, &fund), PAYOUT_OK);
    }
    assert_int_equal(acts_read(fixture, &(struct act_filter){0}, 10, &acts), 3);
    int64_t ids[4] = {0}; /* They grow, over batches. */
    for (int i = 1; i <= 3; i++) {
        ids[i] = acts[3 - i].id;
        assert_true(ids[i] > ids[i - 1]);
        assert_false(share_row_gap(ids[i - 1], ids[i]));
    }
    assert_int_equal(acts[0].kind, ACT_FUND);
    assert_int_equal(acts[0].merchant.value, fixture_merchant(1).value);
    assert_string_equal(acts[0].person, "awa");
    assert_string_equal(acts[0].from, "192.0.2.7");
    assert_string_equal(acts[0].request, "r-1");
    assert_string_equal(acts[0].subject, "c");
    assert_string_equal(acts[0].before, "{}");
    assert_string_equal(acts[0].after, "{\"kind\":\"top-up\",\"amount\":10,\"currency\":\"XOF\"}");
    assert_int_equal(acts[0].at_ms, fixture->now_ms);

    struct act_filter filter = {.merchant = fixture_merchant(0)};
    assert_int_equal(acts_read(fixture, &filter, 10, &acts), 2);
    assert_int_equal(acts[0].id, ids[2]);
    filter.person = "awa";
    assert_int_equal(acts_read(fixture, &filter, 10, &acts), 1);
    assert_int_equal(acts[0].id, ids[1]);
    filter = (struct act_filter){.person = "awa"};
    assert_int_equal(acts_read(fixture, &filter, 10, &acts), 2);
    filter.since_ms = fixture->now_ms;
    assert_int_equal(acts_read(fixture, &filter, 10, &acts), 1);
    filter = (struct act_filter){0};
    assert_int_equal(acts_read(fixture, &filter, 2, &acts), 2);
    filter.before_id = acts[1].id;
    assert_int_equal(acts_read(fixture, &filter, 2, &acts), 1);
    assert_int_equal(acts[0].id, ids[1]);
}

struct chain {
    struct act_link link;
    struct act_head head;
    int acts, heads;
};

static bool chain_act(void *context, const struct act *act)
{
    ((struct chain *)context)->acts++;
    act_link_add(&((struct chain *)context)->link, act);
    return true;
}

static bool chain_head(void *context, const struct act_head *head)
{
    struct chain *chain = context;
    act_link_end(&chain->link, &chain->head);
    assert_int_equal(chain->head.last_act_id, head->last_act_id);
    assert_memory_equal(chain->head.hash, head->hash, sizeof head->hash);
    act_link_begin(&chain->link, head);
    chain->heads++;
    return true;
}

static void the_heads_of_the_acts_form_a_chain(void **state)
{
    struct fixture *fixture = *state;
    struct chain chain = {0};
    struct fault fault;
    fixture_prepare(fixture, 0, 1000);
    act_link_begin(&chain.link, &chain.head);
    struct command two[2] = {fund_by(0, 10, "a", "awa"), fund_by(0, 10, "b", "kofi")};
    assert_int_equal(fixture_try(fixture, two, 2, &fault), FAULT_NONE);
    struct command nobody = fixture_fund(0, 10, "c");
    assert_int_equal(fixture_commit(fixture, &nobody), PAYOUT_OK);
    struct command third = fund_by(0, 10, "d", "awa");
    assert_int_equal(fixture_commit(fixture, &third), PAYOUT_OK);
    const struct store_audit audit = {.context = &chain, .act = chain_act, .act_head = chain_head};
    assert_int_equal(store_audit(fixture->reader, &audit, &fault), FAULT_NONE);
    assert_int_equal(chain.heads, 2);
    assert_int_equal(chain.acts, 3);
}

static struct user user_of(int n, const char *name)
{
    struct user user = {.id = 100 + name[0],
                        .merchant = fixture_merchant(n),
                        .role = USER_MAKER,
                        .mail = "awa@example.com",
                        .password_hash = "$argon2id$",
                        .must_change = true};
    memcpy(user.name, name, strlen(name) + 1);
    return user;
}

static enum payout_code user_login(struct fixture *fixture, const char *name, uint8_t token,
                                   bool right)
{
    struct command login = {.kind = COMMAND_USER_LOGIN,
                            .user_login = {.name = name,
                                           .right = right,
                                           .password_hash = "$argon2id$",
                                           .recovery = "",
                                           .session = {token}}};
    return fixture_commit(fixture, &login);
}

static const struct session *session_of(struct fixture *fixture, uint8_t token)
{
    const uint8_t hash[SECRET_HASH_BYTES] = {token};
    struct session *session;
    struct user *user;
    struct fault fault;
    assert_int_equal(
        store_read_session(fixture->reader, fixture->arena, hash, &session, &user, &fault),
        FAULT_NONE);
    assert_true((session == NULL) == (user == NULL));
    if (user != NULL)
        assert_string_equal(user->name, session->user);
    return session;
}

static void a_user_is_read_as_it_was_written(void **state)
{
    struct fixture *fixture = *state;
    struct user *user, *users;
    struct fault fault;
    size_t count;
    fixture_prepare(fixture, 0, 1000);
    fixture_prepare(fixture, 1, 1000);
    const char *const names[] = {"kofi", "awa", "zoe"};
    for (int i = 0; i < 3; i++) {
        struct command create = {.kind = COMMAND_USER_CREATE,
                                 .user_create = {.user = user_of(i / 2, names[i])}};
        assert_int_equal(fixture_commit(fixture, &create), PAYOUT_OK);
        assert_int_equal(fixture_commit(fixture, &create), PAYOUT_DATA_NOT_VALID);
    }
    assert_int_equal(store_read_user(fixture->reader, fixture->arena, "awa", &user, &fault),
                     FAULT_NONE);
    struct user wanted = user_of(0, "awa");
    wanted.created_at_ms = fixture->now_ms;
    assert_memory_equal(user, &wanted, sizeof wanted);
    assert_int_equal(store_read_user(fixture->reader, fixture->arena, "nobody", &user, &fault),
                     FAULT_NONE);
    assert_null(user);
    assert_int_equal(store_read_users(fixture->reader, fixture->arena, fixture_merchant(0), "", 10,
                                      &users, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 2);
    assert_string_equal(users[0].name, "awa");
    assert_int_equal(store_read_users(fixture->reader, fixture->arena, (struct merchant_id){0},
                                      "awa", 1, &users, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 1);
    assert_string_equal(users[0].name, "kofi");
}

static void a_session_lasts_until_it_is_ended_or_its_user_changed(void **state)
{
    struct fixture *fixture = *state;
    fixture_prepare(fixture, 0, 1000);
    struct command create = {.kind = COMMAND_USER_CREATE,
                             .user_create = {.user = user_of(0, "awa")}};
    assert_int_equal(fixture_commit(fixture, &create), PAYOUT_OK);
    assert_int_equal(user_login(fixture, "awa", 1, false), PAYOUT_INVALID_CREDENTIALS);
    assert_int_equal(user_login(fixture, "nobody", 1, true), PAYOUT_INVALID_CREDENTIALS);
    assert_null(session_of(fixture, 1));
    for (uint8_t token = 1; token <= 3; token++)
        assert_int_equal(user_login(fixture, "awa", token, true), PAYOUT_OK);
    assert_true(session_open(session_of(fixture, 1), fixture->now_ms));
    struct command mark = {.kind = COMMAND_SESSION_MARK,
                           .session_mark = {.kind = SESSION_SEEN, .hash = {1}}};
    fixture->now_ms += 60000;
    assert_int_equal(fixture_commit(fixture, &mark), PAYOUT_OK);
    assert_int_equal(session_of(fixture, 1)->seen_at_ms, fixture->now_ms);
    mark = (struct command){.kind = COMMAND_SESSION_MARK,
                            .session_mark = {.kind = SESSION_END, .hash = {1}}};
    assert_int_equal(fixture_commit(fixture, &mark), PAYOUT_OK);
    assert_false(session_open(session_of(fixture, 1), fixture->now_ms));
    assert_true(session_open(session_of(fixture, 2), fixture->now_ms));
    assert_false(session_open(session_of(fixture, 2), fixture->now_ms + USER_SESSION_IDLE_MS));
    struct user disabled = user_of(0, "awa");
    disabled.disabled = true;
    struct command change = {.kind = COMMAND_USER_CHANGE,
                             .user_change = {.fields = USER_FIELD_DISABLED, .user = disabled}};
    assert_int_equal(fixture_commit(fixture, &change), PAYOUT_OK);
    assert_int_equal(session_of(fixture, 2)->ended_at_ms, fixture->now_ms);
    assert_int_equal(session_of(fixture, 3)->ended_at_ms, fixture->now_ms);
    assert_int_equal(user_login(fixture, "awa", 4, true), PAYOUT_INVALID_CREDENTIALS);
}

static enum payout_code channel_switch(struct fixture *fixture, int channel, bool off,
                                       const char *reason)
{
    struct command word = {
        .kind = COMMAND_SWITCH_CHANNEL,
        .actor = {.person = "awa", .from = "192.0.2.1", .request = "r"},
        .switch_channel = {
            .channel = channel, .name = "mtn-ci", .off = off, .person = "awa", .reason = reason}};
    return fixture_commit(fixture, &word);
}

static void the_last_word_on_a_channel_is_kept(void **state)
{
    struct fixture *fixture = *state;
    struct channel_switch *switches;
    struct fault fault;
    size_t count;
    assert_int_equal(
        store_read_channel_switches(fixture->reader, fixture->arena, &switches, &count, &fault),
        FAULT_NONE);
    assert_int_equal(count, 0);
    assert_int_equal(channel_switch(fixture, 255, true, "maintenance"), PAYOUT_OK);
    assert_int_equal(channel_switch(fixture, 2, true, "their word"), PAYOUT_OK);
    int64_t off_at_ms = fixture->now_ms;
    fixture->now_ms += 5000;
    assert_int_equal(channel_switch(fixture, 255, false, "over"), PAYOUT_OK);
    assert_int_equal(
        store_read_channel_switches(fixture->reader, fixture->arena, &switches, &count, &fault),
        FAULT_NONE);
    assert_int_equal(count, 2);
    assert_int_equal(switches[0].channel, 2);
    assert_true(switches[0].off);
    assert_string_equal(switches[0].person, "awa");
    assert_string_equal(switches[0].reason, "their word");
    assert_int_equal(switches[0].at_ms, off_at_ms);
    assert_int_equal(switches[1].channel, 255);
    assert_false(switches[1].off);
    assert_string_equal(switches[1].reason, "over");
    assert_int_equal(switches[1].at_ms, fixture->now_ms);
    struct act *acts;
    assert_int_equal(store_read_acts(fixture->reader, fixture->arena, &(struct act_filter){0}, 10,
                                     &acts, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 3);
    assert_int_equal(acts[0].kind, ACT_CHANNEL_SWITCH);
    assert_string_equal(acts[0].subject, "mtn-ci");
    assert_non_null(strstr(acts[0].after, "\"switched\":\"on\""));
}

static struct channel_account *accounts_of(struct fixture *fixture, size_t *count)
{
    struct channel_account *accounts;
    struct fault fault;
    assert_int_equal(
        store_read_channel_accounts(fixture->reader, fixture->arena, &accounts, count, &fault),
        FAULT_NONE);
    return accounts;
}

static void the_account_of_a_channel_is_kept_until_a_person_says_otherwise(void **state)
{
    struct fixture *fixture = *state;
    size_t count;
    accounts_of(fixture, &count);
    assert_int_equal(count, 0);
    const struct channel_account first[] = {
        {.channel = 255,
         .connector = "mtn_momo",
         .url = "https://a.example",
         .account = "api-user",
         .environment = "mtnivorycoast"},
        {.channel = 1, .connector = "sandbox", .url = "", .account = "", .environment = ""}};
    struct command write = {.kind = COMMAND_CHANNEL_ACCOUNT,
                            .channel_account = {.accounts = first, .count = 2}};
    assert_int_equal(fixture_commit(fixture, &write), PAYOUT_OK);
    int64_t written_at_ms = fixture->now_ms;
    struct channel_account *accounts = accounts_of(fixture, &count);
    assert_int_equal(count, 2);
    assert_int_equal(accounts[0].channel, 1);
    assert_true(channel_account_same(&accounts[0], &first[1]));
    assert_int_equal(accounts[1].channel, 255);
    assert_true(channel_account_same(&accounts[1], &first[0]));
    assert_int_equal(accounts[1].at_ms, written_at_ms);
    fixture->now_ms += 5000;
    struct channel_account moved = first[0];
    moved.url = "https://b.example";
    struct command accept = {
        .kind = COMMAND_CHANNEL_ACCOUNT,
        .actor = {.person = "payoutd:Awa"},
        .channel_account = {
            .accounts = &moved, .count = 1, .before = &accounts[1], .name = "mtn-ci"}};
    assert_int_equal(fixture_commit(fixture, &accept), PAYOUT_OK);
    accounts = accounts_of(fixture, &count);
    assert_int_equal(count, 2);
    assert_int_equal(accounts[0].at_ms, written_at_ms);
    assert_true(channel_account_same(&accounts[1], &moved));
    assert_int_equal(accounts[1].at_ms, fixture->now_ms);
    struct act *acts;
    struct fault fault;
    assert_int_equal(store_read_acts(fixture->reader, fixture->arena, &(struct act_filter){0}, 10,
                                     &acts, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 1);
    assert_int_equal(acts[0].kind, ACT_CHANNEL_ACCEPT);
    assert_string_equal(acts[0].person, "payoutd:Awa");
    assert_string_equal(acts[0].subject, "mtn-ci");
    assert_string_equal(acts[0].before, "{\"url\":\"https://a.example\"}");
    assert_string_equal(acts[0].after, "{\"url\":\"https://b.example\"}");
}

const struct CMUnitTest person_cases[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
    CASE(acts_are_read_as_they_were_written_newest_first),
    CASE(the_heads_of_the_acts_form_a_chain),
    CASE(a_user_is_read_as_it_was_written),
    CASE(a_session_lasts_until_it_is_ended_or_its_user_changed),
    CASE(the_last_word_on_a_channel_is_kept),
    CASE(the_account_of_a_channel_is_kept_until_a_person_says_otherwise),
};
const size_t person_case_count = sizeof person_cases / sizeof *person_cases;
