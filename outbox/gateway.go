package outbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"bankgraph/models"
)

// The headers that let a gateway tell that a call is ours, and new: the signature is the HMAC-SHA256, in hexadecimal, of the timestamp, a full stop and the body. A
// gateway refuses timestamps that are more than some minutes old, and answers an identifier that it has seen without sending anything.
const (
	TimestampHeader = "Bankgraph-Timestamp" // seconds since 1970
	SignatureHeader = "Bankgraph-Signature"
)

const (
	// gatewayTime is how long a gateway may take for one message.
	gatewayTime = 10 * time.Second
	// leastGatewaySecret is in bytes.
	leastGatewaySecret = 32
	// mostRead is how much of an answer is read, so that the connection can be used again. Nothing of it is kept.
	mostRead = 64 << 10
)

// Gateway sends text messages: a webhook that an operator names.
type Gateway struct {
	address *url.URL
	secret  []byte
	client  *http.Client
}

// GatewayOptions say where the webhook is.
type GatewayOptions struct {
	URL                string         // https://…
	Secret             []byte         // shared with the gateway: at least 32 bytes
	TrustedAuthorities *x509.CertPool // who may vouch for it; nil for those whom the system trusts
}

// OpenGateway is a Gateway. It does not connect: one that is down must not keep the program from starting.
func OpenGateway(o GatewayOptions) (*Gateway, error) {
	address, err := url.Parse(o.URL)
	// The address may hold a secret: it is not repeated.
	if err != nil || address.Scheme != "https" || address.Hostname() == "" || address.Fragment != "" {
		return nil, errors.New("the address of the gateway for text messages is not understood: it should look like https://gateway.example.com/send")
	}
	if len(o.Secret) < leastGatewaySecret {
		return nil, fmt.Errorf("the secret that is shared with the gateway for text messages should have at least %d bytes, such as what `openssl rand -base64 48` prints", leastGatewaySecret)
	}
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		TLSClientConfig:     &tls.Config{RootCAs: o.TrustedAuthorities, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: atOnce, IdleConnTimeout: time.Minute,
		MaxResponseHeaderBytes: mostRead,
	}
	// A redirect would take the code somewhere that nobody has named.
	follow := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Gateway{address, o.Secret, &http.Client{Transport: transport, CheckRedirect: follow}}, nil
}

// textMessage is the body of a call.
type textMessage struct {
	MessageID string `json:"messageId"`
	To        string `json:"to"`
	Text      string `json:"text"`
}

// carry calls the gateway. The body is the same, byte for byte, whenever the same message is carried again.
func (g *Gateway) carry(ctx context.Context, message *models.OutboxMessage, code string) *failure {
	ctx, cancel := context.WithTimeout(ctx, gatewayTime)
	defer cancel()
	text, err := textOf(message, code)
	if err != nil {
		return &failure{class: "WORDS", isFinal: true}
	}
	body, err := json.Marshal(textMessage{message.MessageID.String(), message.Recipient, text})
	if err != nil {
		return &failure{class: "WORDS", isFinal: true}
	}
	timestamp := strconv.FormatInt(time.Now().Unix(), 10)
	response, failed := post(ctx, g.client, g.address.String(), body, http.Header{
		TimestampHeader: {timestamp}, SignatureHeader: {hex.EncodeToString(Sign(g.secret, timestamp, body))},
	})
	if failed != nil {
		return failed
	}
	defer response.Body.Close() //nolint:errcheck // nothing of it is needed
	outcome := meaning(response, time.Now())
	if outcome == nil {
		discard(response)
	}
	return outcome
}

// post calls a server that takes messages.
func post(ctx context.Context, client *http.Client, address string, body []byte, headers http.Header) (*http.Response, *failure) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, &failure{class: "WORDS", isFinal: true}
	}
	request.Header = headers
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "bankgraph")
	response, err := client.Do(request)
	if err != nil {
		return nil, &failure{class: unreachable(ctx, err)}
	}
	return response, nil
}

// discard reads what is left of an answer, so that the connection can be used again: the message was taken, whatever happens to the rest.
func discard(response *http.Response) {
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, mostRead))
}

// Sign is what proves that a body was sent by us at a time.
func Sign(secret []byte, timestamp string, body []byte) []byte {
	sum := hmac.New(sha256.New, secret)
	sum.Write([]byte(timestamp + "."))
	sum.Write(body)
	return sum.Sum(nil)
}

// unreachable is the class of a call that had no answer.
func unreachable(ctx context.Context, err error) string {
	var wrong *tls.CertificateVerificationError
	var network net.Error
	switch {
	case errors.As(err, &wrong):
		return "CERTIFICATE"
	case errors.Is(err, errPrivate):
		return "PRIVATE_ADDRESS"
	case ctx.Err() != nil, errors.As(err, &network) && network.Timeout():
		return "TIMEOUT"
	}
	return "UNREACHABLE"
}

// meaning is what the status of an answer says; nothing else of it counts but how long to wait.
func meaning(response *http.Response, now time.Time) *failure {
	class := fmt.Sprintf("REFUSED_%d", response.StatusCode)
	switch status := response.StatusCode; {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= 500:
		return &failure{class: class, after: retryAfter(response.Header.Get("Retry-After"), now)}
	default: // also a redirect
		return &failure{class: class, isFinal: true}
	}
}

// retryAfter is how long a server asks to wait, in seconds or until an instant; 0 when it does not say so understandably.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if until, err := http.ParseTime(header); err == nil && until.After(now) {
		return until.Sub(now)
	}
	return 0
}
