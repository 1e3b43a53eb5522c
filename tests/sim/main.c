/* sim: runs worlds. sim --seeds FIRST COUNT [--steps N] runs many; sim --replay SEED [--steps N]
 * [--troubles MASK] runs one and prints its history; sim --shrink SEED finds the fewest troubles
 * and steps with which it still fails. --store sqlite: on the true store, which is a program of its
 * own beside this one. --operators NAME: a connector and the simulator's operator in the place of
 * the fake one, a program of its own, too, on the store in memory. The last line says how many ran.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"
#include "sim/world.h"

static void run(uint64_t seed, unsigned troubles, int steps, bool print)
{
    struct world *world = world_open(seed, troubles, steps);
    world_live(world);
    if (print)
        fwrite(world->history, 1, world->history_length, stdout);
    world_close(world);
}

/* True when the seed fails with these; what it prints is thrown away. */
static bool fails(uint64_t seed, unsigned troubles, int steps)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (freopen("/dev/null", "w", stdout) == NULL || freopen("/dev/null", "w", stderr) == NULL)
            _exit(2);
        run(seed, troubles, steps, false);
        _exit(0);
    }
    int status = 0;
    invariant(child > 0 && waitpid(child, &status, 0) == child);
    return status != 0;
}

static int shrink(uint64_t seed, int steps)
{
    unsigned troubles = TROUBLES_ALL;
    if (!fails(seed, troubles, steps)) {
        printf("seed %llu does not fail\n", (unsigned long long)seed);
        return 0;
    }
    for (unsigned trouble = 0; trouble < TROUBLE_COUNT; trouble++)
        if (fails(seed, troubles & ~(1u << trouble), steps))
            troubles &= ~(1u << trouble);
    int low = 0, high = steps; /* The fewest steps: it fails with high, not with low. */
    while (high - low > 1) {
        int middle = low + (high - low) / 2;
        if (fails(seed, troubles, middle))
            high = middle;
        else
            low = middle;
    }
    printf("sim --replay %llu --steps %d --troubles %u\n", (unsigned long long)seed, high,
           troubles);
    return 1;
}

/* Becomes the program that stands on another ground, or has other operators. */
static int become(const char *name, char **argv)
{
    char path[4096];
    const char *slash = strrchr(argv[0], '/');
    int folder = slash == NULL ? 0 : (int)(slash + 1 - argv[0]);
    (void)snprintf(path, sizeof path, "%.*s%s", folder, argv[0], name);
    (void)execv(path, argv);
    perror(path);
    return 2;
}

int main(int argc, char **argv)
{
    const char *store = ground_name, *operators = NULL;
    uint64_t first = 1, count = 100;
    int steps = ground_steps;
    unsigned troubles = TROUBLES_ALL;
    const char *mode = "--seeds";
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--seeds") == 0 && i + 2 < argc) {
            first = strtoull(argv[++i], NULL, 10);
            count = strtoull(argv[++i], NULL, 10);
        } else if ((strcmp(argv[i], "--replay") == 0 || strcmp(argv[i], "--shrink") == 0) &&
                   i + 1 < argc) {
            mode = argv[i];
            first = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--steps") == 0 && i + 1 < argc) {
            steps = (int)strtol(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--troubles") == 0 && i + 1 < argc) {
            troubles = (unsigned)strtoul(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--store") == 0 && i + 1 < argc) {
            store = argv[++i];
        } else if (strcmp(argv[i], "--operators") == 0 && i + 1 < argc) {
            operators = argv[++i];
        } else {
            fprintf(stderr, "usage: sim --seeds FIRST COUNT | --replay SEED | --shrink SEED "
                            "[--steps N] [--troubles MASK] [--store memory|sqlite] "
                            "[--operators mtn_momo|wave|gsma]\n");
            return 2;
        }
    }
    if (strcmp(store, ground_name) != 0)
        return become(strcmp(store, "sqlite") == 0 ? "sim_sqlite" : "sim", argv);
    if (operators != NULL && !operator_fake_choose(operators))
        return become("sim_operators", argv);
    secret_init();
    log_file_descriptor_set(-1); /* Planned faults are no news. */
    if (strcmp(mode, "--shrink") == 0)
        return shrink(first, steps);
    bool replay = strcmp(mode, "--replay") == 0;
    for (uint64_t seed = first; seed < first + (replay ? 1 : count); seed++)
        run(seed, troubles, steps, replay);
    printf("%llu seeds ran without a violation\n", (unsigned long long)(replay ? 1 : count));
    return 0;
}
