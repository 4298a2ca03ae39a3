/* Escaping. */
#include "html.h"

void html_text(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '<':
            buf_append_text(out, "&lt;");
            break;
        case '>':
            buf_append_text(out, "&gt;");
            break;
        case '&':
            buf_append_text(out, "&amp;");
            break;
        case '"':
            buf_append_text(out, "&quot;");
            break;
        case '\'':
            buf_append_text(out, "&#39;");
            break;
        default:
            buf_append_char(out, *text);
        }
    }
}

void html_element(struct buf *out, const char *tag, const char *class, const char *text)
{
    buf_printf(out, "<%s", tag);
    if (class != NULL)
        buf_printf(out, " class=\"%s\"", class);
    buf_append_char(out, '>');
    html_text(out, text);
    buf_printf(out, "</%s>", tag);
}
