/* supervisor: tells systemd (Type=notify) how things stand, over the socket that it names in the
 * environment; tells nobody when there is none. */
#ifndef PAYOUT_DAEMON_SUPERVISOR_H
#define PAYOUT_DAEMON_SUPERVISOR_H

/* state as sd_notify(3) has it: "READY=1", "RELOADING=1", "STOPPING=1". Never waits. */
void supervisor_tell(const char *state);
#endif
