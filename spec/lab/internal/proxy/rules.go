package proxy

import (
	"fmt"
	"sync"
)

// Rules are the rules in force, in the order they came; all that match a request act on it together.
type Rules struct {
	lock   sync.Mutex
	inside []*active
	next   int
}

// Add puts all the rules in force, or none if one of them is wrong. A rule with the id of another takes its place.
func (r *Rules) Add(rules []Rule) ([]string, error) {
	compiled := make([]*active, 0, len(rules))
	for _, rule := range rules {
		one, err := compile(rule)
		if err != nil {
			return nil, err
		}
		compiled = append(compiled, one)
	}

	r.lock.Lock()
	defer r.lock.Unlock()
	ids := make([]string, 0, len(compiled))
	for _, one := range compiled {
		if one.ID == "" {
			r.next++
			one.ID = fmt.Sprintf("rule-%d", r.next)
		}
		r.remove(one.ID)
		r.inside = append(r.inside, one)
		ids = append(ids, one.ID)
	}
	return ids, nil
}

// Remove takes a rule out of force and lets go what it holds; the empty id means every rule.
func (r *Rules) Remove(id string) bool {
	r.lock.Lock()
	defer r.lock.Unlock()
	return r.remove(id)
}

func (r *Rules) remove(id string) bool {
	var kept []*active
	for _, one := range r.inside {
		if id == "" || one.ID == id {
			one.gate.openForever()
		} else {
			kept = append(kept, one)
		}
	}
	found := len(kept) < len(r.inside)
	r.inside = kept
	return found
}

// Release lets go the first count requests that a rule holds; the rule stays in force.
func (r *Rules) Release(id string, count int) (int, bool) {
	r.lock.Lock()
	defer r.lock.Unlock()
	for _, one := range r.inside {
		if one.ID == id {
			return one.gate.release(count), true
		}
	}
	return 0, false
}

// List gives the rules in force with their counts.
func (r *Rules) List() []Rule {
	r.lock.Lock()
	defer r.lock.Unlock()
	rules := make([]Rule, 0, len(r.inside))
	for _, one := range r.inside {
		rules = append(rules, one.Rule)
	}
	return rules
}

// match gives the plan for one request and counts it in the rules that it meets.
func (r *Rules) match(method, path, query string, body []byte) plan {
	r.lock.Lock()
	defer r.lock.Unlock()
	var made plan
	for _, one := range r.inside {
		if one.matches(method, path, query, body) && one.take() {
			made.include(one)
		}
	}
	return made
}
