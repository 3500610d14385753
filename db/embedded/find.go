package embedded

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// usualPlaces are where packages put Postgres, on all systems: a pattern of another system matches nothing.
var usualPlaces = []string{
	"/usr/lib/postgresql/*/bin",     // Debian, Ubuntu
	"/usr/pgsql-*/bin",              // Red Hat and relatives, from postgresql.org
	"/usr/lib/postgresql[0-9]*/bin", // SUSE
	"/usr/libexec/postgresql[0-9]*", // Alpine
	"/usr/local/pgsql/bin",          // built from source
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
	"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
	"/Library/PostgreSQL/*/bin",
	`C:\Program Files\PostgreSQL\*\bin`,
}

// find returns the directory of binaries that fit: of the cluster's major version, or new enough when there is
// no cluster yet (major 0). It is "" when the machine has no Postgres that could be meant, which a download mends.
func (l *launcher) find(ctx context.Context, major int) (string, error) {
	if l.BinDir != "" {
		found := l.majorOf(ctx, l.BinDir)
		if found == 0 {
			return "", fmt.Errorf("%s has no initdb and postgres that can be run: name the directory that holds both", l.BinDir)
		}
		if fits(found, major) {
			return l.BinDir, nil
		}
		if major == 0 {
			return "", fmt.Errorf("%s has PostgreSQL %d and at least %d is needed: name the directory of a newer one", l.BinDir, found, majorMin)
		}
		return "", mismatch(l.cluster, major, []string{describe(found, l.BinDir)})
	}

	var others []string
	var seen []string
	for _, directory := range l.candidates(ctx) {
		if slices.Contains(seen, directory) {
			continue
		}
		seen = append(seen, directory)
		found := l.majorOf(ctx, directory)
		if fits(found, major) {
			return directory, nil
		}
		if found != 0 {
			others = append(others, describe(found, directory))
		}
	}
	if major != 0 && len(others) > 0 {
		return "", mismatch(l.cluster, major, others)
	}
	return "", nil
}

func fits(found, major int) bool {
	return found == major && major != 0 || major == 0 && found >= majorMin
}

func describe(major int, directory string) string {
	return fmt.Sprintf("PostgreSQL %d (%s)", major, directory)
}

func mismatch(cluster string, major int, found []string) error {
	return fmt.Errorf("the database in %s was made by PostgreSQL %d and only %s was found: install PostgreSQL %d or choose another data directory",
		cluster, major, strings.Join(found, ", "), major)
}

// candidates are the directories to look into, the best first.
func (l *launcher) candidates(ctx context.Context) []string {
	var directories []string
	for _, name := range []string{"postgres", "initdb"} {
		if path, err := exec.LookPath(name); err == nil {
			directories = append(directories, filepath.Dir(resolve(path)))
		}
	}
	// Debian leaves initdb and postgres out of PATH, but pg_config knows where they are.
	if path, err := exec.LookPath("pg_config"); err == nil {
		if output, err := exec.CommandContext(ctx, path, "--bindir").Output(); err == nil {
			directories = append(directories, resolve(strings.TrimSpace(string(output))))
		}
	}
	for _, pattern := range append(slices.Clone(l.knobs.places), filepath.Join(l.downloads(), "*", "bin")) {
		matches, _ := filepath.Glob(pattern) // the only error is a bad pattern, and these are constants
		slices.SortStableFunc(matches, func(a, b string) int { return versionIn(b) - versionIn(a) })
		directories = append(directories, matches...)
	}
	return directories
}

// resolve follows links, since the one from PATH may point to only one of the two programs.
func resolve(path string) string {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		return resolved
	}
	return path
}

var number = regexp.MustCompile(`[0-9]+`)

// versionIn is the number in a path that tells versions apart: 16 in /usr/lib/postgresql/16/bin.
func versionIn(path string) int {
	numbers := number.FindAllString(path, -1)
	if len(numbers) == 0 {
		return 0
	}
	version, _ := strconv.Atoi(numbers[len(numbers)-1])
	return version
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) ([0-9]+)`)

// majorOf asks the binaries for their version as the account that will run them, which also shows that it can.
// It is 0 when they are not complete or cannot be run.
func (l *launcher) majorOf(ctx context.Context, directory string) int {
	if info, err := os.Stat(executable(directory, "initdb")); err != nil || info.IsDir() {
		return 0
	}
	output, err := l.run(ctx, executable(directory, "postgres"), "--version")
	match := versionPattern.FindStringSubmatch(output)
	if err != nil || match == nil {
		return 0
	}
	major, _ := strconv.Atoi(match[1])
	return major
}

func executable(directory, name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(directory, name)
}
