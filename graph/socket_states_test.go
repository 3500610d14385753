package graph

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"bankgraph/auth"
)

func TestSocketW01MessagesThatTheProtocolForbids(t *testing.T) {
	t.Parallel()
	d := openSockets(t)
	hello := initOf(d.token)
	for name, test := range map[string]struct {
		messages []string
		code     websocket.StatusCode
	}{
		"W01 subscribe without init":           {[]string{subscribeTo("1", ticks)}, 4401},
		"W01 init twice":                       {[]string{hello, hello}, 4429},
		"W01 init without a token":             {[]string{`{"type":"connection_init"}`}, 4401},
		"W01 init with an empty token":         {[]string{initOf("")}, 4401},
		"W01 init with no token":               {[]string{`{"type":"connection_init","payload":{"authorization":null,"token":"x"}}`}, 4401},
		"W01 init with a strange token":        {[]string{initOf("Bearer strange")}, 4403},
		"W01 init with another scheme":         {[]string{initOf("Basic eA==")}, 4403},
		"W01 init with a number":               {[]string{`{"type":"connection_init","payload":{"Authorization":7}}`}, 4403},
		"W01 init with two tokens":             {[]string{fmt.Sprintf(`{"type":"connection_init","payload":{"Authorization":%q,"authorization":"Bearer x"}}`, d.token)}, 4400},
		"W02 init with an expired token":       {[]string{initOf(d.tokenOf("usual", -time.Hour))}, 4403},
		"the same name twice":                  {[]string{hello, subscribeTo("1", ticks), subscribeTo("1", ticks)}, 4409},
		"init with a list":                     {[]string{`{"type":"connection_init","payload":[]}`}, 4400},
		"not JSON":                             {[]string{`{"type":`}, 4400},
		"not JSON, later":                      {[]string{hello, `canary`}, 4400},
		"a list":                               {[]string{hello, `[]`}, 4400},
		"no UTF-8":                             {[]string{hello, "{\"type\":\"ping\",\"payload\":{\"a\":\"\xff\"}}"}, 4400},
		"no type":                              {[]string{hello, `{"id":"1"}`}, 4400},
		"an unknown type":                      {[]string{hello, `{"type":"start","id":"1","payload":{"query":"subscription { ticks }"}}`}, 4400},
		"a type of the server":                 {[]string{hello, `{"type":"next","id":"1","payload":{}}`}, 4400},
		"a type of the old protocol":           {[]string{`{"type":"connection_terminate"}`}, 4400},
		"ping with a text":                     {[]string{`{"type":"ping","payload":"x"}`}, 4400},
		"subscribe without a name":             {[]string{hello, `{"type":"subscribe","payload":{"query":"subscription { ticks }"}}`}, 4400},
		"subscribe with an endless name":       {[]string{hello, subscribeTo(strings.Repeat("x", maxSubscriptionID+1), ticks)}, 4400},
		"subscribe with a number for its name": {[]string{hello, `{"type":"subscribe","id":1,"payload":{"query":"subscription { ticks }"}}`}, 4400},
		"subscribe without a document":         {[]string{hello, `{"type":"subscribe","id":"1","payload":{}}`}, 4400},
		"subscribe without anything":           {[]string{hello, `{"type":"subscribe","id":"1"}`}, 4400},
		"subscribe with a list":                {[]string{hello, `{"type":"subscribe","id":"1","payload":[{"query":"subscription { ticks }"}]}`}, 4400},
		"subscribe with wrong variables":       {[]string{hello, `{"type":"subscribe","id":"1","payload":{"query":"subscription { ticks }","variables":[]}}`}, 4400},
		"complete without a name":              {[]string{hello, `{"type":"complete"}`}, 4400},
		"a message of 256 KiB and more":        {[]string{hello, subscribeTo("1", ticks+strings.Repeat(" ", 256<<10))}, 1009},
	} {
		t.Run(name, func(t *testing.T) { // one after the other: a user has only some seats
			p := d.connect(nil)
			p.t = t
			for _, message := range test.messages {
				p.send(message)
			}
			for _, message := range p.wantClose(test.code) {
				if message != `{"type":"connection_ack"}` {
					t.Error(message)
				}
			}
			within(t, d.closed)
		})
	}
}

func TestSocketW01SaysHelloInTime(t *testing.T) {
	t.Parallel()
	d := openSockets(t, func(o *Options, _ *http.Server) { o.sockets.init = 50 * time.Millisecond })
	p := d.connect(nil)
	p.send(`{"type":"ping"}`) // a ping is allowed, and no hello
	p.send(`{"type":"pong"}`)
	p.send(`{"type":"complete","id":"1"}`)
	if messages := p.wantClose(4408); len(messages) != 1 || messages[0] != `{"type":"pong"}` {
		t.Error(messages)
	}
	within(t, d.closed)
}

func TestSocketTakesTheTokenOfTheHeader(t *testing.T) {
	t.Parallel()
	d := openSockets(t)
	for name, payload := range map[string]string{
		"without another": `{"type":"connection_init"}`, "before another": initOf("Bearer strange"),
	} {
		p := d.connect(http.Header{"Authorization": {d.token}})
		p.send(payload)
		p.want(`{"type":"connection_ack"}`)
		p.send(subscribeTo("1", ticks))
		if caller := auth.Caller(d.next().ctx); caller == nil || caller.User.Subject != "usual" {
			t.Errorf("%s: %v", name, caller)
		}
	}
	_, response, err := d.dial(&websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer strange"}}, Subprotocols: []string{socketProtocol}}, "")
	if err == nil || response.StatusCode != http.StatusUnauthorized {
		t.Error(err, response)
	}
}

// refusal is how a request for a WebSocket is answered that gets none.
func (d *socketDoor) refusal(t *testing.T, options *websocket.DialOptions, query string) (int, string) {
	t.Helper()
	conn, response, err := d.dial(options, query)
	if err == nil {
		_ = conn.CloseNow()
		return response.StatusCode, ""
	}
	if response == nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(body)
}

func TestSocketW10UpgradesThatAreRefused(t *testing.T) {
	t.Parallel()
	d := openSockets(t)
	for name, test := range map[string]struct {
		protocols []string
		query     string
		status    int
	}{
		"W10 the protocol":                {[]string{socketProtocol}, "", 101},
		"W10 the protocol among others":   {[]string{"graphql-ws", "x", socketProtocol}, "", 101},
		"W10 the old protocol":            {[]string{"graphql-ws"}, "", 400},
		"W10 no protocol":                 {nil, "", 400},
		"W10 the protocol in capitals":    {[]string{"GRAPHQL-TRANSPORT-WS"}, "", 400},
		"W10 a protocol that begins so":   {[]string{socketProtocol + "2"}, "", 400},
		"W01 a token in the address":      {[]string{socketProtocol}, "?access_token=canary", 400},
		"W01 a token by another name":     {[]string{socketProtocol}, "?a=b&Token=canary", 400},
		"W01 a header in the address":     {[]string{socketProtocol}, "?authorization=Bearer%20canary", 400},
		"W01 a token behind a bad escape": {[]string{socketProtocol}, "?x=%zz&access_token=%zz", 400},
		"W01 a token behind a semicolon":  {[]string{socketProtocol}, "?x=1;access_token=canary", 400},
		"something else in the address":   {[]string{socketProtocol}, "?page=2", 101},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, body := d.refusal(t, &websocket.DialOptions{Subprotocols: test.protocols}, test.query)
			if status != test.status || strings.Contains(body, "canary") {
				t.Errorf("%d %s", status, body)
			}
			if status != 101 && !strings.Contains(body, `"code":"BAD_USER_INPUT"`) {
				t.Errorf("%d %s", status, body)
			}
		})
	}
}

func TestSocketG08W10PagesOfOtherSites(t *testing.T) {
	t.Parallel()
	closed := openSockets(t)
	open := openSockets(t, func(o *Options, _ *http.Server) { o.Origins = Origins{"https://good.com", "http://[::1]:8080"} })
	for name, test := range map[string]struct {
		d       *socketDoor
		origins []string
		site    string
		status  int
	}{
		"no page at all":                     {closed, nil, "", 101},
		"the server's own page":              {closed, []string{"OWN"}, "same-origin", 101},
		"its own page in an old browser":     {closed, []string{"OWN"}, "", 101},
		"another page":                       {closed, []string{"https://evil.com"}, "cross-site", 403},
		"another page in an old browser":     {closed, []string{"https://evil.com"}, "", 403},
		"another page that names itself own": {closed, []string{"https://evil.com"}, "same-origin", 403},
		"another page that names none":       {closed, []string{"https://evil.com"}, "none", 403},
		"a page of no origin":                {closed, []string{"null"}, "", 403},
		"an empty origin":                    {closed, []string{""}, "", 403},
		"a file":                             {closed, []string{"file://"}, "", 403},
		"an extension":                       {closed, []string{"chrome-extension://OWN"}, "", 403},
		"the listed page":                    {open, []string{"https://good.com"}, "cross-site", 101},
		"a listed page at an address":        {open, []string{"http://[::1]:8080"}, "cross-site", 101},
		"the listed page, and another":       {open, []string{"https://good.com", "https://evil.com"}, "", 403},
		"the listed page without encryption": {open, []string{"http://good.com"}, "", 403},
		"a longer name":                      {open, []string{"https://good.com.evil.com"}, "", 403},
		"a longer name below":                {open, []string{"https://sub.good.com.evil.com"}, "", 403},
		"a name below":                       {open, []string{"https://sub.good.com"}, "", 403},
		"another port":                       {open, []string{"https://good.com:8443"}, "", 403},
		"another name before it":             {open, []string{"https://good.com@evil.com"}, "", 403},
		"in capitals":                        {open, []string{"HTTPS://GOOD.COM"}, "", 403},
		"no origin, with a list":             {open, []string{"null"}, "cross-site", 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header := http.Header{}
			for _, origin := range test.origins {
				if strings.Contains(origin, "OWN") {
					origin = strings.Replace(origin, "chrome-extension://OWN", "chrome-extension://"+strings.TrimPrefix(test.d.url, "http://"), 1)
					origin = strings.Replace(origin, "OWN", test.d.url, 1)
				}
				header.Add("Origin", origin)
			}
			if test.site != "" {
				header.Set("Sec-Fetch-Site", test.site)
			}
			status, body := test.d.refusal(t, &websocket.DialOptions{HTTPHeader: header, Subprotocols: []string{socketProtocol}}, "")
			if status != test.status || status == 403 && !strings.Contains(body, `"code":"BAD_USER_INPUT"`) {
				t.Errorf("%d %s", status, body)
			}
		})
	}
}

func TestSocketW10NeverCompresses(t *testing.T) {
	t.Parallel()
	d := openSockets(t)
	conn, response, err := d.dial(&websocket.DialOptions{Subprotocols: []string{socketProtocol}, CompressionMode: websocket.CompressionContextTakeover}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	if extensions := response.Header.Get("Sec-WebSocket-Extensions"); extensions != "" {
		t.Error(extensions)
	}
	if response.Header.Get("Cache-Control") != "no-store" || conn.Subprotocol() != socketProtocol {
		t.Error(response.Header)
	}
}

func TestSocketIsForRequestsThatAskForOne(t *testing.T) {
	t.Parallel()
	d := openSockets(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.url, strings.NewReader(`{"query":"{ tick }"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = http.Header{"Content-Type": {"application/json"}, "Upgrade": {"h2c"}, "Connection": {"Upgrade"}}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusOK || !strings.Contains(string(body), `"tick":1`) {
		t.Errorf("%d %s", response.StatusCode, body)
	}
}
