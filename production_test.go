package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestProduction starts the program as strangers meet it, and with each switch turned back.
func TestProduction(t *testing.T) {
	t.Parallel()
	asksInTurn(t)
	dir := dataDir(t)
	manifest := filepath.Join(t.TempDir(), "documents.json")
	if err := os.WriteFile(manifest, []byte(`{"named":"{ banks { bankId } }"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name      string
		flags     []string
		isShown   bool // playground, introspection and suggestions
		isTrusted bool // the development issuer
		isOnly    bool // trusted documents only
	}{
		{"a laptop", []string{"--demo-customers", "10"}, true, true, false},
		{"production", []string{"--production"}, false, false, false},
		{"production, with each switched on", []string{"--production", "--playground=on", "--introspection=on", "--suggestions=on", "--demo=on"}, true, true, false},
		{"a laptop, with each switched off", []string{"--playground=off", "--introspection=off", "--suggestions=off", "--demo=off"}, false, false, false},
		{"production with trusted documents", []string{"--production", "--trusted-documents", manifest, "--trusted-only"}, false, false, true},
	} {
		// One after the other: they share a data directory.
		p := startProgram(t, append([]string{"--addr", "127.0.0.1:0", "--data-dir", dir}, test.flags...)...)
		base := strings.TrimSuffix(p.until(t, `GraphQL +(http\S+)/graphql`), "/")
		token, err := command(t, "token", "--data-dir", dir, "--user", "demo-admin").Output()
		if err != nil {
			t.Fatal(err)
		}
		nobody := &door{t: t, url: base}
		response, err := http.Get(base + "/")
		if err != nil {
			t.Fatal(err)
		}
		page, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if isShown := response.StatusCode == http.StatusOK && strings.Contains(string(page), "playground"); isShown != test.isShown {
			t.Errorf("%s: the playground: %d %.100s", test.name, response.StatusCode, page)
		}
		if answer := nobody.askWith("", `{ __schema { queryType { name } } }`, nil); (len(answer.Errors) == 0) != test.isShown {
			t.Errorf("%s: introspection: %s", test.name, answer.raw)
		}
		if answer := nobody.askWith("", `{ bankss { bankId } }`, nil); strings.Contains(string(answer.raw), "Did you mean") != test.isShown {
			t.Errorf("%s: suggestions: %s", test.name, answer.raw)
		}
		if answer := query(t, base, strings.TrimSpace(string(token)), `{ viewer { user { username } } }`); (len(answer.Errors) == 0) != test.isTrusted {
			t.Errorf("%s: the development issuer: %s", test.name, answer.raw)
		}
		if answer := nobody.askWith("", `{ banks { shortName } }`, nil); (len(answer.Errors) > 0) != test.isOnly {
			t.Errorf("%s: a document of one's own: %s", test.name, answer.raw)
		}
		if answer := nobody.send("POST", "/graphql", "application/json", []byte(`{"documentId":"named"}`)); (len(answer.Errors) == 0) != test.isOnly {
			t.Errorf("%s: a trusted document: %s", test.name, answer.raw)
		}
		p.end(t)
	}
}

func TestMistakesInSwitchesAreOneSentence(t *testing.T) {
	t.Parallel()
	asksInTurn(t)
	for want, flags := range map[string][]string{
		"should look like https://":                    {"--allow-origin", "https://*.example.com"},
		"without a path":                               {"--allow-origin", "https://example.com/"},
		"needs the --trusted-documents":                {"--trusted-only"},
		"--limit-budget must be at least --limit-cost": {"--limit-budget", "10"},
		"a limit must be at least 1":                   {"--limit-depth", "0"},
	} {
		out, err := command(t, append([]string{"serve", "--addr", "127.0.0.1:0"}, flags...)...).CombinedOutput()
		last := strings.TrimSpace(string(out))
		last = last[strings.LastIndex(last, "\n")+1:]
		if err == nil || !strings.Contains(last, want) {
			t.Errorf("%v: %s", flags, out)
		}
	}
}
