/* Any bytes as YAML: what the quick reader takes is what libyaml reads. */
#include <stdint.h>
#include <string.h>

#include "base/yaml.h"
#include "yaml_plain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int take(void *user, const char *text, size_t length, int line, struct err *err)
{
    buf_printf(user, "%d:%s\n", line, text);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf out = BUF_OWN, quick = BUF_OWN, slow = BUF_OWN, other = BUF_OWN;
    struct err err = ERR_INIT;
    int line = 0;
    const char *text = (const char *)data;
    bool one = memmem(text, size, "\n---", 4) == NULL;
    if (one && yaml_plain_read(text, size, &out, &line)) {
        if (out.length != 0)
            take(&quick, out.data, out.length, line + 1, &err);
        buf_append(&other, text, size);
        buf_append_text(&other, "\n# \xc3\xa9\n"); /* nothing for the quick reader */
        require_that(yaml_each_document(other.data, other.length, 1u << 20, take, &slow, &err) == 0);
        require_that(strcmp(buf_text(&quick), buf_text(&slow)) == 0);
    }
    buf_done(&out);
    buf_done(&quick);
    buf_done(&slow);
    buf_done(&other);
    return 0;
}
