/* bootstrap: what `payoutd --sandbox` makes of an empty store: a merchant with money and keys, so
 * that a developer can pay somebody in the next minute; and the lines that tell how. */
#ifndef PAYOUT_DAEMON_BOOTSTRAP_H
#define PAYOUT_DAEMON_BOOTSTRAP_H
#include "daemon/service.h"

enum { BOOTSTRAP_TEXT_BYTES = 256 };
#define BOOTSTRAP_FOLDER      "payoutd-sandbox"
#define BOOTSTRAP_CREDENTIALS BOOTSTRAP_FOLDER "/payout.conf"
#define BOOTSTRAP_CONSOLE     BOOTSTRAP_FOLDER "/console.password"
#define BOOTSTRAP_USER        "demo"
#define BOOTSTRAP_ADMIN       "admin"

/* What `payout` needs to know: the members of its configuration file. */
struct credentials {
    char url[BOOTSTRAP_TEXT_BYTES], apikey[BOOTSTRAP_TEXT_BYTES], password[BOOTSTRAP_TEXT_BYTES],
        secret[BOOTSTRAP_TEXT_BYTES], admin_token[BOOTSTRAP_TEXT_BYTES];
    /* Of BOOTSTRAP_USER, the merchant's owner, and BOOTSTRAP_ADMIN, the platform's. Not of that
     * file. "": there is no console. */
    char console_password[BOOTSTRAP_TEXT_BYTES];
};

/* Makes the sandbox's folder, its owner's alone, when it is not there. Before anything opens a file
 * in it. */
MUST_USE enum fault_kind bootstrap_folder(struct fault *fault);
/* Makes the merchant when there is none, and keeps its credentials in BOOTSTRAP_CREDENTIALS, a
 * configuration of `payout`. After service_listen. */
MUST_USE enum fault_kind bootstrap_merchant(struct service *service,
                                            const struct configuration *settings,
                                            struct credentials *credentials, struct fault *fault);
/* Makes who can log in to the console when there is nobody yet, with a password that is kept in
 * BOOTSTRAP_CONSOLE; another one when that was deleted. After bootstrap_merchant. */
MUST_USE enum fault_kind bootstrap_console(struct service *service, struct credentials *credentials,
                                           struct fault *fault);
/* Prints the credentials and the first calls to standard output. */
void bootstrap_print(const struct credentials *credentials);
#endif
