/* export_format: how a statement is written: CSV for people's spreadsheets, JSON in the shape of
 * ISO 20022's camt.053. The room's own; pure: it appends to a buffer. */
#ifndef PAYOUT_DAEMON_EXPORT_FORMAT_H
#define PAYOUT_DAEMON_EXPORT_FORMAT_H
#include "base/buffer.h"
#include "store/store.h"

/* What is on top of each page. */
struct export_head {
    const struct merchant *merchant;
    int64_t from_ms, to_ms, made_at_ms;
    enum currency currency;
    const struct statement_sums *sums;
};

/* begin and end stand around the currencies, which have their entries between theirs. */
struct export_format {
    const char *name;
    void (*begin)(struct buffer *out, const struct export_head *head);
    void (*currency_begin)(struct buffer *out, const struct export_head *head);
    void (*entry)(struct buffer *out, const struct export_head *head,
                  const struct statement_entry *entry);
    void (*currency_end)(struct buffer *out, const struct export_head *head);
    void (*end)(struct buffer *out);
};
/* NULL when there is none of that name. */
const struct export_format *export_format_named(const char *name);
#endif
