package embedded

import (
	"fmt"
	"io"
	"os"
	"strings"
)

const (
	// logSizeMax is checked at each start. Postgres writes a few lines a start here, and connection failures.
	logSizeMax = 10 << 20

	// logTailMax is more than the last lines of a failed start ever are.
	logTailMax = 64 << 10
)

// logFile is the open log of Postgres, and where it ended when it was opened.
type logFile struct {
	path   string
	file   *os.File
	offset int64
}

// openLog opens the log for appending, and empties it first when it has grown too long.
func openLog(path string) (*logFile, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of Postgres: %w", err)
	}
	if info, err := file.Stat(); err == nil && info.Size() > logSizeMax {
		err = file.Truncate(0)
		if err != nil {
			_ = file.Close()
			return nil, fmt.Errorf("empty the log of Postgres: %w", err)
		}
	}
	offset, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("find the end of the log of Postgres: %w", err)
	}
	return &logFile{path: path, file: file, offset: offset}, nil
}

// close ends this program's use of the log; Postgres goes on with its own.
func (l *logFile) close() { _ = l.file.Close() }

// sinceOpened is what was written after openLog, or its end when that is long.
func (l *logFile) sinceOpened() string {
	info, err := l.file.Stat()
	if err != nil {
		return ""
	}
	from := max(l.offset, info.Size()-logTailMax)
	content, err := io.ReadAll(io.NewSectionReader(l.file, from, logTailMax))
	if err != nil {
		return ""
	}
	return string(content)
}

// lastLines are the last lines of a text that are not blank, at most as many as asked for.
func lastLines(text string, count int) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines[max(0, len(lines)-count):]
}
