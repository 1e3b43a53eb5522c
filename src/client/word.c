#include "payout/payout.h"

const char *payout_client_fault_word(enum payout_client_fault fault)
{
    switch (fault) {
    case PAYOUT_CLIENT_DONE:
        return "DONE";
    case PAYOUT_CLIENT_BAD_ARGUMENT:
        return "BAD_ARGUMENT";
    case PAYOUT_CLIENT_NO_MEMORY:
        return "NO_MEMORY";
    case PAYOUT_CLIENT_UNREACHABLE:
        return "UNREACHABLE";
    case PAYOUT_CLIENT_UNREADABLE:
        return "UNREADABLE";
    case PAYOUT_CLIENT_UNKNOWN:
        return "UNKNOWN";
    }
    return "UNKNOWN";
}

const char *payout_outcome_word(enum payout_outcome outcome)
{
    switch (outcome) {
    case PAYOUT_OUTCOME_UNKNOWN:
        return "UNKNOWN";
    case PAYOUT_OUTCOME_ACCEPTED:
        return "ACCEPTED";
    case PAYOUT_OUTCOME_REPEATED:
        return "REPEATED";
    case PAYOUT_OUTCOME_REFUSED:
        return "REFUSED";
    case PAYOUT_OUTCOME_NOT_SENT:
        return "NOT_SENT";
    }
    return "UNKNOWN";
}

const char *payout_proof_word(enum payout_proof proof)
{
    switch (proof) {
    case PAYOUT_PROOF_NONE:
        return "none";
    case PAYOUT_PROOF_UNVERIFIED:
        return "unverified";
    case PAYOUT_PROOF_RIGHT:
        return "right";
    case PAYOUT_PROOF_WRONG:
        return "WRONG";
    }
    return "WRONG";
}
