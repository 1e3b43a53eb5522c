/* admin: what the handlers of the platform's own API (/admin/v1) share: reading parameters
 * strictly, and writing plain JSON. Its errors are whole English sentences. */
#ifndef PAYOUT_HTTP_ADMIN_H
#define PAYOUT_HTTP_ADMIN_H
#include "http/request.h"

enum { ADMIN_NAMES_MAX = 32, ADMIN_PAGE_DEFAULT = 100, ADMIN_PAGE_MAX = 1000 };

/* The members of a body, form or JSON, as texts: JSON's true, false and integers too. */
struct admin_input {
    struct request *request;
    const char *names[ADMIN_NAMES_MAX];
    const char *texts[ADMIN_NAMES_MAX]; /* In the request's arena; NULL: not sent, or null. */
    size_t count;
};
/* Reads the members that names says (at most ADMIN_NAMES_MAX; the last is NULL). False: a member of
 * a JSON body has another name or no plain value; it was refused. */
MUST_USE bool admin_input_read(struct request *request, const char *const *names,
                               struct admin_input *input);
/* The member's text; NULL when it was not sent. name must be one of those read. */
const char *admin_input_text(const struct admin_input *input, const char *name);
/* A member that is a yes or no: *value is set when it was sent. False: it was refused. */
MUST_USE bool admin_input_flag(const struct admin_input *input, const char *name, bool *sent,
                               bool *value);

/* The member's text, when it has more than blanks in at most bytes_max bytes. NULL: it has not, and
 * was refused with why. */
const char *admin_input_words(const struct admin_input *input, const char *name, size_t bytes_max,
                              const char *why);

/* The member "person": who is logged in, whom it may name, or nobody else; with the admin token as
 * admin_input_words. */
const char *admin_input_person(const struct admin_input *input, size_t bytes_max, const char *why);

/* A whole number from minimum to maximum, digits only. */
MUST_USE bool admin_number_read(const char *text, int64_t minimum, int64_t maximum,
                                int64_t *number);
/* A number in the query (`limit`, `after`, …): otherwise when it is not there. False: refused. */
MUST_USE bool admin_query_number(struct request *request, const char *name, int64_t otherwise,
                                 int64_t minimum, int64_t maximum, int64_t *number);
/* The first id of the time that name in the query is, a day or more exactly; otherwise when it is
 * not there. False: refused. */
MUST_USE bool admin_query_time(struct request *request, const char *name,
                               struct transfer_id otherwise, struct transfer_id *first);
/* The merchant that the path's first parameter names. False: refused. */
MUST_USE bool admin_path_merchant(struct request *request, struct merchant_id *id);

/* A person's word on the transfer in the path: reads who and what for into decide, which is the
 * command's of that kind. */
enum turn admin_word_submit(struct request *request, enum command_kind kind,
                            struct person_decide *decide, bool release);
/* Its answer. not_allowed: what it means that the word could not be taken. */
enum turn admin_word_decided(struct request *request, const struct person_decide *decide,
                             const char *not_allowed);

/* The names of a merchant's settings, for admin_input_read. */
extern const char *const admin_setting_names[];
/* Reads all settings that were sent into *merchant and *fields (enum merchant_field). False:
 * refused. */
MUST_USE bool admin_settings_read(const struct admin_input *input, struct merchant *merchant,
                                  unsigned *fields);

/* All return TURN_REPLY. why is a sentence. */
enum turn admin_refuse(struct request *request, enum payout_code code, const char *why);
/* {"ok":true … the caller appends members … } */
struct buffer *admin_begin(struct request *request);
enum turn admin_end(struct request *request);

/* "name":"2018-10-25T11:25:07.123Z", or null for 0. */
void admin_time_member(struct buffer *text, const char *name, int64_t at_ms);
/* "name":[ … or "name":{ …: what follows is a list's or an object's inside. */
void admin_open_member(struct buffer *text, const char *name, char bracket);
/* The members of a lot. */
void admin_lot_write(struct buffer *text, const struct lot *lot);
/* The members of a transfer. */
void admin_transfer_write(struct buffer *text, const struct transfer *transfer);
/* What persons did about a transfer, as the member "settlements". */
void admin_settlements_write(struct buffer *text, const struct settlement *settlements,
                             size_t count);
/* How persons had it taken back, as the member "reversals". */
void admin_reversals_write(struct buffer *text, const struct reversal *reversals, size_t count);
/* What was answered about its receiver's name, as the member "screenings". */
void admin_screenings_write(struct buffer *text, const struct screening *screenings, size_t count);
/* What operators said of the transfer against its state, as the member "contradictions". */
void admin_contradictions_write(struct buffer *text, const struct contradiction *contradictions,
                                size_t count, const struct transfer *transfer);
/* A comma unless the last byte opens a list or an object. */
void admin_comma(struct buffer *text);
#endif
