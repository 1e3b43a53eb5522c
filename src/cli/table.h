/* table: every command of `payout`, once: what runs, what the help says, what shells complete. */
#ifndef PAYOUT_CLI_TABLE_H
#define PAYOUT_CLI_TABLE_H
#include <stdio.h>

#include "cli/command.h"

enum { COMMAND_NAME_BYTES = 64 };

struct command {
    const char *group; /* NULL: the command is one word. */
    const char *name;
    command_function *run;
    const char *help;
};
extern const struct command commands[];
extern const size_t command_count;

/* "lot show" */
void command_name(const struct command *command, char name[COMMAND_NAME_BYTES]);
#endif
