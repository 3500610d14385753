//go:build !windows

package files

import "errors"

// sync waits until the names in a folder are on the disk.
func (l *Local) sync(folder string) error {
	directory, err := l.root.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(directory.Sync(), directory.Close())
}
