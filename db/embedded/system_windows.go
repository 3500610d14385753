package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// account is always the program's own user. Postgres itself refuses one with the rights of an administrator.
type account struct {
	name string
	drop bool
}

func isRoot() bool { return false }

func accountFor(string, []string) (account, error) { return account{}, nil }

func (account) canEnter(fs.FileInfo) bool { return true }

func (account) give(string) error { return nil }

// deathWish has no choice here: the job ends all children with the program.
type deathWish struct{}

var (
	deathEndsPostgres deathWish
	deathKills        deathWish
)

// attributes put the child into a process group of its own: Ctrl-C reaches this program, which stops the child.
func (account) attributes(deathWish) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP, HideWindow: true}
}

// job holds the children. Its only handle is this program's, so the system ends them together with the program.
var job = sync.OnceValues(func() (windows.Handle, error) {
	handle, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return 0, fmt.Errorf("make a job for the children: %w", err)
	}
	limits := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{}
	limits.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	_, err = windows.SetInformationJobObject(handle, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	if err != nil {
		return 0, fmt.Errorf("limit the job of the children: %w", err)
	}
	return handle, nil
})

func confine(child *os.Process) error {
	handle, err := job()
	if err != nil {
		return err
	}
	process, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(child.Pid))
	if errors.Is(err, windows.ERROR_INVALID_PARAMETER) {
		return nil // it has ended already
	}
	if err != nil {
		return fmt.Errorf("open the child: %w", err)
	}
	defer func() { _ = windows.CloseHandle(process) }()
	if err := windows.AssignProcessToJobObject(handle, process); err != nil {
		return fmt.Errorf("put the child into the job: %w", err)
	}
	return nil
}

// stopFast goes through pg_ctl, which knows how to signal a Postgres on Windows.
func stopFast(_ *process, binaries, cluster string) error {
	ctx, cancel := context.WithTimeout(context.Background(), abandonTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, executable(binaries, "pg_ctl"), "stop", "--mode", "fast", "--no-wait", "-D", cluster)
	command.Env = environment()
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("pg_ctl says %q: %w", strings.TrimSpace(string(output)), err)
	}
	return nil
}

func stopNow(p *process) { _ = p.command.Process.Kill() }

func killGroup(p *process) { _ = p.command.Process.Kill() }

// lockFile tries to take the lock of an open file; the lock ends when the file is closed.
func lockFile(file *os.File) (bool, error) {
	err := windows.LockFileEx(windows.Handle(file.Fd()),
		windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &windows.Overlapped{})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("lock %s: %w", file.Name(), err)
	}
	return true, nil
}

// freeSpace is the number of bytes that this user may still write.
func freeSpace(directory string) (uint64, error) {
	path, err := windows.UTF16PtrFromString(directory)
	if err != nil {
		return 0, err
	}
	var free uint64
	err = windows.GetDiskFreeSpaceEx(path, &free, nil, nil)
	return free, err
}

// syncDirectory has no counterpart here: NTFS keeps the order of renames in its journal.
func syncDirectory(string) error { return nil }

// owner says who has the process number that postmaster.pid names.
type owner int

const (
	ownerGone    owner = iota // no process
	ownerForeign              // a process that got the number after Postgres had lost it
	ownerCluster              // the Postgres of the cluster
)

// ownerOf decides by the name of the program.
func ownerOf(pid int, _ string) owner {
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return ownerGone
	}
	defer func() { _ = windows.CloseHandle(process) }()
	var code uint32
	if err := windows.GetExitCodeProcess(process, &code); err == nil && code != uint32(windows.STATUS_PENDING) {
		return ownerGone
	}
	name := make([]uint16, windows.MAX_LONG_PATH)
	size := uint32(len(name))
	if err := windows.QueryFullProcessImageName(process, 0, &name[0], &size); err != nil {
		return ownerCluster
	}
	if strings.EqualFold(filepath.Base(windows.UTF16ToString(name[:size])), "postgres.exe") {
		return ownerCluster
	}
	return ownerForeign
}
