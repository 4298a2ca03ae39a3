// Package workloads decides what of a cluster beside its API server the suite gets: Pods that are processes and
// have logs, endpoints of Services, and Namespaces that go away when they are deleted.
package workloads

import (
	"context"
	"fmt"
	"io"
	"time"

	apps "k8s.io/client-go/listers/apps/v1"
	core "k8s.io/client-go/listers/core/v1"
	discovery "k8s.io/client-go/listers/discovery/v1"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// What the API server refused (a conflict, mostly) is tried again after so long, unless something changes before.
const retryAfter = 500 * time.Millisecond

// Settings says where the programs are that Pods are made of.
type Settings struct {
	Echo string // the suite's echo-basic
	Self string // this program: for name servers
	Lab  string // empties namespaces
	Dir  string // mounted volumes and the Pods' logs
	Log  io.Writer

	Kubeconfig string // for the lab
}

// Controller brings the cluster to what its Deployments, Services and Namespaces ask for, whenever anything changes.
type Controller struct {
	settings Settings
	client   kubernetes.Interface
	changed  chan struct{}
	pods     map[string]*pod // by Deployment and number
	network  network
	leaving  map[string]bool // namespaces that are being emptied

	deployments apps.DeploymentLister
	services    core.ServiceLister
	secrets     core.SecretLister
	configMaps  core.ConfigMapLister
	namespaces  core.NamespaceLister
	slices      discovery.EndpointSliceLister
}

// Start watches until life ends; then all Pods' processes end.
func Start(life context.Context, config *rest.Config, settings Settings) (*Controller, error) {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	c := &Controller{
		settings:    settings,
		client:      client,
		changed:     make(chan struct{}, 1),
		pods:        map[string]*pod{},
		leaving:     map[string]bool{},
		deployments: factory.Apps().V1().Deployments().Lister(),
		services:    factory.Core().V1().Services().Lister(),
		secrets:     factory.Core().V1().Secrets().Lister(),
		configMaps:  factory.Core().V1().ConfigMaps().Lister(),
		namespaces:  factory.Core().V1().Namespaces().Lister(),
		slices:      factory.Discovery().V1().EndpointSlices().Lister(),
	}
	for _, informer := range []cache.SharedIndexInformer{
		factory.Apps().V1().Deployments().Informer(),
		factory.Core().V1().Services().Informer(),
		factory.Core().V1().Secrets().Informer(),
		factory.Core().V1().ConfigMaps().Informer(),
		factory.Core().V1().Namespaces().Informer(),
		factory.Discovery().V1().EndpointSlices().Informer(),
	} {
		if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
			AddFunc:    func(any) { c.wake() },
			UpdateFunc: func(any, any) { c.wake() },
			DeleteFunc: func(any) { c.wake() },
		}); err != nil {
			return nil, err
		}
	}
	factory.Start(life.Done())
	for kind, synced := range factory.WaitForCacheSync(life.Done()) {
		if !synced {
			return nil, fmt.Errorf("%v cannot be watched", kind)
		}
	}
	if err := serveLogs(life, client, settings.Dir, settings.Log); err != nil {
		return nil, err
	}
	go c.loop(life)
	return c, nil
}

func (c *Controller) wake() {
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

func (c *Controller) loop(life context.Context) {
	defer c.stopAll()
	for {
		select {
		case <-life.Done():
			return
		case <-c.changed:
		}
		c.emptyNamespaces(life)
		err := c.syncDeployments(life)
		if failed := c.syncEndpoints(life); err == nil {
			err = failed
		}
		if err != nil && life.Err() == nil {
			fmt.Fprintln(c.settings.Log, "workloads:", err)
			time.AfterFunc(retryAfter, c.wake)
		}
	}
}
