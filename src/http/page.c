#include "http/page.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "wire/prose.h"

/* Every pair of a text's colour and what is behind it has a contrast of 7:1 or more, light or dark;
 * what is pressed is 48 pixels high. */
static const char style[] =
    ":root{color-scheme:light dark;--back:#fff;--text:#16181d;--soft:#454a54;--line:#8a909c;"
    "--do:#0a4a94;--do-text:#fff;--note:#fff3d6;--note-text:#4a3300}"
    "@media (prefers-color-scheme:dark){:root{--back:#14161a;--text:#eef0f4;--soft:#c3c8d2;"
    "--line:#7d8492;--do:#a9cdff;--do-text:#08172b;--note:#3d2f06;--note-text:#ffe6a8}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--back);color:var(--text);font:1rem/1.5 system-ui,sans-serif}"
    "main{max-width:42rem;margin:0 auto;padding:1.25rem 1rem 3rem;overflow-wrap:break-word}"
    "h1{font-size:1.5rem;line-height:1.25;margin:0 0 1rem}h2{font-size:1.125rem;margin:2rem 0 "
    ".5rem}"
    "dl{margin:0;display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.25rem 1rem}"
    "dt{color:var(--soft)}dd{margin:0}.sum{font-size:1.25rem;font-weight:700}"
    ".note{background:var(--note);color:var(--note-text);padding:.75rem 1rem;border-radius:.375rem}"
    "form{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.5rem 0}"
    "button{font:inherit;font-weight:600;min-height:3rem;padding:.5rem 1.25rem;flex:1 1 12rem;"
    "border:2px solid var(--do);border-radius:.375rem;background:var(--back);color:var(--do);"
    "cursor:pointer}button.do{background:var(--do);color:var(--do-text)}"
    "button:focus-visible{outline:3px solid var(--text);outline-offset:3px}"
    "@media (max-width:30rem){dl{grid-template-columns:minmax(0,1fr);gap:0}dd{margin:0 0 .5rem}}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;"
    "padding:.5rem .75rem .5rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}"
    "th{color:var(--soft);font-weight:600}td:last-child,th:last-child{text-align:right;"
    "padding-right:0;white-space:nowrap}small{display:block;color:var(--soft);font-size:.9375rem}";

enum { HASH_TEXT_BYTES = 64, POLICY_BYTES = 256 };
static char policy[POLICY_BYTES];

static void policy_make(void)
{
    uint8_t hash[SECRET_HASH_BYTES];
    char text[HASH_TEXT_BYTES];
    secret_sha256(style, sizeof style - 1, hash);
    (void)sodium_bin2base64(text, sizeof text, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
    int length = snprintf(policy, sizeof policy,
                          "default-src 'none'; style-src 'sha256-%s'; form-action 'self'; "
                          "frame-ancestors 'none'; base-uri 'none'",
                          text);
    invariant(length > 0 && length < (int)sizeof policy);
}

const char *page_policy(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    invariant(pthread_once(&once, policy_make) == 0);
    return policy;
}

struct buffer *page_begin(struct request *request, const char *title)
{
    struct buffer *html = &request->answer.text;
    buffer_clear(html);
    buffer_format(html,
                  "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                  "<title>",
                  request->lang == PAYOUT_EN ? "en" : "fr");
    prose_html(html, title);
    buffer_text_append(html, "</title>\n<style>");
    buffer_append(html, style, sizeof style - 1);
    buffer_text_append(html, "</style>\n</head>\n<body>\n<main>\n<h1>");
    prose_html(html, title);
    buffer_text_append(html, "</h1>\n");
    return html;
}

enum turn page_end(struct request *request, int status)
{
    buffer_text_append(&request->answer.text, "</main>\n</body>\n</html>\n");
    return request_plain(request, status, "text/html; charset=utf-8");
}

enum turn page_say(struct request *request, int status, const char *title, const char *text)
{
    struct buffer *html = page_begin(request, title);
    buffer_text_append(html, "<p>");
    prose_html(html, text);
    buffer_text_append(html, "</p>\n");
    return page_end(request, status);
}
