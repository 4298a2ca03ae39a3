package deploy

import (
	"os"
	"os/exec"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/yaml"
)

// render gives one object of the chart, with such further flags of helm.
func render(t *testing.T, flags ...string) []byte {
	t.Helper()
	helm := os.Getenv("KONGRUENT_HELM")
	if helm == "" {
		t.Skip("KONGRUENT_HELM does not name helm (README.md)")
	}
	arguments := append([]string{"template", "kongruent", "../../deploy/chart", "-f", "../../deploy/chart/ci/traditional-values.yaml",
		"--show-only", "templates/monitoring.yaml"}, flags...)
	output, err := exec.Command(helm, arguments...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return output
}

func TestTheChartsMonitoringObjectsAreTheirTypes(t *testing.T) {
	monitor, rule := monitoring.ServiceMonitor{}, monitoring.PrometheusRule{}
	text := render(t, "--set", "serviceMonitor.enabled=true,serviceMonitor.honorLabels=true,serviceMonitor.targetLabels={team}",
		"--set-json", `serviceMonitor.relabelings=[{"action":"drop"}]`, "--set-json", `serviceMonitor.metricRelabelings=[{"action":"drop"}]`)
	if err := yaml.UnmarshalStrict(text, &monitor); err != nil {
		t.Errorf("ServiceMonitor: %v", err)
	}
	if endpoints := monitor.Spec.Endpoints; len(endpoints) != 1 || endpoints[0].Port != "metrics" || len(endpoints[0].RelabelConfigs) != 1 {
		t.Errorf("endpoints are %+v", endpoints)
	}
	if err := yaml.UnmarshalStrict(render(t, "--set", "prometheusRule.enabled=true"), &rule); err != nil {
		t.Errorf("PrometheusRule: %v", err)
	}
	if rules := len(alerts(t)); len(rule.Spec.Groups) != 1 || len(rule.Spec.Groups[0].Rules) != rules {
		t.Errorf("the chart does not have the %d alerts", rules)
	}
}
