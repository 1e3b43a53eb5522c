#include "play.h"

int64_t waits[16];
size_t wait_count;

static void wait_note(void *context, int64_t wait_ms)
{
    (void)context;
    assert_true(wait_count < 16);
    waits[wait_count++] = wait_ms;
}

struct payout_client *client_of(const struct server *server)
{
    struct payout_client *client = NULL;
    const struct payout_client_options options = {.size = sizeof options,
                                                  .base_url = server_url(server),
                                                  .apikey = "key",
                                                  .password = "p&ss word",
                                                  .lang = PAYOUT_EN,
                                                  .timeout_ms = 20000,
                                                  .wait = wait_note};
    wait_count = 0;
    assert_int_equal(payout_client_open(&options, &client), PAYOUT_CLIENT_DONE);
    return client;
}

const struct payout_transfer with_id = {.prefix = "225",
                                        .phone = "07895086",
                                        .amount = 500,
                                        .notify_url = "https://x.example/?a=1&b=2",
                                        .client_transaction_id = "a-1"};
const struct payout_transfer without_id = {.prefix = "225", .phone = "07895086", .amount = 500};
