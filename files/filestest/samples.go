package filestest

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
)

// Sample is a small file of a type that is taken.
func Sample(mediaType string) []byte {
	switch mediaType {
	case "image/jpeg":
		var text bytes.Buffer
		_ = jpeg.Encode(&text, picture(), nil)
		return text.Bytes()
	case "image/png":
		return PNG(0)
	case "image/webp":
		return riff(append([]byte("VP8 \x0c\x00\x00\x00"), "0123456789ab"...))
	case "image/heic":
		return slices.Concat(box("ftyp", "heic\x00\x00\x00\x00mif1heic"), box("meta", "\x00\x00\x00\x00"), box("mdat", "0123"))
	case "application/pdf":
		return []byte("%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF\n")
	case "video/mp4":
		return slices.Concat(box("ftyp", "isom\x00\x00\x02\x00isomiso2mp41"), box("moov", "0123"), box("mdat", strings.Repeat("0123", 100)))
	}
	return nil
}

// PNG is a picture with a part that makes it at least as long.
func PNG(least int) []byte {
	var text bytes.Buffer
	_ = png.Encode(&text, picture())
	whole := text.Bytes()
	end := len(whole) - 12
	return slices.Concat(whole[:end], chunk("quIt", bytes.Repeat([]byte("0123456789abcdef"), max(0, least-len(whole)-12)/16)), whole[end:])
}

// Bomb is a picture of some bytes that would take gigabytes if somebody decoded it.
func Bomb() []byte {
	size := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 50_000), 50_000)
	return slices.Concat([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(size, 8, 6, 0, 0, 0)), chunk("IDAT", make([]byte, 100)), chunk("IEND", nil))
}

func picture() image.Image {
	p := image.NewRGBA(image.Rect(0, 0, 8, 8))
	p.Set(1, 1, color.White)
	return p
}

func chunk(name string, content []byte) []byte {
	named := append([]byte(name), content...)
	return slices.Concat(binary.BigEndian.AppendUint32(nil, uint32(len(content))), named, binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(named))) //nolint:gosec // it is short
}

func riff(content []byte) []byte {
	return slices.Concat([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(len(content)+4)), []byte("WEBP"), content) //nolint:gosec // it is short
}

func box(name, content string) []byte {
	return slices.Concat(binary.BigEndian.AppendUint32(nil, uint32(len(content)+8)), []byte(name+content)) //nolint:gosec // it is short
}
