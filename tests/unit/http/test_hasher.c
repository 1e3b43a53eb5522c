#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "http/hasher.h"

struct waiter {
    pthread_mutex_t mutex;
    pthread_cond_t done;
    int count;
};

static void count_done(struct hasher_job *job)
{
    struct waiter *waiter = job->context;
    (void)pthread_mutex_lock(&waiter->mutex);
    waiter->count++;
    (void)pthread_cond_signal(&waiter->done);
    (void)pthread_mutex_unlock(&waiter->mutex);
}

static void wait_for(struct waiter *waiter, int count)
{
    (void)pthread_mutex_lock(&waiter->mutex);
    while (waiter->count < count)
        (void)pthread_cond_wait(&waiter->done, &waiter->mutex);
    (void)pthread_mutex_unlock(&waiter->mutex);
}

static void what_it_makes_it_recognises_and_nothing_else(void **state)
{
    (void)state;
    struct waiter waiter = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
    struct hasher *hasher = hasher_open(2);
    struct hasher_job make = {.make = true,
                              .password = "s3cret",
                              .password_length = 6,
                              .done = count_done,
                              .context = &waiter};
    assert_true(hasher_submit(hasher, &make));
    wait_for(&waiter, 1);
    struct hasher_job checks[] = {
        {.hash = make.made, .password = "s3cret", .password_length = 6},
        {.hash = make.made, .password = "s3creT", .password_length = 6},
        {.hash = make.made, .password = "", .password_length = 0},
        {.hash = NULL, .password = "s3cret", .password_length = 6},
        {.hash = "no hash", .password = "s3cret", .password_length = 6},
        /* With another that will do. */
        {.hash = make.made, .hash_before = "no hash", .password = "s3cret", .password_length = 6},
        {.hash = "no hash", .hash_before = make.made, .password = "s3cret", .password_length = 6},
        {.hash = "no hash", .hash_before = make.made, .password = "s3creT", .password_length = 6},
    };
    for (size_t i = 0; i < 8; i++) {
        checks[i].done = count_done;
        checks[i].context = &waiter;
        assert_true(hasher_submit(hasher, &checks[i]));
    }
    wait_for(&waiter, 9);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(checks[i].matches, i == 0 || i == 5 || i == 6);
    hasher_close(hasher);
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

/* Keeps the hasher's one thread until the gate is open. */
static void gate_done(struct hasher_job *job)
{
    count_done(job);
    (void)pthread_mutex_lock(&gate);
    (void)pthread_mutex_unlock(&gate);
}

static void a_full_queue_refuses_and_stopping_does_what_was_taken(void **state)
{
    (void)state;
    static struct hasher_job jobs[HASHER_QUEUE_MAX + 2];
    struct waiter waiter = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
    struct hasher *hasher = hasher_open(1);
    for (size_t i = 0; i < HASHER_QUEUE_MAX + 2; i++)
        jobs[i] = (struct hasher_job){.hash = "no hash",
                                      .password = "a",
                                      .password_length = 1,
                                      .done = i == 0 ? gate_done : count_done,
                                      .context = &waiter};
    (void)pthread_mutex_lock(&gate);
    assert_true(hasher_submit(hasher, &jobs[0]));
    wait_for(&waiter, 1); /* The thread stands at the gate: all others queue. */
    for (size_t i = 1; i <= HASHER_QUEUE_MAX; i++)
        assert_true(hasher_submit(hasher, &jobs[i]));
    assert_false(hasher_submit(hasher, &jobs[HASHER_QUEUE_MAX + 1]));
    (void)pthread_mutex_unlock(&gate);
    hasher_stop(hasher);
    assert_int_equal(waiter.count, HASHER_QUEUE_MAX + 1);
    assert_false(hasher_submit(hasher, &jobs[HASHER_QUEUE_MAX + 1]));
    hasher_stop(hasher);
    hasher_close(hasher);
    hasher_close(NULL);
}

int main(void)
{
    secret_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_makes_it_recognises_and_nothing_else),
        cmocka_unit_test(a_full_queue_refuses_and_stopping_does_what_was_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
