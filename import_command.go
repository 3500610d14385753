package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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
	told := &importErrors{path: c.Errors, isAppended: c.Resume}
	defer told.close()
	return withDatabase(ctx, config, func(store *db.Store, _ int) error {
		source := &importSource{file: file, format: format, bank: c.Bank, told: told, bar: progressbar.NewOptions64(size, progressbar.OptionSetWriter(os.Stderr),
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
		return nil
	})
}

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
	bar    *progressbar.ProgressBar
	lines  []int // of the batch at hand
}

func (s *importSource) open(position int) (func() ([]models.ImportItem, error), error) {
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
	for range position {
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
		s.lines = s.lines[:0]
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
			items, s.lines = append(items, found.item), append(s.lines, found.line)
		}
		return items, nil
	}
}

func (s *importSource) report(results []*models.ImportedCustomer) error {
	for i, result := range results {
		for _, wrong := range result.FieldErrors {
			if err := s.told.tell(importError{s.lines[i], strings.Join(wrong.Path[1:], "."), wrong.Message}); err != nil {
				return err
			}
		}
	}
	return s.told.flush()
}

// importError says what is wrong in a file.
type importError struct {
	Line    int    `json:"line"`
	Field   string `json:"field"`
	Message string `json:"message"`
}

// importErrors is where they go: a file, or standard error.
type importErrors struct {
	path       string // empty for standard error
	isAppended bool   // keep what an earlier import wrote
	file       *os.File
	writer     *bufio.Writer
}

// open makes the file, only now that it is known that the import will be done.
func (e *importErrors) open() (err error) {
	if e.writer != nil {
		return nil
	}
	e.writer = bufio.NewWriter(os.Stderr)
	if e.path == "" {
		return nil
	}
	how := os.O_TRUNC
	if e.isAppended {
		how = os.O_APPEND
	}
	if e.file, err = os.OpenFile(e.path, os.O_CREATE|os.O_WRONLY|how, 0o600); err != nil {
		return fmt.Errorf("write what is wrong: %w", err)
	}
	e.writer.Reset(e.file)
	return nil
}

func (e *importErrors) tell(wrong importError) error {
	if e.file != nil {
		return json.NewEncoder(e.writer).Encode(wrong)
	}
	_, err := fmt.Fprintf(e.writer, "line %d: %s: %s\n", wrong.Line, wrong.Field, wrong.Message)
	return err
}

// flush is done with each batch.
func (e *importErrors) flush() error { return e.writer.Flush() }

func (e *importErrors) close() {
	if e.file != nil {
		_ = e.file.Close() // all of it was flushed
	}
}
