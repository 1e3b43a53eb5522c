/* Pays many people, a hundred a request, from standard input: a line each, "PREFIX PHONE AMOUNT
 * ID".
 *   ./bulk < people.txt */
#include <payout/payout.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PEOPLE_MAX = 100000, TEXT_BYTES = 64 };

struct row {
    char prefix[TEXT_BYTES], phone[TEXT_BYTES], id[TEXT_BYTES];
};

static bool part_tell(void *context, const struct payout_bulk_part *part)
{
    (void)context;
    if (part->result == NULL || part->contacts)
        return true;
    for (size_t i = 0; i < part->result->item_count; i++)
        printf("%zu %s\n", part->first + i, payout_outcome_word(part->result->items[i].outcome));
    return true;
}

int main(void)
{
    struct row *rows = calloc(PEOPLE_MAX, sizeof *rows);
    struct payout_transfer *transfers = calloc(PEOPLE_MAX, sizeof *transfers);
    struct payout_contact *contacts = calloc(PEOPLE_MAX, sizeof *contacts);
    size_t count = 0;
    long long amount;
    while (rows != NULL && transfers != NULL && contacts != NULL && count < PEOPLE_MAX &&
           scanf("%63s %63s %lld %63s", rows[count].prefix, rows[count].phone, &amount,
                 rows[count].id) == 4) {
        transfers[count].prefix = contacts[count].prefix = rows[count].prefix;
        transfers[count].phone = contacts[count].phone = rows[count].phone;
        transfers[count].amount = amount;
        transfers[count].notify_url = getenv("PAYOUT_NOTIFY_URL");
        transfers[count].client_transaction_id = rows[count].id;
        contacts[count].name = "Awa";
        count++;
    }
    struct payout_client_options options = {
        .size = sizeof options,
        .base_url = getenv("PAYOUT_URL"),
        .apikey = getenv("PAYOUT_APIKEY"),
        .password = getenv("PAYOUT_PASSWORD"),
    };
    struct payout_bulk_options bulk = {
        .size = sizeof bulk, .part_items = 100, .contacts = contacts, .tell = part_tell};
    struct payout_bulk_end end;
    struct payout_client *client;
    if (payout_client_open(&options, &client) != PAYOUT_CLIENT_DONE)
        return 2;
    enum payout_client_fault fault = payout_bulk(client, transfers, count, &bulk, &end);
    printf("%zu of %zu sent%s%s\n", end.done, count, end.stopped ? ", stopped: " : "", end.text);
    payout_client_close(client);
    free(rows);
    free(transfers);
    free(contacts);
    return fault == PAYOUT_CLIENT_DONE && !end.stopped ? 0 : 1;
}
