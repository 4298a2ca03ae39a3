#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"

struct ends {
    int read, write;
    char line[128 * 1024];
};

static struct ends *open_ends(void)
{
    int fds[2];
    assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
    fcntl(fds[1], F_SETPIPE_SZ, 256 * 1024);
    struct ends *ends = xcalloc(1, sizeof(*ends));
    ends->read = fds[0];
    ends->write = fds[1];
    return ends;
}

static const char *written(struct ends *ends)
{
    ssize_t length = read(ends->read, ends->line, sizeof(ends->line) - 1);
    ends->line[length > 0 ? length : 0] = '\0';
    return ends->line;
}

static void close_ends(struct ends *ends)
{
    close(ends->read);
    close(ends->write);
    free(ends);
}

static void logfmt_begins_with_the_time_and_quotes_only_what_needs_it(void **state)
{
    struct ends *ends = open_ends();
    struct log log = {LOG_INFO, LOG_LOGFMT, ends->write};

    log_info(&log, "list complete", "kind", "Ingress", "objects", LOG_NUMBER(-5), "empty", "", "equals", "a=b", "quote",
             "say \"hi\"\\", "lines", "a\nb", "bytes", "\xff\x1b[0m", "word", "é", "missing", (const char *)NULL);

    const char *line = written(ends);
    assert_memory_equal(line, "time=2", 6);
    assert_string_equal(
        strchr(line, ' '),
        " level=info msg=\"list complete\" kind=Ingress objects=-5 empty=\"\" equals=\"a=b\" "
        "quote=\"say \\\"hi\\\"\\\\\" lines=\"a\\nb\" bytes=\"\\ufffd\\u001b[0m\" word=\"é\" missing=\"\"\n");
    close_ends(ends);
}

static void json_lines_are_json_whatever_the_values_are(void **state)
{
    struct ends *ends = open_ends();
    struct log log = {LOG_INFO, LOG_JSON, ends->write};
    struct json *value = NULL;
    struct err err = ERR_INIT;

    log_warn(&log, "a \"message\"", "bad", "\xc3(\xed\xa0\x80\x80", "good", "\xf0\x9f\x8e\x89\t\x7f\xc2\x85");

    const char *line = written(ends);
    assert_memory_equal(line, "{\"time\":\"", 9);
    assert_int_equal(line[strlen(line) - 1], '\n');
    assert_int_equal(json_parse(line, strlen(line) - 1, &value, &err), 0);
    assert_string_equal(json_find_text(value, "level"), "warn");
    assert_string_equal(json_find_text(value, "msg"), "a \"message\"");
    assert_string_equal(json_find_text(value, "bad"), "\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    assert_string_equal(json_find_text(value, "good"), "\xf0\x9f\x8e\x89\t\x7f\xc2\x85");
    assert_null(strchr(line, 0x7f));
    json_free(value);
    close_ends(ends);
}

static void lines_below_the_level_are_not_written(void **state)
{
    struct ends *ends = open_ends();
    struct log log = {LOG_WARN, LOG_LOGFMT, ends->write};

    log_info(&log, "hidden");
    log_debug(&log, "hidden");
    assert_string_equal(written(ends), "");

    log_error(&log, "seen");
    assert_non_null(strstr(written(ends), "level=error msg=seen\n"));
    close_ends(ends);
}

static void long_values_are_cut_and_the_line_stays_whole(void **state)
{
    struct ends *ends = open_ends();
    struct log log = {LOG_INFO, LOG_JSON, ends->write};
    char *huge = xmalloc(100001);
    memset(huge, 'x', 100000);
    huge[100000] = '\0';
    struct json *value = NULL;
    struct err err = ERR_INIT;

    log_info(&log, "cut", "huge", huge, "after", "here");

    const char *line = written(ends);
    assert_int_equal(json_parse(line, strlen(line) - 1, &value, &err), 0);
    assert_int_equal(strlen(json_find_text(value, "huge")), 4096 + strlen("…"));
    assert_string_equal(json_find_text(value, "after"), "here");
    json_free(value);
    free(huge);
    close_ends(ends);
}

static void levels_are_known_by_name(void **state)
{
    enum log_level level = LOG_INFO;

    assert_true(log_level_parse("DEBUG", &level));
    assert_int_equal(level, LOG_DEBUG);
    assert_true(log_level_parse("error", &level));
    assert_int_equal(level, LOG_ERROR);
    assert_false(log_level_parse("loud", &level));
    assert_int_equal(level, LOG_ERROR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logfmt_begins_with_the_time_and_quotes_only_what_needs_it),
        cmocka_unit_test(json_lines_are_json_whatever_the_values_are),
        cmocka_unit_test(lines_below_the_level_are_not_written),
        cmocka_unit_test(long_values_are_cut_and_the_line_stays_whole),
        cmocka_unit_test(levels_are_known_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
