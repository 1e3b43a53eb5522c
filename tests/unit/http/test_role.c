#include "../dies.h"

#include <string.h>

#include "http/role.h"
#include "http/route.h"

/* Who may call what, said a second time, apart from the code: O owner, M maker, C checker, V
 * viewer, P the platform's. */
static const struct {
    const char *route, *roles;
} expected[] = {
    {"admin_me", "OMCVP"},
    {"admin_logout", "OMCVP"},
    {"admin_me_password", "OMCVP"},
    {"admin_me_totp", "OMCVP"},
    {"admin_me_totp_confirm", "OMCVP"},
    {"admin_users", "OP"},
    {"admin_user_create", "OP"},
    {"admin_user_show", "OP"},
    {"admin_user_change", "OP"},
    {"admin_user_password", "OP"},
    {"admin_user_totp", "OP"},
    {"admin_acts", "OCVP"},
    {"admin_merchants", "P"},
    {"admin_merchant_create", "P"},
    {"admin_merchant_show", "OMCVP"},
    {"admin_merchant_change", "OP"},
    {"admin_merchant_password", "OP"},
    {"admin_merchant_secret", "OP"},
    {"admin_lot_send", "OMP"},
    {"admin_contact_add", "OMP"},
    {"admin_merchant_topup", "P"},
    {"admin_merchant_withdraw", "P"},
    {"admin_lots", "OMCVP"},
    {"admin_lot_show", "OMCVP"},
    {"admin_lot_confirm", "OCP"},
    {"admin_lot_cancel", "OCP"},
    {"admin_transfers", "P"},
    {"admin_transfer_show", "OMCVP"},
    {"admin_transfer_settle", "P"},
    {"admin_transfer_withdraw", "P"},
    {"admin_transfer_reverse", "P"},
    {"admin_settlements", "P"},
    {"admin_channels", "P"},
    {"admin_channel_show", "P"},
    {"admin_channel_switch", "P"},
    {"admin_callbacks", "P"},
    {"admin_contradictions", "P"},
    {"admin_contradiction_close", "P"},
    {"admin_doubles", "OMCVP"},
    {"admin_double_release", "OCP"},
    {"admin_double_refuse", "OCP"},
    {"admin_screening", "P"},
    {"admin_screening_check", "P"},
    {"admin_screening_release", "P"},
    {"admin_screening_refuse", "P"},
    {"admin_endpoints", "OMCVP"},
    {"admin_endpoint_add", "OP"},
    {"admin_endpoint_change", "OP"},
    {"admin_endpoint_remove", "OP"},
    {"admin_endpoint_rotate", "OP"},
    {"admin_notifications_dead", "OMCVP"},
    {"admin_redeliver", "OP"},
    {"admin_summary", "P"},
};

static const char *roles_expected(const char *route)
{
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (strcmp(expected[i].route, route) == 0)
            return expected[i].roles;
    return NULL;
}

static void every_admin_route_is_for_these_roles_and_no_other(void **state)
{
    static const struct {
        char letter;
        enum user_role role;
    } roles[] = {{'O', USER_OWNER},
                 {'M', USER_MAKER},
                 {'C', USER_CHECKER},
                 {'V', USER_VIEWER},
                 {'P', USER_PLATFORM}};
    (void)state;
    assert_int_equal(sizeof roles / sizeof *roles, USER_ROLE_END - 1);
    for (size_t i = 0; i < route_count(NULL); i++) {
        const struct route *route = route_at(NULL, i);
        if (route->access != ACCESS_ADMIN)
            continue;
        const char *may = roles_expected(route->name);
        if (may == NULL)
            fail_msg("%s is new: say here, and in its route, who may call it", route->name);
        for (size_t j = 0; j < sizeof roles / sizeof *roles; j++) {
            bool allowed = (route->roles & 1u << roles[j].role) != 0;
            if (allowed != (strchr(may, roles[j].letter) != NULL))
                fail_msg("%s, %c: %s", route->name, roles[j].letter, allowed ? "may" : "may not");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_admin_route_is_for_these_roles_and_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
