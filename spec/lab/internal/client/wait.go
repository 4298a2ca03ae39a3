package client

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/util/jsonpath"
)

// Waiting names an object and what has to become true of it.
type Waiting struct {
	Kind, Namespace, Name string

	// exists | deleted | condition=TYPE[=STATUS] | {.json.path}[=VALUE]
	For string
}

type truth func(object *unstructured.Unstructured) (bool, error) // nil when the object is absent

// Wait watches one object until For holds, and gives the object as it then is.
func (s *Session) Wait(ctx context.Context, wanted Waiting) (*unstructured.Unstructured, error) {
	holds, err := parseTruth(wanted.For)
	if err != nil {
		return nil, err
	}
	resource, err := s.Find(wanted.Kind, wanted.Namespace)
	if err != nil {
		return nil, err
	}
	for {
		object, done, err := waitOnce(ctx, resource, wanted.Name, holds)
		if done || err != nil {
			return object, err
		}
	}
}

// waitOnce reads the object, then watches it from there; a watch that merely ends is no error.
func waitOnce(ctx context.Context, resource dynamic.ResourceInterface, name string, holds truth) (
	*unstructured.Unstructured, bool, error) {
	options := metav1.ListOptions{FieldSelector: fields.OneTermEqualSelector("metadata.name", name).String()}
	list, err := resource.List(ctx, options)
	if err != nil {
		return nil, false, err
	}
	var object *unstructured.Unstructured
	if len(list.Items) > 0 {
		object = &list.Items[0]
	}
	if done, err := holds(object); done || err != nil {
		return object, done, err
	}
	options.ResourceVersion = list.GetResourceVersion()
	watcher, err := resource.Watch(ctx, options)
	if err != nil {
		return nil, false, err
	}
	defer watcher.Stop()
	for event := range watcher.ResultChan() {
		if event.Type == watch.Error {
			if err := errors.FromObject(event.Object); !errors.IsResourceExpired(err) && !errors.IsGone(err) {
				return nil, false, err
			}
			return nil, false, nil
		}
		object, _ := event.Object.(*unstructured.Unstructured)
		if event.Type == watch.Deleted {
			object = nil
		}
		if done, err := holds(object); done || err != nil {
			return object, done, err
		}
	}
	return nil, false, ctx.Err()
}

func parseTruth(text string) (truth, error) {
	switch {
	case text == "exists" || text == "":
		return func(object *unstructured.Unstructured) (bool, error) { return object != nil, nil }, nil
	case text == "deleted":
		return func(object *unstructured.Unstructured) (bool, error) { return object == nil, nil }, nil
	case strings.HasPrefix(text, "condition="):
		kind, status, given := strings.Cut(strings.TrimPrefix(text, "condition="), "=")
		if !given {
			status = "True"
		}
		return pathTruth(fmt.Sprintf(`{.status.conditions[?(@.type==%q)].status}`, kind), &status)
	case strings.HasPrefix(text, "{"):
		end := strings.LastIndex(text, "}")
		if end < 0 {
			return nil, fmt.Errorf("--for %s: the path has no closing brace", text)
		}
		if rest := text[end+1:]; rest != "" {
			value := strings.TrimPrefix(rest, "=")
			return pathTruth(text[:end+1], &value)
		}
		return pathTruth(text, nil)
	}
	return nil, fmt.Errorf("--for %s: want exists, deleted, condition=TYPE[=STATUS] or {.path}[=VALUE]", text)
}

// pathTruth holds when the path prints value; without a value, when it prints anything.
func pathTruth(path string, value *string) (truth, error) {
	expression := jsonpath.New("for").AllowMissingKeys(true)
	if err := expression.Parse(path); err != nil {
		return nil, err
	}
	return func(object *unstructured.Unstructured) (bool, error) {
		if object == nil {
			return false, nil
		}
		var printed bytes.Buffer
		if err := expression.Execute(&printed, object.Object); err != nil {
			return false, nil // the path leads nowhere yet
		}
		if value == nil {
			return printed.Len() > 0, nil
		}
		return printed.String() == *value, nil
	}, nil
}
