package secret

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret.key")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func keys(t *testing.T, s Secrets, purpose string) [][]byte {
	t.Helper()
	found, err := s.Keys(purpose)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestEachPurposeHasAKeyOfItsOwn(t *testing.T) {
	t.Parallel()
	s, err := Read(write(t, strings.Repeat("a", 32)))
	if err != nil {
		t.Fatal(err)
	}
	links, codes := keys(t, s, "links"), keys(t, s, "codes")
	if bytes.Equal(links[0], codes[0]) || len(links[0]) != 32 || !bytes.Equal(links[0], keys(t, s, "links")[0]) {
		t.Errorf("%x and %x", links, codes)
	}
	if bytes.Contains(links[0], []byte("aaaa")) {
		t.Error("the key shows the secret")
	}
}

func TestASecretIsReplacedInTwoSteps(t *testing.T) {
	t.Parallel()
	old, new := write(t, strings.Repeat("a", 32)), write(t, strings.Repeat("b", 32)+"\n")
	before, err := Read(old)
	if err != nil {
		t.Fatal(err)
	}
	both, err := Read(new, old)
	if err != nil {
		t.Fatal(err)
	}
	found := keys(t, both, "links")
	if len(found) != 2 || !bytes.Equal(found[1], keys(t, before, "links")[0]) || bytes.Equal(found[0], found[1]) {
		t.Errorf("%x", found)
	}
}

func TestASecretThatIsTooShortIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "short", strings.Repeat(" ", 40), strings.Repeat("a", 31) + "\n", strings.Repeat("a", 5000)} {
		if _, err := Read(write(t, text)); err == nil || !strings.Contains(err.Error(), "at least 32") || strings.Contains(err.Error(), "short\n") {
			t.Errorf("%d bytes: %v", len(text), err)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "nothing")); err == nil {
		t.Error("a file that is not there was read")
	}
	if (Secrets{}).Exist() {
		t.Error("no secret exists")
	}
}

func TestManyWhoMakeTheSecretAtOnceHaveTheSame(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data", "secret.key")
	found := make([][]byte, 16)
	var all sync.WaitGroup
	for i := range found {
		all.Go(func() {
			s, err := ReadOrMake(path)
			if err != nil {
				t.Error(err)
				return
			}
			made, err := s.Keys("links")
			if err != nil {
				t.Error(err)
				return
			}
			found[i] = made[0]
		})
	}
	all.Wait()
	for _, key := range found {
		if !bytes.Equal(key, found[0]) {
			t.Fatal("they have different secrets")
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("%d files are left", len(left))
	}
}
