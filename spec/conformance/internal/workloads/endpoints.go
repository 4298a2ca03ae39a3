package workloads

import (
	"cmp"
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

const manager = "workloads.conformance"

// A Service with a selector has one EndpointSlice of its own; slices that tests write are left alone.
func (c *Controller) syncEndpoints(ctx context.Context) error {
	services, err := c.services.List(labels.Everything())
	if err != nil {
		return err
	}
	wanted := map[string]*discoveryv1.EndpointSlice{}
	for _, service := range services {
		if len(service.Spec.Selector) > 0 && service.DeletionTimestamp == nil && service.Spec.Type != corev1.ServiceTypeExternalName {
			slice := c.endpoints(service)
			wanted[slice.Namespace+"/"+slice.Name] = slice
		}
	}
	present, err := c.slices.List(labels.SelectorFromSet(labels.Set{discoveryv1.LabelManagedBy: manager}))
	if err != nil {
		return err
	}
	var first error
	for _, slice := range present {
		name := slice.Namespace + "/" + slice.Name
		if failed := c.correct(ctx, slice, wanted[name]); failed != nil && first == nil {
			first = failed
		}
		delete(wanted, name)
	}
	for _, slice := range wanted {
		_, failed := c.client.DiscoveryV1().EndpointSlices(slice.Namespace).Create(ctx, slice, metav1.CreateOptions{})
		if failed != nil && !apierrors.IsAlreadyExists(failed) && first == nil {
			first = failed
		}
	}
	return first
}

func (c *Controller) correct(ctx context.Context, present, wanted *discoveryv1.EndpointSlice) error {
	var err error
	access := c.client.DiscoveryV1().EndpointSlices(present.Namespace)
	switch {
	case wanted == nil:
		err = access.Delete(ctx, present.Name, metav1.DeleteOptions{})
	case !equality.Semantic.DeepEqual(present.Endpoints, wanted.Endpoints) || !equality.Semantic.DeepEqual(present.Ports, wanted.Ports):
		changed := present.DeepCopy()
		changed.Endpoints, changed.Ports = wanted.Endpoints, wanted.Ports
		_, err = access.Update(ctx, changed, metav1.UpdateOptions{})
	}
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

func (c *Controller) endpoints(service *corev1.Service) *discoveryv1.EndpointSlice {
	yes, no, where := true, false, node
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Name: service.Name + "-pods", Namespace: service.Namespace,
			Labels: map[string]string{discoveryv1.LabelServiceName: service.Name, discoveryv1.LabelManagedBy: manager},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: "v1", Kind: "Service", Name: service.Name, UID: service.UID, Controller: &yes,
			}},
		},
		AddressType: discoveryv1.AddressTypeIPv4,
	}
	selector := labels.SelectorFromSet(service.Spec.Selector)
	var containers []corev1.Container
	for _, pod := range c.pods {
		if pod.namespace != service.Namespace || !selector.Matches(labels.Set(pod.labels)) || !pod.announced {
			continue
		}
		containers = pod.containers
		slice.Endpoints = append(slice.Endpoints, discoveryv1.Endpoint{
			Addresses:  []string{pod.address},
			Conditions: discoveryv1.EndpointConditions{Ready: &yes, Serving: &yes, Terminating: &no},
			NodeName:   &where,
			TargetRef:  &corev1.ObjectReference{Kind: "Pod", Namespace: pod.namespace, Name: pod.name, UID: pod.uid},
		})
	}
	slices.SortFunc(slice.Endpoints, func(a, b discoveryv1.Endpoint) int { return cmp.Compare(a.Addresses[0], b.Addresses[0]) })
	for _, port := range service.Spec.Ports {
		number := targetPort(port, containers)
		slice.Ports = append(slice.Ports, discoveryv1.EndpointPort{
			Name: &port.Name, Port: &number, Protocol: &port.Protocol, AppProtocol: port.AppProtocol,
		})
	}
	return slice
}

func targetPort(port corev1.ServicePort, containers []corev1.Container) int32 {
	if port.TargetPort.Type == intstr.Int {
		if port.TargetPort.IntVal != 0 {
			return port.TargetPort.IntVal
		}
		return port.Port
	}
	for _, container := range containers {
		for _, named := range container.Ports {
			if named.Name == port.TargetPort.StrVal {
				return named.ContainerPort
			}
		}
	}
	return port.Port
}
