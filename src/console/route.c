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
    {"console_home", API("home"), READING, FOR(ALL, QUERY), .begin = console_home},
    {"console_send_check", API("send/check"), METHOD_POST, FOR(SENDERS, QUERY),
     .begin = console_send_check},
    {"console_send", API("send"), METHOD_POST, FOR(SENDERS, QUERY), .begin = console_send,
     .decided = console_sent},
    {"console_lots", API("lots/all"), READING, FOR(ALL, QUERY), .begin = console_lots},
    {"console_lot_progress", API("lots/{lot}/progress"), READING, FOR(ALL, LOT),
     .begin = console_lot_progress},
    {"console_lot_events", API("lots/{lot}/events"), METHOD_GET, FOR(ALL, LOT),
     .begin = console_lot_events},
    {"console_lot_result", API("lots/{lot}/result.csv"), METHOD_GET, FOR(ALL, LOT),
     .begin = console_lot_result},
    {"console_transfers", API("transfers"), READING, FOR(ALL, QUERY), .begin = console_transfers},
    {"console_transfers_file", API("transfers.csv"), METHOD_GET, FOR(ALL, QUERY),
     .begin = console_transfers_file},
    {"console_unknown", API("unknown"), READING, FOR(OURS, PLATFORM), .begin = console_unknown},
    {"console_contacts", API("contacts"), READING, FOR(ALL, QUERY), .begin = console_contacts},
    {"console_contacts_add", API("contacts"), METHOD_POST, FOR(SENDERS, QUERY),
     .begin = console_contacts_add, .decided = console_contacts_added},
    {"console_contact", API("contacts/{phone}"), READING, FOR(ALL, QUERY),
     .begin = console_contact},
    {"console_contact_change", API("contacts/{phone}"), METHOD_POST, FOR(SENDERS, QUERY),
     .begin = console_contact_change, .decided = console_contact_changed},
    {"console_developer", API("developer"), READING, FOR(ALL, QUERY), .begin = console_developer},
    /* The pages: what is nothing else below /console is for their own router. */
    {"console_file", "/console/assets/{name}", READING, ACCESS_OPEN, VOICE_CONSOLE,
     .begin = console_file},
    {"console_page", "/console", READING, ACCESS_OPEN, VOICE_CONSOLE, .begin = console_index},
    {"console_page_below", "/console/{rest+}", READING, ACCESS_OPEN, VOICE_CONSOLE,
     .begin = console_index},
};
const size_t console_route_count = sizeof console_routes / sizeof *console_routes;
_Static_assert(sizeof console_routes / sizeof *console_routes <= HTTP_ROUTES_MORE_MAX, "all fit");
