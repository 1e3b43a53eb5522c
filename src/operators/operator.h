/* operators: what pays. A connector is a file with one struct operator_connector: it knows one
 * operator's words, and nothing else. It is made of pure halves: call_write makes a request of what
 * is to be done, answer_read makes a verdict of what came back. The worker alone owns curl,
 * time-outs, tokens, leases and retries, so that no connector can pay twice, and each can be
 * tested, fuzzed and simulated without a network. A connector must never keep state: it may be
 * asked by another process, after a restart.
 *
 * A transfer is given out under one reference for its whole life, its transaction_id, through one
 * channel (operators/channel.h) from its first byte on. */
#ifndef PAYOUT_OPERATORS_OPERATOR_H
#define PAYOUT_OPERATORS_OPERATOR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "money/transfer.h"
#include "operators/channel.h"

enum {
    OPERATOR_HEADERS_MAX = 8,
    OPERATOR_HEADER_BYTES = 2300, /* One, whole; a token fits. */
    OPERATOR_TOKEN_BYTES = 2048,
    OPERATOR_URL_BYTES_MAX = 2048,
    OPERATOR_BODY_BYTES_MAX = 1024 * 1024, /* Of a batch. */
    OPERATOR_NAME_BYTES = 128,             /* A receiver's name, with its NUL. */
};

/* What an operator can do; what it can't, the worker does without. */
enum operator_ability {
    OPERATOR_REFERENCE_ONCE =
        1 << 0,                   /* It takes one reference only once: NEVER_SEEN may be believed,
                                     and what was never seen submitted again under it. */
    OPERATOR_ASKED = 1 << 1,      /* It can be asked what became of a reference. Without it an
                                     unknown outcome waits for a callback or a person. */
    OPERATOR_CALLS_BACK = 1 << 2, /* callback_read */
    OPERATOR_VALIDATES = 1 << 3,  /* It tells whether a number has an account. */
    OPERATOR_NAMES = 1 << 4,      /* … and in whose name, or whether in the contact's. */
    OPERATOR_TELLS_FLOAT = 1 << 5,
    OPERATOR_REVERSES = 1 << 6,
    OPERATOR_TOKENS = 1 << 7,     /* Calls carry a token that has to be fetched first. */
    OPERATOR_INTRODUCES = 1 << 8, /* A receiver has to be made known first: VALIDATE goes before
                                     each SUBMIT, whatever the channel wants. */
};

/* One call to an operator. */
enum operator_task {
    OPERATOR_TASK_TOKEN,        /* Fetch a token. No attempts. */
    OPERATOR_TASK_SUBMIT,       /* Pay: one attempt, or up to batch_max. */
    OPERATOR_TASK_ASK,          /* What became of it? One attempt. */
    OPERATOR_TASK_VALIDATE,     /* Has the receiver an account, in whose name? One attempt. */
    OPERATOR_TASK_FLOAT,        /* How much is left with the operator? No attempts. */
    OPERATOR_TASK_REVERSE,      /* Take a paid one back. One attempt. */
    OPERATOR_TASK_ASK_REVERSAL, /* What became of that? One attempt. */
    OPERATOR_TASK_COUNT,
};

/* What is to be paid is transfer_delivered(transfer), and never its amount, of which the receiver
 * may have to pay a fee. */
struct attempt {
    const struct transfer *transfer; /* As claimed; submitted_at_ms tells when it first went out. */
    char reference[TRANSFER_ID_TEXT_BYTES];
    int32_t number; /* From 1: submits and asks together. */
    int64_t now_ms;
    const char *receiver_name; /* "Awa Koné", as the merchant's contact says; "": unknown. */
    /* ASK_REVERSAL: the operator_reference that its answers to the reversal told last; NULL or "":
     * none. */
    const char *reversal_reference;
};

/* What a connector says of an attempt. */
struct verdict_answer {
    enum verdict verdict;
    enum transfer_reason reason;
    char operator_reference[64];
    int64_t answer_after_ms; /* The sandbox: the operator takes this long to answer: the worker
                                waits, not a thread. */
    int64_t ask_after_ms;    /* PENDING, UNKNOWN: when to ask, NEVER_SEEN, NOT_SENT: when to submit
                                again, from now; 0: the worker's backoff. */
    int answers;             /* How often it says so: an operator that answers twice; 0 is 1. */
    enum verdict afterwards; /* What it says after that, unasked: an operator that contradicts
                                itself; 0: nothing. */
};

/* What a call is made of. Read-only for connectors. */
struct operator_call {
    enum operator_task task;
    const struct channel *channel;
    const char *token; /* With OPERATOR_TOKENS: the channel's; "" for the task TOKEN. */
    const struct attempt *attempts;
    size_t count; /* Of attempts: 0, 1, or up to batch_max for SUBMIT. */
    int64_t now_ms;
};

/* A request as the connector writes it. The worker owns it, and clears it before. */
struct operator_request {
    const char *method; /* A literal: "POST" */
    struct buffer url;  /* Whole: channel->url and what follows. */
    struct buffer body;
    char headers[OPERATOR_HEADERS_MAX][OPERATOR_HEADER_BYTES]; /* "name: value" */
    size_t header_count;
};

/* What came back, whole. What did not come at all is the worker's matter: NOT_SENT when no byte had
 * left, else UNKNOWN. */
struct operator_reply {
    int status; /* HTTP's: 100 to 599. */
    const char *body;
    size_t length;
    int64_t retry_after_ms; /* Of its header Retry-After; 0: none. */
};

enum operator_receiver {
    OPERATOR_RECEIVER_UNCLEAR,
    OPERATOR_RECEIVER_FOUND, /* It has an account. */
    OPERATOR_RECEIVER_NONE,
    /* It has an account, but in another name than the contact's: the operator compared them itself,
     * and does not tell its own. Refused (RECEIVER_NAME) where the channel has a name_least. */
    OPERATOR_RECEIVER_OTHER,
};

/* What a connector makes of a reply. Zero before answer_read. */
struct operator_result {
    /* SUBMIT, ASK, REVERSE, ASK_REVERSAL: one for each attempt, in order; the worker's memory.
     * Every one must get a verdict: a reply that can't be understood is UNKNOWN. Only what says
     * beyond doubt that nothing was done is NOT_SENT (SUBMIT, REVERSE) or REJECTED. Of a reversal
     * PAID means that the money came back, REJECTED that it stays paid. */
    struct verdict_answer *answers;
    /* The token was not taken, and so nothing was done: the worker fetches a new one and makes the
     * same call once more. Answers, if any, must be NOT_SENT (SUBMIT, REVERSE) or UNKNOWN. */
    bool token_refused;
    /* Too many calls, and so nothing was done: no call to this channel for so long; 0: no such
     * word. Answers as above. */
    int64_t throttled_ms;
    /* The operator says that it is down or under maintenance, as a whole. */
    bool down;
    char token[OPERATOR_TOKEN_BYTES];        /* TOKEN; "": none was given. */
    int64_t token_lifetime_ms;               /* > 0 with it. */
    enum operator_receiver receiver;         /* VALIDATE */
    char receiver_name[OPERATOR_NAME_BYTES]; /* VALIDATE; "": it does not tell. */
    bool float_known;                        /* FLOAT */
    struct amount float_left;
    char said[160]; /* What it said, for the log, when that is an error: its code and words, no
                       secret. "" else. */
};

/* A callback as it came in. */
struct operator_callback {
    const struct channel *channel;
    const char *method;
    const char *rest; /* What follows the channel's name and a slash in the path; "": nothing. */
    const char *body;
    size_t length;
    int64_t now_ms;
    /* The value of a request's header, whatever its case; NULL: there is none. */
    const char *(*header)(void *context, const char *name);
    void *context;
};
enum operator_callback_word {
    OPERATOR_CALLBACK_FORGED,  /* What proves its sender is missing or wrong: 401. */
    OPERATOR_CALLBACK_UNCLEAR, /* Authentic, as far as can be told, but about nothing known: parked.
                                */
    OPERATOR_CALLBACK_ABOUT,   /* About the transfer whose reference is told. */
};

struct operator_connector {
    const char *name;   /* "mtn_momo": [channel] connector. */
    unsigned abilities; /* enum operator_ability, or-ed. */
    size_t batch_max;   /* Attempts of one SUBMIT; 0 is 1. */
    /* NULL, or a sentence: what the channel's settings lack for it. At start; literals. */
    const char *(*channel_check)(const struct channel *channel);
    /* Writes the request. */
    void (*call_write)(const struct operator_call *call, struct operator_request *request);
    /* Reads the reply to call. Never trusts it: any bytes may come. */
    void (*answer_read)(const struct operator_call *call, const struct operator_reply *reply,
                        struct operator_result *result);
    /* With OPERATOR_CALLS_BACK: checks a callback and writes our reference that it is about, which
     * need not exist. Whatever outcome it tells is not believed: it makes the worker ask sooner. */
    enum operator_callback_word (*callback_read)(const struct operator_callback *callback,
                                                 char reference[TRANSFER_ID_TEXT_BYTES]);

    /* The sandbox's: a connector without a network has these instead of all of the above but name
     * and abilities, and answers at once. wait_ms tells how long a transfer has to wait before it
     * can be given to the operator (which is down); 0: it can go now. */
    int64_t (*wait_ms)(const struct transfer *transfer, int64_t now_ms);
    void (*submit)(const struct attempt *attempt, struct verdict_answer *answer);
    void (*ask)(const struct attempt *attempt, struct verdict_answer *answer);
};

/* --- For connectors (operators/request.c) --- */

void operator_request_init(struct operator_request *request);
void operator_request_free(struct operator_request *request);
/* Appends a header; format as printf's. It must fit. */
void operator_request_header(struct operator_request *request, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* True when text is 1 to most bytes of visible ASCII without a blank: it may go into a header. */
bool operator_word_fits(const char *text, size_t most);
/* Appends "Authorization: Basic …"; both together have at most OPERATOR_BASIC_BYTES_MAX bytes. */
enum { OPERATOR_BASIC_BYTES_MAX = 1600 };
void operator_request_basic(struct operator_request *request, const char *user,
                            const char *password);
/* Appends text to url with everything but letters, digits, '-', '.', '_' and '~' as %XX. */
void operator_url_append(struct buffer *url, const char *text);
/* Writes the receiver's name, both parts with a blank between, cut to whole characters. */
void operator_name_set(struct operator_result *result, const char *given, const char *family);
/* Sets every answer of result, if the task has any, to this verdict and reason. */
void operator_result_all(const struct operator_call *call, struct operator_result *result,
                         enum verdict verdict, enum transfer_reason reason);
/* True on the first day after the call's one attempt first went out. No operator tells how long it
 * knows a reference; none is known to forget one so soon. So what it does not find later may have
 * been found once: that is UNKNOWN, and a person's. */
bool operator_first_day(const struct operator_call *call);
/* A UUID (version 4 by its form) that is always the same for the same reference and channel: for
 * operators that want one. what tells apart several of one reference: "", "reversal". */
enum { OPERATOR_UUID_BYTES = 37 };
void operator_uuid(const struct channel *channel, const char *reference, const char *what,
                   char uuid[OPERATOR_UUID_BYTES]);

/* Of operators that sign nothing, to whom the channel's callback_secret is told as the last part of
 * the URL that they are to call. */
enum { OPERATOR_CALLBACK_SECRET_LEAST = 16, OPERATOR_CALLBACK_SECRET_MOST = 128 };
/* NULL, or a sentence: why the channel can't be called back so. One without callback_url can. */
const char *operator_callback_check(const struct channel *channel);
/* Appends callback_url, a slash and the secret; nothing when there is no callback_url. */
void operator_callback_url(const struct channel *channel, struct buffer *url);
/* True when the callback came to that URL, or one that goes on behind it with a slash. The time
 * does not tell what was wrong. */
MUST_USE bool operator_callback_proved(const struct operator_callback *callback);
/* What follows the secret and a slash; "": nothing. */
const char *operator_callback_after(const struct operator_callback *callback);
#endif
