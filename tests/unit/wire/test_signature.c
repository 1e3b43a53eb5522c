#include "given.h"

#include "base/random.h"
#include "base/secret.h"
#include "wire/signature.h"

/* Expected values were computed with Python's hmac and urllib, and the first webhook is the
 * specification's own example (standardwebhooks.com). */
static const struct notice notice = {
    .transaction_id = "EA181025.112233.X123456",
    .client_transaction_id = "MYMERCHANTID1",
    .lot = "0044557641201539786998",
    .amount = "500",
    .receiver = "22507895086",
    .operator= "OM",
    .treatment_status = "VAL",
    .sending_status = "CONFIRM",
    .comment = "Payé à l'heure & plus",
    .operator_transaction_id = "OP+1",
    .validated_at = "2018-10-25 11:25:07",
};
static const char spec_secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
static const char spec_id[] = "msg_p5jXN8AQM9LWM0D4loKWxJek";
static const char spec_body[] = "{\"test\": 2432232314}";
static const char spec_signature[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
enum { SPEC_AT = 1614265330 };

static void a_notice_is_a_form(void **state)
{
    (void)state;
    struct buffer body;
    buffer_init(&body, 10000);
    notice_write(&notice, &body);
    assert_string_equal(
        buffer_text(&body),
        "transaction_id=EA181025.112233.X123456&client_transaction_id=MYMERCHANTID1&lot="
        "0044557641201539786998&amount=500&receiver=22507895086&operator=OM&treatment_status=VAL&"
        "sending_status=CONFIRM&comment=Pay%C3%A9+%C3%A0+l%27heure+%26+plus&"
        "operator_transaction_id=OP%2B1&validated_at=2018-10-25+11%3A25%3A07");
    buffer_clear(&body);
    notice_write(&(struct notice){.amount = "5"}, &body);
    assert_string_equal(buffer_text(&body),
                        "transaction_id=&client_transaction_id=&lot=&amount=5&receiver=&operator=&"
                        "treatment_status=&sending_status=&comment=&operator_transaction_id=&"
                        "validated_at=");
    buffer_free(&body);
}

static void a_notice_reads_back_as_it_was(void **state)
{
    (void)state;
    char every[256];
    for (int i = 1; i < 256; i++)
        every[i - 1] = (char)i;
    every[255] = '\0';
    struct notice odd = notice;
    odd.comment = every;
    struct buffer body;
    buffer_init(&body, 10000);
    notice_write(&odd, &body);
    struct form *form = given(NULL, TYPE_FORM, buffer_text(&body));
#define FIELD(member) assert_string_equal(form_body(form, #member), odd.member);
    NOTICE_FIELDS(FIELD)
#undef FIELD
    form_close(form);
    buffer_free(&body);
}

static void the_token_is_an_hmac_of_the_values(void **state)
{
    (void)state;
    char hex[SIGNATURE_HEX_BYTES];
    signature_token(&notice, "s3cret", hex);
    assert_string_equal(hex, "ec7bace25aaf9450b90636f6462e8cdd6ff4e113741b8c4ef1ebfd608afc885c");
    signature_token(&notice, spec_secret, hex); /* The key's bytes as they are written. */
    assert_string_equal(hex, "36cd945f8fbb7f6bbf4249fc2a296bfa49b46f10659de63b5739a395bb37da22");
    signature_token(&(struct notice){.transaction_id = "EA1"}, "s3cret", hex);
    assert_string_equal(hex, "492bcaf69d9670b31a6e7c1851d46722dd806249bdefa90b02276d7badce7456");
}

static void only_the_right_token_matches(void **state)
{
    (void)state;
    char hex[SIGNATURE_HEX_BYTES];
    signature_token(&notice, "s3cret", hex);
    assert_true(signature_token_matches(&notice, "s3cret", hex));
    assert_false(signature_token_matches(&notice, "s3creT", hex));
    assert_false(signature_token_matches(&notice, "s3cret", ""));
    assert_false(signature_token_matches(&notice, "s3cret", NULL));
    for (size_t i = 0; i < sizeof hex - 1; i++) {
        char other[SIGNATURE_HEX_BYTES];
        memcpy(other, hex, sizeof other);
        other[i] = other[i] == '0' ? '1' : '0';
        assert_false(signature_token_matches(&notice, "s3cret", other));
        other[i] = '\0';
        assert_false(signature_token_matches(&notice, "s3cret", other));
    }
    struct notice changed = notice;
    changed.amount = "501";
    assert_false(signature_token_matches(&changed, "s3cret", hex));
    for (size_t i = 0; i < sizeof hex - 1; i++)
        hex[i] = (char)(hex[i] >= 'a' ? hex[i] - 'a' + 'A' : hex[i]);
    assert_true(signature_token_matches(&notice, "s3cret", hex));
}

static void a_webhook_is_signed_as_the_specification_shows(void **state)
{
    (void)state;
    char text[SIGNATURE_WEBHOOK_BYTES];
    signature_webhook(spec_secret, spec_id, SPEC_AT, spec_body, strlen(spec_body), text);
    assert_string_equal(text, spec_signature);
    signature_webhook("plain key", "id-1", 1700000000, "", 0, text);
    assert_string_equal(text, "v1,xfyPx2oJbCKmraHJ801lN05YNq0ieEzx1/3Zs2hV//M=");
}

static void a_key_in_base64_may_lack_its_padding(void **state)
{
    (void)state;
    char with[SIGNATURE_WEBHOOK_BYTES], without[SIGNATURE_WEBHOOK_BYTES];
    signature_webhook("whsec_c2VjcmV0cw==", "i", 1, "b", 1, with);
    signature_webhook("whsec_c2VjcmV0cw", "i", 1, "b", 1, without);
    assert_string_equal(with, without);
    signature_webhook("secrets", "i", 1, "b", 1, without);
    assert_string_equal(with, without);
    signature_webhook("whsec_!", "i", 1, "b", 1, without); /* No base64: its bytes. */
    assert_string_not_equal(with, without);
}

static void any_of_the_signatures_in_a_header_may_match(void **state)
{
    (void)state;
    static const char *const right[] = {
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v1,bm9l v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v2,MzJs",
        "  v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= ",
    };
    static const char *const wrong[] = {
        "",
        " ",
        "v1,",
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE",
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OF=",
        "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    };
    size_t length = strlen(spec_body);
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        assert_true(
            signature_webhook_matches(spec_secret, spec_id, SPEC_AT, spec_body, length, right[i]));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(
            signature_webhook_matches(spec_secret, spec_id, SPEC_AT, spec_body, length, wrong[i]));
    const char *header = right[0];
    assert_false(signature_webhook_matches(spec_secret, spec_id, SPEC_AT, spec_body, length, NULL));
    assert_false(
        signature_webhook_matches(spec_secret, spec_id, SPEC_AT + 1, spec_body, length, header));
    assert_false(signature_webhook_matches(spec_secret, "msg", SPEC_AT, spec_body, length, header));
    assert_false(
        signature_webhook_matches(spec_secret, spec_id, SPEC_AT, spec_body, length - 1, header));
    assert_false(signature_webhook_matches("whsec_c2VjcmV0cw==", spec_id, SPEC_AT, spec_body,
                                           length, header));
}

static void bytes_fill(void *context, void *bytes, size_t length)
{
    memset(bytes, *(const int *)context, length);
}

static void a_fresh_secret_is_24_bytes_in_base64(void **state)
{
    (void)state;
    char first[SIGNATURE_SECRET_BYTES], second[SIGNATURE_SECRET_BYTES];
    int byte = 0xff;
    random_source_set(bytes_fill, &byte);
    signature_secret_make(first);
    random_source_set(NULL, NULL);
    assert_string_equal(first, "whsec_////////////////////////////////");
    signature_secret_make(first);
    signature_secret_make(second);
    assert_string_not_equal(first, second);
}

static int group_setup(void **state)
{
    (void)state;
    secret_init();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_notice_is_a_form),
        cmocka_unit_test(a_notice_reads_back_as_it_was),
        cmocka_unit_test(the_token_is_an_hmac_of_the_values),
        cmocka_unit_test(only_the_right_token_matches),
        cmocka_unit_test(a_webhook_is_signed_as_the_specification_shows),
        cmocka_unit_test(a_key_in_base64_may_lack_its_padding),
        cmocka_unit_test(any_of_the_signatures_in_a_header_may_match),
        cmocka_unit_test(a_fresh_secret_is_24_bytes_in_base64),
    };
    return cmocka_run_group_tests_name("wire/signature", tests, group_setup, NULL);
}
