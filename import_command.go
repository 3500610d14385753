package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/models"
)

// importBatch is how many customers are in memory, and in one transaction, at a time.
const importBatch = 500

// ImportCommand makes the customers of a file.
type ImportCommand struct {
	File   string `help:"The file: CSV with a header that names fields of CreateCustomerInput (creditLimit.amount for a field in a field, semicolons between dates), or JSON Lines with one such input a line." required:"" type:"existingfile" placeholder:"FILE"`
	Bank   string `help:"The bank." required:"" placeholder:"BANK"`
	Format string `help:"The format of the file: ${enum}. auto goes by its name: .csv, .jsonl or .ndjson." enum:"auto,csv,jsonl" default:"auto"`
	Mode   string `help:"What becomes of the others when a customer cannot be made: ${enum}. skip-failed makes them, in batches that stay; reject-all makes none of the file." enum:"skip-failed,reject-all" default:"skip-failed"`
	Resume bool   `help:"Go on where an earlier import of the same file was ended."`
	Errors string `help:"Where to write what is wrong, as JSON Lines with line, field and message. Default: as sentences on standard error." placeholder:"FILE"`
	Failed string `help:"Where to write the customers that were not made, as they stand in the file: correct them there, and import that. It must not exist yet, but with --resume." placeholder:"FILE"`
}

// Validate says what of the flags cannot be; kong calls it.
func (c *ImportCommand) Validate() error {
	files := map[string]string{}
	for flag, path := range map[string]string{"--file": c.File, "--errors": c.Errors, "--failed": c.Failed} {
		for other, taken := range files {
			if path != "" && isSameFile(path, taken) {
				return fmt.Errorf("%s and %s are the same file", max(flag, other), min(flag, other))
			}
		}
		if path != "" {
			files[flag] = path
		}
	}
	if c.Mode == "reject-all" && c.Failed != "" {
		return errors.New("with --mode reject-all none is made when one cannot be: correct the file itself, without --failed")
	}
	return nil
}

// isSameFile says whether two paths lead to one file, by whatever way, also when it is not there yet.
func isSameFile(one, other string) bool {
	first, err := os.Stat(one)
	second, otherErr := os.Stat(other)
	if err == nil && otherErr == nil {
		return os.SameFile(first, second)
	}
	first, err = os.Stat(filepath.Dir(one))
	second, otherErr = os.Stat(filepath.Dir(other))
	return err == nil && otherErr == nil && os.SameFile(first, second) && filepath.Base(one) == filepath.Base(other)
}

// Run imports.
func (c *ImportCommand) Run(ctx context.Context, config *Config) error {
	format, err := c.format()
	if err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("read the customers: %w", err)
	}
	defer file.Close() //nolint:errcheck // it is read only
	if _, err := openRecords(file, format); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	hash, size, err := contentOf(file)
	if err != nil {
		return err
	}
	told, failed := &importErrors{path: c.Errors, isAppended: c.Resume}, &failedRecords{path: c.Failed, format: format, isAppended: c.Resume}
	defer told.close()
	defer failed.close()
	return withDatabase(ctx, config, func(store *db.Store, _ int) error {
		source := &importSource{file: file, format: format, bank: c.Bank, told: told, failed: failed, bar: progressbar.NewOptions64(size, progressbar.OptionSetWriter(os.Stderr),
			progressbar.OptionSetDescription("import"), progressbar.OptionShowBytes(true), progressbar.OptionThrottle(200*time.Millisecond), progressbar.OptionSetPredictTime(true))}
		mode := models.ImportMode(strings.ToUpper(strings.ReplaceAll(c.Mode, "-", "_")))
		progress, err := bank.New(store).ImportFile(ctx, bank.FileImport{
			BankID: c.Bank, FileHash: hash, Mode: mode, Resume: c.Resume, Open: source.open, Report: source.report,
		})
		_ = source.bar.Exit() // a bar that cannot be drawn is no reason to fail
		fmt.Fprintln(os.Stderr)
		switch {
		case err != nil && progress != nil && progress.Position > 0 && mode == models.ImportModeSkipFailed:
			return fmt.Errorf("the import ended after %d customers, which --resume does not repeat: %w", progress.Position, err)
		case err != nil:
			return err
		}
		fmt.Printf("%d customers were made at %s, %d were not.\n", progress.Written, c.Bank, progress.Failed)
		if progress.Failed > 0 {
			return skippedError{progress.Failed, c.Failed}
		}
		return nil
	})
}

// skippedError says that an import is done, but for customers that could not be made.
type skippedError struct {
	count int
	file  string // where they are, empty when nobody asked for that
}

func (e skippedError) Error() string {
	if e.file == "" {
		return fmt.Sprintf("%d customers were not made: take the others out of the file before you import it again, or they are made twice; --failed FILE would do it", e.count)
	}
	return fmt.Sprintf("%d customers were not made: correct them in %s, and import that", e.count, e.file)
}

// exitStatus is told apart from that of an import that failed.
func (skippedError) exitStatus() int { return 3 }

func (c *ImportCommand) format() (string, error) {
	if c.Format != "auto" {
		return c.Format, nil
	}
	switch strings.ToLower(filepath.Ext(c.File)) {
	case ".csv":
		return "csv", nil
	case ".jsonl", ".ndjson":
		return "jsonl", nil
	}
	return "", fmt.Errorf("%s does not say by its name what it is: give --format", c.File)
}

// contentOf knows a file by its content.
func contentOf(file *os.File) (hash string, size int64, err error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", 0, fmt.Errorf("read the customers: %w", err)
	}
	sum := sha256.New()
	if size, err = io.Copy(sum, file); err != nil {
		return "", 0, fmt.Errorf("read the customers: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), size, nil
}

// importSource reads a file batch by batch, and tells what became of each.
type importSource struct {
	file   *os.File
	format string
	bank   string
	told   *importErrors
	failed *failedRecords
	bar    *progressbar.ProgressBar
	batch  []record // the one at hand
}

func (s *importSource) open(done models.ImportProgress) (func() ([]models.ImportItem, error), error) {
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read the customers: %w", err)
	}
	if err := s.told.open(); err != nil {
		return nil, err
	}
	s.bar.Reset()
	reader, err := openRecords(io.TeeReader(s.file, s.bar), s.format)
	if err != nil {
		return nil, err
	}
	if err := s.failed.open(reader.header(), done.Failed); err != nil {
		return nil, err
	}
	for range done.Position {
		if _, err := reader.next(); err != nil {
			return nil, fmt.Errorf("find the place where the import was ended: %w", err)
		}
	}
	return s.batches(reader), nil
}

// batches reads a batch each time that it is asked, an empty one at the end.
func (s *importSource) batches(reader records) func() ([]models.ImportItem, error) {
	return func() ([]models.ImportItem, error) {
		items := make([]models.ImportItem, 0, importBatch)
		s.batch = s.batch[:0]
		s.failed.settle()
		for len(items) < importBatch {
			found, err := reader.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, err
			}
			if found.item.BankID != nil && *found.item.BankID != s.bank {
				found.item.Wrong.Add("This is another bank than the one that is imported to.", "bankId")
			}
			items, s.batch = append(items, found.item), append(s.batch, found)
		}
		return items, nil
	}
}

func (s *importSource) report(results []*models.ImportedCustomer) error {
	var failed []record
	for i, result := range results {
		if len(result.FieldErrors) > 0 {
			failed = append(failed, s.batch[i])
		}
		for _, wrong := range result.FieldErrors {
			if err := s.told.tell(importError{s.batch[i].line, strings.Join(wrong.Path[1:], "."), wrong.Message}); err != nil {
				return err
			}
		}
	}
	return errors.Join(s.told.flush(), s.failed.write(failed))
}
