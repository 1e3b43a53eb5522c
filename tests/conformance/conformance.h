/* conformance: what every store must do, over store.h alone. The cases are compiled once for each
 * store, with one file that opens it. */
#ifndef PAYOUT_TESTS_CONFORMANCE_H
#define PAYOUT_TESTS_CONFORMANCE_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "money/command.h"
#include "store/store.h"

/* --- open_<store>.c --- */

/* An empty store. */
struct store *conformance_open(void);
/* Closes it and leaves nothing behind. */
void conformance_close(struct store *store);

/* --- fixture.c: a store with a merchant, driven by commands as the lane does --- */

#define FIXTURE_AT_MS INT64_C(1700000000000)
enum { FIXTURE_PEOPLE = 40 };

struct fixture {
    struct store *store;
    struct store_reader *reader;
    struct arena *arena; /* Of everything that a test makes or reads. */
    struct transfer_id last;
    int64_t now_ms;
    bool screening;                           /* Names are screened before money goes. */
    uint8_t batch_key[STORE_BATCH_KEY_BYTES]; /* Of the last batch. */
};
/* For cmocka: an empty store and its reader in *state. */
int fixture_open(void **state);
int fixture_close(void **state);
/* The same over a store that is open already; fixture_end closes the reader only. */
void fixture_begin(struct fixture *fixture, struct store *store);
void fixture_end(struct fixture *fixture);

/* The merchants of the tests: their ids, n from 0. */
struct merchant_id fixture_merchant(int n);
/* The id of the nth movement, or act, when all are of the fixture's first second. */
int64_t fixture_row_id(const struct fixture *fixture, int n);
int64_t fixture_msisdn(int person);

/* Loads, decides and checks; what is not NULL is set. The batch is open then. */
enum fault_kind fixture_decide(struct fixture *fixture, struct book *book, struct command *commands,
                               size_t count, struct fault *fault);
/* ... and saves, under a key of its own. */
enum fault_kind fixture_try(struct fixture *fixture, struct command *commands, size_t count,
                            struct fault *fault);
/* ... and must succeed; the command's code is returned. */
enum payout_code fixture_commit(struct fixture *fixture, struct command *command);

/* Creates merchant n, gives it money and FIXTURE_PEOPLE contacts. */
void fixture_prepare(struct fixture *fixture, int n, int64_t minor);
struct command fixture_fund(int n, int64_t minor, const char *reference);
/* A lot of count items with the client ids "<name>-0" ...; NULL: without. */
struct command fixture_lot(struct fixture *fixture, int n, size_t count, const char *name,
                           bool confirmed);
/* Sends such a lot, which must be accepted whole. */
struct lot_code fixture_send(struct fixture *fixture, int n, size_t count, const char *name,
                             bool confirmed);
/* Claims one transfer, which must be due; tells its outcome. */
void fixture_claim(struct fixture *fixture, struct transfer_id id);
enum outcome_effect fixture_outcome(struct fixture *fixture, struct transfer_id id,
                                    enum verdict verdict);
void fixture_deliver(struct fixture *fixture, struct transfer_id id, int32_t number, bool delivered,
                     int64_t next_at_ms);

/* What is there. */
const struct transfer *fixture_transfer(struct fixture *fixture, struct transfer_id id);
struct lot *fixture_lot_read(struct fixture *fixture, int n, struct lot_code code);
/* The whole store as a text, one row a line; for comparing. Valid as long as the arena. */
const char *fixture_dump(struct fixture *fixture);
/* Goes through the whole store: sums are zero, balances are their movements, heads form a chain,
 * every lot has all its transfers. Returns the number of transfers. */
size_t fixture_audit(struct fixture *fixture);

/* --- The cases --- */

extern const struct CMUnitTest batch_cases[], read_cases[], work_cases[], screening_cases[];
extern const size_t batch_case_count, read_case_count, work_case_count, screening_case_count;
extern const struct CMUnitTest person_cases[], channel_cases[], notification_cases[];
extern const size_t person_case_count, channel_case_count, notification_case_count;
#endif
