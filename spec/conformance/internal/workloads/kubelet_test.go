package workloads

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestALogIsAskedForByPodAndTime(t *testing.T) {
	dir := t.TempDir()
	text := "2026-01-01T00:00:00.5Z early\n2026-01-01T00:00:02.5Z late\n"
	if err := os.WriteFile(filepath.Join(dir, logName("ns", "a-1")), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/containerLogs/ns/a-1/a":                                                "early\nlate\n",
		"/containerLogs/ns/a-1/a?sinceTime=2026-01-01T00:00:02Z":                 "late\n",
		"/containerLogs/ns/a-1/a?sinceTime=2026-01-01T00:00:02Z&timestamps=true": "2026-01-01T00:00:02.5Z late\n",
		"/containerLogs/ns/a-1/a?sinceTime=yesterday":                            fmt.Sprint(http.StatusBadRequest),
		"/containerLogs/ns/b-1/b":                                                fmt.Sprint(http.StatusNotFound),
		"/containerLogs/ns/..%2F..%2Fetc%2Fpasswd/b":                             fmt.Sprint(http.StatusNotFound),
	} {
		answer := httptest.NewRecorder()
		logHandler(dir).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))

		got := answer.Body.String()
		if answer.Code != http.StatusOK {
			got = fmt.Sprint(answer.Code)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestOutputIsKeptByLineWithItsTime(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	before := time.Now().Add(-time.Second)
	output := &stamper{file: file}
	for _, text := range []string{"one\ntw", "o\n", "not finis"} {
		if _, err := output.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := file.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	var got strings.Builder

	if err := copyLines(&got, file, before, false); err != nil {
		t.Fatal(err)
	}

	if got.String() != "one\ntwo\n" {
		t.Errorf("%q", got.String())
	}
}
