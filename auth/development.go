package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// DevelopmentIssuer is the issuer in tokens that the program signs itself. The name cannot be looked
// up by anybody (RFC 2606), so that no provider can ever claim it.
const DevelopmentIssuer = "https://development.bankgraph.invalid"

// DevelopmentClient is the application that development tokens are for.
const DevelopmentClient = "bankgraph-development"

// Development signs tokens for the demo users. A server trusts it only when it was asked to.
type Development struct{ key *ecdsa.PrivateKey }

// OpenDevelopment reads the signing key in a directory, or makes one there, readable by its owner
// alone. Programs that share the directory understand each other's tokens.
func OpenDevelopment(directory string) (*Development, error) {
	path := filepath.Join(directory, "development-issuer.pem")
	if key, err := readKey(path); !errors.Is(err, os.ErrNotExist) {
		return &Development{key}, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	if err := writeKey(path, key); err != nil {
		return nil, err
	}
	// Read it again: when two programs made a key at once, both use the one that won.
	key, err = readKey(path)
	return &Development{key}, err
}

func readKey(path string) (*ecdsa.PrivateKey, error) {
	raw, err := os.ReadFile(path) //nolint:gosec // the path is the operator's data directory
	if err != nil {
		return nil, fmt.Errorf("read the signing key: %w", err)
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, fmt.Errorf("the signing key %s is damaged: delete it and start again", path)
	}
	key, err := x509.ParseECPrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("the signing key %s is damaged: delete it and start again: %w", path, err)
	}
	return key, nil
}

// writeKey puts a key in place in one step, and leaves alone one that is there already.
func writeKey(path string, key *ecdsa.PrivateKey) error {
	raw, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return fmt.Errorf("write the signing key: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // the private Postgres below it runs as another user
		return fmt.Errorf("write the signing key: %w", err)
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".development-issuer-*")
	if err != nil {
		return fmt.Errorf("write the signing key: %w", err)
	}
	defer os.Remove(temporary.Name()) //nolint:errcheck // best effort
	if err := errors.Join(pem.Encode(temporary, &pem.Block{Type: "EC PRIVATE KEY", Bytes: raw}), temporary.Close()); err != nil {
		return fmt.Errorf("write the signing key: %w", err)
	}
	if err := os.Link(temporary.Name(), path); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("write the signing key: %w", err)
	}
	return nil
}

// Token is a bearer token for a user, good for a time from now on.
func (d *Development) Token(username string, lifetime time.Duration) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: d.key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	now := time.Now()
	token, err := jwt.Signed(signer).Claims(jwt.Claims{
		Issuer: DevelopmentIssuer, Subject: username, Audience: jwt.Audience{Audience},
		IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(lifetime)),
	}).Claims(map[string]any{"azp": DevelopmentClient, "preferred_username": username, "email": username + "@example.com"}).Serialize()
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return token, nil
}

// Keys verify its tokens.
func (d *Development) Keys() oidc.KeySet {
	return &oidc.StaticKeySet{PublicKeys: []crypto.PublicKey{d.key.Public()}}
}
