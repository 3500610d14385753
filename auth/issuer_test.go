package auth

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"bankgraph/models"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

func TestTrust(t *testing.T) {
	t.Parallel()

	t.Run("each issuer signs for itself alone", func(t *testing.T) {
		t.Parallel()
		// The same identifier on both sides, so that only the issuer tells the keys apart.
		first, second := newP256(t, "key"), newP256(t, "key")
		p, q := startProvider(t, first), startProvider(t, second)
		verifier := p.trusted(t)
		if err := verifier.TrustIssuer(t.Context(), q.URL, Audience); err != nil {
			t.Fatal(err)
		}
		if got := wantToken(t, verifier, first.sign(t, p.claims(nil))); got.Issuer != p.URL {
			t.Errorf("got issuer %s", got.Issuer)
		}
		if got := wantToken(t, verifier, second.sign(t, q.claims(nil))); got.Issuer != q.URL {
			t.Errorf("got issuer %s", got.Issuer)
		}
		wantNoToken(t, verifier, first.sign(t, q.claims(nil)))
		wantNoToken(t, verifier, second.sign(t, p.claims(nil)))
	})

	t.Run("each issuer has an audience of its own", func(t *testing.T) {
		t.Parallel()
		key := newP256(t, "key")
		p := startProvider(t, key)
		verifier := NewVerifier()
		if err := verifier.TrustIssuer(t.Context(), p.URL, "another-audience"); err != nil {
			t.Fatal(err)
		}
		wantToken(t, verifier, key.sign(t, p.claims(map[string]any{"aud": "another-audience"})))
		wantNoToken(t, verifier, key.sign(t, p.claims(nil)))
	})

	t.Run("a provider that is down at the start is named", func(t *testing.T) {
		t.Parallel()
		key := newP256(t, "key")
		p := startProvider(t, key)
		p.Close()
		verifier := NewVerifier()
		err := verifier.TrustIssuer(t.Context(), p.URL, Audience)
		if err == nil || !strings.Contains(err.Error(), p.URL) || !strings.Contains(err.Error(), "issuer") {
			t.Errorf("got error %v, want one that names %s", err, p.URL)
		}
		wantNoToken(t, verifier, key.sign(t, p.claims(nil)))
	})

	for name, handler := range map[string]http.HandlerFunc{
		"a server that is no provider is named":  http.NotFound,
		"a provider in trouble is named":         func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "later", http.StatusInternalServerError) },
		"a provider that talks no JSON is named": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"a provider that calls itself otherwise is refused": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"issuer":"https://evil.example"}`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(handler)
			t.Cleanup(server.Close)
			verifier := NewVerifier()
			if err := verifier.TrustIssuer(t.Context(), server.URL, Audience); err == nil || !strings.Contains(err.Error(), server.URL) {
				t.Errorf("got error %v, want one that names %s", err, server.URL)
			}
			if len(verifier.issuers) != 0 {
				t.Error("it is trusted all the same")
			}
		})
	}
}

func TestVerifierFetchesKeys(t *testing.T) {
	t.Parallel()

	t.Run("a flood of unknown keys does not become a flood at the provider", func(t *testing.T) {
		t.Parallel()
		key, other := newP256(t, "key"), newP256(t, "")
		p := startProvider(t, key)
		verifier := p.trusted(t)
		var flood sync.WaitGroup
		// Four at once, each 50 in a row: the library itself makes one fetch of those that come at once.
		for range 4 {
			flood.Go(func() {
				for range 50 {
					token := signingKey{other.Signer, rand.Text(), jose.ES256}.sign(t, p.claims(nil))
					if identity, err := verifier.Verify(t.Context(), token); identity != nil || err == nil {
						t.Errorf("a token with an invented key speaks for %v", identity)
					}
				}
			})
		}
		flood.Wait()
		wantToken(t, verifier, key.sign(t, p.claims(nil)))
		// Within one pause it is one fetch. A machine so slow that the test takes longer may fetch once more each pause.
		if fetched := p.fetched(); fetched < 1 || fetched > 3 {
			t.Errorf("the keys were fetched %d times", fetched)
		}
	})

	t.Run("a new key is taken after the pause, and the old one no more", func(t *testing.T) {
		t.Parallel()
		before, after := newP256(t, "before"), newRSA(t, "after", jose.RS256)
		p := startProvider(t, before)
		watch := &clock{at: startOfTime}
		verifier := trustedAt(t, p, watch)
		wantToken(t, verifier, before.sign(t, p.claims(nil)))

		p.rotate(after)
		watch.pass(keyFetchPause - 1)
		wantNoToken(t, verifier, after.sign(t, p.claims(nil)))
		wantToken(t, verifier, before.sign(t, p.claims(nil)))
		if fetched := p.fetched(); fetched != 1 {
			t.Errorf("the keys were fetched %d times within the pause", fetched)
		}

		watch.pass(1)
		wantToken(t, verifier, after.sign(t, p.claims(nil)))
		wantNoToken(t, verifier, before.sign(t, p.claims(nil)))
		if fetched := p.fetched(); fetched != 2 {
			t.Errorf("the keys were fetched %d times, want once a pause", fetched)
		}
	})
}

func TestVerifierOutlivesItsProvider(t *testing.T) {
	t.Parallel()

	t.Run("a provider that goes down later does not log out who has a known key", func(t *testing.T) {
		t.Parallel()
		known, unknown := newP256(t, "known"), newP256(t, "unknown")
		p := startProvider(t, known)
		watch := &clock{at: startOfTime}
		verifier := trustedAt(t, p, watch)
		wantToken(t, verifier, known.sign(t, p.claims(nil)))
		p.fail(true)
		watch.pass(10 * keyFetchPause)
		wantToken(t, verifier, known.sign(t, p.claims(nil)))
		// Whether the token holds cannot be known: that is no reason to send its owner to log in again.
		if _, err := verifier.Verify(t.Context(), unknown.sign(t, p.claims(nil))); models.CodeOf(err) != models.Unavailable {
			t.Errorf("a key that cannot be fetched is %v", err)
		}
		wantToken(t, verifier, known.sign(t, p.claims(nil)))

		// Back again: nothing of the failure was kept.
		p.rotate(known, unknown)
		p.fail(false)
		wantToken(t, verifier, unknown.sign(t, p.claims(nil)))
	})
}

// trustedAt is what TrustIssuer does, by another clock.
func trustedAt(t *testing.T, p *provider, clock *clock) *Verifier {
	t.Helper()
	client := &http.Client{Transport: &pausing{next: http.DefaultTransport, pause: keyFetchPause, now: clock.now}}
	found, err := oidc.NewProvider(oidc.ClientContext(t.Context(), client), p.URL)
	if err != nil {
		t.Fatal(err)
	}
	verifier := NewVerifier()
	verifier.issuers = []*oidc.IDTokenVerifier{found.Verifier(&oidc.Config{ClientID: Audience, SupportedSigningAlgs: algorithms})}
	return verifier
}

func TestVerifierKeepsTokens(t *testing.T) {
	t.Parallel()

	t.Run("a token that was kept ends when its time is over", func(t *testing.T) {
		t.Parallel()
		key := newP256(t, "key")
		p := startProvider(t, key)
		verifier, watch := p.trusted(t), &clock{at: time.Now()}
		verifier.now = watch.now
		token := key.sign(t, p.claims(map[string]any{"exp": watch.at.Add(keptFor / 2).Unix()}))
		expires := wantToken(t, verifier, token).ExpiresAt
		wantToken(t, verifier, token)
		watch.pass(expires.Sub(watch.at))
		// The issuer's key is asked again, as for a token that nobody knows.
		verifier.issuers = nil
		wantNoToken(t, verifier, token)
	})

	t.Run("a token whose key is withdrawn is kept no longer than keys are", func(t *testing.T) {
		t.Parallel()
		before, after := newP256(t, "before"), newRSA(t, "after", jose.RS256)
		p := startProvider(t, before)
		watch := &clock{at: startOfTime}
		verifier := trustedAt(t, p, watch)
		verifier.now = watch.now
		token := before.sign(t, p.claims(nil))
		wantToken(t, verifier, token)
		p.rotate(after)
		watch.pass(keyFetchPause)
		wantToken(t, verifier, after.sign(t, p.claims(nil))) // fetches the keys
		wantNoToken(t, verifier, token)
	})

	t.Run("what is changed in a token that was kept is refused", func(t *testing.T) {
		t.Parallel()
		key := newP256(t, "key")
		p := startProvider(t, key)
		verifier := p.trusted(t)
		token := key.sign(t, p.claims(nil))
		wantToken(t, verifier, token)
		wantNoToken(t, verifier, token[:len(token)-8]+"AAAAAAAA")
	})
}
