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

enum { PAGE_MERCHANTS = 256, ARENA_BYTES = 8 << 20 };

struct sealing {
    const struct vault *vault;
    struct lane *lane; /* NULL: it only looks. */
    int64_t sealed, open, damaged;
};

/* Calls take for each merchant; a fault of it ends the walk. */
static enum fault_kind merchants_walk(struct store *store, struct sealing *sealing,
                                      enum fault_kind (*take)(struct sealing *sealing,
                                                              const struct merchant *merchant,
                                                              struct fault *fault),
                                      struct fault *fault)
{
    AUTO(store_reader_closep) struct store_reader *reader = NULL;
    enum fault_kind kind = store_reader_open(store, &reader, fault);
    struct merchant_id after = {0};
    size_t count = PAGE_MERCHANTS;
    while (kind == FAULT_NONE && count == PAGE_MERCHANTS) {
        AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES);
        struct merchant *page = NULL;
        kind = store_read_merchants(reader, arena, after, PAGE_MERCHANTS, &page, &count, fault);
        for (size_t i = 0; kind == FAULT_NONE && i < count; i++) {
            kind = take(sealing, &page[i], fault);
            after = page[i].id;
        }
    }
    return kind;
}

/* --- Looking --- */

static enum fault_kind merchant_look(struct sealing *sealing, const struct merchant *merchant,
                                     struct fault *fault)
{
    const char *const kept[] = {merchant->secret_key, merchant->secret_before};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        if (!vault_knows(sealing->vault, kept[i]))
            return fault_set(fault, FAULT_FINAL,
                             "the secrets of merchant %" PRId64 " are sealed under the key %.8s, "
                             "which is not there: put the key file of this store back",
                             merchant->id.value, kept[i] + VAULT_MARK_BYTES);
        if (vault_current(sealing->vault, kept[i]))
            continue;
        if (vault_sealed(kept[i]))
            sealing->sealed++;
        else
            sealing->open++;
    }
    return FAULT_NONE;
}

/* --- Sealing --- */

/* Seals what is kept of one secret anew. False: it needs nothing, or does not open. */
static bool secret_again(struct sealing *sealing, struct merchant_id id,
                         char kept[MERCHANT_SEALED_BYTES])
{
    char secret[MERCHANT_KEY_BYTES];
    struct fault fault;
    if (vault_current(sealing->vault, kept))
        return false;
    if (vault_open_old(sealing->vault, merchant_secret_place(id), kept, secret, sizeof secret,
                       &fault) != FAULT_NONE) {
        log_event(LOG_LEVEL_ERROR, "secret does not open", LOG_TEXT("why", fault.text));
        sealing->damaged++;
        return false;
    }
    vault_seal(sealing->vault, merchant_secret_place(id), secret, kept, MERCHANT_SEALED_BYTES);
    secret_wipe(secret, sizeof secret);
    return true;
}

static enum fault_kind merchant_seal(struct sealing *sealing, const struct merchant *merchant,
                                     struct fault *fault)
{
    struct lane_job job = {
        .command = {.kind = COMMAND_MERCHANT_CHANGE, .merchant_change = {.merchant = *merchant}}};
    struct merchant *changed = &job.command.merchant_change.merchant;
    unsigned *fields = &job.command.merchant_change.fields;
    if (secret_again(sealing, merchant->id, changed->secret_key))
        *fields |= MERCHANT_FIELD_SECRET_KEY;
    if (secret_again(sealing, merchant->id, changed->secret_before))
        *fields |= MERCHANT_FIELD_SECRET_BEFORE;
    if (*fields == 0)
        return FAULT_NONE;
    enum fault_kind kind = lane_call(sealing->lane, &job);
    if (kind == FAULT_NONE && job.command.code == PAYOUT_OK)
        return FAULT_NONE;
    return fault_set(fault, FAULT_FINAL, "seal the secrets of merchant %" PRId64 ": code %d",
                     merchant->id.value, job.command.code);
}

static enum fault_kind secrets_seal(struct store *store, struct sealing *sealing,
                                    struct fault *fault)
{
    if (lane_open(store, &(struct lane_options){0}, &sealing->lane, fault) != FAULT_NONE)
        return fault->kind;
    lane_start(sealing->lane);
    enum fault_kind kind = merchants_walk(store, sealing, merchant_seal, fault);
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
    if (snprintf(whole, sizeof whole, "# %.10s\n%s\n%s", day, key, content) >=
        (int)sizeof whole - 1)
        kind = fault_set(fault, FAULT_FINAL, "%s: it is too long", path);
    if (kind == FAULT_NONE) {
        AUTO(vault_closep) struct vault *vault = vault_make(whole, fault);
        if (vault == NULL)
            kind = fault_wrap(fault, "%s", path);
    }
    if (kind == FAULT_NONE)
        kind = keyfile_write(path, whole, fault);
    if (kind == FAULT_NONE)
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
        kind = merchants_walk(store, &none, merchant_look, fault);
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
        kind = merchants_walk(store, &sealing, merchant_look, fault);
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
