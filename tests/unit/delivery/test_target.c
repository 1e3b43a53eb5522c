#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "delivery/notebook.h"

enum { MAX = 50 };

static struct target *target_of(struct targets *targets, int number)
{
    char key[HOST_KEY_BYTES];
    (void)snprintf(key, sizeof key, "http://h%d", number);
    struct target *target = targets_get(targets, key);
    assert_true(target == NULL || strcmp(target->key, key) == 0);
    return target;
}

static void a_target_is_the_same_one_until_its_place_is_needed(void **state)
{
    (void)state;
    struct targets *targets = targets_open(MAX);
    struct target *first = target_of(targets, 0);
    first->state = TARGET_UP;
    for (int i = 1; i < MAX; i++)
        (void)target_of(targets, i);
    assert_ptr_equal(target_of(targets, 0), first);
    for (int i = MAX; i < 10 * MAX; i++)
        assert_non_null(target_of(targets, i));
    assert_int_equal(target_of(targets, 0)->state, TARGET_STRANGE); /* It was forgotten. */
    targets_close(targets);
}

static void a_target_that_is_needed_is_not_forgotten(void **state)
{
    (void)state;
    struct targets *targets = targets_open(MAX);
    struct target *kept[MAX];
    for (int i = 0; i < MAX; i++) {
        kept[i] = target_of(targets, i);
        switch (i % 4) {
        case 0:
            kept[i]->held = 1;
            break;
        case 1:
            kept[i]->behind = true;
            break;
        case 2:
            kept[i]->ready = true;
            break;
        default:
            kept[i]->state = TARGET_PINGING;
            break;
        }
    }
    assert_null(target_of(targets, MAX));
    kept[8]->held = 0;
    assert_ptr_equal(target_of(targets, MAX), kept[8]);
    for (int i = 0; i < MAX; i++)
        if (i != 8)
            assert_ptr_equal(target_of(targets, i), kept[i]);
    size_t index = 0, count = 0;
    while (targets_next(targets, &index) != NULL)
        count++;
    assert_int_equal(count, MAX);
    targets_close(targets);
    targets_close(NULL);
}

static void notes_of_a_target_go_in_order(void **state)
{
    (void)state;
    struct target target = {0};
    struct note notes[3] = {0};
    assert_null(target_pop(&target));
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3; i++)
            target_push(&target, &notes[i]);
        for (int i = 0; i < 3; i++)
            assert_ptr_equal(target_pop(&target), &notes[i]);
        assert_null(target_pop(&target));
    }
}

static void a_note_is_found_while_it_is_in_hand(void **state)
{
    (void)state;
    struct notebook *notebook = notebook_open(MAX);
    struct note *notes[MAX];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < MAX; i++) {
            struct notification notification = {
                .transfer = {1000 + i / 2}, .number = 1 + i % 2, .due_at_ms = 7};
            assert_null(notebook_find(notebook, notification.transfer, notification.number));
            notes[i] = notebook_take(notebook, &notification);
        }
        assert_int_equal(notebook_room(notebook), 0);
        for (int i = 0; i < MAX; i++)
            assert_ptr_equal(notebook_find(notebook, (struct transfer_id){1000 + i / 2}, 1 + i % 2),
                             notes[i]);
        for (int i = 0; i < MAX; i++)
            notebook_release(notebook, notes[(i * 7) % MAX]);
        assert_int_equal(notebook_count(notebook), 0);
    }
    notebook_close(notebook);
    notebook_close(NULL);
}

static int begin(void **state)
{
    (void)state;
    secret_init();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_target_is_the_same_one_until_its_place_is_needed),
        cmocka_unit_test(a_target_that_is_needed_is_not_forgotten),
        cmocka_unit_test(notes_of_a_target_go_in_order),
        cmocka_unit_test(a_note_is_found_while_it_is_in_hand),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
