#include "http/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LISTEN_TEXT_BYTES = 280, LISTEN_BACKLOG = 1024 };

/* Splits "host:port" and "[host]:port"; copy is changed in place. */
static enum fault_kind text_split(char *copy, const char **host, const char **port,
                                  struct fault *fault)
{
    char *colon = strrchr(copy, ':');
    if (colon == NULL)
        return fault_set(fault, FAULT_FINAL, "listen address %s: no port", copy);
    char *begin = copy;
    size_t length = (size_t)(colon - copy);
    if (length >= 2 && copy[0] == '[' && colon[-1] == ']') {
        begin++;
        length -= 2;
    } else if (memchr(copy, ':', length) != NULL) {
        return fault_set(fault, FAULT_FINAL, "listen address %s: write IPv6 as [address]:port",
                         copy);
    }
    *port = colon + 1;
    size_t digits = strspn(*port, "0123456789");
    if (digits == 0 || digits > 5 || (*port)[digits] != '\0')
        return fault_set(fault, FAULT_FINAL, "listen address %s: the port is no number", copy);
    begin[length] = '\0';
    *host = begin;
    return FAULT_NONE;
}

/* A listening socket at one address, or -1 with errno. */
static int socket_listen(const struct addrinfo *at, bool both)
{
    int one = 1, six_only = !both ? 1 : 0;
    int opened = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (opened < 0)
        return -1;
    if (setsockopt(opened, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
        (at->ai_family != AF_INET6 ||
         setsockopt(opened, IPPROTO_IPV6, IPV6_V6ONLY, &six_only, sizeof six_only) == 0) &&
        bind(opened, at->ai_addr, at->ai_addrlen) == 0 && listen(opened, LISTEN_BACKLOG) == 0)
        return opened;
    int why = errno;
    (void)close(opened);
    errno = why;
    return -1;
}

int listener_port(int listener)
{
    /* Both families' ports stand in the same place, which is what the six's struct is for here. */
    struct sockaddr_in6 bound = {0};
    socklen_t length = sizeof bound;
    invariant(getsockname(listener, (struct sockaddr *)&bound, &length) == 0);
    _Static_assert(offsetof(struct sockaddr_in6, sin6_port) ==
                       offsetof(struct sockaddr_in, sin_port),
                   "a port is where it is");
    return ntohs(bound.sin6_port);
}

/* Tries every address that the name stands for. */
static enum fault_kind host_listen(const char *host, const char *port, bool both, int *listener,
                                   struct fault *fault)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int failed = getaddrinfo(host, port, &hints, &found);
    if (failed != 0)
        return fault_set(fault, FAULT_FINAL, "listen at %s port %s: %s", host, port,
                         gai_strerror(failed));
    *listener = -1;
    for (const struct addrinfo *at = found; at != NULL && *listener < 0; at = at->ai_next)
        *listener = socket_listen(at, both);
    int why = errno;
    freeaddrinfo(found);
    if (*listener < 0)
        return fault_set(fault, FAULT_FINAL, "listen at %s port %s: %s", host, port, strerror(why));
    return FAULT_NONE;
}

enum fault_kind listener_open(const char *text, int *listener, int *port, struct fault *fault)
{
    char copy[LISTEN_TEXT_BYTES];
    const char *host = "", *service = "";
    size_t length = strlen(text);
    if (length >= sizeof copy)
        return fault_set(fault, FAULT_FINAL, "listen address: too long");
    memcpy(copy, text, length + 1);
    enum fault_kind kind = text_split(copy, &host, &service, fault);
    if (kind != FAULT_NONE)
        return kind;
    bool every = host[0] == '\0';
    kind = host_listen(every ? "::" : host, service, every, listener, fault);
    if (kind != FAULT_NONE && every) /* A machine without IPv6. */
        kind = host_listen("0.0.0.0", service, false, listener, fault);
    if (kind == FAULT_NONE)
        *port = listener_port(*listener);
    return kind;
}
