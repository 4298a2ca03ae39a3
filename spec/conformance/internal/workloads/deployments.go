package workloads

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
)

// Tests copy a Pod's node into EndpointSlices that they write, and the API server asks it for logs.
const node = "process"

// A Deployment becomes Pods directly; the names look as if a ReplicaSet stood between, since the suite cuts two parts off.
func (c *Controller) syncDeployments(ctx context.Context) error {
	deployments, err := c.deployments.List(labels.Everything())
	if err != nil {
		return err
	}
	wanted := map[string]bool{}
	var first error
	for _, deployment := range deployments {
		if deployment.DeletionTimestamp != nil {
			continue
		}
		for number := range int(replicas(deployment)) {
			key := fmt.Sprintf("%s/%s/%d", deployment.UID, templateHash(deployment), number)
			wanted[key] = true
			if c.pods[key] == nil {
				if err := c.makePod(ctx, key, number, deployment); err != nil && first == nil {
					first = err
				}
			}
		}
	}
	for key, pod := range c.pods {
		if !wanted[key] {
			pod.stop()
			if err := c.forget(ctx, pod); err != nil && first == nil {
				first = err
				continue
			}
			delete(c.pods, key)
			continue
		}
		if err := c.announce(ctx, pod); err != nil && first == nil {
			first = err
		}
	}
	for _, deployment := range deployments {
		if err := c.writeDeploymentStatus(ctx, deployment); err != nil && first == nil {
			first = err
		}
	}
	return first
}

func replicas(deployment *appsv1.Deployment) int32 {
	if deployment.Spec.Replicas == nil {
		return 1
	}
	return *deployment.Spec.Replicas
}

func templateHash(deployment *appsv1.Deployment) string {
	text, _ := json.Marshal(deployment.Spec.Template)
	hash := fnv.New32a()
	_, _ = hash.Write(text)
	return fmt.Sprintf("%08x", hash.Sum32())
}

// makePod starts the process and makes the object; what is not there yet (a mounted Secret) is waited for without an error.
func (c *Controller) makePod(ctx context.Context, key string, number int, deployment *appsv1.Deployment) error {
	template := *deployment.Spec.Template.DeepCopy()
	made := &pod{
		namespace:  deployment.Namespace,
		name:       fmt.Sprintf("%s-%s-%05d", deployment.Name, templateHash(deployment), number),
		deployment: deployment.UID,
		labels:     template.Labels,
		containers: template.Spec.Containers,
		changed:    c.wake,
	}
	program, known := c.program(template.Spec.Containers[0].Image)
	if !known {
		c.pods[key] = made // never ready
		return fmt.Errorf("%s: nothing stands in for image %s", deployment.Name, template.Spec.Containers[0].Image)
	}
	folders, complete, err := c.mount(made, template.Spec)
	if err != nil || !complete {
		return err
	}
	if err := made.start(c.settings, &c.network, program, folders); err != nil {
		return err
	}
	c.pods[key] = made
	template.Spec.NodeName = node
	object := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: made.name, Namespace: made.namespace, Labels: template.Labels, Annotations: template.Annotations,
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: "apps/v1", Kind: "Deployment", Name: deployment.Name, UID: deployment.UID,
			}},
		},
		Spec: template.Spec,
	}
	_, err = c.client.CoreV1().Pods(made.namespace).Create(ctx, object, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		err = nil
	}
	return err
}

// announce writes a Pod's status once its process listens.
func (c *Controller) announce(ctx context.Context, pod *pod) error {
	if !pod.ready() || pod.announced {
		return nil
	}
	now := metav1.Now()
	status := corev1.PodStatus{
		Phase: corev1.PodRunning, PodIP: pod.address, PodIPs: []corev1.PodIP{{IP: pod.address}}, StartTime: &now,
		Conditions: []corev1.PodCondition{
			{Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: now},
			{Type: corev1.PodInitialized, Status: corev1.ConditionTrue, LastTransitionTime: now},
			{Type: corev1.ContainersReady, Status: corev1.ConditionTrue, LastTransitionTime: now},
			{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: now},
		},
	}
	patch, err := json.Marshal(map[string]any{"status": status})
	if err != nil {
		return err
	}
	object, err := c.client.CoreV1().Pods(pod.namespace).Patch(ctx, pod.name, types.MergePatchType, patch, metav1.PatchOptions{}, "status")
	if err != nil {
		return err
	}
	pod.uid, pod.announced = object.UID, true
	return nil
}

func (c *Controller) forget(ctx context.Context, pod *pod) error {
	now := int64(0)
	err := c.client.CoreV1().Pods(pod.namespace).Delete(ctx, pod.name, metav1.DeleteOptions{GracePeriodSeconds: &now})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

func (c *Controller) writeDeploymentStatus(ctx context.Context, deployment *appsv1.Deployment) error {
	if deployment.DeletionTimestamp != nil {
		return nil
	}
	var ready int32
	for _, pod := range c.pods {
		if pod.deployment == deployment.UID && pod.announced {
			ready++
		}
	}
	status := appsv1.DeploymentStatus{
		ObservedGeneration: deployment.Generation,
		Replicas:           replicas(deployment), UpdatedReplicas: replicas(deployment), ReadyReplicas: ready, AvailableReplicas: ready,
	}
	if equality.Semantic.DeepEqual(status, deployment.Status) {
		return nil
	}
	changed := deployment.DeepCopy()
	changed.Status = status
	_, err := c.client.AppsV1().Deployments(deployment.Namespace).UpdateStatus(ctx, changed, metav1.UpdateOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
