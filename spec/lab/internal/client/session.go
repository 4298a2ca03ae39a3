// Package client decides how tests speak to an API server: as kubectl would, but from one binary, without a rate limit,
// and with plain JSON out.
package client

import (
	"fmt"
	"net/http"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
)

// Manager is the field manager of everything that the lab writes.
const Manager = "lab"

// Session is one way into one cluster.
type Session struct {
	Config    *rest.Config
	Objects   dynamic.Interface
	Typed     kubernetes.Interface
	mapper    *restmapper.DeferredDiscoveryRESTMapper
	discovery discovery.CachedDiscoveryInterface
}

// Open reads a kubeconfig; nothing is asked of the server yet.
func Open(kubeconfig string) (*Session, error) {
	if kubeconfig == "" {
		return nil, fmt.Errorf("--kubeconfig is missing: the API server wrote one into its folder")
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS = -1
	config.UserAgent = "lab"
	config.WarningHandler = rest.NoWarnings{}
	config.Wrap(func(inner http.RoundTripper) http.RoundTripper { return once{inner} })
	beQuiet()

	session := &Session{Config: config}
	if session.Objects, err = dynamic.NewForConfig(config); err != nil {
		return nil, err
	}
	if session.Typed, err = kubernetes.NewForConfig(config); err != nil {
		return nil, err
	}
	session.discovery = memory.NewMemCacheClient(session.Typed.Discovery())
	session.mapper = restmapper.NewDeferredDiscoveryRESTMapper(session.discovery)
	return session, nil
}

// Mapping finds a kind however it is spelt: group/version/Kind, v1/Service, KongPlugin, ingresses.networking.k8s.io, svc.
func (s *Session) Mapping(kind string) (*meta.RESTMapping, error) {
	if slash := strings.LastIndex(kind, "/"); slash >= 0 {
		version, err := schema.ParseGroupVersion(kind[:slash])
		if err != nil {
			return nil, err
		}
		return s.mapper.RESTMapping(version.WithKind(kind[slash+1:]).GroupKind(), version.Version)
	}
	resource := schema.ParseGroupResource(strings.ToLower(kind)).WithVersion("")
	expander := restmapper.NewShortcutExpander(s.mapper, s.discovery, nil)
	found, err := expander.KindFor(resource)
	if err != nil {
		return nil, err
	}
	return s.mapper.RESTMapping(found.GroupKind(), found.Version)
}

// Resource is where objects of the mapped kind live; cluster-scoped kinds ignore the namespace.
func (s *Session) Resource(mapping *meta.RESTMapping, namespace string) dynamic.ResourceInterface {
	resource := s.Objects.Resource(mapping.Resource)
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace && namespace != "" {
		return resource.Namespace(namespace)
	}
	return resource
}

// Find is Mapping and Resource in one.
func (s *Session) Find(kind, namespace string) (dynamic.ResourceInterface, error) {
	mapping, err := s.Mapping(kind)
	if err != nil {
		return nil, err
	}
	return s.Resource(mapping, namespace), nil
}
