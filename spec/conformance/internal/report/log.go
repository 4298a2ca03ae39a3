package report

import (
	"bufio"
	"os"
	"regexp"
	"slices"
	"strings"
)

const (
	whyMax  = 6   // lines a test
	lineMax = 300 // bytes a line
)

var (
	begins = regexp.MustCompile(`^\s*=== (?:RUN|CONT|NAME)\s+(\S+)`)
	fails  = regexp.MustCompile(`^\s+Error:\s+(.*)`)
	errors = regexp.MustCompile(`^\s+\S+\.go:\d+: (.*(?:[Ee]rror|[Ff]ailed|expected|timed out|timeout|want).*)`)
	ends   = regexp.MustCompile(`^\s*--- FAIL: (\S+)`)
)

// AddReasons takes from the suite's log what was said last before each failure.
func (r *Run) AddReasons(log string) error {
	file, err := os.Open(log)
	if err != nil {
		return err
	}
	defer file.Close()
	said := map[string]string{}   // by part: the last complaint
	failed := map[string]string{} // by part: what an assertion says
	var order []string
	current := ""
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		line := lines.Text()
		if match := begins.FindStringSubmatch(line); match != nil {
			current = match[1]
		} else if match := ends.FindStringSubmatch(line); match != nil {
			order = append(order, match[1])
		} else if match := fails.FindStringSubmatch(line); match != nil {
			if failed[current] == "" {
				failed[current] = match[1]
			}
		} else if match := errors.FindStringSubmatch(line); match != nil && failed[current] == "" {
			said[current] = match[1]
		}
	}
	for i := range r.Tests {
		test := &r.Tests[i]
		if test.Result != Fail {
			continue
		}
		for _, part := range order {
			inside, _ := strings.CutPrefix(part, suitePrefix)
			if inside != test.Name && !strings.HasPrefix(inside, test.Name+"/") {
				continue
			}
			text := strings.Join(slices.DeleteFunc([]string{failed[part], said[part]}, func(s string) bool { return s == "" }), " | ")
			if text == "" || len(test.Why) >= whyMax {
				continue
			}
			if rest, below := strings.CutPrefix(inside, test.Name+"/"); below {
				text = rest + ": " + text
			}
			test.Why = append(test.Why, text[:min(len(text), lineMax)])
		}
	}
	return lines.Err()
}

const suitePrefix = "Conformance/"
