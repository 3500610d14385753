package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// newsMetrics are about events and those who follow them.
type newsMetrics struct {
	followers prometheus.Gauge
	delivered prometheus.Counter
	dropped   *prometheus.CounterVec // by code
	lag       prometheus.Histogram
}

func newNewsMetrics(make promauto.Factory) newsMetrics {
	return newsMetrics{
		followers: make.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: "event_subscribers", Help: "Subscriptions that follow a stream of events."}),
		delivered: make.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: "events_delivered_total", Help: "Events that were handed to subscribers, each as often as there are."}),
		dropped:   make.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: "event_subscribers_dropped_total", Help: "Subscribers who were told no more, by extensions.code."}, []string{"code"}),
		lag: make.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Name: "event_lag_seconds", Help: "How old events are, by the clock of the server, when they are read for those who follow their stream.", Buckets: durationBuckets,
		}),
	}
}

// Followed counts somebody who follows events until the function that it returns is called.
func (t *Telemetry) Followed() (ended func()) {
	if t == nil {
		return func() {}
	}
	return hold(t.metrics.news.followers)
}

// EventRead notes how old an event was when it was read.
func (t *Telemetry) EventRead(lag time.Duration) {
	if t != nil {
		t.metrics.news.lag.Observe(lag.Seconds())
	}
}

// EventDelivered counts an event that somebody was handed.
func (t *Telemetry) EventDelivered() {
	if t != nil {
		t.metrics.news.delivered.Inc()
	}
}

// FollowerDropped counts somebody who is told no more. The code is one of the contract.
func (t *Telemetry) FollowerDropped(code string) {
	if t != nil {
		t.metrics.news.dropped.WithLabelValues(code).Inc()
	}
}
