#include "operators/pace.h"

#include "base/fault.h"

static int pace_percent = 100;

void pace_set(int percent)
{
    invariant(percent >= 1 && percent <= 100);
    pace_percent = percent;
}

int64_t pace_span(int64_t span)
{
    return span <= 0 ? span : (span * pace_percent + 99) / 100;
}
