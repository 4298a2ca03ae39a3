package proxy

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

const patience = 10 * time.Second

// stage is a proxy between a real client and a real server, both on loopback.
type stage struct {
	*Proxy
	t      *testing.T
	URL    string
	client *http.Client
}

func newStage(t *testing.T, journal io.Writer, upstream http.HandlerFunc) *stage {
	t.Helper()
	server := httptest.NewServer(upstream)
	t.Cleanup(server.Close)
	target, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableCompression: true}
	speech := Speech{Failure: kubernetesFailure, Expired: kubernetesExpired}
	made := New(target, func(*http.Request) http.RoundTripper { return transport }, speech, NewJournal(journal))
	front := httptest.NewUnstartedServer(made)
	front.Config.ConnContext = RememberConnection
	front.Start()
	t.Cleanup(front.Close)
	t.Cleanup(func() { made.Rules.Remove("") })
	return &stage{Proxy: made, t: t, URL: front.URL, client: &http.Client{Timeout: patience}}
}

func (s *stage) rule(rule Rule) {
	s.t.Helper()
	if _, err := s.Rules.Add([]Rule{rule}); err != nil {
		s.t.Fatal(err)
	}
}

// get gives the status, what came of the body, and the error that ended it.
func (s *stage) get(path string) (int, string, error) {
	response, err := s.client.Get(s.URL + path)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, string(body), err
}

func lines(writer http.ResponseWriter, _ *http.Request) {
	for number := 1; number <= 4; number++ {
		fmt.Fprintf(writer, `{"line":%d}`+"\n", number)
	}
}

func TestARequestWithoutRulesPassesUnchanged(t *testing.T) {
	s := newStage(t, nil, func(writer http.ResponseWriter, request *http.Request) {
		writer.Header().Set("X-Seen", request.Header.Get("Authorization"))
		writer.WriteHeader(http.StatusCreated)
		_, _ = io.Copy(writer, request.Body)
	})
	request, _ := http.NewRequest(http.MethodPost, s.URL+"/things?dryRun=All", strings.NewReader("body"))
	request.Header.Set("Authorization", "Bearer t")

	response, err := s.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)

	if response.StatusCode != 201 || string(body) != "body" || response.Header.Get("X-Seen") != "Bearer t" {
		t.Fatalf("got %d %q %v", response.StatusCode, body, response.Header)
	}
}

func TestAFailureNeverReachesTheServer(t *testing.T) {
	reached := 0
	s := newStage(t, nil, func(http.ResponseWriter, *http.Request) { reached++ })
	s.rule(Rule{Action: Fail, Status: 503, Headers: map[string]string{"Retry-After": "7"}})

	status, body, err := s.get("/x")

	if err != nil || status != 503 || !strings.Contains(body, "ServiceUnavailable") || reached != 0 {
		t.Fatalf("got %d %q %v, reached %d", status, body, err, reached)
	}
}

func TestAHeldRequestReachesTheServerOnlyOnceReleased(t *testing.T) {
	reached := make(chan string, 1)
	s := newStage(t, nil, func(_ http.ResponseWriter, request *http.Request) { reached <- request.URL.Path })
	s.rule(Rule{ID: "wait", Action: Hold, Path: "^/held$"})
	done := make(chan error, 1)
	go func() {
		_, _, err := s.get("/held")
		done <- err
	}()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, ok := s.Journal.Wait(ctx, Filter{Held: true}, 1); !ok {
		t.Fatal("nothing is held")
	}
	if len(reached) != 0 {
		t.Fatal("a held request got through")
	}

	s.Rules.Remove("wait")

	if err := <-done; err != nil || <-reached != "/held" {
		t.Fatalf("the released request failed: %v", err)
	}
}

func TestACutAfterLinesEndsTheConnectionThere(t *testing.T) {
	s := newStage(t, nil, lines)
	s.rule(Rule{Action: Cut, Lines: 2})

	_, body, err := s.get("/x?watch=true")

	if err == nil || body != "{\"line\":1}\n{\"line\":2}\n" {
		t.Fatalf("got %q and %v", body, err)
	}
}

func TestACutAfterBytesEndsTheConnectionThere(t *testing.T) {
	s := newStage(t, nil, lines)
	s.rule(Rule{Action: Cut, Bytes: 5})

	_, body, err := s.get("/x")

	if err == nil || body != `{"lin` {
		t.Fatalf("got %q and %v", body, err)
	}
}

func TestACutAtTheResponseLeavesTheServersWorkDone(t *testing.T) {
	reached := 0
	s := newStage(t, nil, func(http.ResponseWriter, *http.Request) { reached++ })
	s.rule(Rule{Action: Cut, Method: "^POST$"})

	_, err := s.client.Post(s.URL+"/x", "text/plain", strings.NewReader("x"))

	if err == nil || reached != 1 {
		t.Fatalf("got %v, reached %d", err, reached)
	}
}

func TestACutAtTheRequestKeepsItFromTheServer(t *testing.T) {
	reached := 0
	s := newStage(t, nil, func(http.ResponseWriter, *http.Request) { reached++ })
	s.rule(Rule{Action: Cut, At: AtRequest, Reset: true})

	_, err := s.client.Post(s.URL+"/x", "text/plain", strings.NewReader("x"))

	if err == nil || reached != 0 {
		t.Fatalf("got %v, reached %d", err, reached)
	}
}

func TestDroppedEventsAreLeftOutOfTheStream(t *testing.T) {
	s := newStage(t, nil, lines)
	s.rule(Rule{Action: Drop, Pattern: `"line":(2|3)`})

	_, body, err := s.get("/x?watch=true")

	if err != nil || body != "{\"line\":1}\n{\"line\":4}\n" {
		t.Fatalf("got %q and %v", body, err)
	}
}

func TestAnExpiredWatchIsToldInsideTheStream(t *testing.T) {
	s := newStage(t, nil, lines)
	s.rule(Rule{Action: Expire, Lines: 1})

	status, body, err := s.get("/x?watch=1")

	var event struct {
		Type   string
		Object struct{ Code int }
	}
	parts := strings.SplitAfter(body, "\n")
	if err != nil || status != 200 || len(parts) != 3 || parts[0] != "{\"line\":1}\n" {
		t.Fatalf("got %d %q %v", status, body, err)
	}
	if err := json.Unmarshal([]byte(parts[1]), &event); err != nil || event.Type != "ERROR" || event.Object.Code != 410 {
		t.Fatalf("got %q, %v", parts[1], err)
	}
}

func TestAnExpiredListIsTheStatus410(t *testing.T) {
	s := newStage(t, nil, lines)
	s.rule(Rule{Action: Expire})

	status, body, _ := s.get("/x?limit=500")

	if status != http.StatusGone || !strings.Contains(body, `"reason":"Expired"`) {
		t.Fatalf("got %d %q", status, body)
	}
}

func TestAReplayedAnswerIsTheOneThatWasRecorded(t *testing.T) {
	version := 0
	s := newStage(t, nil, func(writer http.ResponseWriter, _ *http.Request) {
		version++
		fmt.Fprintf(writer, "version %d", version)
	})
	s.rule(Rule{ID: "keep", Action: Record, Name: "old", Path: "^/list$"})
	if _, body, _ := s.get("/list?resourceVersion=5"); body != "version 1" {
		t.Fatalf("got %q", body)
	}
	s.Rules.Remove("keep")
	if _, body, _ := s.get("/list"); body != "version 2" {
		t.Fatalf("got %q", body)
	}

	s.rule(Rule{Action: Replay, Name: "old", Path: "^/list$"})
	status, body, err := s.get("/list?resourceVersion=9")

	if err != nil || status != 200 || body != "version 1" || version != 2 {
		t.Fatalf("got %d %q %v at version %d", status, body, err, version)
	}
}

func TestAnOpenStreamIsCutFromOutside(t *testing.T) {
	s := newStage(t, nil, func(writer http.ResponseWriter, request *http.Request) {
		fmt.Fprintln(writer, "first")
		_ = http.NewResponseController(writer).Flush()
		<-request.Context().Done()
	})
	response, err := s.client.Get(s.URL + "/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	reader := bufio.NewReader(response.Body)
	if first, err := reader.ReadString('\n'); err != nil || first != "first\n" {
		t.Fatalf("got %q and %v", first, err)
	}

	count := s.Cut(Filter{}, false)
	_, err = reader.ReadString('\n')

	if count != 1 || err == nil {
		t.Fatalf("cut %d, then %v", count, err)
	}
}

func TestTheJournalTellsEveryRequestTwiceInItsFile(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "journal")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	s := newStage(t, file, func(writer http.ResponseWriter, _ *http.Request) { writer.WriteHeader(http.StatusConflict) })

	response, err := s.client.Post(s.URL+"/services", "application/json", strings.NewReader(`{"name":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	entries, ok := s.Journal.Wait(ctx, Filter{Done: true}, 1)
	content, _ := os.ReadFile(file.Name())

	if !ok || entries[0].Status != 409 || entries[0].Body != `{"name":"x"}` || s.Journal.Counters()["POST /services"] != 1 {
		t.Fatalf("got %+v", entries)
	}
	told := strings.Split(strings.TrimSpace(string(content)), "\n")
	if len(told) != 2 || !strings.Contains(told[0], `"event":"request"`) || !strings.Contains(told[1], `"status":409`) {
		t.Fatalf("the file says %q", told)
	}
}
