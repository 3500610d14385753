package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestTheReadmesApprovalCanBeFollowed plays the commands of the README against the program, with what they take from those before.
func TestTheReadmesApprovalCanBeFollowed(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl")
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	ask := regexp.MustCompile("(?s)\nask\\(\\) .*?\n}\n").FindString(string(readme))
	_, section, _ := strings.Cut(string(readme), "### Approve what is paid")
	script := ask + regexp.MustCompile("(?s)```sh\n(.*?)```").FindStringSubmatch(section)[1]
	dir := dataDir(t)
	p := startProgram(t, "--addr", "127.0.0.1:0", "--data-dir", dir, "--demo-customers", "10")
	base := strings.TrimSuffix(p.until(t, `GraphQL +(http\S+)/graphql`), "/")
	token := command(t, "token", "--data-dir", dir)
	var quoted []string
	for _, argument := range token.Args {
		quoted = append(quoted, "'"+argument+"'")
	}
	script = strings.NewReplacer("http://127.0.0.1:8080", base, "go run . token", strings.Join(quoted, " ")).Replace(script)
	shell := exec.CommandContext(t.Context(), "sh", "-eu", "-c", script)
	shell.Env = token.Env
	told, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, told)
	}
	first, second := strings.Index(string(told), `"status":"NEXT_CHALLENGE_PENDING","missingAnswers":1`), strings.Index(string(told), `"status":"COMPLETED","missingAnswers":0`)
	if first < 0 || second < first {
		t.Errorf("%s", told)
	}
	p.end(t)
}
