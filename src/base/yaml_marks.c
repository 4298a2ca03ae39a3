/* Files that editors on Windows wrote, and that somebody has put together, have marks in their midst: YAML 1.2 (5.2) allows one at the
 * beginning of every document.  libyaml counts it as a column. */
#include "yaml_marks.h"

#include <string.h>

static const char MARK[] = "\xef\xbb\xbf";

static bool begins_with(const char *text, const char *end, const char *word)
{
    size_t length = strlen(word);
    return (size_t)(end - text) >= length && memcmp(text, word, length) == 0;
}

static bool is_blank(const char *text, const char *end)
{
    while (text < end && strchr(" \t\r\n", *text) != NULL && *text != '\0')
        text++;
    return text == end || *text == '#' || *text == '%';
}

static bool is_separator(const char *line, const char *end, const char *word)
{
    return begins_with(line, end, word) && is_blank(line + 3, end);
}

bool yaml_without_marks(const char *text, size_t length, struct buf *out)
{
    const char *end = text + length;
    if (length == 0 || memchr(text, MARK[0], length) == NULL || memmem(text, length, MARK, 3) == NULL)
        return false;
    bool opening = true; /* no line of a document has been met */
    for (const char *line = text, *next; line < end; line = next) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        next = stop != NULL ? stop + 1 : end;
        const char *content = line;
        while (begins_with(content, next, MARK))
            content += 3;
        if (!opening && !begins_with(content, next, "---"))
            content = line;
        if (is_separator(content, next, "---") || is_separator(content, next, "..."))
            opening = true;
        else if (!is_blank(content, next))
            opening = false;
        buf_append(out, content, (size_t)(next - content));
    }
    return true;
}
