/* curl_start: libcurl is started once a process, whoever needs it first. The room's own. */
#ifndef PAYOUT_NET_CURL_START_H
#define PAYOUT_NET_CURL_START_H

/* Any thread, any number of times. */
void curl_start(void);
#endif
