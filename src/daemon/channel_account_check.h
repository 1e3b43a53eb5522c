/* channel_account_check: whether each channel's number stands for the account that it was first
 * used for (money/channel_account.h says why it must). Before any worker runs. */
#ifndef PAYOUT_DAEMON_CHANNEL_ACCOUNT_CHECK_H
#define PAYOUT_DAEMON_CHANNEL_ACCOUNT_CHECK_H
#include "daemon/channels.h"
#include "money/channel_account.h"
#include "store/store.h"

/* What a channel's file says of its account: its number, with the channel's own texts. */
struct channel_account channel_account_of(const struct channel *channel);
/* Of the channels, against what is known: writes into fresh, which has room for all of them, those
 * whose number nothing is known of. False, with a sentence a line in errors for every channel whose
 * number stands for another account. Pure. */
MUST_USE bool channel_accounts_compare(const struct channels *channels,
                                       const struct channel_account *known, size_t known_count,
                                       struct channel_account *fresh, size_t *fresh_count,
                                       struct buffer *errors);
/* Compares them with what the store has, and writes down what is new, durably, before it returns.
 * The store must be this process's, without a lane. FAULT_FINAL, with the sentences in the log and
 * nothing written, when a number stands for another account. */
MUST_USE enum fault_kind channel_accounts_hold(struct store *store, const struct channels *channels,
                                               struct fault *fault);
/* `payoutd accept-channel NAME --person PERSON`: what the channel's file says is the account that
 * its number stands for from now on, on a person's word, which is written down as an act. Returns
 * the process's exit status. */
int channel_account_accept(const struct configuration *settings, const char *name,
                           const char *person);
#endif
