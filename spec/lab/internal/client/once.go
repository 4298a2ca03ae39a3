package client

import (
	"fmt"
	"io"
	"net/http"

	"k8s.io/klog/v2"
)

// once is a transport whose failures count at once: a test that cuts a connection wants to see that, and not ten retries
// a second apart, which client-go makes when it recognizes the error.
type once struct {
	http.RoundTripper
}

func (o once) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := o.RoundTripper.RoundTrip(request)
	if err != nil && request.Context().Err() == nil {
		err = fmt.Errorf("no answer: %v", err) // not %w: nobody shall recognize it
	}
	return response, err
}

// beQuiet keeps client-go's own complaints off standard error, where a test looks for ours.
func beQuiet() {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
}
