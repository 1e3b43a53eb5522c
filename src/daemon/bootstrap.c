#include "daemon/bootstrap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/random.h"
#include "daemon/keyfile.h"
#include "lane/lane.h"
#include "store/store.h"
#include "wire/signature.h"

#define SANDBOX_MONEY   INT64_C(1000000000)
#define SANDBOX_IP_LIST "127.0.0.0/8 ::1 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16"

enum {
    APIKEY_CHARACTERS = 32,
    PASSWORD_CHARACTERS = 24,
    CONSOLE_CHARACTERS = 16,
    ARENA_BYTES = 1 << 20,
    CREDENTIALS_BYTES_MAX = 1 << 16
};

#define TEXT(member, help)                                                                         \
    {                                                                                              \
        "default", #member, CONFIG_TEXT, offsetof(struct credentials, member), 0,                  \
            BOOTSTRAP_TEXT_BYTES, "", NULL, false, help                                            \
    }
static const struct config_entry entries[] = {
    TEXT(url, "Where payoutd answers."),    TEXT(apikey, "The merchant's API key."),
    TEXT(password, "Its API password."),    TEXT(secret, "Signs its notifications."),
    TEXT(admin_token, "Of the admin API."),
};
static const struct config config = {entries, sizeof entries / sizeof *entries, "PAYOUT_"};

enum fault_kind bootstrap_folder(struct fault *fault)
{
    if (mkdir(BOOTSTRAP_FOLDER, 0700) != 0 && errno != EEXIST)
        return fault_set(fault, FAULT_FINAL, "make the folder %s: %s", BOOTSTRAP_FOLDER,
                         strerror(errno));
    return FAULT_NONE;
}

/* The first merchant there is; value 0 when there is none. */
static enum fault_kind merchant_find(struct service *service, struct merchant_id *id,
                                     struct fault *fault)
{
    *id = (struct merchant_id){0};
    AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES);
    AUTO(store_reader_closep) struct store_reader *reader = NULL;
    struct merchant *found = NULL;
    size_t count = 0;
    enum fault_kind kind = store_reader_open(service->store, &reader, fault);
    if (kind == FAULT_NONE)
        kind =
            store_read_merchants(reader, arena, (struct merchant_id){0}, 1, &found, &count, fault);
    if (kind == FAULT_NONE && count > 0)
        *id = found->id;
    return kind;
}

/* FAULT_FINAL when the command was refused. */
static enum fault_kind command_do(struct service *service, struct lane_job *job,
                                  struct fault *fault)
{
    enum fault_kind kind = lane_call(service->lane, job);
    if (kind == FAULT_NONE && job->command.code == PAYOUT_OK)
        return FAULT_NONE;
    return fault_set(fault, FAULT_FINAL, "set the sandbox up: %s: code %d",
                     command_kind_text(job->command.kind), job->command.code);
}

/* Its id is set. */
static void merchant_keys_set(const struct service *service, struct merchant *merchant,
                              const struct credentials *credentials)
{
    vault_seal(service->vault, merchant_secret_place(merchant->id), credentials->secret,
               merchant->secret_key, sizeof merchant->secret_key);
    secret_password_hash(credentials->password, strlen(credentials->password),
                         merchant->password_hash);
}

static enum fault_kind merchant_make(struct service *service, const struct credentials *credentials,
                                     struct fault *fault)
{
    struct lane_job job = {.command = {.kind = COMMAND_MERCHANT_CREATE}};
    struct merchant *merchant = &job.command.merchant_create.merchant;
    *merchant = (struct merchant){
        .id = {MERCHANT_ID_MIN + (int64_t)random_below(UINT32_MAX)},
        .name = "Sandbox",
        .ip_list = SANDBOX_IP_LIST,
        .currency = CURRENCY_XOF,
        .lot_expiry_ms = MERCHANT_LOT_EXPIRY_MS_DEFAULT,
    };
    (void)snprintf(merchant->apikey, sizeof merchant->apikey, "%.63s", credentials->apikey);
    merchant_keys_set(service, merchant, credentials);
    struct merchant_id id = merchant->id;
    if (command_do(service, &job, fault) != FAULT_NONE)
        return fault->kind;
    struct lane_job funding = {.command = {.kind = COMMAND_FUND,
                                           .fund = {.merchant = id,
                                                    .kind = MOVEMENT_TOP_UP,
                                                    .amount = {SANDBOX_MONEY, CURRENCY_XOF},
                                                    .reference = "sandbox"}}};
    return command_do(service, &funding, fault);
}

/* The merchant is there and its credentials' file is not: it gets others. */
static enum fault_kind merchant_rekey(struct service *service, struct merchant_id id,
                                      struct credentials *credentials, struct fault *fault)
{
    struct lane_job job = {.command = {.kind = COMMAND_MERCHANT_CHANGE}};
    job.command.merchant_change.fields = MERCHANT_FIELD_PASSWORD_HASH | MERCHANT_FIELD_SECRET_KEY;
    struct merchant *merchant = &job.command.merchant_change.merchant;
    merchant->id = id;
    merchant_keys_set(service, merchant, credentials);
    if (command_do(service, &job, fault) != FAULT_NONE)
        return fault->kind;
    AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES);
    AUTO(store_reader_closep) struct store_reader *reader = NULL;
    struct merchant *stored = NULL;
    if (store_reader_open(service->store, &reader, fault) != FAULT_NONE ||
        store_read_merchant(reader, arena, id, &stored, fault) != FAULT_NONE)
        return fault->kind;
    invariant(stored != NULL);
    (void)snprintf(credentials->apikey, sizeof credentials->apikey, "%s", stored->apikey);
    return FAULT_NONE;
}

static void credentials_make(struct credentials *credentials)
{
    random_text(credentials->apikey, APIKEY_CHARACTERS + 1);
    random_text(credentials->password, PASSWORD_CHARACTERS + 1);
    signature_secret_make(credentials->secret);
}

enum fault_kind bootstrap_merchant(struct service *service, const struct configuration *settings,
                                   struct credentials *credentials, struct fault *fault)
{
    AUTO(buffer_free) struct buffer text;
    buffer_init(&text, CREDENTIALS_BYTES_MAX);
    *credentials = (struct credentials){0};
    struct merchant_id id;
    if (merchant_find(service, &id, fault) != FAULT_NONE)
        return fault->kind;
    bool kept = access(BOOTSTRAP_CREDENTIALS, R_OK) == 0;
    if (kept && !config_file(&config, BOOTSTRAP_CREDENTIALS, credentials, &text))
        return fault_set(fault, FAULT_FINAL, "%.200s", buffer_text(&text));
    bool known = id.value != 0 && credentials->apikey[0] != '\0';
    if (!known)
        credentials_make(credentials);
    enum fault_kind kind = FAULT_NONE;
    if (id.value == 0)
        kind = merchant_make(service, credentials, fault);
    else if (!known)
        kind = merchant_rekey(service, id, credentials, fault);
    char key[KEYFILE_BYTES_MAX + 1] = "";
    if (kind == FAULT_NONE && settings->admin_token_file[0] != '\0')
        kind = keyfile_read(settings->admin_token_file, key, fault);
    if (kind != FAULT_NONE)
        return kind;
    (void)snprintf(credentials->admin_token, sizeof credentials->admin_token, "%s", key);
    (void)snprintf(credentials->url, sizeof credentials->url, "http://127.0.0.1:%d",
                   http_port(service->http));
    buffer_clear(&text);
    config_write(&config, credentials, &text);
    return keyfile_write(BOOTSTRAP_CREDENTIALS, buffer_text(&text), fault);
}

/* --- Persons --- */

/* Makes the user, or gives it this password when it has another. */
static enum fault_kind user_hold(struct service *service, struct store_reader *reader,
                                 struct arena *arena, const struct user *wanted,
                                 const char *password, struct fault *fault)
{
    struct user *there = NULL;
    if (store_read_user(reader, arena, wanted->name, &there, fault) != FAULT_NONE)
        return fault->kind;
    size_t length = strlen(password);
    if (there != NULL && secret_password_matches(there->password_hash, password, length))
        return FAULT_NONE;
    struct user user = there == NULL ? *wanted : *there;
    secret_password_hash(password, length, user.password_hash);
    user.must_change = false;
    if (there == NULL)
        user.id = 1 + (int64_t)random_below(UINT32_MAX);
    struct lane_job job = {.command = {.kind = COMMAND_USER_CREATE, .user_create = {.user = user}}};
    if (there != NULL)
        job.command =
            (struct command){.kind = COMMAND_USER_CHANGE,
                             .user_change = {.fields = USER_FIELD_PASSWORD, .user = user}};
    return command_do(service, &job, fault);
}

/* The password of before, or a new one, which is written down. */
static enum fault_kind password_hold(char password[BOOTSTRAP_TEXT_BYTES], struct fault *fault)
{
    char kept[KEYFILE_CONTENT_BYTES];
    if (keyfile_content(BOOTSTRAP_CONSOLE, kept, fault) != FAULT_NONE)
        return fault->kind;
    kept[strcspn(kept, "\r\n")] = '\0';
    if (strlen(kept) < USER_PASSWORD_BYTES_MIN)
        random_text(kept, CONSOLE_CHARACTERS + 1);
    (void)snprintf(password, BOOTSTRAP_TEXT_BYTES, "%.200s", kept);
    return keyfile_write(BOOTSTRAP_CONSOLE, password, fault);
}

enum fault_kind bootstrap_console(struct service *service, struct credentials *credentials,
                                  struct fault *fault)
{
    AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES);
    AUTO(store_reader_closep) struct store_reader *reader = NULL;
    struct merchant_id merchant;
    if (merchant_find(service, &merchant, fault) != FAULT_NONE ||
        password_hold(credentials->console_password, fault) != FAULT_NONE ||
        store_reader_open(service->store, &reader, fault) != FAULT_NONE)
        return fault->kind;
    const struct user owner = {.name = BOOTSTRAP_USER, .role = USER_OWNER, .merchant = merchant};
    const struct user ours = {.name = BOOTSTRAP_ADMIN, .role = USER_PLATFORM};
    const char *password = credentials->console_password;
    enum fault_kind kind = user_hold(service, reader, arena, &owner, password, fault);
    return kind == FAULT_NONE ? user_hold(service, reader, arena, &ours, password, fault) : kind;
}

void bootstrap_print(const struct credentials *credentials)
{
    const char *url = credentials->url;
    printf("payoutd sandbox: pays nobody, answers like the real thing.\n\n"
           "  base URL   %s\n  apikey     %s\n  password   %s\n  secret     %s   (signs "
           "notifications)\n  money      in the account: `payout balance`\n  data       ./%s "
           "(delete it to begin anew)\n\n",
           url, credentials->apikey, credentials->password, credentials->secret, BOOTSTRAP_FOLDER);
    if (credentials->console_password[0] != '\0')
        printf("The console: %s/console\n  user       %s (%s is the platform's own)\n"
               "  password   %s\n\n",
               url, BOOTSTRAP_USER, BOOTSTRAP_ADMIN, credentials->console_password);
    printf("Pay somebody:\n"
           "  TOKEN=$(curl -s %s/v1/auth/login -d apikey=%s -d password=%s | sed "
           "'s/.*\"token\":\"\\([^\"]*\\).*/\\1/')\n",
           url, credentials->apikey, credentials->password);
    printf("  curl \"%s/v1/transfer/contact?lang=en&token=$TOKEN\" --data-urlencode "
           "'data=[{\"prefix\":\"225\",\"phone\":\"0707895086\",\"name\":\"Awa\",\"surname\":"
           "\"Koné\",\"email\":\"awa@example.com\"}]'\n",
           url);
    printf("  curl \"%s/v1/transfer/money/send/contact?lang=en&token=$TOKEN\" --data-urlencode "
           "'data=[{\"prefix\":\"225\",\"phone\":\"0707895086\",\"amount\":500,\"notify_url\":"
           "\"http://127.0.0.1:9090/\",\"client_transaction_id\":\"first-1\"}]'\n",
           url);
    printf("  curl \"%s/v1/transfer/check/money?lang=en&token=$TOKEN&client_transaction_id="
           "first-1\"\n\n"
           "or: payout --config %s balance\n\n",
           url, BOOTSTRAP_CREDENTIALS);
    (void)fflush(stdout);
}
