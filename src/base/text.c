/* What is shown of texts that others wrote, and the nearest valid word for error messages. */
#include "base/text.h"

#include <string.h>
#include <strings.h>

#define WORD_MAX 64 /* longer ones are near to nothing */

size_t text_utf8_length(const char *text, size_t left)
{
    static const struct {
        unsigned char first, last, second_low, second_high, length;
    } forms[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    const unsigned char *bytes = (const unsigned char *)text;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (bytes[0] < forms[i].first || bytes[0] > forms[i].last)
            continue;
        if (forms[i].length > left)
            return 0;
        if (forms[i].length > 1 && (bytes[1] < forms[i].second_low || bytes[1] > forms[i].second_high))
            return 0;
        for (size_t k = 2; k < forms[i].length; k++) {
            if ((bytes[k] & 0xc0) != 0x80)
                return 0;
        }
        return forms[i].length;
    }
    return 0;
}

static unsigned int code_point(const char *text, size_t length)
{
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    unsigned int code = (unsigned char)text[0] & masks[length];
    for (size_t i = 1; i < length; i++)
        code = code << 6 | ((unsigned char)text[i] & 0x3f);
    return code;
}

bool text_is_control(const char *text, size_t length)
{
    unsigned int code = code_point(text, length);
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e || code == 0x200f ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

static void append_control(struct buf *out, const char *text, size_t length)
{
    switch (text[0]) {
    case '\n':
        buf_append_text(out, "\\n");
        break;
    case '\r':
        buf_append_text(out, "\\r");
        break;
    case '\t':
        buf_append_text(out, "\\t");
        break;
    default:
        buf_printf(out, "\\u%04x", code_point(text, length));
    }
}

void text_append_shown_bytes(struct buf *out, const char *text, size_t length)
{
    const char *end = text + length;
    while (text < end) {
        size_t size = text_utf8_length(text, (size_t)(end - text));
        if (size == 0)
            buf_printf(out, "\\x%02x", (unsigned char)*text);
        else if (text_is_control(text, size))
            append_control(out, text, size);
        else
            buf_append(out, text, size);
        text += size != 0 ? size : 1;
    }
}

void text_append_shown(struct buf *out, const char *text)
{
    text_append_shown_bytes(out, text, strlen(text));
}

char *text_shown(const char *text)
{
    struct buf out = BUF_OWN;
    text_append_shown(&out, text);
    return buf_take(&out);
}

/* How many letters have to be changed, put in or taken out; case costs nothing. */
static int distance(const char *left, const char *right)
{
    size_t rows = strlen(left), columns = strlen(right);
    int costs[WORD_MAX + 1];
    if (rows > WORD_MAX || columns > WORD_MAX)
        return WORD_MAX;
    for (size_t j = 0; j <= columns; j++)
        costs[j] = (int)j;
    for (size_t i = 1; i <= rows; i++) {
        int diagonal = costs[0];
        costs[0] = (int)i;
        for (size_t j = 1; j <= columns; j++) {
            int change = diagonal + (strncasecmp(left + i - 1, right + j - 1, 1) != 0);
            int least = costs[j] < costs[j - 1] ? costs[j] : costs[j - 1];
            diagonal = costs[j];
            costs[j] = change < least + 1 ? change : least + 1;
        }
    }
    return costs[columns];
}

const char *text_nearest(const char *word, const char *const *words, size_t count, int most)
{
    const char *nearest = NULL;
    int best = most + 1;
    for (size_t i = 0; i < count; i++) {
        int cost = distance(word, words[i]);
        if (cost < best) {
            best = cost;
            nearest = words[i];
        }
    }
    return nearest;
}
