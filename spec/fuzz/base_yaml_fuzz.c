/* Any bytes as YAML: what is delivered is JSON, and printing it as YAML reads back as the same value. */
#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int check(void *user, const struct yaml_document *document, struct err *err)
{
    struct json *value = NULL;
    require_that(json_parse(document->text, document->length, &value, err) == 0 || err->code == -ERR_TOO_BIG);
    size_t offsets[] = {0, document->length / 2, document->length};
    int lines[COUNT_OF(offsets)];
    yaml_find_lines(document, offsets, lines, COUNT_OF(offsets));
    require_that(lines[0] >= document->line && lines[2] >= document->line);
    if (value == NULL)
        return 0;
    struct buf yaml = BUF_OWN;
    struct json *back = NULL;
    struct err again = ERR_INIT;
    yaml_print(value, &yaml);
    require_that(yaml_parse(yaml.data, yaml.length, &back, &again) == 0 || again.code == -ERR_TOO_BIG);
    require_that(back == NULL || json_equal(value, back));
    json_free(back);
    json_free(value);
    buf_done(&yaml);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = ERR_INIT;
    struct yaml_input input = {(const char *)data, size, 1u << 18, 0};
    struct yaml_failure failure = {0};
    int rc = yaml_each_document(&input, check, NULL, &failure, &err);
    require_that(rc == 0 || (err.text[0] != '\0' && failure.line > 0));
    return 0;
}
