#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "store/postgres/postgres.h"

enum operation { AS_WRITTEN, FINDS, ADDS, CHANGES_ROWS };

static const struct {
    unsigned who;
    const char *what, *sql; /* NULL: made from the table. */
    enum operation operation;
    enum table_id table;
} statements[STATEMENT_COUNT] = {
#define STATEMENT(name, who, what, sql)                                                            \
    [STATEMENT_##name] = {(who), (what), (sql), AS_WRITTEN, TABLE_COUNT},
#define FIND(name, table, what) [STATEMENT_##name] = {WRITES, (what), NULL, FINDS, TABLE_##table},
#define ADD(name, table, what)  [STATEMENT_##name] = {WRITES, (what), NULL, ADDS, TABLE_##table},
#define CHANGE(name, table, what)                                                                  \
    [STATEMENT_##name] = {WRITES, (what), NULL, CHANGES_ROWS, TABLE_##table},
#include "store/postgres/statement.def"
#undef STATEMENT
#undef FIND
#undef ADD
#undef CHANGE
};

enum { SQL_BYTES_MAX = 16 * 1024 };

/* --- Pieces --- */

/* "transfer.id, transfer.merchant, ...": what is read of the table. */
static void columns_read(struct buffer *sql, const struct table *table)
{
    const char *between = "";
    for (size_t i = 0; i < table->count; i++) {
        if ((table->columns[i].use & SOUGHT) != 0)
            continue;
        buffer_format(sql, "%s%s.%s", between, table->name, table->columns[i].name);
        between = ", ";
    }
}

/* "id, merchant, ...": the names of what is put. */
static void columns_put(struct buffer *sql, const struct table *table,
                        bool (*put)(const struct column *column))
{
    const char *between = "";
    for (size_t i = 0; i < table->count; i++) {
        if (!put(&table->columns[i]))
            continue;
        buffer_format(sql, "%s%s", between, table->columns[i].name);
        between = ", ";
    }
}

static const char *array_type(const struct column *column)
{
    switch (column->kind) {
    case COLUMN_NUMBER:
    case COLUMN_ENUM:
    case COLUMN_ACCOUNT:
        return "int8[]";
    case COLUMN_TEXT:
    case COLUMN_TEXT_OR_NULL:
    case COLUMN_CHARS:
        return "text[]";
    case COLUMN_BYTES:
        return "bytea[]";
    }
    invariant(!"a kind of column");
    return "";
}

/* "unnest($1::int8[], $2::text[], ...)"; returns how many parameters that are. */
static int arrays(struct buffer *sql, const struct table *table,
                  bool (*put)(const struct column *column))
{
    int count = 0;
    buffer_text_append(sql, "unnest(");
    for (size_t i = 0; i < table->count; i++) {
        if (!put(&table->columns[i]))
            continue;
        count++;
        buffer_format(sql, "%s$%d::%s", count > 1 ? ", " : "", count,
                      array_type(&table->columns[i]));
    }
    buffer_text_append(sql, ")");
    return count;
}

/* "transfer.id = given.id AND ..." */
static void keys_equal(struct buffer *sql, const struct table *table, const char *given)
{
    const char *between = "";
    for (size_t i = 0; i < table->count; i++) {
        if ((table->columns[i].use & KEY) == 0)
            continue;
        buffer_format(sql, "%s%s.%s = %s.%s", between, table->name, table->columns[i].name, given,
                      table->columns[i].name);
        between = " AND ";
    }
}

/* --- Whole statements --- */

static void sql_find(struct buffer *sql, const struct table *table)
{
    buffer_text_append(sql, "SELECT wanted.n, ");
    columns_read(sql, table);
    buffer_text_append(sql, " FROM ");
    (void)arrays(sql, table, column_found_by);
    buffer_text_append(sql, " WITH ORDINALITY AS wanted (");
    columns_put(sql, table, column_found_by);
    buffer_format(sql, ", n) JOIN %s ON ", table->name);
    keys_equal(sql, table, "wanted");
}

static void sql_add(struct buffer *sql, const struct table *table)
{
    buffer_format(sql, "INSERT INTO %s (", table->name);
    columns_put(sql, table, column_added);
    buffer_text_append(sql, ") SELECT * FROM ");
    (void)arrays(sql, table, column_added);
}

/* Each row was loaded a moment ago: one that is not there any more stops the batch. */
static void sql_change(struct buffer *sql, const struct table *table)
{
    const char *between = "";
    buffer_format(sql, "WITH written AS (UPDATE %s SET ", table->name);
    for (size_t i = 0; i < table->count; i++) {
        if ((table->columns[i].use & CHANGES) == 0)
            continue;
        buffer_format(sql, "%s%s = given.%s", between, table->columns[i].name,
                      table->columns[i].name);
        between = ", ";
    }
    buffer_text_append(sql, " FROM ");
    int count = arrays(sql, table, column_changed);
    buffer_text_append(sql, " AS given (");
    columns_put(sql, table, column_changed);
    buffer_text_append(sql, ") WHERE ");
    keys_equal(sql, table, "given");
    buffer_format(sql, " RETURNING 1) SELECT rows_must_be(count(*), $%d) FROM written", count + 1);
}

/* The text with @table replaced. */
static void sql_written(struct buffer *sql, const char *text)
{
    for (const char *at = strchr(text, '@'); at != NULL; at = strchr(text, '@')) {
        buffer_append(sql, text, (size_t)(at - text));
        size_t length = strspn(++at, "abcdefghijklmnopqrstuvwxyz_"), i = 0;
        while (i < TABLE_COUNT &&
               (strlen(tables[i].name) != length || strncmp(tables[i].name, at, length) != 0))
            i++;
        invariant(i < TABLE_COUNT);
        columns_read(sql, &tables[i]);
        text = at + length;
    }
    buffer_text_append(sql, text);
}

/* --- All of them --- */

static struct buffer texts[STATEMENT_COUNT]; /* Made once; live as long as the process. */

static void texts_make(void)
{
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        buffer_init(&texts[i], SQL_BYTES_MAX);
        switch (statements[i].operation) {
        case AS_WRITTEN:
            sql_written(&texts[i], statements[i].sql);
            break;
        case FINDS:
            sql_find(&texts[i], &tables[statements[i].table]);
            break;
        case ADDS:
            sql_add(&texts[i], &tables[statements[i].table]);
            break;
        case CHANGES_ROWS:
            sql_change(&texts[i], &tables[statements[i].table]);
            break;
        }
        invariant(buffer_ok(&texts[i]));
    }
}

const char *statement_sql(enum statement_id id, unsigned *who)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    invariant((unsigned)id < STATEMENT_COUNT);
    invariant(pthread_once(&once, texts_make) == 0);
    *who = statements[id].who;
    return buffer_text(&texts[id]);
}

const char *statement_what(enum statement_id id)
{
    invariant((unsigned)id < STATEMENT_COUNT);
    return statements[id].what;
}

void statement_name(enum statement_id id, char name[STATEMENT_NAME_BYTES])
{
    (void)snprintf(name, STATEMENT_NAME_BYTES, "s%d", (int)id);
}
