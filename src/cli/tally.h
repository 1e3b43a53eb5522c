/* tally: what a receiver of notifications has heard so far: how many, which transfers got how far,
 * and whether what was expected is there. Pure. One thread. */
#ifndef PAYOUT_CLI_TALLY_H
#define PAYOUT_CLI_TALLY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/fault.h"

/* WORD(NAME): a treatment_status; END is VAL or REJ. */
#define TALLY_WORDS(WORD) WORD(NEW) WORD(REC) WORD(VAL) WORD(REJ) WORD(NOS) WORD(END)
enum tally_word {
#define WORD(name) TALLY_##name,
    TALLY_WORDS(WORD)
#undef WORD
        TALLY_WORD_COUNT,
};
enum { TALLY_KEYS_MAX = 4000000, TALLY_KEY_BYTES_MAX = 255 };

struct tally {
    struct arena *arena;
    struct tally_entry *entries;
    size_t size, used;
    size_t heard;                       /* Notifications taken, each once. */
    size_t repeated;                    /* Heard before, by their webhook-id. */
    size_t late;                        /* Told of a transfer another state after its end. */
    size_t forged;                      /* With a signature that is not right. */
    size_t transfers[TALLY_WORD_COUNT]; /* That reported this at least once. */
    int64_t expected[TALLY_WORD_COUNT]; /* -1: nothing. */
    int64_t expected_heard;             /* -1: nothing. */
};

void tally_init(struct tally *tally, struct arena *arena);
/* "VAL=10": ten transfers are to report VAL. False: this can't be read. */
MUST_USE bool tally_expect(struct tally *tally, const char *text);
/* Counts one: webhook_id NULL when it had none. False: it was heard before. */
bool tally_take(struct tally *tally, const char *webhook_id, const char *transaction_id,
                const char *treatment_status);
/* True when something is expected and all of it is there. */
bool tally_met(const struct tally *tally);
/* Appends "12 notifications, VAL 3 …" with what is missing. */
void tally_write(const struct tally *tally, struct buffer *out);
void tally_json_write(const struct tally *tally, struct buffer *out);
#endif
