package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// tick is the unit of /proc: the kernel's USER_HZ, which is 100 everywhere that Go runs.
const tick = 10 * time.Millisecond

// stat are the fields of /proc/PID/stat after the name, which may have spaces.
func stat(path string) []string {
	content, err := os.ReadFile(path) //nolint:gosec // a file of the kernel
	if err != nil {
		return nil
	}
	_, rest, _ := strings.Cut(string(content), ") ")
	return strings.Fields(rest)
}

func field(fields []string, i int) int {
	if i >= len(fields) {
		return 0
	}
	n, _ := strconv.Atoi(fields[i]) // absent is none
	return n
}

// The places in stat of the parent's number, and of the times of the process and of its children that ended.
const (
	ofParent         = 1
	ofUser, ofSystem = 11, 12
	ofGoneUser       = 13
	ofGoneSystem     = 14
)

// processorTime is what a process and its children have used, also those that ended. It is 0 where there is no /proc.
func processorTime(pid int) time.Duration { return processorTimes(pid)[0] }

// processorTimes are those of several processes.
func processorTimes(pids ...int) []time.Duration {
	used := make([]time.Duration, len(pids))
	for i, pid := range pids {
		one := stat(fmt.Sprintf("/proc/%d/stat", pid))
		used[i] = time.Duration(field(one, ofUser)+field(one, ofSystem)+field(one, ofGoneUser)+field(one, ofGoneSystem)) * tick
	}
	all, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range all {
		one := stat(path)
		if i := slices.Index(pids, field(one, ofParent)); i >= 0 {
			used[i] += time.Duration(field(one, ofUser)+field(one, ofSystem)) * tick
		}
	}
	return used
}

// postmaster is the process of the database, when it runs on this machine; otherwise 0.
func postmaster(ctx context.Context, url string) int {
	connection, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0
	}
	defer connection.Close(ctx) //nolint:errcheck // nothing was written
	var pid int
	if connection.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&pid) != nil {
		return 0
	}
	if name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); err != nil || !strings.HasPrefix(string(name), "postgres") {
		return 0
	}
	return field(stat(fmt.Sprintf("/proc/%d/stat", pid)), ofParent)
}

// machine says on what this runs.
func machine() string {
	load, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(load), " ")
	return fmt.Sprintf("%s, %s/%s, %d cores, load before %s", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), first)
}
