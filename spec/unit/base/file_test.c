#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

struct folder {
    char root[64];
    struct buf visited; /* paths below the root, one a line */
    int stop_after;
    int visits;
};

static int remove_one(const char *path, const struct stat *facts, int type, struct FTW *where)
{
    return remove(path);
}

static int make_folder(void **state)
{
    struct folder *folder = xcalloc(1, sizeof(*folder));
    folder->visited = (struct buf)BUF_OWN;
    memcpy(folder->root, "/tmp/kongruent-file-XXXXXX", sizeof("/tmp/kongruent-file-XXXXXX"));
    *state = folder;
    return mkdtemp(folder->root) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    struct folder *folder = *state;
    nftw(folder->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    buf_done(&folder->visited);
    free(folder);
    return 0;
}

static char *below(const struct folder *folder, const char *name)
{
    return xasprintf("%s/%s", folder->root, name);
}

static void put_file(const struct folder *folder, const char *name)
{
    struct err err = ERR_INIT;
    char *path = below(folder, name);
    assert_int_equal(file_write(path, name, strlen(name), &err), 0);
    free(path);
}

static void put_folder(const struct folder *folder, const char *name)
{
    char *path = below(folder, name);
    assert_int_equal(mkdir(path, 0755), 0);
    free(path);
}

static void put_link(const struct folder *folder, const char *target, const char *name)
{
    char *path = below(folder, name);
    assert_int_equal(symlink(target, path), 0);
    free(path);
}

static int visit(void *user, const char *path, struct err *err)
{
    struct folder *folder = user;
    folder->visits++;
    buf_printf(&folder->visited, "%s\n", path + strlen(folder->root) + 1);
    return folder->visits == folder->stop_after ? err_set(err, ERR_RULE, "enough") : 0;
}

static void a_walk_goes_in_byte_order_of_whole_paths(void **state)
{
    struct folder *folder = *state;
    struct err err = ERR_INIT;
    put_folder(folder, "a");
    put_folder(folder, "a/deep");
    put_file(folder, "a/deep/x.yaml");
    put_file(folder, "a/z.yaml");
    put_file(folder, "a.yaml");
    put_file(folder, "a-b.yaml");
    put_file(folder, "a0.yaml");
    put_file(folder, "B.yaml");

    assert_int_equal(file_walk(folder->root, visit, folder, &err), 0);

    assert_string_equal(buf_text(&folder->visited), "B.yaml\na-b.yaml\na.yaml\na/deep/x.yaml\na/z.yaml\na0.yaml\n");
}

static void a_mounted_config_map_shows_each_file_once(void **state)
{
    struct folder *folder = *state;
    struct err err = ERR_INIT;
    put_folder(folder, "..2024_01_01");
    put_file(folder, "..2024_01_01/rule.lua");
    put_link(folder, "..2024_01_01", "..data");
    put_link(folder, "..data/rule.lua", "rule.lua");
    put_file(folder, ".hidden");

    assert_int_equal(file_walk(folder->root, visit, folder, &err), 0);

    assert_string_equal(buf_text(&folder->visited), "rule.lua\n");
}

static void links_that_lead_back_end_the_walk(void **state)
{
    struct folder *folder = *state;
    struct err err = ERR_INIT;
    put_folder(folder, "a");
    put_folder(folder, "b");
    put_file(folder, "a/one");
    put_link(folder, "..", "a/up");
    put_link(folder, "../b", "a/other");
    put_link(folder, "../a", "b/other");

    assert_int_equal(file_walk(folder->root, visit, folder, &err), 0);

    assert_string_equal(buf_text(&folder->visited), "a/one\nb/other/one\n");
}

static void folders_too_deep_are_an_error(void **state)
{
    struct folder *folder = *state;
    struct err err = ERR_INIT;
    struct buf path = BUF_OWN;
    buf_append_text(&path, "d");
    for (int i = 0; i < 40; i++) {
        put_folder(folder, buf_text(&path));
        buf_append_text(&path, "/d");
    }

    assert_int_equal(file_walk(folder->root, visit, folder, &err), -ERR_TOO_BIG);

    assert_non_null(strstr(err.text, "deeper than 32"));
    buf_done(&path);
}

static void a_link_to_nothing_is_named(void **state)
{
    struct folder *folder = *state;
    struct err err = ERR_INIT;
    put_link(folder, "nowhere", "broken.yaml");

    assert_int_equal(file_walk(folder->root, visit, folder, &err), -ERR_NOT_FOUND);

    assert_non_null(strstr(err.text, "/broken.yaml"));
}

static void a_walk_stops_at_the_first_refusal(void **state)
{
    struct folder *folder = *state;
    struct err err = ERR_INIT;
    put_file(folder, "1");
    put_file(folder, "2");
    put_file(folder, "3");
    folder->stop_after = 2;

    assert_int_equal(file_walk(folder->root, visit, folder, &err), -ERR_RULE);

    assert_string_equal(buf_text(&folder->visited), "1\n2\n");
}

static void a_walk_of_one_file_visits_it(void **state)
{
    struct folder *folder = *state;
    struct err err = ERR_INIT;
    put_file(folder, ".one.yaml");
    char *path = below(folder, ".one.yaml");

    assert_int_equal(file_walk(path, visit, folder, &err), 0);

    assert_string_equal(buf_text(&folder->visited), ".one.yaml\n");
    free(path);
}

static void a_walk_of_nothing_says_what_is_missing(void **state)
{
    struct err err = ERR_INIT;

    assert_int_equal(file_walk("/nonexistent/folder", visit, *state, &err), -ERR_NOT_FOUND);

    assert_non_null(strstr(err.text, "/nonexistent/folder"));
}

static void a_file_is_read_whole_and_within_the_limit(void **state)
{
    struct folder *folder = *state;
    struct err err = ERR_INIT;
    struct buf fits = BUF_INIT(9), too_small = BUF_INIT(8);
    put_file(folder, "nine.yaml");
    char *path = below(folder, "nine.yaml");

    assert_int_equal(file_read(path, &fits, &err), 0);
    assert_string_equal(buf_text(&fits), "nine.yaml");

    assert_int_equal(file_read(path, &too_small, &err), -ERR_TOO_BIG);
    assert_non_null(strstr(err.text, "nine.yaml is bigger than 8 bytes"));

    assert_int_equal(file_read(folder->root, &too_small, &err), -ERR_IO);
    buf_done(&fits);
    buf_done(&too_small);
    free(path);
}

static void a_written_file_replaces_the_old_one_and_leaves_nothing_beside_it(void **state)
{
    struct folder *folder = *state;
    struct err err = ERR_INIT;
    struct buf text = BUF_OWN;
    struct stat facts;
    put_file(folder, "out");
    char *path = below(folder, "out");
    chmod(path, 0600);

    assert_int_equal(file_write(path, "new", 3, &err), 0);

    assert_int_equal(file_read(path, &text, &err), 0);
    assert_string_equal(buf_text(&text), "new");
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 07777, 0600);
    assert_int_equal(file_walk(folder->root, visit, folder, &err), 0);
    assert_string_equal(buf_text(&folder->visited), "out\n");
    buf_done(&text);
    free(path);
}

static void writing_into_a_missing_folder_fails(void **state)
{
    struct err err = ERR_INIT;

    assert_int_equal(file_write("/nonexistent/out", "x", 1, &err), -ERR_NOT_FOUND);

    assert_false(file_exists("/nonexistent/out"));
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(a_walk_goes_in_byte_order_of_whole_paths),
        WITH_FOLDER(a_mounted_config_map_shows_each_file_once),
        WITH_FOLDER(links_that_lead_back_end_the_walk),
        WITH_FOLDER(folders_too_deep_are_an_error),
        WITH_FOLDER(a_link_to_nothing_is_named),
        WITH_FOLDER(a_walk_stops_at_the_first_refusal),
        WITH_FOLDER(a_walk_of_one_file_visits_it),
        WITH_FOLDER(a_walk_of_nothing_says_what_is_missing),
        WITH_FOLDER(a_file_is_read_whole_and_within_the_limit),
        WITH_FOLDER(a_written_file_replaces_the_old_one_and_leaves_nothing_beside_it),
        WITH_FOLDER(writing_into_a_missing_folder_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
