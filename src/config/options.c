/* Flags and variables by the table in the header. */
#include "config/options.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/vec.h"
#include "option_rows.h"

struct value {
    char *text;
    bool given;
    bool from_flag;
    struct {
        VEC(char *);
    } list;
};

struct options {
    struct value values[OPTION_COUNT];
    struct {
        VEC(char *);
    } words;
};

void options_free(struct options *options)
{
    if (options == NULL)
        return;
    for (int i = 0; i < OPTION_COUNT; i++) {
        free(options->values[i].text);
        for (size_t n = 0; n < options->values[i].list.count; n++)
            free(options->values[i].list.items[n]);
        vec_done(&options->values[i].list);
    }
    for (size_t i = 0; i < options->words.count; i++)
        free(options->words.items[i]);
    vec_done(&options->words);
    free(options);
}

static bool in_choices(const char *choices, const char *text)
{
    size_t length = strlen(text);
    while (*choices != '\0') {
        size_t size = strcspn(choices, "|");
        if (size == length && memcmp(choices, text, length) == 0)
            return true;
        choices += size + (choices[size] == '|');
    }
    return false;
}

static int check_value(const struct option_row *row, const char *text, const char *origin, struct err *err)
{
    char *end = NULL;
    switch (row->type) {
    case OPTION_BOOL:
        if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
            return err_set(err, ERR_INVALID, "%s: '%s' is neither true nor false", origin, text);
        return 0;
    case OPTION_INTEGER:
    case OPTION_SIZE:
        errno = 0;
        if (strtoll(text, &end, 10) < 0 || *end != '\0' || end == text || errno != 0)
            return err_set(err, ERR_INVALID, "%s: '%s' is no whole number", origin, text);
        return 0;
    case OPTION_DURATION:
        if (text[0] != '\0' && clock_parse_duration(text) < 0)
            return err_set(err, ERR_INVALID, "%s: '%s' is no duration (like 500ms, 3s, 1m30s)", origin, text);
        return 0;
    case OPTION_CHOICE:
        if (text[0] != '\0' && !in_choices(row->values, text))
            return err_set(err, ERR_INVALID, "%s: '%s' is none of %s", origin, text, row->values);
        return 0;
    default:
        return 0;
    }
}

static void add_words(struct value *value, const char *text, bool split)
{
    while (*text != '\0') {
        size_t size = split ? strcspn(text, ",") : strlen(text);
        const char *from = text;
        size_t length = size;
        while (length > 0 && isspace((unsigned char)*from)) {
            from++;
            length--;
        }
        while (length > 0 && isspace((unsigned char)from[length - 1]))
            length--;
        if (length > 0)
            vec_push(&value->list, xstrndup(from, length));
        text += size + (text[size] == ',');
    }
}

static int set_value(struct options *options, const struct option_row *row, const char *text, const char *origin,
                     struct err *err)
{
    struct value *value = &options->values[row->id];
    int rc = check_value(row, text, origin, err);
    if (rc != 0)
        return rc;
    free(value->text);
    value->text = xstrdup(text);
    if (row->type == OPTION_LIST)
        add_words(value, text, row->id != OPT_FILE && row->id != OPT_KONG_ADMIN_HEADER);
    return 0;
}

static int unknown_flag(const char *flag, unsigned int groups, struct err *err)
{
    const char *near = option_rows_near(flag, groups);
    return err_set(err, ERR_INVALID, "unknown flag --%s%s%s%s", flag, near != NULL ? "; did you mean --" : "",
                   near != NULL ? near : "", near != NULL ? "?" : "");
}

/* --flag value, --flag=value, -f value, and --flag alone for booleans. */
static int take_flag(struct options *options, int argc, char **argv, int *at, unsigned int groups, struct err *err)
{
    const char *word = argv[*at];
    const char *equals = word[1] == '-' ? strchr(word, '=') : NULL;
    AUTO(text)
    char *flag =
        word[1] == '-' ? xstrndup(word + 2, equals != NULL ? (size_t)(equals - word - 2) : strlen(word + 2)) : NULL;
    const struct option_row *row = flag != NULL ? option_rows_find(flag, groups) : option_rows_letter(word[1], groups);
    if (flag != NULL && row == NULL)
        return unknown_flag(flag, groups, err);
    if (row == NULL)
        return err_set(err, ERR_INVALID, "unknown flag %s", word);
    const char *text = equals != NULL ? equals + 1 : flag == NULL && word[2] != '\0' ? word + 2 : NULL;
    if (text == NULL && row->type == OPTION_BOOL) {
        bool follows = *at + 1 < argc && (strcmp(argv[*at + 1], "true") == 0 || strcmp(argv[*at + 1], "false") == 0);
        text = follows ? argv[++*at] : "true";
    }
    if (text == NULL) {
        if (*at + 1 >= argc)
            return err_set(err, ERR_INVALID, "--%s needs a value: %s", row->flag, row->values);
        text = argv[++*at];
    }
    AUTO(text) char *origin = xasprintf("--%s", row->flag);
    options->values[row->id].given = options->values[row->id].from_flag = true;
    return set_value(options, row, text, origin, err);
}

static int take_environment(struct options *options, unsigned int groups, struct err *err)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < OPTION_COUNT; i++) {
        const struct option_row *row = option_rows_at(i);
        struct value *value = &options->values[i];
        char name[96] = "CONTROLLER_";
        size_t length = strlen(name);
        for (const char *c = row->flag; *c != '\0' && length < sizeof(name) - 1; c++)
            name[length++] = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
        name[length] = '\0';
        const char *text = (row->groups & groups) != 0 && !value->given ? getenv(name) : NULL;
        if (text != NULL) {
            value->given = true;
            rc = set_value(options, row, text, name, err);
        } else if (!value->given) {
            rc = set_value(options, row, row->fallback, row->flag, err);
        }
    }
    return rc;
}

int options_parse(int argc, char **argv, unsigned int groups, struct options **ret_options, struct err *err)
{
    AUTO(options) struct options *options = xcalloc(1, sizeof(*options));
    bool flags = true;
    for (int at = 1; at < argc; at++) {
        const char *word = argv[at];
        if (flags && strcmp(word, "--") == 0) {
            flags = false;
        } else if (flags && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
            continue; /* was answered before */
        } else if (flags && word[0] == '-' && word[1] != '\0') {
            int rc = take_flag(options, argc, argv, &at, groups, err);
            if (rc != 0)
                return rc;
        } else {
            vec_push(&options->words, xstrdup(word));
        }
    }
    vec_push(&options->words, (char *)NULL);
    int rc = take_environment(options, groups, err);
    if (rc != 0)
        return rc;
    for (int i = 0; i < OPTION_COUNT; i++)
        vec_push(&options->values[i].list, (char *)NULL);
    *ret_options = TAKE(options);
    return 0;
}

const char *const *options_words(const struct options *options)
{
    return (const char *const *)options->words.items;
}

bool options_given(const struct options *options, enum option_id id)
{
    return options->values[id].given;
}

const char *options_text(const struct options *options, enum option_id id)
{
    return options->values[id].text != NULL ? options->values[id].text : "";
}

const char *const *options_list(const struct options *options, enum option_id id)
{
    return (const char *const *)options->values[id].list.items;
}

bool options_truth(const struct options *options, enum option_id id)
{
    return strcmp(options_text(options, id), "true") == 0;
}

int64_t options_integer(const struct options *options, enum option_id id)
{
    return strtoll(options_text(options, id), NULL, 10);
}

int64_t options_duration_ms(const struct options *options, enum option_id id)
{
    return clock_parse_duration(options_text(options, id));
}
