package outbox_test

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"

	"bankgraph/db/dbtest"
	"bankgraph/models"
	"bankgraph/outbox"
)

func TestAPrivateAddressIsNotCalledWhateverItsNameSaidBefore(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	_, port, _ := net.SplitHostPort(r.Listener.Addr().String())
	hooks := r.hooks(false)
	o := newOffice(t, dbtest.Seeded(t), outbox.Options{Hooks: hooks.Resolve(&net.Resolver{PreferGo: true, Dial: rebinding(t)})})
	for _, address := range []string{"https://127.0.0.1:" + port, "https://[::1]:" + port, "https://[::ffff:127.0.0.1]:" + port, "https://169.254.169.254", "https://2130706433:" + port, "https://rebinding.example.com:" + port} {
		o.hook(t, homeBank, address)
	}
	messages := o.happens(t, homeBank, models.EventKindChallengeCreated)
	o.start(t)
	for _, message := range messages {
		eventually(t, func() bool { _, failure, attempts, _ := o.row(t, message); return failure != "" && attempts >= 2 })
		if _, failure, _, _ := o.row(t, message); failure != "UNREACHABLE" { // what is where is for the log alone
			t.Errorf("%s: %s", message.Recipient, failure)
		}
	}
	if n := strings.Count(o.log.String(), "detail=PRIVATE_ADDRESS"); n < 5 || n > 6 { // once a webhook; what no name of a number leads to differs
		t.Errorf("the log tells of %d private addresses: %s", n, o.log)
	}
	if len(messages) != 6 || len(r.all()) > 0 {
		t.Errorf("%d calls for %d messages", len(r.all()), len(messages))
	}
}

// rebinding is a way to a server of names by which every name is at 127.0.0.1.
func rebinding(t *testing.T) func(context.Context, string, string) (net.Conn, error) {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		for {
			asked := make([]byte, 512)
			n, from, err := server.ReadFrom(asked)
			if err != nil {
				return
			}
			end := 12 + slices.Index(asked[12:n], 0) + 5 // the name, its type and its class
			answer := append([]byte{asked[0], asked[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, asked[12:end]...)
			if asked[end-3] == 1 { // an address of IPv4
				answer[7] = 1
				answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1)
			}
			_, _ = server.WriteTo(answer, from)
		}
	}()
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}
}
