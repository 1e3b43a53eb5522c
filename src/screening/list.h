/* list: the names that nobody may be paid under, from a file, and whether one of them is like a
 * given name. A list never changes once it was read: another file is another list. It must never
 * read a file itself, nor decide what follows from a match.
 *
 * The file is UTF-8, an entry a line: id,name,aliases,country,born. Fields with commas or quotes
 * stand in double quotes, a quote in them is doubled; aliases are separated by semicolons; what
 * follows the name may be left out. Country and year of birth are not compared (of a receiver
 * neither is known), only shown. Empty lines, lines that begin with # and a first line that begins
 * with id,name are no entries, but "# entries: N", wherever it stands, says how many there must be.
 */
#ifndef PAYOUT_SCREENING_LIST_H
#define PAYOUT_SCREENING_LIST_H
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/name.h"

struct name_list;
enum {
    NAME_LIST_BYTES_MAX = 256 * 1024 * 1024,
    NAME_LIST_ENTRIES_MAX = 1000000,
    NAME_LIST_LINE_BYTES_MAX = 8192,
    NAME_LIST_VERSION_BYTES = 64,
};

/* Reads the whole file: all of it is right, or there is no list and the fault names the line. A
 * list without entries is none. Texts are copied. The caller owns *list: name_list_close. */
MUST_USE enum fault_kind name_list_read(const char *bytes, size_t length, struct name_list **list,
                                        struct fault *fault);
void name_list_close(struct name_list *list);         /* NULL is fine. */
size_t name_list_count(const struct name_list *list); /* Entries. */
/* "sha256:0123456789abcdef": tells one file from another. */
const char *name_list_version(const struct name_list *list);

/* The entry that a name is most like. Texts live as long as the list. */
struct name_match {
    int score;                  /* 0 to 100; 0: like none. */
    const char *id, *name;      /* Of the entry; NULL with 0. */
    const char *spelled;        /* The alias that it is like, or the name. */
    const char *country, *born; /* "" when the list does not say. */
};
/* Looks for the entry that words are most like. 100: the same words, in any order. Two words are
 * like each other when few letters differ (name_distance_allowed); of names of two words and more
 * at least two must be. What counts are the letters of the shorter name that are found in the
 * longer one; words that only the longer one has cost two points each. A name of one word is
 * measured by the longer name. Two words of one name may be one of the other (Jean Claude,
 * Jeanclaude). One thread at a time for one list: it has its own notes. */
void name_list_find(struct name_list *list, const struct name_words *words,
                    struct name_match *match);
#endif
