#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "http/route.h"

/* What route and first parameter a path leads to. */
static const char *find(const char *path, enum method method, bool *allowed, char parameter[64])
{
    struct arena *arena = arena_open(1 << 20);
    const char *parameters[REQUEST_PARAMETERS_MAX] = {NULL};
    const struct route *route = route_find(NULL, path, method, arena, parameters, allowed);
    parameter[0] = '\0';
    if (parameters[0] != NULL)
        (void)strncat(parameter, parameters[0], 63);
    arena_close(arena);
    return route->name;
}

static void a_path_and_a_method_lead_to_one_route(void **state)
{
    (void)state;
    const struct {
        const char *path;
        enum method method;
        const char *name, *parameter;
    } cases[] = {
        {"/", METHOD_GET, "root", ""},
        {"/v1/auth/login", METHOD_GET, "login", ""},
        {"/v1/auth/login", METHOD_POST, "login", ""},
        {"/v1/transfer/check/balance", METHOD_HEAD, "balance", ""},
        {"/v1/transfer/money/send/contact", METHOD_POST, "send", ""},
        {"/admin/v1/merchants", METHOD_GET, "admin_merchants", ""},
        {"/admin/v1/merchants", METHOD_POST, "admin_merchant_create", ""},
        {"/admin/v1/merchants/12", METHOD_GET, "admin_merchant_show", "12"},
        {"/admin/v1/merchants/12", METHOD_POST, "admin_merchant_change", "12"},
        {"/admin/v1/merchants/12/topup", METHOD_POST, "admin_merchant_topup", "12"},
        {"/admin/v1/lots/00a b", METHOD_GET, "admin_lot_show", "00a b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool allowed;
        char parameter[64];
        assert_string_equal(find(cases[i].path, cases[i].method, &allowed, parameter),
                            cases[i].name);
        assert_true(allowed);
        assert_string_equal(parameter, cases[i].parameter);
    }
}

static void what_is_no_path_leads_nowhere(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "",
        "/v1",
        "/v1/auth/logins",
        "/v1/auth/logi",
        "/V1/auth/login",
        "v1/auth/login",
        "/admin/v1/merchants/12/none",
        "/admin/v1/merchants/12/topup/1",
        "*",
        "/admin/v1/merchants//topup",
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        bool allowed;
        char parameter[64];
        assert_string_equal(find(paths[i], METHOD_GET, &allowed, parameter), "unknown");
        assert_true(allowed);
    }
}

static void another_method_is_not_allowed_on_a_path_that_is_there(void **state)
{
    (void)state;
    const struct {
        const char *path;
        enum method method;
    } cases[] = {
        {"/v1/auth/login", METHOD_OTHER},
        {"/v1/auth/login", METHOD_HEAD}, /* It would make a token. */
        {"/v1/transfer/contact", METHOD_HEAD},
        {"/v1/transfer/money/send/contact", METHOD_HEAD}, /* It would send money. */
        {"/admin/v1/merchants/12/topup", METHOD_GET},
        {"/healthz", METHOD_POST},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool allowed;
        char parameter[64];
        assert_string_not_equal(find(cases[i].path, cases[i].method, &allowed, parameter),
                                "unknown");
        assert_false(allowed);
    }
}

static void names_are_unique_and_index_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count(NULL); i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(route_at(NULL, i)->name, route_at(NULL, j)->name);
    assert_string_equal(route_at(NULL, route_index(NULL, route_unknown()))->name, "unknown");
}

/* Takes uri apart and compares. */
static void uri_parts(const char *uri, const char *path, const char *query)
{
    char copy[256];
    const char *read_path, *read_query;
    size_t length;
    assert_true(strlen(uri) < sizeof copy);
    memcpy(copy, uri, strlen(uri) + 1);
    request_uri_read(copy, &read_path, &read_query, &length);
    assert_string_equal(read_path, path);
    if (query == NULL)
        assert_null(read_query);
    else
        assert_string_equal(read_query, query);
    assert_int_equal(length, query == NULL ? 0 : strlen(query));
}

static void a_uri_is_taken_apart_with_all_that_clients_add(void **state)
{
    (void)state;
    uri_parts("/v1/auth/login", "/v1/auth/login", NULL);
    uri_parts("/v1/auth/login%20", "/v1/auth/login", NULL);
    uri_parts("/v1/auth/login%20%20/", "/v1/auth/login", NULL);
    uri_parts("/v1/auth/login/%20?a=%20", "/v1/auth/login", "a=%20");
    uri_parts("//v1///auth/login//", "/v1/auth/login", NULL);
    uri_parts("/", "/", NULL);
    uri_parts("/%20", "/", NULL);
    uri_parts("///", "/", NULL);
    uri_parts("/?", "/", "");
    uri_parts("/a?b?c", "/a", "b?c");
    uri_parts("/%61%2Fb", "/a/b", NULL);
    uri_parts("/a%00b", "/a%00b", NULL);
    uri_parts("/a%", "/a%", NULL);
    uri_parts("/a%4", "/a%4", NULL);
    uri_parts("/a%zz", "/a%zz", NULL);
    uri_parts("http://host:80/v1/auth/login?a=b", "/v1/auth/login", "a=b");
    uri_parts("http://host", "/", NULL);
    uri_parts("*", "*", NULL);
    uri_parts("", "", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_and_a_method_lead_to_one_route),
        cmocka_unit_test(what_is_no_path_leads_nowhere),
        cmocka_unit_test(another_method_is_not_allowed_on_a_path_that_is_there),
        cmocka_unit_test(names_are_unique_and_index_comes_back),
        cmocka_unit_test(a_uri_is_taken_apart_with_all_that_clients_add),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
