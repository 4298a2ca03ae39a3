/* Where a line of a watch begins and ends. */
#include "lines.h"

static int deliver(const char *text, size_t length, lines_fn *on_line, void *user)
{
    while (length > 0 && (text[length - 1] == '\r' || text[length - 1] == ' '))
        length--;
    return length == 0 ? 0 : on_line(user, text, length);
}

/* A whole line that came in one piece is not copied. */
static int deliver_line(struct lines *lines, const char *text, size_t length, lines_fn *on_line, void *user)
{
    if (length > lines->rest.limit)
        return -ERR_TOO_BIG;
    if (lines->rest.length == 0)
        return deliver(text, length, on_line, user);
    int rc = buf_append(&lines->rest, text, length);
    if (rc == 0)
        rc = deliver(lines->rest.data, lines->rest.length, on_line, user);
    buf_clear(&lines->rest);
    return rc;
}

int kube_lines_feed(struct lines *lines, const char *data, size_t length, lines_fn *on_line, void *user)
{
    while (length > 0) {
        const char *end = memchr(data, '\n', length);
        if (end == NULL)
            return buf_append(&lines->rest, data, length);
        int rc = deliver_line(lines, data, (size_t)(end - data), on_line, user);
        if (rc != 0)
            return rc;
        length -= (size_t)(end - data) + 1;
        data = end + 1;
    }
    return 0;
}

void kube_lines_done(struct lines *lines)
{
    buf_done(&lines->rest);
}
