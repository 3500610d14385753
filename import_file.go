package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"bankgraph/models"
)

// maxRecord bounds one record, so that a quotation mark that nobody closed does not read the whole file into memory.
const maxRecord = 1 << 20

// record is one customer of a file, with the line on which it begins.
type record struct {
	line int
	item models.ImportItem
}

// records reads a file record by record; io.EOF ends it. What is wrong with one record is in the record; an error ends the file.
type records interface{ next() (record, error) }

// openRecords reads a file in a format: csv or jsonl.
func openRecords(file io.Reader, format string) (records, error) {
	limited := &bounded{reader: file, left: maxRecord}
	buffered := bufio.NewReader(limited)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = buffered.Discard(3) // they are there
	}
	if format == "jsonl" {
		return &jsonRecords{limited: limited, reader: buffered}, nil
	}
	return newCSVRecords(limited, buffered)
}

// bounded gives no more than what is left until somebody says that a new record begins.
type bounded struct {
	reader io.Reader
	left   int
}

func (b *bounded) Read(buffer []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("a record has more than %d bytes: is a quotation mark not closed?", maxRecord)
	}
	n, err := b.reader.Read(buffer[:min(len(buffer), b.left)])
	b.left -= n
	return n, err
}

// jsonRecords has one object a line, in the shape of the input of createCustomer.
type jsonRecords struct {
	limited *bounded
	reader  *bufio.Reader
	line    int
}

func (j *jsonRecords) next() (record, error) {
	for {
		j.limited.left = maxRecord
		line, err := j.reader.ReadBytes('\n')
		if len(line) == 0 || err != nil && !errors.Is(err, io.EOF) {
			return record{}, err
		}
		j.line++
		if text := bytes.TrimSpace(line); len(text) > 0 {
			return record{j.line, readObject(text)}, nil
		}
	}
}

func readObject(text []byte) (item models.ImportItem) {
	var object struct {
		models.ImportCustomerInput

		BankID *string `json:"bankId"`
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&object)
	if err == nil && decoder.Decode(&struct{}{}) != io.EOF {
		err = errors.New("something behind the object")
	}
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType) && wrongType.Field != "":
		field := strings.TrimPrefix(wrongType.Field, "ImportCustomerInput.")
		item.Wrong.Add("This must not be a "+wrongType.Value+".", strings.Split(field, ".")...)
	case err != nil && strings.HasPrefix(err.Error(), "json: unknown field "):
		item.Wrong.Add("There is no field " + strings.TrimPrefix(err.Error(), "json: unknown field ") + ".")
	case err != nil:
		item.Wrong.Add("This line is no JSON object.")
	}
	item.Input, item.BankID = object.ImportCustomerInput, object.BankID
	return item
}

// csvRecords has one customer a row, below a row with the names of the fields.
type csvRecords struct {
	limited *bounded
	reader  *csv.Reader
	columns []string
}

func newCSVRecords(limited *bounded, file io.Reader) (*csvRecords, error) {
	reader := csv.NewReader(file)
	reader.ReuseRecord = true
	header, err := reader.Read()
	if err != nil {
		return nil, fmt.Errorf("read the header with the names of the columns: %w", err)
	}
	c := &csvRecords{limited: limited, reader: reader}
	seen := map[string]bool{}
	for _, column := range header {
		if csvColumns[column] == nil || seen[column] {
			return nil, fmt.Errorf("%q is no column, or is there twice: columns are named as the fields of CreateCustomerInput, such as legalName and creditLimit.amount", column)
		}
		seen[column] = true
		c.columns = append(c.columns, strings.Clone(column))
	}
	if !seen["legalName"] {
		return nil, errors.New("the column legalName is missing")
	}
	return c, nil
}

func (c *csvRecords) next() (record, error) {
	c.limited.left = maxRecord
	row, err := c.reader.Read()
	var malformed *csv.ParseError
	if errors.As(err, &malformed) && malformed.Line != malformed.StartLine {
		// A quotation mark that nobody closed takes the rows behind it along: what they say is not known.
		return record{}, fmt.Errorf("lines %d to %d cannot be read (%w): is a quotation mark open? Nothing from there on was imported", malformed.StartLine, malformed.Line, malformed.Err)
	}
	if errors.As(err, &malformed) {
		found := record{line: malformed.StartLine}
		found.item.Wrong.Add("This row is not as RFC 4180 says: " + malformed.Err.Error() + ".")
		return found, nil
	}
	if err != nil {
		return record{}, err
	}
	found := record{}
	found.line, _ = c.reader.FieldPos(0)
	for i, column := range c.columns {
		if row[i] == "" { // what is not given is absent
			continue
		}
		if err := csvColumns[column](&found.item, row[i]); err != nil {
			found.item.Wrong.Add(err.Error(), strings.Split(column, ".")...)
		}
	}
	return found, nil
}

// csvColumns puts the text of a column into the input, one line a field.
var csvColumns = map[string]func(*models.ImportItem, string) error{
	"bankId":                   optionalText(func(i *models.ImportItem) **string { return &i.BankID }),
	"customerNumber":           optionalText(func(i *models.ImportItem) **string { return &i.Input.CustomerNumber }),
	"legalName":                func(i *models.ImportItem, text string) error { i.Input.LegalName = text; return nil },
	"title":                    optionalText(func(i *models.ImportItem) **string { return &i.Input.Title }),
	"nameSuffix":               optionalText(func(i *models.ImportItem) **string { return &i.Input.NameSuffix }),
	"mobilePhoneNumber":        optionalText(func(i *models.ImportItem) **string { return &i.Input.MobilePhoneNumber }),
	"email":                    optionalText(func(i *models.ImportItem) **string { return &i.Input.Email }),
	"faceImage.url":            func(i *models.ImportItem, text string) error { ensured(&i.Input.FaceImage).URL = text; return nil },
	"faceImage.takenAt":        optionalText(func(i *models.ImportItem) **string { return &ensured(&i.Input.FaceImage).TakenAt }),
	"dateOfBirth":              optionalText(func(i *models.ImportItem) **string { return &i.Input.DateOfBirth }),
	"relationshipStatus":       optionalText(func(i *models.ImportItem) **string { return &i.Input.RelationshipStatus }),
	"dependants":               readDependants,
	"datesOfBirthOfDependants": readDatesOfBirth,
	"creditRating.rating": func(i *models.ImportItem, text string) error {
		ensured(&i.Input.CreditRating).Rating = text
		return nil
	},
	"creditRating.source": optionalText(func(i *models.ImportItem) **string { return &ensured(&i.Input.CreditRating).Source }),
	"creditLimit.amount":  func(i *models.ImportItem, text string) error { ensured(&i.Input.CreditLimit).Amount = text; return nil },
	"creditLimit.currency": func(i *models.ImportItem, text string) error {
		ensured(&i.Input.CreditLimit).Currency = text
		return nil
	},
	"highestEducationAttained": optionalText(func(i *models.ImportItem) **string { return &i.Input.HighestEducationAttained }),
	"employmentStatus":         optionalText(func(i *models.ImportItem) **string { return &i.Input.EmploymentStatus }),
	"branchId":                 optionalText(func(i *models.ImportItem) **string { return &i.Input.BranchID }),
}

func optionalText(field func(*models.ImportItem) **string) func(*models.ImportItem, string) error {
	return func(item *models.ImportItem, text string) error {
		*field(item) = &text
		return nil
	}
}

// ensured is what a pointer points to, made when it is first asked for.
func ensured[T any](pointer **T) *T {
	if *pointer == nil {
		*pointer = new(T)
	}
	return *pointer
}

func readDependants(item *models.ImportItem, text string) error {
	count, err := strconv.Atoi(text)
	if err != nil {
		return errors.New("This is no whole number.")
	}
	item.Input.Dependants = &count
	return nil
}

// readDatesOfBirth reads days with semicolons between them.
func readDatesOfBirth(item *models.ImportItem, text string) error {
	for day := range strings.SplitSeq(text, ";") {
		item.Input.DatesOfBirthOfDependants = append(item.Input.DatesOfBirthOfDependants, strings.TrimSpace(day))
	}
	return nil
}
