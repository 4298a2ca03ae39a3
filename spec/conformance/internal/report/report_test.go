package report

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const log = `=== RUN   Conformance
=== RUN   Conformance/GatewayA
=== RUN   Conformance/GatewayA/first_part
    helpers.go:12: 2026-01-01T00:00:00Z: not there yet
    assert.go:3: 
        	Error:      	no route to host
        	Test:       	Conformance/GatewayA/first_part
--- FAIL: Conformance (0.00s)
    --- FAIL: Conformance/GatewayA (0.00s)
        --- FAIL: Conformance/GatewayA/first_part (0.00s)
    --- PASS: Conformance/GatewayB (0.00s)
`

func TestAFailureSaysWhichPartAndWhy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte(log), 0o600); err != nil {
		t.Fatal(err)
	}
	run := Run{Tests: []Test{{Name: "GatewayA", Result: Fail}, {Name: "GatewayB", Result: Pass}}}

	if err := run.AddReasons(path); err != nil {
		t.Fatal(err)
	}

	if want := []string{"first_part: no route to host"}; !slices.Equal(run.Tests[0].Why, want) || run.Tests[1].Why != nil {
		t.Errorf("%v and %v, want %v", run.Tests[0].Why, run.Tests[1].Why, want)
	}
}

func TestTheTableCountsByProfileAndLevel(t *testing.T) {
	run := Run{Router: "expressions", Tests: []Test{
		{Name: "A", Result: Pass, Level: "core", Profiles: []string{"GATEWAY-HTTP", "GATEWAY-GRPC"}},
		{Name: "B", Result: Fail, Level: "core", Profiles: []string{"GATEWAY-HTTP"}},
		{Name: "C", Result: Unclaimed, Level: "extended", Profiles: []string{"GATEWAY-HTTP"}},
	}}
	var out strings.Builder

	run.Table(&out)

	for _, want := range []string{"unclaimed: C\n", "1 passed, 1 failed, 0 skipped, 1 unclaimed (router: expressions)\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
