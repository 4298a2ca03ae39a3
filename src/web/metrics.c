/* The table of metrics as a page. */
#include "web/metrics.h"

#include "metric_rows.h"

static void row(struct buf *out, const char *name, const char *type, const char *labels, const char *help)
{
    buf_printf(out, "| `%s` | %s | %s | %s |\n", name, type, labels, help);
}

void web_metrics_markdown(struct buf *out)
{
    buf_append_text(
        out, "# Metrics\n\nPrinted by `kongruent help --metrics`. They are served at `/metrics` on "
             "`--metrics-bind-address`.\n"
             "Names that begin with `ingress_controller_` are Kong Ingress Controller's, with its meaning and its "
             "buckets, without its\n"
             "labels `dataplane` and `instance_id`. What only the leader knows stands still on a standby: multiply by\n"
             "`kongruent_leading`, as [the alerts](../deploy/alerts/rules.yaml) do.\n\n"
             "| name | type | labels | meaning |\n|---|---|---|---|\n");
#define NUMBER(name, type, help, expression)       row(out, name, type, "", help);
#define SERIES(name, type, labels, help, function) row(out, name, type, labels, help);
    METRIC_TABLE(NUMBER, SERIES)
#undef NUMBER
#undef SERIES
}
