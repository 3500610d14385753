package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/graph"
	"bankgraph/models"
)

// readAll reads a text record by record.
func readAll(t *testing.T, format, text string) ([]record, error) {
	t.Helper()
	reader, err := openRecords(strings.NewReader(text), format)
	if err != nil {
		return nil, err
	}
	var all []record
	for {
		found, err := reader.next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, found)
	}
}

func TestBothFormatsReadTheSame(t *testing.T) {
	t.Parallel()
	fromCSV, err := readAll(t, "csv", "\ufefflegalName,customerNumber,email,dependants,datesOfBirthOfDependants,creditLimit.amount,creditLimit.currency,faceImage.url,creditRating.rating\r\n"+
		"\"Moreau, \"\"Ines\"\"\nof Lyon\",7,i@example.com,2,2015-05-01; 2019-11-30,2500.5,EUR,https://x.example/1.png,AA\r\n\r\nTwo,,,,,,,,\r\n")
	if err != nil || len(fromCSV) != 2 {
		t.Fatalf("%+v %v", fromCSV, err)
	}
	fromJSON, err := readAll(t, "jsonl", "\ufeff"+`{"bankId":"gh.29.uk","legalName":"Moreau, \"Ines\"\nof Lyon","customerNumber":"7","email":"i@example.com","dependants":2,"datesOfBirthOfDependants":["2015-05-01","2019-11-30"],`+
		`"creditLimit":{"amount":"2500.5","currency":"EUR"},"faceImage":{"url":"https://x.example/1.png"},"creditRating":{"rating":"AA"}}`+"\r\n\n"+`{"legalName":"Two","email":null}`)
	if err != nil || len(fromJSON) != 2 {
		t.Fatalf("%+v %v", fromJSON, err)
	}
	for i := range 2 {
		one, _ := json.Marshal(fromCSV[i].item.Input)
		other, _ := json.Marshal(fromJSON[i].item.Input)
		if !bytes.Equal(one, other) || len(fromCSV[i].item.Wrong)+len(fromJSON[i].item.Wrong) > 0 {
			t.Errorf("%s and %s: %v %v", one, other, fromCSV[i].item.Wrong, fromJSON[i].item.Wrong)
		}
	}
	if fromCSV[0].line != 2 || fromCSV[1].line != 5 || fromJSON[0].line != 1 || fromJSON[1].line != 3 {
		t.Errorf("lines %d %d %d %d", fromCSV[0].line, fromCSV[1].line, fromJSON[0].line, fromJSON[1].line)
	}
}

func TestEveryFieldOfTheInputIsAColumn(t *testing.T) {
	t.Parallel()
	types := graph.Contract().Types
	want := []string{"bankId"}
	for _, field := range types["ImportCustomerInput"].Fields {
		if inner := types[field.Type.Name()]; len(inner.Fields) > 0 {
			for _, below := range inner.Fields {
				want = append(want, field.Name+"."+below.Name)
			}
			continue
		}
		want = append(want, field.Name)
	}
	for _, column := range want {
		if csvColumns[column] == nil {
			t.Errorf("%s is no column", column)
		}
	}
	if len(want) != len(csvColumns) {
		t.Errorf("%d columns for %d fields", len(csvColumns), len(want))
	}
	for _, field := range types["CreateCustomerInput"].Fields {
		if field.Name != "bankId" && types["ImportCustomerInput"].Fields.ForName(field.Name) == nil {
			t.Errorf("%s can be given to createCustomer and not to importCustomers", field.Name)
		}
	}
}

func TestFilesThatAreNotAsTheyMustBe(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"an unknown column": "legalName,favouriteColour\n", "a column in another case": "LegalName\n", "a column twice": "legalName,email,email\n",
		"no name": "email\n", "nothing": "", "a quotation mark that is never closed": "legalName\n\"" + strings.Repeat("x\n", maxRecord),
	} {
		if found, err := readAll(t, "csv", text); err == nil || len(found) > 0 {
			t.Errorf("%s is taken: %d records", name, len(found))
		}
	}
	if _, err := readAll(t, "jsonl", `{"legalName":"`+strings.Repeat("x", 2*maxRecord)); err == nil {
		t.Error("a line without end is taken")
	}
	// What is wrong with one record is told of it, and the next is read.
	rows, err := readAll(t, "csv", "legalName,dependants\nA,two\nB\nC,1,2\nD \"x\",1\nE,1\n")
	if err != nil || len(rows) != 5 || len(rows[4].item.Wrong) != 0 || rows[4].item.Input.LegalName != "E" {
		t.Fatalf("%+v %v", rows, err)
	}
	lines, err := readAll(t, "jsonl", "{\"legalName\":1}\n{\"creditLimit\":{\"amount\":5}}\n{\"colour\":\"x\"}\nno\n[]\n{} {}\n{\"legalName\":\"E\"}")
	if err != nil || len(lines) != 7 || len(lines[6].item.Wrong) != 0 {
		t.Fatalf("%+v %v", lines, err)
	}
	for i, found := range slices.Concat(rows[:4], lines[:6]) {
		if len(found.item.Wrong) != 1 {
			t.Errorf("%d: %+v", i, found)
		}
	}
	if path := lines[1].item.Wrong[0].Path; !slices.Equal(path, []string{"input", "creditLimit", "amount"}) {
		t.Errorf("%v", path)
	}
}

func TestAnImportThroughTheDoor(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	ask := func(user, bankID, mode string, names ...string) reply {
		customers := []any{}
		for _, name := range names {
			customers = append(customers, map[string]any{"legalName": name, "email": "somebody@example.com"})
		}
		return d.ask(user, `mutation ($input: ImportCustomersInput!) { importCustomers(input: $input) { __typename
			... on ImportCustomersSuccess { results { customer { id } } } ... on ValidationRejection { fieldErrors { path } } ... on Rejection { code } } }`,
			map[string]any{"input": map[string]any{"bankId": bankID, "mode": mode, "customers": customers}})
	}
	// 100 for the operation, one for each customer that is written, for each its result and its customer, and five for the list of what is wrong.
	if answer := ask("demo-admin", "gh.29.uk", "SKIP_FAILED", "A", "B", ""); answer.cost["requested"] != 100+3+3*2+5 || len(answer.find(t, "importCustomers", "results").([]any)) != 3 {
		t.Errorf("%v %s", answer.cost, answer.raw)
	}
	if answer := ask("demo-admin", "gh.29.uk", "REJECT_ALL", "A", ""); answer.find(t, "importCustomers", "code") != "VALIDATION" || fmt.Sprint(answer.find(t, "importCustomers", "fieldErrors")) != "[map[path:[input customers 1 legalName]]]" {
		t.Errorf("%s", answer.raw)
	}
	if answer := ask("demo-officer", otherBank, "SKIP_FAILED", "A"); answer.find(t, "importCustomers", "__typename") != "ForbiddenRejection" {
		t.Errorf("A02: %s", answer.raw)
	}
	if answer := ask("demo-admin", "gh.29.uk", "SKIP_FAILED", slices.Repeat([]string{"A"}, 101)...); answer.find(t, "importCustomers", "code") != "VALIDATION" {
		t.Errorf("%.300s", answer.raw)
	}
	// S05: nothing that looks like the bank is the bank.
	for _, bankID := range []string{"", "GH.29.UK", "gh.29.uk ", "../../x", "%2e", "gh.29.u\u043a", "gh.29.uk\n"} {
		if answer := ask("demo-admin", bankID, "SKIP_FAILED", "A"); answer.find(t, "importCustomers", "__typename") != "NotFoundRejection" {
			t.Errorf("S05: %q: %s", bankID, answer.raw)
		}
	}
	// S01: what Postgres cannot keep never reaches it.
	if answer := ask("demo-admin", "gh.29.uk", "SKIP_FAILED", "A\x00B"); len(answer.codes()) != 1 || answer.codes()[0] == "INTERNAL" {
		t.Errorf("S01: %s", answer.raw)
	}
}

// write makes a file for an import.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// many is a CSV file of so many customers, of whom every second has a number.
func many(t *testing.T, count int) string {
	t.Helper()
	var text strings.Builder
	text.WriteString("customerNumber,legalName,email\n")
	for i := range count {
		number := ""
		if i%2 == 0 {
			number = fmt.Sprintf("many-%d", i)
		}
		fmt.Fprintf(&text, "%s,Many %d,many.%d@example.com\n", number, i, i)
	}
	return write(t, "many.csv", text.String())
}

func count(t *testing.T, store *db.Store, from string) (count int) {
	t.Helper()
	if err := store.Pool().QueryRow(t.Context(), "SELECT count(*) FROM "+from).Scan(&count); err != nil {
		t.Fatal(err)
	}
	return count
}

// seededAt is a database with demo data and its address.
func seededAt(t *testing.T) (*db.Store, string) {
	t.Helper()
	url := dbtest.URL(t, true)
	store, err := db.Open(t.Context(), url, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	return store, url
}

func TestTheProgramImportsAFile(t *testing.T) {
	t.Parallel()
	asksInTurn(t)
	store, url := seededAt(t)
	before := count(t, store, "customer")
	run := func(arguments ...string) (string, error) {
		out, err := command(t, append([]string{"import", "--database-url", url, "--bank", "gh.29.uk"}, arguments...)...).CombinedOutput()
		return string(out), err
	}
	file := write(t, "people.csv", "customerNumber,legalName,email\ni1,One,one@example.com\n5987953,Taken,\ni2,Two,nobody\ni3,\"Three\n\",\n")
	told := filepath.Join(t.TempDir(), "errors.jsonl")
	if out, err := run("--file", file, "--mode", "reject-all", "--errors", told); err == nil || !strings.Contains(out, "Nothing was written: 2 of 4") || count(t, store, "customer") != before {
		t.Fatalf("%v %s", err, out)
	}
	if out, err := run("--file", file, "--errors", told); exitCode(err) != 3 || !strings.Contains(out, "2 customers were made at gh.29.uk, 2 were not.") || !strings.Contains(out, "--failed") {
		t.Fatalf("%v %s", err, out)
	}
	errorLines, err := os.ReadFile(told)
	if want := `{"line":3,"field":"customerNumber","message":"Another customer of the bank has this number."}`; err != nil || strings.Count(string(errorLines), "\n") != 2 || !strings.Contains(string(errorLines), want) {
		t.Errorf("%v %s", err, errorLines)
	}
	if out, err := run("--file", file); err == nil || !strings.Contains(out, "--resume") {
		t.Errorf("it was imported again: %v %s", err, out)
	}
	for name, arguments := range map[string][]string{
		"an unknown column":                      {"--file", write(t, "strange.csv", "legalName,colour\nX,red\n")},
		"an unknown format":                      {"--file", write(t, "people.txt", "x")},
		"another bank":                           {"--file", write(t, "x.csv", "legalName\nX\n"), "--bank", "no.bank"},
		"a file that is not":                     {"--file", "/nowhere.csv"},
		"all of it, from the middle on":          {"--file", file, "--mode", "reject-all", "--resume"},
		"a file of errors that is the import's":  {"--file", file, "--errors", filepath.Join(filepath.Dir(file), ".", "people.csv")},
		"a file of failed that is the import's":  {"--file", file, "--failed", linked(t, file), "--resume"},
		"one file for errors and failed":         {"--file", file, "--errors", told + ".new", "--failed", told + ".new"},
		"failed ones, when none is made":         {"--file", file, "--mode", "reject-all", "--failed", told + ".new"},
		"a file of failed that is there already": {"--file", write(t, "y.csv", "legalName\nX\n"), "--failed", told},
	} {
		if out, err := run(arguments...); exitCode(err) != 1 || !strings.Contains(out, "bankgraph: ") || strings.Contains(out, "INTERNAL") {
			t.Errorf("%s: %v %s", name, err, out)
		}
	}
	out, err := run("--file", write(t, "two.jsonl", `{"bankId":"gh.29.uk","legalName":"Json"}`+"\n"+`{"bankId":"nl.07.demo","legalName":"Foreign"}`))
	if exitCode(err) != 3 || !strings.Contains(out, "1 customers were made") || !strings.Contains(out, "line 2: bankId: This is another bank") || count(t, store, "customer") != before+3 {
		t.Errorf("%v %s", err, out)
	}
}

func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return 0
}

// TestAKilledImportGoesOnWithoutDoubling kills the program in the middle, more than once.
func TestAKilledImportGoesOnWithoutDoubling(t *testing.T) {
	t.Parallel()
	asksInTurn(t)
	const customers = 10_000
	store, url := seededAt(t)
	file := many(t, customers)
	arguments := []string{"import", "--database-url", url, "--bank", "gh.29.uk", "--file", file, "--resume"}
	position := func() int {
		var position int
		if err := store.Pool().QueryRow(t.Context(), "SELECT coalesce(max(position), 0) FROM import_progress").Scan(&position); err != nil {
			t.Fatal(err)
		}
		return position
	}
	for _, at := range []int{1000, 3500} {
		p := command(t, arguments...)
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- p.Wait() }()
		for position() < at { // each look is a statement: the database sets the pace
			select {
			case err := <-ended:
				t.Fatalf("it ended by itself, and was not killed: %v", err)
			default:
			}
		}
		if err := p.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err == nil {
			t.Fatal("it ended by itself, and was not killed")
		}
		if made := count(t, store, "customer WHERE legal_name LIKE 'Many %'"); made != position() || made == customers {
			t.Errorf("%d are made and %d noted", made, position())
		}
	}
	if out, err := command(t, arguments...).CombinedOutput(); err != nil || !strings.Contains(string(out), fmt.Sprintf("%d customers were made at gh.29.uk, 0 were not.", customers)) {
		t.Errorf("%v %s", err, out)
	}
	if all, each := count(t, store, "customer WHERE legal_name LIKE 'Many %'"), count(t, store, "(SELECT DISTINCT legal_name FROM customer WHERE legal_name LIKE 'Many %') AS x"); all != customers || each != customers {
		t.Errorf("%d customers, %d names", all, each)
	}
	if count(t, store, "audit_entry WHERE action = 'importCustomers'") != customers {
		t.Error("not each has one audit entry")
	}
}

// TestAnImportKeepsOneBatchInMemory looks at the memory that is in use while a file of 50,000 lines, 7 MB, is read and written. It runs alone.
func TestAnImportKeepsOneBatchInMemory(t *testing.T) {
	asksInTurn(t)
	store, _ := seededAt(t)
	var text bytes.Buffer
	for i := range 50_000 {
		fmt.Fprintf(&text, `{"legalName":"Many %d","email":"many.%d@example.com","title":"%s"}`+"\n", i, i, strings.Repeat("t", 80))
	}
	path := write(t, "many.jsonl", text.String())
	text = bytes.Buffer{}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader, err := openRecords(file, "jsonl")
	if err != nil {
		t.Fatal(err)
	}
	inUse := func() int64 {
		var memory runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&memory)
		return int64(memory.HeapAlloc)
	}
	batches, first, most := 0, int64(0), int64(0)
	progress, err := bank.New(store).ImportFile(context.WithoutCancel(t.Context()), bank.FileImport{
		BankID: "gh.29.uk", FileHash: strings.Repeat("b", 64), Mode: models.ImportModeSkipFailed,
		Open: func(models.ImportProgress) (func() ([]models.ImportItem, error), error) {
			return (&importSource{bank: "gh.29.uk"}).batches(reader), nil
		},
		Report: func([]*models.ImportedCustomer) error {
			if batches++; batches%20 == 1 {
				if most = max(most, inUse()); first == 0 {
					first = most
				}
			}
			return nil
		},
	})
	if err != nil || progress.Written != 50_000 || batches != 101 {
		t.Fatalf("%+v %v", progress, err)
	}
	if most-first > 4<<20 {
		t.Errorf("%d bytes are in use, and %d were at the beginning", most, first)
	}
}

func TestAnOpenQuotationMarkEndsTheImport(t *testing.T) {
	t.Parallel()
	read, err := readAll(t, "csv", "legalName,title\nA,\n\"B,x\nC,x\nE,\"x\"\nF,\n")
	if err == nil || len(read) != 1 || !strings.Contains(err.Error(), "lines 3 to 5") {
		t.Errorf("%+v %v", read, err)
	}
}

func TestWhatStandsBehindAnObjectIsRefused(t *testing.T) {
	t.Parallel()
	for _, line := range []string{`{"legalName":"A"}}`, `{"legalName":"A"}]`, `{"legalName":"A"} x`, `{"legalName":"A"}{"legalName":"B"}`} {
		read, err := readAll(t, "jsonl", line+"\n")
		if err != nil || len(read) != 1 || len(read[0].item.Wrong) != 1 {
			t.Errorf("%s: %+v %v", line, read, err)
		}
	}
}
