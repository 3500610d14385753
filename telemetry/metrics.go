package telemetry

import (
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// namespace begins the names of all metrics that are ours.
const namespace = "bankgraph"

// The buckets end at the deadline of a request (10 s), at the largest batch (1000 keys), and above what any
// operation of today sends to the database.
var (
	durationBuckets  = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	statementBuckets = []float64{0, 1, 2, 3, 5, 8, 12, 18, 25, 40, 60, 100}
	batchBuckets     = []float64{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000}
)

type metrics struct {
	operations    *prometheus.CounterVec   // by type, operation, status
	errors        *prometheus.CounterVec   // by code
	refused       *prometheus.CounterVec   // by reason
	duration      *prometheus.HistogramVec // by type, operation
	statements    *prometheus.HistogramVec // by type
	batches       *prometheus.HistogramVec // by edge
	challenges    prometheus.Counter
	sockets       prometheus.Gauge
	subscriptions prometheus.Gauge
	transfers     *prometheus.CounterVec // by direction, outcome
	transferring  *prometheus.GaugeVec   // by direction
	messages      *prometheus.CounterVec // by kind, outcome
	news          newsMetrics
}

func newMetrics(registry *prometheus.Registry) *metrics {
	make := promauto.With(registry)
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return make.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	}
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		return make.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets}, labels)
	}
	gauge := func(name, help string) prometheus.Gauge {
		return make.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help})
	}
	m := &metrics{
		operations:    counter("operations_total", "GraphQL operations that were run, by type, name and whether their answer has errors.", "type", "operation", "status"),
		errors:        counter("operation_errors_total", "Errors in answers, by extensions.code.", "code"),
		refused:       counter("refused_requests_total", "Requests of which nothing was run, by the reason.", "reason"),
		duration:      histogram("operation_duration_seconds", "How long operations took, from the received request to the answer.", durationBuckets, "type", "operation"),
		statements:    histogram("operation_sql_statements", "SQL statements of one operation, those that begin and end transactions among them.", statementBuckets, "type"),
		batches:       histogram("loader_batch_keys", "Keys that a loader read at once, by edge of the graph.", batchBuckets, "edge"),
		challenges:    make.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: "challenge_failures_total", Help: "Answers to challenges that were not accepted. When it rises without a reason, somebody guesses."}),
		sockets:       gauge("open_sockets", "WebSocket connections that are open."),
		subscriptions: gauge("running_subscriptions", "Subscriptions that are running."),
		transfers:     counter("file_transfers_total", "Files that were uploaded or downloaded, or not, by what came of it.", "direction", "outcome"),
		messages:      counter("outbox_deliveries_total", "Tries to deliver a message to a user or a webhook, by what came of them: delivered, again, dead or void.", "kind", "outcome"),
		transferring:  make.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: "running_file_transfers", Help: "Files that are on their way."}, []string{"direction"}),
	}
	m.news = newNewsMetrics(make)
	info := make.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: "build_info", Help: "What the program was made from; always 1."}, []string{"version", "revision", "go"})
	info.WithLabelValues(build()).Set(1)
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Refused counts a request of which nothing was run. The reasons are words of the program, never of the request.
func (t *Telemetry) Refused(reason string) {
	if t != nil {
		t.metrics.refused.WithLabelValues(reason).Inc()
	}
}

// SocketOpened counts a WebSocket until the function that it returns is called.
func (t *Telemetry) SocketOpened() (closed func()) {
	if t == nil {
		return func() {}
	}
	return hold(t.metrics.sockets)
}

// SubscriptionStarted counts a subscription until the function that it returns is called.
func (t *Telemetry) SubscriptionStarted() (ended func()) {
	if t == nil {
		return func() {}
	}
	return hold(t.metrics.subscriptions)
}

// Transferred counts a file that was on its way, by what came of it. Both are words of the program.
func (t *Telemetry) Transferred(direction, outcome string) {
	if t != nil {
		t.metrics.transfers.WithLabelValues(direction, outcome).Inc()
	}
}

// Delivered counts a try to deliver a message, by what came of it. Both are words of the program.
func (t *Telemetry) Delivered(kind, outcome string) {
	if t != nil {
		t.metrics.messages.WithLabelValues(kind, outcome).Inc()
	}
}

// TransferStarted counts a file that is on its way until the function that it returns is called.
func (t *Telemetry) TransferStarted(direction string) (ended func()) {
	if t == nil {
		return func() {}
	}
	return hold(t.metrics.transferring.WithLabelValues(direction))
}

// poolMetrics reads the pool when it is asked.
type poolMetrics struct {
	stat    func() *pgxpool.Stat
	entries []poolMetric
}

type poolMetric struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	read func(*pgxpool.Stat) float64
}

// WatchPool adds the metrics of a pool of database connections.
func (t *Telemetry) WatchPool(stat func() *pgxpool.Stat) error {
	if t == nil {
		return nil
	}
	entry := func(name, help string, kind prometheus.ValueType, read func(*pgxpool.Stat) float64) poolMetric {
		return poolMetric{prometheus.NewDesc(namespace+"_database_pool_"+name, help, nil, nil), kind, read}
	}
	return t.registry.Register(&poolMetrics{stat, []poolMetric{
		entry("acquired_connections", "Connections that are in use.", prometheus.GaugeValue, func(s *pgxpool.Stat) float64 { return float64(s.AcquiredConns()) }),
		entry("idle_connections", "Connections that wait for work.", prometheus.GaugeValue, func(s *pgxpool.Stat) float64 { return float64(s.IdleConns()) }),
		entry("max_connections", "Connections that there may be at most.", prometheus.GaugeValue, func(s *pgxpool.Stat) float64 { return float64(s.MaxConns()) }),
		entry("waits_total", "How often somebody waited for a connection since none was idle.", prometheus.CounterValue, func(s *pgxpool.Stat) float64 { return float64(s.EmptyAcquireCount()) }),
		entry("wait_seconds_total", "How long they waited, together.", prometheus.CounterValue, func(s *pgxpool.Stat) float64 { return s.EmptyAcquireWaitTime().Seconds() }),
	}})
}

// Describe names the metrics.
func (p *poolMetrics) Describe(descriptions chan<- *prometheus.Desc) {
	for _, entry := range p.entries {
		descriptions <- entry.desc
	}
}

// Collect reads them.
func (p *poolMetrics) Collect(values chan<- prometheus.Metric) {
	stat := p.stat()
	for _, entry := range p.entries {
		values <- prometheus.MustNewConstMetric(entry.desc, entry.kind, entry.read(stat))
	}
}
