package proxy

import (
	"regexp"
	"time"
)

// plan is what all the rules that met one request make of it together.
type plan struct {
	delay       time.Duration
	holdRequest []*active
	holdAnswer  []*active
	holdEvents  []*active
	answer      *active // fail or replay: the first one that matched decides
	expire      *active
	cut         *active
	drops       []*regexp.Regexp
	records     []string
}

func (p *plan) include(rule *active) {
	switch rule.Action {
	case Hold:
		switch {
		case rule.pattern != nil:
			p.holdEvents = append(p.holdEvents, rule)
		case rule.At == AtRequest:
			p.holdRequest = append(p.holdRequest, rule)
		default:
			p.holdAnswer = append(p.holdAnswer, rule)
		}
	case Fail, Replay:
		if p.answer == nil {
			p.answer = rule
		}
	case Expire:
		if p.expire == nil {
			p.expire = rule
		}
	case Cut:
		if p.cut == nil {
			p.cut = rule
		}
	case Delay:
		p.delay += time.Duration(rule.Milliseconds) * time.Millisecond
	case Drop:
		p.drops = append(p.drops, rule.pattern)
	case Record:
		p.records = append(p.records, rule.Name)
	}
}

// readsBody says whether the proxy looks into the response, which then must not be compressed.
func (p *plan) readsBody() bool {
	return len(p.drops) > 0 || len(p.holdEvents) > 0 || len(p.records) > 0 || p.expire != nil || p.cut != nil
}

// byLine says whether the response has to go out line by line.
func (p *plan) byLine() bool {
	return len(p.drops) > 0 || len(p.holdEvents) > 0 || p.expire != nil || (p.cut != nil && p.cut.Lines > 0)
}

func (p *plan) leavesOut(line []byte) bool {
	for _, pattern := range p.drops {
		if pattern.Match(line) {
			return true
		}
	}
	return false
}
