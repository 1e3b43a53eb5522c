/* notice: any bytes as a notification's body, as a merchant's receiver reads it: what is read and
 * written again reads the same and has the same signature. */
#include "fuzz.h"

#include <string.h>

#include "base/fault.h"
#include "wire/form.h"
#include "wire/signature.h"

static const char secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

static struct form *notice_read(const char *body, size_t length, struct notice *notice)
{
    struct form *form;
    struct form_input input = {
        .content_type = "application/x-www-form-urlencoded", .body = body, .body_length = length};
    if (form_open(&input, &form) != FORM_READ)
        return NULL;
#define FIELD(member) notice->member = form_body(form, #member);
    NOTICE_FIELDS(FIELD)
#undef FIELD
    return form;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct notice notice, again;
    struct form *form = notice_read((const char *)bytes, size, &notice);
    if (form == NULL)
        return 0;
    char token[SIGNATURE_HEX_BYTES], signature[SIGNATURE_WEBHOOK_BYTES];
    signature_token(&notice, secret, token);
    struct buffer body;
    buffer_init(&body, (size_t)1 << 24);
    notice_write(&notice, &body);
    invariant(buffer_ok(&body));
    struct form *form_again = notice_read(body.bytes, body.length, &again);
    invariant(form_again != NULL);
#define FIELD(member)                                                                              \
    invariant(strcmp(notice.member == NULL ? "" : notice.member, again.member) == 0);
    NOTICE_FIELDS(FIELD)
#undef FIELD
    invariant(signature_token_matches(&again, secret, token));
    signature_webhook(secret, "id", 1, body.bytes, body.length, signature);
    invariant(signature_webhook_matches(secret, "id", 1, body.bytes, body.length, signature));
    /* Any bytes as the header. */
    char header[100] = "";
    if (size > 0)
        memcpy(header, bytes, size < sizeof header ? size : sizeof header - 1);
    invariant(strstr(header, signature) != NULL ||
              !signature_webhook_matches(secret, "id", 1, body.bytes, body.length, header));
    buffer_free(&body);
    form_close(form_again);
    form_close(form);
    return 0;
}
