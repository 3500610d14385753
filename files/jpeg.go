package files

import (
	"bytes"
	"fmt"
)

// jpeg follows the segments of a JPEG to its end. Behind that may stand more pictures, such as cameras write for previews and brightness, and at last one film, as
// phones write it into photos that move: each is followed to its end, too. Between them may be nothing but zeros. What Samsung's phones write behind their photos
// is known by its own end.
type jpeg struct {
	state   jpegState
	marker  byte
	length  int // of a segment, while it is read
	skip    int
	hasScan bool // the picture that is read has something in it
	zeros   int  // behind the end
	film    *parts
	trailer []byte // its last bytes, nil while there is none
}

type jpegState int

const (
	jpegStart    jpegState = iota // 0xFF and SOI are to come
	jpegMarker                    // 0xFF is to come
	jpegName                      // 0xFF was there, the name of the marker is to come
	jpegLength                    // the first byte of a length is to come
	jpegLength2                   // and the second
	jpegScan                      // what was compressed
	jpegScanMark                  // 0xFF was there in it
	jpegOver                      // behind the end
)

// The markers that matter here.
const (
	mark     = 0xff
	jpegSOI  = 0xd8
	jpegEOI  = 0xd9
	jpegSOS  = 0xda
	jpegRST0 = 0xd0
	jpegRST7 = 0xd7
	jpegTEM  = 0x01
)

var errJPEG = fmt.Errorf("%w: the JPEG has no such parts", ErrContent)

func (j *jpeg) feed(content []byte) error {
	for len(content) > 0 {
		switch {
		case j.film != nil:
			return j.film.feed(content)
		case j.trailer != nil:
			j.trailer = append(j.trailer, content[max(0, len(content)-len(trailerEnd)):]...)
			j.trailer = append(j.trailer[:0], j.trailer[max(0, len(j.trailer)-len(trailerEnd)):]...)
			return nil
		case j.skip > 0:
			n := min(j.skip, len(content))
			content, j.skip = content[n:], j.skip-n
			continue
		case j.state == jpegScan:
			at := bytes.IndexByte(content, mark)
			if at < 0 {
				return nil
			}
			content, j.state = content[at+1:], jpegScanMark
			continue
		}
		if err := j.step(content[0]); err != nil {
			return err
		}
		content = content[1:]
	}
	return nil
}

// step reads a byte of what tells how it goes on.
func (j *jpeg) step(b byte) error {
	switch j.state {
	case jpegStart, jpegMarker:
		if b != mark {
			return errJPEG
		}
		if j.state == jpegMarker {
			j.state = jpegName
			return nil
		}
		j.state, j.marker = jpegName, mark // of the start nothing is known but that it must be SOI
	case jpegName:
		return j.begin(b)
	case jpegLength:
		j.length, j.state = int(b)<<8, jpegLength2
	case jpegLength2:
		if j.length += int(b); j.length < 2 {
			return errJPEG
		}
		j.skip, j.state = j.length-2, jpegMarker
		if j.marker == jpegSOS {
			j.state, j.hasScan = jpegScan, true
		}
	case jpegScanMark:
		switch {
		case b == 0, jpegRST0 <= b && b <= jpegRST7: // of what was compressed
			j.state = jpegScan
		case b != mark: // that would be filling
			j.state = jpegName
			return j.begin(b)
		}
	case jpegOver:
		return j.behind(b)
	case jpegScan: // feed does it
	}
	return nil
}

// begin goes on behind the name of a marker.
func (j *jpeg) begin(name byte) error {
	isFirst := j.marker == mark
	switch {
	case !isFirst && name == mark: // filling
		return nil
	case isFirst != (name == jpegSOI):
		return errJPEG
	}
	j.marker = name
	switch {
	case name == 0:
		return errJPEG
	case name == jpegEOI && !j.hasScan:
		return errJPEG
	case name == jpegEOI:
		j.state, j.zeros = jpegOver, 0
	case name == jpegSOI, name == jpegTEM, jpegRST0 <= name && name <= jpegRST7:
		j.state = jpegMarker
	default:
		j.state = jpegLength
	}
	return nil
}

// lengthOfFilm is how many zeros a film begins with: its first box is short.
const lengthOfFilm = 3

// trailerEnd is the end of the block that Samsung's phones write behind photos, with the depth of the picture or a film in it.
const trailerEnd = "SEFT"

// behind goes on behind the end of a picture.
func (j *jpeg) behind(b byte) error {
	switch {
	case b == 0:
		j.zeros++
		return nil
	case b == mark:
		j.state, j.marker, j.hasScan = jpegName, mark, false
		return nil
	case j.zeros >= lengthOfFilm:
		j.film = newMP4()
		return j.film.feed([]byte{0, 0, 0, b})
	}
	j.trailer = []byte{b}
	return nil
}

func (j *jpeg) end() error {
	switch {
	case j.film != nil:
		return j.film.end()
	case j.trailer != nil && string(j.trailer) != trailerEnd:
		return fmt.Errorf("%w: something stands behind its end", ErrContent)
	case j.state != jpegOver:
		return fmt.Errorf("%w: it is not whole", ErrContent)
	}
	return nil
}
