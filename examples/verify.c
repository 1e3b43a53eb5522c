/* Says whether a notification is the server's: its body on standard input, its headers and the
 * merchant's secret key in the environment (X_TOKEN, WEBHOOK_ID, WEBHOOK_TIMESTAMP,
 * WEBHOOK_SIGNATURE, CONTENT_TYPE, PAYOUT_SECRET). */
#include <payout/payout.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    static char body[64 * 1024];
    struct payout_notification_input input = {
        .size = sizeof input,
        .body = body,
        .body_length = fread(body, 1, sizeof body, stdin),
        .content_type = getenv("CONTENT_TYPE"),
        .x_token = getenv("X_TOKEN"),
        .webhook_id = getenv("WEBHOOK_ID"),
        .webhook_timestamp = getenv("WEBHOOK_TIMESTAMP"),
        .webhook_signature = getenv("WEBHOOK_SIGNATURE"),
        .secret = getenv("PAYOUT_SECRET"),
    };
    struct payout_notification *notification;
    if (payout_notification_read(&input, &notification) != PAYOUT_CLIENT_DONE)
        return 2;
    bool authentic = notification->authentic;
    printf("%s %s %lld: x-token %s, webhook %s\n", notification->transaction_id,
           notification->treatment_status, (long long)notification->amount_minor,
           payout_proof_word(notification->token), payout_proof_word(notification->webhook));
    payout_notification_free(notification);
    return authentic ? 0 : 1;
}
