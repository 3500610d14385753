package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestTheReadmesKycFileCanBeFollowed plays the commands of the README against the program.
func TestTheReadmesKycFileCanBeFollowed(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl")
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "### The KYC file")
	script := regexp.MustCompile("(?s)```sh\n(.*?)```").FindStringSubmatch(section)[1]
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
	for _, want := range []string{
		`"state":"COMPLETE","mediaType":"image/png"`, `"reviewStatus":"VALID","number":"••••1460","frontSide":{"version":1,"download":{"url":"http`,
		`{"__typename":"AddKycCheckSuccess"}`, `"kycStatus":"OK","kycSummary":{"missing":[`,
	} {
		if !strings.Contains(string(told), want) {
			t.Errorf("%s is not in what the commands say:\n%s", want, told)
		}
	}
	p.end(t)
}
