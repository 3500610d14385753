package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// linked is another name of a file.
func linked(t *testing.T, file string) string {
	t.Helper()
	other := filepath.Join(t.TempDir(), "other.csv")
	if err := os.Symlink(file, other); err != nil {
		t.Fatal(err)
	}
	return other
}

// TestOnlyWhatFailedIsImportedAgain corrects what was not made, in the file that the program wrote, and imports that: customers without
// numbers are not made twice.
func TestOnlyWhatFailedIsImportedAgain(t *testing.T) {
	t.Parallel()
	store, url := seededAt(t)
	for name, test := range map[string]struct{ text, failed, wrong, right string }{
		"people.csv": {
			"\ufefflegalName,email,title\r\nRepeat A,,\r\n\r\nRepeat B,nobody,\"of\nLyon\"\r\nRepeat C,,\r\nRepeat D,nobody,\r\nRepeat \"E\",,\r\nRepeat F,nobody,",
			"legalName,email,title\nRepeat B,nobody,\"of\nLyon\"\nRepeat D,nobody,\nRepeat \"E\",,\nRepeat F,nobody,\n", "of\nLyon", "of Lyon",
		},
		"people.jsonl": {
			"{\"legalName\":\"Repeat G\"}\n\n  {\"legalName\":\"Repeat H\",\"email\":\"nobody\"}\r\n{\"legalName\":\"Repeat I\"\n{\"legalName\":\"Repeat J\"}",
			"{\"legalName\":\"Repeat H\",\"email\":\"nobody\"}\n{\"legalName\":\"Repeat I\"\n", "\"Repeat I\"\n", "\"Repeat I\"}\n",
		},
	} {
		failed := filepath.Join(t.TempDir(), name)
		run := func(file string, more ...string) ([]byte, error) {
			return command(t, append([]string{"import", "--database-url", url, "--bank", "gh.29.uk", "--file", file}, more...)...).CombinedOutput()
		}
		if out, err := run(write(t, name, test.text), "--failed", failed); exitCode(err) != 3 || !strings.Contains(string(out), "import that") {
			t.Fatalf("%s: %v %s", name, err, out)
		}
		text, err := os.ReadFile(failed)
		if err != nil || string(text) != test.failed {
			t.Fatalf("%s: %v %q instead of %q", name, err, text, test.failed)
		}
		corrected := strings.NewReplacer("nobody", "somebody@example.com", `\"E\"`, "E", `"E"`, "E", test.wrong, test.right).Replace(string(text))
		if out, err := run(write(t, name, corrected)); err != nil {
			t.Fatalf("%s: %v %s", name, err, out)
		}
	}
	if all, each := count(t, store, "customer WHERE legal_name LIKE 'Repeat _'"), count(t, store, "(SELECT DISTINCT legal_name FROM customer WHERE legal_name LIKE 'Repeat _') AS x"); all != 10 || each != 10 {
		t.Errorf("%d customers of %d names", all, each)
	}
}

// TestAFailedRecordIsInItsFileOnce writes batches, one twice and one that is not committed, and goes on.
func TestAFailedRecordIsInItsFileOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "failed.csv")
	header := []byte("legalName\n")
	open := func(isAppended bool, count int) *failedRecords {
		failed := &failedRecords{path: path, format: "csv", isAppended: isAppended}
		if err := failed.open(header, count); err != nil {
			t.Fatal(err)
		}
		return failed
	}
	batch := func(failed *failedRecords, names ...string) {
		var records []record
		for _, name := range names {
			records = append(records, record{raw: []byte(name)})
		}
		if err := failed.write(records); err != nil {
			t.Fatal(err)
		}
	}
	first := open(false, 0)
	first.settle()
	batch(first, "A", "B", "and more, which the database takes back")
	batch(first, "A", "\"B\nC\"") // the transaction runs again
	first.settle()
	batch(first, "C", "D") // its commit is never made
	first.close()
	again := open(true, 2)
	again.settle()
	batch(again, "E")
	again.close()
	if text, err := os.ReadFile(path); err != nil || string(text) != "legalName\nA\n\"B\nC\"\nE\n" {
		t.Errorf("%v %q", err, text)
	}
	for name, wrong := range map[string]*failedRecords{
		"there already": {path: path, format: "csv"}, "fewer than there were": {path: path, format: "csv", isAppended: true},
	} {
		if err := wrong.open(header, 4); err == nil {
			t.Errorf("%s: it is taken", name)
		}
	}
	if err := (&failedRecords{path: path, format: "csv", isAppended: true}).open([]byte("email\n"), 0); err == nil {
		t.Error("another header: it is taken")
	}
}

func TestTheReadmeShowsAFileAndWhatIsWrongInIt(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	example := regexp.MustCompile("(?s)```csv\n(.*?)```.*?```jsonl\n(.*?)```").FindSubmatch(readme)
	if example == nil {
		t.Fatal("there is none")
	}
	_, url := seededAt(t)
	folder := t.TempDir()
	out, err := command(t, "import", "--database-url", url, "--bank", "gh.29.uk", "--file", write(t, "customers.csv", string(example[1])),
		"--errors", filepath.Join(folder, "errors.jsonl"), "--failed", filepath.Join(folder, "failed.csv")).CombinedOutput()
	if told, _ := os.ReadFile(filepath.Join(folder, "errors.jsonl")); exitCode(err) != 3 || string(told) != string(example[2]) {
		t.Errorf("%v %s\n%s", err, out, told)
	}
	lines := strings.SplitAfter(string(example[1]), "\n")
	if failed, _ := os.ReadFile(filepath.Join(folder, "failed.csv")); string(failed) != lines[0]+lines[2] {
		t.Errorf("%s", failed)
	}
}
