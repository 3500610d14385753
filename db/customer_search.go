package db

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"bankgraph/models"
)

// Limits of what can be searched for.
const (
	minSearchLetters = 2   // one letter finds a tenth of the bank, and no person
	maxSearchLength  = 200 // in characters: as long as an e-mail address can be
	maxSearchWords   = 10
)

// searchQuery is the query on customer.search_words that finds all the words of a text, or their beginnings. A word has only letters
// and digits, so that nothing of the text can be an operator.
func searchQuery(text string) (string, error) {
	if utf8.RuneCountInString(text) > maxSearchLength {
		return "", models.Errorf(models.BadInput, "`filter.search` may have at most %d characters", maxSearchLength).OBP("OBP-10001")
	}
	words, letters := searchWords(text), 0
	for _, word := range words {
		letters += utf8.RuneCountInString(word)
	}
	if letters < minSearchLetters || len(words) > maxSearchWords {
		return "", models.Errorf(models.BadInput, "`filter.search` must have at least %d letters or digits, in at most %d words", minSearchLetters, maxSearchWords).OBP("OBP-10001")
	}
	for i, word := range words {
		words[i] = "'" + word + "':*"
	}
	return strings.Join(words, " & "), nil
}

// searchWords are the words of a text as customer.search_words has them: what is neither letter nor digit parts them.
func searchWords(text string) []string {
	words := strings.FieldsFunc(norm.NFC.String(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
	kept := words[:0]
	for _, word := range words {
		if word = foldWord(word); strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			kept = append(kept, word)
		}
	}
	return kept
}

// foldWord is a word as the column's expression makes it before Postgres reads it: without accents, and Greek and Cyrillic without
// case. The case of other letters is Postgres' own matter, on both sides.
func foldWord(word string) string {
	bare := strings.Map(func(r rune) rune {
		if r >= 0x300 && r <= 0x36f { // combining marks
			return -1
		}
		return r
	}, norm.NFD.String(word))
	return manyLetters.Replace(oneLetter.Replace(bare))
}

// What becomes of letters that are no other letter with an accent: of each in the first line the one below it.
var (
	oneLetter = pairs(
		"ªºµÆŒÞẞØøĐđŁłĦħŦŧŊŋıΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩςАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЂЄЅІЈЉЊЋЏҐ",
		"aoμæœþßooddllhhttnniαβγδεζηθικλμνξοπρστυφχψωσабвгдежзиклмнопрстуфхцчшщъыьэюяђєѕіјљњћџґ")
	manyLetters = strings.NewReplacer("æ", "ae", "œ", "oe", "þ", "th", "ß", "ss")
)

func pairs(from, to string) *strings.Replacer {
	var both []string
	targets := []rune(to)
	for i, r := range []rune(from) {
		both = append(both, string(r), string(targets[i]))
	}
	return strings.NewReplacer(both...)
}
