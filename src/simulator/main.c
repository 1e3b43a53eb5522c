/* payout-operator-sim: mobile-money operators to try payoutd against. Reads its command line,
 * serves until it is told to stop, tells what became of everything; ends with 1 when anybody was
 * paid twice. */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "simulator/control.h"
#include "simulator/front.h"

enum { STEP_MS = 1000, SCRIPT_BYTES_MAX = 1024 * 1024, KEY_FAULTS = 256, KEY_CREDENTIALS };

struct settings {
    struct front_options front;
    uint64_t seed;
    const char *script; /* JSON, or '@' and a file's name; NULL: none. */
};

static struct front *served;
static volatile sig_atomic_t stopping;

static void stop(int signal_number)
{
    (void)signal_number;
    stopping = 1;
    if (served != NULL)
        front_wake(served);
}

static void faults_show(void)
{
    for (int i = 0; i < SIM_FAULT_COUNT; i++)
        printf("%-16s %s\n", fault_word((enum sim_fault)i), fault_what((enum sim_fault)i));
}

static void credentials_show(void)
{
    printf("%-12s %-38s %-24s %-26s %s\n", "operator", "account", "secret", "second",
           "callback_secret");
    for (int i = 0; i < SIM_PROTOCOL_COUNT; i++) {
        const struct sim_credentials *credentials = sim_credentials((enum sim_protocol)i);
        printf("%-12s %-38s %-24s %-26s %s\n", sim_protocol_word((enum sim_protocol)i),
               credentials->account, credentials->secret, credentials->second,
               credentials->callback_secret);
    }
}

static int64_t number(struct argp_state *state, const char *text, int64_t most)
{
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != 0 || value < 0 || value > most)
        argp_error(state, "%s is no whole number from 0 to %lld", text, (long long)most);
    return value;
}

static error_t option_take(int key, char *value, struct argp_state *state)
{
    struct settings *settings = state->input;
    switch (key) {
    case 'a':
        settings->front.address = value;
        return 0;
    case 'p':
        settings->front.port = (uint16_t)number(state, value, UINT16_MAX);
        return 0;
    case 's':
        settings->seed = (uint64_t)number(state, value, INT64_MAX);
        return 0;
    case 'f':
        settings->script = value;
        return 0;
    case 't':
        settings->front.silent_ms = number(state, value, INT32_MAX);
        return 0;
    case KEY_FAULTS:
        faults_show();
        exit(0);
    case KEY_CREDENTIALS:
        credentials_show();
        exit(0);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option argp_options[] = {
    {"address", 'a', "ADDRESS", 0, "listen there (127.0.0.1)", 0},
    {"port", 'p', "PORT", 0, "listen there (8090; 0: any that is free)", 0},
    {"seed", 's', "NUMBER", 0, "all chance comes from it (1)", 0},
    {"script", 'f', "JSON|@FILE", 0, "faults, delays and floats to begin with", 0},
    {"silent", 't', "MS", 0, "cut off who gets no answer after so long (60000)", 0},
    {"faults", KEY_FAULTS, NULL, 0, "show what faults there are", 0},
    {"credentials", KEY_CREDENTIALS, NULL, 0, "show what lets a caller in", 0},
    {0},
};
static const struct argp argp = {
    .options = argp_options,
    .parser = option_take,
    .doc =
        "Mobile-money operators to try payoutd against: MTN MoMo, Wave, GSMA Mobile Money, Orange "
        "Money and CinetPay, each under its own path.",
};

/* The script's text; NULL, and told, when its file can't be read. The caller frees it. */
static char *script_load(const char *script)
{
    if (script[0] != '@')
        return strdup(script);
    FILE *file = fopen(script + 1, "re");
    char *text = calloc(1, SCRIPT_BYTES_MAX + 1);
    invariant(text != NULL);
    size_t length = file == NULL ? 0 : fread(text, 1, SCRIPT_BYTES_MAX, file);
    if (file == NULL || ferror(file) != 0 || length == SCRIPT_BYTES_MAX) {
        fprintf(stderr, "payout-operator-sim: can't read %s\n", script + 1);
        free(text);
        text = NULL;
    }
    if (file != NULL)
        (void)fclose(file);
    return text;
}

static bool script_use(struct sim_world *world, const char *script)
{
    char error[SIM_ERROR_BYTES] = "";
    char *text = script_load(script);
    bool good = text != NULL && sim_script(world, text, strlen(text), error);
    if (text != NULL && !good)
        fprintf(stderr, "payout-operator-sim: --script: %s\n", error);
    free(text);
    return good;
}

static void serve(struct front *front)
{
    const struct sigaction action = {.sa_handler = stop};
    served = front;
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    while (stopping == 0)
        front_step(front, STEP_MS);
    served = NULL;
}

static int totals_tell(const struct sim_world *world)
{
    struct buffer text;
    struct sim_totals totals;
    buffer_init(&text, SIM_BODY_BYTES_MAX);
    control_totals(world, &text);
    printf("%s\n", buffer_text(&text));
    buffer_free(&text);
    sim_totals(world, SIM_PROTOCOL_COUNT, &totals);
    if (totals.doubles > 0)
        fprintf(stderr, "payout-operator-sim: %lld paid twice\n", (long long)totals.doubles);
    if (totals.two_workers > 0)
        fprintf(stderr, "payout-operator-sim: %lld calls about what another worker had in hand\n",
                (long long)totals.two_workers);
    return totals.doubles > 0 || totals.two_workers > 0;
}

int main(int argc, char **argv)
{
    struct settings settings = {.front = {.address = "127.0.0.1", .port = 8090, .silent_ms = 60000},
                                .seed = 1};
    struct front *front = NULL;
    struct fault fault;
    if (argp_parse(&argp, argc, argv, 0, NULL, &settings) != 0)
        return 2;
    secret_init();
    struct sim_world *world = sim_open(settings.seed);
    int status = 2;
    if (settings.script != NULL && !script_use(world, settings.script))
        goto out;
    if (front_open(&settings.front, world, &front, &fault) != FAULT_NONE) {
        fprintf(stderr, "payout-operator-sim: %s\n", fault.text);
        goto out;
    }
    printf("listening on http://%s:%u\n", settings.front.address, front_port(front));
    (void)fflush(stdout);
    serve(front);
    front_close(front);
    status = totals_tell(world);
out:
    sim_close(world);
    return status;
}
