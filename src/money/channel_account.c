#include "money/channel_account.h"

#include <string.h>

#include "money/book.h"
#include "money/rules.h"

bool channel_account_same(const struct channel_account *a, const struct channel_account *b)
{
    return strcmp(a->connector, b->connector) == 0 && strcmp(a->url, b->url) == 0 &&
           strcmp(a->account, b->account) == 0 && strcmp(a->environment, b->environment) == 0;
}

void channel_account_want(const struct command *command, struct book *book)
{
    (void)command;
    (void)book;
}

static void accept_tell(struct book *book, const struct command *command,
                        const struct channel_account *before, const struct channel_account *after)
{
    struct act_changes changes;
    act_changes_begin(&changes, false);
    act_change_text(&changes, "connector", before->connector, after->connector);
    act_change_text(&changes, "url", before->url, after->url);
    act_change_text(&changes, "account", before->account, after->account);
    act_change_text(&changes, "environment", before->environment, after->environment);
    act_write(book, command, ACT_CHANNEL_ACCEPT, (struct merchant_id){0},
              command->channel_account.name, &changes);
}

void channel_account_decide(struct command *command, struct book *book)
{
    const struct channel_account_set *asked = &command->channel_account;
    invariant(asked->count > 0);
    /* Whoever writes over what is there is a person, and says so in an act. */
    invariant((asked->before != NULL) == (command->actor.person != NULL));
    invariant(asked->before == NULL || asked->count == 1);
    for (size_t i = 0; i < asked->count; i++) {
        struct channel_account account = asked->accounts[i];
        invariant(account.channel >= 1 && account.channel <= 255);
        account.at_ms = command->at_ms;
        book_channel_account(book, &account);
    }
    if (asked->before != NULL)
        accept_tell(book, command, asked->before, asked->accounts);
    command->code = PAYOUT_OK;
}
