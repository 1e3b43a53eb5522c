#include "daemon/channel_account_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/upgrade.h"
#include "lane/lane.h"
#include "operators/operator.h"

enum {
    EXIT_USAGE = 2,
    ARENA_BYTES_MAX = 1024 * 1024,
    ERRORS_BYTES_MAX = CHANNEL_NUMBER_MAX * 4 * 1024,
    ACTOR_BYTES = CHANNEL_SWITCH_PERSON_BYTES_MAX + 1,
};

struct channel_account channel_account_of(const struct channel *channel)
{
    return (struct channel_account){.channel = channel->number,
                                    .connector = channel->connector->name,
                                    .url = channel->url,
                                    .account = channel->account,
                                    .environment = channel->environment};
}

static const struct channel_account *account_find(const struct channel_account *known, size_t count,
                                                  int number)
{
    for (size_t i = 0; i < count; i++)
        if (known[i].channel == number)
            return &known[i];
    return NULL;
}

/* "mtn_momo https://… api-user mtnivorycoast", of what is set. */
static void account_write(const struct channel_account *account, struct buffer *text)
{
    const char *parts[] = {account->url, account->account, account->environment};
    buffer_text_append(text, account->connector);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i][0] != '\0')
            buffer_format(text, " %s", parts[i]);
}

bool channel_accounts_compare(const struct channels *channels, const struct channel_account *known,
                              size_t known_count, struct channel_account *fresh,
                              size_t *fresh_count, struct buffer *errors)
{
    bool good = true;
    *fresh_count = 0;
    for (size_t i = 0; i < channels->count; i++) {
        const struct channel *channel = &channels->list[i];
        struct channel_account account = channel_account_of(channel);
        const struct channel_account *first = account_find(known, known_count, channel->number);
        if (first == NULL) {
            fresh[(*fresh_count)++] = account;
        } else if (!channel_account_same(first, &account)) {
            buffer_format(errors, "channel %s: number %d was first used for another account (",
                          channel->name, channel->number);
            account_write(first, errors);
            buffer_text_append(errors, "), and is now for ");
            account_write(&account, errors);
            buffer_format(errors,
                          ": give this one a number of its own, or, when it is the same account "
                          "under another address, say so: payoutd accept-channel %s "
                          "--person NAME\n",
                          channel->name);
            good = false;
        }
    }
    return good;
}

static enum fault_kind known_read(struct store *store, struct arena *arena,
                                  struct channel_account **known, size_t *count,
                                  struct fault *fault)
{
    AUTO(store_reader_closep) struct store_reader *reader = NULL;
    enum fault_kind kind = store_reader_open(store, &reader, fault);
    if (kind == FAULT_NONE)
        kind = store_read_channel_accounts(reader, arena, known, count, fault);
    return kind == FAULT_NONE ? kind : fault_wrap(fault, "read which accounts channels stand for");
}

/* Through a lane that lives no longer: the one that serves starts after those who wait for it. */
static enum fault_kind accounts_write(struct store *store, const struct command *command,
                                      struct fault *fault)
{
    struct lane *lane = NULL;
    struct lane_options options = {0};
    struct lane_job job = {.command = *command};
    enum fault_kind kind = lane_open(store, &options, &lane, fault);
    if (kind != FAULT_NONE)
        return kind;
    kind = lane_call(lane, &job);
    lane_close(lane);
    if (kind != FAULT_NONE)
        return fault_set(fault, kind, "write down which accounts channels stand for");
    invariant(job.command.code == PAYOUT_OK);
    return FAULT_NONE;
}

enum fault_kind channel_accounts_hold(struct store *store, const struct channels *channels,
                                      struct fault *fault)
{
    AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES_MAX);
    AUTO(buffer_free) struct buffer errors;
    buffer_init(&errors, ERRORS_BYTES_MAX);
    struct channel_account *known = NULL;
    size_t known_count = 0, fresh_count = 0;
    enum fault_kind kind = known_read(store, arena, &known, &known_count, fault);
    if (kind != FAULT_NONE)
        return kind;
    struct channel_account *fresh = arena_alloc(arena, channels->count + 1, sizeof *fresh);
    if (!channel_accounts_compare(channels, known, known_count, fresh, &fresh_count, &errors)) {
        channels_mistakes_log(&errors);
        return fault_set(fault, FAULT_FINAL, "a channel's number stands for another account");
    }
    if (fresh_count == 0)
        return FAULT_NONE;
    struct command command = {.kind = COMMAND_CHANNEL_ACCOUNT,
                              .channel_account = {.accounts = fresh, .count = fresh_count}};
    return accounts_write(store, &command, fault);
}

/* --- Accepting --- */

/* As it stands in the act; false when nobody is named who could be asked. */
static bool actor_name(const char *person, char name[ACTOR_BYTES])
{
    if (person == NULL || person[0] == '\0')
        return false;
    for (const char *at = person; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || (unsigned char)*at > '~')
            return false;
    return snprintf(name, ACTOR_BYTES, "payoutd:%s", person) < ACTOR_BYTES;
}

static const struct channel *channel_named(const struct channels *channels, const char *name)
{
    for (size_t i = 0; i < channels->count; i++)
        if (strcmp(channels->list[i].name, name) == 0)
            return &channels->list[i];
    return NULL;
}

static enum fault_kind accept_in(struct store *store, const struct channel *channel,
                                 const char *actor, struct fault *fault)
{
    AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES_MAX);
    struct channel_account *known = NULL, account = channel_account_of(channel);
    size_t count = 0;
    enum fault_kind kind = known_read(store, arena, &known, &count, fault);
    if (kind != FAULT_NONE)
        return kind;
    const struct channel_account *before = account_find(known, count, channel->number);
    if (before == NULL) {
        printf("number %d stands for no account yet: the next start writes it down\n",
               channel->number);
        return FAULT_NONE;
    }
    if (channel_account_same(before, &account)) {
        printf("number %d stands for this account already\n", channel->number);
        return FAULT_NONE;
    }
    struct command command = {
        .kind = COMMAND_CHANNEL_ACCOUNT,
        .actor = {.person = actor},
        .channel_account = {
            .accounts = &account, .count = 1, .before = before, .name = channel->name}};
    kind = accounts_write(store, &command, fault);
    if (kind == FAULT_NONE)
        printf("number %d stands for what the file of channel %s says from now on\n",
               channel->number, channel->name);
    return kind;
}

int channel_account_accept(const struct configuration *settings, const char *name,
                           const char *person)
{
    char actor[ACTOR_BYTES];
    if (!actor_name(person, actor)) {
        fprintf(stderr,
                "payoutd accept-channel: --person says who says so, in at most %d "
                "characters of ASCII\n",
                ACTOR_BYTES - (int)sizeof "payoutd:");
        return EXIT_USAGE;
    }
    AUTO(buffer_free) struct buffer errors;
    buffer_init(&errors, ERRORS_BYTES_MAX);
    struct channels channels;
    struct fault fault;
    struct store *store = NULL;
    if (!channels_read(settings, &channels, &errors)) {
        (void)fputs(buffer_text(&errors), stderr);
        return EXIT_USAGE;
    }
    const struct channel *channel = channel_named(&channels, name);
    enum fault_kind kind =
        channel == NULL
            ? fault_set(&fault, FAULT_FINAL, "there is no channel %.64s", name)
            : upgrade_store_open(settings->store_url, settings->store_migrate, &store, &fault);
    if (channel != NULL && kind == FAULT_NONE)
        kind = accept_in(store, channel, actor, &fault);
    store_close(store);
    channels_close(&channels);
    if (kind != FAULT_NONE)
        fprintf(stderr, "payoutd accept-channel: %s\n", fault.text);
    return kind == FAULT_NONE ? EXIT_SUCCESS : EXIT_FAILURE;
}
