package ledger_test

import (
	"bytes"
	"sync/atomic"
	"testing"

	"bankgraph/db/dbtest"
)

// network stands between a ledger and its database, and loses answers when told to.
type network struct {
	*dbtest.Proxy
	losing atomic.Int32 // so many answers to commits are still to be lost
	lost   atomic.Int32
	deaf   atomic.Int32 // so many commits are still to be lost before they arrive
}

func newNetwork(t testing.TB) *network {
	t.Helper()
	n := &network{}
	n.Proxy = dbtest.NewProxy(t, n.traffic)
	return n
}

func (n *network) traffic() dbtest.Traffic {
	var isCommitting atomic.Bool
	commit := []byte("COMMIT\x00")
	return dbtest.Traffic{
		ToServer: dbtest.While(func(said []byte) bool {
			if !bytes.Contains(said, commit) {
				return true
			}
			if n.deaf.Load() > 0 {
				n.deaf.Add(-1)
				n.lost.Add(1)
				return false
			}
			isCommitting.Store(true)
			return true
		}),
		ToClient: dbtest.While(func(said []byte) bool {
			if isCommitting.Swap(false) && n.losing.Load() > 0 && bytes.Contains(said, commit) {
				n.losing.Add(-1)
				n.lost.Add(1)
				return false
			}
			return true
		}),
	}
}
