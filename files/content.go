package files

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"

	"github.com/gabriel-vasile/mimetype"
)

// MaxSize is the size of the largest file that is taken, in bytes: 20 MiB.
const MaxSize = 20 << 20

// Why content is refused.
var (
	ErrTooLarge = errors.New("files: the content is larger than 20 MiB")
	ErrDigest   = errors.New("files: the content has another hash than was said")
	ErrContent  = errors.New("files: only JPEG, PNG, WebP, HEIC, PDF and MP4 are taken, each with the parts of its type from its beginning to its end")
)

// sniffed is how much of the beginning tells the type.
const sniffed = 3072

// Inspection is content on its way to a store. It reads as the content does, and fails in place of the end when the content is
// refused. It holds some kilobytes, and decodes nothing: what an image would become is of no account.
type Inspection struct {
	content   *bufio.Reader
	wanted    []byte // the hash that the content must have; nil for any
	hash      hash.Hash
	size      int64
	mediaType string
	structure structure
	strange   strangers
	failure   error
}

// Inspect looks at content while it is read.
func Inspect(content io.Reader, wanted []byte) *Inspection {
	return &Inspection{content: bufio.NewReaderSize(content, 32<<10), wanted: wanted, hash: sha256.New()}
}

// MediaType is the type that the content has; known when all was read.
func (i *Inspection) MediaType() string { return i.mediaType }

// Size is how many bytes were read.
func (i *Inspection) Size() int64 { return i.size }

// Sum is the SHA-256 of what was read.
func (i *Inspection) Sum() []byte { return i.hash.Sum(nil) }

// Read reads on.
func (i *Inspection) Read(p []byte) (int, error) {
	if i.failure != nil {
		return 0, i.failure
	}
	if i.structure == nil {
		if i.failure = i.begin(); i.failure != nil {
			return 0, i.failure
		}
	}
	n, err := i.content.Read(p)
	_, _ = i.hash.Write(p[:n]) // it never fails
	i.size += int64(n)
	switch {
	case i.size > MaxSize:
		err = ErrTooLarge
	default:
		i.strange.look(p[:n])
		if found := errors.Join(i.structure.feed(p[:n]), i.strange.verdict(i.mediaType)); found != nil {
			err = found
		} else if errors.Is(err, io.EOF) {
			err = i.end()
		}
	}
	i.failure = err
	return n, err
}

// begin decides the type by the first bytes.
func (i *Inspection) begin() error {
	head, err := i.content.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	i.mediaType = mimetype.Detect(head).String()
	if i.mediaType == "image/heif" && isHEIC(head) {
		i.mediaType = "image/heic"
	}
	begin, known := structures[i.mediaType]
	if !known || i.mediaType == typePDF && !bytes.HasPrefix(head, []byte("%PDF-")) { // readers look further down, too
		return ErrContent
	}
	i.structure = begin()
	return nil
}

// maxBrands is how far into a file its kinds are looked for.
const maxBrands = 256

// isHEIC says whether a HEIF image names HEIC among what it is compatible with, as some cameras write it.
func isHEIC(head []byte) bool {
	if len(head) < 16 {
		return false
	}
	// The length is the uploader's own: it may be anything.
	end := min(uint64(len(head)), uint64(binary.BigEndian.Uint32(head)), maxBrands)
	if end < 16 {
		return false
	}
	brands := head[16:end]
	return slices.ContainsFunc([]string{"heic", "heix"}, func(brand string) bool { return bytes.Contains(brands, []byte(brand)) })
}

// end is the verdict on the whole: io.EOF when there is nothing against it.
func (i *Inspection) end() error {
	if err := errors.Join(i.structure.end(), i.strange.ending(i.mediaType, i.size)); err != nil {
		return err
	}
	if i.wanted != nil && subtle.ConstantTimeCompare(i.wanted, i.Sum()) != 1 {
		return ErrDigest
	}
	return io.EOF
}

// pattern is a run of bytes that is looked for.
type pattern struct {
	text string
	last int64 // behind its last place, 0 when it was not found
}

// strangers look for what makes a file two files: an archive behind a picture, a page at its beginning.
type strangers struct {
	at      int64 // how much was looked at
	rest    []byte
	small   []byte
	exact   [5]pattern
	markup  [4]pattern // in small letters
	isReady bool
}

// The places in exact.
const (
	zipEnd = iota
	pdfEnd
	pdfBegin
	rar
	sevenZip
)

// longest is longer than any pattern.
const longest = 16

func (s *strangers) look(p []byte) {
	if !s.isReady {
		s.exact = [5]pattern{zipEnd: {text: "PK\x05\x06"}, pdfEnd: {text: "%%EOF"}, pdfBegin: {text: "%PDF-"}, rar: {text: "Rar!\x1a\x07"}, sevenZip: {text: "7z\xbc\xaf\x27\x1c"}}
		s.markup = [4]pattern{{text: "<script"}, {text: "<html"}, {text: "<!doctype"}, {text: "<?php"}}
		s.isReady = true
	}
	s.rest = append(s.rest, p...)
	begin := s.at + int64(len(p)) - int64(len(s.rest))
	find(s.exact[:], s.rest, begin)
	// Markup is looked for only where a reader would that guesses a type: further down some film has these few letters by chance.
	if begin < sniffed {
		s.small = append(s.small[:0], s.rest[:min(int64(len(s.rest)), sniffed-begin)]...)
		for i, b := range s.small {
			if 'A' <= b && b <= 'Z' {
				s.small[i] = b + 'a' - 'A'
			}
		}
		find(s.markup[:], s.small, begin)
	}
	s.at += int64(len(p))
	s.rest = append(s.rest[:0], s.rest[max(0, len(s.rest)-longest):]...)
}

func find(patterns []pattern, in []byte, begin int64) {
	for i := range patterns {
		if at := bytes.LastIndex(in, []byte(patterns[i].text)); at >= 0 {
			patterns[i].last = begin + int64(at+len(patterns[i].text))
		}
	}
}

// verdict is on what was read so far.
func (s *strangers) verdict(mediaType string) error {
	isPDF := mediaType == typePDF
	for _, p := range s.markup {
		if p.last > 0 && !isPDF { // in a PDF it is text
			return fmt.Errorf("%w: it begins with markup", ErrContent)
		}
	}
	switch {
	case s.exact[rar].last > 0, s.exact[sevenZip].last > 0:
		return fmt.Errorf("%w: it has an archive in it", ErrContent)
	case !isPDF && s.exact[pdfBegin].last > 0 && s.at <= sniffed:
		return fmt.Errorf("%w: it passes for a PDF, too", ErrContent)
	}
	return nil
}

// Where readers of these formats look for their end, in bytes before that of the file.
const (
	zipReach = 22 + 1<<16
	pdfReach = 1024
)

// ending is the verdict on the whole.
func (s *strangers) ending(mediaType string, size int64) error {
	switch {
	case s.exact[zipEnd].last > 0 && size-s.exact[zipEnd].last < zipReach:
		return fmt.Errorf("%w: it is an archive, too", ErrContent)
	case mediaType == typePDF && (s.exact[pdfEnd].last == 0 || size-s.exact[pdfEnd].last > pdfReach):
		return fmt.Errorf("%w: the PDF has no end", ErrContent)
	}
	return nil
}
