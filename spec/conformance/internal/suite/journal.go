package suite

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/sets"
	confsuite "sigs.k8s.io/gateway-api/conformance/utils/suite"
	"sigs.k8s.io/gateway-api/pkg/features"

	"kongruent/conformance/internal/report"
)

const (
	routesPoll = 50 * time.Millisecond
	routesWait = 20 * time.Second
)

// Live begins the lines by which a run is followed.
const Live = "@ "

var profiles = []confsuite.ConformanceProfile{
	confsuite.GatewayHTTPConformanceProfile, confsuite.GatewayGRPCConformanceProfile, confsuite.GatewayTLSConformanceProfile,
	confsuite.GatewayTCPConformanceProfile, confsuite.GatewayUDPConformanceProfile,
}

// journal writes down what becomes of each test. The suite itself counts a test as passed that runs in parallel, whatever
// happens, and tells nobody which part failed.
type journal struct {
	settings  Settings
	supported sets.Set[features.FeatureName]
	results   report.Run
	seen      map[string]*report.Test
}

func newJournal(settings Settings, supported sets.Set[features.FeatureName]) *journal {
	claimed := []string{}
	for _, name := range sets.List(supported) {
		claimed = append(claimed, string(name))
	}
	return &journal{settings: settings, supported: supported, results: report.Run{Claimed: claimed}, seen: map[string]*report.Test{}}
}

// wrap chooses the tests, runs them one after another and looks at how each ends.
func (j *journal) wrap(all []confsuite.ConformanceTest) []confsuite.ConformanceTest {
	only, without, wanted := names(j.settings.RunTests), names(j.settings.SkipTests), names(j.settings.Profiles)
	chosen := []confsuite.ConformanceTest{}
	for _, test := range all {
		if (len(only) > 0 && !slices.Contains(only, test.ShortName)) || slices.Contains(without, test.ShortName) || isMesh(test) || !ofProfiles(test, wanted) {
			continue
		}
		test.Parallel = false
		inner := test.Test
		test.Test = func(t *testing.T, suite *confsuite.ConformanceTestSuite) {
			began := time.Now()
			entry := &report.Test{Result: report.Pass}
			j.seen[test.ShortName] = entry
			t.Cleanup(func() { // after subtests that run in parallel, unlike defer
				entry.Seconds = time.Since(began).Seconds()
				switch {
				case t.Failed():
					entry.Result = report.Fail
				case t.Skipped():
					entry.Result = report.Skip
				}
			})
			inner(t, suite)
		}
		chosen = append(chosen, test)
	}
	return chosen
}

func names(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// ofProfiles says whether the profiles have what a test needs. The suite itself takes tests by what the GatewayClass claims.
func ofProfiles(test confsuite.ConformanceTest, wanted []string) bool {
	all := sets.New[features.FeatureName]()
	for _, profile := range profiles {
		if slices.Contains(wanted, string(profile.Name)) {
			all = all.Union(profile.CoreFeatures).Union(profile.ExtendedFeatures)
		}
	}
	return all.HasAll(test.Features...)
}

func belongs(test confsuite.ConformanceTest, profile confsuite.ConformanceProfile) bool {
	return profile.CoreFeatures.Union(profile.ExtendedFeatures).HasAll(test.Features...)
}

func isMesh(test confsuite.ConformanceTest) bool {
	return slices.ContainsFunc(test.Features, func(name features.FeatureName) bool { return strings.HasPrefix(string(name), "Mesh") })
}

// after files a test's result and waits until the gateway has none of its routes.
func (j *journal) after(t *testing.T, test confsuite.ConformanceTest, _ *confsuite.ConformanceTestSuite) {
	entry := j.seen[test.ShortName]
	if entry == nil {
		entry = &report.Test{Result: report.Fail} // its objects could not be made
		if !j.supported.HasAll(test.Features...) {
			entry.Result = report.Unclaimed
		}
	}
	entry.Name, entry.Level = test.ShortName, "extended"
	for _, name := range test.Features {
		entry.Features = append(entry.Features, string(name))
	}
	for _, profile := range profiles {
		if profile.CoreFeatures.HasAll(test.Features...) {
			entry.Level = "core"
		}
		if belongs(test, profile) {
			entry.Profiles = append(entry.Profiles, string(profile.Name))
		}
	}
	j.results.Tests = append(j.results.Tests, *entry)
	if err := j.results.Write(j.settings.Results); err != nil {
		t.Errorf("results: %v", err)
	}
	if entry.Result != report.Unclaimed {
		fmt.Printf("%s%s %s %.1f s\n", Live, entry.Result, entry.Name, entry.Seconds)
	}
	if entry.Result != report.Unclaimed && j.settings.Admin != "" && !j.settings.Keep {
		j.awaitNoRoutes(t)
	}
}

func (j *journal) awaitNoRoutes(t *testing.T) {
	deadline := time.Now().Add(routesWait)
	left := 0
	for time.Now().Before(deadline) {
		var err error
		if left, err = routesOfObjects(j.settings.Admin); err == nil && left == 0 {
			return
		}
		time.Sleep(routesPoll)
	}
	t.Logf("the gateway still has %d routes of this test", left)
}

// routesOfObjects counts the gateway's routes that come from an object of the cluster; Gateways outlive tests.
func routesOfObjects(admin string) (int, error) {
	answer, err := http.Get(admin + "/routes?size=1000")
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("status %d", answer.StatusCode)
	}
	var page struct {
		Data []struct{ Tags []string }
	}
	if err := json.NewDecoder(answer.Body).Decode(&page); err != nil {
		return 0, err
	}
	count := 0
	for _, route := range page.Data {
		named := slices.ContainsFunc(route.Tags, func(tag string) bool { return strings.HasPrefix(tag, "k8s-name:") })
		if named && !slices.Contains(route.Tags, "k8s-kind:Gateway") {
			count++
		}
	}
	return count, nil
}
