#include "cli/admin.h"
#include "cli/command.h"
#include "cli/print.h"
#include "client/transport.h"

enum { FORM_BYTES_MAX = 16 * 1024 };
enum { FLAG_PAID = 0x200, FLAG_REJECTED, FLAG_EVIDENCE, FLAG_PERSON, FLAG_WITHDRAW };

/* Begins with admin_id_input's members. */
struct settle_input {
    struct settings *settings;
    const char *id;
    const char *outcome, *evidence, *person;
    bool withdraw;
};

static const struct argp_option settle_flags[] = {
    {"paid", FLAG_PAID, NULL, 0, "The operator paid it", 0},
    {"rejected", FLAG_REJECTED, NULL, 0, "The operator did not pay it, and never will", 0},
    {"evidence", FLAG_EVIDENCE, "TEXT", 0, "What that is known from", 0},
    {"person", FLAG_PERSON, "NAME", 0, "Who decides", 0},
    {0},
};
static const struct argp_option withdraw_flags[] = {
    {"evidence", FLAG_EVIDENCE, "TEXT", 0, "Why", 0},
    {"person", FLAG_PERSON, "NAME", 0, "Who withdraws it", 0},
    {0},
};
static const struct argp_option reverse_flags[] = {
    {"evidence", FLAG_EVIDENCE, "TEXT", 0, "What for", 0},
    {"person", FLAG_PERSON, "NAME", 0, "Who asks for it", 0},
    {"withdraw", FLAG_WITHDRAW, NULL, 0, "Leave it paid after all, as nothing was sent yet", 0},
    {0},
};

static error_t settle_parse(int key, char *value, struct argp_state *state)
{
    struct settle_input *input = state->input;
    switch (key) {
    case FLAG_PAID:
    case FLAG_REJECTED:
        if (input->outcome != NULL)
            argp_usage(state);
        input->outcome = key == FLAG_PAID ? "paid" : "rejected";
        return 0;
    case FLAG_EVIDENCE:
        input->evidence = value;
        return 0;
    case FLAG_PERSON:
        input->person = value;
        return 0;
    case FLAG_WITHDRAW:
        input->withdraw = true;
        return 0;
    case ARGP_KEY_END:
        if (input->evidence == NULL || input->person == NULL)
            argp_failure(state, STATUS_USAGE, 0, "--evidence and --person are needed");
        break;
    default:
        break;
    }
    return admin_id_parse(key, value, state);
}

static int settle_run(struct settings *settings, int argc, char **argv, const struct argp *argp,
                      const char *action, bool wants_outcome)
{
    struct settle_input input = {.settings = settings};
    struct buffer form;
    if (!command_parse(argp, argc, argv, &input))
        return STATUS_USAGE;
    if (wants_outcome && input.outcome == NULL) {
        print_problem("say --paid or --rejected");
        return STATUS_USAGE;
    }
    buffer_init(&form, FORM_BYTES_MAX);
    if (wants_outcome)
        transport_field(&form, "outcome", input.outcome);
    transport_field(&form, "evidence", input.evidence);
    transport_field(&form, "person", input.person);
    if (input.withdraw)
        transport_field(&form, "withdraw", "true");
    int status = STATUS_USAGE;
    if (buffer_ok(&form))
        status = admin_run_on(settings, "/admin/v1/transfers", input.id, action, &form);
    else
        print_problem("this is too long");
    buffer_free(&form);
    return status;
}

int command_transfer_settle(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {
        .options = settle_flags,
        .parser = settle_parse,
        .args_doc = "TRANSACTION_ID",
        .doc = "Decide what became of a transfer whose outcome the operator does not tell (NOS). "
               "Where the merchant wants two persons, the first one proposes and another one says "
               "the same. Twice is as good as once.",
        .children = settings_children};
    return settle_run(settings, argc, argv, &argp, "/settle", true);
}

int command_transfer_withdraw(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {.options = withdraw_flags,
                                     .parser = settle_parse,
                                     .args_doc = "TRANSACTION_ID",
                                     .doc = "Take back what one person proposed about a transfer.",
                                     .children = settings_children};
    return settle_run(settings, argc, argv, &argp, "/withdraw", false);
}

int command_transfer_reverse(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {
        .options = reverse_flags,
        .parser = settle_parse,
        .args_doc = "TRANSACTION_ID",
        .doc = "Have a paid transfer taken back at its operator, where that can. Where the "
               "merchant wants two persons, the first one proposes and another one says the same. "
               "Twice is as good as once; `payout transfer show` tells what became of it.",
        .children = settings_children};
    return settle_run(settings, argc, argv, &argp, "/reverse", false);
}

int command_transfer_proposals(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {.parser = command_nothing_parse,
                                     .doc = "Show the proposals that wait for a second person.",
                                     .children = settings_children};
    struct admin_id_input input = {.settings = settings};
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    return admin_run(settings, "/admin/v1/settlements?limit=1000", NULL);
}
