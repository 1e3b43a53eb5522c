/* page: every handler of the console, for its route table. A file a page, or a job of one. */
#ifndef PAYOUT_CONSOLE_PAGE_H
#define PAYOUT_CONSOLE_PAGE_H
#include "http/request.h"

enum turn console_file(struct request *request);
enum turn console_index(struct request *request);
enum turn console_openapi(struct request *request);
enum turn console_session(struct request *request);
enum turn console_home(struct request *request);
enum turn console_send_check(struct request *request);
enum turn console_send(struct request *request);
enum turn console_sent(struct request *request);
enum turn console_lots(struct request *request);
enum turn console_lot_progress(struct request *request);
enum turn console_lot_events(struct request *request);
enum turn console_lot_result(struct request *request);
enum turn console_transfers(struct request *request);
enum turn console_transfers_file(struct request *request);
enum turn console_unknown(struct request *request);
enum turn console_contacts(struct request *request);
enum turn console_contacts_add(struct request *request);
enum turn console_contacts_added(struct request *request);
enum turn console_contact(struct request *request);
enum turn console_contact_change(struct request *request);
enum turn console_contact_changed(struct request *request);
enum turn console_developer(struct request *request);
#endif
