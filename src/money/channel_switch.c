#include "money/channel_switch.h"

#include <stdio.h>

#include "money/book.h"
#include "money/rules.h"

void channel_switch_want(const struct command *command, struct book *book)
{
    (void)command;
    (void)book;
}

void channel_switch_decide(struct command *command, struct book *book)
{
    struct switch_channel *asked = &command->switch_channel;
    struct act_changes changes;
    invariant(asked->channel >= 1 && asked->channel <= 255 && asked->person != NULL);
    book_switch(book, &(struct channel_switch){.channel = asked->channel,
                                               .off = asked->off,
                                               .person = asked->person,
                                               .reason = asked->reason,
                                               .at_ms = command->at_ms});
    act_changes_begin(&changes, true);
    act_tell_number(&changes, "channel", asked->channel);
    act_tell_text(&changes, "switched", asked->off ? "off" : "on");
    act_tell_text(&changes, "person", asked->person);
    act_tell_text(&changes, "reason", asked->reason);
    act_write(book, command, ACT_CHANNEL_SWITCH, (struct merchant_id){0}, asked->name, &changes);
    command->code = PAYOUT_OK;
    asked->at_ms = command->at_ms;
}
