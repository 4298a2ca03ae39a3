/* What Kong's answers mean; the bodies are those of a Kong 3.9.3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "admin_answer.h"

static void answers_are_told_apart_by_status_and_error_code(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum kong_class class;
    } cases[] = {
        {200, "{\"id\":\"x\"}", KONG_DONE},
        {204, "", KONG_DONE},
        {400,
         "{\"code\":2,\"fields\":{\"host\":\"required field missing\"},\"name\":\"schema "
         "violation\",\"message\":\"m\"}",
         KONG_REFUSED},
        {409, "{\"code\":5,\"fields\":{\"name\":\"s1\"},\"name\":\"unique constraint violation\",\"message\":\"m\"}",
         KONG_TAKEN},
        {400, "{\"code\":3,\"name\":\"primary key violation\",\"message\":\"m\"}", KONG_TAKEN},
        {400,
         "{\"code\":4,\"fields\":{\"@referenced_by\":\"routes\"},\"name\":\"foreign key violation\",\"message\":\"m\"}",
         KONG_NO_REFERENCE},
        {400, "{\"code\":19,\"name\":\"referenced by others\",\"message\":\"m\"}", KONG_NO_REFERENCE},
        {400, "{\"code\":2,\"fields\":{\"snis\":\"a.example.com already associated with existing certificate 'x'\"}}",
         KONG_TAKEN},
        {404, "{\"message\":\"Not found\"}", KONG_MISSING},
        {403, "{}", KONG_DENIED},
        {413, "<html>", KONG_REFUSED},
        {302, "", KONG_REFUSED},
        {429, "{}", KONG_UNAVAILABLE},
        {500, "{\"message\":\"An unexpected error occurred\"}", KONG_UNAVAILABLE},
        {503, "", KONG_UNAVAILABLE},
        {0, "", KONG_UNSURE},
    };
    struct err timeout = ERR_INIT;
    (void)err_set(&timeout, ERR_TIMEOUT, "took too long");

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(buf) struct buf message = BUF_OWN;
        AUTO(json) struct json *body = NULL;
        struct kong_answer answer;
        struct http_result result = {.status = cases[i].status,
                                     .body = cases[i].body,
                                     .body_length = strlen(cases[i].body),
                                     .err = cases[i].status == 0 ? &timeout : NULL};

        admin_answer_read(&result, &answer, &body, &message);

        assert_int_equal(answer.class, cases[i].class);
        assert_true((answer.message[0] == '\0') == (answer.class == KONG_DONE));
    }
}

static void a_gateway_says_how_long_to_wait_within_a_limit(void **state)
{
    static const char *const values[] = {"7", "86400"};
    static const uint64_t expected[] = {7000, 300000};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        struct http_headers headers = HTTP_HEADERS_INIT;
        http_headers_add(&headers, "retry-after", values[i]);
        AUTO(buf) struct buf message = BUF_OWN;
        AUTO(json) struct json *body = NULL;
        struct kong_answer answer;

        admin_answer_read(&(struct http_result){.status = 429, .headers = &headers, .body = ""}, &answer, &body,
                          &message);

        assert_int_equal(answer.retry_after_ms, expected[i]);
        http_headers_done(&headers);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_told_apart_by_status_and_error_code),
        cmocka_unit_test(a_gateway_says_how_long_to_wait_within_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
