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

enum turn health_root(struct request *request);
enum turn health_alive(struct request *request);
enum turn health_ready(struct request *request);
enum turn health_metrics(struct request *request);
#endif
