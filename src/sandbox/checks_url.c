/* Paths, addresses and URLs: which texts Kong takes. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "regex_check.h"

static char *percent_fault(const char *path)
{
    for (const char *c = strchr(path, '%'); c != NULL; c = strchr(c + 1, '%')) {
        if (!isxdigit((unsigned char)c[1]) || !isxdigit((unsigned char)c[2]))
            return xasprintf("invalid url-encoded value: '%.3s'", c);
    }
    return NULL;
}

char *check_path(const struct json *value)
{
    const char *path = json_text(value);
    for (const char *c = path; *c != '\0'; c++) {
        if (!isalnum((unsigned char)*c) && strchr(".-_~/%:@!$&'()*+,;=", *c) == NULL)
            return xasprintf("invalid path: '%s' (characters outside of the reserved list of RFC 3986 found)", path);
    }
    return percent_fault(path);
}

char *check_route_path(const struct json *value)
{
    const char *path = json_text(value);
    if (path[0] != '~')
        return percent_fault(path);
    struct regex_fault fault;
    if (regex_check(path + 1, &fault))
        return NULL;
    return xasprintf("invalid regex: '%s' (PCRE returned: pcre2_compile() failed: %s in \"%s\")", path + 1,
                     regex_fault_pcre(&fault), path + 1);
}

char *check_address(const struct json *value)
{
    const char *text = json_text(value);
    AUTO(text) char *address = xstrdup(text);
    char *slash = strchr(address, '/');
    long bits = 0;
    bool fine = true;
    if (slash != NULL) {
        char *end;
        *slash = '\0';
        bits = strtol(slash + 1, &end, 10);
        fine = isdigit((unsigned char)slash[1]) && *end == '\0';
    }
    unsigned char bytes[16];
    long most = inet_pton(AF_INET, address, bytes) == 1 ? 32 : inet_pton(AF_INET6, address, bytes) == 1 ? 128 : -1;
    if (fine && most >= 0 && bits <= most)
        return NULL;
    return xasprintf("invalid ip or cidr range: '%s'", text);
}

/* The length of "scheme://" at the start, or 0. */
static size_t scheme_length(const char *url)
{
    size_t length = strspn(url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
    return length != 0 && strncmp(url + length, "://", 3) == 0 ? length + 3 : 0;
}

char *check_url(const struct json *value)
{
    const char *url = json_text(value);
    size_t start = scheme_length(url);
    if (start == 0)
        return xstrdup("missing host in url");
    return strcspn(url + start, "/?#") == 0 ? xstrdup("missing host in url") : NULL;
}

char *check_redirect_uri(const struct json *value)
{
    const char *url = json_text(value);
    size_t start = scheme_length(url);
    if (start == 0 || url[start] == '\0')
        return xasprintf("cannot parse '%s'", url);
    return strchr(url, '#') != NULL ? xasprintf("fragment not allowed in '%s'", url) : NULL;
}

char *check_origin(const struct json *value)
{
    struct regex_fault fault;
    const char *text = json_text(value);
    if (strcmp(text, "*") == 0 || regex_check(text, &fault))
        return NULL;
    return xasprintf("'%s' is not a valid regex", text);
}
