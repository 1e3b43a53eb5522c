/* password_file: a password that others gave us (the mail server's), in a file of its own. */
#ifndef PAYOUT_DAEMON_PASSWORD_FILE_H
#define PAYOUT_DAEMON_PASSWORD_FILE_H
#include "base/fault.h"

enum { PASSWORD_FILE_BYTES_MAX = 255 };

/* Reads the file's one line. FAULT_FINAL when others may read it, it is empty, longer, more than a
 * line or holds a control character: what it holds is never repeated. The caller wipes text. */
MUST_USE enum fault_kind
password_file_read(const char *path, char text[PASSWORD_FILE_BYTES_MAX + 1], struct fault *fault);
#endif
