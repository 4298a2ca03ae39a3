/* Decides what libpq is told: names that have to be looked up are given with their addresses. */
#include "dsn.h"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <string.h>

#include "base/vec.h"

struct host {
    char *name, *port;
    bool lookup; /* a name that is neither an address nor a folder */
    char *addresses[DSN_ADDRESSES_MAX];
    size_t address_count;
};

struct dsn {
    struct {
        VEC(char *);
    } keywords, values;
    struct host hosts[DSN_HOSTS_MAX];
    size_t host_count;
    char *host_list, *address_list, *port_list; /* as last told to libpq */
};

static const char *value_of(const struct dsn *dsn, const char *keyword)
{
    for (size_t i = 0; i < dsn->keywords.count; i++)
        if (strcmp(dsn->keywords.items[i], keyword) == 0)
            return dsn->values.items[i];
    return NULL;
}

static void set_value(struct dsn *dsn, const char *keyword, const char *value)
{
    for (size_t i = 0; i < dsn->keywords.count; i++)
        if (strcmp(dsn->keywords.items[i], keyword) == 0) {
            free(dsn->values.items[i]);
            dsn->values.items[i] = xstrdup(value);
            return;
        }
    vec_push(&dsn->keywords, xstrdup(keyword));
    vec_push(&dsn->values, xstrdup(value));
}

static void take_options(struct dsn *dsn, const PQconninfoOption *options)
{
    for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++)
        if (option->val != NULL && option->val[0] != '\0')
            set_value(dsn, option->keyword, option->val);
}

/* The item at `index` of a list with commas; the last one stands for all that follow when there is just one. */
static char *item_of(const char *list, size_t index)
{
    bool single = list == NULL || strchr(list, ',') == NULL;
    const char *at = list != NULL ? list : "";
    for (size_t i = 0; i < index && !single; i++) {
        at += strcspn(at, ",");
        at += *at == ',';
    }
    return xstrndup(at, strcspn(at, ","));
}

static bool is_address(const char *text)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

/* Addresses that are given need no looking up, and folders of sockets have none. */
static int split_hosts(struct dsn *dsn, struct err *err)
{
    const char *hosts = value_of(dsn, "host"), *ports = value_of(dsn, "port");
    if (hosts == NULL || value_of(dsn, "hostaddr") != NULL)
        return 0;
    if (strchr(hosts, '@') != NULL && hosts[0] != '@')
        return err_set(err, ERR_INVALID, "the host holds an '@': in a URI a password's '@' is written %%40");
    size_t count = 1;
    for (const char *at = hosts; *at != '\0'; at++)
        count += *at == ',';
    if (count > DSN_HOSTS_MAX)
        return err_set(err, ERR_TOO_BIG, "more than %d hosts are named", DSN_HOSTS_MAX);
    for (; dsn->host_count < count; dsn->host_count++) {
        struct host *host = &dsn->hosts[dsn->host_count];
        host->name = item_of(hosts, dsn->host_count);
        host->port = item_of(ports, dsn->host_count);
        bool folder = host->name[0] == '/' || host->name[0] == '@' || host->name[0] == '\0';
        host->lookup = !folder && !is_address(host->name);
        if (!folder && !host->lookup)
            host->addresses[host->address_count++] = xstrdup(host->name);
    }
    return 0;
}

int dsn_parse(const char *text, struct dsn **ret_dsn, struct err *err)
{
    struct dsn *dsn = xcalloc(1, sizeof(*dsn));
    char *message = NULL;
    PQconninfoOption *given = PQconninfoParse(text, &message);
    int rc = 0;
    if (given == NULL)
        rc = err_set(err, ERR_INVALID,
                     "this is neither key=value pairs nor a postgresql:// URI as libpq knows them, or an option is "
                     "unknown; quote values with spaces, and write special characters of a URI as %%XX");
    PQfreemem(message);
    PQconninfoOption *defaults = PQconndefaults(); /* the PG* variables */
    take_options(dsn, defaults);
    take_options(dsn, given);
    PQconninfoFree(defaults);
    PQconninfoFree(given);
    if (rc == 0)
        rc = split_hosts(dsn, err);
    if (rc != 0) {
        dsn_free(dsn);
        return rc;
    }
    set_value(dsn, "client_encoding", "UTF8");
    if (value_of(dsn, "application_name") == NULL)
        set_value(dsn, "application_name", "kongruent");
    if (value_of(dsn, "gssencmode") == NULL || strcmp(value_of(dsn, "gssencmode"), "prefer") == 0)
        set_value(dsn, "gssencmode", "disable"); /* asking for a ticket would block */
    *ret_dsn = dsn;
    return 0;
}

static void forget_addresses(struct host *host)
{
    while (host->address_count > 0)
        free(host->addresses[--host->address_count]);
}

void dsn_free(struct dsn *dsn)
{
    if (dsn == NULL)
        return;
    for (size_t i = 0; i < dsn->keywords.count; i++) {
        free(dsn->keywords.items[i]);
        free(dsn->values.items[i]);
    }
    vec_done(&dsn->keywords);
    vec_done(&dsn->values);
    for (size_t i = 0; i < DSN_HOSTS_MAX; i++) {
        forget_addresses(&dsn->hosts[i]);
        free(dsn->hosts[i].name);
        free(dsn->hosts[i].port);
    }
    free(dsn->host_list);
    free(dsn->address_list);
    free(dsn->port_list);
    free(dsn);
}

static struct host *lookup_at(const struct dsn *dsn, size_t index)
{
    for (size_t i = 0; i < dsn->host_count; i++)
        if (dsn->hosts[i].lookup && index-- == 0)
            return (struct host *)&dsn->hosts[i];
    return NULL;
}

size_t dsn_names(const struct dsn *dsn)
{
    size_t count = 0;
    while (lookup_at(dsn, count) != NULL)
        count++;
    return count;
}

const char *dsn_name(const struct dsn *dsn, size_t index)
{
    return lookup_at(dsn, index)->name;
}

void dsn_set_addresses(struct dsn *dsn, size_t index, const char *const *addresses, size_t count)
{
    struct host *host = lookup_at(dsn, index);
    forget_addresses(host);
    for (size_t i = 0; i < count && i < DSN_ADDRESSES_MAX / DSN_HOSTS_MAX; i++)
        host->addresses[host->address_count++] = xstrdup(addresses[i]);
}

/* A host with several addresses is named once for each; one without any is left out. */
static void print_hosts(struct dsn *dsn)
{
    struct buf names = BUF_OWN, addresses = BUF_OWN, ports = BUF_OWN;
    const char *comma = "";
    for (size_t i = 0; i < dsn->host_count; i++) {
        const struct host *host = &dsn->hosts[i];
        size_t count = host->address_count > 0 ? host->address_count : host->lookup ? 0 : 1;
        for (size_t n = 0; n < count; n++) {
            buf_printf(&names, "%s%s", comma, host->name);
            buf_printf(&addresses, "%s%s", comma, host->address_count > 0 ? host->addresses[n] : "");
            buf_printf(&ports, "%s%s", comma, host->port);
            comma = ",";
        }
    }
    free(dsn->host_list);
    free(dsn->address_list);
    free(dsn->port_list);
    dsn->host_list = buf_take(&names);
    dsn->address_list = buf_take(&addresses);
    dsn->port_list = buf_take(&ports);
}

void dsn_parameters(struct dsn *dsn, const char ***ret_keywords, const char ***ret_values)
{
    if (dsn->host_count > 0) {
        print_hosts(dsn);
        set_value(dsn, "host", dsn->host_list);
        set_value(dsn, "hostaddr", dsn->address_list);
        set_value(dsn, "port", dsn->port_list);
    }
    size_t count = dsn->keywords.count;
    *ret_keywords = xcalloc(count + 1, sizeof(char *));
    *ret_values = xcalloc(count + 1, sizeof(char *));
    for (size_t i = 0; i < count; i++) {
        (*ret_keywords)[i] = dsn->keywords.items[i];
        (*ret_values)[i] = dsn->values.items[i];
    }
}

static const char *or_default(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : "(default)";
}

char *dsn_title(const struct dsn *dsn)
{
    const char *host = dsn->host_count > 0 ? dsn->hosts[0].name : value_of(dsn, "hostaddr");
    return xasprintf("database %s at %s as %s", or_default(value_of(dsn, "dbname")), or_default(host),
                     or_default(value_of(dsn, "user")));
}

void dsn_scrub(const struct dsn *dsn, struct err *err)
{
    const char *password = value_of(dsn, "password");
    size_t length = password != NULL ? strlen(password) : 0;
    char *found = length > 0 ? strstr(err->text, password) : NULL;
    while (found != NULL) {
        size_t shown = length < 3 ? length : 3;
        memset(found, '*', shown);
        memmove(found + shown, found + length, strlen(found + length) + 1);
        found = strstr(found + shown, password);
    }
}
