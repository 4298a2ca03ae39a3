// Package proxy decides what goes wrong between a client and its server: a reverse proxy that holds, fails, cuts, delays,
// drops and replays by rules, remembers every request, and is told what to do over a second, plain HTTP port.
package proxy

import (
	"fmt"
	"net/http"
	"regexp"
)

// Action is what a rule does to a request that it matches.
type Action string

const (
	Hold   Action = "hold"   // stop until released: at the request, at the response, or (pattern) at a watch event
	Fail   Action = "fail"   // answer Status, Body, Headers; nothing goes upstream
	Expire Action = "expire" // 410: a watch gets it as an event after Lines lines, anything else as a status
	Cut    Action = "cut"    // close the connection: at the request, or after Lines or Bytes of the response
	Delay  Action = "delay"  // wait Milliseconds before the request goes upstream
	Drop   Action = "drop"   // leave out the lines of the response that match Pattern
	Record Action = "record" // keep the response under Name
	Replay Action = "replay" // answer what was recorded under Name for the same path; a watch then stays open, silent
)

// Where a Hold or a Cut happens.
const (
	AtRequest  = "request"
	AtResponse = "response"
)

// Rule is one line of the plan for what goes wrong. Regular expressions match anywhere unless they are anchored.
type Rule struct {
	ID     string `json:"id"`
	Method string `json:"method,omitempty"`
	Path   string `json:"path,omitempty"`
	Query  string `json:"query,omitempty"`
	Body   string `json:"match_body,omitempty"`
	Skip   int    `json:"skip,omitempty"`  // let so many matching requests pass first
	Times  int    `json:"times,omitempty"` // then act on so many; 0 means all

	Action       Action            `json:"action"`
	At           string            `json:"at,omitempty"`
	Status       int               `json:"status,omitempty"`
	Answer       string            `json:"body,omitempty"`
	Headers      map[string]string `json:"headers,omitempty"`
	Lines        int64             `json:"lines,omitempty"`
	Bytes        int64             `json:"bytes,omitempty"`
	Reset        bool              `json:"reset,omitempty"` // cut with RST instead of FIN
	Milliseconds int64             `json:"milliseconds,omitempty"`
	Pattern      string            `json:"pattern,omitempty"`
	Name         string            `json:"name,omitempty"`

	Seen int `json:"seen"` // requests that matched
	Hits int `json:"hits"` // of those, acted on
}

// active is a rule in force: compiled, with the gate at which held requests wait.
type active struct {
	Rule
	method, path, query, body, pattern *regexp.Regexp

	gate *gate
}

func compile(rule Rule) (*active, error) {
	if err := check(&rule); err != nil {
		return nil, fmt.Errorf("rule %q: %w", rule.ID, err)
	}
	compiled := &active{Rule: rule, gate: newGate()}
	for _, part := range []struct {
		text string
		into **regexp.Regexp
	}{
		{rule.Method, &compiled.method},
		{rule.Path, &compiled.path},
		{rule.Query, &compiled.query},
		{rule.Body, &compiled.body},
		{rule.Pattern, &compiled.pattern},
	} {
		if part.text == "" {
			continue
		}
		expression, err := regexp.Compile(part.text)
		if err != nil {
			return nil, fmt.Errorf("rule %q: %w", rule.ID, err)
		}
		*part.into = expression
	}
	return compiled, nil
}

func check(rule *Rule) error {
	switch rule.Action {
	case Hold:
		if rule.At == "" {
			rule.At = AtRequest
		}
	case Cut:
		if rule.At == "" {
			rule.At = AtResponse
		}
	case Fail:
		if rule.Status == 0 {
			rule.Status = http.StatusInternalServerError
		}
	case Drop:
		if rule.Pattern == "" {
			return fmt.Errorf("drop needs a pattern")
		}
	case Record, Replay:
		if rule.Name == "" {
			return fmt.Errorf("%s needs a name", rule.Action)
		}
	case Expire, Delay:
	default:
		return fmt.Errorf("unknown action %q", rule.Action)
	}
	if rule.At != "" && rule.At != AtRequest && rule.At != AtResponse {
		return fmt.Errorf("at is %q; want %s or %s", rule.At, AtRequest, AtResponse)
	}
	rule.Seen, rule.Hits = 0, 0
	return nil
}

func (a *active) matches(method, path, query string, body []byte) bool {
	return fits(a.method, method) && fits(a.path, path) && fits(a.query, query) && (a.body == nil || a.body.Match(body))
}

func fits(expression *regexp.Regexp, text string) bool {
	return expression == nil || expression.MatchString(text)
}

// take counts one matching request and says whether the rule acts on it.
func (a *active) take() bool {
	a.Seen++
	if a.Seen <= a.Skip || (a.Times > 0 && a.Hits >= a.Times) {
		return false
	}
	a.Hits++
	return true
}
