/* Every call of libpayout with its 1st, 2nd, 3rd … allocation failing, in our code, in jansson and
 * in libcurl: none crashes, leaks, stops, or says that money went where it can't know. */
#include <stdlib.h>
#include <string.h>

#include "payout/payout.h"
#include "torture.h"

static void *take(size_t size)
{
    return torture_fails() ? NULL : malloc(size);
}

static void *resize(void *memory, size_t size)
{
    return torture_fails() ? NULL : realloc(memory, size);
}

static void every_call_survives_every_failed_allocation(void **state)
{
    (void)state;
    torture_run(20);
}

static void reading_a_notification_survives_them_too(void **state)
{
    static const char *const bodies[] = {
        "transaction_id=EA1&amount=500&treatment_status=VAL",
        "{\"type\":\"transfer.val\",\"data\":{\"transaction_id\":\"EA1\",\"amount\":\"500\","
        "\"treatment_status\":\"VAL\"}}",
    };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct payout_notification_input input = {
            .size = sizeof input, .body = bodies[i], .body_length = strlen(bodies[i])};
        enum payout_client_fault fault = PAYOUT_CLIENT_NO_MEMORY;
        long failures = 0;
        for (long at = 1; fault != PAYOUT_CLIENT_DONE; at++) {
            struct payout_notification *notification;
            torture_counted = 0;
            torture_fail_at = at;
            torture_counting = true;
            fault = payout_notification_read(&input, &notification);
            torture_counting = false;
            assert_true(fault == PAYOUT_CLIENT_DONE || fault == PAYOUT_CLIENT_NO_MEMORY);
            failures += fault != PAYOUT_CLIENT_DONE;
            if (fault == PAYOUT_CLIENT_DONE)
                assert_int_equal(notification->amount_minor, 500);
            payout_notification_free(notification);
        }
        assert_true(failures > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_survives_every_failed_allocation),
        cmocka_unit_test(reading_a_notification_survives_them_too),
    };
    const struct payout_memory memory = {take, resize, free};
    if (payout_memory_use(&memory) != PAYOUT_CLIENT_DONE)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
