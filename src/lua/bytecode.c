/* A reader of what lua_dump writes: header, then functions within functions; an instruction SETUPVAL is an assignment. */
#include "bytecode.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"

#define DUMP_MAX        (4u << 20) /* bytes; a rule file has at most one MiB of text */
#define UPVALUES_MAX    255
#define DEPTH_MAX       200 /* functions within functions, as Lua's own parser */
#define OP_SETUPVAL     10
#define OPCODE(word)    ((word)&0x7f)
#define OPERAND_B(word) ((word) >> 16 & 0xff)
#define ABSOLUTE_LINE   (-0x80)

enum constant { CONSTANT_FLOAT = 0x13, CONSTANT_INTEGER = 0x03, CONSTANT_SHORT = 0x04, CONSTANT_LONG = 0x14 };

struct reader {
    const unsigned char *at, *end;
    bool broken;
};

/* A function's upvalues: what each is in the function around it, and on which line the function, or one within it, assigns to
 * it (0: nowhere). */
struct function {
    const unsigned char
        *upvalues; /* three bytes each: whether it is a local of the function around, its number there, a sort */
    size_t upvalue_count;
    int assigned[UPVALUES_MAX];
};

static const unsigned char *take(struct reader *reader, size_t length)
{
    const unsigned char *from = reader->at;
    if (reader->broken || length > (size_t)(reader->end - reader->at)) {
        reader->broken = true;
        return NULL;
    }
    reader->at += length;
    return from;
}

static int take_byte(struct reader *reader)
{
    const unsigned char *byte = take(reader, 1);
    return byte != NULL ? *byte : 0;
}

/* Seven bits a byte, the highest first; the last byte has its eighth bit set. */
static size_t take_size(struct reader *reader)
{
    size_t size = 0;
    for (int byte = 0; !reader->broken && (byte & 0x80) == 0;) {
        byte = take_byte(reader);
        size = size << 7 | (size_t)(byte & 0x7f);
        if (size > DUMP_MAX)
            reader->broken = true;
    }
    return reader->broken ? 0 : size;
}

static void skip_text(struct reader *reader)
{
    size_t size = take_size(reader);
    if (size > 0)
        take(reader, size - 1);
}

static void skip_header(struct reader *reader)
{
    static const unsigned char header[] = "\x1bLua\x54\x00\x19\x93\r\n\x1a\n\x04\x08\x08";
    const unsigned char *found = take(reader, sizeof(header) - 1);
    if (found == NULL || memcmp(found, header, sizeof(header) - 1) != 0)
        reader->broken = true;
    take(reader, sizeof(lua_Integer) + sizeof(lua_Number) + 1);
}

static void skip_constants(struct reader *reader)
{
    for (size_t left = take_size(reader); left > 0 && !reader->broken; left--) {
        switch (take_byte(reader)) {
        case CONSTANT_FLOAT:
        case CONSTANT_INTEGER:
            take(reader, 8);
            break;
        case CONSTANT_SHORT:
        case CONSTANT_LONG:
            skip_text(reader);
            break;
        }
    }
}

struct lines {
    const unsigned char *steps;
    size_t count;
    int first;
    struct reader absolute; /* pairs of instruction and line */
};

static int line_of(struct lines lines, size_t instruction)
{
    int line = lines.first;
    for (size_t i = 0; i <= instruction && i < lines.count; i++) {
        int step = (signed char)lines.steps[i];
        if (step != ABSOLUTE_LINE) {
            line += step;
            continue;
        }
        take_size(&lines.absolute);
        line = (int)take_size(&lines.absolute);
    }
    return line;
}

/* What stands behind the functions within: lines and names. */
static struct lines take_debug(struct reader *reader, int first)
{
    struct lines lines = {.first = first};
    lines.count = take_size(reader);
    lines.steps = take(reader, lines.count);
    size_t count = take_size(reader);
    lines.absolute = *reader;
    for (; count > 0 && !reader->broken; count--) {
        take_size(reader);
        take_size(reader);
    }
    for (count = take_size(reader); count > 0 && !reader->broken; count--) {
        skip_text(reader);
        take_size(reader);
        take_size(reader);
    }
    for (count = take_size(reader); count > 0 && !reader->broken; count--)
        skip_text(reader);
    return lines;
}

static uint32_t word_at(const unsigned char *code, size_t index)
{
    uint32_t word;
    memcpy(&word, code + index * sizeof(word), sizeof(word));
    return word;
}

static void note(struct function *function, size_t upvalue, int line)
{
    if (upvalue < UPVALUES_MAX && function->assigned[upvalue] == 0)
        function->assigned[upvalue] = line > 0 ? line : 1;
}

static void read_function(struct reader *reader, int depth, struct function *ret_function);

/* What the functions within assign of this one's upvalues, this one assigns. */
static void read_inner_functions(struct reader *reader, int depth, struct function *function)
{
    for (size_t left = take_size(reader); left > 0 && !reader->broken; left--) {
        struct function inner;
        read_function(reader, depth + 1, &inner);
        for (size_t i = 0; i < inner.upvalue_count && !reader->broken; i++) {
            bool is_local_of_this = inner.upvalues[3 * i] != 0;
            if (inner.assigned[i] != 0 && !is_local_of_this)
                note(function, inner.upvalues[3 * i + 1], inner.assigned[i]);
        }
    }
}

static void read_function(struct reader *reader, int depth, struct function *ret_function)
{
    *ret_function = (struct function){0};
    if (depth > DEPTH_MAX)
        reader->broken = true;
    skip_text(reader);
    int first_line = (int)take_size(reader);
    take_size(reader);
    take(reader, 3);
    size_t count = take_size(reader);
    const unsigned char *code = take(reader, count * sizeof(uint32_t));
    skip_constants(reader);
    ret_function->upvalue_count = take_size(reader);
    if (ret_function->upvalue_count > UPVALUES_MAX)
        reader->broken = true;
    ret_function->upvalues = take(reader, 3 * ret_function->upvalue_count);
    read_inner_functions(reader, depth, ret_function);
    struct lines lines = take_debug(reader, first_line);
    for (size_t i = 0; i < count && !reader->broken; i++) {
        uint32_t word = word_at(code, i);
        if (OPCODE(word) == OP_SETUPVAL)
            note(ret_function, OPERAND_B(word), line_of(lines, i));
    }
}

static int write_piece(lua_State *L, const void *piece, size_t size, void *user)
{
    return buf_append(user, piece, size) != 0;
}

static enum lua_bytecode_result find_assignment(const struct buf *dump, int *ret_upvalue, int *ret_line)
{
    struct reader reader = {(const unsigned char *)dump->data, (const unsigned char *)dump->data + dump->length, false};
    struct function function;
    skip_header(&reader);
    read_function(&reader, 0, &function);
    if (reader.broken || reader.at != reader.end)
        return LUA_BYTECODE_UNKNOWN;
    for (size_t i = 0; i < function.upvalue_count; i++) {
        if (function.assigned[i] == 0)
            continue;
        *ret_upvalue = (int)i + 1;
        *ret_line = function.assigned[i];
        return LUA_BYTECODE_ASSIGNS;
    }
    return LUA_BYTECODE_CONSTANT;
}

enum lua_bytecode_result lua_bytecode_find_assignment(lua_State *L, int *ret_upvalue, int *ret_line)
{
    AUTO(buf) struct buf dump = BUF_INIT(DUMP_MAX);
    if (lua_dump(L, write_piece, &dump, 0) != 0)
        return LUA_BYTECODE_UNKNOWN;
    return find_assignment(&dump, ret_upvalue, ret_line);
}
