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
        switch (i % 3) {
        case 0:
            kept[i]->held = 1;
            break;
        case 1:
            kept[i]->ready = true;
            break;
        default:
            kept[i]->state = TARGET_PINGING;
            break;
        }
    }
    assert_null(target_of(targets, MAX));
    kept[9]->held = 0;
    assert_ptr_equal(target_of(targets, MAX), kept[9]);
    for (int i = 0; i < MAX; i++)
        if (i != 9)
            assert_ptr_equal(target_of(targets, i), kept[i]);
    targets_close(targets);
    targets_close(NULL);
}

static void a_queue_that_only_waits_is_forgotten_last(void **state)
{
    (void)state;
    struct queues *queues = queues_open(MAX);
    struct queue *kept[MAX];
    bool forgotten = false;
    for (int i = 0; i < MAX; i++) {
        kept[i] = queues_get(queues, -i, &forgotten);
        assert_int_equal(kept[i]->number, -i);
        kept[i]->held = i % 2 == 0;
        queue_fall_behind(kept[i], (struct notification_cursor){.due_at_ms = 7});
    }
    kept[11]->behind = false;
    assert_ptr_equal(queues_get(queues, MAX, &forgotten), kept[11]);
    assert_false(forgotten);
    kept[11]->held = 1;
    size_t index = 0, behind = 0;
    for (int i = 1; i < MAX / 2; i++) { /* Nobody waits for those of which nothing is in hand. */
        struct queue *queue = queues_get(queues, MAX + i, &forgotten);
        assert_non_null(queue);
        assert_true(forgotten);
        queue->held = 1;
    }
    assert_null(queues_get(queues, INT64_MAX, &forgotten));
    for (struct queue *each; (each = queues_next(queues, &index)) != NULL;)
        behind += each->behind;
    assert_int_equal(index, MAX);
    assert_int_equal(behind, MAX / 2);
    queues_close(queues);
    queues_close(NULL);
}

static void a_queue_is_behind_from_its_first(void **state)
{
    (void)state;
    struct queue queue = {.number = 1};
    queue_fall_behind(&queue, (struct notification_cursor){9, {{2}, 0, 1}});
    queue_fall_behind(&queue, (struct notification_cursor){9, {{2}, 1, 1}});
    assert_int_equal(queue.behind_from.key.endpoint, 0);
    queue_fall_behind(&queue, (struct notification_cursor){8, {{3}, 1, 1}});
    assert_int_equal(queue.behind_from.due_at_ms, 8);
    queue.behind = false; /* It has caught up. */
    queue_fall_behind(&queue, (struct notification_cursor){10, {{3}, 1, 1}});
    assert_int_equal(queue.behind_from.due_at_ms, 10);
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
            struct notification notification = {.key = {{1000 + i / 2}, i % 2, 1}, .due_at_ms = 7};
            assert_null(notebook_find(notebook, notification.key));
            notes[i] = notebook_take(notebook, &notification);
        }
        assert_int_equal(notebook_room(notebook), 0);
        for (int i = 0; i < MAX; i++)
            assert_ptr_equal(
                notebook_find(notebook, (struct notification_key){{1000 + i / 2}, i % 2, 1}),
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
        cmocka_unit_test(a_queue_that_only_waits_is_forgotten_last),
        cmocka_unit_test(a_queue_is_behind_from_its_first),
        cmocka_unit_test(notes_of_a_target_go_in_order),
        cmocka_unit_test(a_note_is_found_while_it_is_in_hand),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
