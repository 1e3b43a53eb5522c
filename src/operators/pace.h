/* pace: how fast the worker's waits go: the time until a transfer is asked about again, a breaker
 * stays open, a throttled channel waits. 100 percent in earnest; tests make them short. */
#ifndef PAYOUT_OPERATORS_PACE_H
#define PAYOUT_OPERATORS_PACE_H
#include <stdint.h>

/* Every span is multiplied by percent / 100, 1 to 100. Before the worker's thread runs. */
void pace_set(int percent);
/* The span that is waited instead of this one; a span of more than 0 stays more than 0. */
int64_t pace_span(int64_t span);
#endif
