#include "http/spec.h"

#include <stdio.h>

#include "base/fault.h"
#include "http/route.h"
#include "http/spec_own.h"
#include "money/transfer.h"
#include "wire/signature.h"

/* --- Codes --- */

enum { COMPONENT_BYTES = 64 };

struct coded {
    int status;
    enum payout_code code;
};

enum { CODED_MAX = 3 * SPEC_CODES_MAX };
struct coded_list {
    struct coded list[CODED_MAX];
    size_t count;
};

static void coded_add(struct coded_list *coded, int status, enum payout_code code)
{
    for (size_t i = 0; i < coded->count; i++)
        if (coded->list[i].status == status && coded->list[i].code == code)
            return;
    invariant(coded->count < CODED_MAX);
    coded->list[coded->count++] = (struct coded){status, code};
}

static void coded_add_all(struct coded_list *coded, const enum payout_code codes[SPEC_CODES_MAX])
{
    for (size_t i = 0; i < SPEC_CODES_MAX && codes[i] != PAYOUT_OK; i++)
        coded_add(coded, payout_code_http(codes[i]), codes[i]);
}

/* With which codes a route may refuse a whole request. */
static void route_coded(const struct route *route, struct coded_list *coded)
{
    static const enum payout_code all[SPEC_CODES_MAX] = {
        PAYOUT_INVALID_PARAM, PAYOUT_NOT_ALLOWED, PAYOUT_EXECUTION_ERROR, PAYOUT_EXECUTION_UNKNOWN};
    static const enum payout_code token[SPEC_CODES_MAX] = {
        PAYOUT_INVALID_USER, PAYOUT_EXPIRED_TOKEN, PAYOUT_INVALID_TOKEN};
    coded_add_all(coded, all);
    if (route->access == ACCESS_TOKEN)
        coded_add_all(coded, token);
    coded_add_all(coded, route->spec->codes);
    coded_add_all(coded, route->spec->item_codes);
    coded_add(coded, 413, PAYOUT_DATA_NOT_VALID);
    coded_add(coded, 429, PAYOUT_EXECUTION_ERROR);
}

static json_t *nothing_schema(void)
{
    return spec_made(json_pack("{ss si}", "type", "array", "maxItems", 0));
}

static json_t *reference(const char *kind, const char *name)
{
    return spec_made(json_pack("{so}", "$ref", json_sprintf("#/components/%s/%s", kind, name)));
}

static json_t *response(json_t *about, json_t *schema, bool again)
{
    json_t *headers = spec_made(json_object());
    static const char *const always[] = {"X-RateLimit-Limit", "X-RateLimit-Remaining",
                                         "X-Request-Id"};
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        spec_put(headers, always[i], reference("headers", always[i]));
    if (again)
        spec_put(headers, "Retry-After", reference("headers", "Retry-After"));
    return spec_made(json_pack("{so so s{s{so}}}", "description", about, "headers", headers,
                               "content", "application/json", "schema", schema));
}

/* Schemas that stand in several places: what a route's reply has as data, what it is sent. */
static const char data_schema[] = "Data", items_schema[] = "Items";

static json_t *schema_reference(const struct route *route, const char *schema)
{
    char name[COMPONENT_BYTES];
    (void)snprintf(name, sizeof name, "%s%s", route->name, schema);
    return reference("schemas", name);
}

static void schema_put(json_t *all, const struct route *route, const char *schema, json_t *value)
{
    char name[COMPONENT_BYTES];
    (void)snprintf(name, sizeof name, "%s%s", route->name, schema);
    spec_put(all, name, value);
}

/* The refusals of one status. */
static json_t *refusal_response(const struct route *route, const struct coded_list *coded,
                                int status)
{
    enum payout_code here[CODED_MAX];
    size_t count = 0;
    struct buffer about;
    buffer_init(&about, SPEC_BYTES_MAX);
    for (size_t i = 0; i < coded->count; i++) {
        if (coded->list[i].status != status)
            continue;
        char text[400];
        enum payout_code code = here[count++] = coded->list[i].code;
        (void)snprintf(text, sizeof text, "%s%d %s: %s.", count > 1 ? " " : "", (int)code,
                       payout_code_word(code), payout_code_text(code, PAYOUT_EN));
        buffer_text_append(&about, text);
    }
    bool items = status == payout_code_http(PAYOUT_CLIENT_ID_EXISTS);
    json_t *data = items ? spec_made(json_pack("{s[oo]}", "oneOf", nothing_schema(),
                                               schema_reference(route, data_schema)))
                         : nothing_schema();
    json_t *made_of =
        response(json_string(buffer_text(&about)), spec_refusal_schema(here, count, data),
                 status == 429 || status == 503);
    buffer_free(&about);
    return made_of;
}

static json_t *responses(const struct route *route)
{
    struct coded_list coded = {.count = 0};
    route_coded(route, &coded);
    json_t *all = spec_made(json_object());
    spec_put(all, "200",
             response(json_string("Done."),
                      spec_success_schema(schema_reference(route, data_schema)), false));
    for (int status = 400; status < 600; status++)
        for (size_t i = 0; i < coded.count; i++)
            if (coded.list[i].status == status) {
                char text[16];
                (void)snprintf(text, sizeof text, "%d", status);
                spec_put(all, text, refusal_response(route, &coded, status));
                break;
            }
    return all;
}

/* --- Requests --- */

static json_t *parameter(const char *name, bool required, const char *about, json_t *schema)
{
    return spec_made(json_pack("{ss ss sb ss so}", "name", name, "in", "query", "required",
                               required, "description", about, "schema", schema));
}

static json_t *parameters(const struct route *route, bool in_query)
{
    static const struct spec_member lang = {"lang", SPEC_TEXT, SPEC_LANGUAGES,
                                            .about = "Of descriptions and comments; fr by itself."};
    const struct spec *spec = route->spec;
    json_t *all = spec_made(json_array());
    spec_add(all, parameter(lang.name, false, lang.about, spec_member_schema(&lang)));
    if (spec->parameters == NULL || !in_query)
        return all;
    for (const struct spec_member *member = spec->parameters; member->name != NULL; member++) {
        bool items = member->kind == SPEC_ITEMS; /* As JSON, in a text. */
        json_t *schema = items ? schema_reference(route, items_schema) : spec_member_schema(member);
        json_t *one = parameter(member->name, !member->optional, member->about, schema);
        if (items) {
            json_t *content = json_pack("{s{sO}}", "application/json", "schema", schema);
            spec_put(one, "content", content);
            invariant(json_object_del(one, "schema") == 0);
        }
        spec_add(all, one);
    }
    return all;
}

/* The parameters as a body: a form has its items as JSON in a text, JSON has them as they are. */
static json_t *body(const struct route *route)
{
    const struct spec *spec = route->spec;
    json_t *json = spec_object_schema(spec->parameters, true);
    json_t *form = spec_made(json_deep_copy(json));
    for (const struct spec_member *member = spec->parameters; member->name != NULL; member++) {
        if (member->kind != SPEC_ITEMS)
            continue;
        spec_put(json_object_get(json, "properties"), member->name,
                 schema_reference(route, items_schema));
        spec_put(json_object_get(form, "properties"), member->name,
                 json_pack("{ss ss ss so}", "type", "string", "description", member->about,
                           "contentMediaType", "application/json", "contentSchema",
                           schema_reference(route, items_schema)));
    }
    return spec_made(json_pack("{sb s{s{so} s{sO} s{so}}}", "required", true, "content",
                               "application/x-www-form-urlencoded", "schema", form,
                               "multipart/form-data", "schema", form, "application/json", "schema",
                               json));
}

/* The operation of one method; its id is the route's name when this is the usual method. */
static json_t *operation(const struct route *route, enum method method)
{
    const struct spec *spec = route->spec;
    bool posts = method == METHOD_POST, usual = posts == spec->posts;
    json_t *made_of = spec_made(json_object());
    spec_put(made_of, "operationId",
             json_sprintf("%s%s", route->name,
                          usual   ? ""
                          : posts ? "ByPost"
                                  : "ByGet"));
    spec_put(made_of, "summary", json_string(spec->summary));
    spec_put(made_of, "description",
             json_sprintf("%s%s", spec->about,
                          usual ? "" : " The same by the other method, which some clients use."));
    if (route->access == ACCESS_OPEN)
        spec_put(made_of, "security", json_array());
    spec_put(made_of, "parameters", parameters(route, !posts));
    if (posts && spec->parameters != NULL)
        spec_put(made_of, "requestBody", body(route));
    spec_put(made_of, "responses", responses(route));
    return made_of;
}

static json_t *paths(void)
{
    json_t *all = spec_made(json_object());
    for (size_t i = 0; i < route_count(NULL); i++) {
        const struct route *route = route_at(NULL, i);
        if (route->spec == NULL)
            continue;
        json_t *path = spec_made(json_object());
        if ((route->methods & METHOD_GET) != 0)
            spec_put(path, "get", operation(route, METHOD_GET));
        if ((route->methods & METHOD_POST) != 0)
            spec_put(path, "post", operation(route, METHOD_POST));
        spec_put(all, route->path, path);
    }
    return all;
}

/* --- Notifications --- */

static json_t *notice_schema(void)
{
    json_t *properties = spec_made(json_object()), *required = spec_made(json_array());
#define FIELD(member)                                                                              \
    spec_put(properties, #member, spec_member_schema(spec_notice_field(#member)));                 \
    spec_add(required, json_string(#member));
    NOTICE_FIELDS(FIELD)
#undef FIELD
    return spec_made(json_pack("{ss so so sb}", "type", "object", "properties", properties,
                               "required", required, "additionalProperties", false));
}

static json_t *event_schema(json_t *notice)
{
    json_t *types = spec_made(json_array());
    for (enum transfer_state state = TRANSFER_NEW; state < TRANSFER_STATE_END; state++) {
        char type[NOTICE_TYPE_BYTES];
        notice_type(transfer_state_text(state), type);
        spec_add(types, json_string(type));
    }
    return spec_made(json_pack("{ss s{s{ss so} s{ss ss} so} s[sss] sb}", "type", "object",
                               "properties", "type", "type", "string", "enum", types, "timestamp",
                               "type", "string", "format", "date-time", "data", notice, "required",
                               "type", "timestamp", "data", "additionalProperties", false));
}

static json_t *webhooks(void)
{
    json_t *notice = notice_schema();
    json_t *content =
        spec_made(json_pack("{s{sO} s{so}}", "application/x-www-form-urlencoded", "schema", notice,
                            "application/json", "schema", event_schema(notice)));
    json_t *headers = spec_made(json_array());
    static const char *const names[][2] = {
        {"x-token", "Hex HMAC-SHA256 of the values, in their order, under the secret key."},
        {"webhook-id", "Standard Webhooks: the change's id, the same for every try."},
        {"webhook-timestamp", "Standard Webhooks: Unix seconds."},
        {"webhook-signature", "Standard Webhooks: v1, and base64 of the HMAC-SHA256."}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        spec_add(headers, json_pack("{ss ss ss s{ss} sb}", "name", names[i][0], "in", "header",
                                    "description", names[i][1], "schema", "type", "string",
                                    "required", true));
    return spec_made(json_pack(
        "{s{s{ss ss ss s[] so s{sb so} s{s{ss}}}}}", "transfer", "post", "operationId",
        "notification", "summary", "A transfer has changed", "description",
        "POSTed to the notify_url as a form, and to the merchant's endpoints as a form or as JSON. "
        "Any 2XX is taken for heard; anything else is tried again for three days.",
        "security", "parameters", headers, "requestBody", "required", true, "content", content,
        "responses", "2XX", "description", "Heard."));
}

/* --- The document --- */

static json_t *schemas(void)
{
    json_t *all = spec_made(json_object());
    for (size_t i = 0; i < route_count(NULL); i++) {
        const struct route *route = route_at(NULL, i);
        if (route->spec == NULL)
            continue;
        schema_put(all, route, data_schema, spec_data_schema(route->spec));
        const struct spec_member *member = route->spec->parameters;
        for (; member != NULL && member->name != NULL; member++)
            if (member->kind == SPEC_ITEMS)
                schema_put(all, route, items_schema, spec_items_schema(member));
    }
    return all;
}

static json_t *components(void)
{
    json_t *headers = spec_made(json_object());
    static const char *const names[][3] = {
        {"X-RateLimit-Limit", "integer", "Calls that may be made in a minute."},
        {"X-RateLimit-Remaining", "integer", "How many of them are left."},
        {"X-Request-Id", "string", "The request's name in the server's log."},
        {"Retry-After", "integer", "Seconds to wait before the next try."}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        spec_put(
            headers, names[i][0],
            json_pack("{ss s{ss}}", "description", names[i][2], "schema", "type", names[i][1]));
    return spec_made(
        json_pack("{so so s{s{ss ss ss ss} s{ss ss ss}}}", "schemas", schemas(), "headers", headers,
                  "securitySchemes", "token", "type", "apiKey", "in", "query", "name", "token",
                  "description", "Of login; lives for minutes.", "bearer", "type", "http", "scheme",
                  "bearer", "description", "The same token, in a header: it stays out of logs."));
}

static json_t *document(void)
{
    return spec_made(json_pack(
        "{ss s{ss ss ss} s[{ss ss}] s[{s[]} {s[]}] so so so}", "openapi", "3.1.0", "info", "title",
        "CinetPay Payout API, as payoutd serves it", "version", "1.1.0", "description",
        "Send money to mobile-money accounts. Success has `code` 0, a number; a refusal has its "
        "code as a text. A path's trailing slash or blank, HEAD where GET only reads, and a token "
        "or parameters in the body or the query, whatever the method, are taken too. A server's "
        "settings can give refusals other HTTP statuses, even 200: go by `code`.",
        "servers", "url", "/", "description", "The server that this was read from.", "security",
        "token", "bearer", "paths", paths(), "webhooks", webhooks(), "components", components()));
}

static int dump(const char *bytes, size_t length, void *text)
{
    buffer_append(text, bytes, length);
    return 0;
}

void spec_write(struct buffer *text)
{
    json_t *made_of = document();
    invariant(json_dump_callback(made_of, dump, text, JSON_INDENT(2)) == 0);
    buffer_char(text, '\n');
    json_decref(made_of);
}
