//go:build unix

package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// account is who runs Postgres. Only root drops to another one, because Postgres refuses to run as root.
type account struct {
	name string
	uid  uint32
	gid  uint32
	drop bool
}

func isRoot() bool { return os.Geteuid() == 0 }

// accountFor is the program's own user, or for root the owner of the cluster, or before there is one the first
// of the names that exists.
func accountFor(cluster string, names []string) (account, error) {
	if !isRoot() {
		return account{}, nil
	}
	if info, err := os.Stat(cluster); err == nil {
		owner := info.Sys().(*syscall.Stat_t)
		if owner.Uid == 0 && !isEmpty(cluster) {
			return account{}, fmt.Errorf("the database in %s belongs to root, as whom Postgres refuses to run: give it to the user who shall run it, for example with `chown -R postgres %s`", cluster, cluster)
		}
		if owner.Uid != 0 {
			return account{name: "with the number " + strconv.Itoa(int(owner.Uid)), uid: owner.Uid, gid: owner.Gid, drop: true}, nil
		}
	}
	for _, name := range names {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		// Some systems write the number of nobody as -2.
		uid, errUser := strconv.ParseInt(found.Uid, 10, 64)
		gid, errGroup := strconv.ParseInt(found.Gid, 10, 64)
		if errUser == nil && errGroup == nil && uid != 0 {
			return account{name: name, uid: uint32(uid), gid: uint32(gid), drop: true}, nil
		}
	}
	return account{}, fmt.Errorf("root may not run Postgres and there is no user %s to run it as: add one, for example with `useradd --system postgres`", strings.Join(names, " or "))
}

func isEmpty(directory string) bool {
	entries, err := os.ReadDir(directory)
	return err == nil && len(entries) == 0
}

// canEnter is true when the permissions of a directory let the account pass through it.
func (a account) canEnter(info fs.FileInfo) bool {
	if !a.drop {
		return true
	}
	owner := info.Sys().(*syscall.Stat_t)
	switch {
	case owner.Uid == a.uid:
		return info.Mode()&0o100 != 0
	case owner.Gid == a.gid:
		return info.Mode()&0o010 != 0
	default:
		return info.Mode()&0o001 != 0
	}
}

// give makes the account the owner of a file that the program made for it.
func (a account) give(path string) error {
	if !a.drop {
		return nil
	}
	return os.Lchown(path, int(a.uid), int(a.gid))
}

// deathWish is the signal a child gets when this program dies, on systems that know such a thing.
type deathWish = syscall.Signal

const (
	// deathEndsPostgres is a fast shutdown: the next start finds everything in order.
	deathEndsPostgres = syscall.SIGINT

	deathKills = syscall.SIGKILL
)

// attributes put the child into a process group of its own: Ctrl-C reaches this program, which stops the child.
func (a account) attributes(death deathWish) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Setpgid: true}
	wishDeath(attributes, death)
	if a.drop {
		attributes.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return attributes
}

// confine has nothing to do here: the attributes say it all.
func confine(*os.Process) error { return nil }

// stopFast asks for a fast shutdown, stopNow for one that leaves the rest to the next start's recovery.
func stopFast(p *process, _, _ string) error { return p.command.Process.Signal(syscall.SIGINT) }

func stopNow(p *process) { _ = p.command.Process.Signal(syscall.SIGQUIT) }

func killGroup(p *process) { _ = syscall.Kill(-p.command.Process.Pid, syscall.SIGKILL) }

// lockFile tries to take the lock of an open file; the lock ends when the file is closed.
func lockFile(file *os.File) (bool, error) {
	err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) || errors.Is(err, unix.EINTR) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("lock %s: %w", file.Name(), err)
	}
	return true, nil
}

// freeSpace is the number of bytes that a user other than root may still write.
func freeSpace(directory string) (uint64, error) {
	var statistics unix.Statfs_t
	if err := unix.Statfs(directory, &statistics); err != nil {
		return 0, err
	}
	// The types of the two differ by system.
	return uint64(statistics.Bavail) * uint64(statistics.Bsize), nil
}

// syncDirectory makes a rename inside the directory survive a crash of the machine.
func syncDirectory(path string) error {
	directory, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open the data directory: %w", err)
	}
	defer func() { _ = directory.Close() }()
	if err := directory.Sync(); err != nil {
		return fmt.Errorf("write the data directory to disk: %w", err)
	}
	return nil
}

// owner says who has the process number that postmaster.pid names.
type owner int

const (
	ownerGone    owner = iota // no process, or only the remains of one
	ownerForeign              // a process that got the number after Postgres had lost it
	ownerCluster              // the Postgres of the cluster
)

// isAlive is false also for processes of other users: those cannot be the Postgres of a cluster that we can run.
func isAlive(pid int) bool { return pid > 0 && unix.Kill(pid, 0) == nil }
