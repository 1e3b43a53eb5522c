/* front: the simulator on a socket: requests in (libmicrohttpd), callbacks out (net). It must never
 * know a protocol. */
#ifndef PAYOUT_SIMULATOR_FRONT_H
#define PAYOUT_SIMULATOR_FRONT_H
#include <stdint.h>

#include "simulator/simulator.h"

struct front;
struct front_options {
    const char *address; /* "127.0.0.1" */
    uint16_t port;       /* 0: any that is free. */
    int64_t silent_ms;   /* A caller who gets no answer is cut off after so long. > 0 */
};

/* Serves world, which it uses alone until front_close. FAULT_FINAL: the address can't be had. */
MUST_USE enum fault_kind front_open(const struct front_options *options, struct sim_world *world,
                                    struct front **front, struct fault *fault);
uint16_t front_port(const struct front *front);
/* Does what is due and waits up to wait_ms for more. One thread. */
void front_step(struct front *front, int64_t wait_ms);
/* Ends a waiting front_step. Any thread, and a signal's handler. */
void front_wake(struct front *front);
/* Ends all that is under way. NULL is fine. */
void front_close(struct front *front);
#endif
