#include "cli/command.h"
#include "cli/print.h"
#include "cli/say.h"

enum { SANDBOX_BYTES_MAX = 64 * 1024, ENDING_BYTES = 8 };

static const struct {
    int ending;
    const char *happens;
} rows[] = {
#define ROW(ending, behaviour, reason, delay_ms, happens) {(ending), (happens)},
#include "payout/sandbox.def"
#undef ROW
};
enum { ROWS = sizeof rows / sizeof *rows };

struct sandbox_input {
    struct settings *settings;
};

static const struct argp sandbox_argp = {
    .parser = command_nothing_parse,
    .doc = "Show what the sandbox does with a transfer: by the last four digits of the receiver's "
           "number or, for any number, by an amount of exactly that many. All others are paid at "
           "once. Asks no server.",
    .children = settings_children,
};

static void json_write(struct buffer *out)
{
    buffer_char(out, '[');
    for (int i = 0; i < ROWS; i++) /* The texts are ours: nothing in them has to be escaped. */
        buffer_format(out, "%s{\"ending\":\"%04d\",\"amount\":%d,\"happens\":\"%s\"}",
                      i == 0 ? "" : ",", rows[i].ending, rows[i].ending, rows[i].happens);
    buffer_text_append(out, "]\n");
}

static void people_write(struct arena *arena, struct buffer *out)
{
    struct table table;
    table_init(&table, arena);
    table_column(&table, "ends in");
    table_column(&table, "what happens");
    for (int i = 0; i < ROWS; i++) {
        char *ending = arena_alloc(arena, ENDING_BYTES, 1);
        (void)snprintf(ending, ENDING_BYTES, "%04d", rows[i].ending);
        table_row(&table, (const char *const[]){ending, rows[i].happens});
    }
    table_row(&table, (const char *const[]){say("others"), say("paid at once")});
    table_write(&table, out);
}

int command_sandbox(struct settings *settings, int argc, char **argv)
{
    struct sandbox_input input = {settings};
    if (!command_parse(&sandbox_argp, argc, argv, &input))
        return STATUS_USAGE;
    struct buffer out;
    buffer_init(&out, SANDBOX_BYTES_MAX);
    if (settings->json)
        json_write(&out);
    else
        people_write(settings->arena, &out);
    bool printed = print_flush(&out);
    buffer_free(&out);
    return printed ? STATUS_OK : STATUS_USAGE;
}
