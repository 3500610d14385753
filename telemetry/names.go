package telemetry

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// maxNames bounds the names that are learnt: each is a dozen of time series in every replica.
	maxNames = 200
	// maxName is longer than the name of any operation that a person writes.
	maxName = 64

	unnamed = "unnamed"
	other   = "other"
)

// names decides which names of operations become labels.
type names struct {
	known func(string) bool

	mu     sync.Mutex
	learnt map[string]struct{}
}

func newNames(known func(string) bool) *names {
	return &names{known: known, learnt: map[string]struct{}{}}
}

// label is the name as a label. mayLearn is for those who may add a name: a stranger who did could use up the places
// of all others.
func (n *names) label(name string, mayLearn bool) string {
	switch {
	case name == "":
		return unnamed
	case len(name) > maxName:
		return other
	case n.known != nil:
		if n.known(name) {
			return name
		}
		return other
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, found := n.learnt[name]; found {
		return name
	}
	if !mayLearn || len(n.learnt) >= maxNames {
		return other
	}
	n.learnt[name] = struct{}{}
	return name
}

// hold counts something in until it is let go, which counts only once.
func hold(gauge prometheus.Gauge) func() {
	gauge.Inc()
	return sync.OnceFunc(gauge.Dec)
}
