package embedded

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	// majorMin is the oldest major version a cluster may have: the migrations are tested from there on.
	majorMin = 15

	// freeSpaceMin is the room a new cluster needs: 40 MiB for itself, the rest for its first log segments
	// and a download of binaries.
	freeSpaceMin = 256 << 20

	// lockTimeout outlasts a start that downloads, makes a cluster and waits for it.
	lockTimeout = 5 * time.Minute

	// removeTimeout is much longer than the processes of a killed initdb live on.
	removeTimeout = 5 * time.Second

	// lockPause is short against a start and long against the lock's cost.
	lockPause = 20 * time.Millisecond
)

func (l *launcher) passwordFile() string { return filepath.Join(l.DataDir, "postgres.password") }

func (l *launcher) clusterExists() bool {
	_, err := os.Stat(filepath.Join(l.cluster, "PG_VERSION"))
	return err == nil
}

// clusterMajor is the major version that made the cluster, 0 when there is none.
func (l *launcher) clusterMajor() (int, error) {
	content, err := os.ReadFile(filepath.Join(l.cluster, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		entries, err := os.ReadDir(l.cluster)
		if err != nil && !errors.Is(err, fs.ErrNotExist) || len(entries) > 0 {
			return 0, fmt.Errorf("%s is in the way: it is not a PostgreSQL cluster, so move it or choose another data directory", l.cluster)
		}
		return 0, nil
	}
	if errors.Is(err, fs.ErrPermission) {
		return 0, fmt.Errorf("the database in %s belongs to another user: run as that user or choose another data directory (%w)", l.cluster, err)
	}
	if err != nil {
		return 0, fmt.Errorf("read the version of the database in %s: %w", l.cluster, err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		return 0, fmt.Errorf("the file PG_VERSION of the database in %s does not name a version: restore the directory from a backup", l.cluster)
	}
	if major < majorMin {
		return 0, fmt.Errorf("the database in %s was made by PostgreSQL %d and at least %d is needed: upgrade it with pg_upgrade or choose another data directory",
			l.cluster, major, majorMin)
	}
	return major, nil
}

// password is the one made together with the cluster.
func (l *launcher) password() (string, error) {
	content, err := os.ReadFile(l.passwordFile())
	if err != nil {
		return "", fmt.Errorf("the password of the database in %s cannot be read: restore the file %s (%w)", l.cluster, l.passwordFile(), err)
	}
	return strings.TrimSpace(string(content)), nil
}

// checkFreeSpace refuses a disk that would be full before the first row is written.
func (l *launcher) checkFreeSpace() error {
	directory := nearestExisting(l.DataDir)
	free, err := freeSpace(directory)
	if err != nil {
		return fmt.Errorf("measure the free space of %s: %w", directory, err)
	}
	if free < freeSpaceMin {
		return fmt.Errorf("%s has %d MiB free and a new database needs %d MiB: free some space or choose another data directory",
			directory, free>>20, freeSpaceMin>>20)
	}
	return nil
}

// checkEntrance finds the directory that keeps the account that runs Postgres away from the cluster.
func (l *launcher) checkEntrance() error {
	for directory := resolve(nearestExisting(l.DataDir)); ; directory = filepath.Dir(directory) {
		info, err := os.Stat(directory)
		if err != nil {
			return fmt.Errorf("look at the directory %s: %w", directory, err)
		}
		if !l.account.canEnter(info) {
			return fmt.Errorf("the user %s, who runs Postgres because root may not, cannot enter %s: allow it with `chmod o+x %s` or choose another data directory",
				l.account.name, directory, directory)
		}
		if directory == filepath.Dir(directory) {
			return nil
		}
	}
}

// nearestExisting is the path itself, or the closest of its parents that is there.
func nearestExisting(path string) string {
	for path != filepath.Dir(path) {
		if _, err := os.Stat(path); err == nil {
			break
		}
		path = filepath.Dir(path)
	}
	return path
}

// makeDirectory makes a directory and its missing parents. The account that runs Postgres must pass through
// them, whatever the program's umask; when it is the program's own user nobody else may.
func (l *launcher) makeDirectory(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if parent := filepath.Dir(path); parent != path {
		if err := l.makeDirectory(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, 0o700); errors.Is(err, fs.ErrExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	if !l.account.drop {
		return nil
	}
	return os.Chmod(path, 0o711)
}

// lock waits until no other program is starting the cluster. The system releases it when the program dies.
func (l *launcher) lock(ctx context.Context) (unlock func(), err error) {
	if err := l.makeDirectory(l.DataDir); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(l.DataDir, "postgres.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock of the data directory: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, lockTimeout)
	defer cancel()
	for {
		locked, err := lockFile(file)
		if locked {
			return func() { _ = file.Close() }, nil
		}
		if err == nil {
			if err = pause(ctx, lockPause); err != nil {
				err = fmt.Errorf("another program is starting the database in %s and has not finished: %w", l.cluster, err)
			}
		}
		if err != nil {
			_ = file.Close()
			return nil, err
		}
	}
}

// initialise makes the cluster beside its place, as the account that will run it, and renames it into place.
func (l *launcher) initialise(ctx context.Context, binaries string) (err error) {
	l.Log.InfoContext(ctx, "making the database", "directory", l.cluster)
	workshop := l.cluster + ".init"
	// What a killed start left is of no use to anyone.
	if err := removeWorkshop(ctx, workshop); err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, removeWorkshop(ctx, workshop)) }()
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	password := hex.EncodeToString(secret)
	// initdb reads the password as its own user, so it gets a copy that disappears with the workshop.
	// The directory is given away last: until then no other user can put a trap into it.
	copied := filepath.Join(workshop, "password")
	if err := cmp.Or(
		os.Mkdir(workshop, 0o700),
		os.WriteFile(copied, []byte(password), 0o600),
		l.account.give(copied),
		l.account.give(workshop),
		writeSecret(l.passwordFile(), password),
	); err != nil {
		return fmt.Errorf("prepare the database's directory: %w", err)
	}

	made := filepath.Join(workshop, "cluster")
	arguments := []string{
		"-D", made, "-U", roleName, "--pwfile", copied, "--auth", "scram-sha-256",
		"--no-locale", "-E", "UTF8", "--data-checksums", "--no-instructions",
	}
	if l.Unsafe {
		arguments = append(arguments, "--no-sync")
	}
	output, err := l.run(ctx, executable(binaries, "initdb"), arguments...)
	if err != nil {
		return fmt.Errorf("the database could not be made in %s: %s (%w)", l.cluster, reason(output), err)
	}
	// An empty directory, which a careful administrator may have made, is not in the way.
	_ = os.Remove(l.cluster)
	if err := os.Rename(made, l.cluster); err != nil {
		return fmt.Errorf("put the new database into its place: %w", err)
	}
	return syncDirectory(l.DataDir)
}

// removeWorkshop tries for a while, also in a start that is given up: the processes of a killed initdb go on
// writing for a moment.
func removeWorkshop(ctx context.Context, workshop string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeTimeout)
	defer cancel()
	for {
		err := os.RemoveAll(workshop)
		if err == nil {
			return nil
		}
		if pause(ctx, lockPause) != nil {
			return fmt.Errorf("remove what an unfinished start left: %w", err)
		}
	}
}

// writeSecret replaces the file: one that is there may have lost its narrow permissions.
func writeSecret(path, content string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(content + "\n")
	return cmp.Or(err, file.Sync(), file.Close())
}

// reason picks the line of initdb that says what went wrong: the last error, else the last line.
func reason(output string) string {
	lines := lastLines(output, 1000)
	for index := len(lines) - 1; index >= 0; index-- {
		if strings.Contains(lines[index], "error:") || strings.Contains(lines[index], "FATAL:") {
			return lines[index]
		}
	}
	if len(lines) == 0 {
		return "initdb said nothing"
	}
	return lines[len(lines)-1]
}

// pause waits, or returns the context's error.
func pause(ctx context.Context, duration time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(duration):
		return nil
	}
}
