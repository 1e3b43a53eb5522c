#include "store/move.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/secret.h"
#include "store/backend.h"

enum { PROGRESS_ROWS = 20000, ROW_BYTES_MAX = 64 * 1024 * 1024 };

/* What a table holds, whatever the order of its rows: their number, and the sum of their hashes. */
struct digest {
    int64_t rows;
    uint64_t sum;
};

struct move {
    struct flow *from, *into;
    struct digest sent[FLOW_TABLES_MAX]; /* By into's tables. */
    struct buffer row;
};

/* One table on its way. */
struct passage {
    struct move *move;
    const struct flow_table *table;
    bool writes;
    struct digest digest;
    move_progress *progress;
    void *context;
    enum fault_kind kind;
    struct fault *fault;
};

bool flow_add_table(struct flow *flow, const char *name)
{
    if (flow->count == FLOW_TABLES_MAX || strlen(name) >= FLOW_NAME_BYTES)
        return false;
    struct flow_table *table = &flow->tables[flow->count++];
    memcpy(table->name, name, strlen(name) + 1);
    return true;
}

bool flow_add_column(struct flow *flow, const char *name, enum flow_kind kind, int size)
{
    invariant(flow->count > 0);
    struct flow_table *table = &flow->tables[flow->count - 1];
    if (table->count == FLOW_COLUMNS_MAX || strlen(name) >= FLOW_NAME_BYTES)
        return false;
    struct flow_column *column = &table->columns[table->count++];
    *column = (struct flow_column){.kind = kind, .size = size};
    memcpy(column->name, name, strlen(name) + 1);
    return true;
}

/* --- The same on both sides --- */

static const struct flow_table *table_named(const struct flow *flow, const char *name)
{
    for (size_t i = 0; i < flow->count; i++)
        if (strcmp(flow->tables[i].name, name) == 0)
            return &flow->tables[i];
    return NULL;
}

static const struct flow_column *column_named(const struct flow_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    return NULL;
}

/* What of one has no place in the other. */
static enum fault_kind flow_fits(const struct flow *one, const struct flow *other,
                                 struct fault *fault)
{
    for (size_t i = 0; i < one->count; i++) {
        const struct flow_table *table = &one->tables[i];
        const struct flow_table *same = table_named(other, table->name);
        if (same == NULL)
            return fault_set(fault, FAULT_FINAL, "the table %s is in one of the two stores only",
                             table->name);
        for (size_t j = 0; j < table->count; j++) {
            const struct flow_column *column = column_named(same, table->columns[j].name);
            if (column == NULL || column->kind != table->columns[j].kind)
                return fault_set(fault, FAULT_FINAL,
                                 "the column %s of %s is in one of the two stores only",
                                 table->columns[j].name, table->name);
        }
    }
    return FAULT_NONE;
}

/* The same columns in the order of like. */
static void table_in_order(const struct flow_table *table, const struct flow_table *like,
                           struct flow_table *ordered)
{
    *ordered = *like;
    for (size_t i = 0; i < like->count; i++) {
        const struct flow_column *column = column_named(table, like->columns[i].name);
        invariant(column != NULL);
        ordered->columns[i] = *column;
    }
}

/* --- Opening --- */

static enum fault_kind ends_open(struct move *move, const char *from, const char *into, bool again,
                                 struct fault *fault)
{
    const char *from_rest, *into_rest;
    const struct backend *source = backend_of(from, &from_rest, fault);
    const struct backend *destination = source == NULL ? NULL : backend_of(into, &into_rest, fault);
    if (destination == NULL)
        return FAULT_FINAL;
    enum fault_kind kind = source->flow->open_from(from_rest, &move->from, fault);
    if (kind != FAULT_NONE)
        return fault_wrap(fault, "open the source");
    kind = destination->flow->open_into(into_rest, again, &move->into, fault);
    if (kind != FAULT_NONE)
        return fault_wrap(fault, "open the destination");
    kind = flow_fits(move->from, move->into, fault);
    return kind == FAULT_NONE ? flow_fits(move->into, move->from, fault) : kind;
}

enum fault_kind move_open(const char *from, const char *into, bool again, struct move **move,
                          struct fault *fault)
{
    struct move *opened = calloc(1, sizeof *opened);
    invariant(opened != NULL);
    buffer_init(&opened->row, ROW_BYTES_MAX);
    enum fault_kind kind = ends_open(opened, from, into, again, fault);
    if (kind != FAULT_NONE) {
        move_close(opened);
        return kind;
    }
    *move = opened;
    return FAULT_NONE;
}

void move_close(struct move *move)
{
    if (move == NULL)
        return;
    if (move->from != NULL)
        move->from->backend->flow->close(move->from);
    if (move->into != NULL)
        move->into->backend->flow->close(move->into);
    buffer_free(&move->row);
    free(move);
}

/* --- Rows --- */

static uint64_t row_hash(struct buffer *row, const struct flow_value *values, size_t count)
{
    buffer_clear(row);
    for (size_t i = 0; i < count; i++) {
        const struct flow_value *value = &values[i];
        int64_t head[2] = {(int64_t)value->kind,
                           value->kind == FLOW_NUMBER ? value->number : (int64_t)value->length};
        buffer_append(row, head, sizeof head);
        if (value->kind == FLOW_TEXT || value->kind == FLOW_BYTES)
            buffer_append(row, value->bytes, value->length);
    }
    invariant(buffer_ok(row));
    return secret_table_hash(row->bytes, row->length);
}

static bool row_take(void *context, const struct flow_value *values)
{
    struct passage *passage = context;
    struct flow *into = passage->move->into;
    passage->digest.rows++;
    passage->digest.sum += row_hash(&passage->move->row, values, passage->table->count);
    if (passage->digest.rows % PROGRESS_ROWS == 0)
        passage->progress(passage->context, passage->table->name, passage->digest.rows);
    if (passage->writes)
        passage->kind = into->backend->flow->write(into, passage->table, values, passage->fault);
    return passage->kind == FAULT_NONE;
}

static enum fault_kind table_pass(struct passage *passage, struct flow *of)
{
    const struct flow_table *table = table_named(of, passage->table->name);
    struct flow_table *ordered = malloc(sizeof *ordered);
    invariant(ordered != NULL && table != NULL);
    table_in_order(table, passage->table, ordered);
    enum fault_kind kind = of->backend->flow->read(of, ordered, row_take, passage, passage->fault);
    free(ordered);
    if (passage->kind != FAULT_NONE)
        kind = passage->kind;
    passage->progress(passage->context, passage->table->name, passage->digest.rows);
    return kind == FAULT_NONE ? kind : fault_wrap(passage->fault, "copy %s", passage->table->name);
}

enum fault_kind move_rows(struct move *move, move_progress *progress, void *context,
                          struct fault *fault)
{
    const struct flow_backend *into = move->into->backend->flow;
    enum fault_kind kind = FAULT_NONE;
    for (size_t i = 0; i < move->into->count && kind == FAULT_NONE; i++) {
        const struct flow_table *table = &move->into->tables[i];
        struct passage passage = {.move = move,
                                  .table = table,
                                  .writes = true,
                                  .progress = progress,
                                  .context = context,
                                  .fault = fault};
        kind = into->write_begin(move->into, table, fault);
        if (kind == FAULT_NONE)
            kind = table_pass(&passage, move->from);
        if (kind == FAULT_NONE)
            kind = into->write_end(move->into, fault);
        move->sent[i] = passage.digest;
    }
    return kind == FAULT_NONE ? into->commit(move->into, fault) : kind;
}

enum fault_kind move_compare(struct move *move, move_progress *progress, void *context,
                             struct fault *fault)
{
    for (size_t i = 0; i < move->into->count; i++) {
        const struct digest *sent = &move->sent[i];
        struct passage passage = {.move = move,
                                  .table = &move->into->tables[i],
                                  .progress = progress,
                                  .context = context,
                                  .fault = fault};
        enum fault_kind kind = table_pass(&passage, move->into);
        if (kind != FAULT_NONE)
            return kind;
        if (passage.digest.rows != sent->rows)
            return fault_set(fault, FAULT_FINAL, "%s: %lld rows went in, %lld are there",
                             passage.table->name, (long long)sent->rows,
                             (long long)passage.digest.rows);
        if (passage.digest.sum != sent->sum)
            return fault_set(fault, FAULT_FINAL, "%s: its rows are not the same in the two stores",
                             passage.table->name);
    }
    return FAULT_NONE;
}

enum fault_kind move_store(struct move *move, struct store **store, struct fault *fault)
{
    return move->into->backend->flow->store(move->into, store, fault);
}

enum fault_kind move_finish(struct move *move, struct fault *fault)
{
    return move->into->backend->flow->finish(move->into, fault);
}
