package embedded

import (
	"bytes"
	"context"
	"os/exec"
	"runtime"
	"time"
)

// process is a child. It is waited for from the moment it starts, so it never stays as a zombie.
type process struct {
	command *exec.Cmd
	exited  chan struct{}
	err     error // of the child; readable once exited is closed
}

// command is a program run as the account, with nothing of this program's environment that is not needed.
func (l *launcher) command(path string, death deathWish) *exec.Cmd {
	// No context ends it: Postgres outlives the call that starts it, and killing it is the last resort.
	command := exec.CommandContext(context.Background(), path)
	command.Env = environment()
	command.SysProcAttr = l.account.attributes(death)
	// Files that a grandchild keeps open must not keep us waiting when the child is gone.
	command.WaitDelay = abandonTimeout
	if l.account.drop {
		command.Dir = "/" // the account may not be allowed to be where this program is
	}
	return command
}

// start runs the command from a thread of its own: Linux sends the signal for the death of the parent when the
// thread that made the child ends, so that thread has to live as long as the child.
func start(command *exec.Cmd) (*process, error) {
	child := &process{command: command, exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := command.Start()
		if err == nil {
			if err = confine(command.Process); err != nil {
				_ = command.Process.Kill()
				_ = command.Wait()
			}
		}
		started <- err
		if err != nil {
			return
		}
		child.err = command.Wait()
		close(child.exited)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return child, nil
}

// run runs a short-lived program to its end and returns what it printed. A cancelled context ends it with all
// its children.
func (l *launcher) run(ctx context.Context, path string, arguments ...string) (output string, err error) {
	var printed bytes.Buffer
	command := l.command(path, deathKills)
	command.Args = append(command.Args, arguments...)
	command.Stdout, command.Stderr = &printed, &printed
	child, err := start(command)
	if err != nil {
		return "", err
	}
	select {
	case <-child.exited:
		return printed.String(), child.err
	case <-ctx.Done():
		killGroup(child)
		<-child.exited
		return printed.String(), ctx.Err()
	}
}

// abandon ends a Postgres without asking for order: first so that it can tell its own processes, then by force.
// They notice by themselves when it is gone. It returns when the child has ended.
func (p *process) abandon() {
	stopNow(p)
	select {
	case <-p.exited:
		return
	case <-time.After(abandonTimeout):
	}
	_ = p.command.Process.Kill()
	<-p.exited
}
