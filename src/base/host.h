/* host: to whom a URL speaks, as one key: what limits and pings are counted by. Pure; any thread.
 * It must never be leant on for safety: whether an address may be called is address's to say, when
 * the connection is made. */
#ifndef PAYOUT_BASE_HOST_H
#define PAYOUT_BASE_HOST_H

enum { HOST_KEY_BYTES = 280 };

/* Writes "http://example.com:8080": scheme, host and port as they stand in url, in small letters,
 * without the user. "" for what is no URL of that form or too long. */
void host_key(const char *url, char key[HOST_KEY_BYTES]);
#endif
