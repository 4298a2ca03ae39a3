/* config/options.h - what the operator asked for: one table gives flags, CONTROLLER_* variables, --help and docs/options.md.
 * Owns:    a `struct options` owns its values.
 * Thread:  immutable once parsed.
 * Errors:  an unknown flag names the nearest right one; a bad value names flag, value and what is expected.
 * A flag on the command line wins over its variable, which wins over the default.  Names and meanings are KIC's where they mean the same. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/json.h"

/* Which commands know an option. */
enum option_group {
    OPTION_INPUT = 1,       /* manifests as input */
    OPTION_TRANSLATION = 2, /* what objects mean */
    OPTION_OUTPUT = 4,      /* -o */
    OPTION_KUBE = 8,        /* the API server */
    OPTION_GATEWAY = 16,    /* the Admin API */
    OPTION_SYNC = 32,       /* how changes are applied */
    OPTION_RUN = 64,        /* the running controller */
    OPTION_LOG = 128,
    OPTION_SANDBOX = 256,
    OPTION_FAIL = 512,    /* --fail-on */
    OPTION_SOURCE = 1024, /* --source */
    OPTION_CASES = 2048,  /* test */
    OPTION_EXPLAIN = 4096,
    OPTION_LEASE = 8192,   /* where it is noted what is held, and what is approved */
    OPTION_STATUS = 16384, /* asking a running controller */
};

enum option_type { OPTION_BOOL, OPTION_TEXT, OPTION_LIST, OPTION_INTEGER, OPTION_DURATION, OPTION_CHOICE, OPTION_SIZE };

/* id, flag, short letter or 0, type, default, groups, choices or value's name, help */
#define OPTION_TABLE(X)                                                                                                \
    X(OPT_FILE, "file", 'f', OPTION_LIST, "", OPTION_INPUT, "PATH",                                                    \
      "file, folder or - (standard input) with manifests; may be repeated")                                            \
    X(OPT_NAMESPACE, "namespace", 'n', OPTION_TEXT, "default", OPTION_INPUT | OPTION_SOURCE | OPTION_CASES, "NAME",    \
      "namespace of objects in files that name none")                                                                  \
    X(OPT_OUTPUT, "output", 'o', OPTION_TEXT, "", OPTION_OUTPUT, "FORMAT",                                             \
      "text, yaml or json, as the command offers")                                                                     \
    X(OPT_FAIL_ON, "fail-on", 0, OPTION_CHOICE, "", OPTION_FAIL, "error|warn",                                         \
      "exit 1 when a problem is at least so severe")                                                                   \
    X(OPT_TELL_UNUSED, "tell-unused", 0, OPTION_BOOL, "false", OPTION_TRANSLATION, "",                                 \
      "say of every object that comes to nothing why; default true for translate, explain and analyze")                \
    X(OPT_UPDATE, "update", 0, OPTION_BOOL, "false", OPTION_CASES, "",                                                 \
      "write the expected files instead of comparing with them")                                                       \
    X(OPT_ENTITY, "entity", 0, OPTION_TEXT, "", OPTION_EXPLAIN, "NAME",                                                \
      "only entities whose kind and key contain this text")                                                            \
    X(OPT_SOURCE, "source", 0, OPTION_TEXT, "kube", OPTION_SOURCE, "kube|dir:PATH",                                    \
      "where Kubernetes objects come from")                                                                            \
    X(OPT_ROUTER_FLAVOR, "router-flavor", 0, OPTION_CHOICE, "", OPTION_TRANSLATION,                                    \
      "traditional_compatible|expressions|traditional",                                                                \
      "translate for this router; default: the gateway's own, offline traditional_compatible")                         \
    X(OPT_SETTINGS, "settings", 0, OPTION_TEXT, "", OPTION_TRANSLATION, "FILE",                                        \
      "YAML file with further settings (feature_flags); empty counts as none")                                         \
    X(OPT_RULES, "rules", 0, OPTION_TEXT, "", OPTION_TRANSLATION, "DIR",                                               \
      "folder with the operator's own rules and overrides")                                                            \
    X(OPT_COMPAT, "compat", 0, OPTION_CHOICE, "", OPTION_TRANSLATION, "kic",                                           \
      "translate bug for bug like Kong Ingress Controller")                                                            \
    X(OPT_KONG_VERSION, "kong-version", 0, OPTION_TEXT, "", OPTION_TRANSLATION, "VERSION",                             \
      "translate for this version; default: the gateway's, offline 3.9.1")                                             \
    X(OPT_INGRESS_CLASS, "ingress-class", 0, OPTION_TEXT, "kong", OPTION_TRANSLATION, "NAME",                          \
      "the ingress class that is ours")                                                                                \
    X(OPT_GATEWAY_CONTROLLER, "gateway-api-controller-name", 0, OPTION_TEXT, "konghq.com/kic-gateway-controller",      \
      OPTION_TRANSLATION, "DOMAIN/PATH", "spec.controllerName of GatewayClasses that are ours")                        \
    X(OPT_GATEWAY_TO_RECONCILE, "gateway-to-reconcile", 0, OPTION_TEXT, "", OPTION_TRANSLATION, "NAMESPACE/NAME",      \
      "only this Gateway")                                                                                             \
    X(OPT_CLUSTER_DOMAIN, "cluster-domain", 0, OPTION_TEXT, "", OPTION_TRANSLATION, "DOMAIN",                          \
      "suffix of service-upstream targets")                                                                            \
    X(OPT_DRAIN, "enable-drain-support", 0, OPTION_BOOL, "false", OPTION_TRANSLATION, "",                              \
      "keep terminating endpoints as targets of weight 0")                                                             \
    X(OPT_COMBINED, "combined-services-from-different-httproutes", 0, OPTION_BOOL, "false", OPTION_TRANSLATION, "",    \
      "one Kong service for equal backends of several HTTPRoutes of a namespace")                                      \
    X(OPT_FEATURE_GATES, "feature-gates", 0, OPTION_LIST, "", OPTION_TRANSLATION, "NAME=true,…",                       \
      "FillIDs, RewriteURIs, KongServiceFacade, KongCustomEntity, GatewayAlpha, FallbackConfiguration")                \
    X(OPT_ON_MISSING_PLUGIN, "on-missing-plugin", 0, OPTION_CHOICE, "", OPTION_TRANSLATION, "withhold|serve",          \
      "what becomes of a route whose plugin is missing or refused; default withhold, with --compat kic serve")         \
    X(OPT_RULE_INSTRUCTIONS, "rule-instruction-limit", 0, OPTION_SIZE, "50000000", OPTION_TRANSLATION, "N",            \
      "Lua instructions that one run of a rule may take")                                                              \
    X(OPT_RULE_MEMORY, "rule-memory-limit", 0, OPTION_SIZE, "1073741824", OPTION_TRANSLATION, "BYTES",                 \
      "heap of all rules together")                                                                                    \
    X(OPT_RULE_TIME, "rule-time-limit", 0, OPTION_DURATION, "10s", OPTION_TRANSLATION, "TIME",                         \
      "how long one run of a rule, or the loading of one file, may take")                                              \
    X(OPT_RULE_RESULT, "rule-result-limit", 0, OPTION_SIZE, "67108864", OPTION_TRANSLATION, "BYTES",                   \
      "what one run of a rule may read, emit, contribute and report")                                                  \
    X(OPT_PROXY_LISTEN, "gateway-proxy-listen", 0, OPTION_LIST, "", OPTION_TRANSLATION, "[ADDRESS:]PORT[/USE],…",      \
      "what the data planes listen on, where the gateway cannot tell (hybrid mode); USE: http, ssl, tcp, tls, udp")    \
    X(OPT_GATEWAY_ADDRESSES, "gateway-addresses", 0, OPTION_LIST, "", OPTION_TRANSLATION, "ADDRESS,…",                 \
      "addresses at which Kong's own sockets are reached; every Gateway gets one of its own, as far as there are "     \
      "enough")                                                                                                        \
    X(OPT_KUBECONFIG, "kubeconfig", 0, OPTION_TEXT, "", OPTION_KUBE, "FILE",                                           \
      "default: $KUBECONFIG, the pod's own account, or ~/.kube/config")                                                \
    X(OPT_CONTEXT, "context", 0, OPTION_TEXT, "", OPTION_KUBE, "NAME", "context of the kubeconfig")                    \
    X(OPT_APISERVER_HOST, "apiserver-host", 0, OPTION_TEXT, "", OPTION_KUBE, "URL",                                    \
      "address of the API server instead of the kubeconfig's")                                                         \
    X(OPT_WATCH_NAMESPACE, "watch-namespace", 0, OPTION_LIST, "", OPTION_KUBE, "NAME,…",                               \
      "only these namespaces; default all")                                                                            \
    X(OPT_KONG_ADMIN_URL, "kong-admin-url", 0, OPTION_LIST, "http://localhost:8001", OPTION_GATEWAY, "URL,…",          \
      "Admin API; sandbox: starts one inside")                                                                         \
    X(OPT_KONG_ADMIN_SVC, "kong-admin-svc", 0, OPTION_TEXT, "", OPTION_GATEWAY, "NAMESPACE/NAME",                      \
      "find Admin APIs through this Service's EndpointSlices")                                                         \
    X(OPT_KONG_ADMIN_SVC_PORTS, "kong-admin-svc-port-names", 0, OPTION_LIST, "admin-tls,kong-admin-tls",               \
      OPTION_GATEWAY, "NAME,…", "ports of that Service")                                                               \
    X(OPT_KONG_ADMIN_TOKEN, "kong-admin-token", 0, OPTION_TEXT, "", OPTION_GATEWAY, "TOKEN",                           \
      "sent as Kong-Admin-Token")                                                                                      \
    X(OPT_KONG_ADMIN_TOKEN_FILE, "kong-admin-token-file", 0, OPTION_TEXT, "", OPTION_GATEWAY, "FILE",                  \
      "the token is in this file")                                                                                     \
    X(OPT_KONG_ADMIN_HEADER, "kong-admin-header", 0, OPTION_LIST, "", OPTION_GATEWAY, "NAME:VALUE",                    \
      "sent with every call; may be repeated")                                                                         \
    X(OPT_KONG_WORKSPACE, "kong-workspace", 0, OPTION_TEXT, "", OPTION_GATEWAY | OPTION_TRANSLATION, "NAME",           \
      "workspace of an Enterprise gateway")                                                                            \
    X(OPT_KONG_ADMIN_SKIP_VERIFY, "kong-admin-tls-skip-verify", 0, OPTION_BOOL, "false", OPTION_GATEWAY, "",           \
      "trust any certificate of the Admin API")                                                                        \
    X(OPT_KONG_ADMIN_SERVER_NAME, "kong-admin-tls-server-name", 0, OPTION_TEXT, "", OPTION_GATEWAY, "NAME",            \
      "expected in the Admin API's certificate")                                                                       \
    X(OPT_KONG_ADMIN_CA_FILE, "kong-admin-ca-cert-file", 0, OPTION_TEXT, "", OPTION_GATEWAY, "FILE",                   \
      "authority of the Admin API's certificate, PEM")                                                                 \
    X(OPT_KONG_ADMIN_CA, "kong-admin-ca-cert", 0, OPTION_TEXT, "", OPTION_GATEWAY, "PEM", "the same as text")          \
    X(OPT_KONG_ADMIN_CERT_FILE, "kong-admin-tls-client-cert-file", 0, OPTION_TEXT, "", OPTION_GATEWAY, "FILE",         \
      "client certificate, PEM")                                                                                       \
    X(OPT_KONG_ADMIN_KEY_FILE, "kong-admin-tls-client-key-file", 0, OPTION_TEXT, "", OPTION_GATEWAY, "FILE",           \
      "its key, PEM")                                                                                                  \
    X(OPT_KONG_ADMIN_CERT, "kong-admin-tls-client-cert", 0, OPTION_TEXT, "", OPTION_GATEWAY, "PEM",                    \
      "client certificate as text")                                                                                    \
    X(OPT_KONG_ADMIN_KEY, "kong-admin-tls-client-key", 0, OPTION_TEXT, "", OPTION_GATEWAY, "PEM", "its key as text")   \
    X(OPT_FILTER_TAG, "kong-admin-filter-tag", 0, OPTION_LIST, "", OPTION_GATEWAY, "TAG,…",                            \
      "ownership: only what carries these tags is ever changed; default managed-by:kongruent.<namespace>.<name> of "   \
      "the lease, with --compat kic managed-by-ingress-controller")                                                    \
    X(OPT_CONCURRENCY, "kong-admin-concurrency", 0, OPTION_INTEGER, "20", OPTION_GATEWAY, "N",                         \
      "requests under way at once (1 to 64)")                                                                          \
    X(OPT_REQUEST_TIMEOUT, "kong-admin-request-timeout", 0, OPTION_DURATION, "10s", OPTION_GATEWAY, "TIME",            \
      "deadline of one request")                                                                                       \
    X(OPT_PROPAGATION, "kong-propagation-time", 0, OPTION_DURATION, "", OPTION_GATEWAY, "TIME",                        \
      "how long the gateway's nodes may take to learn of a plugin; a route goes live so long after its plugins; "      \
      "default: what the gateway says of its db_update_frequency and worker_state_update_frequency")                   \
    X(OPT_POSTGRES, "postgres", 0, OPTION_BOOL, "false", OPTION_GATEWAY, "",                                           \
      "read what the gateway holds from its PostgreSQL database, as the PG* variables say (PGHOST …); "              \
      "never written to: see deploy/postgres")                                                                         \
    X(OPT_POSTGRES_DSN, "postgres-dsn", 0, OPTION_TEXT, "", OPTION_GATEWAY, "DSN",                                     \
      "the same with libpq's key=value pairs or postgresql:// URI; what it leaves out comes from the "                 \
      "PG* variables")                                                                                                 \
    X(OPT_POSTGRES_TIMEOUT, "postgres-timeout", 0, OPTION_DURATION, "30s", OPTION_GATEWAY, "TIME",                     \
      "deadline of one statement")                                                                                     \
    X(OPT_POSTGRES_MAX_LAG, "postgres-max-lag", 0, OPTION_DURATION, "1s", OPTION_GATEWAY, "TIME",                      \
      "a replica that is further behind is not read")                                                                  \
    X(OPT_DRIFT_POLICY, "drift-policy", 0, OPTION_CHOICE, "correct", OPTION_RUN, "correct|report|off",                 \
      "what becomes of entities of ours that others change in the gateway")                                            \
    X(OPT_DRIFT_INTERVAL, "drift-interval", 0, OPTION_DURATION, "", OPTION_RUN, "TIME",                                \
      "how often they are looked for; default 1s with PostgreSQL, else 10m (the Admin API is read again, "             \
      "page by page); 0 never")                                                                                        \
    X(OPT_POLICY, "policy", 0, OPTION_CHOICE, "sync", OPTION_SYNC, "sync|upsert-only|observe",                         \
      "may write and delete; write only; only look")                                                                   \
    X(OPT_MAX_DELETE, "max-delete-percent", 0, OPTION_INTEGER, "30", OPTION_SYNC, "PERCENT",                           \
      "a burst of deletes that takes more than this of the Kubernetes objects that yield entities is held until "      \
      "approved, but for ten that were deleted themselves; objects that are still there count from three on")          \
    X(OPT_DELETE_QUIET, "delete-quiet-time", 0, OPTION_DURATION, "1s", OPTION_SYNC, "TIME",                            \
      "a burst of deletes is over, and judged, when nothing was lost for so long (10s at most)")                       \
    X(OPT_SETTLING, "settling-time", 0, OPTION_DURATION, "250ms", OPTION_RUN, "TIME",                                  \
      "what an object that names something missing becomes is sent when no object has arrived for so long (10s at "    \
      "most), so that a rollout may come in any order")                                                                \
    X(OPT_REMOVED_KINDS, "removed-kinds", 0, OPTION_LIST, "", OPTION_SYNC, "KIND,…",                                   \
      "kinds whose definitions were removed from the cluster on purpose, so what was made from them may be deleted")   \
    X(OPT_APPROVE, "approve", 0, OPTION_TEXT, "", OPTION_SYNC, "HASH", "approve the held plan with this hash")         \
    X(OPT_APPROVAL_FILE, "approval-file", 0, OPTION_TEXT, "", OPTION_RUN | OPTION_LEASE, "FILE",                       \
      "a hash in this file approves held deletes; default: .kongruent-approve in the folder of --source dir:PATH")     \
    X(OPT_SKIP_CA, "skip-ca-certificates", 0, OPTION_BOOL, "false", OPTION_SYNC, "",                                   \
      "neither read nor write CA certificates")                                                                        \
    X(OPT_HEALTH_ADDRESS, "health-probe-bind-address", 0, OPTION_TEXT, ":10254", OPTION_RUN, "ADDRESS",                \
      "/healthz and /readyz; 0 switches them off")                                                                     \
    X(OPT_METRICS_ADDRESS, "metrics-bind-address", 0, OPTION_TEXT, ":10255", OPTION_RUN, "ADDRESS",                    \
      "/metrics and the status page; 0 switches them off")                                                             \
    X(OPT_PAGE_CLIENTS, "page-clients", 0, OPTION_INTEGER, "32", OPTION_RUN, "N",                                      \
      "pages that are kept current at once; further ones ask for themselves every few seconds")                        \
    X(OPT_DUMP_CONFIG, "dump-config", 0, OPTION_BOOL, "false", OPTION_RUN, "",                                         \
      "serve /debug/plan, /debug/problems and /debug/explain beside the page, without secrets")                        \
    X(OPT_PROFILING, "profiling", 0, OPTION_BOOL, "false", OPTION_RUN, "",                                             \
      "serve /debug/profile: where translation, the loop and memory stand")                                            \
    X(OPT_ELECTION_ID, "election-id", 0, OPTION_TEXT, "kongruent", OPTION_RUN | OPTION_GATEWAY | OPTION_LEASE, "NAME", \
      "name of the Lease")                                                                                             \
    X(OPT_ELECTION_NAMESPACE, "election-namespace", 0, OPTION_TEXT, "", OPTION_RUN | OPTION_GATEWAY | OPTION_LEASE,    \
      "NAME", "its namespace; default: the pod's own, else default")                                                   \
    X(OPT_LEADER_ELECTION, "force-leader-election", 0, OPTION_CHOICE, "", OPTION_RUN, "enabled|disabled",              \
      "default: enabled with --source kube")                                                                           \
    X(OPT_EMIT_EVENTS, "emit-kubernetes-events", 0, OPTION_BOOL, "true", OPTION_RUN, "",                               \
      "write an Event for each problem")                                                                               \
    X(OPT_UPDATE_STATUS, "update-status", 0, OPTION_BOOL, "true", OPTION_RUN, "", "write the status of objects")       \
    X(OPT_PUBLISH_SERVICE, "publish-service", 0, OPTION_TEXT, "", OPTION_RUN, "NAMESPACE/NAME",                        \
      "the proxy's Service: its addresses go into statuses")                                                           \
    X(OPT_PUBLISH_SERVICE_UDP, "publish-service-udp", 0, OPTION_TEXT, "", OPTION_RUN, "NAMESPACE/NAME",                \
      "the same for UDP")                                                                                              \
    X(OPT_PUBLISH_ADDRESS, "publish-status-address", 0, OPTION_LIST, "", OPTION_RUN, "ADDRESS,…",                      \
      "these addresses instead")                                                                                       \
    X(OPT_PUBLISH_ADDRESS_UDP, "publish-status-address-udp", 0, OPTION_LIST, "", OPTION_RUN, "ADDRESS,…",              \
      "the same for UDP")                                                                                              \
    X(OPT_COALESCE, "coalesce-window", 0, OPTION_DURATION, "20ms", OPTION_RUN, "TIME",                                 \
      "under load, changes of so long are translated together")                                                        \
    X(OPT_ADDRESS, "address", 0, OPTION_TEXT, "http://127.0.0.1:10255", OPTION_STATUS, "URL",                          \
      "where the controller serves its status page")                                                                   \
    X(OPT_LISTEN, "listen", 0, OPTION_TEXT, "127.0.0.1:8001", OPTION_SANDBOX, "ADDRESS", "where the sandbox listens")  \
    X(OPT_SANDBOX_CONTROL, "control", 0, OPTION_BOOL, "false", OPTION_SANDBOX, "",                                     \
      "serve /sandbox/… for tests: faults, recorded requests, state")                                                  \
    X(OPT_LOG_LEVEL, "log-level", 0, OPTION_CHOICE, "info", OPTION_LOG, "trace|debug|info|warn|error",                 \
      "what is logged")                                                                                                \
    X(OPT_LOG_FORMAT, "log-format", 0, OPTION_CHOICE, "text", OPTION_LOG, "text|json", "logfmt lines, or JSON lines")

enum option_id {
#define X(id, flag, letter, type, fallback, groups, values, help) id,
    OPTION_TABLE(X)
#undef X
        OPTION_COUNT
};

struct options;

/* Parses flags (argv[0] is the command's name), then the environment.  Words that are no flags are collected. */
int options_parse(int argc, char **argv, unsigned int groups, struct options **ret_options, struct err *err) MUST_USE;
void options_free(struct options *options);
DEFINE_CLEANUP(options, options_free)

/* What is not a flag, in order; ends with NULL. */
const char *const *options_words(const struct options *options);

bool options_given(const struct options *options, enum option_id id);              /* by flag or variable */
const char *options_text(const struct options *options, enum option_id id);        /* "" when there is no value */
const char *const *options_list(const struct options *options, enum option_id id); /* ends with NULL */
bool options_truth(const struct options *options, enum option_id id);
int64_t options_integer(const struct options *options, enum option_id id);
int64_t options_duration_ms(const struct options *options, enum option_id id); /* negative: none is given */

void options_help(unsigned int groups, FILE *out);
/* " `--file`, `--output`", for docs/commands.md */
void options_names(unsigned int groups, FILE *out);
/* docs/options.md */
void options_markdown(FILE *out);
