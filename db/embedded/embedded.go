// Package embedded runs a private Postgres for a program that was given no database of its own.
//
// The cluster belongs to the program: it lives in one directory, listens on the loopback address only,
// on a port chosen anew at each start, and lets in its superuser and the owner of its one database, whose random password is in a
// file that only the user of the program can read. The program logs in as the owner. The binaries come from the machine, or are downloaded once.
//
// What always holds:
//   - One Postgres runs for a data directory. Whoever comes second attaches to it, also when both start at once.
//   - A cluster is complete or absent: it is made beside its place and renamed into it.
//   - A cluster of another major version is refused and left as it is; nothing here deletes a cluster.
//   - The Postgres started here ends with the program, also (on Linux and Windows) when the program is killed.
//   - The password is on no command line and in no log; statements and values of rows are in no log either.
//
// This is one node without a standby: right for a laptop, a trial and the tests.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// Options say where the cluster lives and how it is run. The zero value is usable.
type Options struct {
	DataDir string       // the program's directory, the cluster is in its "postgres"; "" means DefaultDataDir()
	BinDir  string       // the directory of initdb and postgres; "" means look for them
	Unsafe  bool         // trade durability for speed: a crash loses commits or the whole cluster, only for tests
	Log     *slog.Logger // hears of starts and stops, never of passwords; nil means silence

	knobs knobs // the program's own limits; tests replace them
}

// knobs are the fixed numbers and places of the launcher, in one struct so that a test can reach its edges.
type knobs struct {
	places       []string                           // patterns of directories that may hold Postgres, besides PATH and pg_config
	accounts     []string                           // who runs Postgres when the program is root, the first that exists
	repository   string                             // where binaries are downloaded from; "" means the fetcher's own
	fetchTimeout time.Duration                      // the longest a download may take
	readyTimeout time.Duration                      // the longest a start, with crash recovery, may take
	freePort     func(context.Context) (int, error) // chooses the port to listen on
}

// DefaultDataDir is the directory of the program for this user: /var/lib/bankgraph for root, otherwise where
// the system keeps data of applications. It is "" when the user has no home directory.
func DefaultDataDir() string {
	if isRoot() {
		return "/var/lib/bankgraph"
	}
	data := os.Getenv("XDG_DATA_HOME")
	if runtime.GOOS == "windows" {
		data = os.Getenv("LOCALAPPDATA")
	}
	if filepath.IsAbs(data) && runtime.GOOS != "darwin" {
		return filepath.Join(data, "bankgraph")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	switch runtime.GOOS {
	case "darwin":
		return filepath.Join(home, "Library", "Application Support", "bankgraph")
	case "windows":
		return filepath.Join(home, "AppData", "Local", "bankgraph")
	default:
		return filepath.Join(home, ".local", "share", "bankgraph")
	}
}

// Start attaches to the Postgres that already runs on the data directory, or else starts it, after making the
// cluster when there is none. The server answers when Start returns. The context bounds the start only:
// the server lives until Stop. An error is one sentence for the person at the terminal, and leaves nothing running.
func Start(ctx context.Context, options Options) (*Server, error) {
	l, err := newLauncher(options)
	if err != nil {
		return nil, err
	}
	// An error here only says that no server is there to attach to; the way below finds out why.
	if server, err := l.attach(ctx); err == nil && server != nil {
		return server, nil
	}

	// All reasons to refuse are looked for before the first directory is made or file written.
	plan, err := l.plan(ctx)
	if err != nil {
		return nil, err
	}
	unlock, err := l.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()

	// From here on no other program starts this cluster, but one may have done so a moment ago.
	if server, err := l.settle(ctx); err != nil || server != nil {
		return server, err
	}
	if plan.major == 0 && l.clusterExists() {
		if plan, err = l.plan(ctx); err != nil {
			return nil, err
		}
	}
	if plan.binaries == "" {
		if plan.binaries, err = l.fetch(ctx, plan.major); err != nil {
			return nil, err
		}
	}
	if plan.major == 0 {
		if err := l.initialise(ctx, plan.binaries); err != nil {
			return nil, err
		}
	}
	return l.launch(ctx, plan.binaries)
}

// launcher is one call of Start: the options with their defaults, and the paths and the account they lead to.
type launcher struct {
	Options
	cluster string  // the directory that Postgres calls its data directory
	account account // who runs Postgres
}

func newLauncher(options Options) (*launcher, error) {
	if options.DataDir == "" {
		options.DataDir = DefaultDataDir()
	}
	if options.DataDir == "" {
		return nil, errors.New("there is no home directory to keep the database in: name a data directory")
	}
	directory, err := filepath.Abs(options.DataDir)
	if err != nil {
		return nil, fmt.Errorf("find the data directory %s: %w", options.DataDir, err)
	}
	options.DataDir = directory
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	options.knobs = options.knobs.withDefaults()

	l := &launcher{Options: options, cluster: filepath.Join(directory, "postgres")}
	if l.account, err = accountFor(l.cluster, options.knobs.accounts); err != nil {
		return nil, err
	}
	return l, nil
}

func (k knobs) withDefaults() knobs {
	if k.places == nil {
		k.places = usualPlaces
	}
	if k.accounts == nil {
		k.accounts = []string{"postgres", "nobody"}
	}
	if k.fetchTimeout == 0 {
		k.fetchTimeout = 2 * time.Minute
	}
	if k.readyTimeout == 0 {
		k.readyTimeout = time.Minute
	}
	if k.freePort == nil {
		k.freePort = freePort
	}
	return k
}

// plan is what a start will do: with which binaries, for the cluster of which major version.
type plan struct {
	major    int    // of the existing cluster; 0 means that one has to be made
	binaries string // "" means that they have to be downloaded
}

// plan looks, and changes nothing. Its errors are the reasons to refuse the start.
func (l *launcher) plan(ctx context.Context) (plan, error) {
	major, err := l.clusterMajor()
	if err != nil {
		return plan{}, err
	}
	if err := l.checkEntrance(); err != nil {
		return plan{}, err
	}
	if major == 0 {
		err = l.checkFreeSpace()
	} else {
		_, err = l.password()
	}
	if err != nil {
		return plan{}, err
	}
	binaries, err := l.find(ctx, major)
	return plan{major: major, binaries: binaries}, err
}
