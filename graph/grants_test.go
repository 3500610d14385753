package graph

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/models"
)

// taken are the ways in which a caller loses what a subscription was begun with.
var taken = map[string]struct {
	take func(d *socketDoor)
	code websocket.StatusCode
	say  string // to who reads over HTTP
}{
	"W02 the token expires": {func(d *socketDoor) { d.offset.Store(int64(2 * time.Hour)) }, 4403, "UNAUTHENTICATED"},
	"W02 the application is disabled": {func(d *socketDoor) {
		d.read(func(user models.User, clientID string) (*models.Caller, error) {
			caller, err := enabledCaller(user, clientID)
			caller.IsEnabled = false
			return caller, err
		})
	}, 4403, "UNAUTHENTICATED"},
	"W02 the user was deleted, and is met again": {func(d *socketDoor) {
		d.read(func(user models.User, clientID string) (*models.Caller, error) {
			caller, err := enabledCaller(user, clientID)
			caller.User.UserID = uuid.New()
			return caller, err
		})
	}, 4403, "UNAUTHENTICATED"},
	"the database is away": {func(d *socketDoor) {
		d.read(func(models.User, string) (*models.Caller, error) {
			return nil, models.Errorf(models.Unavailable, "The database is not there at the moment: try again.")
		})
	}, 1013, "UPSTREAM_UNAVAILABLE"},
	"the server is at fault": {func(d *socketDoor) {
		d.read(func(models.User, string) (*models.Caller, error) { return nil, io.ErrUnexpectedEOF })
	}, 1013, "INTERNAL"},
}

func TestSocketW02EndsBeforeTheNextEvent(t *testing.T) {
	t.Parallel()
	for name, test := range taken {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openSockets(t)
			p := d.open(d.token)
			p.send(subscribeTo("1", ticks))
			one := d.next()
			p.send(subscribeTo("2", ticks))
			two := d.next()
			one.tick(1)
			p.wantTick("1", 1)
			test.take(d) // while the library waits for the event
			one.emit(func(ctx context.Context) string {
				if caller := auth.Caller(ctx); caller == nil || len(caller.Entitlements) > 0 {
					t.Error("the event is made with rights that are no more")
				}
				return `{"ticks":2}`
			})
			if messages := p.wantClose(test.code); len(messages) > 0 {
				t.Error(messages)
			}
			within(t, one.ctx.Done())
			within(t, two.ctx.Done())
			within(t, d.closed)
		})
	}
}

func TestSocketW02EndsBeforeTheNextSubscription(t *testing.T) {
	t.Parallel()
	for name, test := range taken {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openSockets(t)
			p := d.open(d.token)
			test.take(d)
			p.send(subscribeTo("1", ticks))
			if messages := p.wantClose(test.code); len(messages) > 0 || len(d.started) > 0 {
				t.Error(messages)
			}
		})
	}
}

func TestSocketW02OfNobodyIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range taken {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openSockets(t)
			test.take(d)
			p := d.connect(nil)
			p.send(initOf(d.token))
			switch name {
			case "W02 the token expires": // the verifier has a clock of its own, but the connection ends at once
				p.wantClose(4403)
			case "W02 the user was deleted, and is met again": // whoever is met is a user
				p.want(`{"type":"connection_ack"}`)
			default:
				if messages := p.wantClose(test.code); len(messages) > 0 {
					t.Error(messages)
				}
			}
		})
	}
}

func TestSocketW02EndsWithTheTokenThoughNothingHappens(t *testing.T) {
	t.Parallel()
	d := openSockets(t)
	// Tokens count in whole seconds: between one and two are left.
	d.offset.Store(int64(time.Hour - 2*time.Second))
	p := d.open(d.token)
	p.send(subscribeTo("1", ticks))
	stream := d.next()
	if messages := p.wantClose(4403); len(messages) > 0 {
		t.Error(messages)
	}
	within(t, stream.ctx.Done())
}

func TestSocketW02WaitsForNoAnswer(t *testing.T) {
	t.Parallel()
	d := openSockets(t)
	p := d.open(d.token)
	p.send(subscribeTo("1", ticks))
	one := d.next()
	p.send(subscribeTo("2", ticks))
	two := d.next()
	d.offset.Store(int64(2 * time.Hour))
	one.tick(1)
	within(t, two.ctx.Done())
	if len(d.closed) > 0 {
		t.Error("what runs on a connection should end before the other side has agreed")
	}
	p.wantClose(4403)
	within(t, d.closed)
}

func TestSocketReadsGrantsAgain(t *testing.T) {
	t.Parallel()
	d := openSockets(t)
	grant := func(role string) {
		d.read(func(user models.User, clientID string) (*models.Caller, error) {
			caller, err := enabledCaller(user, clientID)
			caller.Entitlements[0].Role = role
			return caller, err
		})
	}
	roleOf := func(ctx context.Context) string { return auth.Caller(ctx).Entitlements[0].Role }
	p := d.open(d.token)
	p.send(subscribeTo("1", ticks))
	stream := d.next()
	for number, role := range []string{"second", "third"} {
		grant(role) // while the library waits for the event
		stream.emit(func(ctx context.Context) string {
			if got := roleOf(ctx); got != role {
				t.Errorf("an event is made with the role %s instead of %s", got, role)
			}
			grant("too late") // all of an event is made with the same rights
			if got := roleOf(ctx); got != role {
				t.Errorf("the rights changed from %s to %s within an event", role, got)
			}
			return fmt.Sprintf(`{"ticks":%d}`, number)
		})
		p.wantTick("1", number)
	}
	grant("fourth")
	p.send(subscribeTo("2", ticks))
	if got := roleOf(d.next().ctx); got != "fourth" {
		t.Errorf("a subscription begins with the role %s", got)
	}
}

func TestSocketW02StreamsOverHTTPEndToo(t *testing.T) {
	t.Parallel()
	for name, test := range taken {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openSockets(t)
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.url, strings.NewReader(`{"query":"subscription { ticks }"}`))
			if err != nil {
				t.Fatal(err)
			}
			request.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {"text/event-stream"}, "Authorization": {d.token}}
			body := make(chan string, 1)
			go func() {
				response, err := http.DefaultTransport.RoundTrip(request)
				if err != nil {
					body <- err.Error()
					return
				}
				defer response.Body.Close()
				text, _ := io.ReadAll(response.Body)
				body <- string(text)
			}()
			stream := d.next()
			stream.tick(1)
			test.take(d)
			stream.tick(2)
			text := within(t, body)
			if strings.Contains(text, `"ticks":2`) || !strings.Contains(text, `"code":"`+test.say+`"`) || strings.Count(text, "event: next") > 2 {
				t.Error(text)
			}
		})
	}
}

// TestAMomentOfLoadEndsNoSubscription: a database that has no time for one reading of the caller has some for the next; and of many subscriptions a few read at once.
func TestAMomentOfLoadEndsNoSubscription(t *testing.T) {
	t.Parallel()
	d := openSockets(t)
	p := d.open(d.token)
	var streams []*testedStream
	for i := range 12 {
		p.send(subscribeTo(fmt.Sprint(i), ticks))
		streams = append(streams, d.next())
	}
	var tries, now, most atomic.Int64
	d.read(func(user models.User, clientID string) (*models.Caller, error) {
		for reading := now.Add(1); ; {
			if seen := most.Load(); reading <= seen || most.CompareAndSwap(seen, reading) {
				break
			}
		}
		defer now.Add(-1)
		if tries.Add(1) <= 12 {
			runtime.Gosched()
			return nil, models.Errorf(models.Timeout, "The request took too long and was ended.")
		}
		return enabledCaller(user, clientID)
	})
	for _, one := range streams {
		one.tick(1)
	}
	seen := map[string]bool{}
	for range streams {
		seen[p.want(`{"id":"`)] = true
	}
	if len(seen) != len(streams) || tries.Load() != 24 || most.Load() > grantsAtOnce {
		t.Errorf("%d tries, %d at once: %v", tries.Load(), most.Load(), seen)
	}
}

// seenWith is an event with what was read together with it.
type seenWith struct{ *models.Snapshot }

func (seenWith) Cursor() string            { return "" }
func (s seenWith) Fresh() *models.Snapshot { return s.Snapshot }

// TestSocketW02RightsThatWereReadWithAnEventAreThoseItIsShownWith: they are not read twice, and what is wrong with them ends the connection all the same.
func TestSocketW02RightsThatWereReadWithAnEventAreThoseItIsShownWith(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*models.Caller)
		code   websocket.StatusCode
	}{
		"as they are":                   {func(c *models.Caller) { c.Entitlements[0].Role = "read with the event" }, 0},
		"an application that is closed": {func(c *models.Caller) { c.IsEnabled = false }, 4403},
		"another user of the same name": {func(c *models.Caller) { c.User.UserID = uuid.New() }, 4403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openSockets(t)
			p := d.open(d.token)
			p.send(subscribeTo("1", ticks))
			stream := d.next()
			read, err := enabledCaller(*auth.Caller(stream.ctx).User, auth.Caller(stream.ctx).ClientID)
			if err != nil {
				t.Fatal(err)
			}
			test.change(read)
			d.read(func(models.User, string) (*models.Caller, error) {
				t.Error("the rights are read once more")
				return nil, io.ErrUnexpectedEOF
			})
			deliveryOf(stream.ctx).push(seenWith{&models.Snapshot{At: time.Now(), Caller: read}})
			stream.emit(func(ctx context.Context) string {
				if test.code == 0 && auth.Caller(ctx).Entitlements[0].Role != "read with the event" {
					t.Error("the event is shown with other rights")
				}
				return `{"ticks":1}`
			})
			if test.code == 0 {
				p.wantTick("1", 1)
			} else if messages := p.wantClose(test.code); len(messages) > 0 {
				t.Error(messages)
			}
			if read.ExpiresAt != (time.Time{}) {
				t.Error("what other windows are told with was changed")
			}
		})
	}
}
