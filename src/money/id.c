#include "money/id.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

enum { CENTURY = 2000, SUFFIX_DIGITS = 1000000 };

void transfer_id_text(struct transfer_id id, char text[TRANSFER_ID_TEXT_BYTES])
{
    invariant(id.value > 0);
    struct clock_parts at = clock_split(id.value / TRANSFER_IDS_PER_SECOND);
    int64_t suffix = id.value % TRANSFER_IDS_PER_SECOND;
    (void)snprintf(text, TRANSFER_ID_TEXT_BYTES, "EA%02d%02d%02d.%02d%02d%02d.%c%06d",
                   at.year % 100, at.month, at.day, at.hour, at.minute, at.second,
                   (char)('A' + suffix / SUFFIX_DIGITS), (int)(suffix % SUFFIX_DIGITS));
}

/* Reads exactly count digits; -1 when one is not. */
static int64_t digits_read(const char *text, size_t count)
{
    int64_t number = 0;
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

bool transfer_id_read(const char *text, struct transfer_id *id)
{
    if (strlen(text) != TRANSFER_ID_TEXT_BYTES - 1 || text[0] != 'E' || text[1] != 'A' ||
        text[8] != '.' || text[15] != '.' || text[16] < 'A' || text[16] > 'Z')
        return false;
    int64_t date = digits_read(text + 2, 6), time = digits_read(text + 9, 6);
    int64_t number = digits_read(text + 17, 6);
    if (date < 0 || time < 0 || number < 0)
        return false;
    struct clock_parts parts = {.year = (int)(CENTURY + date / 10000),
                                .month = (int)(date / 100 % 100),
                                .day = (int)(date % 100),
                                .hour = (int)(time / 10000),
                                .minute = (int)(time / 100 % 100),
                                .second = (int)(time % 100)};
    struct transfer_id read = {.value = clock_join(parts) * TRANSFER_IDS_PER_SECOND +
                                        (text[16] - 'A') * INT64_C(1000000) + number};
    if (read.value <= 0)
        return false;
    char again[TRANSFER_ID_TEXT_BYTES]; /* 31 February and 25 o'clock don't come back the same. */
    transfer_id_text(read, again);
    if (strcmp(text, again) != 0)
        return false;
    *id = read;
    return true;
}

void lot_text(struct merchant_id merchant, struct lot_code code, char text[LOT_TEXT_BYTES])
{
    invariant(merchant.value >= MERCHANT_ID_MIN && merchant.value <= MERCHANT_ID_MAX);
    invariant(code.value > 0);
    long long second = code.value / LOTS_PER_SECOND, number = code.value % LOTS_PER_SECOND;
    if (number == 0)
        (void)snprintf(text, LOT_TEXT_BYTES, "00%010lld%010lld", (long long)merchant.value, second);
    else
        (void)snprintf(text, LOT_TEXT_BYTES, "00%010lld%010lld%lld", (long long)merchant.value,
                       second, number);
}

bool lot_read(const char *text, struct merchant_id *merchant, struct lot_code *code)
{
    size_t length = strlen(text);
    if (length < 22 || length > 28 || text[0] != '0' || text[1] != '0')
        return false;
    int64_t owner = digits_read(text + 2, 10), second = digits_read(text + 12, 10);
    int64_t number = digits_read(text + 22, length - 22);
    if (owner < MERCHANT_ID_MIN || second <= 0 || number < 0 || (length > 22 && text[22] == '0'))
        return false;
    merchant->value = owner;
    code->value = second * LOTS_PER_SECOND + number;
    return true;
}

struct transfer_id transfer_id_next(struct transfer_range range, struct transfer_id last,
                                    int64_t now_ms, int64_t count, uint32_t spread)
{
    invariant(range.first >= 0 && range.first + range.count <= TRANSFER_IDS_PER_SECOND);
    invariant(count > 0 && count < range.count / 2);
    int64_t first = now_ms / 1000 * TRANSFER_IDS_PER_SECOND + range.first;
    /* Half of the second is left for what still comes in it; what is more goes into the next one.
     */
    if (last.value < first)
        return (struct transfer_id){.value = first + spread % (range.count / 2)};
    int64_t next = last.value + 1, begin = next / TRANSFER_IDS_PER_SECOND * TRANSFER_IDS_PER_SECOND;
    int64_t offset = next - begin - range.first;
    if (offset < 0) /* It was not of this range. */
        next = begin + range.first;
    else if (offset + count > range.count)
        next = begin + TRANSFER_IDS_PER_SECOND + range.first;
    return (struct transfer_id){.value = next};
}

struct lot_code lot_code_next(struct lot_code last, int64_t now_ms)
{
    int64_t code = now_ms / 1000 * LOTS_PER_SECOND;
    return (struct lot_code){.value = last.value >= code ? last.value + 1 : code};
}
