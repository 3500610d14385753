package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed playground
var playgroundFiles embed.FS

// contentTypes lists what is served; a file with another ending (the vendored
// files' README) stays private. The type is not guessed from the system's MIME
// tables, which differ between machines and, with nosniff, break the page.
var contentTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
}

// asset is one file of the page, ready in both forms.
type asset struct {
	contentType  string
	cacheControl string
	hash         string
	gzipped      []byte
	plain        func() []byte
}

// assets maps each URL path (as a ServeMux pattern) to its file. It is built
// once: the files are part of the binary and never change.
var assets = sync.OnceValue(func() map[string]*asset {
	found := map[string]*asset{}
	err := fs.WalkDir(playgroundFiles, "playground", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := playgroundFiles.ReadFile(name)
		if err != nil {
			return err
		}
		plainName := strings.TrimSuffix(name, ".gz")
		contentType, served := contentTypes[path.Ext(plainName)]
		if !served {
			return nil
		}
		file := newAsset(content, plainName != name)
		file.contentType = contentType
		file.cacheControl = cacheControl(plainName)
		found[urlPath(plainName)] = file
		return nil
	})
	if err != nil {
		panic("web: read embedded files: " + err.Error())
	}
	return found
})

// urlPath is where the file is served. The page itself is the root.
func urlPath(name string) string {
	if name == "playground/index.html" {
		return "/{$}"
	}
	return "/" + name
}

// cacheControl keeps the page out of every cache (it is small, and an old page
// with a new server is confusing), keeps vendored files for good because their
// version is part of their path, and has the rest asked again by ETag.
func cacheControl(name string) string {
	switch {
	case path.Ext(name) == ".html":
		return "no-store"
	case strings.HasPrefix(name, "playground/vendor/"):
		return "public, max-age=31536000, immutable"
	default:
		return "no-cache"
	}
}

// newAsset takes the content as embedded. The big vendored files are embedded
// compressed only and unpacked for the first client that wants them plain; our
// own small files stay readable in the repository and are compressed here.
func newAsset(content []byte, compressed bool) *asset {
	sum := sha256.Sum256(content)
	file := &asset{hash: hex.EncodeToString(sum[:16])}
	if compressed {
		file.gzipped = content
		file.plain = sync.OnceValue(func() []byte { return gunzip(content) })
	} else {
		file.gzipped = gzipBytes(content)
		file.plain = func() []byte { return content }
	}
	return file
}

// ServeHTTP answers with the form that the client takes. The two forms have
// different ETags because they are different bytes.
func (a *asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", a.contentType)
	header.Set("Cache-Control", a.cacheControl)
	header.Add("Vary", "Accept-Encoding")

	var body []byte
	if acceptsGzip(r) {
		body = a.gzipped
		header.Set("Content-Encoding", "gzip")
		header.Set("Etag", `"`+a.hash+`-gzip"`)
	} else {
		body = a.plain()
		header.Set("Etag", `"`+a.hash+`"`)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// acceptsGzip reports whether the client names gzip and does not refuse it
// with a quality of zero. A bare "*" is not taken as a yes: plain always works.
func acceptsGzip(r *http.Request) bool {
	for _, line := range r.Header.Values("Accept-Encoding") {
		for coding := range strings.SplitSeq(line, ",") {
			name, parameter, _ := strings.Cut(coding, ";")
			if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
				continue
			}
			quality, found := strings.CutPrefix(strings.TrimSpace(parameter), "q=")
			value, err := strconv.ParseFloat(quality, 64)
			return !found || (err == nil && value > 0)
		}
	}
	return false
}

func gzipBytes(content []byte) []byte {
	var packed bytes.Buffer
	writer, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err == nil {
		_, err = writer.Write(content)
	}
	if err == nil {
		err = writer.Close()
	}
	if err != nil {
		panic("web: compress embedded file: " + err.Error())
	}
	return packed.Bytes()
}

func gunzip(packed []byte) []byte {
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic("web: unpack embedded file: " + err.Error())
	}
	content, err := io.ReadAll(reader)
	if err != nil {
		panic("web: unpack embedded file: " + err.Error())
	}
	return content
}
