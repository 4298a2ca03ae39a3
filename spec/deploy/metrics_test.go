package deploy

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

const dashboardFile = "../../deploy/grafana/kongruent.json"

// What Prometheus adds to every series that it scrapes in a cluster.
var added = set("namespace", "job", "pod", "instance", "service", "endpoint", "container")

func set(words ...string) map[string]bool {
	made := map[string]bool{}
	for _, word := range words {
		made[word] = true
	}
	return made
}

// metrics asks the program, on the shop as the cluster and the sandbox as the gateway: labels by metric.
func metrics(t *testing.T) map[string]map[string]bool {
	t.Helper()
	program := os.Getenv("KONGRUENT")
	if program == "" {
		program = "../../build/kongruent"
	}
	command := exec.CommandContext(t.Context(), program, "run", "--source", "dir:../../examples/shop/in", "--kong-admin-url", "sandbox:",
		"--health-probe-bind-address", "127.0.0.1:0", "--metrics-bind-address", "127.0.0.1:0")
	log, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer command.Wait()
	defer command.Process.Kill()
	listens, port, lines := regexp.MustCompile(`metrics_port=(\d+)`), "", bufio.NewScanner(log)
	for converged := false; !(converged && port != "") && lines.Scan(); {
		if found := listens.FindStringSubmatch(lines.Text()); found != nil {
			port = found[1]
		}
		converged = converged || strings.Contains(lines.Text(), "msg=converged")
	}
	answer, err := http.Get("http://127.0.0.1:" + port + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	reader := expfmt.NewTextParser(model.UTF8Validation)
	families, err := reader.TextToMetricFamilies(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]map[string]bool{}
	for name, family := range families {
		own := set()
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				own[label.GetName()] = true
			}
		}
		found[name] = own
		if family.GetType() == dto.MetricType_HISTOGRAM {
			found[name+"_sum"], found[name+"_count"], found[name+"_bucket"] = own, own, set("le")
			for label := range own {
				found[name+"_bucket"][label] = true
			}
		}
	}
	return found
}

type use struct{ where, expression, legend string }

func uses(t *testing.T) []use {
	t.Helper()
	found := []use{}
	for _, rule := range alerts(t) {
		found = append(found, use{where: rule.Alert, expression: rule.Expr})
	}
	text, err := os.ReadFile(dashboardFile)
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title, Type string
			Targets     []struct{ Expr, LegendFormat string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, panel := range dashboard.Panels {
		if panel.Type != "row" && len(panel.Targets) == 0 {
			t.Errorf("panel %q asks for nothing", panel.Title)
		}
		for _, target := range panel.Targets {
			found = append(found, use{"panel " + panel.Title, strings.ReplaceAll(target.Expr, "$__rate_interval", "5m"), target.LegendFormat})
		}
	}
	return found
}

func TestEveryMetricAndLabelExists(t *testing.T) {
	known := metrics(t)
	legends := regexp.MustCompile(`{{(\w+)}}`)
	for _, one := range uses(t) {
		expression, err := language.ParseExpr(one.expression)
		if err != nil {
			t.Errorf("%s: %v", one.where, err)
			continue
		}
		labels := set("le")
		for label := range added {
			labels[label] = true
		}
		asked := set()
		parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
			switch node := node.(type) {
			case *parser.VectorSelector:
				own, there := known[node.Name]
				if !there {
					t.Errorf("%s: there is no metric %s", one.where, node.Name)
				}
				for label := range own {
					labels[label] = true
				}
				for _, matcher := range node.LabelMatchers {
					if matcher.Name != "__name__" && !own[matcher.Name] && !added[matcher.Name] {
						t.Errorf("%s: %s has no label %s", one.where, node.Name, matcher.Name)
					}
				}
			case *parser.AggregateExpr:
				for _, label := range node.Grouping {
					asked[label] = true
				}
			case *parser.BinaryExpr:
				if node.VectorMatching != nil {
					for _, label := range node.VectorMatching.MatchingLabels {
						asked[label] = true
					}
				}
			}
			return nil
		})
		for _, label := range legends.FindAllStringSubmatch(one.legend, -1) {
			asked[label[1]] = true
		}
		for label := range asked {
			if !labels[label] {
				t.Errorf("%s: nothing has a label %s", one.where, label)
			}
		}
	}
}
