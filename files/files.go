// Package files keeps the contents of files: objects that are written once, whole, and never changed, each under a key that
// nobody chose. It also decides what may be kept at all (Inspect), and signs the links by which files come and go (Signer).
// Whose a file is and who may read it, it does not know.
//
// What always holds: an object is there whole or not at all; when Put returns nil it survives a crash; and no content is ever
// decoded.
package files

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"
)

// What a store says. ErrUnavailable may be over soon; the others are not.
var (
	ErrUnavailable = errors.New("files: the store is not there at the moment")
	ErrNotThere    = errors.New("files: there is no such object")
	ErrExists      = errors.New("files: there is such an object already")
)

// Store keeps objects.
type Store interface {
	// Put writes what content gives until it ends, under a key that is new. When content fails, nothing is kept, and the error is that of
	// content. What is there already stays as it is (ErrExists).
	Put(ctx context.Context, key string, content io.Reader) error
	// Open reads an object.
	Open(ctx context.Context, key string) (Object, error)
	// Delete removes an object; one that is not there is removed already.
	Delete(ctx context.Context, key string) error
	// Ping says whether the store takes objects.
	Ping(ctx context.Context) error
	// Sweep removes what was begun before and never finished.
	Sweep(before time.Time) error
}

// Object is the content of an object. It can be read at any place, by one reader at a time.
type Object interface {
	io.ReadSeekCloser
	// Size is in bytes.
	Size() int64
}

// NewKey is a key that nobody has or can guess, such as 3f/3f0c….
func NewKey() (string, error) {
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
		return "", fmt.Errorf("make a key: %w", err)
	}
	name := hex.EncodeToString(random)
	return name[:2] + "/" + name, nil
}

// keyForm is what NewKey makes. Nothing else becomes a path.
var keyForm = regexp.MustCompile(`^[0-9a-f]{2}/[0-9a-f]{32}$`)

func checkKey(key string) error {
	if !keyForm.MatchString(key) {
		return errors.New("files: this is no key")
	}
	return nil
}

// unavailable is err as the failure of a store that may be there again later.
func unavailable(err error) error { return fmt.Errorf("%w: %w", ErrUnavailable, err) }

// source reads content and remembers why it failed, so that this can be told from a failure of the store.
type source struct {
	io.Reader
	failure error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.failure = err
	}
	return n, err
}
