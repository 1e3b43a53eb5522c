/* Several calls at once on an event loop of one's own; here it is poll(2).
 *   ./loop ID...   asks for the balance and for what became of these client_transaction_ids. */
#include <payout/payout.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

static void balance_done(void *context, struct payout_result *result)
{
    (void)context;
    if (result->balance_count > 0)
        printf("available %lld\n", (long long)result->balances[0].available);
    payout_result_free(result);
}

static void check_done(void *context, struct payout_result *result)
{
    const char *id = context;
    printf("%s %s\n", id,
           result->transfer_count > 0 ? result->transfers[0].treatment_status
                                      : payout_code_word(result->code));
    payout_result_free(result);
}

int main(int argc, char **argv)
{
    struct payout_client_options options = {
        .size = sizeof options,
        .base_url = getenv("PAYOUT_URL"),
        .apikey = getenv("PAYOUT_APIKEY"),
        .password = getenv("PAYOUT_PASSWORD"),
    };
    struct payout_client *client;
    if (payout_client_open(&options, &client) != PAYOUT_CLIENT_DONE)
        return 2;
    bool good = payout_balance_start(client, balance_done, NULL) == PAYOUT_CLIENT_DONE;
    for (int i = 1; i < argc; i++) {
        struct payout_check_key key = {.client_transaction_id = argv[i]};
        good = payout_check_start(client, &key, check_done, argv[i]) == PAYOUT_CLIENT_DONE && good;
    }
    while (payout_client_pending(client) > 0) {
        struct pollfd polled = {.fd = payout_client_fd(client), .events = POLLIN};
        if (poll(&polled, 1, -1) > 0)
            payout_client_run(client);
    }
    payout_client_close(client);
    return good ? 0 : 1;
}
