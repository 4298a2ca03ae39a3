/* Decides what a row is in JSON. */
#include "row.h"

static struct json *reference_to(struct json *id)
{
    struct json *reference = json_new_object();
    json_set(reference, "id", id);
    return reference;
}

int row_read(const struct row_column *columns, size_t count, const char *const *values, const size_t *lengths,
             struct json **ret_object, struct err *err)
{
    struct json *object = json_new_object();
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        struct json *value = NULL;
        if (columns[i].field == NULL)
            continue;
        const char *text = values[at];
        size_t length = lengths[at++];
        if (text == NULL)
            continue;
        int rc = value_read(columns[i].type, text, length, &value, err);
        if (rc != 0) {
            json_free(object);
            return err_wrap(err, "column \"%s\"", columns[i].name);
        }
        json_set(object, columns[i].field, columns[i].reference ? reference_to(value) : value);
    }
    *ret_object = object;
    return 0;
}
