package seed

import (
	"encoding/binary"
	"math/big"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// The demo's time: customers came in the five years from then, and nothing happens after today.
var (
	opening = time.Date(2021, 1, 4, 8, 0, 0, 0, time.UTC)
	today   = time.Date(2026, 1, 5, 18, 0, 0, 0, time.UTC)
)

// chance is the source of all that is random about one customer: the same for the same index.
type chance struct{ *rand.Rand }

// Streams keep customers and users apart, so that a new fact about one does not change the others.
const (
	customerStream = iota + 1
	userStream
	foundationStream
	accountStream
	documentStream
	fileStream
	counterpartyStream
	settingStream
	transactionStream
	challengeStream
)

func chanceFor(stream, index uint64) chance { return chance{rand.New(rand.NewPCG(stream, index))} }

// id is a UUIDv7 of an instant.
func (c chance) id(at time.Time) uuid.UUID {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], uint64(at.UnixMilli())<<16|uint64(c.IntN(1<<12)))
	binary.BigEndian.PutUint64(id[8:], c.Uint64())
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id
}

// between is an instant, to the second.
func (c chance) between(from, to time.Time) time.Time {
	seconds := int64(to.Sub(from) / time.Second)
	if seconds <= 0 {
		return from
	}
	return from.Add(time.Duration(c.Int64N(seconds)) * time.Second)
}

// day is a day.
func (c chance) day(from, to time.Time) time.Time { return dayOf(c.between(from, to)) }

func dayOf(t time.Time) time.Time { return t.Truncate(24 * time.Hour) }

// in says yes in so many of a hundred cases.
func (c chance) in(percent int) bool { return c.IntN(100) < percent }

// from is a number between two, both included.
func (c chance) from(least, most int) int { return least + c.IntN(most-least+1) }

// pattern replaces each # by a digit and each @ by a letter.
func (c chance) pattern(p string) string {
	var s strings.Builder
	for _, r := range p {
		switch r {
		case '#':
			s.WriteByte(byte('0' + c.IntN(10)))
		case '@':
			s.WriteByte(byte('A' + c.IntN(26)))
		default:
			s.WriteRune(r)
		}
	}
	return s.String()
}

// of is one of a list.
func of[T any](c chance, list []T) T { return list[c.IntN(len(list))] }

// maybe is a value in so many of a hundred cases, and otherwise NULL.
func maybe[T any](c chance, percent int, value T) *T {
	if c.in(percent) {
		return &value
	}
	return nil
}

// amount is a number with two decimals, in hundredths.
func amount(hundredths int64) pgtype.Numeric {
	return pgtype.Numeric{Int: big.NewInt(hundredths), Exp: -2, Valid: true}
}
