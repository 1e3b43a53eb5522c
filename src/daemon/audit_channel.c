#include "daemon/audit_channel.h"

bool audit_channel_fits(const struct transfer *transfer)
{
    bool chosen = transfer->channel != 0;
    if (chosen != (transfer->channel_attempt > 0) ||
        transfer->channel_attempt > transfer->attempts || (transfer->called_back && !chosen))
        return false;
    if (transfer->in_hand != STEP_NONE && (!chosen || transfer->step != STEP_ASK))
        return false; /* Whoever finds it after the lease must ask. */
    if (transfer->step == STEP_ASK && !chosen)
        return false;
    switch (transfer->state) {
    case TRANSFER_NEW:
        return !chosen && transfer->attempts == 0;
    case TRANSFER_NOS:
        return chosen;
    case TRANSFER_VAL: /* A person may know better, of one that waited in vain. */
        return chosen || transfer->reason == TRANSFER_REASON_DECIDED_BY_PERSON;
    case TRANSFER_REC: /* Without one nothing of it has left: it is to be submitted, see above. */
    case TRANSFER_REJ:
        return true;
    case TRANSFER_STATE_END:
        break;
    }
    return false;
}
