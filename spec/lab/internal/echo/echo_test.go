package echo

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

func ask(t *testing.T, target string) (*http.Response, Seen) {
	t.Helper()
	server := httptest.NewServer(Handler("one"))
	defer server.Close()
	request, err := http.NewRequest(http.MethodPut, server.URL+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "shop.example.net"
	request.Header.Add("X-Team", "a")
	request.Header.Add("X-Team", "b")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var seen Seen
	if err := json.NewDecoder(response.Body).Decode(&seen); err != nil {
		t.Fatal(err)
	}
	return response, seen
}

func TestSaysWhatArrivedAndWhere(t *testing.T) {
	response, seen := ask(t, "/a%20b/?x=1")

	if seen.Backend != "one" || seen.Method != "PUT" || seen.Host != "shop.example.net" || seen.Path != "/a%20b/?x=1" {
		t.Errorf("seen %+v", seen)
	}
	if len(seen.Headers["X-Team"]) != 2 || response.Header.Get("X-Backend") != "one" {
		t.Errorf("headers %v, answer %v", seen.Headers, response.Header)
	}
}

func TestAnswersWithTheStatusThatIsAskedFor(t *testing.T) {
	response, _ := ask(t, "/?status=503&delay=1")

	if response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("status %d", response.StatusCode)
	}
}
