/* Decides which Admin API endpoint is talked to. */
#include "gateway/gateways.h"

#include <string.h>
#include <sys/random.h>

#include "base/vec.h"

struct gateway {
    char *url;
    unsigned failures;       /* in a row */
    uint64_t rests_until_ms; /* 0: never failed of late */
};

struct kong_gateways {
    VEC(struct gateway);
    char *current; /* NULL: to be picked */
};

struct kong_gateways *kong_gateways_new(void)
{
    return xcalloc(1, sizeof(struct kong_gateways));
}

void kong_gateways_free(struct kong_gateways *gateways)
{
    if (gateways == NULL)
        return;
    for (size_t i = 0; i < gateways->count; i++)
        free(gateways->items[i].url);
    vec_done(gateways);
    free(gateways->current);
    free(gateways);
}

static struct gateway *find(const struct kong_gateways *gateways, const char *url)
{
    for (size_t i = 0; i < gateways->count; i++)
        if (strcmp(gateways->items[i].url, url) == 0)
            return &gateways->items[i];
    return NULL;
}

void kong_gateways_set(struct kong_gateways *gateways, const char *const *urls, size_t count)
{
    struct kong_gateways next = {0};
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(urls[i]);
        while (length > 0 && urls[i][length - 1] == '/')
            length--;
        struct gateway gateway = {.url = xstrndup(urls[i], length)};
        if (find(&next, gateway.url) != NULL) {
            free(gateway.url);
            continue;
        }
        const struct gateway *known = find(gateways, gateway.url);
        if (known != NULL) {
            gateway.failures = known->failures;
            gateway.rests_until_ms = known->rests_until_ms;
        }
        vec_push(&next, gateway);
    }

    for (size_t i = 0; i < gateways->count; i++)
        free(gateways->items[i].url);
    vec_done(gateways);
    gateways->items = next.items;
    gateways->count = next.count;
    gateways->room = next.room;
    if (gateways->current != NULL && find(gateways, gateways->current) == NULL) {
        free(gateways->current);
        gateways->current = NULL;
    }
}

size_t kong_gateways_count(const struct kong_gateways *gateways)
{
    return gateways->count;
}

const char *kong_gateways_url(const struct kong_gateways *gateways, size_t index)
{
    return gateways->items[index].url;
}

bool kong_gateways_resting(const struct kong_gateways *gateways, size_t index, uint64_t now_ms)
{
    return gateways->items[index].rests_until_ms > now_ms;
}

static size_t random_below(size_t limit)
{
    uint32_t value = 0;
    if (getrandom(&value, sizeof(value), 0) != (ssize_t)sizeof(value))
        value = 0;
    return value % limit;
}

const char *kong_gateways_pick(struct kong_gateways *gateways, uint64_t now_ms)
{
    const struct gateway *current = gateways->current != NULL ? find(gateways, gateways->current) : NULL;
    if (current != NULL && current->rests_until_ms <= now_ms)
        return current->url;
    if (gateways->count == 0)
        return NULL;

    size_t rested = 0;
    const struct gateway *chosen = &gateways->items[0];
    for (size_t i = 0; i < gateways->count; i++) {
        rested += gateways->items[i].rests_until_ms <= now_ms;
        if (gateways->items[i].rests_until_ms < chosen->rests_until_ms)
            chosen = &gateways->items[i];
    }
    if (rested > 0) {
        size_t skip = random_below(rested);
        for (size_t i = 0; i < gateways->count; i++)
            if (gateways->items[i].rests_until_ms <= now_ms && skip-- == 0)
                chosen = &gateways->items[i];
    }
    free(gateways->current);
    gateways->current = xstrdup(chosen->url);
    return chosen->url;
}

void kong_gateways_failed(struct kong_gateways *gateways, const char *url, uint64_t now_ms)
{
    struct gateway *gateway = find(gateways, url);
    if (gateway == NULL || gateway->rests_until_ms > now_ms)
        return; /* what failed together counts once */
    uint64_t rest = KONG_GATEWAY_REST_MS << (gateway->failures < 5 ? gateway->failures : 5);
    gateway->failures++;
    gateway->rests_until_ms = now_ms + (rest < KONG_GATEWAY_REST_MAX_MS ? rest : KONG_GATEWAY_REST_MAX_MS);
}

void kong_gateways_worked(struct kong_gateways *gateways, const char *url)
{
    struct gateway *gateway = find(gateways, url);
    if (gateway == NULL)
        return;
    gateway->failures = 0;
    gateway->rests_until_ms = 0;
}
