/* Pays one person, and says what became of it: cc send.c $(pkg-config --cflags --libs payout)
 *   PAYOUT_URL, PAYOUT_APIKEY, PAYOUT_PASSWORD: the account.  ./send 225 0707895086 500 order-1234
 */
#include <payout/payout.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    struct payout_client_options options = {
        .size = sizeof options,
        .base_url = getenv("PAYOUT_URL"),
        .apikey = getenv("PAYOUT_APIKEY"),
        .password = getenv("PAYOUT_PASSWORD"),
        .lang = PAYOUT_EN,
    };
    struct payout_client *client;
    struct payout_result *result = NULL;
    if (argc != 5 || payout_client_open(&options, &client) != PAYOUT_CLIENT_DONE) {
        fprintf(stderr, "usage: send PREFIX PHONE AMOUNT ID, with PAYOUT_URL, …\n");
        return 2;
    }
    struct payout_contact contact = {.prefix = argv[1], .phone = argv[2], .name = "Awa"};
    struct payout_transfer transfer = {
        .prefix = argv[1],
        .phone = argv[2],
        .amount = strtoll(argv[3], NULL, 10),
        .notify_url = getenv("PAYOUT_NOTIFY_URL"),
        .client_transaction_id = argv[4],
    };
    (void)payout_contact_add(client, &contact, 1, &result);
    payout_result_free(result);
    enum payout_client_fault fault = payout_send(client, &transfer, 1, NULL, &result);
    if (fault == PAYOUT_CLIENT_DONE)
        printf("%s %s\n", payout_outcome_word(result->items[0].outcome),
               result->items[0].transaction_id != NULL
                   ? result->items[0].transaction_id
                   : payout_code_text(result->items[0].code, PAYOUT_EN));
    else
        printf("%s: %s\n", payout_client_fault_word(fault), result != NULL ? result->text : "");
    payout_result_free(result);
    payout_client_close(client);
    return fault == PAYOUT_CLIENT_DONE ? 0 : 1;
}
