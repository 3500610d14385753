//go:build unix && !linux

package embedded

import (
	"context"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// wishDeath is empty: here a Postgres outlives a killed program, and the next start attaches to it.
func wishDeath(*syscall.SysProcAttr, deathWish) {}

// ownerOf decides by the name of the program.
func ownerOf(pid int, _ string) owner {
	if !isAlive(pid) {
		return ownerGone
	}
	output, err := exec.CommandContext(context.Background(), "ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output()
	// Where nothing can be known the process counts as the cluster's: waiting in vain is better than two servers.
	if err != nil || filepath.Base(strings.TrimSpace(string(output))) == "postgres" {
		return ownerCluster
	}
	return ownerForeign
}
