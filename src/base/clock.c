#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#include "base/fault.h"

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
