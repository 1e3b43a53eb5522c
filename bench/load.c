/* load: a client that sends as fast as it is answered, over many connections, on one thread.
 *
 *   load --port N --path PATH --items N --connections N --seconds N [--requests N]
 *
 * Every request is a POST of `data=[…]`, percent-encoded as clients' libraries do it, with fresh
 * client_transaction_ids and receivers drawn from 10,000 contacts. Prints one line of JSON:
 * requests and items a second that were answered with code 0, and the latencies' 50th and 99th
 * percentile. With --contacts it adds those contacts instead, once. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"

enum {
    CONTACTS = 10000,
    CONTACTS_AT_ONCE = 500,
    CONNECTIONS_MAX = 1024,
    ANSWER_BYTES = 1 << 20,
    ID_CHARACTERS = 10,
    RECEIVER_DIGITS = 4,
    LATENCIES_MAX = 1 << 22,
};

struct options {
    int port, items, connections;
    double seconds;
    int64_t requests; /* 0: as many as there is time for. */
    const char *path;
    bool contacts;
};

struct connection {
    int socket;
    char *request; /* Its own copy of the template. */
    size_t sent;
    char *answer;
    size_t received;
    int64_t begun_us;
    bool idle;
};

struct load {
    struct options options;
    struct buffer template;
    size_t *ids, *receivers; /* Where in the template they stand. */
    uint64_t counter;
    int epoll;
    struct connection connections[CONNECTIONS_MAX];
    uint32_t *latencies_us;
    size_t latency_count;
    int64_t begun, answered, refused;
};

static void die(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void encoded(struct buffer *text, const char *plain)
{
    for (; *plain != '\0'; plain++)
        if (strchr("{}[]\",:/", *plain) != NULL)
            buffer_format(text, "%%%02X", (unsigned)*plain);
        else
            buffer_char(text, *plain);
}

/* '@' stands where an id goes, '#' where the last digits of a receiver do. */
static void template_make(struct load *load)
{
    struct buffer body;
    buffer_init(&body, 1 << 24);
    buffer_text_append(&body, "data=");
    encoded(&body, "[");
    for (int i = 0; i < load->options.items; i++)
        encoded(&body, load->options.contacts
                           ? &",{\"prefix\":\"225\",\"phone\":\"07####0000\",\"name\":\"Koné\","
                              "\"surname\":\"Awa\",\"email\":\"awa@example.com\"}"[i == 0]
                           : &",{\"prefix\":\"225\",\"phone\":\"07####0000\",\"amount\":500,"
                              "\"notify_url\":\"http://127.0.0.1:9/n\","
                              "\"client_transaction_id\":\"@@@@@@@@@@\"}"[i == 0]);
    encoded(&body, "]");
    buffer_init(&load->template, 1 << 24);
    buffer_format(&load->template,
                  "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: "
                  "application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n",
                  load->options.path, body.length);
    buffer_append(&load->template, body.bytes, body.length);
    buffer_free(&body);
    size_t count = (size_t)load->options.items;
    load->ids = calloc(count, sizeof *load->ids);
    load->receivers = calloc(count, sizeof *load->receivers);
    size_t id = 0, receiver = 0;
    for (size_t i = 0; i < load->template.length; i++) {
        if (load->template.bytes[i] == '@') {
            load->ids[id++] = i;
            i += ID_CHARACTERS;
        } else if (load->template.bytes[i] == '#') {
            load->receivers[receiver++] = i;
            i += RECEIVER_DIGITS;
        }
    }
}

static void digits_write(char *at, uint64_t number, int base, int width)
{
    for (int i = width - 1; i >= 0; i--, number /= (uint64_t)base)
        at[i] = "0123456789abcdefghijklmnopqrstuvwxyz"[number % (uint64_t)base];
}

static void request_fill(struct load *load, struct connection *connection)
{
    for (int i = 0; i < load->options.items; i++) {
        uint64_t number = load->counter++;
        digits_write(connection->request + load->receivers[i],
                     load->options.contacts ? number : number * 7919, 10, RECEIVER_DIGITS);
        if (!load->options.contacts)
            digits_write(connection->request + load->ids[i], number, 36, ID_CHARACTERS);
    }
}

static void connection_begin(struct load *load, struct connection *connection)
{
    request_fill(load, connection);
    connection->sent = connection->received = 0;
    connection->idle = false;
    connection->begun_us = clock_monotonic_us();
    load->begun++;
}

static bool connection_send(struct load *load, struct connection *connection)
{
    while (connection->sent < load->template.length) {
        ssize_t sent = send(connection->socket, connection->request + connection->sent,
                            load->template.length - connection->sent, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN)
            return false;
        if (sent < 0)
            die("send");
        connection->sent += (size_t)sent;
    }
    return true;
}

/* True when a whole answer is there. */
static bool answer_whole(struct connection *connection)
{
    connection->answer[connection->received] = '\0';
    const char *body = strstr(connection->answer, "\r\n\r\n");
    if (body == NULL)
        return false;
    const char *length = strcasestr(connection->answer, "content-length:");
    if (length == NULL || length > body)
        die("an answer without a length");
    size_t whole = (size_t)(body + 4 - connection->answer) + strtoul(length + 15, NULL, 10);
    return connection->received >= whole;
}

static bool connection_receive(struct load *load, struct connection *connection)
{
    for (;;) {
        ssize_t received = recv(connection->socket, connection->answer + connection->received,
                                ANSWER_BYTES - 1 - connection->received, 0);
        if (received < 0 && errno == EAGAIN)
            return false;
        if (received <= 0)
            die("the connection was cut");
        connection->received += (size_t)received;
        if (answer_whole(connection))
            break;
    }
    if (strstr(connection->answer, "\r\n\r\n{\"code\":0,") != NULL)
        load->answered++;
    else if (load->refused++ == 0)
        fprintf(stderr, "load: refused: %.600s\n", connection->answer);
    if (load->latency_count < LATENCIES_MAX)
        load->latencies_us[load->latency_count++] =
            (uint32_t)(clock_monotonic_us() - connection->begun_us);
    return true;
}

static void connections_open(struct load *load)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)load->options.port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    load->epoll = epoll_create1(0);
    for (int i = 0; i < load->options.connections; i++) {
        struct connection *connection = &load->connections[i];
        connection->socket = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(connection->socket, (struct sockaddr *)&address, sizeof address) != 0)
            die("connect");
        if (fcntl(connection->socket, F_SETFL, O_NONBLOCK) != 0)
            die("fcntl");
        int on = 1;
        (void)setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        connection->request = malloc(load->template.length);
        connection->answer = malloc(ANSWER_BYTES);
        if (connection->request == NULL || connection->answer == NULL)
            die("memory");
        memcpy(connection->request, load->template.bytes, load->template.length);
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = connection};
        if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, connection->socket, &event) != 0)
            die("epoll");
        connection->idle = true;
    }
}

static void connection_go(struct load *load, struct connection *connection, int64_t end_us)
{
    for (;;) {
        if (connection->idle) {
            bool over = load->options.requests > 0 ? load->begun >= load->options.requests
                                                   : clock_monotonic_us() >= end_us;
            if (over)
                return;
            connection_begin(load, connection);
        }
        if (!connection_send(load, connection) || !connection_receive(load, connection))
            return;
        connection->idle = true;
    }
}

static int64_t load_run(struct load *load)
{
    int64_t begun_us = clock_monotonic_us();
    int64_t end_us = begun_us + (int64_t)(load->options.seconds * 1e6);
    for (int i = 0; i < load->options.connections; i++)
        connection_go(load, &load->connections[i], end_us);
    struct epoll_event events[256];
    while (load->answered + load->refused < load->begun) {
        int count = epoll_wait(load->epoll, events, 256, 60000);
        if (count <= 0)
            die("no answer within a minute");
        for (int i = 0; i < count; i++)
            connection_go(load, events[i].data.ptr, end_us);
    }
    return clock_monotonic_us() - begun_us;
}

static int latency_compare(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static void options_read(int argc, char **argv, struct options *options)
{
    *options = (struct options){.items = 1, .connections = 64, .seconds = 5, .path = "/"};
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--contacts") == 0) {
            options->contacts = true;
            continue;
        }
        if (strcmp(argv[i], "--port") == 0)
            options->port = (int)strtol(value, NULL, 10);
        else if (strcmp(argv[i], "--path") == 0)
            options->path = value;
        else if (strcmp(argv[i], "--items") == 0)
            options->items = (int)strtol(value, NULL, 10);
        else if (strcmp(argv[i], "--connections") == 0)
            options->connections = (int)strtol(value, NULL, 10);
        else if (strcmp(argv[i], "--seconds") == 0)
            options->seconds = strtod(value, NULL);
        else if (strcmp(argv[i], "--requests") == 0)
            options->requests = strtoll(value, NULL, 10);
        else
            exit(2);
        i++;
    }
    if (options->contacts) {
        options->items = CONTACTS_AT_ONCE;
        options->requests = CONTACTS / CONTACTS_AT_ONCE;
        options->connections = 1;
    }
    if (options->connections < 1 || options->connections > CONNECTIONS_MAX || options->items < 1)
        exit(2);
}

int main(int argc, char **argv)
{
    static struct load load;
    options_read(argc, argv, &load.options);
    /* Ids of this run, not of one before. */
    load.counter = load.options.contacts ? 0 : (uint64_t)clock_now_ms() * 1000;
    load.latencies_us = calloc(LATENCIES_MAX, sizeof *load.latencies_us);
    template_make(&load);
    connections_open(&load);
    double seconds = (double)load_run(&load) / 1e6;
    qsort(load.latencies_us, load.latency_count, sizeof *load.latencies_us, latency_compare);
    double requests = (double)load.answered / seconds;
    printf(
        "{\"requests_per_second\":%.0f,\"items_per_second\":%.0f,\"p50_ms\":%.2f,"
        "\"p99_ms\":%.2f,\"max_ms\":%.1f,\"answered\":%lld,\"refused\":%lld,\"body_bytes\":%zu}\n",
        requests, requests * load.options.items, load.latencies_us[load.latency_count / 2] / 1e3,
        load.latencies_us[load.latency_count * 99 / 100] / 1e3,
        load.latencies_us[load.latency_count - 1] / 1e3, (long long)load.answered,
        (long long)load.refused, load.template.length);
    return load.refused == 0 ? 0 : 1;
}
