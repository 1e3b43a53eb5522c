/* Many at once, over the real store: nobody's answer is another's, and none is lost. */
#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "serve.h"

enum { CLIENTS = 24, CALLS = 40 };

static struct serve serve;
static char folder[64];

static int open_server(void **state)
{
    (void)state;
    struct http_options options;
    struct fault fault;
    struct store *store = NULL;
    char url[128];
    (void)snprintf(folder, sizeof folder, "/tmp/payoutd-crowd-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(url, sizeof url, "sqlite://%s/payoutd.db", folder);
    if (store_open(url, NULL, &store, &fault) != FAULT_NONE)
        fail_msg("%s", fault.text);
    serve_options(&options);
    serve_open(&serve, store, &options);
    return 0;
}

static void folder_remove(void)
{
    DIR *files = opendir(folder);
    assert_non_null(files);
    for (struct dirent *file = readdir(files); file != NULL; file = readdir(files))
        if (file->d_name[0] != '.')
            assert_int_equal(unlinkat(dirfd(files), file->d_name, 0), 0);
    (void)closedir(files);
    assert_int_equal(rmdir(folder), 0);
}

static int close_server(void **state)
{
    (void)state;
    serve_close(&serve);
    store_close(serve.store);
    folder_remove();
    return 0;
}

struct client {
    pthread_t thread;
    struct serve serve; /* A copy with a connection of its own. */
    int number;
    int accepted, refused; /* Calls that were answered with 200, and with 503. */
};

static void client_send(struct client *client, int call)
{
    char path[700], body[200], id[32];
    (void)snprintf(id, sizeof id, "C%d-%d", client->number, call);
    (void)snprintf(path, sizeof path, "/v1/transfer/money/send/contact?token=%s",
                   client->serve.token);
    (void)snprintf(body, sizeof body,
                   "prefix=225&phone=0707895086&amount=500&notify_url=http://a/n"
                   "&client_transaction_id=%s",
                   id);
    struct serve_reply reply =
        serve_send(&client->serve, &(struct serve_call){.path = path, .body = body});
    if (reply.status == 200) {
        client->accepted++;
        assert_string_equal(serve_text(&reply, "data/0/0/client_transaction_id"), id);
    } else {
        assert_int_equal(reply.status, 503);
        client->refused++;
    }
    serve_free(&reply);
}

static void *client_run(void *context)
{
    struct client *client = context;
    for (int call = 0; call < CALLS; call++)
        client_send(client, call);
    return NULL;
}

static void everybody_gets_its_own_answer(void **state)
{
    (void)state;
    static struct client clients[CLIENTS];
    struct serve_reply reply =
        serve_as_merchant(&serve, "/v1/transfer/contact", "prefix=225&phone=0707895086");
    assert_int_equal(reply.status, 200);
    serve_free(&reply);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){.serve = serve, .number = i};
        clients[i].serve.curl = curl_easy_init();
        assert_int_equal(pthread_create(&clients[i].thread, NULL, client_run, &clients[i]), 0);
    }
    for (int i = 0; i < CLIENTS; i++) {
        assert_int_equal(pthread_join(clients[i].thread, NULL), 0);
        assert_int_equal(clients[i].accepted, CALLS);
        curl_easy_cleanup(clients[i].serve.curl);
    }
    reply = serve_as_merchant(&serve, "/v1/transfer/check/balance", NULL);
    assert_int_equal(serve_number(&reply, "data/inUsing"), CLIENTS * CALLS * 500);
    assert_int_equal(serve_number(&reply, "data/amount"), SERVE_MONEY);
    serve_free(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_gets_its_own_answer),
    };
    return cmocka_run_group_tests(tests, open_server, close_server);
}
