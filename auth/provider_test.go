package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// keysPath is where the provider of the tests has its keys.
const keysPath = "/keys"

// provider is an OpenID Connect provider with what a verifier needs of one: discovery and keys.
type provider struct {
	*httptest.Server

	mu      sync.Mutex
	keys    []signingKey
	fetches int // how often the keys were asked for
	failing bool
}

func startProvider(t *testing.T, keys ...signingKey) *provider {
	t.Helper()
	p := &provider{keys: keys}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{
			"issuer": p.URL, "jwks_uri": p.URL + keysPath, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
			// A provider that offers too much must not talk the verifier into it.
			"id_token_signing_alg_values_supported": []string{"none", "HS256", "RS256"},
		})
	})
	mux.HandleFunc("GET "+keysPath, p.serveKeys)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *provider) serveKeys(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fetches++
	if p.failing {
		http.Error(w, "down for maintenance", http.StatusServiceUnavailable)
		return
	}
	var set jose.JSONWebKeySet
	for _, key := range p.keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: key.Public(), KeyID: key.id, Algorithm: string(key.algorithm), Use: "sig"})
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(set)
}

// rotate gives the provider other keys.
func (p *provider) rotate(keys ...signingKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = keys
}

// fail makes the keys unavailable, or available again.
func (p *provider) fail(failing bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failing = failing
}

func (p *provider) fetched() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fetches
}

// claims are those of a good token, with changes; a nil takes a claim out.
func (p *provider) claims(changes map[string]any) map[string]any {
	now := time.Now()
	claims := map[string]any{
		"iss": p.URL, "sub": "user-1", "aud": Audience, "azp": "teller-app", "preferred_username": "susan", "email": "susan@example.com",
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	return claims
}

// trusted is a verifier that has found the provider by itself.
func (p *provider) trusted(t *testing.T) *Verifier {
	t.Helper()
	verifier := NewVerifier()
	if err := verifier.TrustIssuer(t.Context(), p.URL, Audience); err != nil {
		t.Fatal(err)
	}
	return verifier
}

// signingKey is a private key with the identifier that its tokens name.
type signingKey struct {
	crypto.Signer

	id        string
	algorithm jose.SignatureAlgorithm
}

func newRSA(t *testing.T, id string, algorithm jose.SignatureAlgorithm) signingKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return signingKey{key, id, algorithm}
}

func newEC(t *testing.T, id string, curve elliptic.Curve, algorithm jose.SignatureAlgorithm) signingKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signingKey{key, id, algorithm}
}

func newP256(t *testing.T, id string) signingKey {
	t.Helper()
	return newEC(t, id, elliptic.P256(), jose.ES256)
}

func newEd25519(t *testing.T, id string) signingKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signingKey{key, id, jose.EdDSA}
}

// sign is a token with these claims.
func (k signingKey) sign(t *testing.T, claims map[string]any) string {
	t.Helper()
	return k.signWith(t, claims, (&jose.SignerOptions{}).WithType("JWT"))
}

func (k signingKey) signWith(t *testing.T, claims map[string]any, options *jose.SignerOptions) string {
	t.Helper()
	key := jose.SigningKey{Algorithm: k.algorithm, Key: jose.JSONWebKey{Key: k.Signer, KeyID: k.id}}
	signer, err := jose.NewSigner(key, options)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}
