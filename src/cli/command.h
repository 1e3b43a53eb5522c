/* command: what `payout` can do. A command reads its own arguments, does its work, and returns an
 * enum exit_status. It may not call exit but through argp's usage errors. */
#ifndef PAYOUT_CLI_COMMAND_H
#define PAYOUT_CLI_COMMAND_H
#include "cli/settings.h"

/* argv[0] is the command's name for messages: "payout lot show". */
typedef int command_function(struct settings *settings, int argc, char **argv);

command_function command_login, command_balance, command_check; /* account.c, check.c */
command_function command_contact_add;                           /* contact.c */
command_function command_send;                                  /* send.c */
command_function command_lot_list, command_lot_show, command_lot_confirm, command_lot_cancel;
command_function command_merchant_create, command_merchant_list, command_merchant_show,
    command_merchant_set, command_merchant_topup, command_merchant_withdraw,
    command_merchant_password, command_merchant_secret;
command_function command_transfer_show, command_summary;
command_function command_double_list, command_double_release, command_double_refuse;
command_function command_screening_list, command_screening_release, command_screening_refuse,
    command_screening_check;
command_function command_contradiction_list, command_contradiction_close;
command_function command_channel_list, command_channel_show, command_channel_off,
    command_channel_on, command_callback_list; /* channel.c */
command_function command_transfer_settle, command_transfer_withdraw, command_transfer_reverse,
    command_transfer_proposals; /* settlement.c */
command_function command_user_create, command_user_list, command_user_change, command_user_password,
    command_user_reset, command_user_login, command_user_logout;        /* user.c */
command_function command_me_show, command_me_password, command_me_totp; /* me.c */
command_function command_endpoint_add, command_endpoint_list, command_endpoint_change,
    command_endpoint_remove, command_endpoint_rotate;                       /* endpoint.c */
command_function command_notification_dead, command_notification_redeliver; /* notification.c */
command_function command_act_list;                                          /* act.c */
command_function command_listen, command_sandbox, command_reconcile;
command_function command_watch, command_trigger, command_doctor, command_completion;

/* Parses a command's arguments: input begins with a struct settings *. Ends the process on a usage
 * error (STATUS_USAGE), as argp does. Completes the settings; false: STATUS_USAGE, also when
 * somebody only wants to see its flags (settings->flags_take). */
MUST_USE bool command_parse(const struct argp *argp, int argc, char **argv, void *input);

/* The parser of a command that takes nothing but the settings. */
error_t command_nothing_parse(int key, char *value, struct argp_state *state);

/* Says what kept a result from being read, or what the server refused, on standard error; returns
 * the exit status, STATUS_OK when there is nothing to say. */
int command_result_say(const struct payout_result *result);
/* With --json: the server's answer as it came. */
MUST_USE bool command_reply_print(const struct payout_result *result);
#endif
