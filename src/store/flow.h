/* flow: one end of a copy: a whole store as rows of plain values, table by table, whatever keeps
 * it. The room's own; move.c joins two of them. Tables and columns are those of the database's own
 * catalog, under PostgreSQL's names, so that a new column is copied without a word here.
 *
 * A flow belongs to one thread. As long as it is open nobody else writes to its store. */
#ifndef PAYOUT_STORE_FLOW_H
#define PAYOUT_STORE_FLOW_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

struct backend;
struct store;

/* Why a store with the mark of open_into is not opened. */
#define FLOW_UNFINISHED "a copy into it did not come to its end: payoutd copy --again begins anew"

enum flow_kind { FLOW_NULL, FLOW_NUMBER, FLOW_TEXT, FLOW_BYTES };
struct flow_value {
    enum flow_kind kind;
    int64_t number;
    const void *bytes; /* Of a text, too, which then has no NUL. */
    size_t length;
};

enum { FLOW_NAME_BYTES = 64, FLOW_COLUMNS_MAX = 48, FLOW_TABLES_MAX = 64 };
struct flow_column {
    char name[FLOW_NAME_BYTES];
    enum flow_kind kind;
    int size; /* Of a number, in bytes. */
};
struct flow_table {
    char name[FLOW_NAME_BYTES];
    struct flow_column columns[FLOW_COLUMNS_MAX];
    size_t count;
};

/* A backend's struct for a flow begins with it. */
struct flow {
    const struct backend *backend;
    struct flow_table tables[FLOW_TABLES_MAX]; /* Those that others refer to come first. */
    size_t count;
};

/* A new table of the flow, a new column of its last table; false: there is no room. */
bool flow_add_table(struct flow *flow, const char *name);
bool flow_add_column(struct flow *flow, const char *name, enum flow_kind kind, int size);

/* Takes one row, a value for each column; false: no more of them. Values live until it returns. */
typedef bool flow_row(void *context, const struct flow_value *values);

/* What a backend offers: */
struct flow_backend {
    /* Opens a store to read it as it is at this moment. Refuses one that somebody writes to. */
    enum fault_kind (*open_from)(const char *url, struct flow **flow, struct fault *fault);
    /* Makes a store of today's schema without a row, and a mark in it that keeps it from being
     * opened as a store. Refuses a place where something is; with again, not what has that mark. */
    enum fault_kind (*open_into)(const char *url, bool again, struct flow **flow,
                                 struct fault *fault);
    /* Reads the table's columns, in their order. */
    enum fault_kind (*read)(struct flow *flow, const struct flow_table *table, flow_row *row,
                            void *context, struct fault *fault);
    /* write_begin, then write for each row, then write_end. */
    enum fault_kind (*write_begin)(struct flow *flow, const struct flow_table *table,
                                   struct fault *fault);
    enum fault_kind (*write)(struct flow *flow, const struct flow_table *table,
                             const struct flow_value *values, struct fault *fault);
    enum fault_kind (*write_end)(struct flow *flow, struct fault *fault);
    /* All was written: it lasts from now on. The mark stays. */
    enum fault_kind (*commit)(struct flow *flow, struct fault *fault);
    /* The store, for readers only, whatever its mark says; the caller closes it. */
    enum fault_kind (*store)(struct flow *flow, struct store **store, struct fault *fault);
    /* Takes the mark away, for good. */
    enum fault_kind (*finish)(struct flow *flow, struct fault *fault);
    void (*close)(struct flow *flow);
};
#endif
