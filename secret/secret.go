// Package secret has the one secret of the server that is not in its database: whoever reads a copy of the database can
// still sign nothing. Each purpose has a key of its own, made from the secret, so that one that leaks opens nothing else.
package secret

import (
	"bytes"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

const (
	// least is how many bytes a secret has, at least: 256 bits, which nobody guesses.
	least = 32
	// most is far above what anybody writes; a file that is longer is another file.
	most = 4 << 10
	// keyLength is of the keys that are made, in bytes.
	keyLength = 32
)

// Secrets are the secret and, while it is being replaced, the one before it. The zero Secrets are none.
type Secrets struct{ texts [][]byte }

// Read reads secrets from files: the first is the one in use, and the others are still believed.
func Read(paths ...string) (Secrets, error) {
	var secrets Secrets
	for _, path := range paths {
		text, err := os.ReadFile(path) //nolint:gosec // an operator names it
		if err != nil {
			return Secrets{}, fmt.Errorf("read the secret: %w", err)
		}
		text = bytes.TrimSpace(text)
		if len(text) < least || len(text) > most {
			return Secrets{}, fmt.Errorf("the secret in %s has %d bytes; it should have at least %d, such as what `openssl rand -base64 48` prints", path, len(text), least)
		}
		secrets.texts = append(secrets.texts, text)
	}
	return secrets, nil
}

// ReadOrMake reads the secret in a file, and makes it first when there is no such file. Of several programs that do so at once one
// makes it, and all read the same.
func ReadOrMake(path string) (Secrets, error) {
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return Read(path)
	}
	if err := create(path); err != nil {
		return Secrets{}, fmt.Errorf("make the secret: %w", err)
	}
	return Read(path)
}

// create makes the file: whole under another name first, so that nobody reads a half.
func create(path string) error {
	random := make([]byte, 48)
	if _, err := rand.Read(random); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	draft, err := os.CreateTemp(filepath.Dir(path), ".secret-*") // for its owner only
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name()) //nolint:errcheck // it has another name by then, or nobody needs it
	_, err = draft.WriteString(base64.StdEncoding.EncodeToString(random) + "\n")
	if err = errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), path); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return nil
}

// Exist says whether there is a secret.
func (s Secrets) Exist() bool { return len(s.texts) > 0 }

// Keys are the keys for a purpose, that of the secret in use first.
func (s Secrets) Keys(purpose string) ([][]byte, error) {
	keys := make([][]byte, len(s.texts))
	for i, text := range s.texts {
		key, err := hkdf.Key(sha256.New, text, nil, "bankgraph "+purpose, keyLength)
		if err != nil {
			return nil, fmt.Errorf("make a key: %w", err)
		}
		keys[i] = key
	}
	return keys, nil
}
