/* Two bytes a unit, in the order that the mark says. */
#include "utf16.h"

#include <stdint.h>

static void append_code(struct buf *out, uint32_t code)
{
    char bytes[4];
    size_t length = 0;
    if (code < 0x80) {
        bytes[length++] = (char)code;
    } else if (code < 0x800) {
        bytes[length++] = (char)(0xc0 | code >> 6);
        bytes[length++] = (char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        bytes[length++] = (char)(0xe0 | code >> 12);
        bytes[length++] = (char)(0x80 | (code >> 6 & 0x3f));
        bytes[length++] = (char)(0x80 | (code & 0x3f));
    } else {
        bytes[length++] = (char)(0xf0 | code >> 18);
        bytes[length++] = (char)(0x80 | (code >> 12 & 0x3f));
        bytes[length++] = (char)(0x80 | (code >> 6 & 0x3f));
        bytes[length++] = (char)(0x80 | (code & 0x3f));
    }
    buf_append(out, bytes, length);
}

static uint32_t unit_at(const unsigned char *bytes, bool big)
{
    return big ? (uint32_t)bytes[0] << 8 | bytes[1] : (uint32_t)bytes[1] << 8 | bytes[0];
}

bool utf16_convert(const char *text, size_t length, struct buf *out)
{
    const unsigned char *bytes = (const unsigned char *)text;
    bool big = length >= 2 && bytes[0] == 0xfe && bytes[1] == 0xff;
    bool little = length >= 2 && bytes[0] == 0xff && bytes[1] == 0xfe;
    if (!big && !little)
        return false;
    for (size_t i = 2; i + 1 < length; i += 2) {
        uint32_t unit = unit_at(bytes + i, big);
        uint32_t low = i + 3 < length ? unit_at(bytes + i + 2, big) : 0;
        if (unit >= 0xd800 && unit < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
            append_code(out, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
            i += 2;
        } else {
            append_code(out, unit >= 0xd800 && unit < 0xe000 ? 0xfffd : unit);
        }
    }
    return true;
}
