package suite

import (
	"testing"

	confsuite "sigs.k8s.io/gateway-api/conformance/utils/suite"
	"sigs.k8s.io/gateway-api/pkg/features"
)

func TestProfilesLeaveOutWhatOnlyOthersHave(t *testing.T) {
	for _, c := range []struct {
		features []features.FeatureName
		wanted   []string
		want     bool
	}{
		{[]features.FeatureName{"Gateway", "HTTPRoute"}, []string{"GATEWAY-HTTP"}, true},
		{[]features.FeatureName{"Gateway", "TCPRoute"}, []string{"GATEWAY-HTTP"}, false},
		{[]features.FeatureName{"Gateway", "GRPCRoute", "InNoProfile"}, []string{"GATEWAY-GRPC"}, true},
		{[]features.FeatureName{"Gateway", "GRPCRoute", "InNoProfile"}, []string{"GATEWAY-TCP"}, false},
	} {
		if got := ofProfiles(confsuite.ConformanceTest{Features: c.features}, c.wanted); got != c.want {
			t.Errorf("%v of %v: %v", c.features, c.wanted, got)
		}
	}
}
