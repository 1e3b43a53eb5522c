#include "cli/tally.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "wire/reply.h"

struct tally_entry {
    const char *key;   /* NULL: free. */
    unsigned statuses; /* Bit n: word n was reported. */
};

static const char *const words[TALLY_WORD_COUNT] = {
#define WORD(name) #name,
    TALLY_WORDS(WORD)
#undef WORD
};
enum { SIZE_FIRST = 1024 };

void tally_init(struct tally *tally, struct arena *arena)
{
    *tally = (struct tally){.arena = arena, .size = SIZE_FIRST, .expected_heard = -1};
    tally->entries = arena_alloc(arena, tally->size, sizeof *tally->entries);
    for (size_t i = 0; i < TALLY_WORD_COUNT; i++)
        tally->expected[i] = -1;
}

static int word_find(const char *text, size_t length)
{
    for (int i = 0; i < TALLY_WORD_COUNT; i++)
        if (strlen(words[i]) == length && memcmp(words[i], text, length) == 0)
            return i;
    return -1;
}

bool tally_expect(struct tally *tally, const char *text)
{
    size_t length = strcspn(text, "=");
    const char *digits = text[length] == '=' ? text + length + 1 : "";
    int word = word_find(text, length);
    if (word < 0 || *digits == '\0' || strlen(digits) > 9 ||
        digits[strspn(digits, "0123456789")] != '\0')
        return false;
    tally->expected[word] = strtoll(digits, NULL, 10);
    return true;
}

static size_t place_of(const struct tally *tally, const char *key)
{
    size_t at = secret_table_hash(key, strlen(key)) & (tally->size - 1);
    while (tally->entries[at].key != NULL && strcmp(tally->entries[at].key, key) != 0)
        at = (at + 1) & (tally->size - 1);
    return at;
}

/* The entry of kind and name, a fresh one when there is none; NULL when the table is full. */
static struct tally_entry *entry_find(struct tally *tally, char kind, const char *name)
{
    char key[TALLY_KEY_BYTES_MAX + 1];
    size_t length = strnlen(name, sizeof key - 2);
    key[0] = kind;
    memcpy(key + 1, name, length);
    key[length + 1] = '\0';
    size_t at = place_of(tally, key);
    if (tally->entries[at].key != NULL)
        return &tally->entries[at];
    if (tally->used == TALLY_KEYS_MAX)
        return NULL;
    if (tally->used * 2 >= tally->size) {
        struct tally_entry *old = tally->entries;
        size_t old_size = tally->size;
        tally->size *= 2;
        tally->entries = arena_alloc(tally->arena, tally->size, sizeof *tally->entries);
        for (size_t i = 0; i < old_size; i++)
            if (old[i].key != NULL)
                tally->entries[place_of(tally, old[i].key)] = old[i];
        at = place_of(tally, key);
    }
    tally->entries[at].key = memcpy(arena_alloc(tally->arena, length + 2, 1), key, length + 2);
    tally->used++;
    return &tally->entries[at];
}

bool tally_take(struct tally *tally, const char *webhook_id, const char *transaction_id,
                const char *treatment_status)
{
    const unsigned over = 1U << TALLY_VAL | 1U << TALLY_REJ;
    if (webhook_id != NULL) {
        struct tally_entry *entry = entry_find(tally, 'w', webhook_id);
        if (entry != NULL && entry->statuses != 0) {
            tally->repeated++;
            return false;
        }
        if (entry != NULL)
            entry->statuses = 1;
    }
    tally->heard++;
    int word = word_find(treatment_status, strlen(treatment_status));
    struct tally_entry *entry = entry_find(tally, 't', transaction_id);
    if (entry == NULL || word < 0 || word == TALLY_END)
        return true;
    unsigned bit = 1U << word;
    if ((entry->statuses & over) != 0 && (entry->statuses & bit) == 0)
        tally->late++;
    if ((entry->statuses & bit) == 0)
        tally->transfers[word]++;
    if ((bit & over) != 0 && (entry->statuses & over) == 0)
        tally->transfers[TALLY_END]++;
    entry->statuses |= bit;
    return true;
}

bool tally_met(const struct tally *tally)
{
    bool expects = tally->expected_heard >= 0;
    if (expects && (int64_t)tally->heard < tally->expected_heard)
        return false;
    for (size_t i = 0; i < TALLY_WORD_COUNT; i++) {
        if (tally->expected[i] >= 0 && (int64_t)tally->transfers[i] < tally->expected[i])
            return false;
        expects = expects || tally->expected[i] >= 0;
    }
    return expects;
}

void tally_write(const struct tally *tally, struct buffer *out)
{
    buffer_format(out, "%zu notifications", tally->heard);
    if (tally->expected_heard >= 0)
        buffer_format(out, " of %" PRId64, tally->expected_heard);
    buffer_format(out, ", %zu repeated, %zu late, %zu with a wrong signature", tally->repeated,
                  tally->late, tally->forged);
    for (size_t i = 0; i < TALLY_WORD_COUNT; i++) {
        if (tally->transfers[i] == 0 && tally->expected[i] < 0)
            continue;
        buffer_format(out, "; %s %zu", words[i], tally->transfers[i]);
        if (tally->expected[i] >= 0)
            buffer_format(out, " of %" PRId64, tally->expected[i]);
    }
    buffer_char(out, '\n');
}

void tally_json_write(const struct tally *tally, struct buffer *out)
{
    buffer_char(out, '{');
    reply_bool_member(out, "met", tally_met(tally));
    reply_int_member(out, "heard", (int64_t)tally->heard);
    reply_int_member(out, "repeated", (int64_t)tally->repeated);
    reply_int_member(out, "late", (int64_t)tally->late);
    reply_int_member(out, "forged", (int64_t)tally->forged);
    buffer_text_append(out, ",\"transfers\":{");
    for (size_t i = 0; i < TALLY_WORD_COUNT; i++)
        reply_int_member(out, words[i], (int64_t)tally->transfers[i]);
    buffer_text_append(out, "}}\n");
}
