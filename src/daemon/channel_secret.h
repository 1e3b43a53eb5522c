/* channel_secret: what proves us to an operator, and an operator to us, in files of their own:
 * open, readable by their owner only, or sealed under the installation's key ([secrets] key_file),
 * which opens them for the channel and the setting that they were sealed for, and no other. */
#ifndef PAYOUT_DAEMON_CHANNEL_SECRET_H
#define PAYOUT_DAEMON_CHANNEL_SECRET_H
#include "base/fault.h"
#include "base/vault.h"
#include "operators/channel.h"

_Static_assert(CHANNEL_SECRET_BYTES == VAULT_SECRET_MAX + 1, "each can be sealed");

/* Where the secret of that setting ("secret") of the channel with this number is sealed for. */
struct vault_place channel_secret_place(int number, const char *setting);

/* Reads the file at path; "%d/..." lies where systemd put what it was told to hand over
 * (LoadCredential=). vault may be NULL as long as nothing is sealed. FAULT_FINAL, with secret "",
 * when others may read the file, it holds no text of 1 to VAULT_SECRET_MAX bytes, or it does not
 * open; what it holds is never repeated. Line ends at its end are no part of it. */
MUST_USE enum fault_kind channel_secret_read(const char *path, struct vault_place place,
                                             const struct vault *vault,
                                             char secret[CHANNEL_SECRET_BYTES],
                                             struct fault *fault);
/* Whether the file at path holds something sealed, without opening it. False of what can't be
 * read. */
bool channel_secret_sealed(const char *path);
/* Seals secret for place into a file that only its owner can read; one that is there is replaced at
 * once. */
MUST_USE enum fault_kind channel_secret_write(const char *path, struct vault_place place,
                                              const struct vault *vault, const char *secret,
                                              struct fault *fault);
/* Has a sealed file sealed under the key that seals. Does nothing to one that is open, or sealed as
 * it should be. *renewed: it did. */
MUST_USE enum fault_kind channel_secret_renew(const char *path, struct vault_place place,
                                              const struct vault *vault, bool *renewed,
                                              struct fault *fault);
/* Takes line ends off the end of text; false when the rest is no secret: empty, too long, or with
 * control characters that are neither line ends nor tabs. */
bool channel_secret_trim(char *text);
#endif
