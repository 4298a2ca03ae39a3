package client

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestWhatMayBeWaitedFor(t *testing.T) {
	object := &unstructured.Unstructured{Object: map[string]any{
		"status": map[string]any{
			"phase":      "Done",
			"conditions": []any{map[string]any{"type": "Ready", "status": "False"}},
		},
	}}
	for _, example := range []struct {
		text   string
		object *unstructured.Unstructured
		holds  bool
	}{
		{"exists", object, true},
		{"exists", nil, false},
		{"deleted", object, false},
		{"deleted", nil, true},
		{"condition=Ready", object, false},
		{"condition=Ready=False", object, true},
		{"condition=Other", object, false},
		{"condition=Ready=False", nil, false},
		{"{.status.phase}", object, true},
		{"{.status.phase}=Done", object, true},
		{"{.status.phase}=Late", object, false},
		{"{.status.nothing.below}", object, false},
	} {
		truth, err := parseTruth(example.text)
		if err != nil {
			t.Fatalf("%s: %v", example.text, err)
		}

		holds, err := truth(example.object)

		if err != nil || holds != example.holds {
			t.Errorf("%s: got %v, %v", example.text, holds, err)
		}
	}
}

func TestNonsenseIsNotWaitedFor(t *testing.T) {
	for _, text := range []string{"soon", "{.status", "{.a[}"} {
		if _, err := parseTruth(text); err == nil {
			t.Errorf("%s was taken", text)
		}
	}
}
