package transfer

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"bankgraph/files"
	"bankgraph/models"
)

// errInterrupted says that a content ended before its end.
var errInterrupted = errors.New("transfer: the content was interrupted")

// uploaded is what a client reads of a file that was taken.
type uploaded struct {
	ID        string              `json:"id"`
	Version   int                 `json:"version"`
	State     models.KycFileState `json:"state"`
	MediaType string              `json:"mediaType"`
	Size      int                 `json:"size"`
	Sha256    string              `json:"sha256"`
}

// upload takes the content of a file. All that can be refused is refused before the first byte is read.
func (e *endpoints) upload(w http.ResponseWriter, r *http.Request) answer {
	ctx := r.Context()
	claim, err := e.claim(r, http.MethodPut)
	if err != nil {
		return e.refuse(ctx, w, err)
	}
	awaited, err := e.Verbs.AwaitedKycFile(ctx, claim)
	if err != nil {
		return e.refuse(ctx, w, err)
	}
	if r.ContentLength > files.MaxSize {
		return e.refuse(ctx, w, files.ErrTooLarge)
	}
	sum, err := wantedSum(r.Header)
	if err != nil {
		return e.refuse(ctx, w, err)
	}
	leave, err := e.uploads.take(awaited.Caller().User.UserID)
	if err != nil {
		return e.refuse(ctx, w, err)
	}
	defer leave()
	if e.isDraining() {
		return e.refuse(ctx, w, models.Errorf(models.Unavailable, "The server stops: send the file again."))
	}
	// What the store takes to answer comes on top of the client's time.
	ctx, cancel := context.WithTimeout(ctx, e.Times.Whole+time.Minute)
	defer cancel()
	content := &incoming{body: r.Body, line: newLine(w, e)}
	defer content.line.end()
	version, err := e.Verbs.ReceiveKycFile(ctx, awaited, content, sum)
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(e.Times.Pause)) // the server's own is over by now
	a := answer{status: http.StatusOK}
	if err != nil {
		a = e.refuse(ctx, w, err)
	} else {
		send(w, a.status, uploaded{models.ID{Kind: models.KindKycFile, UUID: version.KycFileID}.String(), version.Version, version.State, *version.MediaType, *version.Size, *version.Sha256})
	}
	a.bytes, a.caller = content.bytes, awaited.Caller().User.ID().String()
	return a
}

func (e *endpoints) claim(r *http.Request, method string) (files.Claim, error) {
	return e.Verbs.ReadKycClaim(method, r.PathValue("bank"), r.PathValue("file"), r.PathValue("version"), r.URL.Query())
}

// wantedSum is the SHA-256 that a client says its content has: in Content-Digest (RFC 9530), or in the older Digest; nil when it does not.
func wantedSum(header http.Header) ([]byte, error) {
	for name, form := range map[string][2]string{"Content-Digest": {"sha-256=:", ":"}, "Digest": {"sha-256=", ""}} {
		for entry := range strings.SplitSeq(strings.Join(header.Values(name), ","), ",") {
			entry = strings.TrimSpace(entry)
			if len(entry) < len(form[0]) || !strings.EqualFold(entry[:len(form[0])], form[0]) {
				continue // another algorithm
			}
			text, isWhole := strings.CutSuffix(entry[len(form[0]):], form[1])
			sum, err := base64.StdEncoding.DecodeString(text)
			if err != nil || !isWhole || len(sum) != sha256.Size {
				return nil, models.Errorf(models.BadInput, "%s should look like sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:", name)
			}
			return sum, nil
		}
	}
	return nil, nil
}

// incoming is a content that must come on, and come to an end.
type incoming struct {
	body  io.Reader
	line  *line
	bytes int64
}

func (c *incoming) Read(p []byte) (int, error) {
	c.line.expectRead()
	n, err := c.body.Read(p)
	c.bytes += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		err = errors.Join(errInterrupted, err)
	}
	return n, err
}
