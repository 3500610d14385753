package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// askCommand is the shell's function that a section of the README makes and those behind it use.
var askCommand = regexp.MustCompile("(?s)\nask\\(\\) .*?\n}\n")

// playReadme plays the commands of a section of the README against the program, and gives what they say.
func playReadme(t *testing.T, heading string) string {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl")
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), heading)
	script := regexp.MustCompile("(?s)```sh\n(.*?)```").FindStringSubmatch(section)[1]
	if !askCommand.MatchString("\n" + script) {
		script = askCommand.FindString(string(readme)) + script
	}
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
	p.end(t)
	return string(told)
}

func TestTheReadmesKycFileCanBeFollowed(t *testing.T) {
	t.Parallel()
	asksInTurn(t)
	told := playReadme(t, "### The KYC file")
	for _, want := range []string{
		`"state":"COMPLETE","mediaType":"image/png"`, `"reviewStatus":"VALID","number":"••••1460","frontSide":{"version":1,"download":{"url":"http`,
		`{"__typename":"AddKycCheckSuccess"}`, `"kycStatus":"OK","kycSummary":{"missing":[`,
	} {
		if !strings.Contains(told, want) {
			t.Errorf("%s is not in what the commands say:\n%s", want, told)
		}
	}
}

func TestTheReadmesApprovalCanBeFollowed(t *testing.T) {
	t.Parallel()
	asksInTurn(t)
	told := playReadme(t, "### Approve what is paid")
	first, second := strings.Index(told, `"status":"NEXT_CHALLENGE_PENDING","missingAnswers":1`), strings.Index(told, `"status":"COMPLETED","missingAnswers":0`)
	if first < 0 || second < first {
		t.Errorf("%s", told)
	}
}
