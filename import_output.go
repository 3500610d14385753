package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

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

// failedRecords is the file of the records that were not made, in the format of the import. Each is in it once, also when an import is killed
// between writing it and its commit: whoever corrects and imports the file must not make a customer twice.
type failedRecords struct {
	path       string // empty for none
	format     string
	isAppended bool // keep what an earlier import wrote
	file       *os.File
	settled    int64 // where the records end whose batches are done
	end        int64
}

// open makes the file, or finds in it the records that earlier imports have failed to make. What stands behind them is of a batch that was not done.
func (f *failedRecords) open(header []byte, count int) (err error) {
	if f.path == "" || f.file != nil {
		return nil
	}
	how := os.O_EXCL
	if f.isAppended {
		how = 0
	}
	if f.file, err = os.OpenFile(f.path, os.O_CREATE|os.O_RDWR|how, 0o600); err != nil {
		return fmt.Errorf("write the customers that are not made: %w", err)
	}
	size, err := f.file.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("write the customers that are not made: %w", err)
	}
	if size == 0 {
		f.end = int64(len(header))
		_, err = f.file.WriteAt(header, 0)
	} else {
		f.end, err = f.endOf(header, count)
	}
	if err != nil {
		return fmt.Errorf("%s is not what the earlier import wrote: %w", f.path, err)
	}
	return nil
}

// endOf is where so many records end.
func (f *failedRecords) endOf(header []byte, count int) (int64, error) {
	if _, err := f.file.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	reader, err := openRecords(f.file, f.format)
	if err != nil {
		return 0, err
	}
	if !bytes.Equal(reader.header(), header) {
		return 0, errors.New("it has another header")
	}
	end := int64(len(header))
	for i := range count {
		found, err := reader.next()
		if err != nil {
			return 0, fmt.Errorf("it has %d customers and not %d: %w", i, count, err)
		}
		end += int64(len(found.raw)) + 1
	}
	return end, nil
}

// settle keeps what was written: its batch is done.
func (f *failedRecords) settle() {
	if f != nil {
		f.settled = f.end
	}
}

// write writes the records of a batch, in the place of what was written of the same batch before.
func (f *failedRecords) write(batch []record) error {
	if f.file == nil {
		return nil
	}
	var text []byte
	for _, failed := range batch {
		text = append(append(text, failed.raw...), '\n')
	}
	if err := f.file.Truncate(f.settled); err != nil {
		return fmt.Errorf("write the customers that are not made: %w", err)
	}
	if _, err := f.file.WriteAt(text, f.settled); err != nil {
		return fmt.Errorf("write the customers that are not made: %w", err)
	}
	f.end = f.settled + int64(len(text))
	return nil
}

func (f *failedRecords) close() {
	if f.file != nil {
		_ = f.file.Close() // all of it was written
	}
}
