package client

import (
	"context"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
)

// Delete removes one object; that it is gone already is no error.
func (s *Session) Delete(ctx context.Context, kind, namespace, name string) error {
	resource, err := s.Find(kind, namespace)
	if err != nil {
		return err
	}
	err = resource.Delete(ctx, name, metav1.DeleteOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// DeleteAll removes what manifests name, last one first, so definitions go after their objects.
func (s *Session) DeleteAll(ctx context.Context, objects []*unstructured.Unstructured, fallback string) error {
	var problems []error
	for index := len(objects) - 1; index >= 0; index-- {
		object := objects[index]
		version, kind := object.GroupVersionKind().ToAPIVersionAndKind()
		namespace := object.GetNamespace()
		if namespace == "" {
			namespace = fallback
		}
		err := s.Delete(ctx, version+"/"+kind, namespace, object.GetName())
		if err != nil && !meta.IsNoMatchError(err) {
			problems = append(problems, fmt.Errorf("%s %s/%s: %w", kind, namespace, object.GetName(), err))
		}
	}
	return errors.Join(problems...)
}

// Finalize does a namespace controller's work: empties the namespace and lets it go.
func (s *Session) Finalize(ctx context.Context, name string) error {
	namespaces := s.Typed.CoreV1().Namespaces()
	err := namespaces.Delete(ctx, name, metav1.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
		return err
	}
	if err := s.empty(ctx, name); err != nil {
		return err
	}
	namespace, err := namespaces.Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	namespace.Spec.Finalizers = nil
	_, err = namespaces.Finalize(ctx, namespace, metav1.UpdateOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

func (s *Session) empty(ctx context.Context, namespace string) error {
	lists, err := s.discovery.ServerPreferredNamespacedResources()
	if err != nil && !discovery.IsGroupDiscoveryFailedError(err) {
		return err
	}
	for _, list := range lists {
		version, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			return err
		}
		for _, resource := range list.APIResources {
			if strings.Contains(resource.Name, "/") || !has(resource.Verbs, "deletecollection") {
				continue
			}
			objects := s.Objects.Resource(version.WithResource(resource.Name)).Namespace(namespace)
			err := objects.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{})
			if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsMethodNotSupported(err) {
				return fmt.Errorf("%s: %w", resource.Name, err)
			}
		}
	}
	return nil
}

func has(verbs []string, wanted string) bool {
	for _, verb := range verbs {
		if verb == wanted {
			return true
		}
	}
	return false
}
