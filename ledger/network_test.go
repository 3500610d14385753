package ledger_test

import (
	"bytes"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// network stands between a ledger and its database, and loses answers when told to.
type network struct {
	listener net.Listener
	target   atomic.Pointer[string]
	losing   atomic.Int32 // so many answers to commits are still to be lost
	lost     atomic.Int32
	deaf     atomic.Int32 // so many commits are still to be lost before they arrive
}

func newNetwork(t testing.TB, address string) *network {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &network{listener: listener}
	n.aim(t, address)
	var group sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		group.Wait()
	})
	group.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() { n.carry(client) })
		}
	})
	return n
}

// aim leads new connections to the server of an address.
func (n *network) aim(t testing.TB, address string) {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	n.target.Store(&parsed.Host)
}

// through is an address by way of the network.
func (n *network) through(t testing.TB, address string) string {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	parsed.Host = n.listener.Addr().String()
	return parsed.String()
}

func (n *network) carry(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", *n.target.Load())
	if err != nil {
		return
	}
	var isCommitting atomic.Bool
	var group sync.WaitGroup
	group.Go(func() {
		defer server.Close()
		for buffer := make([]byte, 1<<20); ; {
			read, err := client.Read(buffer)
			if err != nil {
				return
			}
			if bytes.Contains(buffer[:read], []byte("COMMIT\x00")) {
				if n.deaf.Load() > 0 {
					n.deaf.Add(-1)
					n.lost.Add(1)
					return
				}
				isCommitting.Store(true)
			}
			if _, err := server.Write(buffer[:read]); err != nil {
				return
			}
		}
	})
	group.Go(func() {
		defer client.Close()
		for buffer := make([]byte, 1<<20); ; {
			read, err := server.Read(buffer)
			if err != nil {
				return
			}
			if isCommitting.Swap(false) && n.losing.Load() > 0 && bytes.Contains(buffer[:read], []byte("COMMIT\x00")) {
				n.losing.Add(-1)
				n.lost.Add(1)
				return
			}
			if _, err := client.Write(buffer[:read]); err != nil {
				return
			}
		}
	})
	group.Wait()
}
