package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Local keeps objects in a directory, which several servers may share.
type Local struct{ root *os.Root }

// drafts is the folder of what is being written. It is beside the objects, so that renaming stays within one file system.
const drafts = "drafts"

// OpenLocal opens a directory, and makes it when it is not there.
func OpenLocal(directory string) (*Local, error) {
	if err := os.MkdirAll(filepath.Join(directory, drafts), 0o700); err != nil {
		return nil, fmt.Errorf("make the directory for files: %w", err)
	}
	root, err := os.OpenRoot(directory) // no key, whatever is in it, leads out of it
	if err != nil {
		return nil, fmt.Errorf("open the directory for files: %w", err)
	}
	return &Local{root}, nil
}

// Close lets go of the directory.
func (l *Local) Close() error { return l.root.Close() }

// Put writes a draft, and gives it its name when all of it is on the disk.
func (l *Local) Put(ctx context.Context, key string, content io.Reader) (err error) {
	if err := checkKey(key); err != nil {
		return err
	}
	draft := filepath.Join(drafts, filepath.Base(key))
	file, err := l.root.OpenFile(draft, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return ErrExists
	}
	if err != nil {
		return unavailable(err)
	}
	defer func() { err = errors.Join(err, l.remove(draft)) }()
	from := &source{Reader: content}
	_, err = io.Copy(file, from)
	if from.failure != nil {
		_ = file.Close() // it is thrown away
		return from.failure
	}
	if err = errors.Join(err, file.Sync(), file.Close(), ctx.Err()); err != nil {
		return unavailable(err)
	}
	return l.publish(draft, key)
}

// publish gives a draft its name, unless something has it already, and waits until the name is on the disk, too.
func (l *Local) publish(draft, key string) error {
	folder := filepath.Dir(key)
	made := l.root.Mkdir(folder, 0o700)
	if made != nil && !errors.Is(made, fs.ErrExist) {
		return unavailable(made)
	}
	if err := l.root.Link(draft, key); errors.Is(err, fs.ErrExist) {
		return ErrExists
	} else if err != nil {
		return unavailable(err)
	}
	err := l.sync(folder)
	if made == nil {
		err = errors.Join(err, l.sync("."))
	}
	if err != nil {
		return unavailable(err)
	}
	return nil
}

// Open reads an object.
func (l *Local) Open(_ context.Context, key string) (Object, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	file, err := l.root.Open(key)
	if errors.Is(err, fs.ErrNotExist) {
		// When the whole directory is gone, such as one that is mounted, the object may well be there again.
		if _, err := l.root.Stat(drafts); err != nil {
			return nil, unavailable(err)
		}
		return nil, ErrNotThere
	}
	if err != nil {
		return nil, unavailable(err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, unavailable(errors.Join(err, file.Close()))
	}
	return localObject{file, info.Size()}, nil
}

type localObject struct {
	*os.File

	size int64
}

// Size is in bytes.
func (o localObject) Size() int64 { return o.size }

// Delete removes an object.
func (l *Local) Delete(_ context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if err := l.remove(key); err != nil {
		return unavailable(err)
	}
	return nil
}

func (l *Local) remove(path string) error {
	if err := l.root.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Ping writes a byte and removes it: a disk that is full or only read can be looked at all the same.
func (l *Local) Ping(context.Context) error {
	name, err := NewKey()
	if err != nil {
		return err
	}
	path := filepath.Join(drafts, filepath.Base(name))
	if err := l.root.WriteFile(path, []byte{0}, 0o600); err != nil {
		return unavailable(errors.Join(err, l.remove(path)))
	}
	if err := l.remove(path); err != nil {
		return unavailable(err)
	}
	return nil
}

// Sweep removes drafts that nobody writes any more.
func (l *Local) Sweep(before time.Time) error {
	entries, err := fs.ReadDir(l.root.FS(), drafts)
	if err != nil {
		return unavailable(err)
	}
	for _, entry := range entries {
		info, statErr := entry.Info()
		if statErr == nil && info.ModTime().Before(before) {
			err = errors.Join(err, l.remove(filepath.Join(drafts, entry.Name())))
		}
	}
	return err
}
