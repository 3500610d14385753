package transfer

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/felixge/httpsnoop"

	"bankgraph/files"
	"bankgraph/models"
)

// extensions are what browsers call files of these types.
var extensions = map[string]string{
	"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic", "application/pdf": "pdf", "video/mp4": "mp4",
}

// download gives the content of a file. Its name is made of what the server made up: what people call it is in the graph.
func (e *endpoints) download(w http.ResponseWriter, r *http.Request) answer {
	claim, err := e.claim(r, http.MethodGet)
	if err != nil {
		return e.refuse(r.Context(), w, err)
	}
	leave, err := e.downloads.take(claim.User)
	if err != nil {
		return e.refuse(r.Context(), w, err)
	}
	defer leave()
	a := e.give(w, r, claim)
	a.caller = models.ID{Kind: models.KindUser, UUID: claim.User}.String()
	return a
}

// give answers with the content that a claim permits to read.
func (e *endpoints) give(w http.ResponseWriter, r *http.Request, claim files.Claim) answer {
	ctx, cancel := context.WithTimeout(r.Context(), e.Times.Whole)
	defer cancel()
	version, object, err := e.Verbs.OpenKycFile(ctx, claim)
	if err != nil {
		return e.refuse(r.Context(), w, err)
	}
	content := &outgoing{Object: object, line: newLine(w, e)}
	defer content.line.end()
	defer object.Close() //nolint:errcheck // it was read
	sum, err := hex.DecodeString(*version.Sha256)
	if err != nil {
		return e.refuse(r.Context(), w, err)
	}
	id := models.ID{Kind: models.KindKycFile, UUID: version.KycFileID}
	for name, value := range map[string]string{
		"Content-Type":            *version.MediaType,
		"Content-Disposition":     fmt.Sprintf(`attachment; filename="%s-%d.%s"`, id, version.Version, extensions[*version.MediaType]),
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
		"ETag":                    `"` + *version.Sha256 + `"`,
		"Repr-Digest":             "sha-256=:" + base64.StdEncoding.EncodeToString(sum) + ":",
	} {
		w.Header().Set(name, value)
	}
	if strings.Contains(strings.Join(r.Header.Values("Range"), ","), ",") { // each part would be a request to the store: who wants many gets the whole
		r.Header.Del("Range")
	}
	a := answer{status: http.StatusOK}
	http.ServeContent(httpsnoop.Wrap(w, httpsnoop.Hooks{WriteHeader: func(write httpsnoop.WriteHeaderFunc) httpsnoop.WriteHeaderFunc {
		return func(code int) { a.status = code; write(code) }
	}}), r, "", time.Time{}, content)
	a.bytes = content.bytes
	switch {
	case errors.Is(content.failure, files.ErrUnavailable): // in the middle: the client sees an answer that is cut off
		a.code, a.cause = models.Unavailable, content.failure
	case ctx.Err() != nil, content.failure != nil:
		a.code = models.Timeout
	}
	return a
}

// outgoing is a content that must be taken.
type outgoing struct {
	files.Object

	line    *line
	bytes   int64
	failure error
}

func (c *outgoing) Read(p []byte) (int, error) {
	c.line.expectWrite() // of what was read before
	n, err := c.Object.Read(p)
	c.bytes += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		c.failure = err
	}
	return n, err
}
