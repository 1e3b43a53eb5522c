#include "console/console.h"
#include "console/page.h"
#include "http/session.h"

/* Only what changes nothing may be called by HEAD. */
#define READING (METHOD_GET | METHOD_HEAD)
#define FOR(ROLES, SCOPE)                                                                          \
    ACCESS_CONSOLE, VOICE_CONSOLE, .roles = ROLE_##ROLES, .scope = SCOPE_##SCOPE
#define API(path) REQUEST_CONSOLE_PATH path

const struct route console_routes[] = {
    {"console_session", API("session"), READING, FOR(ALL, SELF), .begin = console_session},
    {"console_session_renew", API("session"), METHOD_POST, FOR(ALL, SELF), .begin = session_renew,
     .decided = session_renewed},
    {"console_openapi", API("openapi.json"), READING, FOR(ALL, SELF), .begin = console_openapi},
    /* The pages: what is nothing else below /console is for their own router. */
    {"console_file", "/console/assets/{name}", READING, ACCESS_OPEN, VOICE_CONSOLE,
     .begin = console_file},
    {"console_page", "/console", READING, ACCESS_OPEN, VOICE_CONSOLE, .begin = console_index},
    {"console_page_below", "/console/{rest+}", READING, ACCESS_OPEN, VOICE_CONSOLE,
     .begin = console_index},
};
const size_t console_route_count = sizeof console_routes / sizeof *console_routes;
_Static_assert(sizeof console_routes / sizeof *console_routes <= HTTP_ROUTES_MORE_MAX, "all fit");
