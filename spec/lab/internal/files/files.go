// Package files decides how the lab leaves files behind: whole or not at all, and readable by their owner only.
package files

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// Write puts name into dir so that a reader never sees half of it.
func Write(dir, name string, content []byte) error {
	path := filepath.Join(dir, name)
	temporary := path + ".new"
	if err := os.WriteFile(temporary, content, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return os.Rename(temporary, path)
}

// WriteNumber is Write for a file that holds one number.
func WriteNumber(dir, name string, number int) error {
	return Write(dir, name, []byte(strconv.Itoa(number)))
}

// ReadNumber gives 0 for a file that is absent or holds something else.
func ReadNumber(dir, name string) int {
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return 0
	}
	number, err := strconv.Atoi(string(content))
	if err != nil {
		return 0
	}
	return number
}

// Folder makes dir and gives its absolute path: unix sockets and kubeconfigs want one.
func Folder(dir string) (string, error) {
	if dir == "" {
		return "", fmt.Errorf("--dir is missing: it names the folder for state, certificates and kubeconfig")
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return absolute, os.MkdirAll(absolute, 0o700)
}
