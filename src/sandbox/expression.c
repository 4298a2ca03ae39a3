/* Reads a router expression by descent and reports the furthest place where a rule of the grammar failed. */
#include "expression.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "regex_check.h"

enum value_type { VALUE_TEXT, VALUE_NUMBER, VALUE_ADDRESS, VALUE_NETWORK };

struct parser {
    const char *text;
    size_t at;
    bool stream;
    int depth;
    size_t failed_at; /* the furthest */
    const char *expected;
    char *fault; /* a fault of meaning: ends everything */
};

static const struct {
    const char *name; /* a trailing '*' stands for any rest */
    enum value_type type;
    bool http, stream;
} fields[] = {
    {"net.protocol", VALUE_TEXT, true, true},
    {"net.src.ip", VALUE_ADDRESS, true, true},
    {"net.src.port", VALUE_NUMBER, true, true},
    {"net.dst.ip", VALUE_ADDRESS, true, true},
    {"net.dst.port", VALUE_NUMBER, true, true},
    {"net.port", VALUE_NUMBER, true, false},
    {"tls.sni", VALUE_TEXT, true, true},
    {"http.method", VALUE_TEXT, true, false},
    {"http.host", VALUE_TEXT, true, false},
    {"http.path", VALUE_TEXT, true, false},
    {"http.path.segments.len", VALUE_NUMBER, true, false},
    {"http.path.segments.*", VALUE_TEXT, true, false},
    {"http.headers.*", VALUE_TEXT, true, false},
    {"http.queries.*", VALUE_TEXT, true, false},
};

static const struct operator_row {
    const char *sign;
    bool text, number, address;
} operators[] = {
    {"==", true, true, true},   {"!=", true, true, true},       {"~", true, false, false},
    {"^=", true, false, false}, {"=^", true, false, false},     {">=", false, true, false},
    {">", false, true, false},  {"<=", false, true, false},     {"<", false, true, false},
    {"in", false, false, true}, {"not in", false, false, true}, {"contains", true, false, false},
};

static void skip_space(struct parser *parser)
{
    while (isspace((unsigned char)parser->text[parser->at]))
        parser->at++;
}

static bool expect(struct parser *parser, const char *rule)
{
    if (parser->expected == NULL || parser->at > parser->failed_at) {
        parser->failed_at = parser->at;
        parser->expected = rule;
    }
    return false;
}

static bool fail(struct parser *parser, char *text)
{
    free(parser->fault);
    parser->fault = text;
    return false;
}

/* The frame that the router's parser draws around the faulty place. */
static char *draw(const struct parser *parser, size_t at, size_t length, const char *what)
{
    size_t line = 1, start = 0;
    for (size_t i = 0; i < at; i++) {
        if (parser->text[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    struct buf text = BUF_OWN;
    int column = (int)(at - start);
    buf_printf(&text, " --> %zu:%d\n  |\n%zu | %.*s\n  | %*s^", line, column + 1, line,
               (int)strcspn(parser->text + start, "\n"), parser->text + start, column, "");
    for (size_t i = 2; i < (length > 1 ? length : 5); i++)
        buf_append_char(&text, '-');
    if (length > 1)
        buf_append_char(&text, '^');
    buf_printf(&text, "\n  |\n  = %s", what);
    return buf_take(&text);
}

static bool take(struct parser *parser, const char *sign)
{
    size_t length = strlen(sign);
    if (strncmp(parser->text + parser->at, sign, length) != 0)
        return false;
    parser->at += length;
    return true;
}

static bool field_type(const struct parser *parser, const char *name, size_t length, enum value_type *ret_type)
{
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        size_t row_length = strlen(fields[i].name);
        bool open = fields[i].name[row_length - 1] == '*';
        bool same = open ? length >= row_length && strncmp(fields[i].name, name, row_length - 1) == 0
                         : length == row_length && strncmp(fields[i].name, name, length) == 0;
        if (same && (parser->stream ? fields[i].stream : fields[i].http)) {
            *ret_type = fields[i].type;
            return true;
        }
    }
    return false;
}

static bool read_left(struct parser *parser, enum value_type *ret_type)
{
    size_t start = parser->at;
    if (take(parser, "lower(") || take(parser, "any(")) {
        if (++parser->depth > EXPRESSION_DEPTH_MAX)
            return expect(parser, "transform_func");
        skip_space(parser);
        if (!read_left(parser, ret_type))
            return false;
        parser->depth--;
        skip_space(parser);
        return take(parser, ")");
    }
    expect(parser, "transform_func");
    while (isalnum((unsigned char)parser->text[parser->at]) || strchr("_.", parser->text[parser->at]) != NULL) {
        if (parser->text[parser->at] == '\0')
            break;
        parser->at++;
    }
    size_t length = parser->at - start;
    if (length == 0 || !isalpha((unsigned char)parser->text[start]))
        return expect(parser, "ident");
    if (field_type(parser, parser->text + start, length, ret_type))
        return true;
    return fail(parser, xstrdup("Unknown LHS field"));
}

static const struct operator_row *read_operator(struct parser *parser)
{
    for (size_t i = 0; i < COUNT_OF(operators); i++) {
        if (take(parser, operators[i].sign))
            return &operators[i];
    }
    expect(parser, "binary_operator");
    return NULL;
}

static bool read_text(struct parser *parser, struct buf *value)
{
    const char *text = parser->text;
    if (take(parser, "r#\"")) {
        const char *end = strstr(text + parser->at, "\"#");
        if (end == NULL)
            return false;
        buf_append(value, text + parser->at, (size_t)(end - text) - parser->at);
        parser->at = (size_t)(end - text) + 2;
        return true;
    }
    for (parser->at++; text[parser->at] != '"'; parser->at++) {
        if (text[parser->at] == '\0')
            return false;
        if (text[parser->at] == '\\' && text[parser->at + 1] != '\0') {
            char c = text[++parser->at];
            buf_append_char(value, c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c);
        } else {
            buf_append_char(value, text[parser->at]);
        }
    }
    parser->at++;
    return true;
}

static bool read_address(const char *word, enum value_type *ret_type)
{
    AUTO(text) char *address = xstrdup(word);
    char *slash = strchr(address, '/');
    if (slash != NULL)
        *slash = '\0';
    unsigned char bytes[16];
    if (inet_pton(AF_INET, address, bytes) != 1 && inet_pton(AF_INET6, address, bytes) != 1)
        return false;
    *ret_type = slash != NULL ? VALUE_NETWORK : VALUE_ADDRESS;
    return true;
}

static bool read_right(struct parser *parser, enum value_type *ret_type, struct buf *value)
{
    const char *text = parser->text + parser->at;
    if (*text == '"' || strncmp(text, "r#\"", 3) == 0) {
        *ret_type = VALUE_TEXT;
        size_t start = parser->at;
        if (read_text(parser, value))
            return true;
        parser->at = start;
        return expect(parser, "rhs");
    }
    size_t length = strspn(text, "0123456789abcdefABCDEFxX.:/-");
    AUTO(text) char *word = xstrndup(text, length);
    char *end = word;
    if (length != 0 && (isdigit((unsigned char)word[0]) || word[0] == '-'))
        (void)strtoll(word, &end, 0);
    if (length != 0 && *end == '\0')
        *ret_type = VALUE_NUMBER;
    else if (!read_address(word, ret_type))
        return expect(parser, "rhs");
    parser->at += length;
    return true;
}

static bool regex_is_fine(struct parser *parser, size_t at, const char *regex)
{
    struct regex_fault fault;
    if (regex_check(regex, &fault))
        return true;
    AUTO(text)
    char *what = xasprintf("regex parse error:\n    %s\n    %*s^\nerror: %s", regex, (int)fault.offset, "",
                           regex_fault_rust(&fault));
    return fail(parser, draw(parser, at, parser->at - at, what));
}

static bool types_agree(const struct operator_row *row, enum value_type left, enum value_type right)
{
    if (left == VALUE_TEXT)
        return row->text && right == VALUE_TEXT;
    if (left == VALUE_NUMBER)
        return row->number && right == VALUE_NUMBER;
    bool network = strcmp(row->sign, "in") == 0 || strcmp(row->sign, "not in") == 0;
    return row->address && right == (network ? VALUE_NETWORK : VALUE_ADDRESS);
}

static bool read_predicate(struct parser *parser)
{
    enum value_type left, right;
    if (!read_left(parser, &left))
        return false;
    skip_space(parser);
    const struct operator_row *row = read_operator(parser);
    if (row == NULL)
        return false;
    skip_space(parser);
    AUTO(buf) struct buf value = BUF_OWN;
    size_t at = parser->at;
    if (!read_right(parser, &right, &value))
        return false;
    if (!types_agree(row, left, right))
        return fail(parser, xstrdup("Type mismatch between the LHS and RHS values of predicate"));
    return strcmp(row->sign, "~") != 0 || regex_is_fine(parser, at, buf_text(&value));
}

static bool read_expression(struct parser *parser);

static bool read_term(struct parser *parser)
{
    skip_space(parser);
    bool negated = take(parser, "!");
    skip_space(parser);
    if (!take(parser, "("))
        return negated ? expect(parser, "term") : read_predicate(parser);
    if (++parser->depth > EXPRESSION_DEPTH_MAX || !read_expression(parser))
        return false;
    parser->depth--;
    skip_space(parser);
    return take(parser, ")") || expect(parser, "logical_operator");
}

static bool read_expression(struct parser *parser)
{
    if (!read_term(parser))
        return false;
    for (;;) {
        skip_space(parser);
        if (!take(parser, "&&") && !take(parser, "||"))
            return true;
        if (!read_term(parser))
            return false;
    }
}

char *expression_check(const char *text, bool stream)
{
    struct parser parser = {.text = text, .stream = stream};
    bool fine = read_expression(&parser);
    skip_space(&parser);
    if (fine && text[parser.at] == '\0') {
        free(parser.fault);
        return NULL;
    }
    if (parser.fault != NULL)
        return parser.fault;
    if (fine)
        expect(&parser, "EOI or logical_operator");
    AUTO(text) char *what = xasprintf("expected %s", parser.expected != NULL ? parser.expected : "expression");
    return draw(&parser, parser.expected != NULL ? parser.failed_at : parser.at, 1, what);
}
