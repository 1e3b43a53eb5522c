#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t (*source)(void *context);
static void *source_context;

void clock_source_set(int64_t (*now_ms)(void *context), void *context)
{
    source = now_ms;
    source_context = context;
}

int64_t clock_now_ms(void)
{
    if (source != NULL)
        return source(source_context);
    struct timespec now;
    invariant(clock_gettime(CLOCK_REALTIME, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_monotonic_us(void)
{
    struct timespec now;
    invariant(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

struct clock_parts clock_split(int64_t seconds)
{
    time_t time = (time_t)seconds;
    struct tm parts;
    invariant(gmtime_r(&time, &parts) != NULL);
    return (struct clock_parts){.year = parts.tm_year + 1900,
                                .month = parts.tm_mon + 1,
                                .day = parts.tm_mday,
                                .hour = parts.tm_hour,
                                .minute = parts.tm_min,
                                .second = parts.tm_sec};
}

int64_t clock_join(struct clock_parts parts)
{
    struct tm tm = {.tm_year = parts.year - 1900,
                    .tm_mon = parts.month - 1,
                    .tm_mday = parts.day,
                    .tm_hour = parts.hour,
                    .tm_min = parts.minute,
                    .tm_sec = parts.second};
    return (int64_t)timegm(&tm);
}

void clock_text(int64_t at_ms, char text[CLOCK_TEXT_BYTES])
{
    struct clock_parts at = clock_split(at_ms / 1000);
    (void)snprintf(text, CLOCK_TEXT_BYTES, "%04d-%02d-%02d %02d:%02d:%02d", at.year % 10000,
                   at.month, at.day, at.hour, at.minute, at.second);
}

void clock_iso_text(int64_t at_ms, char text[CLOCK_TEXT_BYTES])
{
    struct clock_parts at = clock_split(at_ms / 1000);
    (void)snprintf(text, CLOCK_TEXT_BYTES, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", at.year % 10000,
                   at.month, at.day, at.hour, at.minute, at.second, (int)(at_ms % 1000));
}

/* The digits in text at the places where pattern has a 0, as one number; any other character of
 * pattern must be there itself. -1: they are not. */
static int64_t pattern_read(const char *text, const char *pattern)
{
    int64_t number = 0;
    for (; *pattern != '\0'; text++, pattern++) {
        if (*pattern != '0' && *text != *pattern)
            return -1;
        if (*pattern == '0' && (*text < '0' || *text > '9'))
            return -1;
        if (*pattern == '0')
            number = number * 10 + (*text - '0');
    }
    return number;
}

/* "11:25:07" and what may follow it. False: it does not. */
static bool time_of_day_read(const char *text, struct clock_parts *parts, int64_t *thousandths)
{
    int64_t clock = pattern_read(text, "00:00:00");
    if (clock < 0)
        return false;
    parts->hour = (int)(clock / 10000);
    parts->minute = (int)(clock / 100 % 100);
    parts->second = (int)(clock % 100);
    const char *rest = text + strlen("00:00:00");
    *thousandths = 0;
    if (*rest == '.') {
        *thousandths = pattern_read(rest, ".000Z");
        return *thousandths >= 0 && rest[strlen(".000Z")] == '\0';
    }
    return *rest == '\0' || strcmp(rest, "Z") == 0;
}

bool clock_text_read(const char *text, int64_t *at_ms)
{
    static const char date[] = "0000-00-00";
    int64_t day = pattern_read(text, date), thousandths = 0;
    if (day < 0)
        return false;
    struct clock_parts parts = {
        .year = (int)(day / 10000), .month = (int)(day / 100 % 100), .day = (int)(day % 100)};
    const char *rest = text + strlen(date);
    if (*rest != '\0' &&
        ((*rest != 'T' && *rest != ' ') || !time_of_day_read(rest + 1, &parts, &thousandths)))
        return false;
    int64_t seconds = clock_join(parts);
    if (seconds < 0)
        return false;
    struct clock_parts again = clock_split(seconds); /* 31 February does not come back the same. */
    if (again.day != parts.day || again.month != parts.month || again.year != parts.year ||
        again.hour != parts.hour || again.minute != parts.minute || again.second != parts.second)
        return false;
    *at_ms = seconds * 1000 + thousandths;
    return true;
}
