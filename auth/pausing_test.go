package auth

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// startOfTime is when the clocks of the tests begin.
var startOfTime = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// clock is a time that passes when it is told to.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// upstream is the network behind a pausing: what it answers, and what it was asked for.
type upstream struct {
	mu     sync.Mutex
	asked  []string
	answer func() (*http.Response, error)
}

func (u *upstream) RoundTrip(request *http.Request) (*http.Response, error) {
	u.mu.Lock()
	u.asked = append(u.asked, request.URL.String())
	u.mu.Unlock()
	return u.answer()
}

// replies is an upstream that gives an answer with this status and body, and says when the body was closed.
func replies(status int, body string, closed *bool) func() (*http.Response, error) {
	return func() (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: &closable{strings.NewReader(body), closed},
		}, nil
	}
}

type closable struct {
	io.Reader

	closed *bool
}

func (c *closable) Close() error {
	if c.closed != nil {
		*c.closed = true
	}
	return nil
}

// pausingBundle is a pausing with a minute's pause, its clock and its network.
type pausingBundle struct {
	*pausing
	*clock
	*upstream
}

func newPausing(answer func() (*http.Response, error)) pausingBundle {
	clock, upstream := &clock{at: startOfTime}, &upstream{answer: answer}
	return pausingBundle{&pausing{next: upstream, pause: time.Minute, now: clock.now}, clock, upstream}
}

// get asks for an address, and is the status and the body; 0 and the error's text when there was none.
func (b pausingBundle) get(t *testing.T, address string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := b.pausing.RoundTrip(request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

const keysAddress = "https://issuer.example/keys"

func TestPausing(t *testing.T) {
	t.Parallel()

	t.Run("within the pause the last answer is given again, whole", func(t *testing.T) {
		t.Parallel()
		b := newPausing(replies(http.StatusOK, "first", nil))
		for range 3 {
			if status, body := b.get(t, keysAddress); status != http.StatusOK || body != "first" {
				t.Errorf("got %d %q", status, body)
			}
			b.answer = replies(http.StatusOK, "second", nil)
		}
		b.pass(time.Minute - 1)
		if _, body := b.get(t, keysAddress); body != "first" || len(b.asked) != 1 {
			t.Errorf("got %q after %d questions", body, len(b.asked))
		}
	})

	t.Run("after the pause it asks anew, and pauses anew", func(t *testing.T) {
		t.Parallel()
		b := newPausing(replies(http.StatusOK, "first", nil))
		b.get(t, keysAddress)
		b.answer = replies(http.StatusOK, "second", nil)
		b.pass(time.Minute)
		if _, body := b.get(t, keysAddress); body != "second" {
			t.Errorf("got %q", body)
		}
		b.pass(time.Minute - 1)
		if _, body := b.get(t, keysAddress); body != "second" || len(b.asked) != 2 {
			t.Errorf("got %q after %d questions", body, len(b.asked))
		}
	})

	t.Run("each address has an answer of its own", func(t *testing.T) {
		t.Parallel()
		b := newPausing(replies(http.StatusOK, "keys", nil))
		b.get(t, keysAddress)
		b.answer = replies(http.StatusOK, "other", nil)
		for _, address := range []string{keysAddress + "?v=2", keysAddress + "/", "https://other.example/keys", "http://issuer.example/keys"} {
			if _, body := b.get(t, address); body != "other" {
				t.Errorf("%s: got %q", address, body)
			}
		}
		if _, body := b.get(t, keysAddress); body != "keys" || len(b.asked) != 5 {
			t.Errorf("got %q after %d questions", body, len(b.asked))
		}
	})
}

func TestPausingShares(t *testing.T) {
	t.Parallel()

	t.Run("many at once ask one time", func(t *testing.T) {
		t.Parallel()
		reply := replies(http.StatusOK, "keys", nil)
		b := newPausing(func() (*http.Response, error) {
			for range 1_000 {
				runtime.Gosched() // let the others come, so that they could ask as well
			}
			return reply()
		})
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if status, body := b.get(t, keysAddress); status != http.StatusOK || body != "keys" {
					t.Errorf("got %d %q", status, body)
				}
			})
		}
		all.Wait()
		if len(b.asked) != 1 {
			t.Errorf("asked %d times", len(b.asked))
		}
	})

	t.Run("who changes an answer changes it for nobody else", func(t *testing.T) {
		t.Parallel()
		b := newPausing(replies(http.StatusOK, "keys", nil))
		for range 2 {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, keysAddress, nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := b.pausing.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			if got := response.Header.Get("Content-Type"); got != "application/json" || response.Request != request || response.ContentLength != 4 {
				t.Errorf("got type %q, length %d, request %p", got, response.ContentLength, response.Request)
			}
			response.Header.Set("Content-Type", "text/plain")
		}
	})
}

func TestPausingKeepsNoBadAnswers(t *testing.T) {
	t.Parallel()

	refused := errors.New("connection refused")
	broken := func() (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(io.MultiReader(strings.NewReader("half"), failing{refused}))}, nil
	}
	for name, c := range map[string]struct {
		answer func() (*http.Response, error)
		status int
		body   string
	}{
		"an error":             {func() (*http.Response, error) { return nil, refused }, 0, refused.Error()},
		"an answer cut off":    {broken, 0, refused.Error()},
		"a fault of theirs":    {replies(http.StatusInternalServerError, "oops", nil), http.StatusInternalServerError, "oops"},
		"a maintenance":        {replies(http.StatusServiceUnavailable, "later", nil), http.StatusServiceUnavailable, "later"},
		"not found":            {replies(http.StatusNotFound, "gone", nil), http.StatusNotFound, "gone"},
		"a limit":              {replies(http.StatusTooManyRequests, "slowly", nil), http.StatusTooManyRequests, "slowly"},
		"a way to elsewhere":   {replies(http.StatusFound, "", nil), http.StatusFound, ""},
		"an answer of nothing": {replies(http.StatusNoContent, "", nil), http.StatusNoContent, ""},
	} {
		t.Run(name+" is passed on and not kept", func(t *testing.T) {
			t.Parallel()
			b := newPausing(c.answer)
			for range 2 {
				if status, body := b.get(t, keysAddress); status != c.status || body != c.body {
					t.Errorf("got %d %q, want %d %q", status, body, c.status, c.body)
				}
			}
			b.answer = replies(http.StatusOK, "keys", nil)
			if status, body := b.get(t, keysAddress); status != http.StatusOK || body != "keys" {
				t.Errorf("got %d %q once it was well again", status, body)
			}
			if len(b.asked) != 3 {
				t.Errorf("asked %d times, want each time", len(b.asked))
			}
		})
		t.Run(name+" after the pause is not hidden by an older answer", func(t *testing.T) {
			t.Parallel()
			b := newPausing(replies(http.StatusOK, "keys", nil))
			b.get(t, keysAddress)
			b.answer = c.answer
			b.pass(time.Minute)
			if status, body := b.get(t, keysAddress); status != c.status || body != c.body {
				t.Errorf("got %d %q, want %d %q", status, body, c.status, c.body)
			}
		})
	}

	t.Run("the network's answer is closed", func(t *testing.T) {
		t.Parallel()
		var closed bool
		newPausing(replies(http.StatusOK, "keys", &closed)).get(t, keysAddress)
		if !closed {
			t.Error("it stays open, and with it the connection")
		}
	})

	t.Run("an endless answer is cut", func(t *testing.T) {
		t.Parallel()
		b := newPausing(func() (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(endless{})}, nil
		})
		if _, body := b.get(t, keysAddress); len(body) != maxKeySet {
			t.Errorf("got %d bytes, want %d", len(body), maxKeySet)
		}
	})
}

// failing is a body that breaks off.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// endless is a body that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte("x"), len(p))), nil }
