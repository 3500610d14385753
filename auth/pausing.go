package auth

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"time"
)

// maxKeySet bounds what an issuer may send us.
const maxKeySet = 1 << 20

// pausing is a transport that asks for the same address at most once in a pause, and gives the last
// good answer in between. An answer that is not good is not kept: the next call tries again.
type pausing struct {
	next  http.RoundTripper
	pause time.Duration
	now   func() time.Time

	mu      sync.Mutex
	answers map[string]answer
}

type answer struct {
	at     time.Time
	header http.Header
	body   []byte
}

// RoundTrip implements http.RoundTripper.
func (p *pausing) RoundTrip(request *http.Request) (*http.Response, error) {
	// One at a time: a flood of unknown keys waits for one fetch instead of starting its own.
	p.mu.Lock()
	defer p.mu.Unlock()
	address := request.URL.String()
	if kept, known := p.answers[address]; known && p.now().Sub(kept.at) < p.pause {
		return kept.response(request), nil
	}
	response, err := p.next.RoundTrip(request)
	if err != nil || response.StatusCode != http.StatusOK {
		return response, err
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	body, err := io.ReadAll(io.LimitReader(response.Body, maxKeySet))
	if err != nil {
		return nil, err
	}
	if p.answers == nil {
		p.answers = map[string]answer{}
	}
	fresh := answer{at: p.now(), header: response.Header, body: body}
	p.answers[address] = fresh
	return fresh.response(request), nil
}

func (a answer) response(request *http.Request) *http.Response {
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header.Clone(), Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)), Request: request,
	}
}
