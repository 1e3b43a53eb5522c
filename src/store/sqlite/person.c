/* What persons did. */
#include "store/sqlite/sqlite.h"

static struct connection *connection_of(struct store_reader *reader)
{
    return &((struct sqlite_reader *)(void *)reader)->connection;
}

enum fault_kind person_load(struct connection *writer, struct book *book, struct fault *fault)
{
    struct query query;
    if (!book->acts_wanted)
        return FAULT_NONE;
    book->act_head = (struct act_head){0};
    query_begin(&query, writer, STATEMENT_ACT_HEAD_FIND, NULL);
    if (query_next(&query))
        row_get_act_head(&query, &book->act_head);
    return query_end(&query, fault);
}

enum fault_kind person_save(struct connection *writer, struct book *book, struct fault *fault)
{
    struct query query;
    enum fault_kind kind = FAULT_NONE;
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
