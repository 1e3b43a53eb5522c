/* sealing: the secrets in the store and the key file that opens them. At each start every secret is
 * looked at: a key that is missing is found before anything is served, and what lay open, or was
 * sealed under an older key, is sealed under the first one. */
#ifndef PAYOUT_DAEMON_SEALING_H
#define PAYOUT_DAEMON_SEALING_H
#include "base/vault.h"
#include "store/store.h"

/* Reads the keys at path ([secrets] key_file; "": none, *vault is NULL) and seals what is not
 * sealed as it should be, by commands of a lane of its own: before any other lane is opened on
 * store. When there is no such file, and nothing is sealed, makes it. FAULT_FINAL, and nothing was
 * changed, when a secret is sealed under a key that is not there. What is damaged is logged and
 * left as it is. The caller owns *vault: vault_close. */
MUST_USE enum fault_kind sealing_open(const char *path, struct store *store, struct vault **vault,
                                      struct fault *fault);
/* `payoutd rekey`: puts a new key before those in the file at path; makes the file when it is not
 * there. Returns the process's exit status. */
int sealing_rekey(const char *path);
#endif
