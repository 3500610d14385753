package auth

import (
	"crypto/ecdsa"
	"encoding/pem"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const keyFile = "development-issuer.pem"

// opened is the development issuer of a directory.
func opened(t *testing.T, directory string) *Development {
	t.Helper()
	development, err := OpenDevelopment(directory)
	if err != nil {
		t.Fatal(err)
	}
	return development
}

// token is one of its tokens, good for a minute.
func (d *Development) token(t *testing.T, username string) string {
	t.Helper()
	token, err := d.Token(username, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// trusting is a verifier that trusts development issuers, each by its keys.
func trusting(developments ...*Development) *Verifier {
	verifier := NewVerifier()
	for _, development := range developments {
		verifier.TrustKeys(DevelopmentIssuer, Audience, development.Keys())
	}
	return verifier
}

func TestDevelopment(t *testing.T) {
	t.Parallel()

	t.Run("its token speaks for the user", func(t *testing.T) {
		t.Parallel()
		development := opened(t, t.TempDir())
		got := wantToken(t, trusting(development), development.token(t, "demo-officer"))
		want := &Identity{
			Issuer: DevelopmentIssuer, Subject: "demo-officer", ClientID: DevelopmentClient, Username: "demo-officer",
			Email: new("demo-officer@example.com"), ExpiresAt: got.ExpiresAt,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("a token whose time is over is refused", func(t *testing.T) {
		t.Parallel()
		development := opened(t, t.TempDir())
		token, err := development.Token("demo-officer", -time.Second)
		if err != nil {
			t.Fatal(err)
		}
		wantNoToken(t, trusting(development), token)
	})

	t.Run("a token for nobody is refused", func(t *testing.T) {
		t.Parallel()
		development := opened(t, t.TempDir())
		wantNoToken(t, trusting(development), development.token(t, ""))
	})

	t.Run("the token of another directory's key is refused", func(t *testing.T) {
		t.Parallel()
		here, there := opened(t, t.TempDir()), opened(t, t.TempDir())
		wantNoToken(t, trusting(here), there.token(t, "demo-officer"))
		wantToken(t, trusting(here, there), there.token(t, "demo-officer"))
	})

	t.Run("a token with a part of another is refused", func(t *testing.T) {
		t.Parallel()
		development := opened(t, t.TempDir())
		mine, theirs := strings.Split(development.token(t, "me"), "."), strings.Split(development.token(t, "them"), ".")
		wantNoToken(t, trusting(development), mine[0]+"."+theirs[1]+"."+mine[2])
	})

	t.Run("a server that was not asked to trust it does not", func(t *testing.T) {
		t.Parallel()
		development := opened(t, t.TempDir())
		p := startProvider(t, newP256(t, "key"))
		wantNoToken(t, p.trusted(t), development.token(t, "demo-officer"))
		wantNoToken(t, NewVerifier(), development.token(t, "demo-officer"))
	})

	t.Run("a provider cannot speak for it", func(t *testing.T) {
		t.Parallel()
		key := newP256(t, "key")
		p := startProvider(t, key)
		verifier := p.trusted(t)
		verifier.TrustKeys(DevelopmentIssuer, Audience, opened(t, t.TempDir()).Keys())
		wantNoToken(t, verifier, key.sign(t, p.claims(map[string]any{"iss": DevelopmentIssuer})))
	})

	t.Run("its name can be looked up by nobody", func(t *testing.T) {
		t.Parallel()
		if !strings.HasSuffix(DevelopmentIssuer, ".invalid") {
			t.Errorf("%s may be somebody's", DevelopmentIssuer)
		}
	})
}

func TestOpenDevelopment(t *testing.T) {
	t.Parallel()

	t.Run("a directory keeps its key", func(t *testing.T) {
		t.Parallel()
		directory := t.TempDir()
		first := opened(t, directory)
		second := opened(t, directory)
		if !first.key.Equal(second.key) {
			t.Error("the key changed, so that all tokens are void after a restart")
		}
		wantToken(t, trusting(second), first.token(t, "demo-officer"))
	})

	t.Run("a directory that is not there is made", func(t *testing.T) {
		t.Parallel()
		directory := filepath.Join(t.TempDir(), "a", "b")
		first := opened(t, directory)
		if !first.key.Equal(opened(t, directory).key) {
			t.Error("the key was not kept")
		}
	})

	t.Run("programs that race for a new directory get the same key", func(t *testing.T) {
		t.Parallel()
		// Many rounds: a single one is often won before the others look.
		for range 100 {
			directory := filepath.Join(t.TempDir(), "data")
			var keys [16]*ecdsa.PrivateKey
			var ready, done sync.WaitGroup
			ready.Add(len(keys))
			for i := range keys {
				done.Go(func() {
					ready.Done()
					ready.Wait()
					development, err := OpenDevelopment(directory)
					if err != nil {
						t.Error(err)
						return
					}
					keys[i] = development.key
				})
			}
			done.Wait()
			for i, key := range keys {
				if key == nil || !key.Equal(keys[0]) {
					t.Fatalf("program %d has another key than program 0", i)
				}
			}
			wantOnlyFile(t, directory, keyFile)
		}
	})
}

func TestDevelopmentKeyFile(t *testing.T) {
	t.Parallel()

	t.Run("a key that is there is never replaced", func(t *testing.T) {
		t.Parallel()
		directory := t.TempDir()
		winner := opened(t, directory)
		if err := writeKey(filepath.Join(directory, keyFile), opened(t, t.TempDir()).key); err != nil {
			t.Fatal(err)
		}
		if !opened(t, directory).key.Equal(winner.key) {
			t.Error("who came second changed the key of who came first")
		}
		wantOnlyFile(t, directory, keyFile)
	})

	t.Run("nobody but its owner reads the key", func(t *testing.T) {
		t.Parallel()
		if runtime.GOOS == "windows" {
			t.Skip("files have no mode there")
		}
		directory := t.TempDir()
		opened(t, directory)
		info, err := os.Stat(filepath.Join(directory, keyFile))
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode(); mode != 0o600 {
			t.Errorf("got mode %v, want -rw-------", mode)
		}
		wantOnlyFile(t, directory, keyFile)
	})

	t.Run("a file where the directory should be is an error", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "data")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenDevelopment(path); err == nil || !strings.Contains(err.Error(), "signing key") {
			t.Errorf("got error %v, want one about the signing key", err)
		}
	})
}

// wantOnlyFile says that nothing is left behind beside one file.
func wantOnlyFile(t *testing.T, directory, name string) {
	t.Helper()
	entries, err := os.ReadDir(directory)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.Name() != name {
			t.Errorf("%s was left behind", entry.Name())
		}
	}
}

func TestDamagedDevelopmentKey(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	opened(t, directory)
	good, err := os.ReadFile(filepath.Join(directory, keyFile))
	if err != nil {
		t.Fatal(err)
	}

	for name, content := range map[string][]byte{
		"an empty file":                 nil,
		"garbage":                       []byte("hello"),
		"half a file":                   good[:len(good)/2],
		"a file without its first line": good[strings.Index(string(good), "\n")+1:],
		"no key inside":                 pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: []byte("hello")}),
		"nothing inside":                pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY"}),
	} {
		t.Run(name+" says what to do, and is left as it is", func(t *testing.T) {
			t.Parallel()
			directory := t.TempDir()
			path := filepath.Join(directory, keyFile)
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := OpenDevelopment(directory)
			if err == nil || !strings.Contains(err.Error(), "the signing key "+path+" is damaged: delete it and start again") {
				t.Fatalf("got error %v", err)
			}
			if left, err := os.ReadFile(path); err != nil || string(left) != string(content) {
				t.Errorf("the file is %q now, %v", left, err)
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			development := opened(t, directory) // what the sentence says does help
			wantToken(t, trusting(development), development.token(t, "demo-officer"))
		})
	}
}
