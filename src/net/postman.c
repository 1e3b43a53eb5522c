#include "net/postman.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/secret.h"
#include "net/curl_start.h"

enum {
    SOCKETS_MAX = 8,
    CONNECTION_IDLE_S_MAX = 50,
    WAIT_MS_MAX = 1000,
    URL_BYTES_MAX = 1024,
    REPLY_BYTES = 160
};

struct postman {
    char *url, *from, *user, *password, *ca_file;
    enum postman_tls tls;
    int64_t timeout_ms, connect_timeout_ms;
    CURLM *multi; /* Keeps the connection. */
    atomic_bool cut;
    pthread_mutex_t mutex;
    int sockets[SOCKETS_MAX]; /* Under the mutex: those that are open; -1: none. */
    /* Of the mail under way: */
    const char *mail;
    size_t length, read;
    bool addressed;          /* The server was told whom it is for, or more. */
    char reply[REPLY_BYTES]; /* Its first line that refuses, made printable. */
    char curl_error[CURL_ERROR_SIZE];
};

/* --- Opening --- */

static char *copied(const char *text)
{
    char *copy = strdup(text == NULL ? "" : text);
    invariant(copy != NULL);
    return copy;
}

/* What stands between angle brackets in the protocol: printable ASCII without those. */
static bool address_plain(const char *address)
{
    size_t length = strlen(address);
    const char *at = strchr(address, '@');
    if (length > POSTMAN_ADDRESS_BYTES_MAX || at == NULL || at == address || at[1] == '\0')
        return false;
    for (const char *each = address; *each != '\0'; each++)
        if (*each <= ' ' || *each >= 0x7f || strchr("<>()[]\\,;:\"", *each) != NULL)
            return false;
    return true;
}

/* True for smtp: to this machine, which a password may reach in plain text. */
static bool url_local(const char *url)
{
    static const char *const locals[] = {"localhost", "127.0.0.1", "[::1]"};
    const char *host = strstr(url, "://") + 3;
    size_t length = host[0] == '[' ? strcspn(host, "]/") : strcspn(host, ":/");
    length += host[length] == ']';
    for (size_t i = 0; i < sizeof locals / sizeof *locals; i++)
        if (strlen(locals[i]) == length && strncasecmp(host, locals[i], length) == 0)
            return true;
    return false;
}

static enum fault_kind options_check(const struct postman_options *options, struct fault *fault)
{
    const char *url = options->url;
    bool smtps = strncmp(url, "smtps://", 8) == 0, smtp = strncmp(url, "smtp://", 7) == 0;
    bool user = options->user != NULL && options->user[0] != '\0';
    bool password = options->password != NULL && options->password[0] != '\0';
    if ((!smtp && !smtps) || strlen(url) > URL_BYTES_MAX || url[smtps ? 8 : 7] == '\0')
        return fault_set(fault, FAULT_FINAL, "url: neither smtp://host:port nor smtps://host:port");
    for (const char *each = url; *each != '\0'; each++)
        if (*each <= ' ' || *each >= 0x7f)
            return fault_set(fault, FAULT_FINAL, "url: a blank or a strange character in it");
    if (strchr(url, '@') != NULL)
        return fault_set(fault, FAULT_FINAL, "url: no user in it; that is a setting of its own");
    if (!address_plain(options->from))
        return fault_set(fault, FAULT_FINAL, "from: no mail address");
    if (user != password)
        return fault_set(fault, FAULT_FINAL, "a user needs a password, and a password a user");
    if (user && !smtps && options->tls != POSTMAN_TLS_REQUIRED && !url_local(url))
        return fault_set(fault, FAULT_FINAL, "starttls: with a user it must be required");
    return FAULT_NONE;
}

enum fault_kind postman_open(const struct postman_options *options, struct postman **postman,
                             struct fault *fault)
{
    invariant(options->timeout_ms > 0 && options->connect_timeout_ms > 0);
    if (options_check(options, fault) != FAULT_NONE)
        return fault->kind;
    curl_start();
    struct postman *opened = calloc(1, sizeof *opened);
    invariant(opened != NULL);
    opened->url = copied(options->url);
    opened->from = copied(options->from);
    opened->user = copied(options->user);
    opened->password = copied(options->password);
    opened->ca_file = copied(options->ca_file);
    opened->tls = options->tls;
    opened->timeout_ms = options->timeout_ms;
    opened->connect_timeout_ms = options->connect_timeout_ms;
    for (size_t i = 0; i < SOCKETS_MAX; i++)
        opened->sockets[i] = -1;
    invariant(pthread_mutex_init(&opened->mutex, NULL) == 0);
    opened->multi = curl_multi_init();
    invariant(opened->multi != NULL);
    *postman = opened;
    return FAULT_NONE;
}

void postman_close(struct postman *postman)
{
    if (postman == NULL)
        return;
    (void)curl_multi_cleanup(postman->multi);
    invariant(pthread_mutex_destroy(&postman->mutex) == 0);
    secret_wipe(postman->password, strlen(postman->password));
    free(postman->url);
    free(postman->from);
    free(postman->user);
    free(postman->password);
    free(postman->ca_file);
    free(postman);
}

void postman_cut(struct postman *postman)
{
    atomic_store(&postman->cut, true);
    invariant(pthread_mutex_lock(&postman->mutex) == 0);
    for (size_t i = 0; i < SOCKETS_MAX; i++)
        if (postman->sockets[i] >= 0)
            (void)shutdown(postman->sockets[i], SHUT_RDWR);
    invariant(pthread_mutex_unlock(&postman->mutex) == 0);
    invariant(curl_multi_wakeup(postman->multi) == CURLM_OK);
}

/* --- What libcurl calls --- */

static size_t mail_leaves(char *bytes, size_t size, size_t count, void *context)
{
    struct postman *postman = context;
    size_t room = size * count, left = postman->length - postman->read;
    size_t length = left < room ? left : room;
    memcpy(bytes, postman->mail + postman->read, length);
    postman->read += length;
    return length;
}

static size_t reply_is_dropped(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes, (void)context;
    return size * count;
}

/* Keeps the line when it is the first that refuses: what follows is a farewell. */
static void reply_keep(struct postman *postman, const char *bytes, size_t length)
{
    size_t kept = 0;
    if (postman->reply[0] != '\0' || length < 4 || (bytes[0] != '4' && bytes[0] != '5'))
        return;
    for (size_t i = 0; i < length && kept < sizeof postman->reply - 1; i++)
        if (bytes[i] >= ' ' && bytes[i] < 0x7f)
            postman->reply[kept++] = bytes[i];
    postman->reply[kept] = '\0';
}

/* The only place where libcurl shows what is said. Our own lines may hold the password: they are
 * looked at for how far it came, and never kept. */
static int line_seen(CURL *easy, curl_infotype type, char *bytes, size_t length, void *context)
{
    struct postman *postman = context;
    (void)easy;
    if (type == CURLINFO_HEADER_OUT && length >= 4 && memcmp(bytes, "RCPT", 4) == 0)
        postman->addressed = true;
    if (type == CURLINFO_HEADER_IN)
        reply_keep(postman, bytes, length);
    return 0;
}

/* Puts `to` in the place of `from` among the sockets; false when from is not there. */
static bool socket_replace(struct postman *postman, int from, int to)
{
    size_t i = 0;
    invariant(pthread_mutex_lock(&postman->mutex) == 0);
    while (i < SOCKETS_MAX && postman->sockets[i] != from)
        i++;
    if (i < SOCKETS_MAX)
        postman->sockets[i] = to;
    invariant(pthread_mutex_unlock(&postman->mutex) == 0);
    return i < SOCKETS_MAX;
}

static curl_socket_t socket_open(void *context, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct postman *postman = context;
    (void)purpose;
    int opened = socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
    if (opened < 0)
        return CURL_SOCKET_BAD;
    if (socket_replace(postman, -1, opened) && !atomic_load(&postman->cut))
        return opened;
    (void)socket_replace(postman, opened, -1);
    (void)close(opened);
    return CURL_SOCKET_BAD;
}

static int socket_close(void *context, curl_socket_t opened)
{
    (void)socket_replace(context, opened, -1);
    return close(opened);
}

static int cut_looked(void *context, curl_off_t down, curl_off_t downed, curl_off_t up,
                      curl_off_t upped)
{
    struct postman *postman = context;
    (void)down, (void)downed, (void)up, (void)upped;
    return atomic_load(&postman->cut) ? 1 : 0;
}

/* --- Sending --- */

#define SET(easy, option, value) invariant(curl_easy_setopt(easy, option, value) == CURLE_OK)

static void easy_set_login(CURL *easy, const struct postman *postman)
{
    static const long tls[] = {[POSTMAN_TLS_REQUIRED] = CURLUSESSL_ALL,
                               [POSTMAN_TLS_OPTIONAL] = CURLUSESSL_TRY,
                               [POSTMAN_TLS_NONE] = CURLUSESSL_NONE};
    SET(easy, CURLOPT_USE_SSL, tls[postman->tls]);
    SET(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    SET(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (postman->ca_file[0] != '\0') {
        SET(easy, CURLOPT_CAINFO, postman->ca_file);
        SET(easy, CURLOPT_CAPATH, NULL);
    }
    if (postman->user[0] != '\0') {
        SET(easy, CURLOPT_USERNAME, postman->user);
        SET(easy, CURLOPT_PASSWORD, postman->password);
    }
}

static void easy_set(CURL *easy, struct postman *postman, const struct curl_slist *to)
{
    SET(easy, CURLOPT_URL, postman->url);
    SET(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    SET(easy, CURLOPT_PROXY, "");
    SET(easy, CURLOPT_NOSIGNAL, 1L);
    SET(easy, CURLOPT_QUICK_EXIT, 1L);
    SET(easy, CURLOPT_MAXAGE_CONN, (long)CONNECTION_IDLE_S_MAX);
    SET(easy, CURLOPT_TIMEOUT_MS, (long)postman->timeout_ms);
    SET(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)postman->connect_timeout_ms);
    SET(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)((postman->timeout_ms + 999) / 1000));
    SET(easy, CURLOPT_ERRORBUFFER, postman->curl_error);
    SET(easy, CURLOPT_VERBOSE, 1L);
    SET(easy, CURLOPT_DEBUGFUNCTION, line_seen);
    SET(easy, CURLOPT_DEBUGDATA, postman);
    SET(easy, CURLOPT_OPENSOCKETFUNCTION, socket_open);
    SET(easy, CURLOPT_OPENSOCKETDATA, postman);
    SET(easy, CURLOPT_CLOSESOCKETFUNCTION, socket_close);
    SET(easy, CURLOPT_CLOSESOCKETDATA, postman);
    SET(easy, CURLOPT_NOPROGRESS, 0L);
    SET(easy, CURLOPT_XFERINFOFUNCTION, cut_looked);
    SET(easy, CURLOPT_XFERINFODATA, postman);
    SET(easy, CURLOPT_WRITEFUNCTION, reply_is_dropped);
    SET(easy, CURLOPT_UPLOAD, 1L);
    SET(easy, CURLOPT_READFUNCTION, mail_leaves);
    SET(easy, CURLOPT_READDATA, postman);
    SET(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)postman->length);
    SET(easy, CURLOPT_MAIL_FROM, postman->from);
    SET(easy, CURLOPT_MAIL_RCPT, to);
    easy_set_login(easy, postman);
}

/* Moves the one mail on until it has ended. libcurl waits in curl_multi_perform for some answers,
 * and ends what it has sent of a mail that is taken from it as if that were all: so a mail is cut
 * off by shutting its socket, or, while there is none, by the progress function. */
static CURLcode easy_run(struct postman *postman, CURL *easy)
{
    int running = 0, queued = 0;
    invariant(curl_multi_add_handle(postman->multi, easy) == CURLM_OK);
    for (;;) {
        invariant(curl_multi_perform(postman->multi, &running) == CURLM_OK);
        const CURLMsg *message = curl_multi_info_read(postman->multi, &queued);
        if (message != NULL) {
            invariant(message->msg == CURLMSG_DONE);
            return message->data.result;
        }
        invariant(curl_multi_poll(postman->multi, NULL, 0, WAIT_MS_MAX, NULL) == CURLM_OK);
    }
}

/* Sets *fresh when the connection was made for this mail. */
static enum postman_result mail_try(struct postman *postman, const struct curl_slist *to,
                                    bool *fresh, char error[POSTMAN_ERROR_BYTES])
{
    long status = 0, connects = 0;
    postman->read = 0;
    postman->addressed = false;
    postman->reply[0] = postman->curl_error[0] = error[0] = '\0';
    CURL *easy = curl_easy_init();
    invariant(easy != NULL);
    easy_set(easy, postman, to);
    CURLcode result = easy_run(postman, easy);
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
    *fresh = connects > 0;
    invariant(curl_multi_remove_handle(postman->multi, easy) == CURLM_OK);
    curl_easy_cleanup(easy);
    if (result != CURLE_OK && atomic_load(&postman->cut)) {
        (void)snprintf(error, POSTMAN_ERROR_BYTES, "cut off");
        return POSTMAN_CUT;
    }
    if (result == CURLE_OK)
        return POSTMAN_TAKEN;
    const char *why =
        postman->curl_error[0] != '\0' ? postman->curl_error : curl_easy_strerror(result);
    bool said = postman->reply[0] != '\0';
    (void)snprintf(error, POSTMAN_ERROR_BYTES, "%.90s%s%s", why, said ? ": " : "",
                   said ? postman->reply : "");
    /* A 5xx before is about us (the login, the sender), and may be mended before the mail is old.
     */
    return postman->addressed && status >= 500 && status < 600 ? POSTMAN_REFUSED : POSTMAN_LATER;
}

enum postman_result postman_send(struct postman *postman, const char *to, const char *mail,
                                 size_t length, char error[POSTMAN_ERROR_BYTES])
{
    char address[POSTMAN_ADDRESS_BYTES_MAX + 1];
    if (!address_plain(to)) {
        (void)snprintf(error, POSTMAN_ERROR_BYTES, "no mail address");
        return POSTMAN_REFUSED;
    }
    if (atomic_load(&postman->cut)) {
        (void)snprintf(error, POSTMAN_ERROR_BYTES, "cut off");
        return POSTMAN_CUT;
    }
    (void)snprintf(address, sizeof address, "%s", to);
    const struct curl_slist list = {.data = address, .next = NULL};
    bool fresh = false;
    postman->mail = mail;
    postman->length = length;
    enum postman_result result = mail_try(postman, &list, &fresh, error);
    /* A kept connection that the server has closed says nothing of the mail. */
    if (result == POSTMAN_LATER && !fresh && !postman->addressed)
        result = mail_try(postman, &list, &fresh, error);
    postman->mail = NULL;
    return result;
}
