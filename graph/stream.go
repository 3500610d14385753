package graph

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"bankgraph/auth"
)

const (
	// heartbeat is how often a stream says that it lives: proxies cut what is silent for a minute, many for half of one.
	heartbeat = 15 * time.Second
	// slowReader is how long one event may take to be written. Who reads slower is cut off, and can come back.
	slowReader = 5 * time.Second
)

// subscribe streams a subscription for as long as its reader stays and the token holds. It takes one of the seats that
// the caller has for WebSockets, too.
func (t overHTTP) subscribe(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, operation *graphql.OperationContext) {
	ctx := r.Context()
	if err := auth.RequireLogin(ctx); err != nil {
		t.gate.refuse(w, r, &requestError{err: err})
		return
	}
	caller := auth.Caller(ctx)
	leave, refusal := t.seats.take(caller.User.UserID)
	if refusal != nil {
		t.gate.refuse(w, r, &requestError{err: refusal})
		return
	}
	defer leave()
	ctx, cancel := context.WithDeadline(ctx, caller.ExpiresAt)
	defer cancel()
	responses, ctx := exec.DispatchOperation(ctx, operation)
	t.stream(ctx, w, t.drain, responses)
}

// stream writes responses as server-sent events, in the way of graphql-sse's distinct connections. One goroutine waits
// for responses, and only this one writes. The responses come to an end by themselves, with their own context; what ends
// the stream before is that its reader is gone, or drain.
func (t overHTTP) stream(ctx context.Context, w http.ResponseWriter, drain <-chan struct{}, responses graphql.ResponseHandler) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type placed struct {
		response *graphql.Response
		cursor   string
	}
	pending, delivery := make(chan placed), deliveryOf(ctx)
	go func() {
		defer close(pending)
		defer func() {
			if fault := recover(); fault != nil { // outside of the request's own goroutine it would end the program
				_ = t.gate.present(ctx, recovered(ctx, fault)) // for the log: the stream ends without it
			}
		}()
		for response := responses(ctx); response != nil; response = responses(ctx) {
			select {
			case pending <- placed{response, delivery.current}:
			case <-ctx.Done():
				return
			}
		}
	}()

	w.Header().Set("Content-Type", string(eventStream)+"; charset=utf-8")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would keep events until it has a page of them
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{}) // the body was read; the time for it must not end the stream
	send := func(text []byte) bool {
		_ = control.SetWriteDeadline(time.Now().Add(slowReader))
		if _, err := w.Write(text); err != nil {
			return false
		}
		return control.Flush() == nil
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for isRead := send([]byte(":\n\n")); isRead; {
		select {
		case next, more := <-pending:
			if !more && ctx.Err() == nil {
				send([]byte("event: complete\ndata:\n\n")) // a browser drops events without data
			}
			if !more {
				return
			}
			var event bytes.Buffer
			if next.cursor != "" { // a browser that comes back sends it as Last-Event-ID
				event.WriteString("id: " + next.cursor + "\n")
			}
			event.WriteString("event: next\ndata: ")
			appendAnswer(&event, next.response)
			event.WriteString("\n\n")
			isRead = send(event.Bytes())
		case <-beat.C:
			isRead = send([]byte(":\n\n"))
		case <-drain:
			return // without "complete", so that the client comes back, to another replica
		case <-ctx.Done():
			return
		}
	}
}
