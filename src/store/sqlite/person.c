/* Persons, their sessions, and what they did. Columns as in sqlite.h. */
#include "store/sqlite/sqlite.h"

static struct connection *connection_of(struct store_reader *reader)
{
    return &((struct sqlite_reader *)(void *)reader)->connection;
}

static void user_get(struct query *query, struct user *user)
{
    query_get_chars(query, user->name, sizeof user->name);
    user->id = query_get(query);
    user->merchant.value = query_get(query);
    user->role = (enum user_role)query_get_enum(query, USER_OWNER, USER_ROLE_END);
    query_get_chars(query, user->mail, sizeof user->mail);
    query_get_chars(query, user->password_hash, sizeof user->password_hash);
    query_get_chars(query, user->totp, sizeof user->totp);
    user->totp_on = query_get_bool(query);
    user->totp_step = query_get(query);
    query_get_chars(query, user->recovery, sizeof user->recovery);
    user->disabled = query_get_bool(query);
    user->must_change = query_get_bool(query);
    user->failures = query_get_32(query);
    user->created_at_ms = query_get(query);
}

static void user_put(struct query *query, const struct user *user)
{
    query_put_text(query, user->name);
    query_put(query, user->id);
    query_put(query, user->merchant.value);
    query_put(query, user->role);
    query_put_text(query, user->mail);
    query_put_text(query, user->password_hash);
    query_put_text(query, user->totp);
    query_put(query, user->totp_on);
    query_put(query, user->totp_step);
    query_put_text(query, user->recovery);
    query_put(query, user->disabled);
    query_put(query, user->must_change);
    query_put(query, user->failures);
    query_put(query, user->created_at_ms);
}

enum fault_kind person_load(struct connection *writer, struct book *book, struct fault *fault)
{
    struct query query;
    for (struct book_row *row = book->users.wanted; row != NULL; row = row->next) {
        struct user *user = &((struct user_row *)(void *)row)->user;
        query_begin(&query, writer, STATEMENT_USER_FIND, book->arena);
        query_put_text(&query, user->name);
        bool found = query_next(&query);
        row->state = found ? ROW_STORED : ROW_ABSENT;
        if (found)
            user_get(&query, user);
        enum fault_kind kind = query_end(&query, fault);
        if (kind != FAULT_NONE)
            return kind;
    }
    if (!book->acts_wanted)
        return FAULT_NONE;
    book->act_head = (struct act_head){0};
    query_begin(&query, writer, STATEMENT_ACT_HEAD_FIND, NULL);
    if (query_next(&query))
        row_get_act_head(&query, &book->act_head);
    return query_end(&query, fault);
}

static enum fault_kind sessions_save(struct connection *writer, const struct book *book,
                                     struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    for (const struct session_line *line = book->sessions; line != NULL && kind == FAULT_NONE;
         line = line->next) {
        static const enum statement_id statements[] = {[SESSION_BEGIN] = STATEMENT_SESSION_ADD,
                                                       [SESSION_SEEN] = STATEMENT_SESSION_SEE,
                                                       [SESSION_END] = STATEMENT_SESSION_STOP,
                                                       [SESSION_TURN] = STATEMENT_SESSION_TURN,
                                                       [SESSION_END_ALL] =
                                                           STATEMENT_SESSION_STOP_ALL};
        const struct session *session = &line->session;
        struct query query;
        query_begin(&query, writer, statements[line->kind], NULL);
        if (line->kind == SESSION_END_ALL)
            query_put_text(&query, session->user);
        else
            query_put_bytes(&query, session->hash, sizeof session->hash);
        if (line->kind == SESSION_BEGIN) {
            query_put_text(&query, session->user);
            query_put_text(&query, session->from);
            query_put(&query, session->created_at_ms);
        }
        if (line->kind == SESSION_BEGIN || line->kind == SESSION_SEEN)
            query_put(&query, session->seen_at_ms);
        if (line->kind == SESSION_TURN)
            query_put_bytes(&query, line->turned, sizeof line->turned);
        else if (line->kind != SESSION_SEEN)
            query_put(&query, session->ended_at_ms);
        kind = query_run(&query, fault);
    }
    return kind;
}

static enum fault_kind switches_save(struct connection *writer, const struct book *book,
                                     struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    for (const struct switch_line *line = book->switches; line != NULL && kind == FAULT_NONE;
         line = line->next) {
        struct query query;
        query_begin(&query, writer, STATEMENT_CHANNEL_SWITCH_SET, NULL);
        query_put(&query, line->word.channel);
        query_put(&query, line->word.off ? 1 : 0);
        query_put_text(&query, line->word.person);
        query_put_text(&query, line->word.reason);
        query_put(&query, line->word.at_ms);
        kind = query_run(&query, fault);
    }
    return kind;
}

static enum fault_kind channel_accounts_save(struct connection *writer, const struct book *book,
                                             struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    for (const struct channel_account_line *line = book->channel_accounts;
         line != NULL && kind == FAULT_NONE; line = line->next) {
        struct query query;
        query_begin(&query, writer, STATEMENT_CHANNEL_ACCOUNT_SET, NULL);
        query_put(&query, line->account.channel);
        query_put_text(&query, line->account.connector);
        query_put_text(&query, line->account.url);
        query_put_text(&query, line->account.account);
        query_put_text(&query, line->account.environment);
        query_put(&query, line->account.at_ms);
        kind = query_run(&query, fault);
    }
    return kind;
}

enum fault_kind person_save(struct connection *writer, struct book *book, struct fault *fault)
{
    struct query query;
    enum fault_kind kind = FAULT_NONE;
    for (const struct book_row *row = book->users.first; row != NULL && kind == FAULT_NONE;
         row = row->next) {
        if (row->state != ROW_NEW && row->state != ROW_CHANGED)
            continue;
        query_begin(&query, writer, STATEMENT_USER_SET, NULL);
        user_put(&query, &((const struct user_row *)(const void *)row)->user);
        kind = query_run(&query, fault);
    }
    if (kind == FAULT_NONE)
        kind = sessions_save(writer, book, fault);
    if (kind == FAULT_NONE)
        kind = switches_save(writer, book, fault);
    if (kind == FAULT_NONE)
        kind = channel_accounts_save(writer, book, fault);
    for (const struct act_line *line = book->acts; line != NULL && kind == FAULT_NONE;
         line = line->next) {
        query_begin(&query, writer, STATEMENT_ACT_ADD, NULL);
        row_put_act(&query, &line->act);
        kind = query_run(&query, fault);
    }
    if (book->acts == NULL || kind != FAULT_NONE)
        return kind;
    query_begin(&query, writer, STATEMENT_ACT_HEAD_ADD, NULL);
    query_put(&query, book->act_head.last_act_id);
    query_put_bytes(&query, book->act_head.hash, sizeof book->act_head.hash);
    return query_run(&query, fault);
}

enum fault_kind sqlite_read_acts(struct store_reader *reader, struct arena *arena,
                                 const struct act_filter *filter, size_t limit, struct act **acts,
                                 size_t *count, struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct act)};
    bool of_merchant = filter->merchant.value != 0, of_person = filter->person != NULL;
    query_begin(&query, connection_of(reader),
                of_merchant && of_person ? STATEMENT_ACTS_OF_BOTH
                : of_merchant            ? STATEMENT_ACTS_OF_MERCHANT
                : of_person              ? STATEMENT_ACTS_OF_PERSON
                                         : STATEMENT_ACTS,
                arena);
    query_put(&query, filter->before_id > 0 ? filter->before_id : INT64_MAX);
    query_put(&query, filter->since_ms);
    query_put_limit(&query, limit);
    if (of_merchant)
        query_put(&query, filter->merchant.value);
    if (of_person)
        query_put_text(&query, filter->person);
    while (query_next(&query))
        row_get_act(&query, row_list_add(&list));
    *acts = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_user(struct store_reader *reader, struct arena *arena, const char *name,
                                 struct user **user, struct fault *fault)
{
    struct query query;
    *user = NULL;
    query_begin(&query, connection_of(reader), STATEMENT_USER_FIND, arena);
    query_put_text(&query, name);
    if (query_next(&query)) {
        *user = arena_alloc(arena, 1, sizeof **user);
        user_get(&query, *user);
    }
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_users(struct store_reader *reader, struct arena *arena,
                                  struct merchant_id merchant, const char *after, size_t limit,
                                  struct user **users, size_t *count, struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct user)};
    bool all = merchant.value == 0;
    query_begin(&query, connection_of(reader), all ? STATEMENT_USERS : STATEMENT_USERS_OF, arena);
    query_put_text(&query, after);
    query_put_limit(&query, limit);
    if (!all)
        query_put(&query, merchant.value);
    while (query_next(&query))
        user_get(&query, row_list_add(&list));
    *users = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_channel_switches(struct store_reader *reader, struct arena *arena,
                                             struct channel_switch **switches, size_t *count,
                                             struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct channel_switch)};
    query_begin(&query, connection_of(reader), STATEMENT_CHANNEL_SWITCHES, arena);
    while (query_next(&query)) {
        struct channel_switch *word = row_list_add(&list);
        word->channel = (int)query_get(&query);
        word->off = query_get(&query) != 0;
        word->person = query_get_text(&query);
        word->reason = query_get_text(&query);
        word->at_ms = query_get(&query);
    }
    *switches = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_channel_accounts(struct store_reader *reader, struct arena *arena,
                                             struct channel_account **accounts, size_t *count,
                                             struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct channel_account)};
    query_begin(&query, connection_of(reader), STATEMENT_CHANNEL_ACCOUNTS, arena);
    while (query_next(&query)) {
        struct channel_account *account = row_list_add(&list);
        account->channel = (int)query_get(&query);
        account->connector = query_get_text(&query);
        account->url = query_get_text(&query);
        account->account = query_get_text(&query);
        account->environment = query_get_text(&query);
        account->at_ms = query_get(&query);
    }
    *accounts = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_session(struct store_reader *reader, struct arena *arena,
                                    const uint8_t hash[SECRET_HASH_BYTES], struct session **session,
                                    struct user **user, struct fault *fault)
{
    struct query query;
    *session = NULL;
    *user = NULL;
    query_begin(&query, connection_of(reader), STATEMENT_SESSION_FIND, arena);
    query_put_bytes(&query, hash, SECRET_HASH_BYTES);
    if (query_next(&query)) {
        struct session *found = arena_alloc(arena, 1, sizeof *found);
        query_get_bytes(&query, found->hash, sizeof found->hash);
        found->user = query_get_text(&query);
        found->from = query_get_text(&query);
        found->created_at_ms = query_get(&query);
        found->seen_at_ms = query_get(&query);
        found->ended_at_ms = query_get(&query);
        *session = found;
        *user = arena_alloc(arena, 1, sizeof **user);
        user_get(&query, *user);
    }
    return query_end(&query, fault);
}
