#include "daemon/sealing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "daemon/keyfile.h"
#include "lane/lane.h"

enum { PAGE_ROWS = 256, ARENA_BYTES = 8 << 20 };

struct sealing {
    const struct vault *vault;
    struct lane *lane; /* NULL: it only looks. */
    int64_t sealed, open, damaged;
};

/* What is done with each row that has secrets; a fault ends the walk. */
struct visit {
    enum fault_kind (*merchant)(struct sealing *sealing, const struct merchant *merchant,
                                struct fault *fault);
    enum fault_kind (*user)(struct sealing *sealing, const struct user *user, struct fault *fault);
    enum fault_kind (*endpoint)(struct sealing *sealing, const struct endpoint *endpoint,
                                struct fault *fault);
};

static enum fault_kind merchants_walk(struct store_reader *reader, struct sealing *sealing,
                                      const struct visit *visit, struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    struct merchant_id after = {0};
    size_t count = PAGE_ROWS;
    while (kind == FAULT_NONE && count == PAGE_ROWS) {
        AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES);
        struct merchant *page = NULL;
        kind = store_read_merchants(reader, arena, after, PAGE_ROWS, &page, &count, fault);
        for (size_t i = 0; kind == FAULT_NONE && i < count; i++) {
            kind = visit->merchant(sealing, &page[i], fault);
            after = page[i].id;
        }
    }
    return kind;
}

static enum fault_kind users_walk(struct store_reader *reader, struct sealing *sealing,
                                  const struct visit *visit, struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    char after[USER_NAME_BYTES] = "";
    size_t count = PAGE_ROWS;
    while (kind == FAULT_NONE && count == PAGE_ROWS) {
        AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES);
        struct user *page = NULL;
        kind = store_read_users(reader, arena, (struct merchant_id){0}, after, PAGE_ROWS, &page,
                                &count, fault);
        for (size_t i = 0; kind == FAULT_NONE && i < count; i++) {
            kind = visit->user(sealing, &page[i], fault);
            memcpy(after, page[i].name, sizeof after);
        }
    }
    return kind;
}

static enum fault_kind endpoints_walk(struct store_reader *reader, struct sealing *sealing,
                                      const struct visit *visit, struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    struct merchant_id merchant = {0};
    int32_t number = 0;
    size_t count = PAGE_ROWS;
    while (kind == FAULT_NONE && count == PAGE_ROWS) {
        AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES);
        struct endpoint *page = NULL;
        kind = store_read_endpoints_after(reader, arena, merchant, number, false, PAGE_ROWS, &page,
                                          &count, fault);
        for (size_t i = 0; kind == FAULT_NONE && i < count; i++) {
            kind = visit->endpoint(sealing, &page[i], fault);
            merchant = page[i].merchant;
            number = page[i].number;
        }
    }
    return kind;
}

static enum fault_kind secrets_walk(struct store *store, struct sealing *sealing,
                                    const struct visit *visit, struct fault *fault)
{
    AUTO(store_reader_closep) struct store_reader *reader = NULL;
    enum fault_kind kind = store_reader_open(store, &reader, fault);
    if (kind == FAULT_NONE)
        kind = merchants_walk(reader, sealing, visit, fault);
    if (kind == FAULT_NONE)
        kind = users_walk(reader, sealing, visit, fault);
    return kind == FAULT_NONE ? endpoints_walk(reader, sealing, visit, fault) : kind;
}

/* --- Looking --- */

static enum fault_kind kept_look(struct sealing *sealing, const char *kept,
                                 struct vault_place place, struct fault *fault)
{
    if (!vault_knows(sealing->vault, kept))
        return fault_set(fault, FAULT_FINAL,
                         "the secrets of %s %" PRId64 " are sealed under the key %.8s, which is "
                         "not there: put the key file of this store back",
                         place.row, place.id, kept + VAULT_MARK_BYTES);
    if (!vault_current(sealing->vault, kept)) {
        if (vault_sealed(kept))
            sealing->sealed++;
        else
            sealing->open++;
    }
    return FAULT_NONE;
}

static enum fault_kind merchant_look(struct sealing *sealing, const struct merchant *merchant,
                                     struct fault *fault)
{
    struct vault_place place = merchant_secret_place(merchant->id);
    enum fault_kind kind = kept_look(sealing, merchant->secret_key, place, fault);
    return kind == FAULT_NONE ? kept_look(sealing, merchant->secret_before, place, fault) : kind;
}

static enum fault_kind user_look(struct sealing *sealing, const struct user *user,
                                 struct fault *fault)
{
    return kept_look(sealing, user->totp, user_totp_place(user->id), fault);
}

static enum fault_kind endpoint_look(struct sealing *sealing, const struct endpoint *endpoint,
                                     struct fault *fault)
{
    struct vault_place place = endpoint_secret_place(endpoint->id);
    enum fault_kind kind = kept_look(sealing, endpoint->secret_key, place, fault);
    return kind == FAULT_NONE ? kept_look(sealing, endpoint->secret_before, place, fault) : kind;
}

static const struct visit looking = {merchant_look, user_look, endpoint_look};

/* --- Sealing --- */

/* Seals what is kept of one secret anew. False: it needs nothing, or does not open. */
static bool secret_again(struct sealing *sealing, struct vault_place place, char *kept, size_t size)
{
    char secret[VAULT_SECRET_MAX + 1];
    struct fault fault;
    if (vault_current(sealing->vault, kept))
        return false;
    if (vault_open_old(sealing->vault, place, kept, secret, sizeof secret, &fault) != FAULT_NONE) {
        log_event(LOG_LEVEL_ERROR, "secret does not open", LOG_TEXT("why", fault.text));
        sealing->damaged++;
        return false;
    }
    vault_seal(sealing->vault, place, secret, kept, size);
    secret_wipe(secret, sizeof secret);
    return true;
}

static enum fault_kind change_commit(struct sealing *sealing, struct lane_job *job,
                                     struct vault_place place, struct fault *fault)
{
    enum fault_kind kind = lane_call(sealing->lane, job);
    if (kind == FAULT_NONE && job->command.code == PAYOUT_OK)
        return FAULT_NONE;
    return fault_set(fault, FAULT_FINAL, "seal the secrets of %s %" PRId64 ": code %d", place.row,
                     place.id, job->command.code);
}

static enum fault_kind merchant_seal(struct sealing *sealing, const struct merchant *merchant,
                                     struct fault *fault)
{
    struct lane_job job = {
        .command = {.kind = COMMAND_MERCHANT_CHANGE, .merchant_change = {.merchant = *merchant}}};
    struct merchant *changed = &job.command.merchant_change.merchant;
    unsigned *fields = &job.command.merchant_change.fields;
    struct vault_place place = merchant_secret_place(merchant->id);
    if (secret_again(sealing, place, changed->secret_key, sizeof changed->secret_key))
        *fields |= MERCHANT_FIELD_SECRET_KEY;
    if (secret_again(sealing, place, changed->secret_before, sizeof changed->secret_before))
        *fields |= MERCHANT_FIELD_SECRET_BEFORE;
    return *fields == 0 ? FAULT_NONE : change_commit(sealing, &job, place, fault);
}

static enum fault_kind user_seal(struct sealing *sealing, const struct user *user,
                                 struct fault *fault)
{
    struct lane_job job = {
        .command = {.kind = COMMAND_USER_CHANGE,
                    .user_change = {.fields = USER_FIELD_TOTP_SEALED, .user = *user}}};
    struct user *changed = &job.command.user_change.user;
    struct vault_place place = user_totp_place(user->id);
    if (!secret_again(sealing, place, changed->totp, sizeof changed->totp))
        return FAULT_NONE;
    return change_commit(sealing, &job, place, fault);
}

static enum fault_kind endpoint_seal(struct sealing *sealing, const struct endpoint *endpoint,
                                     struct fault *fault)
{
    struct lane_job job = {
        .command = {.kind = COMMAND_ENDPOINT_CHANGE,
                    .endpoint_change = {.fields = ENDPOINT_FIELD_SEALED, .endpoint = *endpoint}}};
    struct endpoint *changed = &job.command.endpoint_change.endpoint;
    struct vault_place place = endpoint_secret_place(endpoint->id);
    bool key = secret_again(sealing, place, changed->secret_key, sizeof changed->secret_key);
    bool before =
        secret_again(sealing, place, changed->secret_before, sizeof changed->secret_before);
    return key || before ? change_commit(sealing, &job, place, fault) : FAULT_NONE;
}

static enum fault_kind secrets_seal(struct store *store, struct sealing *sealing,
                                    struct fault *fault)
{
    static const struct visit sealing_all = {merchant_seal, user_seal, endpoint_seal};
    if (lane_open(store, &(struct lane_options){0}, &sealing->lane, fault) != FAULT_NONE)
        return fault->kind;
    lane_start(sealing->lane);
    enum fault_kind kind = secrets_walk(store, sealing, &sealing_all, fault);
    lane_stop(sealing->lane);
    lane_close(sealing->lane);
    log_event(LOG_LEVEL_WARNING, "secrets sealed", LOG_TEXT("key", vault_id(sealing->vault)),
              LOG_NUMBER("lay_open", sealing->open), LOG_NUMBER("of_older_keys", sealing->sealed),
              LOG_NUMBER("damaged", sealing->damaged));
    return kind;
}

/* --- Keys --- */

/* A fresh key with its date, as lines of a key file, before those in content. */
static enum fault_kind key_add(const char *path, char content[KEYFILE_CONTENT_BYTES],
                               struct fault *fault)
{
    char key[KEYFILE_FRESH_BYTES], day[CLOCK_TEXT_BYTES], whole[KEYFILE_CONTENT_BYTES];
    keyfile_fresh(key);
    clock_text(clock_now_ms(), day);
    enum fault_kind kind = FAULT_NONE;
    bool ours = true;
    if (snprintf(whole, sizeof whole, "# %.10s\n%s\n%s", day, key, content) >=
        (int)sizeof whole - 1)
        kind = fault_set(fault, FAULT_FINAL, "%s: it is too long", path);
    if (kind == FAULT_NONE) {
        AUTO(vault_closep) struct vault *vault = vault_make(whole, fault);
        if (vault == NULL)
            kind = fault_wrap(fault, "%s", path);
    }
    if (kind == FAULT_NONE)
        kind = content[0] == '\0' ? keyfile_first(path, whole, &ours, fault)
                                  : keyfile_write(path, whole, fault);
    if (kind == FAULT_NONE && !ours) /* Another process made one at the same moment. */
        kind = keyfile_content(path, content, fault);
    else if (kind == FAULT_NONE)
        memcpy(content, whole, sizeof whole);
    secret_wipe(key, sizeof key);
    secret_wipe(whole, sizeof whole);
    return kind;
}

static enum fault_kind vault_read(const char *path, struct store *store, struct vault **vault,
                                  struct fault *fault)
{
    char content[KEYFILE_CONTENT_BYTES];
    enum fault_kind kind = keyfile_content(path, content, fault);
    if (kind == FAULT_NONE && content[0] == '\0') {
        struct sealing none = {0};
        kind = secrets_walk(store, &none, &looking, fault);
        if (kind != FAULT_NONE)
            (void)fault_wrap(fault, "%s is not there", path);
        else
            kind = key_add(path, content, fault);
        if (kind == FAULT_NONE)
            log_event(LOG_LEVEL_WARNING, "key made: keep a copy of it apart from the store's",
                      LOG_TEXT("file", path));
    }
    if (kind == FAULT_NONE && (*vault = vault_make(content, fault)) == NULL)
        kind = fault_wrap(fault, "%s", path);
    secret_wipe(content, sizeof content);
    return kind;
}

enum fault_kind sealing_open(const char *path, struct store *store, struct vault **vault,
                             struct fault *fault)
{
    *vault = NULL;
    enum fault_kind kind = FAULT_NONE;
    if (path[0] != '\0')
        kind = vault_read(path, store, vault, fault);
    struct sealing sealing = {.vault = *vault};
    if (kind == FAULT_NONE)
        kind = secrets_walk(store, &sealing, &looking, fault);
    if (kind == FAULT_NONE && *vault == NULL)
        log_event(LOG_LEVEL_WARNING, "secrets lie open in the store: [secrets] key_file is empty");
    if (kind == FAULT_NONE && sealing.open + sealing.sealed > 0)
        kind = secrets_seal(store, &sealing, fault);
    if (kind == FAULT_NONE)
        return kind;
    vault_close(*vault);
    *vault = NULL;
    return fault_wrap(fault, "[secrets] key_file");
}

int sealing_rekey(const char *path)
{
    struct fault fault;
    char content[KEYFILE_CONTENT_BYTES];
    enum fault_kind kind = FAULT_NONE;
    if (path[0] == '\0')
        kind = fault_set(&fault, FAULT_FINAL, "[secrets] key_file is empty");
    if (kind == FAULT_NONE)
        kind = keyfile_content(path, content, &fault);
    if (kind == FAULT_NONE)
        kind = key_add(path, content, &fault);
    AUTO(vault_closep) struct vault *vault = NULL;
    if (kind == FAULT_NONE && (vault = vault_make(content, &fault)) == NULL)
        kind = fault.kind;
    secret_wipe(content, sizeof content);
    if (kind != FAULT_NONE) {
        fprintf(stderr, "payoutd rekey: %s\n", fault.text);
        return EXIT_FAILURE;
    }
    printf("%s has a new first key, %s. At its next start payoutd seals all secrets under it.\n"
           "Copy the file to where you keep it. Keys below the first are needed by backups that "
           "were made before that start.\n",
           path, vault_id(vault));
    return EXIT_SUCCESS;
}
