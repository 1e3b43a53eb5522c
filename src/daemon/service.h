/* service: one running payoutd: every room opened in order, and closed in the order in which
 * nothing is lost. */
#ifndef PAYOUT_DAEMON_SERVICE_H
#define PAYOUT_DAEMON_SERVICE_H
#include "base/vault.h"
#include "daemon/channels.h"
#include "daemon/configuration.h"
#include <stdatomic.h>

struct service {
    struct store *store;
    struct vault *vault;
    struct lane *lane;
    struct shares *shares;   /* Of the work, this process's own. */
    struct steward *steward; /* NULL: the store is its own alone. */
    enum configuration_role role;
    char name[CONFIGURATION_NAME_BYTES]; /* Among the processes of the store. */
    struct channels channels;
    struct routing *routing; /* Over them. */
    struct channel_door *door;
    struct operator_worker *operators; /* NULL, as all that follow may be: others do it. */
    struct notifier *notifier;
    struct mailer *mailer; /* The same, or no mail is sent. */
    struct watch *watch;   /* The list of names; NULL: there is none. */
    struct screener *screener;
    int64_t screening_threshold;
    bool screening; /* Names are screened before money goes. */
    struct janitor *janitor;
    struct http *http;
    _Atomic(struct http *) listening; /* The same, for the lane, which was there before it. */
    struct address_list *private_allowed;
};

/* Opens all that works behind the listener: store, lane, workers. On a fault what was opened is
 * closed again. */
MUST_USE enum fault_kind service_open(struct service *service, const struct configuration *settings,
                                      struct fault *fault);
/* Serves who comes to listener, a socket that listens (listener_open), and is the service's from
 * now on. After service_open. */
MUST_USE enum fault_kind service_listen(struct service *service,
                                        const struct configuration *settings, int listener,
                                        struct fault *fault);
/* Takes over what may change while it runs. */
MUST_USE enum fault_kind service_reload(struct service *service,
                                        const struct configuration *settings, struct fault *fault);
/* Takes nothing new, ends what is under way, answers everybody, closes all. */
void service_close(struct service *service);
#endif
