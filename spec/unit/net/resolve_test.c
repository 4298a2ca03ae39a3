#include <stdio.h>
#include <string.h>

#include "check.h"
#include "net/resolve.h"
#include "waiting.h"

struct heard {
    int answers;
    size_t count;
    char first[64];
    struct err err;
};

static void on_answer(void *user, const char *const *addresses, size_t count, const struct err *err)
{
    struct heard *heard = user;
    heard->answers++;
    heard->count = count;
    heard->err = *err;
    if (count > 0)
        snprintf(heard->first, sizeof(heard->first), "%s", addresses[0]);
}

static struct heard ask(const char *name)
{
    struct loop *loop = NULL;
    struct err err = ERR_INIT;
    struct heard heard = {0};
    struct resolve *resolve = NULL;
    assert_int_equal(loop_new(&loop, &err), 0);
    assert_int_equal(resolve_start(loop, name, on_answer, &heard, &resolve, &err), 0);
    assert_true(wait_until(loop, &heard.answers, 1));
    loop_free(loop);
    return heard;
}

static void a_name_gives_its_addresses_once_each(void **state)
{
    struct heard heard = ask("localhost");

    assert_true(heard.count == 1 || heard.count == 2);
    assert_true(strcmp(heard.first, "127.0.0.1") == 0 || strcmp(heard.first, "::1") == 0);
    assert_int_equal(heard.err.code, 0);
}

static void a_name_without_an_address_says_so(void **state)
{
    struct heard heard = ask("there-is.no-such-host.invalid");

    assert_int_equal(heard.count, 0);
    assert_non_null(strstr(heard.err.text, "there-is.no-such-host.invalid"));
}

static void a_question_may_be_given_up(void **state)
{
    struct loop *loop = NULL;
    struct err err = ERR_INIT;
    struct heard given_up = {0}, kept = {0};
    struct resolve *first = NULL, *second = NULL;
    assert_int_equal(loop_new(&loop, &err), 0);
    assert_int_equal(resolve_start(loop, "localhost", on_answer, &given_up, &first, &err), 0);
    assert_int_equal(resolve_start(loop, "localhost", on_answer, &kept, &second, &err), 0);

    resolve_give_up(first);

    assert_true(wait_until(loop, &kept.answers, 1));
    assert_int_equal(given_up.answers, 0);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_gives_its_addresses_once_each),
        cmocka_unit_test(a_name_without_an_address_says_so),
        cmocka_unit_test(a_question_may_be_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
