package proxy

import (
	"net/http"
	"net/url"
	"sync"
)

const recordingLimit = 64 << 20 // bytes of one recorded answer

// recording is one answer as it was; of a stream, what has come so far.
type recording struct {
	lock   sync.Mutex
	status int
	header http.Header
	body   []byte
}

func (r *recording) Write(part []byte) (int, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	room := recordingLimit - len(r.body)
	r.body = append(r.body, part[:min(room, len(part))]...)
	return len(part), nil
}

func (r *recording) content() []byte {
	r.lock.Lock()
	defer r.lock.Unlock()
	return append([]byte(nil), r.body...)
}

// recordings are answers by name and request; the latest one of a request counts.
type recordings struct {
	lock   sync.Mutex
	inside map[string]*recording
}

func (r *recordings) start(name string, request *http.Request, answer *http.Response) *recording {
	r.lock.Lock()
	defer r.lock.Unlock()
	made := &recording{status: answer.StatusCode, header: answer.Header.Clone()}
	if r.inside == nil {
		r.inside = map[string]*recording{}
	}
	r.inside[recordingKey(name, request.URL)] = made
	return made
}

func (r *recordings) find(name string, request *http.Request) *recording {
	r.lock.Lock()
	defer r.lock.Unlock()
	return r.inside[recordingKey(name, request.URL)]
}

// recordingKey leaves out what differs between two askings of the same question.
func recordingKey(name string, target *url.URL) string {
	query := target.Query()
	for _, key := range []string{"resourceVersion", "resourceVersionMatch", "timeoutSeconds", "timeout"} {
		query.Del(key)
	}
	return name + " " + target.Path + "?" + query.Encode()
}
