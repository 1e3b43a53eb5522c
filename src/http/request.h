/* request: one call, as its handler sees it: what came in, in whatever encoding, and the answer in
 * the making. It knows neither libmicrohttpd nor a thread: server.c fills it and waits for it. One
 * owner at a time: the listener's thread, or, while it waits, the lane or the hasher. */
#ifndef PAYOUT_HTTP_REQUEST_H
#define PAYOUT_HTTP_REQUEST_H
#include "base/arena.h"
#include "http/http.h"
#include "wire/form.h"
#include "wire/item.h"

enum {
    REQUEST_ID_BYTES = 32,
    REQUEST_PARAMETERS_MAX = 2,
    REQUEST_FORWARDED_BYTES_MAX = 2048,
    REQUEST_RETRY_SECONDS = 1,
    REQUEST_HEADERS_MAX = 64, /* That a callback's handler can ask for. */
};
/* Where operators call back. Their bodies are small, and never forms. */
#define REQUEST_CALLBACK_PATH           "/callback/"
#define REQUEST_CALLBACK_BODY_BYTES_MAX ((size_t)64 * 1024)
/* What browsers call with their cookie. */
#define REQUEST_CONSOLE_PATH "/console/v1/"
/* What handlers may put there: the items of the greatest request take two megabytes, a page of
 * transfers or merchants a few more. Great lots are read page by page, in an arena of each page. */
#define REQUEST_ARENA_BYTES_MAX ((size_t)64 * 1024 * 1024)
/* The greatest echo: a body of items, each with what we add. */
#define REQUEST_ANSWER_BYTES_MAX ((size_t)256 * 1024 * 1024)

enum method {
    METHOD_GET = 1 << 0,
    METHOD_HEAD = 1 << 1,
    METHOD_POST = 1 << 2,
    METHOD_OPTIONS = 1 << 3,
    METHOD_OTHER = 1 << 4,
    METHOD_PUT = 1 << 5,
};

/* How a request is spoken to. */
enum voice {
    VOICE_API,     /* CinetPay's envelopes and headers, French or English. */
    VOICE_PLAIN,   /* Plain JSON or text, in English. */
    VOICE_PAGE,    /* Pages for people, French or English. */
    VOICE_CONSOLE, /* The console's files and its plain JSON, with errors in both languages. */
};

/* What a request does next. */
enum turn {
    TURN_REPLY, /* The answer is written. */
    TURN_LANE,  /* request->job.command is filled in: it waits for the commit. */
    TURN_HASH,  /* request->hash is filled in: it waits for the password. */
    TURN_CREW,  /* server.c's own: it waits for a thread that has the time for it. */
};

struct answer {
    int status;
    enum payout_code code;
    const char *content_type;
    struct buffer text;
    int64_t retry_after_seconds;    /* 0: it says nothing of that. */
    int rate_limit, rate_remaining; /* What the X-RateLimit headers show ... */
    bool rate_known;                /* ... because a limit was asked, and not as the original. */
    const char *cookie;             /* What Set-Cookie says; NULL: nothing. */
    const char *encoding;           /* Of the text: "br", "gzip"; NULL: as it is. */
    const char *file_name;          /* It is a download of this name; NULL: it is none. */
    bool immutable;                 /* Its name changes when it does: it may be kept for ever. */
};

/* A header as it came; libmicrohttpd's, as long as the request. */
struct request_header {
    const char *name, *value;
};

struct route;
struct guest;
struct stream;
struct MHD_Connection;

struct request {
    struct http *http;
    const struct settings *settings; /* As they were when it came. */
    struct arena *arena;             /* The request lives in it too. */
    char id[REQUEST_ID_BYTES];
    int64_t began_at_us;
    /* What came in. */
    enum method method;
    const char *path;  /* Decoded; without blanks or slashes at its end. */
    const char *query; /* Still encoded; NULL when there is none. */
    size_t query_length;
    const char *content_type, *authorization; /* Headers; NULL when they weren't sent. */
    const char *forwarded_proto;              /* NULL when it wasn't sent. */
    char *forwarded_for;                      /* All of them, joined; NULL when there is none. */
    bool forwarded;                           /* Some header says that it came through a proxy. */
    struct address peer;                      /* At the other end of the connection ... */
    struct address client;                    /* ... and who really calls (access_client). */
    char client_text[ADDRESS_TEXT_BYTES];
    struct request_header *headers; /* Of a callback, or of the console; NULL of any other. */
    size_t header_count;
    struct buffer body;  /* Its limit is what this request may send. */
    bool length_said;    /* Content-Length or Transfer-Encoding came. */
    bool malformed;      /* Its head can be read in two ways. */
    bool body_too_large; /* Then nothing of it was kept. */
    bool no_room;        /* The same: all requests together hold too much. */
    bool callback_waits; /* It has one of the callbacks' places before the lane. */
    /* What was found out. */
    struct form *form;
    struct items *items;
    const struct route *route;
    enum voice voice;    /* Its route's, unless a browser's cookie stands for the admin API. */
    bool by_cookie;      /* Below REQUEST_CONSOLE_PATH: the session is a cookie's. */
    const char *session; /* The token of who is logged in; NULL: nobody is. */
    int64_t session_began_at_ms;
    const char *parameters[REQUEST_PARAMETERS_MAX]; /* What stood in the place of {} in the path. */
    enum payout_lang lang;
    struct merchant_id merchant_id; /* 0: nobody has shown a token. */
    const struct merchant *merchant;
    const struct user *user; /* Who is logged in to the admin API; NULL: its token was shown. */
    /* What it waits for. */
    enum turn waits_for;
    struct lane_job job;
    struct hasher_job hash;
    struct crew_job crew;
    bool heavy; /* The crew's threads run it, not the listener's. */
    void *work; /* The handler's own, between its halves; in the arena. */
    struct answer answer;
    struct stream *stream;       /* The answer goes on (stream.h); NULL: its text is all of it. */
    const struct looper *looper; /* The thread that it belongs to. These are server.c's own. */
    struct MHD_Connection *connection;
    struct guest *guest; /* Whoever is at the other end of it. */
    size_t received_bytes, held_bytes;
    enum { STAGE_HEAD, STAGE_BODY, STAGE_WAITING, STAGE_ANSWERED } stage;
};

/* A request for uri (as it stands in the request line); request_close. */
struct request *request_open(struct http *http, const char *uri);
/* Frees it with all that it holds. */
void request_close(struct request *request);

/* The parameter called name, wherever it was sent (body first); NULL when it is absent or empty.
 * Valid while the request is. */
const char *request_text(const struct request *request, const char *name);
/* True of what operators call: its body is no form, and its headers are kept. */
bool request_calls_back(const struct request *request);
/* A header of one whose headers are kept, whatever its case; NULL: it was not sent. */
const char *request_header(const struct request *request, const char *name);
/* Reads `data` into request->items. False: it was refused, the answer is written. */
MUST_USE bool request_items(struct request *request);

/* Each writes the whole answer and returns TURN_REPLY. Refusals are in the request's language, or,
 * on routes that are not the Payout API's, in English and without its envelope. */
enum turn request_refuse(struct request *request, enum payout_code code);
/* The same with another HTTP status than the code's (0: the code's) and other words. */
enum turn request_refuse_as(struct request *request, enum payout_code code, int status,
                            const char *fr, const char *en);
/* Begins an answer of success; the handler appends `data` and ends it. */
struct buffer *request_data_begin(struct request *request);
enum turn request_data_end(struct request *request);
/* An answer that is not JSON of an envelope: the handler has filled answer.text. */
enum turn request_plain(struct request *request, int status, const char *content_type);
/* The HTTP status of code as a whole answer, as the settings want it. */
int request_status(const struct request *request, enum payout_code code, int status);

/* Around the results of contact and send: [[ … ]], or [ … ] for merchants that want it flat. */
void request_results_begin(const struct request *request, struct buffer *text);
void request_results_end(const struct request *request, struct buffer *text);

/* For request_open and the tests: takes uri (changed in place) apart. */
void request_uri_read(char *uri, const char **path, const char **query, size_t *query_length);
#endif
