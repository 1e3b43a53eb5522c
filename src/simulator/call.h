/* call: one request to an operator, and what a protocol's file needs to read it and answer it. The
 * room's own. */
#ifndef PAYOUT_SIMULATOR_CALL_H
#define PAYOUT_SIMULATOR_CALL_H
#include <jansson.h>

#include "simulator/world.h"

enum { SIM_SEGMENTS_MAX = 3 };

struct sim_call {
    struct sim_world *world;
    enum sim_protocol protocol;
    const struct sim_request *request;
    const char *path; /* Behind the protocol's word: "/v1/payout" */
    int64_t now_ms;
    json_t *json; /* Of the body; NULL: it is none. */
    /* What stood for the '*'s of the route's pattern, decoded. */
    char segments[SIM_SEGMENTS_MAX][SIM_TEXT_BYTES];
    const char *text; /* All that tells this call from others: what chance goes by. */
    struct sim_reply *reply;
    /* Out */
    struct sim_order *touched; /* The orders that it is about. */
    bool accepted;             /* It brought something about: an answer may be lost. */
};

/* What a protocol's file is. */
struct sim_route {
    const char *method;  /* "" for any. */
    const char *pattern; /* "/v1/payout/\*": a star is one segment. */
    void (*answer)(struct sim_call *call);
    bool open; /* Anybody may call it. */
};
struct sim_side {
    struct sim_credentials credentials;
    const struct sim_route *routes;
    size_t route_count;
    /* False, and answered: the caller is not let in. */
    bool (*admits)(struct sim_call *call);
    /* Answers, in the operator's words, what no route answers (404), and what faults want: 429,
     * 500, 503. */
    void (*fails)(struct sim_call *call, int status);
    void (*callback_write)(struct sim_world *world, const struct sim_order *order,
                           struct sim_callback *callback);
};
extern const struct sim_side sim_mtn, sim_wave, sim_gsma, sim_orange, sim_cinetpay, sim_cinetpay_v2;

/* A header's value, whatever its name's case; "": there is none. */
const char *call_header(const struct sim_call *call, const char *name);
/* A field of the query, decoded; "": there is none. Cut when it does not fit. */
void call_query(const struct sim_call *call, const char *name, char *text, size_t size);
/* Decodes %XX (and, in a form, '+'). */
void call_decode(const char *coded, size_t length, bool form, char *text, size_t size);
/* A member of the body, or of object, that is a text; "": it is none, or no text. */
const char *call_text(const struct sim_call *call, const char *name);
const char *json_text(const json_t *object, const char *name);
/* Notes that the call is about order: two such at a time are counted. */
void call_touch(struct sim_call *call, struct sim_order *order);
/* Takes an order: world_accept, and that. */
struct sim_order *call_accept(struct sim_call *call, const struct sim_order *draft);

/* Begins a JSON reply; the caller appends its text. */
struct buffer *call_json(struct sim_call *call, int status);
void reply_header(struct sim_reply *reply, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void callback_header(struct sim_callback *callback, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* True for "Basic" and base64 of account:secret. */
bool call_basic(const struct sim_call *call, const char *account, const char *secret);
/* The token behind "Bearer "; "": there is none. */
const char *call_bearer(const struct sim_call *call);

/* --- Forms --- */
/* 8-4-4-4-12 hexadecimal digits; version '0' is any. */
bool text_uuid(const char *text, char version);
/* Digits only, between least and most of them. */
bool text_digits(const char *text, size_t least, size_t most);
/* A whole amount above 0 without leading zeros: "500". False: none. */
bool text_amount(const char *text, int64_t *minor);
/* Copies as much of text as fits. */
#define TEXT_COPY(to, text) text_copy(to, sizeof(to), text)
void text_copy(char *to, size_t size, const char *text);
#endif
