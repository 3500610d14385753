package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"bankgraph/db/dbtest"
)

// TestSocketThroughAllThatStandsBeforeTheGraph connects through every handler of the server: one that hides what its
// writer can do would keep all sockets out.
func TestSocketThroughAllThatStandsBeforeTheGraph(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	conn, _, err := websocket.Dial(t.Context(), d.url+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	for _, step := range []struct{ message, answer string }{
		{fmt.Sprintf(`{"type":"connection_init","payload":{"authorization":"Bearer %s"}}`, d.tokens["demo-owner"]), `{"type":"connection_ack"}`},
		{`{"type":"subscribe","id":"1","payload":{"query":"{ viewer { user { username } } }"}}`, `{"id":"1","type":"error","payload":[{"message":"Send queries and mutations by POST.",`},
	} {
		if err := conn.Write(t.Context(), websocket.MessageText, []byte(step.message)); err != nil {
			t.Fatal(err)
		}
		if _, answer, err := conn.Read(t.Context()); err != nil || !strings.HasPrefix(string(answer), step.answer) {
			t.Errorf("%v %s", err, answer)
		}
	}
	if err := conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
}

// TestASocketIsToldThatTheServerStops ends the program while somebody is connected: it waits until they know.
func TestASocketIsToldThatTheServerStops(t *testing.T) {
	t.Parallel()
	p := startProgram(t, "--addr", "127.0.0.1:0", "--data-dir", dataDir(t), "--demo-customers", "10")
	base := p.until(t, `GraphQL +(http\S+)`)
	conn, _, err := websocket.Dial(t.Context(), base, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	told := make(chan error, 1)
	go func() {
		_, _, err := conn.Read(t.Context())
		told <- err
	}()
	p.end(t)
	if err := <-told; websocket.CloseStatus(err) != websocket.StatusServiceRestart {
		t.Errorf("the socket ended with %v", err)
	}
}
