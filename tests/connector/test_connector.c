/* Every connector passes the same scenarios, against an operator that others wrote from its
 * documents. */
#include "connector/scenario.h"

#include <stdlib.h>

#include "operators/connectors.h"

static const struct {
    const char *name;
    unsigned needs;
    void (*run)(void **state);
} scenarios[] = {
#define SCENARIO(name, needs) {#name, needs, name},
    SCENARIOS(SCENARIO)
#undef SCENARIO
};
enum { SCENARIO_COUNT = sizeof scenarios / sizeof scenarios[0], NAME_BYTES = 128 };

static int setup(void **state)
{
    const struct pair *pair = *state;
    *state = bench_open(pair, 7);
    return *state == NULL;
}

static int teardown(void **state)
{
    bench_close(*state);
    return 0;
}

/* What the connector can, of what its operator does. */
static unsigned abilities(const struct pair *pair)
{
    const struct operator_connector *connector = connector_named(pair->connector);
    unsigned can = connector->abilities | (connector->batch_max > 1 ? SCENARIO_BATCH : 0);
    return pair->calls_back ? can : can & ~(unsigned)OPERATOR_CALLS_BACK;
}

/* A connector that has no pair would be one that nobody tries. */
static void every_connector_has_its_operator(void **state)
{
    (void)state;
    for (size_t i = 0; connector_at(i) != NULL; i++) {
        bool found = connector_at(i)->call_write == NULL; /* The sandbox is its own operator. */
        for (size_t each = 0; each < pair_count; each++)
            found = found || connector_named(pairs[each].connector) == connector_at(i);
        assert_true(found);
    }
}

int main(void)
{
    size_t count = 0, most = pair_count * SCENARIO_COUNT + 1;
    struct CMUnitTest *tests = calloc(most, sizeof *tests);
    char(*names)[NAME_BYTES] = calloc(most, sizeof *names);
    if (tests == NULL || names == NULL)
        return 1;
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(every_connector_has_its_operator);
    for (size_t i = 0; i < pair_count * SCENARIO_COUNT; i++) {
        const struct pair *pair = &pairs[i / SCENARIO_COUNT];
        size_t scenario = i % SCENARIO_COUNT;
        if ((scenarios[scenario].needs & ~abilities(pair)) != 0)
            continue;
        (void)snprintf(names[count], NAME_BYTES, "%s: %s", pair->connector,
                       scenarios[scenario].name);
        tests[count] = (struct CMUnitTest){.name = names[count],
                                           .test_func = scenarios[scenario].run,
                                           .setup_func = setup,
                                           .teardown_func = teardown,
                                           .initial_state = (void *)(uintptr_t)pair};
        count++;
    }
    int failed = _cmocka_run_group_tests("connector", tests, count, NULL, NULL);
    free(names);
    free(tests);
    return failed;
}
