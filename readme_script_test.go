package main

import (
	"bufio"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// askCommand is the shell's function that a section of the README makes and those behind it use.
var askCommand = regexp.MustCompile("(?s)\nask\\(\\) .*?\n}\n")

// readmeScript is the first script of a section of the README, which may use `ask`.
func readmeScript(t *testing.T, heading string) string {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), heading)
	script := regexp.MustCompile("(?s)```sh\n(.*?)```").FindStringSubmatch(section)[1]
	if !askCommand.MatchString("\n" + script) {
		script = askCommand.FindString(string(readme)) + script
	}
	return script
}

// besideReadme starts the program, and gives the shell that its reader has beside it, in which scripts of the README run.
func besideReadme(t *testing.T) (shell func(script string) *exec.Cmd, end func()) {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl")
	}
	dir := dataDir(t)
	p := startProgram(t, "--addr", "127.0.0.1:0", "--data-dir", dir, "--demo-customers", "10")
	base := strings.TrimSuffix(p.until(t, `GraphQL +(http\S+)/graphql`), "/")
	token := command(t, "token", "--data-dir", dir)
	var quoted []string
	for _, argument := range token.Args {
		quoted = append(quoted, "'"+argument+"'")
	}
	here := strings.NewReplacer("http://127.0.0.1:8080", base, "go run . token", strings.Join(quoted, " "))
	return func(script string) *exec.Cmd {
		command := exec.CommandContext(t.Context(), "sh", "-eu", "-c", here.Replace(script))
		command.Env = token.Env
		return command
	}, func() { p.end(t) }
}

// playReadme plays the commands of a section of the README against the program, and gives what they say.
func playReadme(t *testing.T, heading string) string {
	t.Helper()
	shell, end := besideReadme(t)
	told, err := shell(readmeScript(t, heading)).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, told)
	}
	end()
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

// linesOf runs a command, and gives what it says line by line, until the end of the program that it talks to.
func linesOf(t *testing.T, command *exec.Cmd) *bufio.Scanner {
	t.Helper()
	output, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Wait() })
	return bufio.NewScanner(output)
}

func TestTheReadmesEventsCanBeFollowed(t *testing.T) {
	t.Parallel()
	asksInTurn(t)
	shell, end := besideReadme(t)
	defer end()
	follow, approve := readmeScript(t, "### Follow what happens"), readmeScript(t, "### Approve what is paid")
	play := func(script string) {
		if told, err := shell(script).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, told)
		}
	}
	// next is the identifier of an event, which must be of this type and about this.
	next := func(lines *bufio.Scanner, want, about string) (id string) {
		t.Helper()
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch {
			case name == "id":
				id = value
			case name == "data" && !strings.Contains(value, `"HEARTBEAT"`):
				if !strings.Contains(value, `"challengeEvents":{"type":"`+want+`"`) || !strings.Contains(value, about) || id == "" {
					t.Fatalf("%s is not told of %s, but: %s %s", want, about, id, value)
				}
				return id
			}
		}
		t.Fatalf("it ended without %s", want)
		return ""
	}

	first := linesOf(t, shell(follow))
	if !first.Scan() || first.Text() != ":" { // by then it has begun
		t.Fatalf("%q", first.Text())
	}
	play(approve)
	last := next(first, "CREATED", "A new roof")
	next(first, "ANSWERED", "A new roof")

	play(strings.NewReplacer("roof", "shed").Replace(approve))
	again := linesOf(t, shell(strings.TrimSuffix(follow, "\n")+" "+last+"\n"))
	next(again, "ANSWERED", "A new roof")
	next(again, "CREATED", "A new shed")
	next(again, "ANSWERED", "A new shed")
}
