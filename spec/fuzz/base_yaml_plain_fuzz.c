/* Any bytes as YAML: what the quick reader takes is what libyaml reads. */
#include <stdint.h>
#include <string.h>

#include "base/yaml.h"
#include "yaml_plain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void note(struct buf *seen, const char *text, int line)
{
    buf_printf(seen, "%d:%s\n", line, text);
}

static int take(void *user, const struct yaml_document *document, struct err *err)
{
    note(user, document->text, document->line);
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
            note(&quick, out.data, line + 1);
        buf_append(&other, text, size);
        buf_append_text(&other, "\n# \xc3\xa9\n"); /* nothing for the quick reader */
        struct yaml_input input = {other.data, other.length, 1u << 20, 0};
        require_that(yaml_each_document(&input, take, &slow, NULL, &err) == 0);
        require_that(strcmp(buf_text(&quick), buf_text(&slow)) == 0);
    }
    buf_done(&out);
    buf_done(&quick);
    buf_done(&slow);
    buf_done(&other);
    return 0;
}
