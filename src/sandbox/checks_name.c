/* Names, tags, hosts, server names and targets: which texts Kong takes. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"

#define HOST_LENGTH_MAX 253
#define PORT_DEFAULT    8000

static bool is_utf8_tail(const unsigned char *text, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return false;
    }
    return true;
}

static size_t utf8_length(const unsigned char *text)
{
    if (*text < 0x80)
        return 1;
    if (*text >= 0xc2 && *text < 0xe0 && is_utf8_tail(text + 1, 1))
        return 2;
    if (*text >= 0xe0 && *text < 0xf0 && is_utf8_tail(text + 1, 2))
        return 3;
    return *text >= 0xf0 && *text < 0xf5 && is_utf8_tail(text + 1, 3) ? 4 : 0;
}

/* Every ASCII character is `fine`, the rest is valid UTF-8. */
static bool is_made_of(const char *text, bool (*fine)(unsigned char))
{
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0';) {
        size_t length = utf8_length(c);
        if (length == 0 || (length == 1 && !fine(*c)))
            return false;
        c += length;
    }
    return true;
}

static bool is_name_character(unsigned char c)
{
    return isalnum(c) || strchr(".-_~", c) != NULL;
}

static bool is_tag_character(unsigned char c)
{
    return isprint(c) && c != ',' && c != '/';
}

char *check_name(const struct json *value)
{
    const char *text = json_text(value);
    if (is_made_of(text, is_name_character))
        return NULL;
    return xasprintf("invalid value '%s': the only accepted ascii characters are alphanumerics or ., -, _, and ~",
                     text);
}

char *check_tag(const struct json *value)
{
    const char *text = json_text(value);
    if (is_made_of(text, is_tag_character))
        return NULL;
    return xasprintf("invalid tag '%s': expected printable ascii (except `,` and `/`) or valid utf-8 sequences", text);
}

bool checks_is_address(const char *text)
{
    unsigned char address[16];
    if (text[0] != '[')
        return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
    AUTO(text) char *inner = xstrdup(text + 1);
    size_t length = strlen(inner);
    if (length == 0 || inner[length - 1] != ']')
        return false;
    inner[length - 1] = '\0';
    return inet_pton(AF_INET6, inner, address) == 1;
}

/* Takes a trailing ":port" off; false when what stands there is no port. */
static bool split_port(char *text, int *ret_port)
{
    *ret_port = 0;
    char *colon = strrchr(text, ':');
    if (colon == NULL || (text[0] != '[' && strchr(text, ':') != colon) || (text[0] == '[' && colon[-1] != ']'))
        return true;
    char *end;
    long port = strtol(colon + 1, &end, 10);
    if (!isdigit((unsigned char)colon[1]) || *end != '\0' || port < 0 || port > 65535)
        return false;
    *colon = '\0';
    *ret_port = (int)port + 1;
    return true;
}

static bool is_hostname(const char *text, bool wildcard)
{
    size_t length = strlen(text);
    if (length == 0 || length > HOST_LENGTH_MAX || text[0] == '.' || strstr(text, "..") != NULL)
        return false;
    for (const char *c = text; *c != '\0'; c++) {
        if (!isalnum((unsigned char)*c) && strchr("-_.", *c) == NULL && !(wildcard && *c == '*'))
            return false;
    }
    return text[0] != '-' && text[length - 1] != '-';
}

static bool is_host(const char *text, bool wildcard)
{
    return checks_is_address(text) || is_hostname(text, wildcard);
}

char *check_host(const struct json *value)
{
    AUTO(text) char *host = xstrdup(json_text(value));
    int port;
    if (split_port(host, &port) && is_host(host, true))
        return NULL;
    return xasprintf("invalid value: %s", json_text(value));
}

char *check_sni(const struct json *value)
{
    const char *text = json_text(value);
    AUTO(text) char *host = xstrdup(text);
    int port;
    bool fine = split_port(host, &port);
    if (checks_is_address(host))
        return xstrdup("must not be an IP");
    if (!fine || !is_hostname(host, true))
        return xasprintf("invalid value: %s", text);
    if (port != 0)
        return xstrdup("must not have a port");
    const char *star = strchr(host, '*');
    if (star == NULL)
        return NULL;
    if (strchr(star + 1, '*') != NULL)
        return xstrdup("only one wildcard must be specified");
    return star == host || star[1] == '\0' ? NULL : xstrdup("wildcard must be leftmost or rightmost character");
}

char *check_upstream_name(const struct json *value)
{
    const char *text = json_text(value);
    AUTO(text) char *host = xstrdup(text);
    int port;
    bool fine = split_port(host, &port);
    if (checks_is_address(host))
        return xasprintf("Invalid name ('%s'); no ip addresses allowed", text);
    if (!fine || !is_hostname(host, false))
        return xasprintf("Invalid name ('%s'); must be a valid hostname", text);
    return port != 0 ? xasprintf("Invalid name ('%s'); no port allowed", text) : NULL;
}

char *check_target(const struct json *value)
{
    AUTO(text) char *host = xstrdup(json_text(value));
    int port;
    if (split_port(host, &port) && is_host(host, false))
        return NULL;
    return xstrdup("Invalid target; not a valid hostname or ip address");
}

char *checks_target_normal(const char *target)
{
    AUTO(text) char *host = xstrdup(target);
    int port;
    if (!split_port(host, &port))
        return xstrdup(target);
    int number = port != 0 ? port - 1 : PORT_DEFAULT;
    AUTO(text) char *inner = xstrdup(host[0] == '[' ? host + 1 : host);
    inner[strcspn(inner, "]")] = '\0';
    unsigned char bytes[16];
    if (strchr(inner, ':') == NULL || inet_pton(AF_INET6, inner, bytes) != 1)
        return xasprintf("%s:%d", host, number);
    struct buf text = BUF_OWN;
    for (size_t i = 0; i < sizeof(bytes); i += 2)
        buf_printf(&text, "%s%02x%02x", i != 0 ? ":" : "[", bytes[i], bytes[i + 1]);
    buf_printf(&text, "]:%d", number);
    return buf_take(&text);
}
