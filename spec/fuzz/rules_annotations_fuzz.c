/* Any bytes as annotations of an Ingress and a Service, through the bundled rules: no rule fails, nothing is read or written out of place.
 * The first byte chooses the annotation's name, the rest is its value. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "lua/read.h"
#include "rules/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static const char *const NAMES[] = {
    "konghq.com/plugins",
    "konghq.com/protocols",
    "konghq.com/protocol",
    "konghq.com/path",
    "konghq.com/methods",
    "konghq.com/snis",
    "konghq.com/host-aliases",
    "konghq.com/headers.x-test",
    "konghq.com/rewrite",
    "konghq.com/tags",
    "konghq.com/regex-prefix",
    "konghq.com/regex-priority",
    "konghq.com/path-handling",
    "konghq.com/strip-path",
    "konghq.com/retries",
    "konghq.com/read-timeout",
    "konghq.com/client-cert",
    "konghq.com/tls-verify",
    "konghq.com/host-header",
    "konghq.com/upstream-policy",
    "konghq.com/override",
    "kubernetes.io/ingress.class",
    "konghq.com/https-redirect-status-code",
    "konghq.com/ca-certificates-secrets",
    "ingress.kubernetes.io/force-ssl-redirect",
};

static struct rules *engine;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct err err = ERR_INIT;
    static const char text[] =
        "{\"router_flavor\":\"traditional_compatible\",\"ingress_class\":\"kong\",\"offline\":true,\"kong_version\":"
        "\"3.9.1\","
        "\"on_missing_plugin\":\"serve\",\"feature_gates\":{\"FillIDs\":true,\"RewriteURIs\":true}}";
    struct json *settings = NULL;
    require_that(json_parse(text, sizeof(text) - 1, &settings, &err) == 0);
    struct rules_options options = {.settings = settings};
    if (rules_load(&options, &engine, &err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    json_free(settings);
    return 0;
}

static void put(const char *kind, const char *spec, const char *name, const char *value)
{
    struct buf text = BUF_OWN;
    buf_printf(&text, "{%s,\"metadata\":{\"name\":\"app\",\"namespace\":\"default\",\"uid\":\"u\",\"annotations\":{",
               kind);
    json_print_string(name, strlen(name), &text);
    buf_append_char(&text, ':');
    json_print_string(value, strlen(value), &text);
    buf_printf(&text, "}},%s}", spec);
    struct object *object = NULL;
    struct err err = ERR_INIT;
    if (object_parse(rules_kind_table(engine), text.data, text.length, NULL, &object, &err) == 0)
        rules_put(engine, object);
    buf_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    const char *name = NAMES[data[0] % COUNT_OF(NAMES)];
    if (lua_read_fault((const char *)data + 1, size - 1, false) != NULL)
        return 0; /* no API server would take it */
    char *value = xstrndup((const char *)data + 1, size - 1);
    put("\"apiVersion\":\"v1\",\"kind\":\"Service\"", "\"spec\":{\"ports\":[{\"port\":80,\"protocol\":\"TCP\"}]}", name,
        value);
    put("\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"Ingress\"",
        "\"spec\":{\"ingressClassName\":\"kong\",\"rules\":[{\"host\":\"a.example\",\"http\":{\"paths\":[{\"path\":\"/"
        "\",\"pathType\":\"Prefix\","
        "\"backend\":{\"service\":{\"name\":\"app\",\"port\":{\"number\":80}}}}]}}]}",
        name, value);
    free(value);
    uint64_t failures = rules_counters(engine).failures;
    struct rules_delta delta;
    rules_run(engine, &delta);
    if (rules_counters(engine).failures != failures) {
        for (size_t i = 0; i < delta.said_count; i++)
            for (size_t p = 0; p < delta.said[i].problem_count; p++)
                fprintf(stderr, "%s %s\n", delta.said[i].problems[p]->code, delta.said[i].problems[p]->text);
        abort();
    }
    rules_delta_done(&delta);
    return 0;
}
