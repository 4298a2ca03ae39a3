package client

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestManifestsAreReadInNameOrderAndListsAreTakenApart(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"b.yaml":             "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: second}\n---\n---\n# only words\n",
		"a/a.yml":            "kind: List\napiVersion: v1\nitems: [{apiVersion: v1, kind: Secret, metadata: {name: first}}]\n",
		"kustomization.yaml": "resources: [b.yaml]\n",
		"notes.txt":          "not a manifest",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	objects, err := ReadManifests([]string{dir})

	if err != nil || len(objects) != 2 || objects[0].GetName() != "first" || objects[1].GetName() != "second" {
		t.Fatalf("got %v, %v", objects, err)
	}
}

func TestADocumentWithoutAKindIsRefused(t *testing.T) {
	_, err := decode(strings.NewReader("apiVersion: v1\nmetadata: {name: x}\n"))

	if err == nil {
		t.Fatal("it was taken")
	}
}
