#include "http/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "http/pool.h"

#define DAY_MS  (INT64_C(24) * 3600 * 1000)
#define SOON_MS (14 * DAY_MS)

/* Never changed once it is shown. A handshake that has begun holds it without a lock, so one that
 * was replaced is kept: that happens a few times a year. */
struct pair {
    struct pair *older;
    gnutls_pcert_st chain[TLS_CHAIN_MAX];
    unsigned count;
    gnutls_privkey_t key;
    int64_t expires_at_ms;
};

/* Tells a file from the one that had its name before. */
struct stamp {
    dev_t device;
    ino_t inode;
    off_t bytes;
    struct timespec changed;
};

struct tls {
    _Atomic(struct pair *) pair;
    char certificate_file[TLS_PATH_BYTES], key_file[TLS_PATH_BYTES];
    struct stamp certificate, key; /* As they were when they were last read. */
};

/* A file's content, which may be a key: in memory for secrets. */
struct content {
    gnutls_datum_t bytes;
};

static void content_free(struct content *content)
{
    secret_free(content->bytes.data);
}

static void descriptor_closep(int *descriptor)
{
    if (*descriptor >= 0)
        (void)close(*descriptor);
}

static struct stamp stamp_of(const struct stat *about)
{
    return (struct stamp){about->st_dev, about->st_ino, about->st_size, about->st_ctim};
}

static bool stamp_same(const struct stamp *a, const struct stamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->bytes == b->bytes &&
           a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

/* All of a file. */
static enum fault_kind content_read(const char *path, bool secret, struct stamp *stamp,
                                    struct content *content, struct fault *fault)
{
    AUTO(descriptor_closep) int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat about;
    if (descriptor < 0 || fstat(descriptor, &about) != 0)
        return fault_set(fault, FAULT_FINAL, "%s: %s", path, strerror(errno));
    *stamp = stamp_of(&about);
    if (!S_ISREG(about.st_mode))
        return fault_set(fault, FAULT_FINAL, "%s: this is no file", path);
    if (secret && (about.st_mode & S_IRWXO) != 0)
        return fault_set(fault, FAULT_FINAL, "%s: everybody may read it: chmod o= it", path);
    if (about.st_size > TLS_FILE_BYTES_MAX)
        return fault_set(fault, FAULT_FINAL, "%s: longer than %d bytes", path, TLS_FILE_BYTES_MAX);
    content->bytes.data = secret_alloc((size_t)about.st_size + 1);
    ssize_t got = 0;
    while (content->bytes.size < (size_t)about.st_size &&
           (got = read(descriptor, content->bytes.data + content->bytes.size,
                       (size_t)about.st_size - content->bytes.size)) > 0)
        content->bytes.size += (unsigned)got;
    if (got < 0)
        return fault_set(fault, FAULT_FINAL, "%s: %s", path, strerror(errno));
    return FAULT_NONE;
}

static void pair_free(struct pair *pair)
{
    for (unsigned i = 0; i < pair->count; i++)
        gnutls_pcert_deinit(&pair->chain[i]);
    if (pair->key != NULL)
        gnutls_privkey_deinit(pair->key);
    free(pair);
}

static enum fault_kind chain_take(struct pair *pair, const char *path, const gnutls_datum_t *bytes,
                                  struct fault *fault)
{
    unsigned count = TLS_CHAIN_MAX;
    int failed = gnutls_pcert_list_import_x509_raw(pair->chain, &count, bytes, GNUTLS_X509_FMT_PEM,
                                                   GNUTLS_X509_CRT_LIST_SORT);
    if (failed == GNUTLS_E_SHORT_MEMORY_BUFFER)
        return fault_set(fault, FAULT_FINAL, "%s: more than %d certificates", path, TLS_CHAIN_MAX);
    if (failed < 0 || count == 0)
        return fault_set(fault, FAULT_FINAL, "%s: no chain of certificates in PEM: %s", path,
                         gnutls_strerror(failed));
    pair->count = count;
    gnutls_x509_crt_t first;
    invariant(gnutls_pcert_export_x509(&pair->chain[0], &first) == 0);
    pair->expires_at_ms = (int64_t)gnutls_x509_crt_get_expiration_time(first) * 1000;
    gnutls_x509_crt_deinit(first);
    return FAULT_NONE;
}

static enum fault_kind key_take(struct pair *pair, const char *path, const gnutls_datum_t *bytes,
                                struct fault *fault)
{
    invariant(gnutls_privkey_init(&pair->key) == 0);
    int failed = gnutls_privkey_import_x509_raw(pair->key, bytes, GNUTLS_X509_FMT_PEM, NULL, 0);
    if (failed == GNUTLS_E_DECRYPTION_FAILED)
        return fault_set(fault, FAULT_FINAL, "%s: the key wants a passphrase", path);
    if (failed < 0)
        return fault_set(fault, FAULT_FINAL, "%s: no private key in PEM: %s", path,
                         gnutls_strerror(failed));
    return FAULT_NONE;
}

/* True when the key is the first certificate's. */
static bool pair_fits(const struct pair *pair)
{
    unsigned char ours[64], theirs[64];
    size_t ours_length = sizeof ours, theirs_length = sizeof theirs;
    gnutls_pubkey_t public;
    invariant(gnutls_pubkey_init(&public) == 0);
    bool fits =
        gnutls_pubkey_import_privkey(public, pair->key, 0, 0) == 0 &&
        gnutls_pubkey_get_key_id(public, GNUTLS_KEYID_USE_SHA256, ours, &ours_length) == 0 &&
        gnutls_pubkey_get_key_id(pair->chain[0].pubkey, GNUTLS_KEYID_USE_SHA256, theirs,
                                 &theirs_length) == 0 &&
        ours_length == theirs_length && memcmp(ours, theirs, ours_length) == 0;
    gnutls_pubkey_deinit(public);
    return fits;
}

static enum fault_kind pair_read(struct tls *tls, const char *certificate_file,
                                 const char *key_file, struct pair *pair, struct fault *fault)
{
    AUTO(content_free) struct content certificate = {0};
    AUTO(content_free) struct content key = {0};
    /* Both are read before either is judged, so that both are known as they were. */
    if (content_read(certificate_file, false, &tls->certificate, &certificate, fault) != FAULT_NONE)
        return fault_wrap(fault, "[http] tls_certificate_file");
    if (content_read(key_file, true, &tls->key, &key, fault) != FAULT_NONE)
        return fault_wrap(fault, "[http] tls_key_file");
    if (chain_take(pair, certificate_file, &certificate.bytes, fault) != FAULT_NONE)
        return fault_wrap(fault, "[http] tls_certificate_file");
    if (key_take(pair, key_file, &key.bytes, fault) != FAULT_NONE)
        return fault_wrap(fault, "[http] tls_key_file");
    if (!pair_fits(pair))
        return fault_set(fault, FAULT_FINAL, "%s is not the key of the first certificate in %s",
                         key_file, certificate_file);
    return FAULT_NONE;
}

/* Says which certificate is shown from now on, by its end. */
static void pair_log(const struct pair *pair)
{
    int64_t left_ms = pair->expires_at_ms - clock_now_ms();
    bool soon = left_ms < SOON_MS;
    const char *what = left_ms < 0 ? "certificate is over"
                       : soon      ? "certificate ends soon"
                                   : "certificate";
    log_event(soon ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, what,
              LOG_NUMBER("days", left_ms / DAY_MS));
}

static enum fault_kind pair_replace(struct tls *tls, const char *certificate_file,
                                    const char *key_file, struct fault *fault)
{
    struct pair *pair = calloc(1, sizeof *pair);
    invariant(pair != NULL);
    enum fault_kind kind = pair_read(tls, certificate_file, key_file, pair, fault);
    if (kind != FAULT_NONE) {
        pair_free(pair);
        return kind;
    }
    pair->older = atomic_load(&tls->pair);
    atomic_store(&tls->pair, pair);
    pair_log(pair);
    return FAULT_NONE;
}

enum fault_kind tls_apply(struct tls **tls, bool running, const char *certificate_file,
                          const char *key_file, struct fault *fault)
{
    const char *certificate = certificate_file == NULL ? "" : certificate_file;
    const char *key = key_file == NULL ? "" : key_file;
    bool wanted = certificate[0] != '\0' || key[0] != '\0';
    if (running && wanted != (*tls != NULL))
        return fault_set(fault, FAULT_FINAL,
                         "[http] tls_certificate_file: TLS begins and ends with a restart only");
    if (!wanted)
        return FAULT_NONE;
    if (certificate[0] == '\0' || key[0] == '\0')
        return fault_set(fault, FAULT_FINAL,
                         "[http] tls_certificate_file and tls_key_file need each other");
    if (strlen(certificate) >= TLS_PATH_BYTES || strlen(key) >= TLS_PATH_BYTES)
        return fault_set(fault, FAULT_FINAL, "[http] tls_certificate_file: the path is too long");
    struct tls *applied = *tls != NULL ? *tls : calloc(1, sizeof *applied);
    invariant(applied != NULL);
    enum fault_kind kind = pair_replace(applied, certificate, key, fault);
    if (kind == FAULT_NONE) {
        (void)snprintf(applied->certificate_file, TLS_PATH_BYTES, "%s", certificate);
        (void)snprintf(applied->key_file, TLS_PATH_BYTES, "%s", key);
        *tls = applied;
    } else if (*tls == NULL) {
        tls_close(applied);
    }
    return kind;
}

/* A file that is not there at the moment is one that is being replaced: it is waited for. */
static bool file_changed(const char *path, const struct stamp *known)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return false;
    struct stamp now = stamp_of(&about);
    return !stamp_same(&now, known);
}

void tls_look(struct tls *tls)
{
    struct fault fault;
    if (tls == NULL || (!file_changed(tls->certificate_file, &tls->certificate) &&
                        !file_changed(tls->key_file, &tls->key)))
        return;
    if (pair_replace(tls, tls->certificate_file, tls->key_file, &fault) != FAULT_NONE)
        log_event(LOG_LEVEL_ERROR, "certificate not replaced", LOG_TEXT("why", fault.text));
}

int64_t tls_expires_at_ms(const struct tls *tls)
{
    return atomic_load(&tls->pair)->expires_at_ms;
}

void tls_show(const struct tls *tls, gnutls_pcert_st **chain, unsigned *count,
              gnutls_privkey_t *key)
{
    struct pair *pair = atomic_load(&tls->pair);
    *chain = pair->chain;
    *count = pair->count;
    *key = pair->key;
}

static ssize_t bytes_come(gnutls_transport_ptr_t socket, void *bytes, size_t length)
{
    ssize_t came = recv((int)(intptr_t)socket, bytes, length, 0);
    if (came >= 0)
        looper_moved(pool_looper());
    return came;
}

static ssize_t bytes_go(gnutls_transport_ptr_t socket, const giovec_t *pieces, int count)
{
    struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)pieces,
                             .msg_iovlen = (size_t)count};
    ssize_t went = sendmsg((int)(intptr_t)socket, &message, MSG_NOSIGNAL);
    if (went >= 0)
        looper_moved(pool_looper());
    return went;
}

void tls_watch(gnutls_session_t session)
{
    gnutls_transport_set_pull_function(session, bytes_come);
    gnutls_transport_set_vec_push_function(session, bytes_go);
    looper_moved(pool_looper());
}

void tls_close(struct tls *tls)
{
    if (tls == NULL)
        return;
    for (struct pair *pair = atomic_load(&tls->pair), *older; pair != NULL; pair = older) {
        older = pair->older;
        pair_free(pair);
    }
    free(tls);
}
