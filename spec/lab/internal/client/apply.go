package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
)

// Applying says how manifests are applied.
type Applying struct {
	Namespace        string // for objects that name none
	Workers          int
	DryRun           bool
	CreateNamespaces bool // those that objects name and the cluster lacks
	WithStatus       bool // write .status too, which an apply alone leaves out
	Manager          string
}

// Apply brings the cluster to what the objects say: namespaces first, then definitions, which it waits for, then the rest.
func (s *Session) Apply(ctx context.Context, objects []*unstructured.Unstructured, how Applying) error {
	var namespaces, definitions, rest []*unstructured.Unstructured
	for _, object := range objects {
		forget(object)
		switch object.GroupVersionKind().GroupKind().String() {
		case "Namespace":
			namespaces = append(namespaces, object)
		case "CustomResourceDefinition.apiextensions.k8s.io":
			definitions = append(definitions, object)
		default:
			rest = append(rest, object)
		}
	}
	if err := s.applyAll(ctx, namespaces, how); err != nil {
		return err
	}
	if err := s.applyAll(ctx, definitions, how); err != nil {
		return err
	}
	if len(definitions) > 0 && !how.DryRun {
		if err := s.waitServed(ctx, definitions); err != nil {
			return err
		}
	}
	if how.CreateNamespaces {
		if err := s.applyAll(ctx, s.absentNamespaces(rest, how.Namespace), how); err != nil {
			return err
		}
	}
	return s.applyAll(ctx, rest, how)
}

// forget drops what only the server may say; an apply with a uid of another cluster is refused.
func forget(object *unstructured.Unstructured) {
	for _, field := range []string{"uid", "resourceVersion", "generation", "creationTimestamp", "managedFields"} {
		unstructured.RemoveNestedField(object.Object, "metadata", field)
	}
}

func (s *Session) absentNamespaces(objects []*unstructured.Unstructured, fallback string) []*unstructured.Unstructured {
	seen := map[string]bool{"default": true, "kube-system": true, "kube-public": true}
	var namespaces []*unstructured.Unstructured
	for _, object := range objects {
		name := object.GetNamespace()
		if name == "" {
			name = fallback
		}
		if seen[name] {
			continue
		}
		seen[name] = true
		namespace := &unstructured.Unstructured{}
		namespace.SetAPIVersion("v1")
		namespace.SetKind("Namespace")
		namespace.SetName(name)
		namespaces = append(namespaces, namespace)
	}
	return namespaces
}

func (s *Session) applyAll(ctx context.Context, objects []*unstructured.Unstructured, how Applying) error {
	var (
		group    sync.WaitGroup
		lock     sync.Mutex
		problems []error
	)
	queue := make(chan *unstructured.Unstructured)
	for range min(how.Workers, len(objects)) {
		group.Go(func() {
			for object := range queue {
				if err := s.applyOne(ctx, object, how); err != nil {
					lock.Lock()
					problems = append(problems, fmt.Errorf("%s %s/%s: %w",
						object.GetKind(), object.GetNamespace(), object.GetName(), err))
					lock.Unlock()
				}
			}
		})
	}
	for _, object := range objects {
		queue <- object
	}
	close(queue)
	group.Wait()
	return errors.Join(problems...)
}

func (s *Session) applyOne(ctx context.Context, object *unstructured.Unstructured, how Applying) error {
	kind := object.GroupVersionKind()
	mapping, err := s.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return err
	}
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace && object.GetNamespace() == "" {
		object.SetNamespace(how.Namespace)
	}
	content, err := json.Marshal(object)
	if err != nil {
		return err
	}
	options := metav1.PatchOptions{FieldManager: how.Manager, Force: ptr.To(true)}
	if how.DryRun {
		options.DryRun = []string{metav1.DryRunAll}
	}
	resource := s.Resource(mapping, object.GetNamespace())
	if _, err = resource.Patch(ctx, object.GetName(), types.ApplyPatchType, content, options); err != nil {
		return err
	}
	if _, has := object.Object["status"]; !has || !how.WithStatus || how.DryRun {
		return nil
	}
	_, err = resource.Patch(ctx, object.GetName(), types.MergePatchType, statusOnly(object), metav1.PatchOptions{
		FieldManager: how.Manager,
	}, "status")
	return err
}

func statusOnly(object *unstructured.Unstructured) []byte {
	content, err := json.Marshal(map[string]any{"status": object.Object["status"]})
	if err != nil {
		return []byte(`{}`)
	}
	return content
}

const (
	servedPoll  = 20 * time.Millisecond
	servedLimit = 60 * time.Second
)

// waitServed waits until definitions are Established and discovery lists them: the one comes a moment before the other.
func (s *Session) waitServed(ctx context.Context, definitions []*unstructured.Unstructured) error {
	ctx, cancel := context.WithTimeout(ctx, servedLimit)
	defer cancel()
	for _, definition := range definitions {
		if _, err := s.Wait(ctx, Waiting{
			Kind: "apiextensions.k8s.io/v1/CustomResourceDefinition", Name: definition.GetName(), For: "condition=Established",
		}); err != nil {
			return fmt.Errorf("%s is not established: %w", definition.GetName(), err)
		}
	}
	for _, definition := range definitions {
		name := definition.GetName()
		for {
			s.mapper.Reset()
			if _, err := s.Mapping(name); err == nil {
				break
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("%s is established, but discovery does not list it", name)
			case <-time.After(servedPoll):
			}
		}
	}
	return nil
}
