/* export: `payoutd export`: a merchant's statement for a period: what it had, every movement of its
 * money with the balance after it, what it has. Read beside a running payoutd, streamed: its memory
 * does not grow with the movements. It must never write anything but the statement. */
#ifndef PAYOUT_DAEMON_EXPORT_H
#define PAYOUT_DAEMON_EXPORT_H

/* Texts as on the command line; NULL: not given. */
struct export_options {
    const char *merchant;  /* Its ten digits. */
    const char *from, *to; /* Dates or times in UTC, the second not included; NULL: since it is
                              there, until now. */
    const char *format;    /* "csv" or "json" */
};
/* Writes it to standard output. Returns the process's exit status: 1 when the store can't be read,
 * or does not hold what its own movements say; 2 when an option is wrong. */
int export_run(const char *store_url, const struct export_options *options);
#endif
