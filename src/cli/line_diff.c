/* The longest common subsequence of what differs, with a few lines around it. */
#include "line_diff.h"

#include <string.h>

#include "base/vec.h"

struct line {
    const char *text;
    size_t length;
};

struct lines {
    VEC(struct line);
};

struct step {
    char sign; /* ' ', '-', '+' */
    struct line line;
};

struct script {
    VEC(struct step);
};

static struct lines split(const char *text)
{
    struct lines lines = {0};
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        struct line line = {text, length};
        vec_push(&lines, line);
        text += length + (text[length] == '\n');
    }
    return lines;
}

static bool same(struct line left, struct line right)
{
    return left.length == right.length && memcmp(left.text, right.text, left.length) == 0;
}

static void push(struct script *script, char sign, struct line line)
{
    struct step step = {sign, line};
    vec_push(script, step);
}

/* lengths[i][j]: of the longest common subsequence of the lines from i and from j on. */
static unsigned short *measure(const struct line *left, size_t left_count, const struct line *right, size_t right_count)
{
    size_t width = right_count + 1;
    unsigned short *lengths = xcalloc((left_count + 1) * width, sizeof(*lengths));
    for (size_t i = left_count; i-- > 0;) {
        for (size_t j = right_count; j-- > 0;) {
            unsigned short down = lengths[(i + 1) * width + j], across = lengths[i * width + j + 1];
            if (same(left[i], right[j]))
                lengths[i * width + j] = (unsigned short)(lengths[(i + 1) * width + j + 1] + 1);
            else
                lengths[i * width + j] = down >= across ? down : across;
        }
    }
    return lengths;
}

static void compare(const struct line *left, size_t left_count, const struct line *right, size_t right_count,
                    struct script *script)
{
    bool huge = left_count > LINE_DIFF_LINES_MAX || right_count > LINE_DIFF_LINES_MAX;
    unsigned short *lengths = huge ? NULL : measure(left, left_count, right, right_count);
    size_t i = 0, j = 0, width = right_count + 1;
    while (i < left_count && j < right_count && lengths != NULL) {
        if (same(left[i], right[j])) {
            push(script, ' ', left[i++]);
            j++;
        } else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) {
            push(script, '-', left[i++]);
        } else {
            push(script, '+', right[j++]);
        }
    }
    while (i < left_count)
        push(script, '-', left[i++]);
    while (j < right_count)
        push(script, '+', right[j++]);
    free(lengths);
}

static bool is_near_change(const struct script *script, size_t at)
{
    size_t from = at > LINE_DIFF_CONTEXT ? at - LINE_DIFF_CONTEXT : 0;
    for (size_t i = from; i < script->count && i <= at + LINE_DIFF_CONTEXT; i++) {
        if (script->items[i].sign != ' ')
            return true;
    }
    return false;
}

static void print_step(const struct step *step, const struct line_diff_style *style, struct buf *out)
{
    const char *colour = !style->colour || step->sign == ' ' ? "" : step->sign == '-' ? "\033[31m" : "\033[32m";
    buf_printf(out, "%s%s%c %.*s%s\n", style->margin, colour, step->sign, (int)step->line.length, step->line.text,
               colour[0] != '\0' ? "\033[0m" : "");
}

static void print(const struct script *script, const struct line_diff_style *style, struct buf *out)
{
    bool left_out = false;
    for (size_t i = 0; i < script->count; i++) {
        if (is_near_change(script, i)) {
            if (left_out)
                buf_printf(out, "%s…\n", style->margin);
            left_out = false;
            print_step(&script->items[i], style, out);
        } else {
            left_out = true;
        }
    }
    if (left_out)
        buf_printf(out, "%s…\n", style->margin);
}

void line_diff_print(const char *expected, const char *actual, const struct line_diff_style *style, struct buf *out)
{
    if (strcmp(expected, actual) == 0)
        return;
    struct lines left = split(expected), right = split(actual);
    size_t head = 0, tail = 0;
    while (head < left.count && head < right.count && same(left.items[head], right.items[head]))
        head++;
    while (tail < left.count - head && tail < right.count - head &&
           same(left.items[left.count - 1 - tail], right.items[right.count - 1 - tail]))
        tail++;
    struct script script = {0};
    for (size_t i = 0; i < head; i++)
        push(&script, ' ', left.items[i]);
    compare(left.items + head, left.count - head - tail, right.items + head, right.count - head - tail, &script);
    for (size_t i = left.count - tail; i < left.count; i++)
        push(&script, ' ', left.items[i]);
    print(&script, style, out);
    vec_done(&script);
    vec_done(&left);
    vec_done(&right);
}
