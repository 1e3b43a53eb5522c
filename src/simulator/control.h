/* control: what the one who tries payoutd asks the simulator itself, under /_sim/. The room's own.
 */
#ifndef PAYOUT_SIMULATOR_CONTROL_H
#define PAYOUT_SIMULATOR_CONTROL_H
#include "simulator/call.h"

/* GET /_sim/payments?from=N&count=M, GET /_sim/totals, GET and POST /_sim/script */
void control_answer(struct sim_call *call);
/* Appends the totals of all, by protocol, and what faults happened how often. */
void control_totals(const struct sim_world *world, struct buffer *text);
#endif
