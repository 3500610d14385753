package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"bankgraph/db/dbtest"
)

// balancer sends requests to the replicas that say that they are ready, one after the other.
type balancer struct {
	client   *http.Client
	replicas []*replica
	next     atomic.Int64
}

type replica struct {
	base     atomic.Pointer[string]
	isReady  atomic.Bool
	answered atomic.Int64
}

// poll asks a replica whether it is ready, until stop is closed.
func (b *balancer) poll(r *replica, stop <-chan struct{}) {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		response, err := b.client.Get(*r.base.Load() + "/readyz")
		if err == nil {
			response.Body.Close()
		}
		r.isReady.Store(err == nil && response.StatusCode == http.StatusOK)
		select {
		case <-stop:
			return
		case <-ticker.C:
		}
	}
}

// ask sends one request to a replica that is ready.
func (b *balancer) ask(token string) error {
	for {
		r := b.replicas[int(b.next.Add(1))%len(b.replicas)]
		if !r.isReady.Load() {
			continue
		}
		body, _ := json.Marshal(map[string]string{"query": `{ customerOverview(bankId: "gh.29.uk", customerNumber: "5987953") { legalName accounts { nodes { label } } } }`})
		request, err := http.NewRequest(http.MethodPost, *r.base.Load()+"/graphql", bytes.NewReader(body))
		if err != nil {
			return err
		}
		request.GetBody = nil // a request that is lost must not be sent again in silence
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := b.client.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK || !bytes.Contains(text, []byte(`"legalName":"`)) || bytes.Contains(text, []byte(`"errors"`)) {
			return fmt.Errorf("%d %s %w", response.StatusCode, text, err)
		}
		r.answered.Add(1)
		return nil
	}
}

// load asks as 32 clients do, and watches which replicas are ready, until stop is closed. It counts the requests that were lost.
func (b *balancer) load(t *testing.T, all *sync.WaitGroup, token string, stop <-chan struct{}) *atomic.Int64 {
	t.Helper()
	for _, r := range b.replicas {
		all.Go(func() { b.poll(r, stop) })
	}
	lost := &atomic.Int64{}
	for range 32 {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := b.ask(token); err != nil && lost.Add(1) <= 10 {
					t.Log(err)
				}
			}
		})
	}
	return lost
}

// TestNoRequestIsLostWhenAReplicaIsReplaced stops one of two replicas under load, and starts it again.
func TestNoRequestIsLostWhenAReplicaIsReplaced(t *testing.T) {
	address, dir := dbtest.URL(t, true), dataDir(t)
	start := func() (*program, string) {
		// The delay is far above what the balancer needs to notice, also on a machine that has much else to do.
		p := startProgram(t, "--addr", "127.0.0.1:0", "--data-dir", dir, "--database-url", address, "--demo", "on", "--drain-delay", "3s", "--log-format", "json",
			"--limit-budget", "100000000", "--limit-restore", "100000000")
		return p, strings.TrimSpace(p.until(t, `GraphQL +(http\S+)/graphql`))
	}
	b := &balancer{client: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}, replicas: []*replica{{}, {}}}
	_, first := start()
	stopped, second := start()
	b.replicas[0].base.Store(&first)
	b.replicas[1].base.Store(&second)
	out, err := command(t, "token", "--data-dir", dir, "--user", "demo-admin").Output()
	if err != nil {
		t.Fatal(err)
	}
	token := strings.TrimSpace(string(out))

	stop := make(chan struct{})
	var all sync.WaitGroup
	lost := b.load(t, &all, token, stop)
	until := func(what string, isSo func() bool) {
		t.Helper()
		deadline := time.Now().Add(time.Minute)
		for ; !isSo(); <-time.After(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("never: " + what)
			}
		}
	}
	answered := func(i int, more int64) func() bool {
		before := b.replicas[i].answered.Load()
		return func() bool { return b.replicas[i].answered.Load() >= before+more }
	}
	func() {
		defer all.Wait()
		defer close(stop)
		until("both replicas answer", answered(1, 100))
		if err := stopped.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := stopped.Wait(); err != nil {
			t.Errorf("it ended with %v: %s", err, stopped.errors)
		}
		until("the other replica goes on", answered(0, 100))
		_, again := start()
		b.replicas[1].base.Store(&again)
		until("the new replica answers", answered(1, 100))
	}()
	total := b.replicas[0].answered.Load() + b.replicas[1].answered.Load()
	if lost.Load() != 0 || total < 300 {
		t.Errorf("%d requests were lost, and %d were answered", lost.Load(), total)
	}
}
