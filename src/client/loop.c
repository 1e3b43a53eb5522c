/* The calls that don't wait: libcurl's sockets and all times behind one epoll descriptor. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "client/client_own.h"

enum { EVENTS_MAX = 64 };

struct task {
    struct task *next;
    struct call *call;
    struct passage *passage; /* Under way; NULL: none is. */
    bool waits;
    int64_t due_us; /* Of a wait. */
    payout_done_function *done;
    void *context;
};

struct loop {
    struct payout_client *client;
    CURLM *multi;
    bool broken; /* A socket could not be watched, after which libcurl gives up on the handle. */
    int epoll, timer;
    int64_t curl_due_us; /* When libcurl wants to be called; -1: it does not. */
    struct task *tasks;
    size_t count;
};

/* libcurl wants a socket watched, otherwise, or no more. */
static int socket_take(CURL *curl, curl_socket_t socket, int what, void *context, void *own)
{
    struct loop *loop = context;
    struct epoll_event event = {.data.fd = socket};
    (void)curl;
    (void)own;
    if (what == CURL_POLL_REMOVE) {
        (void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, socket, NULL);
        return 0;
    }
    event.events = (what != CURL_POLL_OUT ? (unsigned)EPOLLIN : 0U) |
                   (what != CURL_POLL_IN ? (unsigned)EPOLLOUT : 0U);
    if (epoll_ctl(loop->epoll, EPOLL_CTL_MOD, socket, &event) == 0)
        return 0;
    loop->broken = errno != ENOENT || epoll_ctl(loop->epoll, EPOLL_CTL_ADD, socket, &event) != 0;
    return loop->broken ? -1 : 0;
}

static int timer_take(CURLM *multi, long wait_ms, void *context)
{
    struct loop *loop = context;
    (void)multi;
    loop->curl_due_us = wait_ms < 0 ? -1 : clock_monotonic_us() + (int64_t)wait_ms * 1000;
    return 0;
}

/* Wakes the caller when the next thing is due. */
static void timer_arm(struct loop *loop)
{
    int64_t due_us = loop->curl_due_us;
    for (const struct task *task = loop->tasks; task != NULL; task = task->next)
        if (task->passage == NULL && (due_us < 0 || task->due_us < due_us))
            due_us = task->due_us;
    struct itimerspec at = {0};
    if (due_us >= 0) {
        int64_t wait_us = due_us - clock_monotonic_us();
        wait_us = wait_us < 1 ? 1 : wait_us; /* 0 would stop the timer. */
        at.it_value =
            (struct timespec){.tv_sec = wait_us / 1000000, .tv_nsec = wait_us % 1000000 * 1000};
    }
    (void)timerfd_settime(loop->timer, 0, &at, NULL);
}

static bool multi_open(struct loop *loop)
{
    loop->multi = curl_multi_init();
    return loop->multi != NULL &&
           curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, socket_take) == CURLM_OK &&
           curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop) == CURLM_OK &&
           curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, timer_take) == CURLM_OK &&
           curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop) == CURLM_OK;
}

/* The client's loop, made when there is none. NULL: no memory, or no descriptors. */
static struct loop *loop_of(struct payout_client *client)
{
    if (client->loop != NULL)
        return client->loop;
    struct loop *loop = memory_take_zero(1, sizeof *loop);
    if (loop == NULL)
        return NULL;
    loop->client = client;
    loop->curl_due_us = -1;
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = loop->timer};
    if (loop->epoll < 0 || loop->timer < 0 || !multi_open(loop) ||
        epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->timer, &event) != 0) {
        loop_close(loop);
        return NULL;
    }
    client->loop = loop;
    return loop;
}

int payout_client_fd(struct payout_client *client)
{
    struct loop *loop = loop_of(client);
    return loop == NULL ? -1 : loop->epoll;
}

size_t payout_client_pending(const struct payout_client *client)
{
    return client->loop == NULL ? 0 : client->loop->count;
}

static void passage_stop(struct loop *loop, struct task *task)
{
    if (task->passage == NULL)
        return;
    (void)curl_multi_remove_handle(loop->multi, passage_handle(task->passage));
    passage_close(task->passage);
    task->passage = NULL;
}

/* Takes the task out of the list and tells its end. */
static void task_end(struct loop *loop, struct task *task)
{
    struct task **at = &loop->tasks;
    while (*at != task)
        at = &(*at)->next;
    *at = task->next;
    loop->count--;
    passage_stop(loop, task);
    struct payout_result *result = call_result(task->call);
    payout_done_function *done = task->done;
    void *context = task->context;
    call_close(task->call);
    memory_give(task);
    done(context, result);
}

void loop_close(struct loop *loop)
{
    if (loop == NULL)
        return;
    while (loop->tasks != NULL) {
        call_abandon(loop->tasks->call);
        task_end(loop, loop->tasks);
    }
    if (loop->multi != NULL)
        (void)curl_multi_cleanup(loop->multi);
    if (loop->timer >= 0)
        (void)close(loop->timer);
    if (loop->epoll >= 0)
        (void)close(loop->epoll);
    memory_give(loop);
}

/* Sends a request on its way; one that can't leave is answered at once. */
static void request_start(struct loop *loop, struct task *task,
                          const struct transport_request *request)
{
    struct transport *transport = loop->client->transport;
    struct transport_reply reply;
    if (transport_hooked(transport)) {
        enum payout_client_fault fault = transport_call(transport, request, &reply);
        call_answer(task->call, fault, &reply);
        return;
    }
    task->passage = passage_open(transport, request);
    if (task->passage != NULL &&
        curl_multi_add_handle(loop->multi, passage_handle(task->passage)) == CURLM_OK)
        return;
    passage_close(task->passage);
    task->passage = NULL;
    reply = (struct transport_reply){.retry_after_s = -1, .error = "out of memory"};
    buffer_init(&reply.body, TRANSPORT_REPLY_BYTES_MAX);
    call_answer(task->call, PAYOUT_CLIENT_NO_MEMORY, &reply);
}

/* Moves a task on as far as it goes without waiting. True: it has ended. */
static bool task_run(struct loop *loop, struct task *task)
{
    struct transport_request request;
    int64_t wait_ms;
    while (task->passage == NULL) {
        if (task->waits && clock_monotonic_us() < task->due_us)
            return false;
        if (task->waits)
            call_waited(task->call);
        task->waits = false;
        switch (call_next(task->call, &request, &wait_ms)) {
        case CALL_ENDED:
            return true;
        case CALL_WAIT:
            task->waits = true;
            task->due_us = clock_monotonic_us() + wait_ms * 1000;
            break;
        case CALL_REQUEST:
            request_start(loop, task, &request);
            break;
        }
    }
    return false;
}

/* Hands what came of an exchange to its call. */
static void passage_finish(struct loop *loop, struct task *task, CURLcode code)
{
    struct transport_reply reply;
    enum payout_client_fault fault = passage_end(task->passage, code, &reply);
    passage_stop(loop, task);
    call_answer(task->call, fault, &reply);
}

/* Hands the answers that have come to their calls. */
static void answers_take(struct loop *loop)
{
    int rest;
    for (CURLMsg *message; (message = curl_multi_info_read(loop->multi, &rest)) != NULL;) {
        CURLcode code = message->data.result;
        for (struct task *task = loop->tasks; task != NULL; task = task->next) {
            if (task->passage == NULL || passage_handle(task->passage) != message->easy_handle)
                continue;
            passage_finish(loop, task, code);
            break;
        }
    }
}

/* libcurl that could not do it (no memory) may have lost sight of what it was about. */
static void action(struct loop *loop, curl_socket_t socket, int mask)
{
    int running;
    loop->broken =
        curl_multi_socket_action(loop->multi, socket, mask, &running) != CURLM_OK || loop->broken;
}

/* Tells libcurl what happened to its sockets, and what time it is. */
static void events_take(struct loop *loop)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(loop->epoll, events, EVENTS_MAX, 0);
    for (int i = 0; i < count; i++) {
        unsigned what = events[i].events;
        if (events[i].data.fd == loop->timer) {
            uint64_t times;
            (void)!read(loop->timer, &times, sizeof times);
            continue;
        }
        int mask = ((what & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                   ((what & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                   ((what & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
        action(loop, events[i].data.fd, mask);
    }
    if (loop->curl_due_us >= 0 && loop->curl_due_us <= clock_monotonic_us()) {
        loop->curl_due_us = -1;
        action(loop, CURL_SOCKET_TIMEOUT, 0);
    }
}

/* Gives up what is under way on a broken handle, and takes a new one. */
static void multi_mend(struct loop *loop)
{
    for (struct task *task = loop->tasks; task != NULL; task = task->next)
        if (task->passage != NULL)
            passage_finish(loop, task, CURLE_FAILED_INIT);
    (void)curl_multi_cleanup(loop->multi);
    loop->curl_due_us = -1;
    loop->broken = !multi_open(loop);
}

void payout_client_run(struct payout_client *client)
{
    struct loop *loop = client->loop;
    if (loop == NULL)
        return;
    events_take(loop);
    answers_take(loop);
    if (loop->broken)
        multi_mend(loop);
    for (struct task *task = loop->tasks; task != NULL;) {
        if (!task_run(loop, task)) {
            task = task->next;
            continue;
        }
        task_end(loop, task); /* Others may have been started: */
        task = loop->tasks;   /* from the beginning. */
    }
    timer_arm(loop);
}

/* --- The calls --- */

static enum payout_client_fault task_start(struct payout_client *client,
                                           const struct call_input *input,
                                           payout_done_function *done, void *context)
{
    struct loop *loop = loop_of(client);
    struct task *task = loop == NULL ? NULL : memory_take_zero(1, sizeof *task);
    if (done == NULL || task == NULL) {
        memory_give(task);
        return done == NULL ? PAYOUT_CLIENT_BAD_ARGUMENT : PAYOUT_CLIENT_NO_MEMORY;
    }
    enum payout_client_fault fault = call_open(&client->account, input, &task->call);
    if (fault != PAYOUT_CLIENT_DONE) {
        memory_give(task);
        return fault;
    }
    task->done = done;
    task->context = context;
    task->next = loop->tasks;
    loop->tasks = task;
    loop->count++;
    timer_arm(loop); /* It is due. */
    return PAYOUT_CLIENT_DONE;
}

enum payout_client_fault payout_login_start(struct payout_client *client,
                                            payout_done_function *done, void *context)
{
    const struct call_input input = {.kind = CALL_LOGIN};
    return task_start(client, &input, done, context);
}

enum payout_client_fault payout_balance_start(struct payout_client *client,
                                              payout_done_function *done, void *context)
{
    const struct call_input input = {.kind = CALL_BALANCE};
    return task_start(client, &input, done, context);
}

enum payout_client_fault payout_contact_add_start(struct payout_client *client,
                                                  const struct payout_contact *contacts,
                                                  size_t count, payout_done_function *done,
                                                  void *context)
{
    const struct call_input input = {.kind = CALL_CONTACT, .contacts = contacts, .count = count};
    return task_start(client, &input, done, context);
}

enum payout_client_fault payout_send_start(struct payout_client *client,
                                           const struct payout_transfer *transfers, size_t count,
                                           const struct payout_send_options *options,
                                           payout_done_function *done, void *context)
{
    const struct call_input input = call_send_input(transfers, count, options);
    return task_start(client, &input, done, context);
}

enum payout_client_fault payout_check_start(struct payout_client *client,
                                            const struct payout_check_key *key,
                                            payout_done_function *done, void *context)
{
    const struct call_input input = {.kind = CALL_CHECK, .key = key};
    return task_start(client, &input, done, context);
}
