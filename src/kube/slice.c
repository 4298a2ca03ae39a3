/* Cutting a member out of JSON text: strings, nesting, nothing more. */
#include "slice.h"

#include <string.h>

struct cursor {
    const char *at;
    const char *end;
};

static void skip_space(struct cursor *cursor)
{
    while (cursor->at < cursor->end && strchr(" \t\r\n", *cursor->at) != NULL && *cursor->at != '\0')
        cursor->at++;
}

static bool take_char(struct cursor *cursor, char wanted)
{
    skip_space(cursor);
    if (cursor->at == cursor->end || *cursor->at != wanted)
        return false;
    cursor->at++;
    return true;
}

/* At the opening quote; ends behind the closing one. */
static bool skip_string(struct cursor *cursor)
{
    for (cursor->at++; cursor->at < cursor->end; cursor->at++) {
        if (*cursor->at == '\\')
            cursor->at++;
        else if (*cursor->at == '"')
            return cursor->at++, true;
    }
    cursor->at = cursor->end;
    return false;
}

static bool skip_nested(struct cursor *cursor)
{
    size_t depth = 0;
    while (cursor->at < cursor->end) {
        char character = *cursor->at;
        if (character == '"') {
            if (!skip_string(cursor))
                return false;
            continue;
        }
        cursor->at++;
        if (character == '{' || character == '[')
            depth++;
        if ((character == '}' || character == ']') && --depth == 0)
            return true;
    }
    return false;
}

static bool skip_value(struct cursor *cursor)
{
    skip_space(cursor);
    if (cursor->at == cursor->end)
        return false;
    if (*cursor->at == '"')
        return skip_string(cursor);
    if (*cursor->at == '{' || *cursor->at == '[')
        return skip_nested(cursor);
    const char *start = cursor->at;
    while (cursor->at < cursor->end && strchr(",}] \t\r\n", *cursor->at) == NULL)
        cursor->at++;
    return cursor->at > start && cursor->at < cursor->end;
}

bool kube_slice_is_text(struct slice value, const char *text)
{
    size_t length = strlen(text);
    return value.length == length + 2 && value.text[0] == '"' && memcmp(value.text + 1, text, length) == 0;
}

bool kube_slice_member(const char *text, size_t length, const char *name, struct slice *ret_value)
{
    struct cursor cursor = {text, text + length};
    if (!take_char(&cursor, '{'))
        return false;
    do {
        skip_space(&cursor);
        struct slice key = {cursor.at, 0};
        if (cursor.at == cursor.end || *cursor.at != '"' || !skip_string(&cursor))
            return false;
        key.length = (size_t)(cursor.at - key.text);
        if (!take_char(&cursor, ':'))
            return false;
        skip_space(&cursor);
        const char *start = cursor.at;
        if (!skip_value(&cursor))
            return false;
        if (kube_slice_is_text(key, name)) {
            *ret_value = (struct slice){start, (size_t)(cursor.at - start)};
            return true;
        }
    } while (take_char(&cursor, ','));
    return false;
}
