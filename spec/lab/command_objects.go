package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"kongruent/lab/internal/client"
	"kongruent/lab/internal/gatewayapi"
)

const workersDefault = 32

func applyFlags(set *flag.FlagSet) run {
	var from paths
	open := bindSession(set)
	how := bindApplying(set)
	set.Var(&from, "f", "file or folder of manifests, or - for standard input; may be repeated")
	return func([]string) error {
		return applyPaths(open, from, *how)
	}
}

func bindSession(set *flag.FlagSet) func() (*client.Session, error) {
	kubeconfig := set.String("kubeconfig", os.Getenv("KUBECONFIG"), "kubeconfig file")
	return func() (*client.Session, error) { return client.Open(*kubeconfig) }
}

func bindApplying(set *flag.FlagSet) *client.Applying {
	how := &client.Applying{}
	set.StringVar(&how.Namespace, "namespace", "default", "namespace of objects that name none")
	set.IntVar(&how.Workers, "workers", workersDefault, "applies at the same time")
	set.BoolVar(&how.DryRun, "dry-run", false, "let the server check everything and keep nothing")
	set.BoolVar(&how.CreateNamespaces, "create-namespaces", false, "make the namespaces that objects name")
	set.BoolVar(&how.WithStatus, "with-status", false, "write .status, too")
	set.StringVar(&how.Manager, "field-manager", client.Manager, "who is said to apply")
	return how
}

func applyPaths(open func() (*client.Session, error), from []string, how client.Applying) error {
	objects, err := client.ReadManifests(from)
	if err != nil {
		return err
	}
	session, err := open()
	if err != nil {
		return err
	}
	return session.Apply(context.Background(), objects, how)
}

func gatewayFlags(set *flag.FlagSet) run {
	open := bindSession(set)
	channel := set.String("channel", "standard", "standard or experimental")
	apply := set.Bool("apply", false, "apply them, instead of printing")
	return func([]string) error {
		names, err := gatewayapi.Manifests(*channel)
		if err != nil {
			return err
		}
		if *apply {
			return applyPaths(open, names, client.Applying{Workers: workersDefault, Manager: client.Manager})
		}
		for _, name := range names {
			content, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			fmt.Printf("---\n%s", content)
		}
		return nil
	}
}

func deleteFlags(set *flag.FlagSet) run {
	var from paths
	open := bindSession(set)
	set.Var(&from, "f", "file or folder of manifests; may be repeated")
	namespace := set.String("namespace", "default", "namespace of objects that name none")
	return func(arguments []string) error {
		session, err := open()
		if err != nil {
			return err
		}
		if len(from) == 0 {
			object, err := parseObject(arguments)
			if err != nil {
				return err
			}
			return session.Delete(context.Background(), object.kind, object.namespace, object.name)
		}
		objects, err := client.ReadManifests(from)
		if err != nil {
			return err
		}
		return session.DeleteAll(context.Background(), objects, *namespace)
	}
}

// object is KIND NAMESPACE NAME of a command line; "-" is no namespace, or all of them.
type object struct{ kind, namespace, name string }

func parseObject(arguments []string) (object, error) {
	if len(arguments) != 3 {
		return object{}, fmt.Errorf("want KIND NAMESPACE NAME (NAMESPACE is - for cluster-scoped kinds), got %q", arguments)
	}
	named := object{kind: arguments[0], namespace: arguments[1], name: arguments[2]}
	if named.namespace == "-" {
		named.namespace = ""
	}
	return named, nil
}

func getFlags(set *flag.FlagSet) run {
	open := bindSession(set)
	selector := set.String("l", "", "label selector of a list")
	set.String("o", "json", "json is all there is")
	return func(arguments []string) error {
		list := len(arguments) == 2
		if list {
			arguments = append(arguments, "")
		}
		object, err := parseObject(arguments)
		if err != nil {
			return err
		}
		session, err := open()
		if err != nil {
			return err
		}
		resource, err := session.Find(object.kind, object.namespace)
		if err != nil {
			return err
		}
		if list {
			found, err := resource.List(context.Background(), metav1.ListOptions{LabelSelector: *selector})
			if err != nil {
				return err
			}
			return printJSON(found)
		}
		found, err := resource.Get(context.Background(), object.name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		return printJSON(found)
	}
}

func printJSON(content json.Marshaler) error {
	return json.NewEncoder(os.Stdout).Encode(content)
}

var patchTypes = map[string]types.PatchType{
	"merge":     types.MergePatchType,
	"json":      types.JSONPatchType,
	"strategic": types.StrategicMergePatchType,
}

func patchFlags(set *flag.FlagSet) run {
	open := bindSession(set)
	kind := set.String("type", "merge", "merge, json or strategic")
	content := set.String("p", "", "the patch")
	subresource := set.String("subresource", "", "subresource to patch")
	return func(arguments []string) error {
		patch, known := patchTypes[*kind]
		if !known {
			return fmt.Errorf("--type is %q", *kind)
		}
		return sendPatch(open, arguments, patch, *content, *subresource)
	}
}

func statusFlags(set *flag.FlagSet) run {
	open := bindSession(set)
	content := set.String("p", "", `what to merge, with the key "status" on top`)
	return func(arguments []string) error {
		return sendPatch(open, arguments, types.MergePatchType, *content, "status")
	}
}

func sendPatch(open func() (*client.Session, error), arguments []string, kind types.PatchType, content, subresource string) error {
	object, err := parseObject(arguments)
	if err != nil {
		return err
	}
	session, err := open()
	if err != nil {
		return err
	}
	resource, err := session.Find(object.kind, object.namespace)
	if err != nil {
		return err
	}
	var subresources []string
	if subresource != "" {
		subresources = []string{subresource}
	}
	patched, err := resource.Patch(context.Background(), object.name, kind, []byte(content),
		metav1.PatchOptions{FieldManager: client.Manager}, subresources...)
	if err != nil {
		return err
	}
	return printJSON(patched)
}

func waitFlags(set *flag.FlagSet) run {
	open := bindSession(set)
	condition := set.String("for", "exists", "exists, deleted, condition=TYPE[=STATUS] or {.json.path}[=VALUE]")
	limit := set.Duration("timeout", 30*time.Second, "give up after this long")
	return func(arguments []string) error {
		object, err := parseObject(arguments)
		if err != nil {
			return err
		}
		session, err := open()
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(context.Background(), *limit)
		defer cancel()
		found, err := session.Wait(ctx, client.Waiting{
			Kind: object.kind, Namespace: object.namespace, Name: object.name, For: *condition,
		})
		if err != nil {
			return fmt.Errorf("%s %s/%s, %s: %w", object.kind, object.namespace, object.name, *condition, err)
		}
		if found == nil {
			return nil
		}
		return printJSON(found)
	}
}
