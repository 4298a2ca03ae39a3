/* Decides the natural keys that take more than one field. */
#include "kind_key.h"

#include <arpa/inet.h>
#include <ctype.h>

#include "base/buf.h"
#include "base/hash.h"

#define TARGET_PORT "8000" /* what Kong takes when a target names no port */

static const char *text_of(const struct json *fields, const char *name)
{
    const char *text = json_find_text(fields, name);
    return text != NULL && text[0] != '\0' ? text : NULL;
}

char *kind_key_digest(const char *secret)
{
    char hex[HASH_HEX_SIZE];
    hash_sha256_hex(secret, strlen(secret), hex);
    return xstrdup(hex);
}

static void append_trimmed(struct buf *out, const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    buf_append(out, text, length);
}

static char *ipv6_in_full(const char *address, size_t length)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr parsed;
    if (length >= sizeof(text))
        return NULL;
    memcpy(text, address, length);
    text[length] = '\0';
    if (inet_pton(AF_INET6, text, &parsed) != 1)
        return NULL;

    struct buf full = BUF_OWN;
    for (size_t i = 0; i < 16; i += 2)
        buf_printf(&full, "%s%02x%02x", i > 0 ? ":" : "", parsed.s6_addr[i], parsed.s6_addr[i + 1]);
    return buf_take(&full);
}

char *kong_kind_target(const char *target)
{
    const char *bracket = target[0] == '[' ? strchr(target, ']') : NULL;
    char *normal = NULL;

    if (bracket != NULL) {
        AUTO(text) char *full = ipv6_in_full(target + 1, (size_t)(bracket - target - 1));
        if (full != NULL)
            normal = xasprintf("[%s]%s", full, bracket[1] == ':' ? bracket + 1 : ":" TARGET_PORT);
    } else if (strchr(target, ':') == NULL) {
        normal = xasprintf("%s:" TARGET_PORT, target);
    } else if (strchr(target, ':') != strrchr(target, ':')) {
        AUTO(text) char *full = ipv6_in_full(target, strlen(target));
        if (full != NULL)
            normal = xasprintf("[%s]:" TARGET_PORT, full);
    }
    if (normal == NULL)
        normal = xstrdup(target);
    for (char *at = normal; *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
    return normal;
}

char *kind_key_target(const struct json *fields, kind_foreign_keys foreign_keys)
{
    const char *target = text_of(fields, "target");
    if (target == NULL || foreign_keys[0] == NULL)
        return NULL;
    AUTO(text) char *normal = kong_kind_target(target);
    return xasprintf("%s/%s", foreign_keys[0], normal);
}

char *kind_key_plugin(const struct json *fields, kind_foreign_keys foreign_keys)
{
    static const char *const scopes[] = {"service", "route", "consumer", "consumer_group"};
    const char *name = text_of(fields, "name");
    if (name == NULL)
        return NULL;

    struct buf key = BUF_OWN;
    buf_append_text(&key, name);
    for (size_t i = 0; i < COUNT_OF(scopes); i++)
        if (foreign_keys[i] != NULL)
            buf_printf(&key, ":%s/%s", scopes[i], foreign_keys[i]);
    return buf_take(&key);
}

char *kind_key_consumer(const struct json *fields, kind_foreign_keys foreign_keys)
{
    const char *username = text_of(fields, "username");
    if (username != NULL)
        return xstrdup(username);
    const char *custom_id = text_of(fields, "custom_id");
    return custom_id != NULL ? xasprintf("custom_id:%s", custom_id) : NULL;
}

char *kind_key_membership(const struct json *fields, kind_foreign_keys foreign_keys)
{
    if (foreign_keys[0] == NULL || foreign_keys[1] == NULL)
        return NULL;
    return xasprintf("%s/%s", foreign_keys[0], foreign_keys[1]);
}

char *kind_key_certificate(const struct json *fields, kind_foreign_keys foreign_keys)
{
    const char *cert = text_of(fields, "cert");
    const char *key = text_of(fields, "key");
    if (cert == NULL || key == NULL)
        return NULL;

    struct buf both = BUF_OWN;
    append_trimmed(&both, cert);
    buf_append_char(&both, '\n');
    append_trimmed(&both, key);
    char *digest = kind_key_digest(buf_text(&both));
    buf_done(&both);
    return digest;
}

char *kind_key_ca_certificate(const struct json *fields, kind_foreign_keys foreign_keys)
{
    const char *cert = text_of(fields, "cert");
    if (cert == NULL)
        return NULL;

    struct buf trimmed = BUF_OWN;
    append_trimmed(&trimmed, cert);
    char *digest = kind_key_digest(buf_text(&trimmed));
    buf_done(&trimmed);
    return digest;
}

/* Without '/', so that what follows one cannot be taken for a part of it: people choose these names. */
static char *escape(const char *name)
{
    struct buf out = BUF_OWN;
    for (const char *at = name; *at != '\0'; at++) {
        if (*at == '/' || *at == '%')
            buf_printf(&out, "%%%02X", (unsigned char)*at);
        else
            buf_append_char(&out, *at);
    }
    return buf_take(&out);
}

char *kind_key_acl(const struct json *fields, kind_foreign_keys foreign_keys)
{
    const char *group = json_find_text(fields, "group");
    if (group == NULL || foreign_keys[0] == NULL)
        return NULL;
    AUTO(text) char *consumer = escape(foreign_keys[0]);
    return xasprintf("%s/%s", consumer, group);
}

char *kind_key_mtls_auth(const struct json *fields, kind_foreign_keys foreign_keys)
{
    const char *name = json_find_text(fields, "subject_name");
    if (name == NULL || foreign_keys[0] == NULL)
        return NULL;
    AUTO(text) char *consumer = escape(foreign_keys[0]);
    AUTO(text) char *subject = escape(name);
    if (foreign_keys[1] != NULL)
        return xasprintf("%s/%s:ca_certificate/%s", consumer, subject, foreign_keys[1]);
    return xasprintf("%s/%s", consumer, subject);
}

char *kind_key_none(const struct json *fields, kind_foreign_keys foreign_keys)
{
    return NULL;
}

char *kong_custom_key(const char *type, const char *name, const char *const foreign_keys[KONG_FOREIGN_MAX])
{
    static const char *const scopes[] = {"service", "route", "consumer", "plugin"};
    struct buf key = BUF_OWN;
    buf_printf(&key, "%s/%s", type, name);
    for (size_t i = 0; i < COUNT_OF(scopes); i++) {
        if (foreign_keys[i] == NULL)
            continue;
        AUTO(text) char *escaped = escape(foreign_keys[i]);
        buf_printf(&key, ":%s/%s", scopes[i], escaped);
    }
    return buf_take(&key);
}

char *kong_custom_type(const char *key)
{
    return xstrndup(key, strcspn(key, "/"));
}

bool kong_custom_is_question(const char *key)
{
    const char *slash = strchr(key, '/');
    return slash != NULL && strcmp(slash + 1, KONG_CUSTOM_QUESTION) == 0;
}
