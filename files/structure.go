package files

import (
	"encoding/binary"
	"fmt"
	"math"
)

// The types that are taken.
const (
	typeJPEG = "image/jpeg"
	typePNG  = "image/png"
	typeWebP = "image/webp"
	typeHEIC = "image/heic"
	typePDF  = "application/pdf"
	typeMP4  = "video/mp4"
)

// MediaTypes are the types that are taken.
var MediaTypes = []string{typeJPEG, typePNG, typeWebP, typeHEIC, typePDF, typeMP4}

// structure follows the parts of a file from one to the next, and notes when they do not fill it.
type structure interface {
	feed(p []byte) error
	end() error
}

var structures = map[string]func() structure{
	typeJPEG: func() structure { return &jpeg{} },
	typePDF:  func() structure { return anything{} },
	typePNG:  func() structure { return &parts{first: 8, parse: signaturePNG} },
	typeWebP: func() structure { return &parts{first: 12, parse: riff} },
	typeHEIC: func() structure { return &parts{first: 8, parse: box, mayEnd: true, missing: "meta"} },
	typeMP4:  func() structure { return newMP4() },
}

func newMP4() *parts { return &parts{first: 8, parse: box, mayEnd: true, missing: "moov"} }

// anything has no parts that say how long they are.
type anything struct{}

func (anything) feed([]byte) error { return nil }

func (anything) end() error { return nil }

// parts is a file of parts with a head that says how long they are.
type parts struct {
	first  int // the length of a head
	parse  func(p *parts, head []byte) error
	mayEnd bool // between any two parts; otherwise after the last one only

	missing string // the name of a part that must be there, until it is

	head   []byte
	need   int
	skip   int64
	count  int
	isOver bool
}

func (p *parts) feed(content []byte) error {
	for len(content) > 0 {
		if p.skip > 0 {
			n := min(p.skip, int64(len(content)))
			content, p.skip = content[n:], p.skip-n
			continue
		}
		if p.isOver {
			return fmt.Errorf("%w: something stands behind its end", ErrContent)
		}
		p.need = max(p.need, p.first)
		n := min(p.need-len(p.head), len(content))
		p.head, content = append(p.head, content[:n]...), content[n:]
		if len(p.head) < p.need {
			return nil
		}
		need := p.need
		if err := p.parse(p, p.head); err != nil {
			return err
		}
		if p.need == need { // it wants no longer head
			p.head, p.need = p.head[:0], 0
			p.count++
		}
	}
	return nil
}

func (p *parts) end() error {
	isEndless := p.skip > math.MaxInt64/2
	if len(p.head) > 0 || p.skip > 0 && !isEndless || !p.isOver && !p.mayEnd || p.count == 0 || p.missing != "" {
		return fmt.Errorf("%w: it is not whole", ErrContent)
	}
	return nil
}

func signaturePNG(p *parts, _ []byte) error {
	p.parse = chunk
	return nil
}

// chunk is a part of a PNG: its length, its name, what is in it, and a sum.
func chunk(p *parts, head []byte) error {
	length, name := binary.BigEndian.Uint32(head), string(head[4:])
	if length > MaxSize || (p.count == 1) != (name == "IHDR") {
		return fmt.Errorf("%w: the PNG has no such parts", ErrContent)
	}
	for _, letter := range head[4:] {
		if letter|0x20 < 'a' || letter|0x20 > 'z' {
			return fmt.Errorf("%w: the PNG has no such parts", ErrContent)
		}
	}
	p.skip = int64(length) + 4
	p.isOver = name == "IEND"
	return nil
}

// riff is the head of a WebP, which says how long all of it is.
func riff(p *parts, head []byte) error {
	length := int64(binary.LittleEndian.Uint32(head[4:]))
	p.skip = length + length%2 + 8 - int64(len(head))
	p.isOver = true
	if p.skip < 0 {
		return fmt.Errorf("%w: the WebP is too short", ErrContent)
	}
	return nil
}

// box is a part of a HEIC or MP4: its length with the head, and its name. A length of 1 says that the true one follows, and one of
// 0 that it is the last and as long as there is something: only the pictures and sounds themselves may be.
func box(p *parts, head []byte) error {
	length, name := uint64(binary.BigEndian.Uint32(head)), string(head[4:8])
	if length == 1 {
		if len(head) < 16 {
			p.need = 16
			return nil
		}
		length = binary.BigEndian.Uint64(head[8:])
	}
	for _, letter := range head[4:8] {
		if letter < ' ' || letter > '~' {
			return fmt.Errorf("%w: it has no such parts", ErrContent)
		}
	}
	switch {
	case (p.count == 0) != (name == "ftyp"), length > MaxSize, length != 0 && length < uint64(len(head)), length == 0 && name != "mdat":
		return fmt.Errorf("%w: it has no such parts", ErrContent)
	case length == 0:
		p.skip = math.MaxInt64
	default:
		p.skip = int64(length) - int64(len(head))
	}
	if name == p.missing {
		p.missing = ""
	}
	return nil
}
