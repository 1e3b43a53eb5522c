/* endpoint: every handler there is, for the route table. A file each, or one for a family. Each
 * reads its request and writes its answer; none sees libmicrohttpd, the lane or a thread. */
#ifndef PAYOUT_HTTP_ENDPOINT_H
#define PAYOUT_HTTP_ENDPOINT_H
#include "http/request.h"

enum turn login_begin(struct request *request);
enum turn login_hashed(struct request *request);
enum turn balance_begin(struct request *request);
enum turn contact_begin(struct request *request);
enum turn contact_decided(struct request *request);
enum turn send_begin(struct request *request);
enum turn send_decided(struct request *request);
enum turn check_begin(struct request *request);

enum turn callback_begin(struct request *request);
enum turn callback_ping(struct request *request);
enum turn callback_decided(struct request *request);

enum turn operators_begin(struct request *request);

enum turn confirm_show(struct request *request);
enum turn confirm_decide(struct request *request);
enum turn confirm_decided(struct request *request);

enum turn openapi_begin(struct request *request);
enum turn postman_begin(struct request *request);

enum turn health_root(struct request *request);
enum turn health_alive(struct request *request);
enum turn health_ready(struct request *request);
enum turn health_metrics(struct request *request);

enum turn admin_merchants(struct request *request);
enum turn admin_merchant_show(struct request *request);
enum turn admin_merchant_create(struct request *request);
enum turn admin_merchant_create_hashed(struct request *request);
enum turn admin_merchant_created(struct request *request);
enum turn admin_merchant_change(struct request *request);
enum turn admin_merchant_changed(struct request *request);
enum turn admin_merchant_password(struct request *request);
enum turn admin_merchant_password_hashed(struct request *request);
enum turn admin_merchant_password_changed(struct request *request);
enum turn admin_merchant_secret(struct request *request);
enum turn admin_merchant_secret_changed(struct request *request);
enum turn admin_merchant_topup(struct request *request);
enum turn admin_merchant_withdraw(struct request *request);
enum turn admin_merchant_funded(struct request *request);
enum turn admin_lots(struct request *request);
enum turn admin_lot_show(struct request *request);
enum turn admin_lot_confirm(struct request *request);
enum turn admin_lot_cancel(struct request *request);
enum turn admin_lot_decided(struct request *request);
enum turn admin_transfers(struct request *request);
enum turn admin_transfer_show(struct request *request);
enum turn admin_transfer_settle(struct request *request);
enum turn admin_transfer_withdraw(struct request *request);
enum turn admin_transfer_settled(struct request *request);
enum turn admin_proposals(struct request *request);
enum turn admin_transfer_reverse(struct request *request);
enum turn admin_transfer_reversed(struct request *request);
enum turn admin_contradictions(struct request *request);
enum turn admin_contradiction_close(struct request *request);
enum turn admin_contradiction_closed(struct request *request);
enum turn admin_doubles(struct request *request);
enum turn admin_double_release(struct request *request);
enum turn admin_double_refuse(struct request *request);
enum turn admin_double_decided(struct request *request);
enum turn admin_lot_send(struct request *request);
enum turn admin_contact_add(struct request *request);
enum turn admin_login(struct request *request);
enum turn admin_login_hashed(struct request *request);
enum turn admin_login_decided(struct request *request);
enum turn admin_logout(struct request *request);
enum turn admin_logged_out(struct request *request);
enum turn admin_me(struct request *request);
enum turn admin_me_password(struct request *request);
enum turn admin_me_password_hashed(struct request *request);
enum turn admin_me_totp(struct request *request);
enum turn admin_me_totp_hashed(struct request *request);
enum turn admin_me_totp_made(struct request *request);
enum turn admin_me_totp_confirm(struct request *request);
enum turn admin_users(struct request *request);
enum turn admin_user_show(struct request *request);
enum turn admin_user_create(struct request *request);
enum turn admin_user_create_hashed(struct request *request);
enum turn admin_user_created(struct request *request);
enum turn admin_user_change(struct request *request);
enum turn admin_user_changed(struct request *request);
enum turn admin_user_password(struct request *request);
enum turn admin_user_password_hashed(struct request *request);
enum turn admin_user_password_changed(struct request *request);
enum turn admin_user_totp(struct request *request);
enum turn admin_acts(struct request *request);
enum turn admin_screening(struct request *request);
enum turn admin_screening_release(struct request *request);
enum turn admin_screening_refuse(struct request *request);
enum turn admin_screening_decided(struct request *request);
enum turn admin_screening_check(struct request *request);
enum turn admin_endpoints(struct request *request);
enum turn admin_endpoint_add(struct request *request);
enum turn admin_endpoint_added(struct request *request);
enum turn admin_endpoint_change(struct request *request);
enum turn admin_endpoint_changed(struct request *request);
enum turn admin_endpoint_remove(struct request *request);
enum turn admin_endpoint_rotate(struct request *request);
enum turn admin_endpoint_rotated(struct request *request);
enum turn admin_notifications_dead(struct request *request);
enum turn admin_redeliver(struct request *request);
enum turn admin_redelivered(struct request *request);
enum turn admin_channels(struct request *request);
enum turn admin_channel_show(struct request *request);
enum turn admin_channel_switch(struct request *request);
enum turn admin_channel_switched(struct request *request);
enum turn admin_callbacks(struct request *request);
enum turn admin_summary(struct request *request);
#endif
