/* route: the table of all there is to call, and what every call goes through: finding its route,
 * its parameters, who calls, its handler, the answer. Handlers are pure halves around a wait: what
 * waits, and how, is server.c's. */
#ifndef PAYOUT_HTTP_ROUTE_H
#define PAYOUT_HTTP_ROUTE_H
#include "http/request.h"
#include "http/role.h"

enum access {
    ACCESS_OPEN,        /* Anybody. */
    ACCESS_TOKEN,       /* A merchant, with the token of its login. */
    ACCESS_ADMIN,       /* The platform's people: the admin token, from a listed address. */
    ACCESS_ADMIN_LOGIN, /* Anybody at such an address, to log in to it. */
    ACCESS_METRICS,     /* A listed address. */
    ACCESS_CONSOLE,     /* Persons with the cookie of their session. */
};

struct route {
    const char *name; /* For metrics and the log; unique. */
    const char *path; /* {…} stands for one segment, {…+} for it and all behind it. */
    unsigned methods; /* enum method, or-ed. */
    enum access access;
    enum voice voice;
    unsigned roles;   /* Of persons (role.h): who may call it; 0: no person logs in for it. */
    enum scope scope; /* Whose affair it is. */
    /* The first half; then, when it waited, the half that goes on. */
    enum turn (*begin)(struct request *request);
    enum turn (*hashed)(struct request *request);
    enum turn (*decided)(struct request *request);
    const struct spec *spec; /* What it says of itself (spec.h); of VOICE_API only. */
};

/* Of the room's own and then of http->routes, which may be NULL. */
size_t route_count(const struct http *http);
const struct route *route_at(const struct http *http, size_t index);
size_t route_index(const struct http *http, const struct route *route);
/* The route of what is nowhere else; its answer is 404. */
const struct route *route_unknown(void);
/* Finds the route for path and method; copies what stands for {…} into arena. What isn't found is
 * route_unknown. *allowed is false when the path is there and the method isn't. The admin API is
 * below REQUEST_CONSOLE_PATH too, for who has a cookie. */
const struct route *route_find(const struct http *http, const char *path, enum method method,
                               struct arena *arena, const char *parameters[REQUEST_PARAMETERS_MAX],
                               bool *allowed);

/* Takes a request that is complete (head and body) to its answer or its first wait. */
enum turn route_begin(struct request *request);
/* Goes on after request->waits_for ended. */
enum turn route_resume(struct request *request);
/* It had to wait, and there was no room for it. */
enum turn route_busy(struct request *request);
/* The one place where a fault becomes a code: writes the answer, and why into the log. */
enum turn route_fault(struct request *request, const struct fault *fault);
/* Sets the merchant of the request's command to the transfer's owner. False: it could not be read,
 * which the reply says. */
MUST_USE bool route_owner_find(struct request *request, struct transfer_id id);
#endif
