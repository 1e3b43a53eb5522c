#include "base/name.h"

#include <string.h>

#include "base/fault.h"

/* --- One character --- */

enum { CHARACTER_NONE = 0x7FFFFFFF }; /* No byte of UTF-8 makes it. */

/* Reads one character of UTF-8 and moves on; CHARACTER_NONE for a byte that begins none. */
static uint32_t character_next(const unsigned char **at, const unsigned char *end)
{
    unsigned char lead = *(*at)++;
    int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0x80)
        return lead;
    if (lead < 0xC2 || lead > 0xF4 || end - *at < more)
        return CHARACTER_NONE;
    uint32_t character = (uint32_t)lead & (0x3Fu >> more);
    for (int i = 0; i < more; i++) {
        if (((*at)[i] & 0xC0) != 0x80)
            return CHARACTER_NONE;
        character = character << 6 | ((*at)[i] & 0x3Fu);
    }
    static const uint32_t least_of[] = {0, 0x80, 0x800, 0x10000};
    if (character < least_of[more] || character > 0x10FFFF ||
        (character >= 0xD800 && character <= 0xDFFF))
        return CHARACTER_NONE;
    *at += more;
    return character;
}

bool name_text_valid(const char *text, size_t length)
{
    const unsigned char *at = (const unsigned char *)text, *end = at + length;
    while (at < end)
        if (character_next(&at, end) == CHARACTER_NONE)
            return false;
    return true;
}

size_t name_text_cut(const char *text, size_t length, size_t most)
{
    if (length <= most)
        return length;
    while (most > 0 && ((unsigned char)text[most] & 0xC0) == 0x80)
        most--;
    return most;
}

/* Two bytes a letter, from U+00C0 to U+024F; ".." stays as it is, blanks separate. */
static const char latin[] = "a a a a a a aec e e e e i i i i d n o o o o o   o u u u u y thss"
                            "a a a a a a aec e e e e i i i i d n o o o o o   o u u u u y thy "
                            "a a a a a a c c c c c c c c d d d d e e e e e e e e e e g g g g "
                            "g g g g h h h h i i i i i i i i i i ijijj j k k k l l l l l l l "
                            "l l l n n n n n n n n n o o o o o o oeoer r r r r r s s s s s s "
                            "s s t t t t t t u u u u u u u u u u u u w w y y y z z z z z z s "
                            "b b b b ....o c c d d d d ..e e e f f g g ..i i k k l ..w n n o "
                            "o o ....p p r ....s s t t t t u u u v y y z z z ................"
                            "........dzdzdzljljljnjnjnja a i i o o u u u u u u u u u u e a a "
                            "a a aeaeg g g g k k o o o o ....j dzdzdzg g ....n n a a aeaeo o "
                            "a a a a e e e e i i i i o o o o r r r r u u u u s s t t y y h h "
                            "n d ououz z a a e e o o o o o o o o y y l n t j ....a c c l t s "
                            "z ....b u v e e j j q q r r y y ";
/* The same from U+1E00 to U+1EFF. */
static const char latin_additional[] =
    "a a b b b b b b c c d d d d d d d d d d e e e e e e e e e e f f "
    "g g h h h h h h h h h h i i i i k k k k k k l l l l l l l l m m "
    "m m m m n n n n n n n n o o o o o o o o p p p p r r r r r r r r "
    "s s s s s s s s s s t t t t t t t t u u u u u u u u u u v v v v "
    "w w w w w w w w w w x x x x y y z z z z z z h t w y a s s s ssd "
    "a a a a a a a a a a a a a a a a a a a a a a a a e e e e e e e e "
    "e e e e e e e e i i i i o o o o o o o o o o o o o o o o o o o o "
    "o o o o u u u u u u u u u u u u u u y y y y y y y y ............";
_Static_assert(sizeof latin == 2 * (0x0250 - 0x00C0) + 1, "a pair a letter");
_Static_assert(sizeof latin_additional == 2 * (0x1F00 - 0x1E00) + 1, "a pair a letter");
/* Letters of West African orthographies, and those that only look Latin. */
static const struct {
    uint16_t character;
    char as;
} alike[] = {
    {0x0253, 'b'}, {0x0254, 'o'}, {0x0256, 'd'}, {0x0257, 'd'}, {0x0259, 'e'}, {0x025B, 'e'},
    {0x0260, 'g'}, {0x0261, 'g'}, {0x0263, 'g'}, {0x0268, 'i'}, {0x0269, 'i'}, {0x0272, 'n'},
    {0x0275, 'o'}, {0x0283, 's'}, {0x0288, 't'}, {0x0289, 'u'}, {0x028A, 'u'}, {0x028B, 'v'},
    {0x0292, 'z'}, {0x0391, 'a'}, {0x0392, 'b'}, {0x0395, 'e'}, {0x0396, 'z'}, {0x0397, 'h'},
    {0x0399, 'i'}, {0x039A, 'k'}, {0x039C, 'm'}, {0x039D, 'n'}, {0x039F, 'o'}, {0x03A1, 'p'},
    {0x03A4, 't'}, {0x03A5, 'y'}, {0x03A7, 'x'}, {0x03BF, 'o'}, {0x0405, 's'}, {0x0406, 'i'},
    {0x0408, 'j'}, {0x0410, 'a'}, {0x0412, 'b'}, {0x0415, 'e'}, {0x041A, 'k'}, {0x041C, 'm'},
    {0x041D, 'h'}, {0x041E, 'o'}, {0x0420, 'p'}, {0x0421, 'c'}, {0x0422, 't'}, {0x0423, 'y'},
    {0x0425, 'x'}, {0x0430, 'a'}, {0x0435, 'e'}, {0x043E, 'o'}, {0x0440, 'p'}, {0x0441, 'c'},
    {0x0443, 'y'}, {0x0445, 'x'}, {0x0455, 's'}, {0x0456, 'i'}, {0x0458, 'j'}, {0x04BB, 'h'},
    {0x0501, 'd'}, {0x051B, 'q'}, {0x051D, 'w'},
};

enum part { PART_LETTERS, PART_NOTHING, PART_GAP, PART_ITSELF };

static enum part table_fold(const char *pair, char as[2])
{
    if (pair[0] == '.')
        return PART_ITSELF;
    as[0] = pair[0];
    as[1] = pair[1] == ' ' ? '\0' : pair[1];
    return as[0] == ' ' ? PART_GAP : PART_LETTERS;
}

static enum part ascii_fold(uint32_t character, char as[2])
{
    as[0] = (char)character;
    as[1] = '\0';
    if (character >= 'A' && character <= 'Z')
        as[0] = (char)(character - 'A' + 'a');
    if ((as[0] >= 'a' && as[0] <= 'z') || (as[0] >= '0' && as[0] <= '9'))
        return PART_LETTERS;
    return character == '\'' || character == '`' ? PART_NOTHING : PART_GAP;
}

/* What is neither Latin nor like it. */
static enum part other_fold(uint32_t character)
{
    /* Modifiers, accents and vowel marks that stand by themselves; what can't be seen. */
    if ((character >= 0x02B0 && character <= 0x036F) || character == 0x0640 ||
        (character >= 0x064B && character <= 0x065F) || character == 0x0670 ||
        (character >= 0x200B && character <= 0x200F) ||
        (character >= 0x2018 && character <= 0x201B) ||
        (character >= 0x202A && character <= 0x202E) ||
        (character >= 0x2060 && character <= 0x206F) ||
        (character >= 0xFE00 && character <= 0xFE0F) || character == 0xFEFF)
        return PART_NOTHING;
    if ((character >= 0x2000 && character <= 0x2BFF) ||
        (character >= 0x3000 && character <= 0x3004) || character == 0x060C ||
        character == CHARACTER_NONE)
        return PART_GAP;
    return PART_ITSELF;
}

static enum part character_fold(uint32_t character, char as[2])
{
    if (character >= 0xFF01 && character <= 0xFF5E)
        character -= 0xFEE0; /* Full width. */
    if (character < 0x80)
        return ascii_fold(character, as);
    if (character < 0xC0) {
        as[0] = character == 0xAA ? 'a' : character == 0xBA ? 'o' : ' ';
        as[1] = '\0';
        if (character == 0xAD || character == 0xB4)
            return PART_NOTHING;
        return as[0] == ' ' ? PART_GAP : PART_LETTERS;
    }
    if (character <= 0x024F)
        return table_fold(&latin[(size_t)2 * (character - 0xC0)], as);
    if (character >= 0x1E00 && character <= 0x1EFF)
        return table_fold(&latin_additional[(size_t)2 * (character - 0x1E00)], as);
    for (size_t i = 0; i < sizeof alike / sizeof *alike; i++) {
        if (alike[i].character == character) {
            as[0] = alike[i].as;
            as[1] = '\0';
            return PART_LETTERS;
        }
    }
    return other_fold(character);
}

/* --- Words --- */

struct folding {
    struct name_words *words;
    size_t used;   /* Of text. */
    size_t length; /* Of the word that is being written; 0: none is. */
};

static void word_add(struct folding *folding, const char *bytes, size_t length)
{
    struct name_words *words = folding->words;
    if (folding->length == 0) {
        if (words->count == NAME_WORDS_MAX) {
            words->overflowing = true;
            return;
        }
        words->words[words->count] = &words->text[folding->used];
    }
    if (folding->length + length > NAME_WORD_BYTES_MAX) {
        folding->length = NAME_WORD_BYTES_MAX; /* A whole character less, perhaps. */
        return;
    }
    memcpy(&words->text[folding->used], bytes, length);
    folding->used += length;
    folding->length += length;
}

static void word_end(struct folding *folding)
{
    struct name_words *words = folding->words;
    if (folding->length == 0)
        return;
    words->text[folding->used] = '\0';
    size_t length = (size_t)(&words->text[folding->used] - words->words[words->count]);
    folding->used++;
    folding->length = 0;
    invariant(length > 0 && length <= NAME_WORD_BYTES_MAX);
    words->lengths[words->count++] = (uint8_t)length;
    words->letters += length;
}

void name_fold(const char *name, size_t length, struct name_words *words)
{
    struct folding folding = {.words = words};
    words->count = words->letters = 0;
    words->overflowing = length > NAME_BYTES_MAX;
    if (words->overflowing)
        length = NAME_BYTES_MAX;
    const unsigned char *at = (const unsigned char *)name, *end = at + length;
    while (at < end) {
        const unsigned char *begin = at;
        char as[2];
        switch (character_fold(character_next(&at, end), as)) {
        case PART_LETTERS:
            word_add(&folding, as, as[1] == '\0' ? 1 : 2);
            break;
        case PART_ITSELF:
            word_add(&folding, (const char *)begin, (size_t)(at - begin));
            break;
        case PART_GAP:
            word_end(&folding);
            break;
        case PART_NOTHING:
            break;
        }
    }
    word_end(&folding);
}

/* --- How far two words are from each other --- */

int name_distance_allowed(size_t length)
{
    return length < 4 ? 0 : length < 9 ? 1 : 2;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

int name_distance(const char *a, size_t a_length, const char *b, size_t b_length, int limit)
{
    int rows[3][NAME_WORD_BYTES_MAX + 1];
    int *before = rows[0], *last = rows[1], *row = rows[2];
    int difference = (int)a_length - (int)b_length;
    invariant(a_length <= NAME_WORD_BYTES_MAX && b_length <= NAME_WORD_BYTES_MAX);
    if (difference > limit || -difference > limit)
        return limit + 1;
    if (a_length == b_length && memcmp(a, b, a_length) == 0)
        return 0;
    for (size_t j = 0; j <= b_length; j++)
        last[j] = (int)j;
    for (size_t i = 1; i <= a_length; i++) {
        int best = row[0] = (int)i;
        for (size_t j = 1; j <= b_length; j++) {
            int change = last[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = least(change, 1 + least(last[j], row[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
            best = least(best, row[j]);
        }
        if (best > limit)
            return limit + 1;
        int *oldest = before;
        before = last;
        last = row;
        row = oldest;
    }
    return least(last[b_length], limit + 1);
}
