package files_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"bankgraph/files"
	"bankgraph/files/filestest"
)

func inspect(content io.Reader) (*files.Inspection, error) {
	inspection := files.Inspect(content, nil)
	_, err := io.Copy(io.Discard, inspection)
	return inspection, err
}

// archive is a ZIP.
func archive(t *testing.T, content []byte) []byte {
	t.Helper()
	var text bytes.Buffer
	w := zip.NewWriter(&text)
	file, err := w.Create("a")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = file.Write(content)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

func TestTheTypeIsDecidedByTheContent(t *testing.T) {
	t.Parallel()
	for _, mediaType := range files.MediaTypes {
		sample := filestest.Sample(mediaType)
		for how, content := range map[string]io.Reader{"at once": bytes.NewReader(sample), "byte by byte": iotest.OneByteReader(bytes.NewReader(sample)), "with its end": iotest.DataErrReader(bytes.NewReader(sample))} {
			found, err := inspect(content)
			sum := sha256.Sum256(sample)
			if err != nil || found.MediaType() != mediaType || found.Size() != int64(len(sample)) || !bytes.Equal(found.Sum(), sum[:]) {
				t.Errorf("%s %s: %s %d %v", mediaType, how, found.MediaType(), found.Size(), err)
			}
		}
	}
	t.Run("HEIC under the name of what it is a kind of", func(t *testing.T) {
		t.Parallel()
		heif := bytes.Replace(filestest.Sample("image/heic"), []byte("ftypheic"), []byte("ftypmif1"), 1)
		if found, err := inspect(bytes.NewReader(heif)); err != nil || found.MediaType() != "image/heic" {
			t.Errorf("%s %v", found.MediaType(), err)
		}
	})
	t.Run("a PNG that fills what is allowed", func(t *testing.T) {
		t.Parallel()
		content := filestest.PNG(files.MaxSize)
		if found, err := inspect(bytes.NewReader(content)); err != nil || found.Size() > files.MaxSize || found.Size() < files.MaxSize-100 {
			t.Errorf("%d %v", found.Size(), err)
		}
	})
}

// sniffed is how much of a file tells its type.
const sniffed = 3072

// segment is a part of a JPEG.
func segment(name byte, content []byte) []byte {
	return slices.Concat([]byte{0xff, name, byte((len(content) + 2) >> 8), byte(len(content) + 2)}, content)
}

func TestWhatCamerasWriteIsTaken(t *testing.T) {
	t.Parallel()
	jpeg, mp4 := filestest.Sample("image/jpeg"), filestest.Sample("video/mp4")
	for what, content := range map[string][]byte{
		"a thumbnail in it":                     slices.Concat(jpeg[:2], segment(0xe1, jpeg), jpeg[2:]),
		"filling before a marker":               slices.Concat(jpeg[:2], []byte("\xff\xff"), jpeg[2:]),
		"another picture behind it":             slices.Concat(jpeg, jpeg, make([]byte, 9), jpeg),
		"a film behind it":                      slices.Concat(jpeg, mp4),
		"a film behind zeros":                   slices.Concat(jpeg, make([]byte, 13), mp4),
		"what Samsung's phones write behind it": slices.Concat(jpeg, []byte("\x00\x00\x01\x0a\x0e\x00\x00\x00Image_UTC_Data1700000000000SEFH\x6b\x00\x00\x00\x01\x00\x00\x00"), mp4, []byte("\x18\x00\x00\x00SEFT")),
		"zeros behind it":                       slices.Concat(jpeg, make([]byte, 100)),
		"a film whose end is that of the file":  slices.Concat(mp4[:40], []byte("\x00\x00\x00\x00mdat0123")),
		"letters of markup by chance in a film": slices.Concat(mp4, []byte("\x00\x00\x00\x00mdat"), make([]byte, sniffed), []byte("<HTml <script <?php %PDF-")),
	} {
		for how, reader := range map[string]io.Reader{"at once": bytes.NewReader(content), "byte by byte": iotest.OneByteReader(bytes.NewReader(content))} {
			if found, err := inspect(reader); err != nil {
				t.Errorf("%s %s: %s %v", what, how, found.MediaType(), err)
			}
		}
	}
}

// TestWhatIsNotTakenIsRefused is case K02.
func TestWhatIsNotTakenIsRefused(t *testing.T) {
	t.Parallel()
	png, jpeg, pdf := filestest.Sample("image/png"), filestest.Sample("image/jpeg"), filestest.Sample("application/pdf")
	mp4, small := filestest.Sample("video/mp4"), archive(t, []byte("a"))
	mustRefuse(t, map[string][]byte{
		"PNG header and HTML":           []byte("\x89PNG\r\n\x1a\n<html><script>alert(1)</script></html>"),
		"PNG with HTML behind it":       slices.Concat(png, []byte("<html>")),
		"PNG with HTML in it":           slices.Concat(png[:33], []byte("\x00\x00\x00\x0dtEXt<SCRIPT src=a0000"), png[33:]),
		"PNG that is cut off":           png[:len(png)-1],
		"PNG of a header":               png[:8],
		"PNG with parts of no name":     slices.Concat(png[:33], []byte("\x00\x00\x00\x00\x00\x01\x02\x03\x00\x00\x00\x00"), png[33:]),
		"PNG with a part that is huge":  slices.Concat(png[:33], []byte("\xff\xff\xff\xfftEXt"), png[33:]),
		"SVG with script":               []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
		"SVG with a declaration":        []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`),
		"HTML":                          []byte("<!DOCTYPE html><html></html>"),
		"PDF and ZIP":                   slices.Concat(pdf, small),
		"PDF and ZIP with its end":      slices.Concat(pdf, small, []byte("%%EOF\n")),
		"PDF behind HTML":               slices.Concat([]byte("<html>"), pdf),
		"PDF without an end":            []byte("%PDF-1.7\n1 0 obj << >> endobj\n"),
		"PDF with more behind it":       slices.Concat(pdf, bytes.Repeat([]byte("a"), 2000)),
		"JPEG and ZIP":                  slices.Concat(jpeg, small),
		"JPEG and PDF":                  slices.Concat(jpeg[:20], pdf, jpeg[20:]),
		"JPEG and HTML":                 slices.Concat(jpeg[:20], []byte("<!DocType html>"), jpeg[20:]),
		"JPEG and PHP":                  slices.Concat(jpeg, []byte("<?php system($_GET[0]);")),
		"JPEG and RAR":                  slices.Concat(jpeg, []byte("Rar!\x1a\x07\x01\x00")),
		"JPEG and 7z":                   slices.Concat(jpeg, []byte("7z\xbc\xaf\x27\x1c")),
		"JPEG without an end":           jpeg[:len(jpeg)-2],
		"JPEG cut off, a thumbnail in":  slices.Concat(jpeg[:2], segment(0xe1, jpeg), jpeg[2:len(jpeg)-2]),
		"JPEG with text behind it":      slices.Concat(jpeg, []byte("more")),
		"JPEG with zeros, then text":    slices.Concat(jpeg, make([]byte, 40), []byte("more")),
		"JPEG with more behind Samsung": slices.Concat(jpeg, []byte("\x00\x00\x01\x0aSEFT"), []byte("more")),
		"JPEG and half a film":          slices.Concat(jpeg, mp4[:len(mp4)-1]),
		"JPEG and a film without moov":  slices.Concat(jpeg, mp4[:28]),
		"JPEG, and half another":        slices.Concat(jpeg, jpeg[:len(jpeg)-2]),
		"JPEG and HTML, then an end":    slices.Concat(jpeg, bytes.Repeat([]byte("x"), sniffed), []byte("<html>\xff\xd9")),
		"JPEG of a start and an end":    []byte("\xff\xd8\xff\xd9"),
		"JPEG without a picture":        slices.Concat(jpeg[:2], segment(0xe1, []byte("Exif")), []byte("\xff\xd9")),
		"JPEG with a segment too short": slices.Concat(jpeg[:2], []byte("\xff\xe1\x00\x01"), jpeg[2:]),
		"JPEG with two starts":          slices.Concat(jpeg[:2], jpeg),
	})
}

func TestFilmsAndProgramsThatAreNotTakenAreRefused(t *testing.T) {
	t.Parallel()
	webp, mp4, small := filestest.Sample("image/webp"), filestest.Sample("video/mp4"), archive(t, []byte("a"))
	mustRefuse(t, map[string][]byte{
		"MP4 without moov":              bytes.Replace(mp4, []byte("moov"), []byte("free"), 1),
		"MP4 of a head":                 mp4[:28],
		"MP4 with a skip of the rest":   slices.Concat(mp4, []byte("\x00\x00\x00\x00free"), make([]byte, 100)),
		"HEIC without meta":             bytes.Replace(filestest.Sample("image/heic"), []byte("meta"), []byte("free"), 1),
		"WebP with more behind it":      slices.Concat(webp, []byte("more")),
		"WebP that is cut off":          webp[:len(webp)-1],
		"WebP of no length":             []byte("RIFF\x00\x00\x00\x00WEBPVP8 \x00\x00\x00\x00"),
		"MP4 that is cut off":           mp4[:len(mp4)-1],
		"MP4 with a box of no length":   slices.Concat(mp4, []byte("\x00\x00\x00\x02free")),
		"MP4 with a box of no name":     slices.Concat(mp4, []byte("\x00\x00\x00\x08\x00\x01\x02\x03")),
		"MP4 with a long box cut off":   slices.Concat(mp4, []byte("\x00\x00\x00\x01free\x00\x00\x00\x00\x00\x00")),
		"MP4 with a long box too short": slices.Concat(mp4, []byte("\x00\x00\x00\x01free\x00\x00\x00\x00\x00\x00\x00\x08")),
		"MP4 and ZIP":                   slices.Concat(mp4, []byte("\x00\x00\x00\x00free"), small),
		"QuickTime":                     []byte("\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  "),
		"Windows program named .jpg":    append([]byte("MZ\x90\x00"), make([]byte, 500)...),
		"Linux program":                 append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 500)...),
		"shell script":                  []byte("#!/bin/sh\nrm -rf /\n"),
		"nothing":                       {},
		"zero bytes":                    make([]byte, 4096),
		"EICAR":                         []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$` + `EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`),
		"ZIP bomb":                      archive(t, make([]byte, 50<<20)),
		"GIF":                           []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"),
		"plain text":                    []byte("hello"),
		"GZIP":                          []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00"),
	})
}

func mustRefuse(t *testing.T, contents map[string][]byte) {
	t.Helper()
	for what, content := range contents {
		for how, reader := range map[string]io.Reader{"at once": bytes.NewReader(content), "byte by byte": iotest.OneByteReader(bytes.NewReader(content[:min(len(content), 5000)]))} {
			if found, err := inspect(reader); !errors.Is(err, files.ErrContent) {
				t.Errorf("K02: %s %s is taken as %s: %v", what, how, found.MediaType(), err)
			}
		}
	}
}

func TestAnImageBombIsOnlyCounted(t *testing.T) {
	t.Parallel()
	bomb := filestest.Bomb()
	allocated := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if found, err := inspect(bytes.NewReader(bomb)); err != nil || found.MediaType() != "image/png" {
				b.Fatal(found.MediaType(), err)
			}
		}
	}).AllocedBytesPerOp()
	if allocated > 256<<10 {
		t.Errorf("K02: %d bytes are allocated for a file of %d", allocated, len(bomb))
	}
}

func TestMoreThanIsAllowedIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	content := bytes.NewReader(filestest.PNG(files.MaxSize + 4<<20)[:files.MaxSize+4<<20])
	if _, err := inspect(content); !errors.Is(err, files.ErrTooLarge) && !errors.Is(err, files.ErrContent) || content.Len() < 3<<20 {
		t.Errorf("%v, and %d bytes were not read", err, content.Len())
	}
	large := slices.Concat(filestest.Sample("application/pdf"), make([]byte, files.MaxSize))
	if _, err := inspect(bytes.NewReader(large)); !errors.Is(err, files.ErrTooLarge) {
		t.Error(err)
	}
}

func TestAFailureOfTheContentIsTold(t *testing.T) {
	t.Parallel()
	gone := errors.New("the client is gone")
	for _, text := range []string{"", "\x89PNG", string(filestest.PNG(5000)[:4000])} {
		inspection := files.Inspect(io.MultiReader(strings.NewReader(text), iotest.ErrReader(gone)), nil)
		for range 2 { // once it failed, it stays failed
			if _, err := io.Copy(io.Discard, inspection); !errors.Is(err, gone) {
				t.Errorf("%d bytes: %v", len(text), err)
			}
		}
	}
}

func TestAnotherHashThanWasSaidIsRefused(t *testing.T) {
	t.Parallel()
	sample := filestest.Sample("application/pdf")
	sum := sha256.Sum256(sample)
	if _, err := io.Copy(io.Discard, files.Inspect(bytes.NewReader(sample), sum[:])); err != nil {
		t.Error(err)
	}
	sum[0]++
	if _, err := io.Copy(io.Discard, files.Inspect(bytes.NewReader(sample), sum[:])); !errors.Is(err, files.ErrDigest) {
		t.Error(err)
	}
}

func FuzzInspect(f *testing.F) {
	for _, mediaType := range files.MediaTypes {
		f.Add(filestest.Sample(mediaType))
	}
	f.Add(filestest.Bomb())
	f.Add([]byte("\x00\x00\x00\x08ftypmif1\x00\x00\x00\x00mif1")) // a box that is shorter than its head
	f.Add([]byte("\x00\x00\x01\x01ftypmif1\x00\x00\x00\x00mif1"))
	f.Fuzz(func(t *testing.T, content []byte) {
		whole, err := inspect(bytes.NewReader(content))
		split, splitErr := inspect(iotest.HalfReader(bytes.NewReader(content)))
		if (err == nil) != (splitErr == nil) || err == nil && (whole.Size() != int64(len(content)) || split.MediaType() != whole.MediaType()) {
			t.Errorf("%v %v", err, splitErr)
		}
		if err == nil && !slices.Contains(files.MediaTypes, whole.MediaType()) {
			t.Error(whole.MediaType())
		}
	})
}
