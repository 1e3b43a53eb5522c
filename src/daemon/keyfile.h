/* keyfile: secrets in files of their own, readable by their owner only: the key that signs tokens,
 * the admin token. Made on first use, with random content. */
#ifndef PAYOUT_DAEMON_KEYFILE_H
#define PAYOUT_DAEMON_KEYFILE_H
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/fault.h"

enum { KEYFILE_BYTES_MIN = 32, KEYFILE_BYTES_MAX = 128 };

/* Reads the key (one line of KEYFILE_BYTES_MIN to KEYFILE_BYTES_MAX characters) into text. When
 * there is no such file, makes it, durable, with 43 random letters and digits (256 bits).
 * FAULT_FINAL when others may read it, or it is no key. */
MUST_USE enum fault_kind keyfile_read(const char *path, char text[KEYFILE_BYTES_MAX + 1],
                                      struct fault *fault);
/* The content of a file of several keys (base/vault.h), as it is; "" when there is no such file.
 * FAULT_FINAL when others may read it, or it is no text of fewer bytes. The caller wipes it. */
enum { KEYFILE_CONTENT_BYTES = 4096 };
MUST_USE enum fault_kind keyfile_content(const char *path, char content[KEYFILE_CONTENT_BYTES],
                                         struct fault *fault);
/* A fresh key as keyfile_read makes it. */
enum { KEYFILE_FRESH_BYTES = 44 };
void keyfile_fresh(char key[KEYFILE_FRESH_BYTES]);
/* Writes content into a new file that only its owner can read; an older one is replaced at once. */
MUST_USE enum fault_kind keyfile_write(const char *path, const char *content, struct fault *fault);
/* The same for one that is not there. *first false: another process was quicker, and its file is
 * the one that counts. */
MUST_USE enum fault_kind keyfile_first(const char *path, const char *content, bool *first,
                                       struct fault *fault);
/* True when others than we may read or write a file of these rights (st_mode). What systemd handed
 * over (LoadCredential=) may show rights of its group: they are those of an access list that names
 * us. */
bool keyfile_shown(const char *path, mode_t rights);
#endif
