/* Texts that many hold: one copy, and the last holder frees it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/shared_text.h"

static void equal_texts_are_one_copy(void **state)
{
    struct shared_texts *texts = shared_texts_new();
    char other[] = "rules/ingress.lua";

    const char *one = shared_texts_find(texts, "rules/ingress.lua");
    const char *two = shared_texts_find(texts, other);

    assert_ptr_equal(one, two);
    assert_ptr_not_equal(two, other);
    shared_text_unref(one);
    shared_text_unref(two);
    shared_texts_free(texts);
}

static void a_text_outlives_the_set_that_it_came_from(void **state)
{
    struct shared_texts *texts = shared_texts_new();
    const char *text = shared_texts_find(texts, "route");

    shared_texts_free(texts);

    assert_string_equal(text, "route");
    shared_text_unref(text);
}

static void more_texts_than_are_kept_are_still_good(void **state)
{
    struct shared_texts *texts = shared_texts_new();
    char name[32];
    for (int i = 0; i < SHARED_TEXTS_MAX; i++) {
        snprintf(name, sizeof(name), "%d", i);
        shared_text_unref(shared_texts_find(texts, name));
    }

    const char *one = shared_texts_find(texts, "one too many");
    const char *two = shared_texts_find(texts, "one too many");

    assert_string_equal(one, two);
    assert_ptr_not_equal(one, two);
    shared_text_unref(one);
    shared_text_unref(two);
    shared_texts_free(texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_texts_are_one_copy),
        cmocka_unit_test(a_text_outlives_the_set_that_it_came_from),
        cmocka_unit_test(more_texts_than_are_kept_are_still_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
