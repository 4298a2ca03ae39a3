// Package report decides how results are kept and shown.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// What became of a test.
const (
	Pass      = "pass"
	Fail      = "fail"
	Skip      = "skip"      // the test skipped itself
	Unclaimed = "unclaimed" // needs a feature that the GatewayClass does not list
	Left      = "left"      // not chosen
)

// Test is one test of the suite.
type Test struct {
	Name     string   `json:"name"`
	Result   string   `json:"result"`
	Level    string   `json:"level"` // core or extended
	Profiles []string `json:"profiles,omitempty"`
	Features []string `json:"features,omitempty"`
	Seconds  float64  `json:"seconds,omitempty"`
	Why      []string `json:"why,omitempty"` // of a failure: part of the test, and the first thing said
}

// Run is all of them.
type Run struct {
	Gateway string   `json:"gateway"`
	Router  string   `json:"router"`
	Claimed []string `json:"claimed"`
	Tests   []Test   `json:"tests"`
}

func Read(path string) (*Run, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	run := &Run{}
	return run, json.Unmarshal(text, run)
}

func (r *Run) Write(path string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o600)
}

// Failed counts the tests that failed.
func (r *Run) Failed() int {
	return len(r.with(Fail))
}

func (r *Run) with(result string) []Test {
	return slices.DeleteFunc(slices.Clone(r.Tests), func(test Test) bool { return test.Result != result })
}

// Table prints each test that ran, then the sums by profile and level.
func (r *Run) Table(out io.Writer) {
	for _, test := range r.Tests {
		if test.Result == Unclaimed || test.Result == Left {
			continue
		}
		fmt.Fprintf(out, "%-5s %-8s %-62s %6.1f s\n", test.Result, test.Level, test.Name, test.Seconds)
		for _, line := range test.Why {
			fmt.Fprintf(out, "        %s\n", line)
		}
	}
	if unclaimed := r.with(Unclaimed); len(unclaimed) > 0 {
		var names []string
		for _, test := range unclaimed {
			names = append(names, test.Name)
		}
		fmt.Fprintf(out, "\nunclaimed: %s\n", strings.Join(names, " "))
	}
	fmt.Fprintf(out, "\n%-14s %-8s %6s %6s %6s %10s\n", "profile", "level", "pass", "fail", "skip", "unclaimed")
	for _, profile := range r.profiles() {
		for _, level := range []string{"core", "extended"} {
			count := map[string]int{}
			for _, test := range r.Tests {
				if test.Level == level && slices.Contains(test.Profiles, profile) {
					count[test.Result]++
				}
			}
			fmt.Fprintf(out, "%-14s %-8s %6d %6d %6d %10d\n", profile, level, count[Pass], count[Fail], count[Skip], count[Unclaimed])
		}
	}
	fmt.Fprintf(out, "%d passed, %d failed, %d skipped, %d unclaimed (router: %s)\n", len(r.with(Pass)), r.Failed(),
		len(r.with(Skip)), len(r.with(Unclaimed)), r.Router)
}

func (r *Run) profiles() []string {
	var names []string
	for _, test := range r.Tests {
		for _, profile := range test.Profiles {
			if !slices.Contains(names, profile) {
				names = append(names, profile)
			}
		}
	}
	slices.Sort(names)
	return names
}
