package workloads

import (
	"context"
	"fmt"
	"os/exec"

	"k8s.io/apimachinery/pkg/labels"
)

// emptyNamespaces lets the lab finish what the deletion of a namespace began.
func (c *Controller) emptyNamespaces(life context.Context) {
	namespaces, err := c.namespaces.List(labels.Everything())
	if err != nil {
		return
	}
	for _, namespace := range namespaces {
		if namespace.DeletionTimestamp == nil || c.leaving[string(namespace.UID)] {
			continue
		}
		c.leaving[string(namespace.UID)] = true
		go func() {
			said, err := exec.CommandContext(life, c.settings.Lab, "finalize", "--kubeconfig", c.settings.Kubeconfig, namespace.Name).CombinedOutput()
			if err != nil && life.Err() == nil {
				fmt.Fprintf(c.settings.Log, "workloads: namespace %s: %v: %s\n", namespace.Name, err, said)
			}
		}()
	}
}
