package db

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"bankgraph/models"
)

// What a pattern must be, so that it is a search for somebody and not for everybody.
const (
	minPatternDigits = 4
	maxPatternLength = 50 // in characters: as long as a number can be
)

// wildcards are what LIKE reads as more than a letter, but for the backslash: of that we make a letter.
const wildcards = "%_"

// CustomersByPhone is a page of the customers of a bank whose telephone number is like a pattern, by their numbers. What the pattern
// begins or ends with is found by an index, whichever is longer; otherwise all numbers of the bank are looked at, for
// at most as long as a statement may take.
func (s *Store) CustomersByPhone(ctx context.Context, bankID, pattern string, page models.Page) (*models.CustomerConnection, error) {
	digits := strings.Count(strings.Map(anyDigit, pattern), "0")
	if digits < minPatternDigits || utf8.RuneCountInString(pattern) > maxPatternLength {
		return nil, models.Errorf(models.BadInput, "`mobilePhoneNumber` must have at least %d digits and at most %d characters", minPatternDigits, maxPatternLength).OBP("OBP-10001")
	}
	return s.customerPage(ctx, bankList{
		name: cursorName("customersByMobilePhoneNumber", pattern), banks: []string{bankID}, order: sorting{column: "mobile_phone_number", cast: "text"},
		where: func(query *bun.SelectQuery) *bun.SelectQuery {
			beginning := strings.IndexAny(pattern, wildcards)
			end := len(pattern) - 1 - strings.LastIndexAny(pattern, wildcards)
			if beginning >= 0 && end > beginning {
				return query.Where("reverse(row.mobile_phone_number) LIKE ?", likePattern(reversed(pattern)))
			}
			return query.Where("row.mobile_phone_number LIKE ?", likePattern(pattern))
		},
	}, page)
}

func anyDigit(r rune) rune {
	if r >= '0' && r <= '9' {
		return '0'
	}
	return 'x'
}

func reversed(text string) string {
	runes := []rune(text)
	slices.Reverse(runes)
	return string(runes)
}

// likePattern is a pattern in which a backslash is a letter.
func likePattern(pattern string) string { return strings.ReplaceAll(pattern, `\`, `\\`) }
