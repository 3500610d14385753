package dbtest

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Proxy stands between clients and a Postgres. What passes may be looked at, and lost; connections may be cut, or led to another server.
type Proxy struct {
	listener *net.TCPListener
	traffic  func() Traffic
	carriers sync.WaitGroup

	mu      sync.Mutex
	server  func(context.Context) (net.Conn, error)
	clients map[*net.TCPConn]bool
}

// Traffic is how what one side says comes to the other; nil is as it was said. The connection is over when either returns.
type Traffic struct {
	ToServer, ToClient func(to io.Writer, from io.Reader)
}

// NewProxy is a proxy that Aim leads to its server, until the test ends. Each connection has a traffic of its own; nil lets everything pass.
func NewProxy(t testing.TB, traffic func() Traffic) *Proxy {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: listener.(*net.TCPListener), traffic: traffic, clients: map[*net.TCPConn]bool{}}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context())) // what is looked at when a test ends may need a connection
	var accepting sync.WaitGroup
	accepting.Go(func() { p.accept(ctx) })
	t.Cleanup(func() {
		cancel()
		p.Close()
		accepting.Wait()
		p.Cut(false)
		p.carriers.Wait()
	})
	return p
}

// Aim leads new connections to the server of an address, and gives that address by way of the proxy. It is without encryption when the traffic is looked at.
func (p *Proxy) Aim(t testing.TB, address string) string {
	t.Helper()
	config, err := pgx.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	p.server = func(ctx context.Context) (net.Conn, error) {
		network, at := pgconn.NetworkAddress(config.Host, config.Port)
		return config.DialFunc(ctx, network, at)
	}
	p.mu.Unlock()
	through := mustParse(address)
	through.Host = p.listener.Addr().String()
	query := through.Query()
	query.Del("host")
	query.Del("port")
	if p.traffic != nil {
		query.Set("sslmode", "disable")
	}
	through.RawQuery = query.Encode()
	return through.String()
}

// Close has the proxy take no new connections. Those that there are go on.
func (p *Proxy) Close() { _ = p.listener.Close() }

// Cut ends all connections on the clients' side: by an end, or by a reset.
func (p *Proxy) Cut(isReset bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for client := range p.clients {
		if isReset {
			_ = client.SetLinger(0)
		}
		_ = client.Close()
	}
	clear(p.clients)
}

func (p *Proxy) accept(ctx context.Context) {
	for {
		client, err := p.listener.AcceptTCP()
		if err != nil {
			return
		}
		p.mu.Lock()
		p.clients[client] = true
		dial := p.server
		p.mu.Unlock()
		p.carriers.Go(func() { p.carry(ctx, client, dial) })
	}
}

func (p *Proxy) carry(ctx context.Context, client *net.TCPConn, dial func(context.Context) (net.Conn, error)) {
	defer func() {
		_ = client.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.clients, client)
	}()
	server, err := dial(ctx)
	if err != nil {
		return
	}
	var traffic Traffic
	if p.traffic != nil {
		traffic = p.traffic()
	}
	var group sync.WaitGroup
	group.Go(func() { pass(traffic.ToServer, server, client) })
	group.Go(func() { pass(traffic.ToClient, client, server) })
	group.Wait()
}

func pass(how func(io.Writer, io.Reader), to io.WriteCloser, from io.Reader) {
	defer func() { _ = to.Close() }()
	if how == nil {
		_, _ = io.Copy(to, from) // it ends by an end or by a failure, and the connection is over either way
		return
	}
	how(to, from)
}

// While passes what is said as it comes, until look says that something is not to arrive.
func While(look func(said []byte) bool) func(to io.Writer, from io.Reader) {
	return func(to io.Writer, from io.Reader) {
		for buffer := make([]byte, 1<<20); ; {
			read, err := from.Read(buffer)
			if err != nil || !look(buffer[:read]) {
				return
			}
			if _, err := to.Write(buffer[:read]); err != nil {
				return
			}
		}
	}
}
