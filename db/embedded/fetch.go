package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	fetcher "github.com/fergusstrange/embedded-postgres"
)

// downloadable are the releases the fetcher knows, by major version.
var downloadable = map[int]fetcher.PostgresVersion{15: fetcher.V15, 16: fetcher.V16, 17: fetcher.V17, 18: fetcher.V18}

// majorDownloaded is what a new cluster gets. A later default does not hurt older clusters: they ask for their own.
const majorDownloaded = 18

func (l *launcher) downloads() string { return filepath.Join(l.DataDir, "binaries") }

// fetch downloads the binaries for a cluster of the major version (0 for a new one) and returns their directory.
// It happens under the lock of the data directory, at most once a version.
func (l *launcher) fetch(ctx context.Context, major int) (string, error) {
	directory, err := l.download(ctx, major)
	if err == nil {
		return directory, nil
	}
	wanted := strconv.Itoa(majorMin) + " or newer"
	if major != 0 {
		wanted = strconv.Itoa(major)
	}
	return "", fmt.Errorf("no PostgreSQL %s was found and it could not be downloaded: install it, for example with "+
		"`apt-get install postgresql`, or `brew install postgresql`, or set DATABASE_URL to a server (%w)", wanted, err)
}

func (l *launcher) download(ctx context.Context, major int) (string, error) {
	if major == 0 {
		major = majorDownloaded
	}
	version, known := downloadable[major]
	if !known {
		return "", fmt.Errorf("there is no download for PostgreSQL %d", major)
	}
	l.Log.InfoContext(ctx, "downloading PostgreSQL", "version", string(version), "directory", l.downloads())
	if err := l.makeDirectory(l.downloads()); err != nil {
		return "", err
	}
	// Only Remove: the directory stays when it holds the binaries of another version.
	defer func() { _ = os.Remove(l.downloads()) }()
	stale, _ := filepath.Glob(filepath.Join(l.downloads(), "fetch-*"))
	for _, path := range stale {
		_ = os.RemoveAll(path)
	}
	workshop, err := os.MkdirTemp(l.downloads(), "fetch-")
	if err != nil {
		return "", fmt.Errorf("make room for the download: %w", err)
	}
	defer func() { _ = os.RemoveAll(workshop) }()

	extracted := filepath.Join(workshop, "extracted")
	if err := l.extract(ctx, version, workshop, extracted); err != nil {
		return "", err
	}
	place := filepath.Join(l.downloads(), strconv.Itoa(major))
	if err := cmp.Or(os.RemoveAll(place), os.Rename(extracted, place)); err != nil {
		return "", fmt.Errorf("keep the download: %w", err)
	}
	binaries := filepath.Join(place, "bin")
	if l.majorOf(ctx, binaries) != major {
		_ = os.RemoveAll(place)
		return "", errors.New("what was downloaded does not run on this machine")
	}
	return binaries, nil
}

// extract uses the library as a fetcher and as nothing else: its Start empties the directories it is given and
// replaces clusters of another version, so it sees only the workshop. It unpacks first and then makes a cluster;
// the data path lies under a regular file, so that step fails and no server is ever started.
func (l *launcher) extract(ctx context.Context, version fetcher.PostgresVersion, workshop, extracted string) error {
	obstacle := filepath.Join(workshop, "obstacle")
	if err := os.WriteFile(obstacle, nil, 0o600); err != nil {
		return fmt.Errorf("make room for the download: %w", err)
	}
	port, err := freePort(ctx) // it looks whether its port is free before it downloads
	if err != nil {
		return err
	}
	config := fetcher.DefaultConfig().Version(version).Port(uint32(port)).Logger(io.Discard).
		CachePath(filepath.Join(workshop, "archive")).RuntimePath(filepath.Join(workshop, "runtime")).
		BinariesPath(extracted).DataPath(filepath.Join(obstacle, "data"))
	if l.knobs.repository != "" {
		config = config.BinaryRepositoryURL(l.knobs.repository)
	}

	// The library cannot be interrupted. After the time limit it is left alone with its workshop, which is
	// taken away from it; it answers that with a panic.
	finished := make(chan error, 1)
	go func() {
		defer func() {
			if cause := recover(); cause != nil {
				finished <- fmt.Errorf("the download broke off: %v", cause)
			}
		}()
		finished <- fetcher.NewDatabase(config).Start()
	}()
	ctx, cancel := context.WithTimeout(ctx, l.knobs.fetchTimeout)
	defer cancel()
	select {
	case err = <-finished:
	case <-ctx.Done():
		return fmt.Errorf("the download did not finish in time: %w", ctx.Err())
	}
	if _, missing := os.Stat(executable(filepath.Join(extracted, "bin"), "postgres")); missing != nil {
		return cmp.Or(err, missing)
	}
	return l.openToAccount(extracted)
}

// openToAccount lets the account that runs Postgres read and run the binaries, whatever the program's umask was.
func (l *launcher) openToAccount(extracted string) error {
	if !l.account.drop {
		return nil
	}
	root, err := os.OpenRoot(extracted)
	if err != nil {
		return fmt.Errorf("open the download: %w", err)
	}
	defer func() { _ = root.Close() }()
	return fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Type()&fs.ModeSymlink != 0 {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		mode := info.Mode().Perm() | 0o444
		if mode&0o100 != 0 {
			mode |= 0o111
		}
		return root.Chmod(path, mode)
	})
}
