/* Any bytes as YAML: what is delivered is JSON, and printing it as YAML reads back as the same value. */
#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int check(void *user, const char *text, size_t length, int line, struct err *err)
{
    struct json *value = NULL;
    require_that(json_parse(text, length, &value, err) == 0 || err->code == -ERR_TOO_BIG);
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
    int rc = yaml_each_document((const char *)data, size, 1u << 18, check, NULL, &err);
    require_that(rc == 0 || err.text[0] != '\0');
    return 0;
}
