/* What a route must and must not have, by its protocols and by the router's flavour. */
#include <stdlib.h>
#include <string.h>

#include "entity_checks.h"
#include "expression.h"
#include "kind_checks.h"

#define FAMILY_FIELDS_MAX 6

static const struct family {
    const char *protocols[5];
    const char *forbidden[FAMILY_FIELDS_MAX];
    const char *when; /* ends the text about a forbidden field */
    bool stream;
} families[] = {
    {{"http", "https"}, {"sources", "destinations"}, "'http' or 'https'", false},
    {{"tcp", "tls", "udp", "tls_passthrough"},
     {"methods", "hosts", "paths", "headers"},
     "'tcp', 'tls', 'tls_passthrough' or 'udp'",
     true},
    {{"grpc", "grpcs"}, {"methods", "sources", "destinations"}, "'grpc' or 'grpcs'", false},
};

/* The first row whose protocol the route has tells which matchers it needs. */
static const struct {
    const char *protocol;
    const char *matchers[6];
    const char *text; /* what stands in for the list of names, or NULL */
    const char *when;
} needs[] = {
    {"https", {"methods", "hosts", "headers", "paths", "snis"}, NULL, "'https'"},
    {"http", {"methods", "hosts", "headers", "paths"}, NULL, "'http'"},
    {"grpcs", {"hosts", "headers", "paths", "snis"}, NULL, "'grpcs'"},
    {"grpc", {"hosts", "headers", "paths"}, NULL, "'grpc'"},
    {"tls_passthrough", {"snis"}, "snis", "'tls_passthrough'"},
    {"tcp", {"sources", "destinations", "snis"}, NULL, "'tcp', 'tls' or 'udp'"},
    {"tls", {"sources", "destinations", "snis"}, NULL, "'tcp', 'tls' or 'udp'"},
    {"udp", {"sources", "destinations", "snis"}, NULL, "'tcp', 'tls' or 'udp'"},
};

static const struct family *family_of(const struct json *entity)
{
    const char *first = json_text(json_first(json_find(entity, "protocols")));
    if (first == NULL)
        first = "http";
    for (size_t i = 0; i < COUNT_OF(families); i++) {
        for (size_t j = 0; j < COUNT_OF(families[i].protocols) && families[i].protocols[j] != NULL; j++) {
            if (strcmp(families[i].protocols[j], first) == 0)
                return &families[i];
        }
    }
    return NULL;
}

void prepare_route(struct json *entity, bool expressions)
{
    (void)expressions;
    const struct family *family = family_of(entity);
    bool grpc = family != NULL && strcmp(family->protocols[0], "grpc") == 0;
    if (grpc && json_find(entity, "strip_path") == NULL)
        json_set_bool(entity, "strip_path", false);
}

static bool has(const struct json *entity, const char *field)
{
    const struct json *value = json_find(entity, field);
    return json_first(value) != NULL || (json_text(value) != NULL && json_text(value)[0] != '\0');
}

static bool speaks(const struct json *entity, const char *protocol)
{
    json_each (item, json_find(entity, "protocols")) {
        if (json_text(item) != NULL && strcmp(json_text(item), protocol) == 0)
            return true;
    }
    return false;
}

static void require_matchers(const struct json *entity, bool expressions, struct json *errors)
{
    size_t row = 0;
    while (row < COUNT_OF(needs) && !speaks(entity, needs[row].protocol))
        row++;
    if (row == COUNT_OF(needs) || (expressions && has(entity, "expression")))
        return;
    AUTO(buf) struct buf names = BUF_OWN;
    for (size_t i = 0; needs[row].matchers[i] != NULL; i++) {
        if (has(entity, needs[row].matchers[i]))
            return;
        buf_printf(&names, "%s'%s'", i != 0 ? ", " : "one of ", needs[row].matchers[i]);
    }
    if (expressions)
        buf_append_text(&names, ", 'expression'");
    const char *what = needs[row].text != NULL && !expressions ? needs[row].text : buf_text(&names);
    AUTO(text) char *text = xasprintf("must set %s when 'protocols' is %s", what, needs[row].when);
    entity_checks_add(errors, text);
}

static void forbid_fields(const struct json *entity, const struct family *family, struct json *errors)
{
    for (size_t i = 0; i < FAMILY_FIELDS_MAX && family->forbidden[i] != NULL; i++) {
        const char *field = family->forbidden[i];
        if (json_type(json_find(entity, field)) == JSON_NULL)
            continue;
        AUTO(text) char *text = xasprintf("cannot set '%s' when 'protocols' is %s", field, family->when);
        json_set_text(errors, field, text);
    }
    if (strcmp(family->protocols[0], "grpc") == 0 && json_truth(json_find(entity, "strip_path"), false))
        json_set_text(errors, "strip_path", "cannot set 'strip_path' when 'protocols' is 'grpc' or 'grpcs'");
}

static void check_expression(const struct json *entity, const struct family *family, struct json *errors)
{
    static const char *const matchers[] = {"methods", "hosts", "paths", "headers", "snis", "sources", "destinations"};
    static const char prefix[] = "Router Expression failed validation: ";
    static const char clash[] = "%scannot set '%s' with 'methods', 'hosts', 'paths', 'headers', 'snis', 'sources' or "
                                "'destinations' simultaneously";
    bool traditional = false;
    for (size_t i = 0; i < COUNT_OF(matchers); i++)
        traditional = traditional || has(entity, matchers[i]);
    const char *expression = json_find_text(entity, "expression");
    AUTO(text) char *text = NULL;
    if (traditional && expression != NULL) {
        text = xasprintf(clash, prefix, "expression");
    } else if (traditional && json_number(json_find(entity, "priority"), 0) != 0) {
        text = xasprintf(clash, prefix, "priority");
    } else if (expression != NULL && expression[0] != '\0') {
        AUTO(text) char *fault = expression_check(expression, family->stream);
        text = fault != NULL ? xasprintf("%s%s", prefix, fault) : NULL;
    }
    if (text != NULL)
        entity_checks_add(errors, text);
}

void check_route_fields(const struct json *entity, bool expressions, struct json *errors)
{
    const struct family *family = family_of(entity);
    if (family == NULL) {
        const char *first = json_text(json_first(json_find(entity, "protocols")));
        AUTO(text) char *text = xasprintf("unknown type: %s", first);
        for (struct json *error = json_first(errors); error != NULL; error = json_first(errors)) {
            AUTO(text) char *name = xstrdup(json_name(error));
            json_remove(errors, name);
        }
        json_set_text(errors, "protocols", text);
        return;
    }
    forbid_fields(entity, family, errors);
    if (json_find(errors, "protocols") != NULL)
        return;
    require_matchers(entity, expressions, errors);
    if (expressions && json_find(errors, "@entity") == NULL)
        check_expression(entity, family, errors);
}
