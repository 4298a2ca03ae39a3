/* Rows, schema_meta and connection strings: any bytes give an entity or an error; what is sent as a list is read back as
 * it was; and no error quotes a value. */
#include <stdint.h>
#include <string.h>

#include "dsn.h"
#include "layout.h"
#include "row.h"

#define COLUMNS 6

static const char *const types[] = {"text",  "int8",   "bool",    "jsonb",   "timestamptz", "_text",
                                    "_uuid", "_jsonb", "_float8", "numeric", "citext",      "_timestamp",
                                    "json",  "int2",   "_int4",   "uuid"};

/* The text up to the next zero byte, as libpq gives it; NULL for SQL's NULL. */
static const char *take(const char **at, const char *end, size_t *ret_length)
{
    const char *text = *at;
    *ret_length = strnlen(text, (size_t)(end - text));
    *at = text + *ret_length < end ? text + *ret_length + 1 : end;
    return *ret_length == 1 && text[0] == 'N' ? NULL : text;
}

static void read_row(const uint8_t *choices, const char *text, const char *end)
{
    static char name[] = "column";
    struct row_column columns[COLUMNS];
    const char *values[COLUMNS];
    size_t lengths[COLUMNS];
    AUTO(json) struct json *object = NULL;
    struct err err = ERR_INIT;
    for (size_t i = 0; i < COLUMNS; i++) {
        columns[i] =
            (struct row_column){name, name, value_type_of(types[choices[i] % COUNT_OF(types)]), choices[i] > 200};
        values[i] = take(&text, end, &lengths[i]);
    }
    if (row_read(columns, COLUMNS, values, lengths, &object, &err) != 0) {
        require_that(object == NULL && err.text[0] != '\0');
        return;
    }
    AUTO(text) char *printed = json_print_text(object);
    AUTO(json) struct json *again = NULL;
    require_that(json_parse(printed, strlen(printed), &again, &err) == 0);
}

static void read_back(const char *text)
{
    static const struct value_type list = {VALUE_TEXT, true};
    const char *const items[] = {text, "", text};
    AUTO(buf) struct buf printed = BUF_OWN;
    AUTO(json) struct json *value = NULL;
    struct err err = ERR_INIT;
    value_print_list(items, COUNT_OF(items), &printed);
    require_that(value_read(list, buf_text(&printed), printed.length, &value, &err) == 0);
    require_that(json_count(value) == COUNT_OF(items) && strcmp(json_text(json_at(value, 2)), text) == 0);
}

static void read_migration(const char *text, const char *end)
{
    const char *values[3];
    size_t lengths[3];
    struct postgres_trouble trouble = {.err = ERR_INIT};
    for (size_t i = 0; i < 3; i++)
        values[i] = take(&text, end, &lengths[i]);
    if (layout_check_migration(values, lengths, 3, &trouble) != 0)
        require_that(trouble.err.text[0] != '\0');
}

static void read_dsn(const char *text, size_t length)
{
    struct dsn *dsn = NULL;
    struct err err = ERR_INIT;
    if (dsn_parse(text, &dsn, &err) != 0) {
        require_that(length < 12 || strstr(err.text, text) == NULL);
        return;
    }
    const char *const addresses[] = {"10.0.0.1", "::1"};
    const char **keywords, **values;
    for (size_t i = 0; i < dsn_names(dsn); i++)
        dsn_set_addresses(dsn, i, addresses, i % 3);
    dsn_parameters(dsn, &keywords, &values);
    free(dsn_title(dsn));
    free(keywords);
    free(values);
    dsn_free(dsn);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < COLUMNS)
        return 0;
    size_t length = size - COLUMNS;
    AUTO(text) char *text = xcalloc(1, length + 1);
    memcpy(text, data + COLUMNS, length);
    read_row(data, text, text + length);
    read_migration(text, text + length);
    read_back(text);
    read_dsn(text, strlen(text));
    return 0;
}
