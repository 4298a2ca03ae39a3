/* Writing JSON. */
#include "writer.h"

#include "base/json.h"

static void begin(struct writer *writer, const char *name)
{
    if (writer->has_before)
        buf_append_char(writer->out, ',');
    writer->has_before = true;
    if (name == NULL)
        return;
    json_print_string(name, strlen(name), writer->out);
    buf_append_char(writer->out, ':');
}

void writer_open(struct writer *writer, const char *name, char bracket)
{
    begin(writer, name);
    buf_append_char(writer->out, bracket);
    writer->has_before = false;
}

void writer_close(struct writer *writer, char bracket)
{
    buf_append_char(writer->out, bracket);
    writer->has_before = true;
}

void writer_text(struct writer *writer, const char *name, const char *text)
{
    begin(writer, name);
    if (text != NULL)
        json_print_string(text, strlen(text), writer->out);
    else
        buf_append_text(writer->out, "null");
}

void writer_number(struct writer *writer, const char *name, double number)
{
    begin(writer, name);
    json_print_number(number, writer->out);
}

void writer_bool(struct writer *writer, const char *name, bool truth)
{
    begin(writer, name);
    buf_append_text(writer->out, truth ? "true" : "false");
}
