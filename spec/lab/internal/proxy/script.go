package proxy

import (
	"bytes"
	"encoding/json"
)

// parseRules reads one rule or a list of rules.
func parseRules(content []byte) ([]Rule, error) {
	content = bytes.TrimSpace(content)
	if len(content) > 0 && content[0] == '[' {
		var rules []Rule
		return rules, strictly(content, &rules)
	}
	rules := make([]Rule, 1)
	return rules, strictly(content, &rules[0])
}

func strictly(content []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}
