package embedded

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

func wishDeath(attributes *syscall.SysProcAttr, death deathWish) { attributes.Pdeathsig = death }

// ownerOf decides by the working directory, which for Postgres is its cluster. Where that may not be read the
// name of the program decides, and where nothing can be known the process counts as the cluster's: waiting in
// vain is better than two servers on one cluster.
func ownerOf(pid int, cluster string) owner {
	if !isAlive(pid) {
		return ownerGone
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if errors.Is(err, fs.ErrNotExist) && isAlive(pid) {
		return ownerCluster // other users' processes are hidden here
	}
	// "pid (name) state ...": the name may hold anything, so the state is looked for after its last bracket.
	end := bytes.LastIndexByte(status, ')')
	if end < 0 || len(status) < end+3 {
		return ownerGone
	}
	if status[end+2] == 'Z' {
		return ownerForeign // a zombie runs nothing, but Postgres would take it for alive
	}
	theirs, errTheirs := os.Stat(fmt.Sprintf("/proc/%d/cwd", pid))
	ours, errOurs := os.Stat(cluster)
	if errTheirs == nil && errOurs == nil {
		if os.SameFile(theirs, ours) {
			return ownerCluster
		}
		return ownerForeign
	}
	if bytes.Contains(status[:end], []byte("(postgres")) {
		return ownerCluster
	}
	return ownerForeign
}
