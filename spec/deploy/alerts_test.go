// Package deploy checks what deploy/ ships for watching the program: alerts and the dashboard.
package deploy

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/rules"
	"sigs.k8s.io/yaml"
)

const (
	rulesFile  = "../../deploy/alerts/rules.yaml"
	objectFile = "../../deploy/alerts/prometheus-rule.yaml"
	runbooks   = "docs/troubleshoot.md"
	last       = 150 // minutes that a case looks at
)

var language = parser.NewParser(parser.Options{})

func alerts(t *testing.T) []rulefmt.Rule {
	t.Helper()
	groups, errs := rulefmt.ParseFile(rulesFile, false, model.UTF8Validation, language, slog.New(slog.DiscardHandler))
	for _, err := range errs {
		t.Fatal(err)
	}
	return groups.Groups[0].Rules
}

// Two replicas of which one leads, all well. A case replaces series by name and pod.
var healthy = map[string]string{
	"kongruent_leading a":                                           "1x200",
	"kongruent_leading b":                                           "0x200",
	"kongruent_gateway_connected a":                                 "1x200",
	"kongruent_gateway_connected b":                                 "0x200",
	"kongruent_converged a":                                         "1x200",
	"kongruent_converged b":                                         "0x200",
	"kongruent_deletes_held a":                                      "0x200",
	"kongruent_entities_withheld a":                                 "0x200",
	"kongruent_entities_drifted_total a":                            "0x200",
	"kongruent_problems_error a":                                    "0x200",
	"kongruent_problems_warn a":                                     "0x200",
	"kongruent_rule_errors_total a":                                 "0x200",
	"kongruent_translation_waiting_changes a":                       "0x200",
	"kongruent_objects{kind=\"v1/Service\",state=\"synced\"} a":     "9x200",
	"process_cpu_seconds_total a":                                   "0+1x200",
	"ingress_controller_translation_count{success=\"true\"} a":      "0+2x200",
	"ingress_controller_configuration_push_broken_resource_count a": "0x200",
}

// What one alert says another must not say again.
func TestRefusedEntitiesAreNotToldTwice(t *testing.T) {
	fired := firing(t, map[string]string{
		"kongruent_converged a": "0x200", "ingress_controller_configuration_push_broken_resource_count a": "1x200",
	})
	if len(fired["KongruentNotConverged"]) != 0 || len(fired["KongruentEntitiesRefused"]) == 0 {
		t.Errorf("not converged: %d minutes; refused: %d", len(fired["KongruentNotConverged"]), len(fired["KongruentEntitiesRefused"]))
	}
}

// quiet is the last minute at which an alert must not fire yet, fires the one at which it must.
var cases = []struct {
	alert        string
	series       map[string]string
	quiet, fires int
}{
	{"KongruentDown", map[string]string{"kongruent_leading a": "1x9 _x200", "kongruent_leading b": "0x9 _x200"}, 14, 21},
	{"KongruentLeaderMissing", map[string]string{"kongruent_leading a": "1x9 0x200"}, 12, 14},
	{"KongruentLeadersTooMany", map[string]string{"kongruent_leading b": "0x9 1x200"}, 11, 13},
	{"KongruentGatewayUnreachable", map[string]string{"kongruent_gateway_connected a": "1x9 0x200"}, 12, 14},
	{"KongruentNotConverged", map[string]string{"kongruent_converged a": "1x9 0x200"}, 19, 21},
	{"KongruentDeletesHeld", map[string]string{"kongruent_deletes_held a": "0x9 40x200"}, 14, 16},
	{"KongruentEntitiesRefused", map[string]string{"ingress_controller_configuration_push_broken_resource_count a": "0x9 1x200"}, 24, 26},
	{"KongruentRoutesWithheld", map[string]string{"kongruent_entities_withheld a": "0x9 1x200"}, 24, 26},
	{"KongruentProblemsError", map[string]string{"kongruent_problems_error a": "0x9 2x200"}, 24, 26},
	{"KongruentProblemsWarn", map[string]string{"kongruent_problems_warn a": "0x9 2x200"}, 69, 71},
	{"KongruentKindFrozen", map[string]string{"kongruent_objects{kind=\"v1/Secret\",state=\"frozen\"} a": "_x9 3x200"}, 13, 15},
	{"KongruentTranslatorStuck", map[string]string{
		"kongruent_translation_waiting_changes a":                  "0x9 7x200",
		"ingress_controller_translation_count{success=\"true\"} a": "0+2x9 20x200"}, 17, 23},
	{"KongruentRulesFail", map[string]string{"kongruent_rule_errors_total a": "0x9 0+1x200"}, 19, 23},
	{"KongruentDriftKeepsComing", map[string]string{"kongruent_entities_drifted_total a": "0x9 0+1x200"}, 49, 53},
	{"KongruentRestarts", map[string]string{"process_cpu_seconds_total a": "0+1x9 0+1x9 0+1x9 0+1x9 0x200"}, 29, 32},
}

func load(replaced map[string]string) string {
	series := map[string]string{}
	for _, set := range []map[string]string{healthy, replaced} {
		for name, values := range set {
			series[name] = values
		}
	}
	text := "load 1m\n"
	for name, values := range series {
		metric, pod, _ := strings.Cut(name, " ")
		metric, own, _ := strings.Cut(strings.TrimSuffix(metric, "}"), "{")
		text += fmt.Sprintf("  %s{namespace=\"kongruent\",job=\"kongruent-metrics\",pod=%q,%s} %s\n", metric, pod, own, values)
	}
	return strings.ReplaceAll(text, ",}", "}")
}

// firing gives the minutes at which each alert fires over such series.
func firing(t *testing.T, replaced map[string]string) map[string]map[int]bool {
	t.Helper()
	storage := promqltest.LoadedStorage(t, load(replaced))
	defer storage.Close()
	engine := promqltest.NewTestEngineWithOpts(t, promql.EngineOpts{MaxSamples: 100000, Timeout: time.Minute, LookbackDelta: 5 * time.Minute, Parser: language})
	query := rules.EngineQueryFunc(engine, storage)
	fired := map[string]map[int]bool{}
	for _, rule := range alerts(t) {
		expression, err := language.ParseExpr(rule.Expr)
		if err != nil {
			t.Fatal(err)
		}
		alert := rules.NewAlertingRule(rule.Alert, expression, time.Duration(rule.For), 0, labels.FromMap(rule.Labels),
			labels.FromMap(rule.Annotations), labels.EmptyLabels(), "", true, slog.New(slog.DiscardHandler))
		fired[rule.Alert] = map[int]bool{}
		for minute := range last {
			if _, err := alert.Eval(context.Background(), 0, time.Unix(int64(minute)*60, 0), query, &url.URL{}, 0); err != nil {
				t.Fatalf("%s: %v", rule.Alert, err)
			}
			for _, one := range alert.ActiveAlerts() {
				if one.State == rules.StateFiring {
					fired[rule.Alert][minute] = true
				}
				if text := one.Annotations.Get("summary"); strings.Contains(text, "<") || strings.Contains(text, "error") && strings.Contains(text, "template") {
					t.Errorf("%s: the summary is %q", rule.Alert, text)
				}
			}
		}
	}
	return fired
}

func TestAlertsAreSilentWhileAllIsWell(t *testing.T) {
	for alert, minutes := range firing(t, nil) {
		if len(minutes) != 0 {
			t.Errorf("%s fires", alert)
		}
	}
}

func TestAlertsFireInTime(t *testing.T) {
	untested := map[string]bool{}
	for _, rule := range alerts(t) {
		untested[rule.Alert] = true
	}
	for _, one := range cases {
		delete(untested, one.alert)
		t.Run(one.alert, func(t *testing.T) {
			fired := firing(t, one.series)[one.alert]
			if fired[one.quiet] || !fired[one.fires] {
				t.Errorf("fires at minute %d: %v (want false), at minute %d: %v (want true)", one.quiet, fired[one.quiet], one.fires, fired[one.fires])
			}
		})
	}
	for alert := range untested {
		t.Errorf("%s has no case here", alert)
	}
}

var notInAnchors = regexp.MustCompile(`[^a-z0-9 -]`)

func TestRunbooksLeadSomewhere(t *testing.T) {
	page, err := os.ReadFile("../../" + runbooks)
	if err != nil {
		t.Fatal(err)
	}
	anchors := map[string]bool{}
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(string(page), -1) {
		plain := notInAnchors.ReplaceAllString(strings.ToLower(heading[1]), "")
		anchors[runbooks+"#"+strings.ReplaceAll(plain, " ", "-")] = true
	}
	for _, rule := range alerts(t) {
		if !anchors[rule.Annotations["runbook_url"]] {
			t.Errorf("%s: nothing is at %s", rule.Alert, rule.Annotations["runbook_url"])
		}
	}
}

func TestThePrometheusRuleIsTheSame(t *testing.T) {
	object, plain := monitoring.PrometheusRule{}, monitoring.PrometheusRuleSpec{}
	for path, into := range map[string]any{objectFile: &object, rulesFile: &plain} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.UnmarshalStrict(text, into); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	left, _ := yaml.Marshal(object.Spec)
	right, _ := yaml.Marshal(plain)
	if string(left) != string(right) {
		t.Errorf("%s and %s differ", objectFile, rulesFile)
	}
}
