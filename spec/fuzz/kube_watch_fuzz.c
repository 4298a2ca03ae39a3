/* The framing of watches and lists: any bytes, cut anywhere, give the same pieces as uncut, and nothing over a cap. */
#include <stdint.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "items.h"
#include "lines.h"
#include "slice.h"

#define CAP 256

static int take_line(void *user, const char *text, size_t length)
{
    struct slice type;
    struct slice object;
    require_that(length > 0 && length <= CAP);
    if (kube_slice_member(text, length, "type", &type))
        require_that(type.text >= text && type.text + type.length <= text + length);
    if (kube_slice_member(text, length, "object", &object))
        kube_slice_member(object.text, object.length, "metadata", &type);
    return buf_append(user, text, length) + buf_append_char(user, '\n');
}

static int take_begin(void *user, const char *frame, size_t length)
{
    struct slice metadata;
    if (kube_slice_member(frame, length, "metadata", &metadata))
        require_that(metadata.text + metadata.length <= frame + length);
    return 0;
}

static int read_lines(const char *text, size_t length, size_t at, struct buf *out)
{
    struct lines lines = LINES_INIT(CAP);
    int rc = kube_lines_feed(&lines, text, at, take_line, out);
    if (rc == 0)
        rc = kube_lines_feed(&lines, text + at, length - at, take_line, out);
    kube_lines_done(&lines);
    return rc;
}

static int read_items(const char *text, size_t length, size_t at, struct buf *out)
{
    struct items_reader reader = {.begin = take_begin, .item = take_line, .user = out};
    kube_items_init(&reader, CAP, CAP);
    int rc = kube_items_feed(&reader, text, at);
    if (rc == 0)
        rc = kube_items_feed(&reader, text + at, length - at);
    const struct buf *frame = kube_items_frame(&reader);
    if (rc == 0 && frame != NULL)
        rc = buf_append(out, frame->data, frame->length);
    kube_items_done(&reader);
    return rc;
}

static void compare(int (*read)(const char *text, size_t length, size_t at, struct buf *out), const char *text,
                    size_t length, size_t at)
{
    struct buf whole = BUF_OWN;
    struct buf cut = BUF_OWN;
    int rc = read(text, length, 0, &whole);
    int cut_rc = read(text, length, at, &cut);
    require_that(rc == cut_rc);
    require_that(whole.length == cut.length && (whole.length == 0 || memcmp(whole.data, cut.data, cut.length) == 0));
    buf_done(&whole);
    buf_done(&cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    size_t at = data[0] % size;
    const char *text = (const char *)data + 1;
    size_t length = size - 1;
    if (at > length)
        at = length;
    compare(read_lines, text, length, at);
    compare(read_items, text, length, at);
    return 0;
}
