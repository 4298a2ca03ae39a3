/* replay_table.h - the recordings, what happened between them, and the one list of what the sandbox does not do.
 * Owns:    static rows.
 * Thread:  any.
 * Errors:  none. */
#pragma once

#include "sandbox/sandbox.h"

static const struct {
    const char *name;
    bool renews; /* the recording began with an empty database */
    enum sandbox_flavour flavour;
    bool control_plane;
} files[] = {
    {"01-info", true, SANDBOX_TRADITIONAL_COMPATIBLE, false},
    {"02-services", false, SANDBOX_TRADITIONAL_COMPATIBLE, false},
    {"03-routes-traditional_compatible", false, SANDBOX_TRADITIONAL_COMPATIBLE, false},
    {"04-upstreams-targets", false, SANDBOX_TRADITIONAL_COMPATIBLE, false},
    {"05-consumers-credentials", false, SANDBOX_TRADITIONAL_COMPATIBLE, false},
    {"06-plugins", false, SANDBOX_TRADITIONAL_COMPATIBLE, false},
    {"04b-targets-put", false, SANDBOX_TRADITIONAL_COMPATIBLE, false},
    {"07-certificates-snis-ca", false, SANDBOX_TRADITIONAL_COMPATIBLE, false},
    {"08-vaults-keys", false, SANDBOX_TRADITIONAL_COMPATIBLE, false},
    {"09-tags-paging", false, SANDBOX_TRADITIONAL_COMPATIBLE, false},
    {"10-proxy-e2e", true, SANDBOX_TRADITIONAL_COMPATIBLE, false},
    {"11-stream-e2e", true, SANDBOX_TRADITIONAL_COMPATIBLE, false},
    {"12-stream-expressions", true, SANDBOX_EXPRESSIONS, false},
    {"13-routes-expressions", false, SANDBOX_EXPRESSIONS, false},
    {"14-hybrid", true, SANDBOX_TRADITIONAL_COMPATIBLE, true},
    {"15-db-errors-races", true, SANDBOX_TRADITIONAL_COMPATIBLE, false},
};

/* What the recorder did between two exchanges, as the later ones show. */
static const struct {
    const char *file;
    int before;
    const char *method, *target, *body;
} unrecorded[] = {
    {"03-routes-traditional_compatible", 1, "PATCH", "/services/s1", "{\"url\":\"http://127.0.0.1:18080/base\"}"},
    {"04b-targets-put", 1, "PUT", "/upstreams/00000000-0000-4000-8000-000000000201", "{\"name\":\"tu\"}"},
    {"08-vaults-keys", 16, "PUT", "/services/e3d50616-b8f8-4b24-bc9b-6b042ae62601", "{\"name\":\"vs\",\"host\":\"h\"}"},
    {"09-tags-paging", 1, "PUT", "/services/00000000-0000-4000-8000-000000000500",
     "{\"name\":\"p0\",\"host\":\"h\",\"tags\":[\"pg\",\"even\",\"low\"]}"},
    {"09-tags-paging", 1, "PUT", "/services/00000000-0000-4000-8000-000000000501",
     "{\"name\":\"p1\",\"host\":\"h\",\"tags\":[\"pg\",\"odd\",\"low\"]}"},
    {"09-tags-paging", 1, "PUT", "/services/00000000-0000-4000-8000-000000000502",
     "{\"name\":\"p2\",\"host\":\"h\",\"tags\":[\"pg\",\"even\",\"low\"]}"},
    {"09-tags-paging", 1, "PUT", "/services/00000000-0000-4000-8000-000000000503",
     "{\"name\":\"p3\",\"host\":\"h\",\"tags\":[\"pg\",\"odd\"]}"},
    {"09-tags-paging", 1, "PUT", "/services/00000000-0000-4000-8000-000000000504",
     "{\"name\":\"p4\",\"host\":\"h\",\"tags\":[\"pg\",\"even\"]}"},
    {"09-tags-paging", 1, "PUT", "/services/00000000-0000-4000-8000-000000000505",
     "{\"name\":\"p5\",\"host\":\"h\",\"tags\":[\"pg\",\"odd\"]}"},
    {"09-tags-paging", 1, "PUT", "/services/00000000-0000-4000-8000-000000000506",
     "{\"name\":\"p6\",\"host\":\"h\",\"tags\":[\"pg\",\"even\"]}"},
    {"09-tags-paging", 1, "PUT", "/consumers/00000000-0000-4000-8000-000000000510",
     "{\"username\":\"pc\",\"tags\":[\"pg\"]}"},
    {"09-tags-paging", 1, "DELETE", "/services/00000000-0000-4000-8000-000000000004", NULL},
    {"09-tags-paging", 1, "DELETE", "/services/00000000-0000-4000-8000-000000000006", NULL},
    {"09-tags-paging", 1, "DELETE", "/services/x", NULL},
    {"09-tags-paging", 1, "DELETE", "/services/s3", NULL},
    {"09-tags-paging", 1, "DELETE", "/plugins/fb29c37a-3755-4fb7-a37d-0722c9842c02", NULL},
    {"09-tags-paging", 48, "DELETE", "/services/p0", NULL},
    {"09-tags-paging", 48, "DELETE", "/services/p1", NULL},
    {"09-tags-paging", 48, "DELETE", "/services/p2", NULL},
    {"09-tags-paging", 48, "DELETE", "/services/p3", NULL},
    {"09-tags-paging", 48, "DELETE", "/services/p4", NULL},
    {"09-tags-paging", 48, "DELETE", "/services/p5", NULL},
    {"09-tags-paging", 48, "DELETE", "/services/p6", NULL},
    {"09-tags-paging", 48, "DELETE", "/consumers/pc", NULL},
    {"14-hybrid", 5, "PUT", "/sandbox/data-planes",
     "{\"data\":[{\"ip\":\"127.0.0.1\",\"ttl\":1209592,\"last_seen\":1795442844,\"config_hash\":"
     "\"58708b6d6a8fb2bfaf1e10f56f9b88ff\",\"sync_status\":\"normal\",\"rpc_capabilities\":[],\"version\":\"3.9.3\","
     "\"labels\":{},\"cert_details\":{\"expiry_timestamp\":1890049374},\"updated_at\":1795442844,\"id\":\"af6c72e6-"
     "519c-4212-8bf1-a51b36b71604\",\"hostname\":\"vm\"}]}"},
    {"14-hybrid", 19, "PUT", "/sandbox/data-planes",
     "{\"data\":[{\"ip\":\"127.0.0.1\",\"ttl\":1209599,\"last_seen\":1795442852,\"config_hash\":"
     "\"707a601132bf67b0368ecbeeeb00e4fd\",\"sync_status\":\"normal\",\"rpc_capabilities\":[],\"version\":\"3.9.3\","
     "\"labels\":{},\"cert_details\":{\"expiry_timestamp\":1890049374},\"updated_at\":1795442852,\"id\":\"af6c72e6-"
     "519c-4212-8bf1-a51b36b71604\",\"hostname\":\"vm\"}]}"},
    {"15-db-errors-races", 4, "PUT", "/services/00000000-0000-4000-8000-000000000900",
     "{\"name\":\"race\",\"host\":\"h0\"}"},
};

/* The one list of exchanges that the sandbox answers otherwise, or that were not with an Admin API at all. */
static const struct {
    const char *file;
    int first, last;
    const char *reason;
} exceptions[] = {
    {"01-info", 4, 4, "the status listener; the Admin API has no /status/ready"},
    {"01-info", 6, 6, "metrics of a proxy"},
    {"01-info", 7, 7, "/endpoints: nobody reads it"},
    {"01-info", 22, 23, "/debug: log levels of nginx"},
    {"01-info", 33, 33, "/timers of nginx"},
    {"04-upstreams-targets", 36, 39, "health of targets: there is no balancer"},
    {"05-consumers-credentials", 55, 55, "OAuth 2 tokens are made by a proxy"},
    {"06-plugins", 30, 30, "syntax of Lua in plugins: this room has no Lua"},
    {"07-certificates-snis-ca", 14, 14, "the text quotes a line of OpenSSL's source; status, code and field agree"},
    {"07-certificates-snis-ca", 50, 50, "the text quotes a line of OpenSSL's source; status, code and field agree"},
    {"10-proxy-e2e", 6, 10, "a proxy's answers"},
    {"10-proxy-e2e", 17, 17, "a proxy's answer"},
    {"10-proxy-e2e", 20, 20, "a proxy's answer"},
    {"10-proxy-e2e", 23, 23, "a proxy's answer"},
    {"13-routes-expressions", 30, 38, "a proxy's answers"},
    {"14-hybrid", 3, 4, "a data plane's status listener"},
    {"14-hybrid", 16, 18, "a data plane's answers"},
    {"14-hybrid", 21, 21, "a data plane's answer"},
    {"15-db-errors-races", 3, 3, "a proxy's answer"},
    {"15-db-errors-races", 5, 8, "the database was down; faults do that here"},
    {"15-db-errors-races", 9, 10, "the database was down; status listener and proxy"},
};
